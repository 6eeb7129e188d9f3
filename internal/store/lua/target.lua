-- target keeps since when a target of notifications has taken none.
--
-- KEYS  1 target
-- ARGV  1 time  2 'took' | 'failed' | 'waits' if something waits for it | 'rests' if nothing does  3 why it failed
--       4 ms without a success after which it counts as failing  5 ms for which a failure is remembered
-- Result {ms of the first failure since the last success, 0 if there is none, why the last one failed,
--       'began' if it counts as failing from this call on, 'ended' if it did until now, else ''}

local key, what = KEYS[1], ARGV[2]
local now = clock()
local stored = redis.call('HMGET', key, 'f', 'r', 'd')
local first, reason, told = tonumber(stored[1] or 0), stored[2] or '', stored[3]
if what == 'took' then
  redis.call('DEL', key)
  return {0, '', told and 'ended' or ''}
end
if what == 'failed' then
  if first == 0 then first = now end
  reason = ARGV[3]
  redis.call('HSET', key, 'f', first, 'r', reason)
  redis.call('PEXPIRE', key, ARGV[5])
end
if first == 0 or what == 'rests' or told or now - first < tonumber(ARGV[4]) then return {first, reason, ''} end
redis.call('HSET', key, 'd', 1)
return {first, reason, 'began'}
