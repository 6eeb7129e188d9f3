-- take takes over chats of one shard whose time has come.
--
-- KEYS  1 due
-- ARGV  1 time, then names, each with its value:
--       token      of the leases
--       lease      ms
--       most       how many chats
--       window     how many entries of each are returned
--       dialogues  prefix of the dialogue keys
--       outboxes   prefix of the outbox keys
-- Result {{chat reference, sealed chat id ('' if a key of the chat is of a wrong type), attempts, {first entries}}, ...}

local now, taken, given = clock(), {}, arguments({})
local token, lease, last = given.token, tonumber(given.lease), tonumber(given.window) - 1
local dialogues, outboxes = given.dialogues, given.outboxes
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, given.most)) do
  local dialogue = dialogues .. ref
  local fields = redis.pcall('HMGET', dialogue, 'i', 'a')
  local entries = redis.pcall('LRANGE', outboxes .. ref, 0, last)
  if fields.err or entries.err then
    redis.call('ZADD', KEYS[1], now + lease, ref)
    taken[#taken + 1] = {ref, '', 0, {}}
  elseif #entries == 0 or not fields[1] then
    redis.call('ZREM', KEYS[1], ref)
  else
    redis.call('HSET', dialogue, 't', token)
    redis.call('ZADD', KEYS[1], now + lease, ref)
    taken[#taken + 1] = {ref, fields[1], tonumber(fields[2] or 0), entries}
  end
end
return taken
