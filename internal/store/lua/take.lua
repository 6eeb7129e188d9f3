-- take takes over chats of one shard whose time has come.
--
-- KEYS  1 due
-- ARGV  1 time  2 lease token  3 lease ms  4 how many  5 window
--       6 prefix of the dialogue keys  7 prefix of the outbox keys
-- Result {{chat reference, sealed chat id, attempts, {first entries}}, ...}

local now, taken = clock(), {}
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[4])) do
  local dialogue = ARGV[6] .. ref
  local fields = redis.call('HMGET', dialogue, 'i', 'a')
  local entries = redis.call('LRANGE', ARGV[7] .. ref, 0, tonumber(ARGV[5]) - 1)
  if #entries == 0 or not fields[1] then
    redis.call('ZREM', KEYS[1], ref)
  else
    redis.call('HSET', dialogue, 't', ARGV[2])
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ref)
    taken[#taken + 1] = {ref, fields[1], tonumber(fields[2] or 0), entries}
  end
end
return taken
