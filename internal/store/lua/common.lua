-- Common to all scripts: put before each of them.

-- clock returns the time in ms: ARGV[1], or the clock of this server if ARGV[1] is 0.
local function clock()
  local given = tonumber(ARGV[1])
  if given > 0 then return given end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- arguments returns what stands in ARGV after the time: each value after its
-- name. A name in lists may come any number of times, and is a list of its values. To
-- read a name that was not given is an error.
local function arguments(lists)
  local given = {}
  for _, name in ipairs(lists) do given[name] = {} end
  for i = 2, #ARGV, 2 do
    local name, value = ARGV[i], ARGV[i + 1]
    local list = given[name]
    if type(list) == 'table' then list[#list + 1] = value else given[name] = value end
  end
  return setmetatable(given, {__index = function(_, name) error('no argument is called ' .. name) end})
end

-- head returns the first word of an outbox entry: the id of the message.
local function head(entry)
  return entry and string.match(entry, '^%S+')
end

-- enqueue puts entries into the outbox of a chat that nobody is just answering. It
-- returns whether the dialogue is still kept: if not, nothing is put anywhere.
local function enqueue(now, dialogue, outbox, due, ref, chat, entries)
  local left = redis.call('PTTL', dialogue)
  if #entries == 0 or left < 0 then return false end
  if redis.call('EXISTS', outbox) == 0 then redis.call('HSET', dialogue, 'w', now) end
  for _, entry in ipairs(entries) do redis.call('RPUSH', outbox, entry) end
  redis.call('PEXPIRE', outbox, left)
  redis.call('HSET', dialogue, 'i', chat)
  -- Whoever is sending to the chat goes on with the new messages; else it is due at once.
  if not redis.call('ZSCORE', due, ref) then redis.call('ZADD', due, now, ref) end
  if redis.call('PTTL', due) < left then redis.call('PEXPIRE', due, left) end
  return true
end

-- holder returns the name of the process in a lease's token.
local function holder(token)
  return string.match(token, '^(.*)%.')
end
