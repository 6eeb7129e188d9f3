package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/handoff"
	"iqbot/internal/network"
	"iqbot/internal/ops"
	"iqbot/internal/store"
	"iqbot/internal/telegram"
	"iqbot/locales"
)

const (
	token  = "123456789:AAbenchmark_token_of_the_usual_length00"
	secret = "benchmark-secret"
	path   = "/telegram"
)

// The environment of a bot process.
const (
	envBot      = "IQBOT_BENCH_BOT"
	envRedis    = "IQBOT_BENCH_REDIS"
	envPlatform = "IQBOT_BENCH_PLATFORM"
	envProfile  = "IQBOT_BENCH_PROFILE"
)

// TestMain also is the main of the bot processes.
func TestMain(m *testing.M) {
	if name := os.Getenv(envBot); name != "" {
		if err := serve(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// usage is what a bot has used up since it started.
type usage struct {
	CPU    time.Duration
	Allocs uint64
	Bytes  uint64
}

// serve runs one bot until its standard input ends. It writes its address, and
// its usage for each line it reads.
func serve(name string) error {
	bots := map[string]func(ctx context.Context, redisURL, platform string) (http.Handler, func(), error){
		"iqbot": startIqbot, "unpaced": startUnpaced, "bare": startBare,
	}
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Minute)
	defer stop()
	handler, settle, err := bots[name](ctx, os.Getenv(envRedis), os.Getenv(envPlatform))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+path, handler)
	go func() { _ = http.Serve(l, mux) }()
	if prefix := os.Getenv(envProfile); prefix != "" {
		prefix = fmt.Sprintf("%s.%s.%d", prefix, name, os.Getpid())
		f, err := os.Create(prefix + ".cpu")
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			_ = f.Close()
			if a, err := os.Create(prefix + ".allocs"); err == nil {
				_ = pprof.Lookup("allocs").WriteTo(a, 0)
				_ = a.Close()
			}
		}()
	}
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		settle()
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			return err
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		u := usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Allocs: m.Mallocs, Bytes: m.TotalAlloc}
		if err := json.NewEncoder(os.Stdout).Encode(u); err != nil {
			return err
		}
	}
	return nil
}

// startIqbot is the service as cmd/iqbot wires it. Floods and the platform's
// limits are counted as there, but never reached: they would only make it wait.
func startIqbot(ctx context.Context, redisURL, platform string) (http.Handler, func(), error) {
	return wire(ctx, redisURL, platform, func(s *store.Store) bot.Pacer {
		return store.NewPacer(s, store.Rates{PerSecond: 1e6, PerChat: 1e4, ChatBurst: 1e4})
	})
}

// startUnpaced leaves it to the platform to say when messages are too many.
func startUnpaced(ctx context.Context, redisURL, platform string) (http.Handler, func(), error) {
	return wire(ctx, redisURL, platform, func(*store.Store) bot.Pacer { return nil })
}

func wire(ctx context.Context, redisURL, platform string, pacer func(*store.Store) bot.Pacer) (http.Handler, func(), error) {
	content, err := bot.LoadContent(flows.FS, locales.FS, network.BuiltIn(), nil, handoff.MessageIDs())
	if err != nil {
		return nil, nil, err
	}
	ops.TuneMemory(os.Getenv, len(content.Catalog.Languages()))
	for _, lang := range content.Catalog.Languages() {
		content.Index.Find("Kosten", lang.Tag) // else the first question is measured with the learning of its language
	}
	s, err := openSealed(ctx, redisURL)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	tg, err := telegram.New(telegram.Options{Token: token, APIURL: platform, Logger: log})
	if err != nil {
		return nil, nil, err
	}
	e := bot.NewEngine(bot.Options{
		Store: s, Channels: []bot.Channel{tg}, Content: content, Log: log, Advisors: true,
		Flood: bot.FloodLimit{Burst: 1e9}, Pacer: pacer(s),
	})
	go e.Run(ctx, time.Second)
	return tg.Webhook(secret, e.Handle), e.Flush, nil
}

// openSealed opens a store with a keyset of its own.
func openSealed(ctx context.Context, redisURL string) (*store.Store, error) {
	keyset, err := store.NewKeyset()
	if err != nil {
		return nil, err
	}
	sealer, err := store.LoadKeyset(keyset)
	if err != nil {
		return nil, err
	}
	hash, err := store.HashSecret(keyset)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Options{URL: redisURL, HashSecret: hash, Sealer: sealer, Targets: []string{"advisors"}})
}

// startBare is the measure: what a person gets from it is a word and a number.
func startBare(_ context.Context, redisURL, platform string) (http.Handler, func(), error) {
	o, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, nil, err
	}
	db := redis.NewClient(o)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	client := &http.Client{Transport: transport}
	address := platform + "/bot" + token + "/sendMessage"
	type chat struct {
		ID int64 `json:"id"`
	}
	type message struct {
		Chat chat   `json:"chat"`
		Text string `json:"text"`
	}
	handle := func(r *http.Request) error {
		var u struct {
			Message  *message `json:"message"`
			Callback *struct {
				Message message `json:"message"`
				Data    string  `json:"data"`
			} `json:"callback_query"`
		}
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			return err
		}
		var id int64
		switch {
		case u.Callback != nil:
			id = u.Callback.Message.Chat.ID
		case u.Message != nil:
			id = u.Message.Chat.ID
		default:
			return errors.New("nothing to answer")
		}
		key := "state:" + strconv.FormatInt(id, 10)
		var state struct {
			Count int `json:"count"`
		}
		stored, err := db.Get(r.Context(), key).Bytes()
		if err == nil {
			err = json.Unmarshal(stored, &state)
		}
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		state.Count++
		if stored, err = json.Marshal(state); err != nil {
			return err
		}
		if err := db.Set(r.Context(), key, stored, 90*24*time.Hour).Err(); err != nil {
			return err
		}
		body, err := json.Marshal(map[string]any{"chat_id": id, "text": "Message " + strconv.Itoa(state.Count)})
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var answer struct {
			OK bool `json:"ok"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || !answer.OK {
			return errors.Join(err, errors.New("the message was not taken"))
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}), func() {}, nil
}

// process is a running bot.
type process struct {
	addr string

	in  io.WriteCloser
	out *bufio.Reader
}

// start starts a bot, which is stopped when the benchmark ends.
func start(b *testing.B, name, redisURL, platform string) *process {
	b.Helper()
	// Not by b.Context, which ends before the bot is asked to stop and has written its profiles.
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envBot+"="+name, envRedis+"="+redisURL, envPlatform+"="+platform)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p := &process{in: in, out: bufio.NewReader(out)}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("the bot ended: %v", err)
		}
	})
	addr, err := p.out.ReadString('\n')
	if err != nil {
		b.Fatalf("the bot did not start: %v", err)
	}
	p.addr = addr[:len(addr)-1]
	return p
}

// usage waits until the bot has sent all it has to, and asks what it has used.
func (p *process) usage(b *testing.B) (u usage) {
	b.Helper()
	if _, err := io.WriteString(p.in, "usage\n"); err != nil {
		b.Fatal(err)
	}
	line, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &u)
	}
	if err != nil {
		b.Fatal(err)
	}
	return u
}
