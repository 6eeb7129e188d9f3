-- finish removes the first message of an outbox; after the last the lease ends.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 dead letters  5 timers
-- ARGV  1 time  2 chat reference  3 lease token  4 message id  5 reason, '' if it was sent
--       6 window  7 dead letter ms  8 how many dead letters to keep
-- Result {'lost'} | {'ok', attempts, {first entries}}. If the first message is
--       another one, it stays: this call was carried out before, or the outbox
--       was erased under its sender.

local dialogue, outbox, due, letters, timers = unpack(KEYS)
local ref, id, reason = ARGV[2], ARGV[4], ARGV[5]
local fields = redis.call('HMGET', dialogue, 't', 'i', 'a')
if fields[1] ~= ARGV[3] then return {'lost'} end

local attempts = tonumber(fields[3] or 0)
if head(redis.call('LINDEX', outbox, 0)) == id then
  redis.call('LPOP', outbox)
  redis.call('HDEL', dialogue, 'a')
  attempts = 0
  if reason ~= '' then
    local now = clock()
    redis.call('ZADD', letters, now, ref .. ' ' .. id .. ' ' .. reason .. ' ' .. fields[2])
    redis.call('ZREMRANGEBYSCORE', letters, '-inf', now - tonumber(ARGV[7]))
    redis.call('ZREMRANGEBYRANK', letters, 0, -1 - tonumber(ARGV[8]))
    redis.call('PEXPIRE', letters, ARGV[7])
  end
end

local entries = redis.call('LRANGE', outbox, 0, tonumber(ARGV[6]) - 1)
if #entries == 0 then
  redis.call('HDEL', dialogue, 't', 'a', 'w')
  if not redis.call('ZSCORE', timers, ref) then redis.call('HDEL', dialogue, 'i') end
  redis.call('ZREM', due, ref)
end
return {'ok', attempts, entries}
