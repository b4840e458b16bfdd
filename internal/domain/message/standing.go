package message

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Standing is what is known of an address outside.
type Standing struct {
	Channel, Hash string
	OptedOutAt    time.Time // whoever has it wants no more messages since then; zero: none said so
	OptedOutBy    string    // ByReader, ByProvider, or the id of a person here
	BouncedAt     time.Time // messages to it come back since then; zero: none did
	Bounce        string    // in the words of the provider
}

// Who may have said that an address wants no more messages, beside people here.
const (
	ByReader   = "reader"   // through a link in a mail, or by a word in reply
	ByProvider = "provider" // the provider heard it
)

// OptedOut reports whether whoever has the address wants no more messages.
func (s *Standing) OptedOut() bool { return !s.OptedOutAt.IsZero() }

// Bounces reports whether messages to the address come back.
func (s *Standing) Bounces() bool { return !s.BouncedAt.IsZero() }

// hashBytes are enough that no two addresses meet by chance.
const hashBytes = 16

// AddressHash names an address on a channel, so that what was said of it outlives
// the contact without keeping the address.
func AddressHash(channel, address string) string {
	sum := sha256.Sum256([]byte(channel + "\x00" + plain(channel, address)))
	return hex.EncodeToString(sum[:hashBytes])
}

// plain is an address without what makes no difference: the case of a mail address,
// and what people write between the digits of a number.
func plain(channel, address string) string {
	if channel != SMS {
		return strings.ToLower(strings.TrimSpace(address))
	}
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, address)
}

// Binding reports whether the message goes to those too who want none: what Legal
// has let out, such as the notice of a breach, and what the procedure calls
// contractual. Everything else is a service, which can be declined.
func (m *Message) Binding() bool { return m.Legal || m.Contractual }

// Wants reports whether a message may go to an address of this standing.
func (m *Message) Wants(s *Standing) bool { return m.Binding() || !s.OptedOut() }
