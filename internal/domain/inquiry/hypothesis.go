package inquiry

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// State is where a hypothesis stands.
type State string

// The states of a hypothesis.
const (
	Open      State = "open"
	Confirmed State = "confirmed"
	RuledOut  State = "ruled_out"
)

// Hypothesis is a possible cause. Those with a parent ask why that one holds, so
// that they make a tree (INV-RCA-HYP).
type Hypothesis struct {
	Stamp
	Parent   ident.ID  `json:"parent,omitempty"`
	Text     string    `json:"text"`
	State    State     `json:"state"`
	Evidence Proof     `json:"evidence,omitzero"` // for the state
	JudgedBy string    `json:"judged_by,omitempty"`
	JudgedAt time.Time `json:"judged_at,omitzero"`
}

// Check says what is wrong with a new one.
func (h *Hypothesis) Check() error {
	var b bad
	b.text("text", h.Text, maxLine, "say in one line what the cause may be")
	return b.result()
}

// Judge moves it to another state. Confirming and ruling out need evidence, opening
// it again a reason.
func (h *Hypothesis) Judge(to State, p Proof, by string, now time.Time) error {
	if h.State == to {
		return fault.New(fault.Conflict, "the hypothesis is %s already", word(string(to)))
	}
	var b bad
	what := "say what speaks for it"
	switch to {
	case RuledOut:
		what = "say what speaks against it"
	case Open:
		what = "say why it is open again"
	case Confirmed:
	default:
		b.add("state", "want one of open, confirmed, ruled_out")
	}
	b.proof("", &p, what)
	if err := b.result(); err != nil {
		return err
	}
	h.State, h.Evidence, h.JudgedBy, h.JudgedAt = to, p, by, now
	return nil
}

// word is a name of the interface as people say it.
func word(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '_' {
			b[i] = ' '
		}
	}
	return string(b)
}

// Decision is a choice and why it was made. It stays as it was written: who changes
// their mind decides again (WAR-IC-COORD, WAR-TL-DECIDE, PIR-IMM-TL-2).
type Decision struct {
	Stamp
	Sort      string    `json:"sort"`
	Question  string    `json:"question"`
	Options   []string  `json:"options,omitempty"`
	Choice    string    `json:"choice"`
	Rationale string    `json:"rationale"`
	MadeBy    string    `json:"made_by"`
	MadeAt    time.Time `json:"made_at"`
}

// The sorts of a decision.
const (
	Command   = "command"
	Technical = "technical"
)

// Check says what is wrong with it at now.
func (d *Decision) Check(now time.Time) error {
	var b bad
	b.oneOf("sort", d.Sort, Command, Technical)
	b.text("question", d.Question, maxLine, "say what was to be decided")
	b.text("choice", d.Choice, maxLine, "say what was decided")
	b.text("rationale", d.Rationale, maxText, "say why: a decision without its reason cannot be reviewed")
	if len(d.Options) > maxLinks {
		b.add("options", "at most %d", maxLinks)
	}
	for i, o := range d.Options {
		b.text(indexed("options", i), o, maxLine, "say what could have been done")
	}
	if d.MadeAt.After(now.Add(time.Minute)) {
		b.add("made_at", "lies in the future")
	}
	return b.result()
}

// Workstream is a part of the work with one owner (WAR-TL-COORD).
type Workstream struct {
	Stamp
	Title     string    `json:"title"`
	Owner     string    `json:"owner"` // person:ID or team:ID
	State     string    `json:"state"`
	Note      string    `json:"note,omitempty"` // the latest word
	ChangedBy string    `json:"changed_by,omitempty"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
}

// The states of a workstream.
const (
	Planned = "planned"
	Running = "running"
	Blocked = "blocked"
	Done    = "done"
)

// Check says what is wrong with it; owns tells whether there is such an owner.
func (w *Workstream) Check(owns func(string) bool) error {
	var b bad
	b.text("title", w.Title, maxLine, "say in one line what is worked on")
	b.text("note", w.Note, maxText, "")
	b.oneOf("state", w.State, Planned, Running, Blocked, Done)
	if !owns(w.Owner) {
		b.add("owner", "want person:ID or team:ID of the catalogue")
	}
	if w.State == Blocked && w.Note == "" {
		b.add("note", "say what it waits for")
	}
	return b.result()
}

// Update is what the technical lead tells the commander (WAR-TL-INFORM).
type Update struct {
	Stamp
	Text string `json:"text"`
	Next string `json:"next,omitempty"` // what comes next
}

// Check says what is wrong with it.
func (u *Update) Check() error {
	var b bad
	b.text("text", u.Text, maxText, "say what is known and what is being done")
	b.text("next", u.Next, maxText, "")
	return b.result()
}
