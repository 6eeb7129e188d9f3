-- late tells a person, once, that no advisor has heard of their case yet.
--
-- KEYS  1 case  2 notifications  3 dialogue  4 outbox  5 due
-- ARGV  1 time, then names, each with its value:
--       ref      chat reference
--       number   of the case
--       chat     sealed chat id
--       over     '1' if the case has waited long enough; '0' if it is late only if all targets refuse it for good
--       final    any number: a reason that means so
--       message  any number: an entry of the outbox, 'id sealed'
-- Result 'ok' if the messages were put into the outbox | 'away' if the dialogue is forgotten | 'no' if the case is not
--       late, the person knows it, or there is no such case any more

local case, notices, dialogue, outbox, due = unpack(KEYS)
local given = arguments({'final', 'message'})
local now, final = clock(), {}
for _, reason in ipairs(given.final) do final[reason] = true end

local fields, stored = redis.call('HGETALL', case), {}
for i = 1, #fields, 2 do stored[fields[i]] = fields[i + 1] end
if not stored.c or stored.l then return 'no' end
for field in pairs(stored) do
  local target = string.match(field, '^t:(.*)$')
  if target then
    if not redis.call('ZSCORE', notices, given.number .. '/' .. target) then return 'no' end -- it has taken the case
    if given.over ~= '1' and not final[stored['e:' .. target] or ''] then return 'no' end
  end
end
redis.call('HSET', case, 'l', 1)
if not enqueue(now, dialogue, outbox, due, given.ref, given.chat, given.message) then return 'away' end
return 'ok'
