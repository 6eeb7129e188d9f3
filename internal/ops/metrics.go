package ops

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Counter is a number that only grows, as Prometheus reads it. It says how
// often something happened and nothing about to whom.
type Counter struct {
	Name  string // such as "iqbot_updates_total"
	Help  string
	Value func() float64 // called at each reading; safe for concurrent use
}

// Gauge is a number that goes up and down, else as a Counter.
type Gauge Counter

// Metrics serves the counters and gauges, and those of the process and the Go
// runtime, in the format of Prometheus. Names must differ.
func Metrics(log *slog.Logger, counters []Counter, gauges ...Gauge) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for _, c := range counters {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.Name, Help: c.Help}, c.Value))
	}
	for _, g := range gauges {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.Name, Help: g.Help}, g.Value))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)})
}
