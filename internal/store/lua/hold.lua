-- hold acquires, renews or releases a named lease.
--
-- KEYS  1 lease
-- ARGV  1 time  2 'acquire' | 'renew' | 'release'  3 token  4 lease ms  5 record ms, then the names of
--       processes that are dead or seem so, whose lease is free
-- Result fence number | 0 if another has it (acquire) or it is lost (renew, release)

local now = clock()
local stored = redis.call('HMGET', KEYS[1], 'token', 'until', 'fence')
local mine = stored[1] == ARGV[3]
local fence = tonumber(stored[3] or 0)
if ARGV[2] == 'acquire' and not mine then
  if tonumber(stored[2] or 0) > now then
    local free = false
    for i = 6, #ARGV do free = free or holder(stored[1]) == ARGV[i] end
    if not free then return 0 end
  end
  fence = fence + 1
elseif not mine then
  return 0
end
if ARGV[2] == 'release' then
  redis.call('HDEL', KEYS[1], 'token', 'until')
else
  redis.call('HSET', KEYS[1], 'token', ARGV[3], 'until', now + tonumber(ARGV[4]), 'fence', fence)
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return fence
