package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"allclear/internal/base/fault"
)

// Cost is what one argon2id hash takes: Memory in KiB, passes, threads.
type Cost struct {
	Memory  uint32
	Passes  uint32
	Threads uint8
}

// defaultCost is the first choice of the OWASP Password Storage Cheat Sheet
// that keeps two parallel sign-ins within the memory the product may idle in.
var defaultCost = Cost{Memory: 19 << 10, Passes: 2, Threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32
	// atOnce bounds the memory a flood of sign-ins can take; inLine bounds how
	// many wait. Whoever comes later is told to come back.
	atOnce = 2
	inLine = 32

	minPassword = 12 // characters
	maxPassword = 256
)

// hasher makes and checks password hashes, few at a time.
type hasher struct {
	cost  Cost
	slots chan struct{}
	line  chan struct{}
	decoy string // checked where there is no account, so that both take as long
}

func newHasher(c Cost) *hasher {
	if c == (Cost{}) {
		c = defaultCost
	}
	h := &hasher{cost: c, slots: make(chan struct{}, atOnce), line: make(chan struct{}, atOnce+inLine)}
	var salt [saltBytes]byte
	h.decoy = format(c, salt[:], make([]byte, keyBytes))
	return h
}

func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.line <- struct{}{}:
	default:
		return nil, fault.New(fault.Busy, "too many people are signing in at once: try again shortly")
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.line }, nil
	case <-ctx.Done():
		<-h.line
		return nil, ctx.Err()
	}
}

// make hashes a password as a PHC string:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key (RFC 9106, unpadded base 64).
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:])
	c := h.cost
	return format(c, salt[:], argon2.IDKey([]byte(password), salt[:], c.Passes, c.Memory, c.Threads, keyBytes)), nil
}

func format(c Cost, salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Threads, b.EncodeToString(salt), b.EncodeToString(key))
}

// check tells whether the password made the hash. An empty hash takes as long
// as any other and never matches.
func (h *hasher) check(ctx context.Context, password, hash string) (bool, error) {
	real := hash != ""
	if !real {
		hash = h.decoy
	}
	c, salt, want, err := parse(hash)
	if err != nil {
		return false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if len(password) > 4*maxPassword {
		real = false
		password = ""
	}
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, nil
}

func parse(hash string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fault.New(fault.Internal, "read password hash: unknown form")
	}
	_, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Threads)
	if err == nil {
		salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	}
	if err == nil {
		key, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(salt) < 8 || len(key) < 16 || c.Passes == 0 || c.Threads == 0 {
		return c, nil, nil, fault.New(fault.Internal, "read password hash: damaged")
	}
	return c, salt, key, nil
}

// outdated reports whether a hash was made at another cost than today's.
func (h *hasher) outdated(hash string) bool {
	c, _, _, err := parse(hash)
	return err == nil && c != h.cost
}

// acceptable says why a password cannot be chosen.
func acceptable(password, email string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword:
		return fault.New(fault.Invalid, "the password is too short").With("body.password", fmt.Sprintf("take at least %d characters", minPassword))
	case n > maxPassword:
		return fault.New(fault.Invalid, "the password is too long").With("body.password", fmt.Sprintf("take at most %d characters", maxPassword))
	case strings.EqualFold(password, email):
		return fault.New(fault.Invalid, "the password is the address").With("body.password", "take another")
	}
	return nil
}
