-- retry counts a failed try and gives the lease back.
--
-- KEYS  1 dialogue  2 outbox  3 due
-- ARGV  1 time  2 chat reference  3 lease token  4 message id  5 ms to wait
-- Result 'lost' | 'ok'

local dialogue, outbox, due = unpack(KEYS)
if redis.call('HGET', dialogue, 't') ~= ARGV[3] then return 'lost' end
if head(redis.call('LINDEX', outbox, 0)) == ARGV[4] then redis.call('HINCRBY', dialogue, 'a', 1) end
redis.call('HDEL', dialogue, 't')
redis.call('ZADD', due, clock() + tonumber(ARGV[5]), ARGV[2])
return 'ok'
