-- claim hands out notifications of one shard whose time has come.
--
-- KEYS  1 notifications
-- ARGV  1 time  2 lease ms  3 how many  4 prefix of the case keys
-- Result {{number, target, sealed case ('' if withdrawn), earlier claims, 1 if the person knows that it is late, else 0,
--       {message id, sealed chat id, ...} of what is to be taken back}, ...}; a case that is of a wrong type is put off

local now, claimed = clock(), {}

-- posted returns what was posted of a withdrawn case to a target.
local function posted(key, target)
  local fields, out = redis.call('HGETALL', key), {}
  for i = 1, #fields, 2 do
    local to, id = string.match(fields[i], '^m:(.*)/([^/]*)$')
    if to == target then
      out[#out + 1] = id
      out[#out + 1] = fields[i + 1]
    end
  end
  return out
end

for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local number, target = string.match(member, '^([^/]*)/(.*)$')
  local key, field = ARGV[4] .. number, 't:' .. target
  local stored = redis.pcall('HMGET', key, 'c', field, 'l')
  if stored.err then
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), member)
  elseif not stored[2] then
    redis.call('ZREM', KEYS[1], member)
  else
    redis.call('HINCRBY', key, field, 1)
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), member)
    claimed[#claimed + 1] = {
      number, target, stored[1] or '', tonumber(stored[2]), stored[3] and 1 or 0, stored[1] and {} or posted(key, target),
    }
  end
end
return claimed
