-- meta records how the data are laid out, when the first process starts, and
-- tells it to all others.
--
-- KEYS  1 meta
-- ARGV  1 time  2 number of shards  3 fingerprint of the hash secret  4 sealed probe
-- Result {number of shards, fingerprint, sealed probe} as stored

redis.call('HSETNX', KEYS[1], 'shards', ARGV[2])
redis.call('HSETNX', KEYS[1], 'secret', ARGV[3])
redis.call('HSETNX', KEYS[1], 'probe', ARGV[4])
return redis.call('HMGET', KEYS[1], 'shards', 'secret', 'probe')
