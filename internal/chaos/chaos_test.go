package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestMain lets more scenarios run at once than there are processors: they mostly wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		if err := n.Value.Set("4"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	prog := build(t)
	book := rehearsal(t, prog)
	for i, scenario := range []struct {
		name string
		settings
		run func(*scene)
	}{
		{"polling", settings{replicas: 1}, kills},
		{"polling, cluster", settings{replicas: 1, cluster: true}, kills},
		{"webhook, two replicas", settings{replicas: 2, webhook: true}, kills},
		{"webhook, two replicas, cluster", settings{replicas: 2, webhook: true, cluster: true}, kills},
		{"polling, the poller is killed", settings{replicas: 2}, takeover},
		{"polling, Redis is killed", settings{replicas: 1}, flickering},
		{"webhook, Redis is killed", settings{replicas: 2, webhook: true}, flickering},
		{"webhook, rolling restart", settings{replicas: 2, webhook: true}, rolling},
		{"polling, rolling restart", settings{replicas: 2}, rolling},
		{"polling, outage of Redis", settings{replicas: 1}, outage},
		{"webhook, outage of Redis", settings{replicas: 1, webhook: true}, outage},
		{"polling, Redis empty", settings{replicas: 1}, emptied},
	} {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			scenario.run(newScene(t, prog, book, int64(i+1), scenario.settings))
		})
	}
}

// crowd lets people talk, in each place one after the other, until stop is
// closed. The returned function waits for all conversations to end.
func (c *scene) crowd(stop <-chan struct{}) (wait func()) {
	kinds := []kind{}
	for _, language := range []string{"de", "en", "ar", "uk"} {
		kinds = append(kinds, kind{language, true}, kind{language, true}, kind{language, true}, kind{language, false})
	}
	var busy sync.WaitGroup
	for i := range *people {
		busy.Go(func() {
			for n := i; ; n += *people {
				p := c.person(kinds[n%len(kinds)])
				if err := p.talk(c.t.Context(), c.book[p.kind]); err != nil {
					c.t.Errorf("person %d (%v): %v", n, p.kind, err)
					return
				}
				select {
				case <-stop:
					return
				case <-c.t.Context().Done():
					return
				default:
				}
			}
		})
	}
	return busy.Wait
}

// kills is the world at its worst.
func kills(c *scene) {
	stop := make(chan struct{})
	c.network.start()
	wait := c.crowd(stop)
	end := time.Now().Add(*duration)
	for turn := 0; turn < len(c.procs)+4 || time.Now().Before(end); turn++ {
		c.wait(300*time.Millisecond + time.Duration(c.rand.Int64N(int64(1200*time.Millisecond))))
		switch {
		case turn%4 == 1:
			c.killRedis()
		case turn%12 == 4:
			c.pauseRedis()
		default:
			p := c.procs[turn%len(c.procs)]
			c.kill(p)
			c.start(p)
			if c.rand.IntN(4) > 0 { // else it may be killed while it starts
				c.ready(p)
			}
		}
	}
	close(stop)
	c.network.stop()
	// All processes go at once, so that no notification is left to wait for.
	for _, p := range c.procs {
		c.kill(p)
	}
	c.endWaits()
	for _, p := range c.procs {
		c.start(p)
	}
	wait()
	c.check()
	c.figures()
}

// rolling is a day without accidents, on which a new version is rolled out
// again and again. Nobody may notice.
func rolling(c *scene) {
	stop := make(chan struct{})
	wait := c.crowd(stop)
	restarts := 0
	var stopping time.Duration
	for end := time.Now().Add(*duration); restarts < 2*len(c.procs) || time.Now().Before(end); restarts++ {
		p := c.procs[restarts%len(c.procs)]
		begin := time.Now()
		code, err := p.end(syscall.SIGTERM)
		stopping = max(stopping, time.Since(begin))
		if err != nil || code != 0 {
			c.t.Errorf("after SIGTERM the program ends with exit code %d, %v", code, err)
		}
		c.start(p)
		c.ready(p)
	}
	close(stop)
	wait()
	c.check()
	c.unnoticed(noticed)
	c.t.Logf("rolling restarts: %d, the slowest stop took %v", restarts, stopping)
	c.figures()
}

// flickering kills nothing but Redis, which loses nothing. The program lives, and
// so it must repeat nothing, and not wait for its own leases either.
func flickering(c *scene) {
	stop := make(chan struct{})
	wait := c.crowd(stop)
	for end := time.Now().Add(*duration); c.redisKills < 2 || time.Now().Before(end); {
		c.wait(500*time.Millisecond + time.Duration(c.rand.Int64N(int64(time.Second))))
		c.killRedis()
	}
	close(stop)
	wait()
	c.check()
	c.unnoticed(outlived)
	c.figures()
}

// outlived is how long an answer may take while Redis comes and goes: less than
// the lease of a sender, or the program would have lost track of one of its own.
const outlived = 25 * time.Second

// unnoticed checks that nobody saw a message twice or waited long, advisors included.
func (c *scene) unnoticed(limit time.Duration) {
	heard := map[string]bool{}
	for _, m := range c.group.Messages() {
		number := caseNumber.FindString(m.Text)
		if heard[number] {
			c.t.Errorf("advisors heard of case %s twice although no process was killed", number)
		}
		heard[number] = true
	}
	for i, p := range c.people {
		if all := p.user.Messages(); len(once(all)) != len(all) {
			c.t.Errorf("person %d saw a message twice although no process was killed", i)
		}
		if slowest := slices.Max(p.latencies(c.book[p.kind])); *waits && slowest > limit {
			c.t.Errorf("person %d waited %v for an answer", i, slowest)
		}
	}
}

// takeover kills the replica that polls, again and again. Each time the other
// must take over at once.
func takeover(c *scene) {
	var longest time.Duration
	end := time.Now().Add(*duration)
	for again := true; again; again = time.Now().Before(end) {
		c.everybody()
		c.settled()
		i := slices.IndexFunc(c.procs, (*process).polls)
		if i < 0 || c.procs[1-i].polls() {
			c.t.Fatal("not exactly one process polls")
		}
		c.kill(c.procs[i])
		begin := time.Now()
		for _, p := range c.people[len(c.people)-len(c.book):] { // updates wait while nobody polls
			p.user.Send("/help")
		}
		c.eventually("the other process polls", c.procs[1-i].polls)
		longest = max(longest, time.Since(begin))
		c.start(c.procs[i])
		c.ready(c.procs[i])
	}
	if *waits && longest > noticed {
		c.t.Errorf("nobody polled for %v", longest)
	}
	c.t.Logf("the longest time in which nobody polled: %v", longest)
	c.settled()
	c.checkLog()
}

// everybody lets one person of each kind talk.
func (c *scene) everybody() {
	var busy sync.WaitGroup
	for k, lines := range c.book {
		p := c.person(k)
		busy.Go(func() {
			if err := p.talk(c.t.Context(), lines); err != nil {
				c.t.Errorf("%v: %v", k, err)
			}
		})
	}
	busy.Wait()
}

// noticed is how long an answer may take when a process stops or dies: another
// takes over within a second, and the machine may be busy.
const noticed = 10 * time.Second

// check compares the world with what it should be, after all have finished.
func (c *scene) check() {
	c.t.Helper()
	c.settled()
	if c.kills+c.redisKills == 0 { // a process that is killed takes it along
		c.eventually("each press of a button is answered", func() bool { return c.api.Unanswered() == 0 })
	}
	c.checkPeople()
	c.checkCases()
	c.checkLog()
	if faults := c.api.Faults(); len(faults) > 0 {
		c.t.Errorf("the platform would let these pass, but they are mistakes: %q", slices.Compact(faults))
	}
}

// settled waits until nothing is left to do.
func (c *scene) settled() {
	c.t.Helper()
	waiting := func() int {
		n := c.keys("iq:{*}:o:*")
		for _, pattern := range []string{"iq:{*}:due", "iq:{*}:n"} {
			c.each(pattern, func(db *redis.Client, key string) error {
				k, err := db.ZCard(context.Background(), key).Result()
				n += int(k)
				return err
			})
		}
		return n
	}
	c.eventually("all updates are taken", func() bool { return c.api.Pending() == 0 })
	c.eventually("no message and no notification waits", func() bool { return waiting() == 0 })
}

// unmarked is how many keyboards do not show that they were used. A mark is tried once.
func (c *scene) unmarked() (n int) {
	for _, p := range c.people {
		for _, m := range p.user.Messages() {
			if p.used[m.ID] && !m.Edited {
				n++
			}
		}
	}
	return n
}

// checkPeople compares what each person saw with the rehearsal.
func (c *scene) checkPeople() {
	for i, p := range c.people {
		all := p.user.Messages()
		var want []shown
		presses, marks := 0, 0
		for _, l := range c.book[p.kind] {
			want = append(want, l.answer...)
			if l.press > 0 {
				presses++
			}
		}
		got := once(all)
		for j := range max(len(got), len(want)) {
			if j >= len(got) || j >= len(want) || p.anonymous(got[j].Text) != want[j].text {
				var order []int // of what they saw in the rehearsal, -1 for what is not there
				for _, m := range got {
					order = append(order, slices.IndexFunc(want, func(w shown) bool { return w.text == p.anonymous(m.Text) }))
				}
				c.t.Errorf("person %d (%v, chat %s in the log): message %d of %d differs from the rehearsal with %d; they saw %v",
					i, p.kind, c.ref(p), j, len(got), len(want), order)
				break
			}
		}
		repeats := map[said]int{}
		for j, m := range all {
			if m.Edited {
				marks++
			}
			if j > 0 && all[j-1].Text == m.Text {
				repeats[said{p.user.ID, m.Text}]++
			}
		}
		for s, n := range repeats {
			if may := c.network.repeats(s); n > may {
				c.t.Errorf("person %d (%v): %.80q is there %d times more, which only %d failures explain", i, p.kind, s.text, n, may)
			}
		}
		if marks > presses {
			c.t.Errorf("person %d (%v): %d buttons were pressed, %d keyboards show it", i, p.kind, presses, marks)
		}
	}
}

// checkCases compares the cases that people wanted with those in the store and
// with those that the advisors know of.
func (c *scene) checkCases() {
	told := map[string]string{} // case number -> notification
	for _, m := range c.group.Messages() {
		number := caseNumber.FindString(m.Text)
		if before, ok := told[number]; ok && strings.Contains(before, "wish") && !strings.Contains(m.Text, before[strings.Index(before, "wish"):]) {
			c.t.Errorf("case %s is told with different words", number)
		}
		told[number] = m.Text
	}
	wanted := 0
	for i, p := range c.people {
		e, err := c.export(p)
		if err != nil {
			c.t.Fatal(err)
		}
		if !p.kind.wantCase {
			if len(e.Cases) != 0 {
				c.t.Errorf("person %d has %d cases and wanted none", i, len(e.Cases))
			}
			continue
		}
		wanted++
		if len(e.Cases) != 1 {
			c.t.Errorf("person %d has %d cases, not 1", i, len(e.Cases))
			continue
		}
		k := e.Cases[0]
		if k.Words != p.words || k.Address != p.mail {
			c.t.Errorf("person %d: the case has not their words or their address", i)
		}
		for _, m := range p.user.Messages() {
			if n := caseNumber.FindString(m.Text); n != "" && n != string(k.ID) {
				c.t.Errorf("person %d was told another case number than that of the store", i)
			}
		}
		if !strings.Contains(told[string(k.ID)], p.words) {
			c.t.Errorf("person %d: the advisors were not told of the case", i)
		}
	}
	if n := c.keys("iq:{*}:k:*"); n != wanted {
		c.t.Errorf("the store has %d cases, %d people wanted one", n, wanted)
	}
	if len(told) != wanted {
		c.t.Errorf("the advisors were told of %d cases, %d people wanted one", len(told), wanted)
	}
}

// checkLog looks for what must not stand in a log, and for what should not happen.
func (c *scene) checkLog() {
	c.t.Helper()
	log := c.log.String()
	secrets := slices.Clone(c.secrets)
	for _, p := range c.people {
		secrets = append(secrets, p.words, p.mail, fmt.Sprint(p.user.ID))
	}
	for i, s := range secrets {
		if at := strings.Index(log, s); at >= 0 {
			c.t.Errorf("the log holds the token, a chat id, words or an address (%d): %.200q", i, log[max(0, at-100):at+len(s)])
		}
	}
	for _, bad := range []string{"DATA RACE", "panic:", "step failed", "another process polls for this bot", "cannot be read and begins anew"} {
		if at := strings.Index(log, bad); at >= 0 {
			c.t.Errorf("the log says %q: %.3000s", bad, log[max(0, at-200):])
		}
	}
}

// figures prints what happened.
func (c *scene) figures() {
	actions, repeats := 0, 0
	var times []time.Duration
	for _, p := range c.people {
		actions += len(p.said)
		all := p.user.Messages()
		repeats += len(all) - len(once(all))
		times = append(times, p.latencies(c.book[p.kind])...)
	}
	slices.Sort(times)
	var p50, p99, most time.Duration
	if n := len(times); n > 0 {
		p50, p99, most = times[n/2], times[n*99/100], times[n-1]
	}
	again := redelivered(c.network.delivered)
	unavailable := 0
	if c.balancer != nil {
		again = redelivered(c.balancer.delivered)
		unavailable = c.balancer.answered(502) + c.balancer.answered(503)
	}
	notices := len(c.group.Messages())
	numbers := map[string]bool{}
	for _, m := range c.group.Messages() {
		numbers[caseNumber.FindString(m.Text)] = true
	}
	letters, err := c.store.DeadLetters(context.Background(), 10_000)
	if err != nil {
		c.t.Error(err)
	}
	messages, refusals, cuts := c.network.counts()
	c.t.Logf("figures\n%s", strings.Join([]string{
		fmt.Sprintf("people %d, actions %d, updates %d", len(c.people), actions, c.api.Updates()),
		fmt.Sprintf("kills %d, kills of Redis %d, pauses of Redis %d", c.kills, c.redisKills, c.redisPauses),
		fmt.Sprintf("deliveries repeated %d, not taken %d, calls refused %d, calls cut %d", again, unavailable, refusals, cuts),
		fmt.Sprintf("messages %d, repeats %d, dead letters %d", messages, repeats, len(letters)),
		fmt.Sprintf("cases %d, notifications %d", len(numbers), notices),
		fmt.Sprintf("action to answer: p50 %v, p99 %v, longest %v", p50.Round(time.Millisecond), p99.Round(time.Millisecond), most.Round(time.Millisecond)),
	}, "\n"))
}
