package incident

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Skip says that an incident's messages leave a channel out, who decided it and why.
type Skip struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	EndedBy string    `json:"ended_by,omitempty"`
	EndedAt time.Time `json:"ended_at,omitzero"` // zero: it stands
}

// Stands reports whether the channel is left out now.
func (s *Skip) Stands() bool { return s != nil && s.EndedAt.IsZero() }

// MaxReason bounds why a channel is left out, in bytes.
const MaxReason = 2000

// SkipInApp has the incident's messages leave out the notices in the product, until
// that is taken back (COM-CUST-INAPP).
func (i *Incident) SkipInApp(by, reason string, now time.Time) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "" || len(reason) > MaxReason:
		return fault.New(fault.Invalid, "skipping the notice in the product needs a reason").With("reason", "say why users are better not told in the product")
	case i.MergedInto != 0:
		return i.refuse("it goes on as part of another: skip the notice there")
	case i.InApp.Stands():
		return i.refuse("the notice in the product is skipped already: %s", i.InApp.Reason)
	}
	i.InApp = &Skip{By: by, At: now, Reason: reason}
	return nil
}

// ResumeInApp takes that back: messages that go out from now on are shown in the
// product again.
func (i *Incident) ResumeInApp(by string, now time.Time) error {
	if !i.InApp.Stands() {
		return i.refuse("the notice in the product is not skipped")
	}
	was := *i.InApp // what the record's readers hold stays as it is
	was.EndedBy, was.EndedAt = by, now
	i.InApp = &was
	return nil
}
