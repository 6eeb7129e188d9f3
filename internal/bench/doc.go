// Package bench measures what iqbot costs beside the least bot there can be.
//
// It holds only tests. Three bots take the same updates:
//
//   - iqbot: the webhook of package telegram, the engine, a sealed store on a
//     real Redis server, and the answer through the Bot API client;
//   - unpaced: the same without counting messages against the platform's limits;
//   - bare: a handler of net/http that decodes the update, does one GET and one
//     SET with go-redis, makes one sendMessage with net/http and answers 200.
//
// Each bot is a process of its own, started from the test binary, as it would
// be in service: what is measured of it (processor time, allocations) is not
// mixed with the cost of those who write to it. Platform and people are in the
// test process; they speak HTTP over loopback with prepared bytes, because the
// bots share two cores with them.
//
//	go test -run=- -bench=. -benchtime=20000x -count=6 ./internal/bench
//
// What is reported for an update:
//
//	updates/s            throughput, until the last answer has arrived
//	cpu-ns/op            processor time of the bot, user and system
//	redis-ns/op          processor time of the Redis server
//	allocs/op, B/op      of the bot
//	p50-ms, p99-ms       from the update to the first message that answers it
//	trips/op             requests to Redis, those behind the answer included
//	calls/op             requests to the platform
//	B/dialogue           memory of one stored dialogue in the Redis server
//
// In a closed loop a number of connections deliver one update after the other
// without a pause; in an open one the updates come at a fixed rate however long
// the answers take, and time counts from when an update was due.
//
// IQBOT_BENCH_PROFILE=/some/prefix writes a processor and an allocation profile
// of each bot to /some/prefix.<bot>.<number>.cpu and .allocs.
package bench
