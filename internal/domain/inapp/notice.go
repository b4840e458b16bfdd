package inapp

import (
	"cmp"
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/status"
)

// DefaultLasting is how long a resolved notice is shown where nobody says otherwise
// (FUP-IMM-INAPP).
const DefaultLasting = 2 * time.Hour

// Kept is a message as it was published to users: its words, and whom it is for.
type Kept struct {
	Message     ident.ID  `json:"-"`
	Incident    ident.ID  `json:"-"`
	PublishedAt time.Time `json:"-"`
	EndedAt     time.Time `json:"-"`      // when the incident was over; zero: it is not
	Public      string    `json:"public"` // opaque id of the notice, the same for all messages of an incident
	Status      string    `json:"status"`
	Title       string    `json:"title"`
	Text        string    `json:"text"`
	StartedAt   time.Time `json:"started_at"`
	Legal       bool      `json:"legal,omitempty"`
	Customers   []string  `json:"customers"` // sorted
}

// For reports whether the message is for the users of the customer.
func (k *Kept) For(customer string) bool {
	_, ok := slices.BinarySearch(k.Customers, customer)
	return ok
}

// over is since when nothing is left of what the message tells; zero: it goes on.
func (k *Kept) over() time.Time {
	if k.Status == string(status.Resolved) {
		return k.PublishedAt
	}
	return k.EndedAt
}

// Notice is what a user is shown. It holds nothing that the message did not say.
type Notice struct {
	ID        string    `json:"id"`
	Revision  string    `json:"revision"` // changes with every message
	Status    string    `json:"status"`   // investigating, identified, monitoring or resolved
	Title     string    `json:"title"`
	Text      string    `json:"text"`
	StartedAt time.Time `json:"started_at"`
	UpdatedAt time.Time `json:"updated_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // of one that is resolved
	Message   ident.ID  `json:"-"`
}

// overText is shown where an incident is over and nobody has written so.
const overText = "This problem is resolved."

// Notices are what the users of a customer are shown at now: of each incident the
// newest message that is for them, resolved ones for as long as lasting says. all is
// in the order of publication.
func Notices(all []*Kept, customer string, lasting time.Duration, now time.Time) []Notice {
	newest := map[ident.ID]*Kept{}
	for _, k := range all {
		if k.For(customer) {
			newest[k.Incident] = k
		}
	}
	out := []Notice{}
	for _, k := range newest {
		n := Notice{
			ID: k.Public, Revision: k.Message.String(), Status: k.Status, Title: k.Title, Text: k.Text, StartedAt: k.StartedAt, UpdatedAt: k.PublishedAt, Message: k.Message,
		}
		if over := k.over(); !over.IsZero() {
			if n.ExpiresAt = over.Add(lasting); !now.Before(n.ExpiresAt) {
				continue
			}
			if n.Status != string(status.Resolved) {
				n.Status, n.Text, n.UpdatedAt, n.Revision = string(status.Resolved), overText, over, n.Revision+"-over"
			}
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Notice) int { return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.ID, b.ID)) })
	return out
}
