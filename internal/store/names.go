package store

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"net/url"
	"strconv"
	"strings"

	"iqbot/bot"
)

// The names of the keys; the package comment has the table.
const (
	metaKey      = "iq:meta"
	processesKey = "iq:processes"
	targetKey    = "iq:target:"  // and the target's name
	leaseKey     = "iq:{lease}:" // and the lease's name
	channelKey   = "iq:{rate}:"  // and the channel's name; the rate limiter puts "rate:" before it
	dialogue     = "c:"          // and the chat reference
	outbox       = "o:"          // and the chat reference
	numbers      = "l:"          // and the reference of the chat's cases
	opened       = "lo:"         // and the reference of the chat's cases
	caseOf       = "k:"          // and the case number
	questionOf   = "q:"          // and the question number
	asked        = "qc:"         // and the reference of the chat's questions
	questions    = "qs"
	ratings      = "r"
	due          = "due"
	timers       = "t"
	notices      = "n"
	newID        = "m:" // and the chat reference
	paced        = "p:" // and the chat reference; the rate limiter puts "rate:" before it
	letters      = "d"
	readiness    = "ping"
)

// shardKey is the name of a key in a shard; what stands in braces decides the slot.
func shardKey(shard int, name string) string {
	return "iq:{" + strconv.Itoa(shard) + "}:" + name
}

// shard has the keys of one shard that each update needs.
type shard struct{ due, timers, notices, letters, cases, questions, question, ratings string }

func newShard(n int) shard {
	return shard{
		due: shardKey(n, due), timers: shardKey(n, timers), notices: shardKey(n, notices), letters: shardKey(n, letters),
		cases: shardKey(n, caseOf), questions: shardKey(n, questions), question: shardKey(n, questionOf), ratings: shardKey(n, ratings),
	}
}

// place is where the keys of a chat are.
type place struct {
	ref   string // the keyed hash that stands for the chat
	shard int
}

func (p place) key(kind string) string {
	return "iq:{" + strconv.Itoa(p.shard) + "}:" + kind + p.ref // as shardKey has it, in one piece
}

// lists are the keys of a chat that name its cases and its questions.
type lists struct{ numbers, opened, asked string }

// lists hashes the reference of the chat again, once for its cases and once for
// its questions. Who reads the database without the hash secret can tell
// neither whose they are nor that they are the same person's: else a question
// that says who asked nowhere would lead to a case, and so to a name.
func (s *Store) lists(p place) lists {
	sum := s.sum("lists of " + p.ref)
	cases, questions := place{encodeRef(sum[:refBytes]), p.shard}, place{encodeRef(sum[refBytes:]), p.shard}
	return lists{numbers: cases.key(numbers), opened: cases.key(opened), asked: questions.key(asked)}
}

// refBytes is the length of a chat reference before it is encoded: 128 bits
// are far beyond a chance collision of all chats there are.
const refBytes = 16

// refEncoding has neither a sign that a command line could take for a flag,
// nor a difference between capital and small letters.
var refEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// hasher is a keyed hash that is used again and again: to take in the secret
// costs more than to hash a chat id.
type hasher struct {
	hash.Hash
	in, out []byte
}

// place hashes the chat id.
func (s *Store) place(chat bot.ChatID) place {
	sum := s.sum(string(chat))
	return s.placeOfSum(sum[:refBytes])
}

// sum is the keyed hash of a text.
func (s *Store) sum(text string) (sum [sha256.Size]byte) {
	h := s.hashes.Get().(*hasher)
	defer s.hashes.Put(h)
	h.Reset()
	h.in = append(h.in[:0], text...)
	h.Write(h.in)
	h.out = h.Sum(h.out[:0])
	copy(sum[:], h.out)
	return sum
}

// placeOf is the place of a chat by its reference; ok is false if ref is none.
func (s *Store) placeOf(ref string) (p place, ok bool) {
	sum, err := refEncoding.DecodeString(ref)
	if err != nil || len(sum) != refBytes {
		return place{}, false
	}
	p = s.placeOfSum(sum)
	return p, p.ref == ref // the decoder is lenient about what follows the last whole byte
}

func (s *Store) placeOfSum(sum []byte) place {
	shard := binary.BigEndian.Uint32(sum) % uint32(s.o.Shards)
	return place{encodeRef(sum), int(shard)}
}

func encodeRef(sum []byte) string {
	var ref [2 * refBytes]byte // base32 needs 8 bytes for 5
	return string(refEncoding.AppendEncode(ref[:0], sum))
}

// Ref returns the keyed hash that stands for a chat in keys. It may be
// logged: without the secret it leads to nobody.
func (s *Store) Ref(chat bot.ChatID) string { return s.place(chat).ref }

// word makes one word of an id, so that ids can stand in a list parted by spaces.
func word(id string) string { return url.PathEscape(id) }

// words is the reverse of a list made with word. It is lenient: a word that
// cannot be read stands for itself.
func words(list string) []string {
	out := strings.Fields(list)
	for i, w := range out {
		if id, err := url.PathUnescape(w); err == nil {
			out[i] = id
		}
	}
	return out
}
