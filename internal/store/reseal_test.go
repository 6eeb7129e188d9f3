package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"iqbot/bot"
	"iqbot/internal/flow"
)

// These belong to the contract, see TestContract.

// with opens with another keyset than the rig's.
func with(t *testing.T, keyset []byte) func(*Options) {
	t.Helper()
	sealer, err := LoadKeyset(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) { o.Sealer = sealer }
}

func rotate(t *testing.T, keyset []byte) []byte {
	t.Helper()
	rotated, err := Rotate(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return rotated
}

// sealedBy counts, for each kind of key, the values that a key of the keyset sealed. It
// knows nothing of how the store reads them: Tink puts the id of the key before a text.
func (r *rig) sealedBy(t *testing.T, id uint32) map[string]int {
	t.Helper()
	mark := string(formatJSON) + "\x01" + string(binary.BigEndian.AppendUint32(nil, id))
	found := map[string]int{}
	for key, value := range r.keys(t) {
		if n := strings.Count(value, mark); n > 0 {
			if key != metaKey {
				key = kindOf(key + ":") // the letters have no reference
			}
			found[key] += n
		}
	}
	return found
}

func keyIDs(t *testing.T, keyset []byte) (ids []uint32) {
	t.Helper()
	keys, err := Keys(keyset)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func reseal(t *testing.T, s *Store) Resealed {
	t.Helper()
	n, err := s.Reseal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func resealed(t *testing.T, r *rig) {
	ctx := t.Context()
	const bob = bot.ChatID("telegram:99")
	before := r.open(t)
	everything(t, before)
	commit(t, before, bot.Commit{Update: "u2", State: state("мої слова"), Outbox: []bot.Message{text("odd id: 1/ж", "x")}, Timer: time.Hour})
	commit(t, before, bot.Commit{Chat: bob, Update: "u1", Erase: true, State: flow.State{Allowance: flow.Allowance{Used: 7, At: 1}}})
	oldest := keyIDs(t, r.keyset)[0]
	want := map[string]int{metaKey: 1, dialogue: 3, outbox: 2, caseOf: 2, questionOf: 1, letters + ":": 1, newID: 1}
	if diff := cmp.Diff(want, r.sealedBy(t, oldest)); diff != "" {
		t.Fatalf("the old key sealed: %s", diff)
	}
	lives := map[string]time.Duration{}
	for key := range r.keys(t) {
		lives[key] = r.db.PTTL(ctx, key).Val()
	}
	kept, err := before.Export(ctx, alice)
	if err != nil || len(kept.Unreadable) > 0 {
		t.Fatal(kept.Unreadable, err)
	}

	rotated := rotate(t, r.keyset)
	after := r.open(t, with(t, rotated), func(o *Options) { o.Guest = true })
	delete(want, metaKey) // sealed anew when a process starts
	if diff := cmp.Diff(want, r.sealedBy(t, oldest)); diff != "" {
		t.Fatalf("the old key sealed: %s", diff)
	}
	if diff := cmp.Diff(Resealed{Seen: 11, Sealed: 10}, reseal(t, after)); diff != "" {
		t.Error(diff)
	}
	if left := r.sealedBy(t, oldest); len(left) > 0 {
		t.Errorf("the old key still seals %v", left)
	}
	if diff := cmp.Diff(Resealed{Seen: 11}, reseal(t, after)); diff != "" {
		t.Errorf("once more: %s", diff)
	}
	for key := range r.keys(t) {
		if was, is := lives[key], r.db.PTTL(ctx, key).Val(); is > was || is < was-time.Minute || is < 0 != (was < 0) {
			t.Errorf("%s lived %v, now %v", key, was, is)
		}
	}

	// The process that still has the old keys reads and writes on; what it wrote is met again.
	commit(t, before, bot.Commit{Chat: bob, Update: "u2", State: state("old again")})
	if n := reseal(t, after); n.Sealed != 1 || n.Left != 0 {
		t.Errorf("after another write of the old process: %+v", n)
	}

	retired, err := Retire(rotated, oldest)
	if err != nil {
		t.Fatal(err)
	}
	end := r.open(t, with(t, retired))
	exported, err := end.Export(ctx, alice)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, exported); diff != "" {
		t.Errorf("exported before (-) and after (+): %s", diff)
	}
	if s, err := end.Load(ctx, bob); err != nil || s.State.Vars["words"] != "old again" {
		t.Error(s, err)
	}
	if to, err := end.Moved(ctx, alice); err != nil || to != "telegram:-1004711" {
		t.Error(to, err)
	}
	if dead, err := end.DeadLetters(ctx, 10); err != nil || len(dead) != 1 || dead[0].Chat != alice {
		t.Error(dead, err)
	}
	r.advance(2 * time.Hour)
	if n := claim(t, end); len(n) != 2 || n[0].Case.Chat != alice {
		t.Errorf("notifications: %+v", n)
	}
	if timers := ring(t, end); len(timers) != 1 || timers[0].Chat != alice {
		t.Errorf("timers: %+v", timers)
	}
	taken := dueChats(t, end)
	if len(taken) != 1 {
		t.Fatalf("due: %v", taken)
	}
	wantIDs(t, taken[0].Messages, "m2 odd id: 1/ж")
	wantIDs(t, sent(t, end, taken[0].Lease, "m2"), "odd id: 1/ж")
}

// meddler is a key whose owner does something else just when a value was read.
type meddler struct {
	tink.AEAD
	meddle func(name string)
}

func (m meddler) Decrypt(sealed, name []byte) ([]byte, error) {
	m.meddle(string(name))
	return m.AEAD.Decrypt(sealed, name)
}

// What the service writes, sends or erases between the look at a value and its
// replacement stays as the service left it.
func resealedMeanwhile(t *testing.T, r *rig) {
	ctx := t.Context()
	service := r.open(t)
	everything(t, service)
	r.advance(time.Minute)
	taken := dueChats(t, service)
	if len(taken) != 1 {
		t.Fatalf("due: %v", taken)
	}
	p := service.place(alice)
	steps := map[string]func(){
		p.key(dialogue): func() {
			commit(t, service, bot.Commit{Update: "now", State: state("newer"), Outbox: []bot.Message{text("m3", "x")}})
		},
		p.entry("m2"): func() { wantIDs(t, sent(t, service, taken[0].Lease, "m2"), "m3") },
		shardKey(p.shard, questionOf+"Q-1"): func() {
			if _, err := service.Answer(ctx, one(t, service, "Q-1"), nil); err != nil {
				t.Error(err)
			}
		},
		p.key(newID): func() {
			if err := service.SetMoved(ctx, alice, "telegram:-2"); err != nil {
				t.Error(err)
			}
		},
	}
	order := []string{p.key(dialogue), p.entry("m2"), shardKey(p.shard, questionOf+"Q-1"), p.key(newID)}
	values := map[string]sealedValue{}
	keys := map[string]string{order[0]: order[0], order[1]: p.key(outbox), order[2]: order[2], order[3]: order[3]}
	for _, name := range order {
		key := keys[name]
		var field, whole, head string
		switch name {
		case p.key(dialogue):
			field, whole = "s", r.db.HGet(ctx, key, "s").Val()
		case p.entry("m2"):
			whole, head = r.db.LIndex(ctx, key, 0).Val(), "m2 "
		default:
			whole = r.db.Get(ctx, key).Val()
		}
		values[name] = sealedValue{field: field, whole: whole, head: head, name: name}
	}
	guest := r.open(t, with(t, rotate(t, r.keyset)), func(o *Options) { o.Guest = true })
	sealer := guest.o.Sealer.(keysetSealer)
	sealer.primary = meddler{sealer.primary, func(name string) {
		if step := steps[name]; step != nil {
			delete(steps, name)
			step()
		}
	}}
	w := &resealing{s: guest, sealer: sealer, replace: true}
	for _, name := range order {
		if err := w.seal(ctx, keys[name], []sealedValue{values[name]}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(Resealed{Seen: 4, Changed: 2, Gone: 2, Left: 4}, w.n); diff != "" {
		t.Error(diff)
	}
	session, err := service.Load(ctx, alice)
	if err != nil || session.State.Vars["words"] != "newer" {
		t.Errorf("the dialogue: %+v, %v", session, err)
	}
	if to, err := service.Moved(ctx, alice); err != nil || to != "telegram:-2" {
		t.Errorf("moved to %q, %v", to, err)
	}
	if _, ok, err := service.Question(ctx, "Q-1"); ok || err != nil {
		t.Errorf("an answered question is there again: %v", err)
	}
	wantIDs(t, sent(t, service, taken[0].Lease, "m3"), "")
	if left := r.keys(t)[p.key(outbox)]; left != "" {
		t.Errorf("what was sent waits again: %q", left)
	}
}

// A process that goes on with an old keyset is told of.
func resealedTooEarly(t *testing.T, r *rig) {
	service := r.open(t)
	everything(t, service)
	guest := r.open(t, with(t, rotate(t, r.keyset)), func(o *Options) { o.Guest = true })
	sealer := guest.o.Sealer.(keysetSealer)
	n := 0
	sealer.primary = meddler{sealer.primary, func(name string) {
		if name == caseKey(service, "IQ-1") { // at each look, for each of its values
			n++
			commit(t, service, bot.Commit{Chat: "telegram:99", Update: bot.UpdateID(fmt.Sprint(n)), State: state("x")})
			if err := service.SetMoved(t.Context(), alice, "telegram:-2"); err != nil {
				t.Error(err)
			}
		}
	}}
	guest.o.Sealer = sealer
	got := reseal(t, guest)
	if n != 4 || got.Left == 0 {
		t.Errorf("%d looks: %+v", n, got)
	}
}

func caseKey(s *Store, id bot.CaseID) string {
	return shardKey(s.place(alice).shard, caseOf+string(id))
}

// What cannot be opened is counted and stays as it is.
func resealedUnreadable(t *testing.T, r *rig) {
	s := r.open(t)
	ctx := t.Context()
	everything(t, s)
	p := s.place(alice)
	for _, err := range []error{
		r.db.HSet(ctx, p.key(dialogue), "s", "jgarbage").Err(),
		r.db.HSet(ctx, caseKey(s, "IQ-1"), "c", "garbage").Err(),
		r.db.LSet(ctx, p.key(outbox), 0, "m2").Err(),
		r.db.Set(ctx, p.key("c:x"), "a string and no hash", time.Hour).Err(),
		r.db.Del(ctx, shardKey(3, letters)).Err(),
		r.db.Set(ctx, shardKey(3, letters), "a string and no set", time.Hour).Err(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	was := r.keys(t)
	n := reseal(t, s)
	if n.Unreadable != 5 || n.Left != 0 || n.Sealed != 0 {
		t.Errorf("%+v", n)
	}
	is := r.keys(t)
	if diff := cmp.Diff(was, is); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyAKeysetIsSealedAnew(t *testing.T) {
	s, err := OpenEmbedded(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Reseal(t.Context()); !errors.Is(err, ErrNoRotation) {
		t.Error(err)
	}
}

// plainKeyset is a keyset as the release before this one made it: Tink's own, and
// the hash secret follows from its oldest key.
const plainKeyset = `{"primaryKeyId":1871022841,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.XChaCha20Poly1305Key",` +
	`"value":"GiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==","keyMaterialType":"SYMMETRIC"},"status":"ENABLED","keyId":1871022841,"outputPrefixType":"TINK"}]}`

func TestAPlainKeysetKeepsItsHashSecret(t *testing.T) {
	const want = "a8792fbe4d6cd1fdbd15e18a3af3a45d08bd8b300c7f33308a6944fe1ebba214"
	secretOf := func(keyset []byte) string {
		t.Helper()
		secret, err := HashSecret(keyset)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", secret)
	}
	keyset := []byte(plainKeyset)
	if got := secretOf(keyset); got != want {
		t.Fatalf("people are strangers: the hash secret is %s, and was %s", got, want)
	}
	if keyset = rotate(t, rotate(t, keyset)); secretOf(keyset) != want {
		t.Error("the hash secret is another after a rotation")
	}
	ids := keyIDs(t, keyset)
	retired, err := Retire(keyset, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if secretOf(retired) != want {
		t.Error("the hash secret goes with the oldest key")
	}
	if diff := cmp.Diff(ids[1:], keyIDs(t, retired)); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(string(retired), "AAECAwQF") {
		t.Error("the retired key is still in the file")
	}
	// Tink reads the rest as ever.
	var fields map[string]any
	if err := json.Unmarshal(retired, &fields); err != nil || !slices.Equal(slices.Sorted(maps.Keys(fields)), []string{"hash_secret", "key", "primaryKeyId"}) {
		t.Errorf("it holds %v, %v", slices.Sorted(maps.Keys(fields)), err)
	}
}

func TestOnlyAKeyThatIsNotUsedIsRetired(t *testing.T) {
	keyset, err := NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	keyset = rotate(t, keyset)
	keys, err := Keys(keyset)
	if err != nil {
		t.Fatal(err)
	}
	var roles []KeyRole
	for _, k := range keys {
		roles = append(roles, k.Role)
	}
	if diff := cmp.Diff([]KeyRole{KeyOpens, KeySeals, KeyNext}, roles); diff != "" {
		t.Fatal(diff)
	}
	for id, want := range map[uint32]error{keys[0].ID: nil, keys[1].ID: ErrKeyUsed, keys[2].ID: ErrKeyUsed, keys[0].ID + keys[1].ID: ErrNoKey} {
		_, err := Retire(keyset, id)
		wantErr(t, err, want)
	}
	_, err = Retire([]byte("s3cret"), 1)
	wantErr(t, err, ErrKeyset)
	for _, secret := range []string{`"c2hvcnQ="`, `""`, `7`, `"%"`, "null"} {
		_, err := HashSecret([]byte(strings.Replace(plainKeyset, "{", `{"hash_secret":`+secret+",", 1)))
		wantErr(t, err, ErrKeyset)
	}
}
