package credit

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Entry is a row that somebody wrote into the ledger of an incident (FUP-CR-DOC).
// What credits cost is not written there: it is read off the memos.
type Entry struct {
	ID       ident.ID
	Incident ident.ID
	EntryRecord
}

// EntryRecord is the rest of an entry.
type EntryRecord struct {
	Sort      EntrySort `json:"sort"`
	Cents     int64     `json:"cents"` // negative: it lessens the cost
	Currency  string    `json:"currency"`
	Text      string    `json:"text"`
	Reference string    `json:"reference,omitempty"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	VoidBy    string    `json:"void_by,omitempty"`
	VoidWhy   string    `json:"void_why,omitempty"`
	VoidAt    time.Time `json:"void_at,omitzero"`
}

// EntrySort is what an entry is for.
type EntrySort string

// The sorts of entry.
const (
	Refund      EntrySort = "refund"
	LostRevenue EntrySort = "lost_revenue"
	Billing     EntrySort = "billing_adjustment"
	Cost        EntrySort = "cost"
)

// EntrySorts lists them.
var EntrySorts = []EntrySort{Refund, LostRevenue, Billing, Cost}

// Withdraw makes an entry count no more; it stays to be read.
func (e *Entry) Withdraw(by, why string, now time.Time) error {
	if !e.VoidAt.IsZero() {
		return fault.New(fault.Conflict, "the entry was withdrawn already")
	}
	e.VoidBy, e.VoidWhy, e.VoidAt = by, why, now
	return nil
}

// Impact is what an incident costs in one currency.
type Impact struct {
	Currency string
	Credits  int64 // of memos that are not void
	Entries  map[EntrySort]int64
	Total    int64
}

// Sum adds an incident's part in memos and the rows of its ledger up, by currency in
// the order in which they come. The total is the sum of all rows (FUP-CR-DOC).
func Sum(incident ident.ID, memos []*Memo, entries []*Entry) (out []Impact) {
	at := func(currency string) *Impact {
		for i := range out {
			if out[i].Currency == currency {
				return &out[i]
			}
		}
		out = append(out, Impact{Currency: currency, Entries: map[EntrySort]int64{}})
		return &out[len(out)-1]
	}
	for _, m := range memos {
		if m.State == Void {
			continue
		}
		for _, p := range m.Parts() {
			if p.Incident == incident {
				i := at(m.Currency)
				i.Credits, i.Total = i.Credits+p.Cents, i.Total+p.Cents
			}
		}
	}
	for _, e := range entries {
		if e.VoidAt.IsZero() {
			i := at(e.Currency)
			i.Entries[e.Sort], i.Total = i.Entries[e.Sort]+e.Cents, i.Total+e.Cents
		}
	}
	return out
}
