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
local entries = {}
for i = 6, 5 + tonumber(ARGV[5]) do entries[#entries + 1] = ARGV[i] end
if not enqueue(now, dialogue, outbox, due, ref, ARGV[4], entries) then return 'ended' end
return 'ok'
