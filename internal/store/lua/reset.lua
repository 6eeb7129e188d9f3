-- reset lets a dialogue begin anew: state and timer go, and whoever was sending
-- its messages gives way to the next who looks for some.
--
-- What is of another type than it must be goes, too: nothing can be done with it.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 timers, then all other keys of the chat alone
-- ARGV  1 time  2 chat reference, then the type of each of those keys
-- Result 'none' if there is no such dialogue | 'ok'

local dialogue, outbox, due, timers = unpack(KEYS)
local ref = ARGV[2]
local mended = false
local function mend(key, kind)
  local is = redis.call('TYPE', key)['ok']
  if is ~= kind and is ~= 'none' then
    redis.call('DEL', key)
    mended = true
  end
end
mend(dialogue, 'hash')
mend(outbox, 'list')
for i = 5, #KEYS do mend(KEYS[i], ARGV[i - 2]) end
if mended and redis.call('EXISTS', dialogue) == 0 then
  redis.call('ZREM', timers, ref)
  redis.call('ZREM', due, ref)
  return 'ok'
end
if redis.call('EXISTS', dialogue) == 0 then return 'none' end
redis.call('HDEL', dialogue, 's', 't')
if not tonumber(redis.call('HGET', dialogue, 'v') or 0) then redis.call('HDEL', dialogue, 'v') end
-- A step that is under way was run on what is gone now: it conflicts.
redis.call('HINCRBY', dialogue, 'v', 1)
redis.call('ZREM', timers, ref)
if redis.call('EXISTS', outbox) == 1 then
  redis.call('ZADD', due, clock(), ref)
else
  redis.call('HDEL', dialogue, 'i', 'a', 'w')
  redis.call('ZREM', due, ref)
end
return 'ok'
