-- settle ends a notification or makes it due later. It does nothing to a
-- notification that was withdrawn since the caller got it.
--
-- KEYS  1 notifications  2 case
-- ARGV  1 time  2 number/target  3 target  4 '1' for a withdrawal, else '0'  5 ms to wait, '' to end it  6 why it failed
-- Result 'ok'

local notices, case = unpack(KEYS)
local target = ARGV[3]
local withdrawn = redis.call('HGET', case, 'w') or '0'
if withdrawn ~= ARGV[4] then return 'ok' end
if ARGV[5] ~= '' then
  redis.call('ZADD', notices, 'XX', clock() + tonumber(ARGV[5]), ARGV[2])
  if redis.call('HEXISTS', case, 't:' .. target) == 1 then redis.call('HSET', case, 'e:' .. target, ARGV[6]) end
  return 'ok'
end
redis.call('ZREM', notices, ARGV[2])
redis.call('HDEL', case, 'e:' .. target)
if withdrawn == '1' then
  redis.call('HDEL', case, 't:' .. target)
  local others = false
  for _, field in ipairs(redis.call('HKEYS', case)) do
    if string.match(field, '^m:(.*)/[^/]*$') == target then redis.call('HDEL', case, field) end
    others = others or string.match(field, '^t:')
  end
  if not others then redis.call('DEL', case) end
end
return 'ok'
