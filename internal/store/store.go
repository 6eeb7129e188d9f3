// Package store keeps dialogues, outgoing messages, cases and notifications in
// Redis. [Store] implements bot.Store; it is the only code that knows a key.
//
// # One chat, one slot
//
// A chat belongs to one of a fixed number of shards, and all its keys carry
// the shard as their hash tag. So one Lua script can change all of them at
// once, on a single server as on a Redis Cluster, and any number of processes
// can serve the same bot without a lock. Every operation of a dialogue is one
// script and one round trip; to look over all chats for what is due takes one
// more for each shard that has something.
//
// A script may run twice, when the client sends it again because a reply was
// lost. Each is written so that the second time does no harm.
//
// # Keys
//
// <s> is the shard. <ref> stands for the chat: its HMAC-SHA-256 under the hash
// secret, 128 bits, in base32. The chat id itself is only inside sealed values.
// <cref> and <qref> are two more references of the same chat, hashed again with
// the secret: what lies in the clear does not tell that a question, which names
// nobody, and a case, whose number advisors know together with a name, are of
// the same person, nor of which dialogue.
//
//	key                type    lives                    content
//	iq:meta            hash    for ever                 shards, secret (fingerprint of the hash secret), probe (sealed)
//	iq:{<s>}:c:<ref>   hash    StateTTL after the last  s: sealed state; v: version; u: the last 64 update ids;
//	                           commit; 48 h erased      t: token of the sending lease, a: failed tries of the first
//	                                                    message, w: since when messages wait, these three only while
//	                                                    they do; i: sealed chat id, as long as messages or a timer need it;
//	                                                    f: sealed, how much an erased person may still send
//	iq:{<s>}:o:<ref>   list    as the dialogue          outbox: message id, blank, sealed message; the oldest first
//	iq:{<s>}:due       zset    as its last dialogue     <ref> of each chat with waiting messages, by when to look after
//	                                                    it: the end of its lease, or the time to try again
//	iq:{<s>}:t         zset    as its last dialogue     <ref> of each chat with a timer, by when it goes off
//	iq:{<s>}:k:<case>  hash    CaseTTL; 30 days         c: sealed case; t:<target>: how often its notification was handed
//	                           withdrawn                out; e:<target>: why that failed last; m:<target>/<message>: sealed
//	                                                    id of the chat in which the message stands; o: when the case was
//	                                                    opened or withdrawn; l: the person knows that it has reached
//	                                                    nobody; w: the case was withdrawn, then there is no c
//	iq:{<s>}:l:<cref>  set     CaseTTL                  numbers of the chat's cases
//	iq:{<s>}:lo:<cref> string  24 h                     how many cases the chat has opened since the first of them
//	iq:{<s>}:q:<no>    string  QuestionTTL              sealed question for the editors; the chat is in it only if
//	                                                    the person wants the answer
//	iq:{<s>}:qs        zset    as its last question     numbers of the questions, by the hour in which they were kept
//	iq:{<s>}:qc:<qref> zset    as its last question     numbers of the chat's questions, for erasure and export
//	iq:{<s>}:r         hash    a year after the last    <topic>/<language>/+ or -: how many found an article helpful, or not
//	iq:{<s>}:n         zset    as its last case         <case>/<target> of each open notification, by when it is due
//	iq:{<s>}:d         zset    30 days                  dead letters by time: <ref>, message id, reason, sealed chat id
//	iq:{<s>}:m:<ref>   string  a year after it was      sealed new id of a chat that moved (an advisors' group)
//	                           last asked for
//	iq:{<s>}:ping      string  1 minute                 written to see whether the server takes writes
//	iq:{lease}:<name>  hash    90 days                  a lease such as that to poll: token, until, fence
//	iq:target:<name>   hash    as the last case         f: first failure of a target since its last success, r: reason
//	                                                    of the last, d: the log has told that it fails
//	iq:processes       hash    90 days                  <name> of each process that serves: its last heartbeat, or since
//	                                                    when it is dead, for a minute
//	rate:iq:{<s>}:p:<ref> and rate:iq:{rate}:<channel>
//	                   string  some seconds, by the     how far the messages to a chat, or of a channel, run ahead of
//	                           rates of [Pacer]         their rate; the library puts "rate:" before its keys
//
// Sealed values are bound to their key and message id: a value that was moved
// does not open. Version, update ids and case numbers are in the clear.
// [Store.Reseal] finds all that this table calls sealed; what is added here must be
// added there.
//
// # What is erased when
//
// Everything about a chat is gone StateTTL after the last thing the person
// did, a message that could not be sent until then included. An erasure
// deletes state, timer, outbox, cases, questions and dead letters at once. What stays for 48
// hours is the version and the update ids, so that a repeated delivery of the same
// wish does not act twice, and how much the person may still send; for 24 hours how many
// cases were opened, so that an erasure lifts no limit; and for up to 30 days the
// number of a withdrawn case, and which messages in the advisors' chat were about it,
// until the advisors know of it and those messages are taken back.
//
// # When a process dies
//
// Each process that serves says every tenth of a second that it lives. Half a
// second after the last time, another sees that it is dead, and takes over what it
// held; a living one that is cut off begins nothing more by then. See heartbeat.go
// for why that is safe. The leases themselves, of half a minute, are for when nobody
// noticed, and for notifications and timers, for which nobody waits.
//
// # Time
//
// Leases and waiting times run by the clock of the Redis server, so processes
// need not agree on the time. After a failover to a server whose clock is
// behind, leases last longer by the difference.
//
// # When Redis loses writes
//
// Redis may forget the last writes when it dies, unless it runs with
// appendfsync always. Then the version is an older one, the commits that built
// on the newer one conflict, and the step is run again.
package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Limits of what is kept.
const (
	// keptUpdates is how many update ids a dialogue remembers. Telegram repeats a
	// delivery before it gives out newer ones of the chat, so a few would do.
	keptUpdates = 64
	// window is how many waiting messages are read at once: a step seldom sends more than five.
	window = 16
	// keptLetters is the most dead letters of one shard.
	keptLetters = 10_000
	letterTTL   = 30 * 24 * time.Hour
	// ErasedTTL is how long an erased dialogue remembers the updates, and how much was sent. Telegram
	// keeps an update for 24 hours. Source: Bot API, section "Getting updates".
	ErasedTTL = 48 * time.Hour
	// withdrawnTTL is how long advisors are told of a withdrawn case.
	withdrawnTTL = 30 * 24 * time.Hour
	leaseRecord  = 90 * 24 * time.Hour
	// movedTTL is how long a service may stand still until it has to learn again that its advisors' chat moved.
	movedTTL = 365 * 24 * time.Hour
	// maxOpenCases is how many cases of one person may be open at the same time: a
	// question to a place, to another and one more. Each is work for somebody.
	maxOpenCases = 3
	// caseDay is how long an opened case counts among those of the day. It counts
	// on when it is withdrawn or erased, because advisors have heard of it.
	caseDay = 24 * time.Hour
	// keptQuestions is how many questions of one chat are kept; the oldest makes
	// room. It bounds what one person can fill the editors' list with.
	keptQuestions = 50
	// ratingsTTL is after how long without a new one the ratings are forgotten: by
	// then they are of articles as they were.
	ratingsTTL = 365 * 24 * time.Hour
	// pipelined is how many commands of one kind go out at once.
	pipelined = 1000
	// callTimeout is the most that one operation takes, all its repetitions
	// included. Those of a dialogue go through a pipeline that many share and that
	// looks at no caller's context; the time limits of the connection bound them.
	callTimeout = 10 * time.Second
	// commitTimeout is for how long a commit of unknown outcome is repeated, at
	// intervals between firstRepeat and maxRepeat. A Redis that is restarted is
	// back by then; for longer, the platform keeps the update.
	commitTimeout = 5 * time.Second
	firstRepeat   = 20 * time.Millisecond
	maxRepeat     = 500 * time.Millisecond
	// minSecret is the least length of the hash secret in bytes: the strength of the truncated hash.
	minSecret = 16
)

// Options say where and how a Store keeps its data.
type Options struct {
	// URL is where Redis is: redis://user:password@host:6379/0, or rediss:// for TLS.
	// Other nodes of a cluster are added as ?addr=host:port&addr=…; a cluster behind
	// one address is told by ?cluster=true. For Redis Sentinel the address is that of a
	// sentinel, with ?master_name=…. Further parameters are those of go-redis.
	URL string
	// HashSecret is the key of the hash that stands for a chat, at least 16
	// bytes, see the function of this name. It cannot be changed later: all people would be strangers.
	HashSecret []byte
	// Sealer seals what is stored. It must be set; [Plain] is a choice too.
	Sealer Sealer
	// Targets are the names of the notifiers that hear of each case. If empty,
	// cases are kept and nobody is told.
	Targets []string
	// StateTTL is how long an idle dialogue is kept. If zero, 90 days.
	StateTTL time.Duration
	// CaseTTL is how long a case is kept. If zero, 180 days.
	CaseTTL time.Duration
	// QuestionTTL is how long a question for the editors is kept. If zero, 180 days.
	QuestionTTL time.Duration
	// CasesPerDay is how many cases one person can open in 24 hours. If zero, 3.
	CasesPerDay int
	// LeaseTTL is how long a sender or a notifier may be silent until another
	// takes over. It should be longer than the time limit of one send, because a
	// send that outlasts it is repeated. If zero, 30 seconds.
	LeaseTTL time.Duration
	// Shards is fixed when the first process starts. If zero, 64.
	Shards int
	// Guest says that this process only looks things up and mends them, as an
	// operator does: it takes no leases, and sends no heartbeat for them.
	Guest bool
	// Now is the clock by which leases and waiting times run. If nil, that of the Redis server.
	Now func() time.Time
}

// ErrRefused means that Open was given options that do not fit the server, the data
// or each other. Trying again is of no use; any other error of Open may pass.
var ErrRefused = errors.New("the store does not start")

// Store implements bot.Store. It is safe for concurrent use by any number of
// goroutines and processes.
type Store struct {
	o  Options
	db redis.UniversalClient
	// calls is db for the operations of a dialogue: what many goroutines ask at
	// the same time goes out in one write. A caller alone loses no time by it.
	calls  caller
	tokens atomic.Uint64
	hashes sync.Pool // of *hasher
	shards []shard   // by their numbers
	fixed  fixedArgs
	stop   func()
	owner  string // names this process; random
	heart  *heartbeat
}

// fixedArgs are those arguments of scripts that are the same in each call, so
// that they are not made anew each time: milliseconds.
type fixedArgs struct{ lease, day, state, erased, due, cases, withdrawn, notices, letters, questions, ratings any }

// caller is the part of a client that the operations of a dialogue need.
type caller interface {
	redis.Scripter
	HMGet(ctx context.Context, key string, fields ...string) *redis.SliceCmd
	Del(ctx context.Context, keys ...string) *redis.IntCmd // for the rate limiter
}

// Open connects to Redis and checks that the options fit the data there.
func Open(ctx context.Context, o Options) (*Store, error) {
	db, err := dial(o.URL)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, o, db, func() {})
	if err != nil || o.Guest {
		return s, err
	}
	own, err := dial(o.URL, "pool_size", strconv.Itoa(tireless))
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.heart.start(own)
	return s, nil
}

// start takes over db and stop, also when it fails.
func start(ctx context.Context, o Options, db redis.UniversalClient, stop func()) (*Store, error) {
	// go-redis logs to stderr by a logger of its own; what it has to say comes back as errors.
	logging.Disable()
	if o.StateTTL == 0 {
		o.StateTTL = 90 * 24 * time.Hour
	}
	if o.CaseTTL == 0 {
		o.CaseTTL = 180 * 24 * time.Hour
	}
	if o.QuestionTTL == 0 {
		o.QuestionTTL = 180 * 24 * time.Hour
	}
	if o.CasesPerDay == 0 {
		o.CasesPerDay = 3
	}
	if o.LeaseTTL == 0 {
		o.LeaseTTL = 30 * time.Second
	}
	if o.Shards == 0 {
		o.Shards = 64
	}
	s := newStore(o)
	s.db, s.calls, s.stop = db, db, stop
	// A pipeline does not look at the deadline of a caller, only at that of the
	// connection; whether there is a server is asked without it.
	if err := s.checkIn(ctx, callTimeout); err != nil {
		return nil, errors.Join(refusal(err), s.Close())
	}
	many, err := db.AutoPipeline()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), s.Close())
	}
	s.calls = many
	return s, nil
}

// newStore makes what each operation needs; it lacks a client still.
func newStore(o Options) *Store {
	s := &Store{o: o, owner: rand.Text()}
	s.heart = newHeartbeat(s)
	s.hashes.New = func() any { return &hasher{Hash: hmac.New(sha256.New, s.o.HashSecret)} }
	for n := range s.o.Shards {
		s.shards = append(s.shards, newShard(n))
	}
	s.fixed = fixedArgs{
		lease:     s.o.LeaseTTL.Milliseconds(),
		day:       caseDay.Milliseconds(),
		state:     s.o.StateTTL.Milliseconds(),
		erased:    ErasedTTL.Milliseconds(),
		due:       max(s.o.StateTTL, ErasedTTL).Milliseconds(),
		cases:     s.o.CaseTTL.Milliseconds(),
		withdrawn: withdrawnTTL.Milliseconds(),
		notices:   max(s.o.CaseTTL, withdrawnTTL).Milliseconds(),
		letters:   letterTTL.Milliseconds(),
		questions: s.o.QuestionTTL.Milliseconds(),
		ratings:   ratingsTTL.Milliseconds(),
	}
	return s
}

func (s *Store) checkIn(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return s.check(ctx)
}

// check compares the options with what the first process has stored.
func (s *Store) check(ctx context.Context) error {
	switch {
	case s.o.Sealer == nil:
		return fmt.Errorf("%w: no sealer is set", ErrRefused)
	case len(s.o.HashSecret) < minSecret:
		return fmt.Errorf("%w: the hash secret has less than %d bytes", ErrRefused, minSecret)
	case s.o.Shards < 1 || s.o.CasesPerDay < 1 || s.o.StateTTL < 0 || s.o.CaseTTL < 0 || s.o.QuestionTTL < 0 || s.o.LeaseTTL < time.Millisecond:
		return fmt.Errorf("%w: a number of shards or of cases, or a time to live is not positive", ErrRefused)
	}
	const question = "probe"
	m := hmac.New(sha256.New, s.o.HashSecret)
	m.Write([]byte("iq:meta")) // no chat id: it lacks a channel
	secret := base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
	probe, err := s.seal(question, metaKey)
	if err != nil {
		return err
	}
	r, err := s.run(ctx, "read the layout", metaScript, []string{metaKey}, s.o.Shards, secret, probe)
	if err != nil {
		return err
	}
	stored := asReply(r)
	if n := stored.text(0); n != strconv.Itoa(s.o.Shards) {
		return fmt.Errorf("%w: the data are laid out in %s shards, not in %d", ErrRefused, n, s.o.Shards)
	}
	if stored.text(1) != secret {
		return fmt.Errorf("%w: the data were stored with another hash secret", ErrRefused)
	}
	var answer string
	if err := s.open(stored.text(2), metaKey, &answer); err != nil || answer != question {
		return fmt.Errorf("%w: no key of the keyset opens the data", ErrRefused)
	}
	// Seal it anew: a key may leave the keyset when nothing needs it any more.
	if err := s.db.HSet(ctx, metaKey, "probe", probe).Err(); err != nil {
		return fmt.Errorf("store: write the layout: %w", err)
	}
	return nil
}

// dial makes a client; it does not connect yet. Parameters, each with its value, are
// those of go-redis, and stand in place of what the address says.
func dial(address string, parameters ...string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return nil, errURL
	}
	q := u.Query()
	cluster := q.Get("cluster") == "true" || (q.Has("addr") && !q.Has("master_name"))
	q.Del("cluster")
	// A caller waits at most a few seconds for a server that does not answer, and
	// hears at once of one that is not there: go-redis would dial five times in each try.
	for name, value := range map[string]string{
		"dial_timeout": "2s", "read_timeout": "2s", "write_timeout": "2s", "pool_timeout": "3s", "max_retries": "2",
	} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	for p := range slices.Chunk(parameters, 2) {
		q.Set(p[0], p[1])
	}
	u.RawQuery = q.Encode()
	switch {
	case q.Has("master_name"):
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.ContextTimeoutEnabled, o.DialerRetries = true, 1
		return redis.NewFailoverClient(o), nil
	case cluster:
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.ContextTimeoutEnabled, o.DialerRetries = true, 1
		o.MaintNotificationsConfig = noMaintenance()
		return redis.NewClusterClient(o), nil
	default:
		o, err := redis.ParseURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.ContextTimeoutEnabled, o.DialerRetries = true, 1
		o.MaintNotificationsConfig = noMaintenance()
		return redis.NewClient(o), nil
	}
}

// errURL does not quote: a parser's complaint may hold a piece of the password.
var errURL = fmt.Errorf("%w: the address of Redis cannot be read, want redis://user:password@host:6379/0", ErrRefused)

// noMaintenance leaves out a handshake that only Redis Enterprise answers.
func noMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Close ends all connections. Calls under way fail.
func (s *Store) Close() error {
	s.heart.stop()
	err := s.db.Close()
	s.stop()
	if err != nil {
		return fmt.Errorf("store: close: %w", err)
	}
	return nil
}

// Ping says whether every shard takes writes now: it fails while Redis is
// away, read-only, loading, failing over or short of memory.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.each(ctx, "ping", func(p redis.Pipeliner, shard int) redis.Cmder {
		return p.Set(ctx, shardKey(shard, readiness), s.owner, time.Minute)
	})
	return err
}

// now is the time in ms that the scripts go by; 0 is the server's own.
func (s *Store) now() int64 {
	if s.o.Now == nil {
		return 0
	}
	return s.o.Now().UnixMilli()
}

// clock is the time that the scripts go by, given what the server answered.
func (s *Store) clock(server *redis.TimeCmd) time.Time {
	if s.o.Now == nil {
		return server.Val()
	}
	return s.o.Now()
}

// each asks all shards in one round trip, on a cluster one a node. A reply
// that nothing is there is no error.
func (s *Store) each(ctx context.Context, op string, ask func(redis.Pipeliner, int) redis.Cmder) ([]redis.Cmder, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	cmds, err := s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
		for shard := range s.o.Shards {
			ask(p, shard)
		}
		return nil
	})
	if err := answered(cmds, err); err != nil {
		return nil, fmt.Errorf("store: %s: %w", op, err)
	}
	return cmds, nil
}

// answered is the error of a pipeline of which not all was carried out; that
// something is not there is none.
func answered(cmds []redis.Cmder, err error) error {
	for _, c := range cmds {
		if err := c.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
	}
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}

// forgiven is answered for what is about one person: that a key is of a wrong type
// is no error. It returns which commands met one.
func forgiven(cmds []redis.Cmder, err error) (wrong []int, _ error) {
	for i, c := range cmds {
		if wrongType(c.Err()) {
			wrong = append(wrong, i)
			c.SetErr(nil)
		}
	}
	if wrongType(err) { // that of the first command that has one
		err = nil
	}
	return wrong, answered(cmds, err)
}

// token is new in each call, in this process and all others. Before the last dot it
// names the process, see [heartbeat].
func (s *Store) token() string {
	return s.heart.current() + "." + strconv.FormatUint(s.tokens.Add(1), 36)
}

// holder is the name of the process in a token.
func holder(token string) string { return token[:max(0, strings.LastIndexByte(token, '.'))] }

// reply is the result of a script. Reading what is not there gives a zero
// value, so that no answer of a server can bring the program down.
type reply []any

func asReply(v any) reply {
	r, _ := v.([]any)
	return r
}

func (r reply) at(i int) any {
	if i >= len(r) {
		return nil
	}
	return r[i]
}

func (r reply) text(i int) string {
	s, _ := r.at(i).(string)
	return s
}

func (r reply) number(i int) int64 {
	n, _ := r.at(i).(int64)
	return n
}

func (r reply) list(i int) reply { return asReply(r.at(i)) }
