-- finish removes the first message of an outbox; after the last the lease ends.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 dead letters  5 timers
-- ARGV  1 time, then names, each with its value:
--       ref          chat reference
--       token        of the lease
--       id           of the message
--       reason       '' if it was sent
--       window       how many entries are returned
--       letter_life  ms
--       letters      how many dead letters to keep
--       known        any number: ids of messages that the caller has
-- Result {'lost'} | {'ok', attempts, {first entries}}; of an entry that the caller
--       has, only the id. If the first message is another one, it stays: this
--       call was carried out before, or the outbox was erased under its sender.

local dialogue, outbox, due, letters, timers = unpack(KEYS)
local given = arguments({'known'})
local ref, id, reason, window = given.ref, given.id, given.reason, tonumber(given.window)
local letterLife, keep = given.letter_life, tonumber(given.letters)
local fields = redis.call('HMGET', dialogue, 't', 'i', 'a')
if fields[1] ~= given.token then return {'lost'} end

local attempts = tonumber(fields[3] or 0)
local entries = redis.call('LRANGE', outbox, 0, window) -- one more, for the first may go
if head(entries[1]) == id then
  redis.call('LPOP', outbox)
  table.remove(entries, 1)
  if fields[3] then redis.call('HDEL', dialogue, 'a') end
  attempts = 0
  if reason ~= '' then
    local now = clock()
    redis.call('ZADD', letters, now, ref .. ' ' .. id .. ' ' .. reason .. ' ' .. fields[2])
    redis.call('ZREMRANGEBYSCORE', letters, '-inf', now - tonumber(letterLife))
    redis.call('ZREMRANGEBYRANK', letters, 0, -1 - keep)
    redis.call('PEXPIRE', letters, letterLife)
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
local known = {}
for _, has in ipairs(given.known) do known[has] = true end
for i, entry in ipairs(entries) do
  if known[head(entry)] then entries[i] = head(entry) end
end
return {'ok', attempts, entries}
