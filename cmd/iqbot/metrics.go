package main

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"iqbot/bot"
	"iqbot/internal/handoff"
	"iqbot/internal/ops"
	"iqbot/internal/store"
)

// evicts is what /metrics shows of Redis.
func evicts(s *store.Store) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "iqbot_redis_evicts",
		Help: "1 if Redis may drop what is stored when its memory is full, 0 if not, NaN if it does not say.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the other numbers wait for it
		defer cancel()
		switch policy, err := s.Evicts(ctx); {
		case err != nil:
			return math.NaN()
		case policy != "":
			return 1
		}
		return 0
	})
}

// counters are what /metrics shows of the engine.
func counters(s *bot.Stats) []ops.Counter {
	of := func(name, help string, n *atomic.Int64) ops.Counter {
		return ops.Counter{Name: "iqbot_" + name + "_total", Help: help, Value: func() float64 { return float64(n.Load()) }}
	}
	return []ops.Counter{
		of("updates", "Updates that took effect.", &s.Updates),
		of("updates_duplicate", "Updates that were delivered again after they had taken effect.", &s.Duplicates),
		of("updates_flood", "Updates that were not handled because the person sent too many.", &s.Floods),
		of("updates_passed_over", "Updates that ask for no answer: edits of no new words, and all but the first picture of an album.", &s.PassedOver),
		of("updates_busy", "Updates that were refused because too many came at once; the platform repeats them.", &s.Busy),
		of("conflicts", "Steps that were run again because another process had changed the dialogue.", &s.Conflicts),
		of("apologies", "Updates that met a defect of the bot.", &s.Apologies),
		of("dialogues_unreadable", "Stored dialogues that could not be read and began anew.", &s.Unreadable),
		of("updates_hopeless", "Updates that were given up because what is stored of their chat cannot be used; the log names the chat.", &s.Hopeless),
		of("timers", "Dialogues that went on by themselves.", &s.Timers),
		of("assist_asked", "Questions for which the language model was asked.", &s.Asked),
		of("assist_failed", "Of these, those for which it gave no reply in time, or none that could be read.", &s.Unassisted),
		of("assist_breaches", "Of these, those whose reply was not kept to the article and was not shown.", &s.Breaches),
		of("cases", "Cases that were opened.", &s.Cases),
		of("cases_refused", "Cases that were not opened because the person had opened too many.", &s.Refused),
		of("questions", "Questions that were kept for the editors; see iqbot questions.", &s.Questions),
		of("ratings_helpful", "Answers that people rated as helpful; see iqbot questions ratings.", &s.Helpful),
		of("ratings_unhelpful", "Answers that people rated as not helpful.", &s.Unhelpful),
		of("crises", "Messages that were answered with where to get help in a crisis.", &s.Crises),
		of("messages_sent", "Messages that the platform took.", &s.Sent),
		of("messages_retried", "Tries to send that failed and were repeated.", &s.Retries),
		of("messages_unknown", "Sends of which it is not known whether they arrived.", &s.Unknown),
		of("messages_dropped", "Messages that could never be delivered; see iqbot outbox.", &s.Dropped),
		of("decorations_dropped", "Marks on pressed buttons and typing signs that were left out because there were too many.", &s.DecorationsDropped),
		of("decorations_failed", "Those that the platform did not take; they are not tried again.", &s.DecorationsFailed),
	}
}

// advisorMetrics are what /metrics shows of the ways to the advisors, for each of them.
type advisorMetrics struct{ worker *handoff.Worker }

var (
	ofTarget       = []string{"target"}
	targetWaiting  = prometheus.NewDesc("iqbot_notifications_waiting", "Notifications that the target has not taken yet, of all processes; see iqbot outbox.", ofTarget, nil)
	targetOldest   = prometheus.NewDesc("iqbot_notification_oldest_seconds", "How long the oldest of them waits, 0 if none does.", ofTarget, nil)
	targetFailing  = prometheus.NewDesc("iqbot_target_failing", "1 if the target has taken nothing since a try that failed ten minutes ago or earlier.", ofTarget, nil)
	targetTook     = prometheus.NewDesc("iqbot_notifications_sent_total", "Notifications that the target took.", ofTarget, nil)
	targetNotTaken = prometheus.NewDesc("iqbot_notifications_failed_total", "Tries that the target did not take.", ofTarget, nil)
)

// Describe names the metrics.
func (m advisorMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{targetWaiting, targetOldest, targetFailing, targetTook, targetNotTaken} {
		out <- d
	}
}

// Collect reads them.
func (m advisorMetrics) Collect(out chan<- prometheus.Metric) {
	for _, t := range m.worker.Targets() {
		show := func(d *prometheus.Desc, kind prometheus.ValueType, v float64) {
			out <- prometheus.MustNewConstMetric(d, kind, v, t.Name)
		}
		age, failing := 0.0, 0.0
		if t.Waiting > 0 {
			age = max(time.Since(t.Oldest).Seconds(), 0)
		}
		if t.Failing {
			failing = 1
		}
		show(targetWaiting, prometheus.GaugeValue, float64(t.Waiting))
		show(targetOldest, prometheus.GaugeValue, age)
		show(targetFailing, prometheus.GaugeValue, failing)
		show(targetTook, prometheus.CounterValue, float64(t.Took))
		show(targetNotTaken, prometheus.CounterValue, float64(t.Failed))
	}
}
