package store

import (
	"encoding/json"
	"fmt"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"

	"iqbot/bot"
)

// Sealer keeps what is stored from being read or moved. Implementations are
// safe for concurrent use.
type Sealer interface {
	// Seal encrypts plain and binds it to associated.
	Seal(plain, associated []byte) ([]byte, error)
	// Open is the reverse of Seal. It fails if the value was changed, was
	// sealed with another key or for another associated.
	Open(sealed, associated []byte) ([]byte, error)
}

// Plain is the [Sealer] that hides nothing. Whoever can read the database, a
// backup or a memory dump of it then reads what people wrote.
type Plain struct{}

// Seal returns plain as it is.
func (Plain) Seal(plain, _ []byte) ([]byte, error) { return plain, nil }

// Open returns sealed as it is.
func (Plain) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }

// formatJSON is the first byte of every sealed value; another byte will stand
// for another encoding.
const formatJSON = 'j'

// seal encodes v, bound to name: the key that it will be stored under, and
// for an entry of a list its id. A value put elsewhere does not open.
func (s *Store) seal(v any, name string) ([]byte, error) { return s.appendSealed(nil, v, name) }

// appendSealed is seal with head before it.
func (s *Store) appendSealed(head []byte, v any, name string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode a value to store: %w", err)
	}
	sealed, err := s.o.Sealer.Seal(plain, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("seal a value to store: %w", err)
	}
	return slices.Concat(head, []byte{formatJSON}, sealed), nil
}

// open is the reverse of seal. The cause of a failure is left out of the
// error, because a JSON error quotes the value.
func (s *Store) open(blob, name string, v any) error {
	if blob == "" || blob[0] != formatJSON {
		return bot.ErrUnreadable
	}
	plain, err := s.o.Sealer.Open([]byte(blob[1:]), []byte(name))
	// The coming encoding/json/v2: it reads these values twice as fast as the
	// present one, which in turn is quicker at writing them.
	if err != nil || jsonv2.Unmarshal(plain, v) != nil {
		return bot.ErrUnreadable
	}
	return nil
}
