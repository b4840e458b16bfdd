package credit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Sort is what a memo is about.
type Sort string

// The sorts of memo.
const (
	ByContract Sort = "contract"   // a customer's month, by its contract's formula
	Adjustment Sort = "adjustment" // what a month is worth now, less what was processed for it
	Goodwill   Sort = "goodwill"   // an amount that no formula gives
)

// State is where a memo stands.
type State string

// The states of a memo.
const (
	Calculated State = "calculated" // it may change until it is processed
	Pending    State = "pending"    // it waits for people
	Approved   State = "approved"
	Processed  State = "processed" // it is on its way to billing and stays as it is
	Exported   State = "exported"  // billing has it
	Void       State = "void"
)

// States lists the states.
var States = []State{Calculated, Pending, Approved, Processed, Exported, Void}

// Settled reports whether the amount counts as given and can only be adjusted.
func (s State) Settled() bool { return s == Processed || s == Exported }

// Need is whose word a memo waits for.
type Need string

// The needs.
const (
	Executive Need = "executive" // of level 3 (FUP-CR-EXEC)
	Legal     Need = "legal"     // (FUP-CR-LEGAL)
)

// Word is a need with the reason for it, and who met it.
type Word struct {
	Need Need      `json:"need"`
	Why  string    `json:"why"`
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at,omitzero"`
	Note string    `json:"note,omitempty"`
	// Cents is the amount the word was given for. For another it counts no more.
	Cents int64 `json:"cents,omitempty"`
}

// Step is one thing that happened to a memo.
type Step struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	What  string    `json:"what"`
	Cents int64     `json:"cents"` // the amount then
}

// Memo says what one customer is credited, and why.
type Memo struct {
	ID       ident.ID
	Slot     string // one memo of each: contract:CUSTOMER:MONTH, adjustment:CUSTOMER:MONTH:n, goodwill:ID
	Customer string
	Month    Month
	Sort     Sort
	State    State
	Cents    int64
	Currency string
	Incident ident.ID // it was last about
	Record
}

// Record is the rest of a memo, which is not searched by.
type Record struct {
	Name      string    `json:"name"` // of the customer
	Inputs    Inputs    `json:"inputs,omitzero"`
	Result    Result    `json:"result,omitzero"`
	Words     []Word    `json:"words,omitempty"`
	Wait      string    `json:"wait,omitempty"`   // why it is not processed, where nobody's word is missing
	Reason    string    `json:"reason,omitempty"` // of a goodwill amount, or of its end
	AskedBy   string    `json:"asked_by,omitempty"`
	Before    int64     `json:"before_cents,omitempty"` // settled for the month before an adjustment
	Problem   string    `json:"problem,omitempty"`      // why billing has not taken it
	Sends     int       `json:"sends,omitempty"`
	Reference string    `json:"reference,omitempty"` // by which billing knows it
	Told      time.Time `json:"told_at,omitzero"`    // the account manager was asked to tell the customer
	VoidBy    string    `json:"void_by,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	SettledAt time.Time `json:"settled_at,omitzero"`
	Steps     []Step    `json:"steps"`
}

// maxSteps bounds the history that a memo carries; the record of events has all.
const maxSteps = 200

// Note adds a step to the history.
func (m *Memo) Note(by, what string, now time.Time) {
	m.Steps = append(m.Steps, Step{At: now, By: by, What: what, Cents: m.Cents})
	if len(m.Steps) > maxSteps {
		m.Steps = slices.Delete(m.Steps, 1, 2)
	}
}

// Key names the memo to billing, for ever: a second one with it is the same.
func (m *Memo) Key() string { return "credit-" + m.ID.String() }

// Recompute works the amount out again from what the memo keeps.
func Recompute(m *Memo) (int64, error) {
	if m.Sort == Goodwill {
		return m.Cents, nil
	}
	r, err := Compute(m.Inputs)
	return r.Credit - m.Before, err
}

// Incidents lists those that the memo is about.
func (m *Memo) Incidents() []ident.ID {
	var out []ident.ID
	if m.Incident != 0 {
		out = append(out, m.Incident)
	}
	for _, h := range m.Inputs.Hits {
		if !slices.Contains(out, h.Incident) {
			out = append(out, h.Incident)
		}
	}
	return out
}

// Parts tells how much of the amount each incident has; they add up to it.
func (m *Memo) Parts() []Share {
	if m.Sort == ByContract && len(m.Result.Shares) > 0 {
		return m.Result.Shares
	}
	return []Share{{Incident: m.Incident, Cents: m.Cents}}
}

// Require says whose words are needed now. Words already given for this amount stay.
func (m *Memo) Require(needs ...Word) {
	for i := range needs {
		k := slices.IndexFunc(m.Words, func(w Word) bool { return w.Need == needs[i].Need && w.By != "" && w.Cents == m.Cents })
		if k >= 0 {
			needs[i].By, needs[i].At, needs[i].Note, needs[i].Cents = m.Words[k].By, m.Words[k].At, m.Words[k].Note, m.Words[k].Cents
		}
	}
	m.Words = needs
}

// Missing lists the words that nobody has given.
func (m *Memo) Missing() (out []Need) {
	for _, w := range m.Words {
		if w.By == "" {
			out = append(out, w.Need)
		}
	}
	return out
}

// Say gives a word. Whoever asked for the amount does not give one (FUP-CR-EXEC).
func (m *Memo) Say(n Need, by, note string, now time.Time) error {
	if m.State != Calculated && m.State != Pending {
		return fault.New(fault.Conflict, "the memo is %s", m.State)
	}
	k := slices.IndexFunc(m.Words, func(w Word) bool { return w.Need == n })
	switch {
	case k < 0:
		return fault.New(fault.Conflict, "the memo needs no word of %s", n)
	case m.Words[k].By != "":
		return fault.New(fault.Conflict, "%s has been given already", n)
	case by == m.AskedBy:
		return fault.New(fault.Refused, "who asked for the amount does not approve it")
	}
	m.Words[k].By, m.Words[k].At, m.Words[k].Note, m.Words[k].Cents = by, now, note, m.Cents
	m.Note(by, string(n)+" agreed", now)
	return nil
}

// Process fixes the amount. From here on only an adjustment changes it.
func (m *Memo) Process(by string, now time.Time) error {
	if missing := m.Missing(); len(missing) > 0 {
		return fault.New(fault.Conflict, "the memo waits for %v", missing)
	}
	if m.State.Settled() || m.State == Void {
		return fault.New(fault.Conflict, "the memo is %s already", m.State)
	}
	m.State = Approved
	m.Note(by, "approved", now)
	m.State, m.Wait, m.SettledAt = Processed, "", now
	m.Note(by, "processed", now)
	return nil
}

// Arrived notes that billing has the memo.
func (m *Memo) Arrived(by, reference string, now time.Time) error {
	if m.State != Processed {
		return fault.New(fault.Conflict, "the memo is %s", m.State)
	}
	m.State, m.Problem, m.Reference = Exported, "", reference
	m.Note(by, strings.TrimSpace("billing has it "+reference), now)
	return nil
}

// Cancel makes the memo void, before it is processed.
func (m *Memo) Cancel(by, reason string, now time.Time) error {
	if m.State.Settled() {
		return fault.New(fault.Conflict, "the memo is %s: only an adjustment changes it now", m.State)
	}
	if m.State == Void {
		return fault.New(fault.Conflict, "the memo is void already")
	}
	m.State, m.Reason, m.VoidBy, m.Wait = Void, reason, by, ""
	m.Note(by, "void: "+reason, now)
	return nil
}

// Revalue gives a memo that is not settled its amount anew; it reports whether
// anything is different.
func (m *Memo) Revalue(in Inputs, r Result, cents int64, by string, now time.Time) bool {
	same := m.Cents == cents && m.State != Void && fmt.Sprint(m.Inputs.Hits, m.Inputs.Fees, m.Inputs.Schedule, m.Inputs.Promise) == fmt.Sprint(in.Hits, in.Fees, in.Schedule, in.Promise)
	m.Inputs, m.Result, m.Name, m.Currency = in, r, in.Name, in.Currency
	if same && len(m.Steps) > 0 {
		return false
	}
	m.Cents, m.State, m.VoidBy, m.Reason = cents, Calculated, "", ""
	m.Note(by, "calculated", now)
	return true
}
