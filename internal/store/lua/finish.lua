-- finish removes the first message of an outbox; after the last the lease ends.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 dead letters  5 timers
-- ARGV  1 time  2 chat reference  3 lease token  4 message id  5 reason, '' if it was sent
--       6 window  7 dead letter ms  8 how many dead letters to keep
--       9 ids of messages that the caller has, ' id id '
-- Result {'lost'} | {'ok', attempts, {first entries}}; of an entry that the caller
--       has, only the id. If the first message is another one, it stays: this
--       call was carried out before, or the outbox was erased under its sender.

local dialogue, outbox, due, letters, timers = unpack(KEYS)
local ref, id, reason = ARGV[2], ARGV[4], ARGV[5]
local fields = redis.call('HMGET', dialogue, 't', 'i', 'a')
if fields[1] ~= ARGV[3] then return {'lost'} end

local attempts, window = tonumber(fields[3] or 0), tonumber(ARGV[6])
local entries = redis.call('LRANGE', outbox, 0, window) -- one more, for the first may go
if head(entries[1]) == id then
  redis.call('LPOP', outbox)
  table.remove(entries, 1)
  if fields[3] then redis.call('HDEL', dialogue, 'a') end
  attempts = 0
  if reason ~= '' then
    local now = clock()
    redis.call('ZADD', letters, now, ref .. ' ' .. id .. ' ' .. reason .. ' ' .. fields[2])
    redis.call('ZREMRANGEBYSCORE', letters, '-inf', now - tonumber(ARGV[7]))
    redis.call('ZREMRANGEBYRANK', letters, 0, -1 - tonumber(ARGV[8]))
    redis.call('PEXPIRE', letters, ARGV[7])
  end
end

entries[window + 1] = nil
if #entries == 0 then
  if redis.call('ZSCORE', timers, ref) then
    redis.call('HDEL', dialogue, 't', 'a', 'w')
  else
    redis.call('HDEL', dialogue, 't', 'a', 'w', 'i')
  end
  redis.call('ZREM', due, ref)
end
for i, entry in ipairs(entries) do
  if string.find(ARGV[9], ' ' .. head(entry) .. ' ', 1, true) then entries[i] = head(entry) end
end
return {'ok', attempts, entries}
