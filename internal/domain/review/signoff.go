package review

import (
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// Decision is a decision of the response, as the review reads it.
type Decision struct {
	ID        ident.ID
	What      string
	Options   []string
	Rationale string
	By        string
	At        time.Time
}

// Around is what a review cannot know by itself.
type Around struct {
	Gates     []string // titles of tasks that closing waits for, but the sign-off's own
	Decisions []Decision
	Actions   int // action items of the incident that stand
}

// Lack is one thing that is missing before the sign-off.
type Lack struct {
	Where string // part of the review: cause, factors, decisions, meeting, actions, tasks
	What  string
}

// Missing lists what must be there before the review is signed off.
func (r *Review) Missing(p *procedure.Review, a Around) (out []Lack) {
	lack := func(is bool, where, what string) {
		if is {
			out = append(out, Lack{where, what})
		}
	}
	lack(r.Owner == "", "owner", "nobody owns the review")
	lack(r.Cause.Text == "", "cause", "the root cause is not named")
	lack(r.Cause.Text != "" && !r.Cause.Valid(), "cause", "the root cause is preliminary: say how it was validated")
	lack(!r.HasFactors(), "factors", "no contributing factor is named, nor that there are none")
	for _, d := range a.Decisions {
		lack(d.Rationale == "", "decisions", fmt.Sprintf("a decision has no reason: %s", d.What))
	}
	lack(!r.Meeting.Held(), "meeting", "the formal review was not held")
	for _, i := range r.Uncovered(p) {
		lack(true, "agenda", i.Title)
	}
	lack(a.Actions == 0 && r.NoActions == "", "actions", "no action item follows, nor a reason why none does")
	for _, t := range a.Gates {
		lack(true, "tasks", t)
	}
	return out
}

// State says where the review stands, given what is missing.
func (r *Review) State(missing []Lack) State {
	switch {
	case !r.SignedAt.IsZero():
		return Signed
	case len(missing) == 0:
		return Ready
	}
	return Open
}

// Sign signs the review off. What is missing is fault.Conflict, with the list.
func (r *Review) Sign(missing []Lack, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if len(missing) > 0 {
		err := fault.New(fault.Conflict, "the review cannot be signed off yet")
		for _, l := range missing {
			err = err.With(l.Where, l.What)
		}
		return err
	}
	r.SignedAt, r.Signed = now, by
	return nil
}
