-- posted keeps by which id a message about a case can be taken back, for as long as
-- the case or its withdrawal is kept.
--
-- KEYS  1 case
-- ARGV  1 time  2 target  3 message id  4 sealed id of the chat that it stands in
-- Result 1 if it is kept | 0 if there is no such case any more, nor a withdrawal for the target

if redis.call('HEXISTS', KEYS[1], 't:' .. ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'm:' .. ARGV[2] .. '/' .. ARGV[3], ARGV[4])
return 1
