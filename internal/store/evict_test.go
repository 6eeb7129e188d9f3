package store

import (
	"testing"

	"iqbot/internal/store/redistest"
)

func TestEvicts(t *testing.T) {
	t.Parallel()
	one, cluster := redistest.Start(t), redistest.StartCluster(t)
	for url, last := range map[string]*redistest.Server{one.URL(): one, cluster.URL(): cluster.Nodes[2]} {
		s, err := Open(t.Context(), Options{URL: url, Sealer: Plain{}, HashSecret: make([]byte, minSecret)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		for _, policy := range []string{"noeviction", "volatile-lru", "allkeys-lru"} {
			if err := last.Client().ConfigSet(t.Context(), "maxmemory-policy", policy).Err(); err != nil {
				t.Fatal(err)
			}
			want := policy
			if policy == neverEvict {
				want = ""
			}
			if got, err := s.Evicts(t.Context()); got != want || err != nil {
				t.Errorf("%s with %s: %q, %v", url, policy, got, err)
			}
		}
	}
	embedded, err := OpenEmbedded(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = embedded.Close() })
	if got, err := embedded.Evicts(t.Context()); got != "" || err != nil {
		t.Errorf("embedded: %q, %v", got, err)
	}
}
