-- reset lets a dialogue begin anew: state and timer go, and whoever was sending
-- its messages gives way to the next who looks for some.
--
-- KEYS  1 dialogue  2 outbox  3 due  4 timers
-- ARGV  1 time  2 chat reference
-- Result 'none' if there is no such dialogue | 'ok'

local dialogue, outbox, due, timers = unpack(KEYS)
local ref = ARGV[2]
if redis.call('EXISTS', dialogue) == 0 then return 'none' end
redis.call('HDEL', dialogue, 's', 't')
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
