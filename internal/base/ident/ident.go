// Package ident makes and writes identifiers: 63-bit numbers that grow with
// time, so that rows sort by age on both engines. It must not read the clock.
package ident

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"
)

// ID identifies one row. Zero means none. Layout, high to low: 41 bits of
// milliseconds since 2020-01-01 UTC, 8 bits of node, 14 bits of sequence.
type ID int64

const (
	nodeBits = 8
	seqBits  = 14
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford base 32, lower case
)

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// String writes the id as 13 characters of base 32; zero is the empty string.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	var b [13]byte
	v := uint64(id)
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = alphabet[v&31]
		v >>= 5
	}
	return string(b[:])
}

// Parse reads what String wrote. The empty string is an error.
func Parse(s string) (ID, error) {
	if len(s) != 13 {
		return 0, fmt.Errorf("id %q: want 13 characters", s)
	}
	var v uint64
	for i := range len(s) {
		n := strings.IndexByte(alphabet, s[i])
		if n < 0 || (i == 0 && n > 7) {
			return 0, fmt.Errorf("id %q: character %d is not part of an id", s, i+1)
		}
		v = v<<5 | uint64(n)
	}
	if v == 0 {
		return 0, fmt.Errorf("id %q: zero is not an id", s)
	}
	return ID(v), nil
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty means none.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = 0
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// At returns the lowest id of the instant, to the millisecond: ids made before
// it are lower.
func At(t time.Time) ID { return ID(max(t.Sub(epoch).Milliseconds(), 0) << (nodeBits + seqBits)) }

// Time returns the instant part of the id, to the millisecond, in UTC.
func (id ID) Time() time.Time {
	return epoch.Add(time.Duration(int64(id)>>(nodeBits+seqBits)) * time.Millisecond)
}

// Source hands out ids that never repeat and never go back, even when the
// clock does. The zero value is a source for node 0. Safe for concurrent use.
type Source struct {
	mu   sync.Mutex
	node int64
	last int64 // milliseconds<<seqBits | sequence
}

// NewSource returns a source for the node (0..255).
func NewSource(node uint8) *Source { return &Source{node: int64(node)} }

// RandomNode draws a node number for processes that share a database.
func RandomNode() uint8 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return uint8(binary.BigEndian.Uint64(b[:]))
}

// Next returns the next id at or after now.
func (s *Source) Next(now time.Time) ID {
	ms := now.Sub(epoch).Milliseconds()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, ms<<seqBits)
	return ID((s.last>>seqBits)<<(nodeBits+seqBits) | s.node<<seqBits | s.last&(1<<seqBits-1))
}
