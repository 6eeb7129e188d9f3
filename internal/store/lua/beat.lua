-- beat says that a process lives, and tells what is known of all others.
--
-- KEYS  1 processes
-- ARGV  1 time  2 name  3 number of this beat; 1 is the first, 0 the last  4 ms after which a dead one is forgotten
--       5 ms after which all are, if none beats
--       then two for each process that seems to be dead: its name, and the number of its last beat
-- Result {1 if the process counts as living, else 0, name, number of its last beat or 'dead <time>', ...}

local processes, name, beat = KEYS[1], ARGV[2], ARGV[3]
local now = clock()
local dead = 'dead ' .. now
local known = redis.call('HGET', processes, name)
local lives = beat ~= '0' and (beat == '1' or (known and not string.find(known, '^dead')))
if lives then
  redis.call('HSET', processes, name, beat)
elseif not known or beat == '0' then
  -- Of one that is not known, because Redis lost it, nobody else would hear that its leases are free.
  redis.call('HSET', processes, name, dead)
end
for i = 6, #ARGV, 2 do
  -- One that has beaten meanwhile is alive after all.
  if redis.call('HGET', processes, ARGV[i]) == ARGV[i + 1] then redis.call('HSET', processes, ARGV[i], dead) end
end
local all = redis.call('HGETALL', processes)
local told = {lives and 1 or 0}
for i = 1, #all, 2 do
  local since = string.match(all[i + 1], '^dead (%d+)')
  if since and now - tonumber(since) > tonumber(ARGV[4]) then
    redis.call('HDEL', processes, all[i])
  else
    told[#told + 1] = all[i]
    told[#told + 1] = all[i + 1]
  end
end
redis.call('PEXPIRE', processes, ARGV[5])
return told
