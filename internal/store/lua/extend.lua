-- extend keeps a lease.
--
-- KEYS  1 dialogue  2 due
-- ARGV  1 time  2 chat reference  3 lease token  4 lease ms
-- Result 'lost' | 'ok'

if redis.call('HGET', KEYS[1], 't') ~= ARGV[3] then return 'lost' end
redis.call('ZADD', KEYS[2], clock() + tonumber(ARGV[4]), ARGV[2])
return 'ok'
