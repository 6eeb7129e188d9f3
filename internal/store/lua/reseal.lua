-- reseal puts values that were sealed anew in the place of the old ones, each only
-- if the old one is there still: what was written meanwhile is newer.
--
-- KEYS  1 a key of any type but a set
-- ARGV  1 time, then names, each with its value:
--       field   any number: of a hash; for other types ''
--       old     for each of them, the value as it was read
--       new     for each of them, the value in its place
-- Result {number put in place, changed meanwhile, gone meanwhile}

local key = KEYS[1]
local given = arguments({'field', 'old', 'new'})
local fields, olds, news = given.field, given.old, given.new
local kind = redis.call('TYPE', key)['ok']
local placed, changed, gone = 0, 0, 0

local at = {} -- where the entries of a list are
if kind == 'list' then
  for i, entry in ipairs(redis.call('LRANGE', key, 0, -1)) do at[entry] = i - 1 end
end

for i, old in ipairs(olds) do
  local field, new = fields[i], news[i]
  local is = false
  if kind == 'hash' then
    is = redis.call('HGET', key, field)
    if is == old then redis.call('HSET', key, field, new) end
  elseif kind == 'string' then
    is = redis.call('GET', key)
    if is == old then redis.call('SET', key, new, 'KEEPTTL') end
  elseif kind == 'list' then
    is = at[old] and old or at[new] and new
    if is == old then redis.call('LSET', key, at[old], new) end
  elseif kind == 'zset' then
    local score = redis.call('ZSCORE', key, old)
    is = score and old or redis.call('ZSCORE', key, new) and new
    if score then
      redis.call('ZADD', key, score, new) -- first: a set that is empty for a moment forgets its time to live
      redis.call('ZREM', key, old)
    end
  end
  -- The new one is there if this call was sent again, because its reply was lost.
  if is == old or is == new then
    placed = placed + 1
  elseif is then
    changed = changed + 1
  else
    gone = gone + 1
  end
end
return {placed, changed, gone}
