-- ring hands out timers of one shard whose time has come. Each comes back after
-- the lease, unless a commit for its chat replaces or removes it.
--
-- KEYS  1 timers
-- ARGV  1 time  2 lease ms  3 how many  4 prefix of the dialogue keys
-- Result {{chat reference, sealed chat id ('' if its dialogue is of a wrong type), version}, ...}

local now, rung = clock(), {}
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local fields = redis.pcall('HMGET', ARGV[4] .. ref, 'i', 'v')
  if fields.err then fields = {''} end
  if not fields[1] then
    redis.call('ZREM', KEYS[1], ref)
  else
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ref)
    rung[#rung + 1] = {ref, fields[1], tonumber(fields[2] or 0)}
  end
end
return rung
