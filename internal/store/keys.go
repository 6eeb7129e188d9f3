package store

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrKeyset means that the bytes given are no keyset.
var ErrKeyset = errors.New("not a keyset: want the JSON that the program made")

// NewKeyset returns a new keyset as JSON. It is a secret: who has it can open
// everything stored, and without it nobody can.
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
	return write(m)
}

// Rotate returns keyset with its newest key sealing from now on, and a fresh
// one added for the next rotation. The old keys stay, to open what they
// sealed; each value is sealed anew when it is next written.
//
// Because the key that begins to seal was in the keyset before, processes
// that still run with the old keyset open what the new ones write, and a
// rolling restart disturbs nobody. Let all processes restart between two
// rotations. A keyset from elsewhere with a single key only gets its next key
// in the first rotation.
func Rotate(old []byte) ([]byte, error) {
	h, err := read(old)
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
	return write(m)
}

// LoadKeyset returns a Sealer that seals with the keyset's primary key and
// opens with any of its keys. The error is ErrKeyset and tells no secret.
func LoadKeyset(json []byte) (Sealer, error) {
	h, err := read(json)
	if err != nil {
		return nil, err
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, ErrKeyset
	}
	return keysetSealer{a}, nil
}

// HashSecret derives the secret that chats are hashed with from the oldest key
// of a keyset, so that operators keep one secret only. [Rotate] leaves that key
// where it is; a keyset from which it was removed makes all people strangers.
func HashSecret(json []byte) ([]byte, error) {
	h, err := read(json)
	if err != nil {
		return nil, err
	}
	oldest := insecurecleartextkeyset.KeysetMaterial(h).GetKey()[0].GetKeyData().GetValue()
	return hkdf.Key(sha256.New, oldest, nil, "iqbot: hash of chats, version 1", sha256.Size)
}

type keysetSealer struct{ aead tink.AEAD }

func (k keysetSealer) Seal(plain, associated []byte) ([]byte, error) {
	return k.aead.Encrypt(plain, associated)
}

func (k keysetSealer) Open(sealed, associated []byte) ([]byte, error) {
	return k.aead.Decrypt(sealed, associated)
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

// read parses a keyset. The cause of a failure is left out, because it could
// quote the secret.
func read(json []byte) (*keyset.Handle, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(json)))
	if err != nil {
		return nil, ErrKeyset
	}
	return h, nil
}

func write(m *keyset.Manager) ([]byte, error) {
	h, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("write a keyset: %w", err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("write a keyset: %w", err)
	}
	return b.Bytes(), nil
}
