package chaos

import (
	"context"
	"net/http"
	"strings"

	"iqbot/internal/flow"
	"iqbot/internal/telegram/botapitest"
)

// outage lets Redis be away, and then take no writes, while people write. The
// platform keeps what they wrote, the service says that it is not ready, and
// afterwards everything is answered, in order.
func outage(c *scene) {
	p := c.procs[0]
	var crowd []*person
	for i := range 8 {
		k := kind{[]string{"de", "en", "ar", "uk"}[i%4], false}
		crowd = append(crowd, c.person(k))
	}
	want := make([][]shown, len(crowd))
	onward := func(from, to int) {
		for i, who := range crowd {
			for _, l := range c.book[who.kind][from:to] {
				if err := who.do(l.action); err != nil {
					c.t.Error(err)
				}
				want[i] = append(want[i], l.answer...)
			}
		}
	}
	answered := func() {
		c.t.Helper()
		for i, who := range crowd {
			if err := who.await(c.t.Context(), want[i]); err != nil {
				c.t.Errorf("person %d: %v", i, err)
			}
		}
	}
	onward(0, 1)
	answered()
	onward(1, 2)
	answered()

	notReady := func(what string) {
		c.t.Helper()
		c.eventually(what+": /readyz is red", func() bool { return p.status("/readyz") == http.StatusServiceUnavailable })
		if p.status("/healthz") != http.StatusOK {
			c.t.Errorf("%s: the process is not alive", what)
		}
		if c.balancer != nil {
			c.eventually(what+": the webhook answers 503", func() bool { return c.balancer.answered(http.StatusServiceUnavailable) > 0 })
		}
		if n := c.api.Pending(); n != 5*len(crowd) {
			c.t.Errorf("%s: %d updates wait at the platform, %d were made", what, n, 5*len(crowd))
		}
	}
	c.settled() // what was sent is recorded
	c.nodes[0].Kill()
	c.redisKills++
	onward(2, 7) // five questions without waiting
	notReady("Redis is away")
	c.nodes[0].Restart()
	answered()
	c.eventually("the service is ready again", func() bool { return p.status("/readyz") == http.StatusOK })

	c.settled()
	// A replica that takes no writes, such as one that has just lost its master.
	ctx := context.Background()
	if err := c.clients[0].ConfigSet(ctx, "min-replicas-to-write", "1").Err(); err != nil {
		c.t.Fatal(err)
	}
	onward(2, 7)
	notReady("Redis takes no writes")
	if err := c.clients[0].ConfigSet(ctx, "min-replicas-to-write", "0").Err(); err != nil {
		c.t.Fatal(err)
	}
	answered()

	c.settled()
	c.checkLog()
	for i, who := range crowd {
		if all := who.user.Messages(); len(once(all)) != len(all) {
			c.t.Errorf("person %d saw a message twice although all of them were at rest", i)
		}
	}
}

// emptied lets Redis come back without any data. People are greeted in the
// language that the platform reports, and what they did is answered.
func emptied(c *scene) {
	writer, tapper := c.person(kind{"uk", false}), c.person(kind{"de", false})
	for _, p := range []*person{writer, tapper} {
		var want []shown
		for _, l := range c.book[p.kind][:2] {
			if err := p.do(l.action); err != nil {
				c.t.Fatal(err)
			}
			want = append(want, l.answer...)
			if err := p.await(c.t.Context(), want); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	c.settled()
	if err := c.clients[0].FlushAll(context.Background()).Err(); err != nil {
		c.t.Fatal(err)
	}
	c.nodes[0].Kill()
	c.nodes[0].Restart()
	if n := c.clients[0].DBSize(context.Background()).Val(); n > 1 {
		c.t.Fatalf("Redis still has %d keys", n)
	}

	see := func(p *person, what string) {
		c.t.Helper()
		ctx, cancel := context.WithTimeout(c.t.Context(), patience)
		defer cancel()
		_, err := p.user.Expect(ctx, func(m botapitest.Message) bool { return strings.Contains(m.Text, what) })
		if err != nil {
			c.t.Errorf("no message says %q; the last says %q", what, p.user.Last().Text)
		}
	}
	question := c.book[writer.kind][2]
	if err := writer.do(question.action); err != nil {
		c.t.Fatal(err)
	}
	catalog := catalog(c.t)
	greeting := func(tag string) string { return catalog.Printer(tag).Text(flow.MsgReturning, nil) }
	see(writer, greeting("uk"))
	see(writer, question.answer[0].text)
	if err := tapper.do(action{press: 2}); err != nil {
		c.t.Fatal(err)
	}
	see(tapper, greeting("de"))
	c.settled()
	c.checkLog()
}
