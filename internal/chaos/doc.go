// Package chaos runs the real program among failures and counts what people
// saw of them. It has only tests.
//
// TestChaos builds `iqbot`, starts it on real redis-server processes and lets it
// serve people through the fake platform of botapitest. Meanwhile processes are
// killed, Redis is killed or does not answer, updates are delivered twice, and
// calls are refused, or cut before or after they were carried out. Then
// everything becomes quiet, and the test compares.
//
// # What is compared
//
// Before all failures one person of each kind (a language; wants a case or only
// addresses) holds the conversation undisturbed: the rehearsal. Under chaos
// every person must see exactly the same messages in the same order. One thing
// may differ: a message may stand there again, right behind itself, if it was
// taken by the platform and the program could not know or record that. The test
// knows which messages these are: those whose answer the network cut off, and
// those that still stood first in an outbox after a kill although the person
// saw them after a process was killed. Each allows for one repetition. When only
// Redis dies, or when processes are stopped in order, nothing may repeat.
//
// Further, each person who asked for a case has exactly one, in the store and in
// the advisors' group; no message waits in an outbox; where nothing was killed, no press of
// a button is left unanswered; nobody polls beside another; and no log, at
// level debug, holds the token, a chat id, or a person's words or address.
//
// # Runs
//
// `go test ./internal/chaos` takes about half a minute. A long run:
//
//	go test ./internal/chaos -chaos.people 300 -chaos.for 2m -parallel 1 -timeout 1h -v
//
// Waits are printed, not judged, because a busy machine makes them; -chaos.waits judges
// them too.
//
// With -v each scenario prints its figures. -chaos.seed repeats the chance in the test, though
// not that of the scheduler. -chaos.log writes the log of the program to a
// folder. Under -race the program itself is built with the race detector too.
//
// # Time
//
// A process that dies leaves its chats to others at once, but a notification for
// half a minute. Where the test knows that no process is left, it ends that wait, and
// so gets in many more kills. Where another replica runs, it waits.
package chaos
