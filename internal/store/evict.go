package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"
)

// neverEvict is the only policy by which Redis loses nothing that the service has stored:
// nearly all keys have a time to live, so those for such keys alone are no better than the others.
const neverEvict = "noeviction"

// Evicts returns the policy by which a server may drop what is stored when its
// memory is full; "" if none does. Work lists and data would part company, and
// waiting messages be lost, without a word. It asks by INFO: managed servers
// often forbid CONFIG.
func (s *Store) Evicts(ctx context.Context) (policy string, err error) {
	if s.heart.alone {
		return "", nil // the embedded one has no such limit
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var mu sync.Mutex
	ask := func(ctx context.Context, db redis.Cmdable) error {
		info, err := db.InfoMap(ctx, "memory").Result()
		if err != nil {
			return err
		}
		of := info["Memory"]["maxmemory_policy"]
		if of == "" {
			return errors.New("the server does not say it")
		}
		mu.Lock()
		defer mu.Unlock()
		if of != neverEvict {
			policy = of
		}
		return nil
	}
	if cluster, ok := s.db.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return ask(ctx, node) })
	} else {
		err = ask(ctx, s.db)
	}
	if err != nil {
		return "", fmt.Errorf("store: ask for the policy of eviction: %w", err)
	}
	return policy, nil
}
