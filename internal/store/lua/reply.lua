-- reply ends a question and puts the answer into the outbox of who asked it, if they are still there.
--
-- KEYS  1 question  2 questions  3 questions of the chat  4 dialogue  5 outbox  6 due
-- ARGV  1 time  2 chat reference  3 question number  4 sealed chat id
--       5 number of messages, 0 to end the question without an answer, then the entries ('id sealed')
-- Result 'ok' if the answer was put there | 'ended' if the question was ended
--       and nothing put anywhere | 'none' if there is no such question any more: nobody
--       gets an answer twice, whoever else answers at this moment

local question, questions, asked, dialogue, outbox, due = unpack(KEYS)
local now, ref = clock(), ARGV[2]
if redis.call('DEL', question) == 0 then return 'none' end
redis.call('ZREM', questions, ARGV[3])
redis.call('ZREM', asked, ARGV[3])

-- A dialogue that was erased has no questions; one that was forgotten has no key.
local left = redis.call('PTTL', dialogue)
if tonumber(ARGV[5]) == 0 or left < 0 then return 'ended' end

if redis.call('EXISTS', outbox) == 0 then redis.call('HSET', dialogue, 'w', now) end
for i = 6, 5 + tonumber(ARGV[5]) do redis.call('RPUSH', outbox, ARGV[i]) end
redis.call('PEXPIRE', outbox, left)
redis.call('HSET', dialogue, 'i', ARGV[4])
-- Whoever is sending to the chat goes on with the new messages; else it is due at once.
if not redis.call('ZSCORE', due, ref) then redis.call('ZADD', due, now, ref) end
if redis.call('PTTL', due) < left then redis.call('PEXPIRE', due, left) end
return 'ok'
