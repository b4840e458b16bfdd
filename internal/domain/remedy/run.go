package remedy

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// State is where a run is in its life.
type State string

// The states of a run. Only the last five are ends, and of a lost one nobody knows
// yet whether it is: whoever looks says so.
const (
	Requested State = "requested" // people must agree first
	Approved  State = "approved"  // it waits for whoever runs it
	Running   State = "running"
	Planned   State = "planned" // the plan is shown, and waits for the same people
	Succeeded State = "succeeded"
	Failed    State = "failed"
	TimedOut  State = "timed_out"
	Killed    State = "killed"
	Lost      State = "lost" // whoever ran it is not heard of any more
)

// Stages of restored infrastructure.
const (
	StagePlan  = "plan"
	StageApply = "apply"
)

// Run is one run of an action, which is kept as it was when it was asked for.
type Run struct {
	ID         ident.ID `json:"-"`
	IncidentID ident.ID `json:"-"`
	State      State    `json:"-"`
	Lane       Lane     `json:"-"`
	Fence      int64    `json:"-"` // grows with each start; who has an older one is not heard

	Number    int64             `json:"number"` // of the incident
	Action    Action            `json:"action"`
	Values    map[string]string `json:"values,omitempty"`
	Dry       bool              `json:"dry,omitempty"`
	Vendor    string            `json:"vendor,omitempty"` // it fails over, or back, for
	Back      bool              `json:"back,omitempty"`   // to the primary provider again
	Drill     bool              `json:"drill,omitempty"`  // a test of a failover
	Reason    string            `json:"reason,omitempty"` // why it is run
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
	Approvals []Approval        `json:"approvals,omitempty"`
	Stage     string            `json:"stage,omitempty"`
	PlanHash  string            `json:"plan_hash,omitempty"` // of the plan's whole output

	Runner    string    `json:"runner,omitempty"`
	Holder    string    `json:"holder,omitempty"` // actor who started it, and whose word alone counts
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	KillBy    string    `json:"kill_by,omitempty"`
	KillAt    time.Time `json:"kill_at,omitzero"`
	Code      *int      `json:"code,omitempty"` // exit code
	Why       string    `json:"why,omitempty"`  // it ended so
	Tail      string    `json:"tail,omitempty"` // last lines of what it wrote
	Ref       string    `json:"ref,omitempty"`  // what came of it: a commit, a workflow run
	Link      string    `json:"link,omitempty"`
	Bytes     int64     `json:"bytes,omitempty"` // written
	Chunks    int64     `json:"chunks,omitempty"`
	Cut       bool      `json:"cut,omitempty"` // more was written than is kept
	SettledBy string    `json:"settled_by,omitempty"`
	Before    string    `json:"before,omitempty"` // what a deed has changed, as it was
	Undo      *Undo     `json:"undo,omitempty"`   // what takes it back; nil: nothing of ours does
	Found     bool      `json:"found,omitempty"`  // it looked, and something is there that should not be
}

// Undo is the action that takes a run back, and what it is told.
type Undo struct {
	Action string            `json:"action"`
	Values map[string]string `json:"values"`
}

// Approval is one person's agreement.
type Approval struct {
	By   string    `json:"by"`
	Role string    `json:"role"`
	At   time.Time `json:"at"`
	Plan string    `json:"plan,omitempty"` // hash of the plan that was agreed to
}

// Ended reports whether nothing more comes of it.
func (r *Run) Ended() bool {
	return slices.Contains([]State{Succeeded, Failed, TimedOut, Killed, Lost}, r.State)
}

// Needs is how many people must agree to it. A dry run changes nothing.
func (r *Run) Needs() int {
	if r.Dry {
		return 0
	}
	return r.Action.Needs()
}

// Missing is how many have not yet.
func (r *Run) Missing() int { return max(r.Needs()-len(r.Approvals), 0) }

// Begin puts a run that was filled in at the beginning of its life. Restored
// infrastructure is planned first, which nobody has to agree to.
func (r *Run) Begin(now time.Time) error {
	if r.Dry && !r.Action.DryRun {
		return fault.New(fault.Invalid, "%s cannot be run dry", r.Action.Name).With("dry_run", "the action does not say that it can")
	}
	r.Lane, r.At, r.State = r.Action.Lane(), now, Requested
	switch {
	case r.Action.Type == IACRestore && r.Lane == Runner:
		r.Stage, r.State = StagePlan, Approved
	case r.Needs() == 0:
		r.State = Approved
	}
	r.byHand("", now)
	return nil
}

// byHand starts what people do at once.
func (r *Run) byHand(who string, now time.Time) {
	if r.State == Approved && r.Lane == Hand {
		r.State, r.StartedAt, r.Runner = Running, now, cmp.Or(who, r.By)
	}
}

// Approve notes that somebody agrees, as the holder of a role. The plan is the hash
// of what was shown; another is not what was agreed to (RES-RB-IAC). Nobody agrees
// twice, so that two are two people.
func (r *Run) Approve(by, role, plan string, now time.Time) error {
	switch {
	case r.State != Requested && r.State != Planned:
		return r.refuse("is %s: there is nothing to agree to", r.State)
	case r.State == Planned && plan == "":
		return fault.New(fault.Invalid, "say which plan you agree to").With("plan", "the hash of the plan that was shown")
	case plan != r.PlanHash:
		return r.refuse("has another plan than the one you agree to: look at it again")
	case r.Lane == Vendor && by == r.By:
		return r.refuse("is what you asked for: somebody else must agree")
	case slices.ContainsFunc(r.Approvals, func(a Approval) bool { return a.By == by }):
		return r.refuse("has your agreement already: somebody else must agree too")
	}
	r.Approvals = append(r.Approvals, Approval{By: by, Role: role, At: now, Plan: plan})
	if r.Missing() == 0 {
		if r.State == Planned {
			r.Stage = StageApply
		}
		r.State = Approved
		r.byHand(by, now)
	}
	return nil
}

// Start gives it to somebody who runs it: holder is who acts, runner its name for
// people.
func (r *Run) Start(runner, holder string, now time.Time) error {
	if r.State != Approved {
		return r.refuse("is %s: it is not to be run", r.State)
	}
	r.State, r.Runner, r.Holder, r.StartedAt = Running, runner, holder, now
	r.Fence++
	return nil
}

// HeldBy refuses whoever did not start it, however much they know of it.
func (r *Run) HeldBy(actor string, fence int64) error {
	if r.Lane == Hand || r.Fence != fence || r.Holder != "" && r.Holder != actor { // none: a version before wrote it
		return r.refuse("is %s, and not yours", r.State)
	}
	return nil
}

// Kill ends it, or has whoever runs it end it; ended is false while that is awaited.
func (r *Run) Kill(by, why string, now time.Time) (ended bool, err error) {
	switch {
	case r.Ended():
		return false, r.refuse("is over: %s", r.State)
	case r.State == Running && r.Lane != Hand:
		if r.KillBy == "" {
			r.KillBy, r.KillAt, r.Why = by, now, why
		}
		return false, nil
	}
	r.KillBy, r.KillAt = by, now
	r.end(Killed, why, now)
	return true, nil
}

// Result is how a turn of a run ended.
type Result struct {
	State    State // Succeeded, Failed, TimedOut or Killed; of a deed also Lost
	Code     *int
	Why      string
	Ref      string
	Link     string
	PlanHash string // of the whole output of a plan
	Before   string // see Run
	Undo     *Undo
	Found    bool // something is there that should not be: Why says what
}

// Finish takes the word of whoever ran it. A run that was given up as lost is told
// of after all; one that a person has settled is not.
func (r *Run) Finish(actor string, fence int64, res Result, now time.Time) error {
	if err := r.HeldBy(actor, fence); err != nil {
		return err
	}
	if r.State != Running && r.State != Lost || r.SettledBy != "" {
		return r.refuse("is %s, and not yours any more", r.State)
	}
	r.Code, r.Ref, r.Link = res.Code, cmp.Or(res.Ref, r.Ref), cmp.Or(res.Link, r.Link)
	if res.State == Succeeded && r.Stage == StagePlan && !r.Dry {
		if r.KillBy != "" { // asked for while the plan was made: nothing follows from it
			r.end(Killed, r.Why, now)
			return nil
		}
		r.State, r.PlanHash, r.Why, r.EndedAt = Planned, res.PlanHash, "", time.Time{}
		return nil
	}
	r.Before, r.Undo, r.Found = res.Before, res.Undo, res.Found
	r.end(res.State, cmp.Or(res.Why, r.Why), now)
	return nil
}

// Lose gives up whoever runs it: what became of it, nobody knows. It is not run
// again by itself.
func (r *Run) Lose(why string, now time.Time) bool {
	if r.State != Running || r.Lane == Hand {
		return false
	}
	r.end(Lost, why, now)
	return true
}

// Settle takes a person's word for how it ended: of what people do themselves, and of
// what was lost.
func (r *Run) Settle(by string, ok bool, what string, now time.Time) error {
	if r.State != Lost && (r.State != Running || r.Lane != Hand) {
		return r.refuse("is %s: only a run that is lost, or done by hand, is ended by somebody's word", r.State)
	}
	if strings.TrimSpace(what) == "" {
		return fault.New(fault.Invalid, "say what you found").With("text", "say how it ended and how you know")
	}
	r.SettledBy = by
	to := Failed
	if ok {
		to = Succeeded
	}
	ended := r.EndedAt
	r.end(to, what, now)
	if r.Lane != Hand {
		r.EndedAt = ended // it was over before somebody looked
	}
	return nil
}

func (r *Run) end(to State, why string, now time.Time) { r.State, r.Why, r.EndedAt = to, why, now }

// Took is how long it ran: of a failover, the time in which service was back.
func (r *Run) Took() time.Duration {
	if r.StartedAt.IsZero() || r.EndedAt.IsZero() {
		return 0
	}
	return r.EndedAt.Sub(r.StartedAt)
}

func (r *Run) refuse(format string, args ...any) error {
	return fault.New(fault.Conflict, "the run of "+r.Action.Name+" "+format, args...)
}

// What is kept of what a run writes.
const (
	MaxOutput = 1 << 20
	MaxChunk  = 32 << 10
	tailLines = 5
	tailBytes = 600
)

// Wrote notes a piece of output and returns what of it is kept.
func (r *Run) Wrote(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if room := MaxOutput - r.Bytes; int64(len(text)) > room {
		r.Cut = true
		text = text[:max(room, 0)]
		for text != "" && !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	if text == "" {
		return ""
	}
	r.Bytes += int64(len(text))
	r.Chunks++
	r.Tail = Tail(r.Tail + text)
	return text
}

// Tail is the last lines of a text.
func Tail(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) > tailLines+1 {
		lines = lines[len(lines)-tailLines-1:]
	}
	text = strings.Join(lines, "\n")
	if len(text) > tailBytes {
		text = strings.ToValidUTF8(text[len(text)-tailBytes:], "")
	}
	return text
}
