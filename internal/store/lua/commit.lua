-- commit applies one update to a chat, or changes nothing.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 case numbers  5 notifications  6 dead letters  7 timers
--       8 questions  9 questions of the chat  10 ratings
-- ARGV  1 time  2 chat reference  3 lease token  4 lease ms  5 window
--       6 expected version  7 update id, '' for none  8 how many update ids to keep
--       9 sealed state, '' to erase  10 dialogue ms (after an erasure: record ms)  11 due ms
--       12 case ms  13 withdrawal ms  14 notifications ms  15 sealed chat id  16 prefix of the case keys
--       17 '1' to withdraw the cases  18 timer ms, 0 for none
--       19 prefix of the question keys  20 question ms  21 how many questions a chat may have
--       22 ratings ms
--       23 number of messages, then the entries ('id sealed')
--       then number of cases, then number + sealed of each
--       then number of questions, then number + sealed of each
--       then number of ratings, then what is counted; the rest: targets
-- Result {'dup'} | {'stale'} | {'ok', 1 if the lease was taken, attempts, {first entries}};
--       the entries are left out if they are exactly the messages of this call

local dialogue, outbox, due, numbers, notices, letters, timers, questions, asked, ratings = unpack(KEYS)
local now = clock()
local ref, token, lease, window = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local update, state, prefix = ARGV[7], ARGV[9], ARGV[16]
local erase, timer = state == '', tonumber(ARGV[18])
local timed = not erase and timer > 0

local stored = redis.call('HMGET', dialogue, 'v', 'u', 't', 'a')
local version, updates = tonumber(stored[1] or 0), stored[2] or ''
local attempts = tonumber(stored[4] or 0)

-- updates is ' id id id'
if update ~= '' and string.find(updates .. ' ', ' ' .. update .. ' ', 1, true) then
  if stored[3] ~= token then return {'dup'} end
  -- The token is new in each call: this is the same call once more, because
  -- the client lost the reply and sent it again.
  return {'ok', 1, attempts, redis.call('LRANGE', outbox, 0, window - 1)}
end
if version ~= tonumber(ARGV[6]) then return {'stale'} end

local at = 24
local messages = {}
for i = 1, tonumber(ARGV[23]) do
  messages[i] = ARGV[at]
  at = at + 1
end
local cases = {}
local count = tonumber(ARGV[at])
at = at + 1
for i = 1, count do
  cases[i] = {ARGV[at], ARGV[at + 1]}
  at = at + 2
  -- The number is taken: run the step again, it draws another.
  if redis.call('EXISTS', prefix .. cases[i][1]) == 1 then return {'stale'} end
end

local kept = {}
count = tonumber(ARGV[at])
at = at + 1
for i = 1, count do
  kept[i] = {ARGV[at], ARGV[at + 1]}
  at = at + 2
  if redis.call('EXISTS', ARGV[19] .. kept[i][1]) == 1 then return {'stale'} end
end
local rated = {}
count = tonumber(ARGV[at])
at = at + 1
for i = 1, count do
  rated[i] = ARGV[at]
  at = at + 1
end

-- forget deletes a question.
local function forget(number)
  redis.call('DEL', ARGV[19] .. number)
  redis.call('ZREM', questions, number)
  redis.call('ZREM', asked, number)
end

-- withdraw deletes a case. A target that heard of it, or may be hearing of it
-- at this moment, gets a second notification, after the first has ended.
local function withdraw(number)
  local key = prefix .. number
  local fields = redis.call('HGETALL', key)
  redis.call('DEL', key)
  for i = 1, #fields, 2 do
    local target = string.match(fields[i], '^t:(.*)$')
    if target then
      local member = number .. '/' .. target
      local score = tonumber(redis.call('ZSCORE', notices, member) or now)
      redis.call('ZREM', notices, member)
      if fields[i + 1] ~= '0' then
        redis.call('HSET', key, 'w', 1, fields[i], 0)
        redis.call('PEXPIRE', key, ARGV[13])
        redis.call('ZADD', notices, math.max(now, score), member)
        redis.call('PEXPIRE', notices, ARGV[14])
      end
    end
  end
end

if erase or ARGV[17] == '1' then
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
  for _ = tonumber(ARGV[8]) + 1, n do updates = string.match(updates, '^ %S+(.*)$') end
end
-- fields of the dialogue are set at once, further below.
local fields = {'v', version + 1, 'u', updates}
local function set(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
if not erase then set('s', state) end

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
  redis.call('PEXPIRE', timers, ARGV[11])
else
  redis.call('ZREM', timers, ref)
end
if timed or appended > 0 then set('i', ARGV[15]) end

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
  redis.call('PEXPIRE', outbox, ARGV[10])
  redis.call('PEXPIRE', due, ARGV[11])
elseif redis.call('EXISTS', outbox) == 0 then
  -- All is sent, or an erasure took the messages away from whoever was sending them.
  redis.call('HDEL', dialogue, 't', 'a', 'w')
  if not timed then redis.call('HDEL', dialogue, 'i') end
  redis.call('ZREM', due, ref)
end
redis.call('HSET', dialogue, unpack(fields))
redis.call('PEXPIRE', dialogue, ARGV[10])

for _, case in ipairs(cases) do
  local number, key = case[1], prefix .. case[1]
  redis.call('HSET', key, 'c', case[2])
  for i = at, #ARGV do
    redis.call('HSET', key, 't:' .. ARGV[i], 0)
    redis.call('ZADD', notices, now, number .. '/' .. ARGV[i])
    redis.call('PEXPIRE', notices, ARGV[14])
  end
  redis.call('PEXPIRE', key, ARGV[12])
  redis.call('SADD', numbers, number)
  redis.call('PEXPIRE', numbers, ARGV[12])
end

for _, question in ipairs(kept) do
  local number, ms = question[1], tonumber(ARGV[20])
  redis.call('SET', ARGV[19] .. number, question[2], 'PX', ms)
  for _, list in ipairs({questions, asked}) do
    redis.call('ZREMRANGEBYSCORE', list, '-inf', now - ms)
    redis.call('ZADD', list, now, number)
    redis.call('PEXPIRE', list, ms)
  end
  for _, oldest in ipairs(redis.call('ZRANGE', asked, 0, -1 - tonumber(ARGV[21]))) do forget(oldest) end
end
for _, what in ipairs(rated) do
  redis.call('HINCRBY', ratings, what, 1)
  redis.call('PEXPIRE', ratings, ARGV[22])
end

return {'ok', leased, attempts, entries}
