package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// scanned is how many keys are looked at in one step of a walk. Some outboxes hold
// files, so it is fewer than are piped elsewhere.
const scanned = 200

// atOnce is how many keys are written at the same time; they share round trips.
const atOnce = 16

// Resealed counts values.
type Resealed struct {
	Seen    int `json:"seen"`    // all sealed values that were met
	Sealed  int `json:"sealed"`  // sealed anew
	Changed int `json:"changed"` // written by somebody else at the same moment, and left so
	Gone    int `json:"gone"`    // sent, answered, erased or expired meanwhile
	// Unreadable cannot be opened with any key of the keyset, and stay as they are.
	Unreadable int `json:"unreadable"`
	// Left are those that another key than the one that seals had sealed when all
	// was looked at once more at the end. With one left, no key must be retired.
	Left int `json:"left"`
}

// ErrNoRotation means that the Sealer has no keys that could be rotated.
var ErrNoRotation = errors.New("store: what is stored was not sealed with a keyset")

// Reseal looks at all sealed values and seals those anew that another key sealed than
// the one that seals now. Then it looks at all once more. A running service is not
// disturbed: a value is replaced only if it is still what was read. Reseal can be
// stopped at any time, and begins from the start when it is called again; what is
// sealed anew already costs only reading.
//
// What a process writes that still seals with an older key is met by the second
// look, or may come after it: let all processes have the same keyset before. Keys
// that move between the nodes of a cluster meanwhile may be missed.
func (s *Store) Reseal(ctx context.Context) (Resealed, error) {
	sealer, ok := s.o.Sealer.(keysetSealer)
	if !ok {
		return Resealed{}, ErrNoRotation
	}
	first, last := resealing{s: s, sealer: sealer, replace: true}, resealing{s: s, sealer: sealer}
	for _, w := range []*resealing{&first, &last} {
		if err := w.walk(ctx); err != nil {
			return first.n, fmt.Errorf("store: seal anew: %w", err)
		}
	}
	first.n.Unreadable, first.n.Left = last.n.Unreadable, last.n.Left
	return first.n, nil
}

// resealing is one walk over all that is stored.
type resealing struct {
	s       *Store
	sealer  keysetSealer
	replace bool // if not, what is to be replaced is only counted

	mu sync.Mutex
	n  Resealed
}

// sealedValue is one value where it lies.
type sealedValue struct {
	field string // of a hash
	whole string // as it is stored
	head  string // what stands in the clear before it
	name  string // what it is bound to
}

func (w *resealing) walk(ctx context.Context) error {
	// On a cluster, each node knows its own keys only.
	scan := func(ctx context.Context, node redis.Cmdable) error {
		var cursor uint64
		for {
			keys, next, err := node.Scan(ctx, cursor, "iq:*", scanned).Result()
			if err != nil {
				return err
			}
			if err := w.look(ctx, keys); err != nil {
				return err
			}
			if cursor = next; cursor == 0 {
				return nil
			}
		}
	}
	var err error
	if cluster, ok := w.s.db.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return scan(ctx, node) })
	} else {
		err = scan(ctx, w.s.db)
	}
	if err != nil {
		return err
	}
	// The dead letters come last: each takes its chat id from a dialogue, as it is
	// sealed there.
	for shard := range w.s.o.Shards {
		if err := w.lookAtLetters(ctx, shard); err != nil {
			return err
		}
	}
	return nil
}

// look takes the keys that a node listed. It may list one twice, and one that expires.
func (w *resealing) look(ctx context.Context, keys []string) error {
	var reads []string
	cmds, err := w.s.db.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			switch kind := kindOf(key); kind {
			case metaKey:
				p.HMGet(ctx, key, "probe")
			case dialogue:
				p.HMGet(ctx, key, "s", "i", "f")
			case caseOf:
				p.HGetAll(ctx, key)
			case outbox:
				p.LRange(ctx, key, 0, -1)
			case questionOf, newID:
				p.Get(ctx, key)
			default:
				continue
			}
			reads = append(reads, key)
		}
		return nil
	})
	wrong, err := forgiven(cmds, err)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, key := range reads {
		if slices.Contains(wrong, i) {
			w.count(Resealed{Seen: 1, Unreadable: 1})
			continue
		}
		if values := valuesOf(key, cmds[i]); len(values) > 0 {
			g.Go(func() error { return w.seal(ctx, key, values) })
		}
	}
	return g.Wait()
}

func (w *resealing) lookAtLetters(ctx context.Context, shard int) error {
	key := shardKey(shard, letters)
	members, err := w.s.db.ZRange(ctx, key, 0, -1).Result()
	if wrongType(err) {
		w.count(Resealed{Seen: 1, Unreadable: 1})
		return nil
	}
	if err != nil {
		return err
	}
	var values []sealedValue
	for _, member := range members {
		if f := strings.SplitN(member, " ", 4); len(f) == 4 {
			values = append(values, sealedValue{
				whole: member, head: strings.TrimSuffix(member, f[3]), name: place{f[0], shard}.key(dialogue),
			})
		}
	}
	for batch := range slices.Chunk(values, pipelined) {
		if err := w.seal(ctx, key, batch); err != nil {
			return err
		}
	}
	return nil
}

// kindOf returns what kind of key it is that names itself so, of those whose
// name holds a reference or a number; ” if it is none that is known.
func kindOf(key string) string {
	if key == metaKey {
		return metaKey
	}
	_, name, _ := strings.Cut(key, "}:")
	kind, _, ok := strings.Cut(name, ":")
	if !ok || !strings.HasPrefix(key, "iq:{") {
		return ""
	}
	return kind + ":"
}

// valuesOf finds the sealed values in what was read of a key.
func valuesOf(key string, read redis.Cmder) (values []sealedValue) {
	switch c := read.(type) {
	case *redis.StringCmd:
		if c.Val() != "" {
			values = append(values, sealedValue{whole: c.Val(), name: key})
		}
	case *redis.SliceCmd: // the fields that were asked for, after the name of the command and the key
		for i, v := range c.Val() {
			if whole, _ := v.(string); whole != "" {
				field, _ := c.Args()[2+i].(string)
				values = append(values, sealedValue{field: field, whole: whole, name: key})
			}
		}
	case *redis.MapStringStringCmd: // a case
		for field, whole := range c.Val() {
			if field == "c" || strings.HasPrefix(field, "m:") {
				values = append(values, sealedValue{field: field, whole: whole, name: key})
			}
		}
	case *redis.StringSliceCmd:
		for _, entry := range c.Val() {
			id, _, _ := strings.Cut(entry, " ")
			values = append(values, sealedValue{whole: entry, head: id + " ", name: key + " " + strings.Join(words(id), "")})
		}
	}
	return values
}

// seal seals those values of a key anew that need it.
func (w *resealing) seal(ctx context.Context, key string, values []sealedValue) error {
	var n Resealed
	var args []any
	for _, v := range values {
		n.Seen++
		sealed, format := strings.CutPrefix(strings.TrimPrefix(v.whole, v.head), string(formatJSON))
		if format && w.sealer.current([]byte(sealed), []byte(v.name)) {
			continue
		}
		plain, err := w.sealer.Open([]byte(sealed), []byte(v.name))
		if err != nil || !format {
			n.Unreadable++
			continue
		}
		n.Left++
		if !w.replace {
			continue
		}
		fresh, err := w.sealer.Seal(plain, []byte(v.name))
		if err != nil {
			return err
		}
		args = append(args, "field", v.field, "old", v.whole, "new", slices.Concat([]byte(v.head), []byte{formatJSON}, fresh))
	}
	if len(args) > 0 {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		v, err := w.s.run(ctx, "put a value in place", resealScript, []string{key}, args...)
		if err != nil {
			return err
		}
		r := asReply(v)
		n.Sealed, n.Changed, n.Gone = int(r.number(0)), int(r.number(1)), int(r.number(2))
	}
	w.count(n)
	return nil
}

func (w *resealing) count(n Resealed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n.Seen += n.Seen
	w.n.Sealed += n.Sealed
	w.n.Changed += n.Changed
	w.n.Gone += n.Gone
	w.n.Unreadable += n.Unreadable
	w.n.Left += n.Left
}
