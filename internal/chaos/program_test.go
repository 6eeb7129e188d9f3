package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"iqbot/bot"
	"iqbot/flows"
	"iqbot/internal/answer/answertest"
	"iqbot/internal/store"
	"iqbot/internal/store/redistest"
	"iqbot/internal/telegram/botapitest"
	"iqbot/locales"
)

// build builds the program. It also reads what the program is made of, so that
// the test cache notices a change: that knows only what a test itself opens.
func build(t *testing.T) program {
	t.Helper()
	for _, folder := range []string{"bot", "cmd", "flows", "internal", "locales"} {
		err := fs.WalkDir(os.DirFS("../.."), folder, func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			_, err = os.ReadFile(filepath.Join("../..", file))
			if errors.Is(err, fs.ErrNotExist) {
				return nil // an editor's own file, gone meanwhile
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(t.TempDir(), "iqbot")
	args := []string{"build", "-o", bin}
	if raceDetector {
		args = append(args, "-race")
	}
	out, err := exec.CommandContext(t.Context(), "go", append(args, "iqbot/cmd/iqbot")...).CombinedOutput()
	if err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	// A process that starts has to learn the languages again, and here they start all the time.
	content := t.TempDir()
	for folder, files := range map[string]fs.FS{bot.FolderFlows: flows.FS, bot.FolderLocales: answertest.Brief(t, locales.FS)} {
		if err := os.CopyFS(filepath.Join(content, folder), files); err != nil {
			t.Fatal(err)
		}
	}
	return program{bin, content}
}

// program is the program, and the folder of content that it is started with.
type program struct{ bin, content string }

// process is one replica of the program.
type process struct {
	program
	address string // LISTEN_ADDR
	env     []string
	log     io.Writer
	own     *buffer // what this start has logged
	cmd     *exec.Cmd
	ended   chan struct{} // closed when it has ended
}

func (p *process) start() error {
	cmd := exec.Command(p.bin, "serve", "--content", p.content)
	cmd.Env = p.env
	p.own = &buffer{}
	out := io.MultiWriter(p.own, p.log)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	p.cmd, p.ended = cmd, ended
	return nil
}

// end sends a signal, waits until the process has ended and returns its exit code.
func (p *process) end(signal os.Signal) (int, error) {
	if p.cmd == nil {
		return 0, nil
	}
	_ = p.cmd.Process.Signal(signal)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return -1, errors.New("the program does not stop")
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code, nil
}

// polls says whether the process has the right to poll, as far as it knows.
func (p *process) polls() bool {
	log := p.own.String()
	return p.cmd != nil && strings.LastIndex(log, "this process polls") > strings.LastIndex(log, "another process polls now")
}

// status asks the process; 0 if it does not answer.
func (p *process) status(path string) int {
	client := http.Client{Timeout: patience}
	resp, err := client.Get("http://" + p.address + path)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// settings say what a scenario is made of.
type settings struct {
	replicas int
	webhook  bool
	cluster  bool
}

// scene is one scenario: a platform, a network, Redis, the program, and people.
type scene struct {
	t    *testing.T
	rand *rand.Rand
	book book

	api      *botapitest.Server
	group    *botapitest.Group
	network  *network
	balancer *balancer // nil: polling
	nodes    []*redistest.Server
	clients  []*redis.Client
	store    *store.Store
	procs    []*process
	log      *buffer
	secrets  []string // must not stand in a log
	from     int64    // id of the first person

	mu     sync.Mutex
	people []*person

	kills, redisKills, redisPauses int
}

// newScene starts everything but the people.
func newScene(t *testing.T, prog program, book book, number int64, s settings) *scene {
	t.Helper()
	// always: what Redis has acknowledged survives its kill
	fsync := []string{"--appendfsync", "always"}
	c := &scene{t: t, book: book, log: &buffer{}, from: firstPerson + number*1_000_000}
	chance := *seed
	if chance == 0 {
		chance = rand.Uint64()
	}
	t.Logf("-chaos.seed %d", chance)
	c.rand = rand.New(rand.NewPCG(chance, uint64(number)))
	var address string
	if s.cluster {
		cluster := redistest.StartCluster(t, fsync...)
		c.nodes = cluster.Nodes
		var hosts []string
		for _, n := range c.nodes {
			hosts = append(hosts, n.Addr)
		}
		address = "redis+cluster://" + strings.Join(hosts, ",")
	} else {
		c.nodes = []*redistest.Server{redistest.Start(t, fsync...)}
		address = c.nodes[0].URL()
	}
	for _, n := range c.nodes {
		c.clients = append(c.clients, n.Client())
	}

	c.api = botapitest.New(botapitest.Options{Token: token, Seed: chance, WebhookRetry: 50 * time.Millisecond})
	t.Cleanup(c.api.Close)
	c.group = c.api.Group(advisors, "Beratung")
	c.network = newNetwork(c.api, rand.New(rand.NewPCG(chance, uint64(number)+100)))
	t.Cleanup(c.network.server.Close)

	keyset, err := store.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	c.open(keyset)
	env := []string{
		"TELEGRAM_BOT_TOKEN=" + token, "TELEGRAM_API_URL=" + c.network.server.URL,
		"ADVISOR_CHAT_ID=" + fmt.Sprint(advisors), "REDIS_URL=" + address, "KEYSET=" + string(keyset), "LOG_LEVEL=debug",
		"OPS_ADDR=off", // the replicas are on one machine
		// These people are faster than real ones.
		"FLOOD_PER_MINUTE=1000000", "FLOOD_BURST=1000000",
		"SEND_PER_SECOND=100000", "SEND_PER_CHAT=1000", "SEND_BURST=1000", "SEND_PER_GROUP_MINUTE=100000",
	}
	if s.webhook {
		c.balancer = newBalancer()
		t.Cleanup(c.balancer.server.Close)
		env = append(env, "TELEGRAM_WEBHOOK_URL="+c.balancer.server.URL+"/hook")
	}
	c.secrets = []string{token, strings.Split(token, ":")[1], fmt.Sprint(advisors), fmt.Sprint(-advisors), string(keyset)}
	for range s.replicas {
		p := &process{program: prog, address: freeAddress(), log: c.log}
		p.env = append(slices.Clone(env), "LISTEN_ADDR="+p.address)
		c.procs = append(c.procs, p)
		if c.balancer != nil {
			c.balancer.replicas = append(c.balancer.replicas, p.address)
		}
		c.start(p)
		c.ready(p)
	}
	t.Cleanup(c.end)
	return c
}

// open opens the store for the test to look into.
func (c *scene) open(keyset []byte) {
	secret, err := store.HashSecret(keyset)
	if err != nil {
		c.t.Fatal(err)
	}
	sealer, err := store.LoadKeyset(keyset)
	if err != nil {
		c.t.Fatal(err)
	}
	address := c.nodes[0].URL()
	if len(c.nodes) > 1 {
		address += "?addr=" + c.nodes[1].Addr + "&addr=" + c.nodes[2].Addr
	}
	c.store, err = store.Open(c.t.Context(), store.Options{URL: address, HashSecret: secret, Sealer: sealer, Guest: true})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = c.store.Close() })
}

func (c *scene) start(p *process) {
	c.t.Helper()
	if err := p.start(); err != nil {
		c.t.Fatal(err)
	}
}

// ready waits until a process takes updates.
func (c *scene) ready(p *process) {
	c.t.Helper()
	c.eventually("the program is ready", func() bool {
		select {
		case <-p.ended:
			c.t.Fatalf("the program ended: %s", c.log.tail())
		default:
		}
		return p.status("/readyz") == http.StatusOK
	})
}

// kill ends a process as a crash would. If no replica is left, nothing waits longer.
func (c *scene) kill(p *process) {
	c.t.Helper()
	if _, err := p.end(syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	c.kills++
	c.wait(2 * answerTime) // the platform handles what the dead process has written
	c.noteUnsettled()
	if len(c.procs) == 1 {
		c.endWaits()
	}
}

// end stops all processes and keeps their log.
func (c *scene) end() {
	for _, p := range c.procs {
		if p.cmd != nil {
			if code, err := p.end(syscall.SIGTERM); err != nil || code != 0 {
				c.t.Errorf("the program ended with exit code %d, %v", code, err)
			}
		}
	}
	if *logs != "" {
		name := strings.NewReplacer("/", "_", " ", "_", ",", "").Replace(c.t.Name())
		if err := os.WriteFile(filepath.Join(*logs, name+".log"), []byte(c.log.String()), 0o600); err != nil {
			c.t.Error(err)
		}
	}
	if c.t.Failed() {
		c.t.Logf("the log of the program ends with:\n%s", c.log.tail())
	}
}

// noteUnsettled notes the messages that people saw and that still wait as the
// first of their outbox: another process will send them again.
func (c *scene) noteUnsettled() {
	c.mu.Lock()
	all := slices.Clone(c.people)
	c.mu.Unlock()
	var look errgroup.Group
	look.SetLimit(16)
	for _, p := range all {
		look.Go(func() error {
			if p.gone {
				return nil
			}
			done := p.done.Load()
			e, err := c.export(p)
			if err != nil {
				return err
			}
			if len(e.Waiting) == 0 {
				p.gone = done
				return nil
			}
			var text strings.Builder
			for _, run := range e.Waiting[0].Text {
				text.WriteString(run.Text)
			}
			if last := p.user.Last().Text; last != "" && last == strings.TrimSpace(text.String()) {
				c.network.maybeUnknown(said{p.user.ID, last})
			}
			return nil
		})
	}
	if err := look.Wait(); err != nil {
		c.t.Fatal(err)
	}
}

func (p *person) chat() bot.ChatID { return bot.ChatID(fmt.Sprintf("telegram:%d", p.user.ID)) }

// ref is how the log of the program names a person.
func (c *scene) ref(p *person) string { return c.store.Ref(p.chat()) }

func (c *scene) export(p *person) (store.Export, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.store.Export(ctx, p.chat())
}

// endWaits makes all notifications due at once. The keys are those of the table in the store's package comment.
func (c *scene) endWaits() {
	c.each("iq:{*}:n", func(db *redis.Client, key string) error {
		return db.ZUnionStore(context.Background(), key, &redis.ZStore{Keys: []string{key}, Weights: []float64{0}}).Err()
	})
}

// each calls f with each key of the pattern.
func (c *scene) each(pattern string, f func(db *redis.Client, key string) error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, db := range c.clients {
		keys := db.Scan(ctx, 0, pattern, 1000).Iterator()
		for keys.Next(ctx) {
			if err := f(db, keys.Val()); err != nil {
				c.t.Fatal(err)
			}
		}
		if err := keys.Err(); err != nil {
			c.t.Fatal(err)
		}
	}
}

// keys counts the keys of a pattern.
func (c *scene) keys(pattern string) int {
	n := 0
	c.each(pattern, func(*redis.Client, string) error { n++; return nil })
	return n
}

// killRedis kills a node and starts it again after a while.
func (c *scene) killRedis() {
	c.t.Helper()
	n := c.rand.IntN(len(c.nodes))
	c.nodes[n].Kill()
	c.redisKills++
	c.wait(100*time.Millisecond + time.Duration(c.rand.Int64N(int64(time.Second))))
	c.nodes[n].Restart()
	c.healthy()
}

// healthy waits until the store takes writes.
func (c *scene) healthy() {
	c.t.Helper()
	c.eventually("Redis takes writes again", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return c.store.Ping(ctx) == nil
	})
}

// pauseRedis lets a node answer nothing for longer than the program waits for
// one answer. The node carries out afterwards what it was sent meanwhile.
func (c *scene) pauseRedis() {
	c.t.Helper()
	const pause = 2500 * time.Millisecond
	n := c.rand.IntN(len(c.nodes))
	if err := c.clients[n].Do(context.Background(), "client", "pause", pause.Milliseconds(), "all").Err(); err != nil {
		c.t.Fatal(err)
	}
	c.redisPauses++
	c.wait(pause)
	c.healthy()
}

// wait waits for d.
func (c *scene) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.t.Context().Done():
	}
}

// eventually waits until ok.
func (c *scene) eventually(what string, ok func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); !ok(); c.wait(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("still not: %s", what)
		}
	}
}

// buffer is a log that many processes write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// tail is the last lines.
func (b *buffer) tail() string {
	lines := strings.SplitAfter(b.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "")
}
