package store

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrKeyset means that the bytes given are no keyset.
var ErrKeyset = errors.New("not a keyset: want the JSON that the program made")

// secretField is where the hash secret stands in a keyset, beside the fields of Tink.
const secretField = "hash_secret"

// NewKeyset returns a new keyset as JSON: one of Tink, with the secret that chats
// are hashed with beside it. It is a secret: who has it can open everything
// stored, and without it nobody can.
//
// It holds two keys: one that seals from now on, and the next one, which
// only opens. See [Rotate] for the reason.
func NewKeyset() ([]byte, error) {
	m := keyset.NewManager()
	first, err := addKey(m)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(first); err != nil {
		return nil, fmt.Errorf("make a keyset: %w", err)
	}
	if _, err := addKey(m); err != nil {
		return nil, err
	}
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // it never fails
	return write(m, secret)
}

// Rotate returns keyset with its newest key sealing from now on, and a fresh
// one added for the next rotation. The old keys stay, to open what they
// sealed; each value is sealed anew when it is next written, or by [Store.Reseal].
// Where the hash secret was derived from the oldest key, it is written out, so
// that people stay who they are when that key goes.
//
// Because the key that begins to seal was in the keyset before, processes
// that still run with the old keyset open what the new ones write, and a
// rolling restart disturbs nobody. Let all processes restart between two
// rotations. A keyset from elsewhere with a single key only gets its next key
// in the first rotation.
func Rotate(old []byte) ([]byte, error) {
	h, secret, err := read(old)
	if err != nil {
		return nil, err
	}
	newest, err := h.Entry(h.Len() - 1)
	if err != nil {
		return nil, fmt.Errorf("rotate a keyset: %w", err)
	}
	m := keyset.NewManagerFromHandle(h)
	if err := m.SetPrimary(newest.KeyID()); err != nil {
		return nil, fmt.Errorf("rotate a keyset: %w", err)
	}
	if _, err := addKey(m); err != nil {
		return nil, err
	}
	return write(m, secret)
}

// Key is one key of a keyset, without its material.
type Key struct {
	ID   uint32
	Role KeyRole
}

// KeyRole is what a key does.
type KeyRole string

// The roles of keys.
const (
	KeySeals KeyRole = "seals"      // seals what is stored from now on, and opens it
	KeyNext  KeyRole = "next"       // seals after the next rotation; until then it opens what processes seal that know of it
	KeyOpens KeyRole = "only opens" // opens what it sealed before a rotation
)

// Keys lists the keys of a keyset, the oldest first.
func Keys(keyset []byte) ([]Key, error) {
	h, _, err := read(keyset)
	if err != nil {
		return nil, err
	}
	keys := make([]Key, h.Len())
	for i := range keys {
		e, err := h.Entry(i)
		if err != nil {
			return nil, fmt.Errorf("list the keys of a keyset: %w", err)
		}
		keys[i] = Key{ID: e.KeyID(), Role: KeyOpens}
		switch {
		case e.IsPrimary():
			keys[i].Role = KeySeals
		case i == len(keys)-1:
			keys[i].Role = KeyNext
		}
	}
	return keys, nil
}

// Errors of Retire.
var (
	ErrNoKey   = errors.New("no key of the keyset has this id")
	ErrKeyUsed = errors.New("this key is still needed: it seals, or will after the next rotation")
)

// Retire returns keyset without one of its keys. What that key sealed, and what was
// not sealed anew since, nobody can open any more. The hash secret stays as it is.
func Retire(old []byte, id uint32) ([]byte, error) {
	h, secret, err := read(old)
	if err != nil {
		return nil, err
	}
	keys, err := Keys(old)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id })
	switch {
	case i < 0:
		return nil, ErrNoKey
	case keys[i].Role != KeyOpens:
		return nil, ErrKeyUsed
	}
	m := keyset.NewManagerFromHandle(h)
	if err := m.Delete(id); err != nil {
		return nil, fmt.Errorf("retire a key: %w", err)
	}
	return write(m, secret)
}

// LoadKeyset returns a Sealer that seals with the keyset's primary key and
// opens with any of its keys. The error is ErrKeyset and tells no secret.
func LoadKeyset(json []byte) (Sealer, error) {
	h, _, err := read(json)
	if err != nil {
		return nil, err
	}
	primary, err := alone(h)
	if err != nil {
		return nil, ErrKeyset
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, ErrKeyset
	}
	return keysetSealer{a, primary}, nil
}

// alone returns the AEAD of the primary key without the others.
func alone(h *keyset.Handle) (tink.AEAD, error) {
	m := keyset.NewManagerFromHandle(h)
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, err
		}
		if e.IsPrimary() {
			continue
		}
		if err := m.Delete(e.KeyID()); err != nil {
			return nil, err
		}
	}
	one, err := m.Handle()
	if err != nil {
		return nil, err
	}
	return aead.New(one)
}

// HashSecret returns the secret that chats are hashed with: what stands in the
// keyset, or, in one that a release before this one made and nobody has rotated
// since, what follows from its oldest key.
func HashSecret(json []byte) ([]byte, error) {
	_, secret, err := read(json)
	return secret, err
}

// keysetSealer is a [Sealer] that knows what it would seal otherwise today.
type keysetSealer struct {
	aead    tink.AEAD
	primary tink.AEAD
}

func (k keysetSealer) Seal(plain, associated []byte) ([]byte, error) {
	return k.aead.Encrypt(plain, associated)
}

func (k keysetSealer) Open(sealed, associated []byte) ([]byte, error) {
	return k.aead.Decrypt(sealed, associated)
}

// current says whether the key sealed it that seals now.
func (k keysetSealer) current(sealed, associated []byte) bool {
	_, err := k.primary.Decrypt(sealed, associated)
	return err == nil
}

// addKey adds a key for XChaCha20-Poly1305: its nonce of 192 bits may be drawn
// at random for any number of values, where AES-GCM's 96 bits would limit the
// writes per key.
func addKey(m *keyset.Manager) (uint32, error) {
	id, err := m.Add(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return 0, fmt.Errorf("add a key to a keyset: %w", err)
	}
	return id, nil
}

// read parses a keyset: its keys and the hash secret. The cause of a failure is
// left out, because it could quote the secret.
func read(content []byte) (*keyset.Handle, []byte, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(content, &fields) != nil {
		return nil, nil, ErrKeyset
	}
	var secret []byte // base64 in JSON
	stored, apart := fields[secretField]
	if apart && (json.Unmarshal(stored, &secret) != nil || len(secret) < minSecret) {
		return nil, nil, ErrKeyset
	}
	delete(fields, secretField) // Tink reads nothing that it does not know
	keys, err := json.Marshal(fields)
	if err != nil {
		return nil, nil, ErrKeyset
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(keys)))
	if err != nil {
		return nil, nil, ErrKeyset
	}
	if apart {
		return h, secret, nil
	}
	oldest := insecurecleartextkeyset.KeysetMaterial(h).GetKey()[0].GetKeyData().GetValue()
	if secret, err = hkdf.Key(sha256.New, oldest, nil, "iqbot: hash of chats, version 1", sha256.Size); err != nil {
		return nil, nil, fmt.Errorf("derive the hash secret: %w", err)
	}
	return h, secret, nil
}

func write(m *keyset.Manager, secret []byte) ([]byte, error) {
	const op = "write a keyset"
	h, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var fields map[string]any
	d := json.NewDecoder(&b)
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	fields[secretField] = secret
	return json.Marshal(fields)
}
