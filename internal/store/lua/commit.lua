-- commit applies one update to a chat, or changes nothing.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 case numbers  5 notifications  6 dead letters  7 timers
--       8 questions  9 questions of the chat  10 ratings  11 count of cases opened
--       12 case numbers and 13 questions of the chat as a release before this one named the keys
-- ARGV  1 time, then names, each with its value:
--       ref         chat reference
--       token       of the lease to send; new in each call
--       lease       ms
--       window      how many entries are returned
--       version     expected
--       update      id, '' for none
--       keep        how many update ids to keep
--       state       sealed, '' to erase
--       left        sealed, what is kept of the state when it is erased; '' for nothing
--       life        ms of the dialogue; after an erasure, of its record
--       due_life, case_life, withdrawal_life, notice_life, question_life, rating_life   ms
--       chat        sealed chat id, '' if it is not needed
--       withdraw    '1' to withdraw the cases
--       timer       ms, 0 for none
--       cases       prefix of the case keys
--       questions   prefix of the question keys
--       most_asked  how many questions a chat may have
--       most_open   how many cases a chat may have at the same time
--       most_a_day  how many it may open in a day
--       day         ms
--       message     any number: an entry of the outbox, 'id sealed'
--       case, sealed_case           any number: number and content of each
--       question, sealed_question   the same
--       rating      any number: what is counted
--       target      any number: who hears of cases
-- Result {'dup'} | {'stale'} | {'open'} or {'day'} if there would be too many cases | {'ok', 1 if the lease was taken, attempts, {first entries}};
--       the entries are left out if they are exactly the messages of this call

local dialogue, outbox, due, numbers, notices, letters, timers, questions, asked, ratings, opened, oldNumbers, oldAsked = unpack(KEYS)
local now = clock()
-- All arguments are read before anything is written, so that one that is missing changes nothing.
local given = arguments({'message', 'case', 'sealed_case', 'question', 'sealed_question', 'rating', 'target'})
local messages, cases, sealedCases, targets = given.message, given.case, given.sealed_case, given.target
local kept, sealedQuestions, rated = given.question, given.sealed_question, given.rating
local ref, token, lease, window = given.ref, given.token, tonumber(given.lease), tonumber(given.window)
local update, keep, state, withdrawAll = given.update, tonumber(given.keep), given.state, given.withdraw == '1'
local casePrefix, questionPrefix, mostAsked = given.cases, given.questions, tonumber(given.most_asked)
local life, dueLife, caseLife, withdrawalLife = given.life, given.due_life, given.case_life, given.withdrawal_life
local noticeLife, questionLife, ratingLife = given.notice_life, tonumber(given.question_life), given.rating_life
local erase, timer, chat = state == '', tonumber(given.timer), given.chat
local mostOpen, mostADay, day = tonumber(given.most_open), tonumber(given.most_a_day), given.day
local left = given.left
local timed = not erase and timer > 0

local stored = redis.call('HMGET', dialogue, 'v', 'u', 't', 'a', 'f')
local version, updates = tonumber(stored[1] or 0), stored[2] or ''
local attempts = tonumber(stored[4] or 0)

-- updates is ' id id id'
if update ~= '' and string.find(updates .. ' ', ' ' .. update .. ' ', 1, true) then
  if stored[3] ~= token then return {'dup'} end
  -- The token is new in each call: this is the same call once more, because
  -- the client lost the reply and sent it again.
  return {'ok', 1, attempts, redis.call('LRANGE', outbox, 0, window - 1)}
end
if version ~= tonumber(given.version) then return {'stale'} end

-- A number is taken: run the step again, it draws another.
for _, number in ipairs(cases) do
  if redis.call('EXISTS', casePrefix .. number) == 1 then return {'stale'} end
end
for _, number in ipairs(kept) do
  if redis.call('EXISTS', questionPrefix .. number) == 1 then return {'stale'} end
end

-- A release before this one kept these lists under the reference of the dialogue.
local function longer(key, than) return math.max(redis.call('PTTL', key), redis.call('PTTL', than)) end
if redis.call('EXISTS', oldNumbers) == 1 then
  local life = longer(numbers, oldNumbers)
  redis.call('SUNIONSTORE', numbers, numbers, oldNumbers)
  redis.call('PEXPIRE', numbers, life)
  redis.call('DEL', oldNumbers)
end
if redis.call('EXISTS', oldAsked) == 1 then
  local life = longer(asked, oldAsked)
  redis.call('ZUNIONSTORE', asked, 2, asked, oldAsked, 'AGGREGATE', 'MAX')
  redis.call('PEXPIRE', asked, life)
  redis.call('DEL', oldAsked)
end

if #cases > 0 then
  if tonumber(redis.call('GET', opened) or 0) + #cases > mostADay then return {'day'} end
  local open = 0
  for _, number in ipairs(redis.call('SMEMBERS', numbers)) do
    if redis.call('HEXISTS', casePrefix .. number, 'c') == 1 then
      open = open + 1
    else
      redis.call('SREM', numbers, number) -- its time was over
    end
  end
  if not (erase or withdrawAll) and open + #cases > mostOpen then return {'open'} end
end

-- forget deletes a question.
local function forget(number)
  redis.call('DEL', questionPrefix .. number)
  redis.call('ZREM', questions, number)
  redis.call('ZREM', asked, number)
end

-- withdraw deletes a case. A target that heard of it, or may be hearing of it
-- at this moment, gets a second notification, after the first has ended. What was
-- posted of the case is still known by then, so that it can be taken back.
local function withdraw(number)
  local key = casePrefix .. number
  local fields = redis.call('HGETALL', key)
  redis.call('DEL', key)
  for i = 1, #fields, 2 do
    local target = string.match(fields[i], '^t:(.*)$')
    if target then
      local member = number .. '/' .. target
      local score = tonumber(redis.call('ZSCORE', notices, member) or now)
      redis.call('ZREM', notices, member)
      if fields[i + 1] ~= '0' then
        redis.call('HSET', key, 'w', 1, 'o', now, fields[i], 0)
        redis.call('PEXPIRE', key, withdrawalLife)
        redis.call('ZADD', notices, math.max(now, score), member)
        redis.call('PEXPIRE', notices, noticeLife)
      end
    end
  end
  if redis.call('EXISTS', key) == 1 then
    for i = 1, #fields, 2 do
      if string.match(fields[i], '^m:') then redis.call('HSET', key, fields[i], fields[i + 1]) end
    end
  end
end

if erase or withdrawAll then
  for _, number in ipairs(redis.call('SMEMBERS', numbers)) do withdraw(number) end
  redis.call('DEL', numbers)
  for _, number in ipairs(redis.call('ZRANGE', asked, 0, -1)) do forget(number) end
end
if erase then
  redis.call('DEL', outbox)
  redis.call('HDEL', dialogue, 's', 'a')
  attempts = 0
  for _, letter in ipairs(redis.call('ZRANGE', letters, 0, -1)) do
    if head(letter) == ref then redis.call('ZREM', letters, letter) end
  end
end

if update ~= '' then
  updates = updates .. ' ' .. update
  local _, n = string.gsub(updates, ' ', '')
  for _ = keep + 1, n do updates = string.match(updates, '^ %S+(.*)$') end
end
-- fields of the dialogue are set at once, further below.
local fields = {'v', version + 1, 'u', updates}
local function set(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
if not erase then set('s', state) end
if erase and left ~= '' then
  set('f', left)
elseif stored[5] then
  redis.call('HDEL', dialogue, 'f')
end

local present, before, fresh = {}, 0, {}
if #messages > 0 then
  for _, entry in ipairs(redis.call('LRANGE', outbox, 0, -1)) do
    present[head(entry)] = true
    before = before + 1
  end
end
for _, entry in ipairs(messages) do
  if not present[head(entry)] then
    present[head(entry)] = true
    fresh[#fresh + 1] = entry
  end
end
local appended = #fresh
-- A call takes at most some 8000 values; a step has a few.
for i = 1, appended, 1000 do redis.call('RPUSH', outbox, unpack(fresh, i, math.min(i + 999, appended))) end

if timed then
  redis.call('ZADD', timers, now + timer, ref)
  redis.call('PEXPIRE', timers, dueLife)
else
  redis.call('ZREM', timers, ref)
end
if timed or appended > 0 then set('i', chat) end

local leased, entries = 0, {}
if appended > 0 then
  if before == 0 then set('w', now) end
  local ends = redis.call('ZSCORE', due, ref)
  if not ends or tonumber(ends) <= now then
    leased = 1
    set('t', token)
    redis.call('ZADD', due, now + lease, ref)
    if before > 0 or appended < #messages then
      entries = redis.call('LRANGE', outbox, 0, window - 1)
    end
  end
  redis.call('PEXPIRE', outbox, life)
  redis.call('PEXPIRE', due, dueLife)
elseif redis.call('EXISTS', outbox) == 0 then
  -- All is sent, or an erasure took the messages away from whoever was sending them.
  redis.call('HDEL', dialogue, 't', 'a', 'w')
  if not timed then redis.call('HDEL', dialogue, 'i') end
  redis.call('ZREM', due, ref)
end
redis.call('HSET', dialogue, unpack(fields))
redis.call('PEXPIRE', dialogue, life)

for i, number in ipairs(cases) do
  local key = casePrefix .. number
  redis.call('HSET', key, 'c', sealedCases[i], 'o', now)
  for _, target in ipairs(targets) do
    redis.call('HSET', key, 't:' .. target, 0)
    redis.call('ZADD', notices, now, number .. '/' .. target)
    redis.call('PEXPIRE', notices, noticeLife)
  end
  redis.call('PEXPIRE', key, caseLife)
  redis.call('SADD', numbers, number)
  redis.call('PEXPIRE', numbers, caseLife)
end
if #cases > 0 and redis.call('INCRBY', opened, #cases) == #cases then redis.call('PEXPIRE', opened, day) end

-- The moment would tell of which dialogue a question is: that expires by the same clock.
local hour = now - now % math.min(3600000, math.ceil(questionLife / 1000))
for i, number in ipairs(kept) do
  redis.call('SET', questionPrefix .. number, sealedQuestions[i], 'PX', questionLife - (now - hour))
  for _, list in ipairs({questions, asked}) do
    redis.call('ZREMRANGEBYSCORE', list, '-inf', hour - questionLife)
    local last = redis.call('ZREVRANGE', list, 0, 0, 'WITHSCORES')[2]
    redis.call('ZADD', list, math.max(hour, tonumber(last or 0) + 1), number) -- in their order
    redis.call('PEXPIRE', list, questionLife)
  end
  for _, oldest in ipairs(redis.call('ZRANGE', asked, 0, -1 - mostAsked)) do forget(oldest) end
end
for _, what in ipairs(rated) do
  redis.call('HINCRBY', ratings, what, 1)
  redis.call('PEXPIRE', ratings, ratingLife)
end

return {'ok', leased, attempts, entries}
