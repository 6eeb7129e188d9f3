-- free makes chats of one shard due whose senders are dead.
--
-- KEYS  1 due
-- ARGV  1 time  2 lease ms  3 prefix of the dialogue keys, then the names of the dead
-- Result how many chats

local now, dead, freed = clock(), {}, 0
for i = 4, #ARGV do dead[ARGV[i]] = true end
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, now + tonumber(ARGV[2]))) do
  local token = redis.call('HGET', ARGV[3] .. ref, 't')
  if token and dead[holder(token)] then
    redis.call('HDEL', ARGV[3] .. ref, 't')
    redis.call('ZADD', KEYS[1], now, ref)
    freed = freed + 1
  end
end
return freed
