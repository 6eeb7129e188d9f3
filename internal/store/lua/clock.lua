-- Common to all scripts: put before each of them.

-- clock returns the time in ms: ARGV[1], or the clock of this server if ARGV[1] is 0.
local function clock()
  local given = tonumber(ARGV[1])
  if given > 0 then return given end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- head returns the first word of an outbox entry: the id of the message.
local function head(entry)
  return entry and string.match(entry, '^%S+')
end
