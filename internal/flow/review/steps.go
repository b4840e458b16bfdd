package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/events"
	"allclear/internal/store/tasks"
)

// What people do to a review. Each use case authorises and runs one transaction; an
// incident is named by its number.

func bad(field, what string) error {
	return fault.New(fault.Invalid, "validation failed").With("body."+field, what)
}

// person refuses what is not the id of one person who may know of the incident; a
// team is named as such.
func (s *scene) person(field, id string) error {
	name := strings.TrimPrefix(id, "person:")
	_, team := s.cat.Teams[strings.TrimPrefix(id, "team:")]
	p, ok := s.cat.People[name]
	switch {
	case !ok && (team || strings.Contains(id, ":")):
		return bad(field, "name one person, not a group")
	case !ok:
		return bad(field, fmt.Sprintf("there is no person %q", id))
	case !s.inc.VisibleTo(p.ID):
		return bad(field, p.Name+" may not know of this incident")
	}
	return nil
}

// Edit is what of a review is written down anew; nil stays as it is.
type Edit struct {
	Owner     *string
	Lessons   []string
	WentWell  []string
	NoActions *string
	Guests    *[]review.Guest
	Others    *[]string
	Left      *[]string
}

// Change writes down what has no step of its own.
func (r *Reviews) Change(ctx context.Context, a authz.Actor, number int64, e Edit, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if e.Owner != nil {
			if err := s.person("owner", *e.Owner); err != nil {
				return err
			}
			if !s.rev.SignedAt.IsZero() {
				return fault.New(fault.Conflict, "the review was signed off and stays as it is")
			}
			if s.rev.Owner != *e.Owner {
				s.rev.Owner = *e.Owner
				if err := s.note("owner", "owned by "+s.name(*e.Owner), "WAR-IC-PIR"); err != nil {
					return err
				}
			}
		}
		if e.Lessons != nil || e.WentWell != nil {
			if err := s.rev.Learn(e.Lessons, e.WentWell, a.ID, now); err != nil {
				return err
			}
			if err := s.note("lessons", fmt.Sprintf("%d lessons, %d things that went well", len(s.rev.Lessons), len(s.rev.WentWell)), "PIR-IMM-TL-4"); err != nil {
				return err
			}
		}
		if e.NoActions != nil {
			if err := s.rev.Without(*e.NoActions); err != nil {
				return err
			}
		}
		return s.changeGuests(e)
	})
}

func (s *scene) changeGuests(e Edit) error {
	if e.Guests == nil && e.Others == nil && e.Left == nil {
		return nil
	}
	others, left, guests := s.rev.Others, s.rev.Left, s.rev.Guests
	if e.Others != nil {
		others = *e.Others
	}
	if e.Left != nil {
		left = *e.Left
	}
	if e.Guests != nil {
		guests = *e.Guests
	}
	for _, id := range slices.Concat(others, left) {
		if err := s.person("others", id); err != nil {
			return err
		}
	}
	if s.inc.Restricted && slices.ContainsFunc(guests, func(g review.Guest) bool { return !slices.Contains(s.rev.Guests, g) }) {
		return fault.New(fault.Conflict, "%s is restricted: nobody outside is asked to its review", s.inc.Ref())
	}
	if err := s.rev.Ask(others, left, guests); err != nil {
		return err
	}
	if !s.rev.Meeting.InvitedAt.IsZero() && !s.rev.Meeting.Held() {
		if err := s.invite(); err != nil { // who came in addition
			return err
		}
	}
	return s.note("participants", fmt.Sprintf("%d asked besides, %d left out, %d guests", len(others), len(left), len(guests)), "PIR-P-TEAM")
}

// NewCause is the root cause; Method says how it was validated, empty: not yet.
type NewCause struct{ Text, Category, Method string }

// SetCause names the root cause, and validates it where that is said too.
func (r *Reviews) SetCause(ctx context.Context, a authz.Actor, number int64, c NewCause, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if err := s.rev.Name(c.Text, c.Category, a.ID, now); err != nil {
			return err
		}
		words := "preliminary: " + c.Text
		if strings.TrimSpace(c.Method) != "" {
			if err := s.rev.Validate(c.Method, a.ID, now); err != nil {
				return err
			}
			words = "validated: " + c.Text
		}
		return s.note("cause", words, "PIR-IMM-RCA-1")
	})
}

// SetFactors says what contributed, or why nothing did.
func (r *Reviews) SetFactors(ctx context.Context, a authz.Actor, number int64, all []review.Factor, none string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if err := s.rev.SetFactors(all, none, a.ID, now); err != nil {
			return err
		}
		words := fmt.Sprintf("%d contributing factors", len(all))
		if len(all) == 0 {
			words = "no contributing factors: " + none
		}
		return s.note("factors", words, "PIR-IMM-RCA-2")
	})
}

// CheckTimeline says that the timeline is complete.
func (r *Reviews) CheckTimeline(ctx context.Context, a authz.Actor, number int64, note string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		_, gaps, err := s.timeline()
		if err != nil {
			return err
		}
		if err := s.rev.CheckTimeline(note, len(gaps), a.ID, now); err != nil {
			return err
		}
		return s.note("timeline", fmt.Sprintf("complete, with %d gaps: %s", len(gaps), note), "PIR-IMM-TL-1")
	})
}

// maxTimeline bounds how much of a record a review reads.
const maxTimeline = 20_000

// timeline is the incident's record in the order in which things happened, with the
// stretches of which it tells nothing.
func (s *scene) timeline() ([]event.Event, []review.Gap, error) {
	all, err := events.Of(s.tx, s.inc.ID, 0, maxTimeline)
	if err != nil {
		return nil, nil, err
	}
	all = review.Chronological(all)
	var gaps []review.Gap
	if s.proc.Review != nil {
		for _, part := range s.inc.Hurt(s.now) {
			gaps = append(gaps, review.Gaps(all, part.From, part.Until, s.proc.Review.Gap.Elapsed())...)
		}
	}
	return all, gaps, nil
}

// Assess says what one part of the impact was.
func (r *Reviews) Assess(ctx context.Context, a authz.Actor, number int64, part, text string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if err := s.rev.Assess(part, text, a.ID, now); err != nil {
			return err
		}
		words := part + ": " + text
		if part == "financial" {
			words = "financial: assessed" // the record is read by those who may not read customers, too
		}
		return s.note("impact", words, "PIR-IMM")
	})
}

// Rate judges how well communication worked.
func (r *Reviews) Rate(ctx context.Context, a authz.Actor, number int64, stars int, text string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if err := s.rev.Rate(stars, text, a.ID, now); err != nil {
			return err
		}
		return s.note("communication", fmt.Sprintf("%d of 5", stars), "PIR-IMM-RCA-3")
	})
}

// Hear takes feedback of anybody who may read the incident (PIR-IMM-TL-4).
func (r *Reviews) Hear(ctx context.Context, a authz.Actor, number int64, f review.Feedback, now time.Time) error {
	return r.by(ctx, a, authz.Read, number, now, func(s *scene) error {
		if a.Role == authz.Auditor {
			return fault.New(fault.Refused, "an auditor changes nothing")
		}
		f.From, f.At = a.ID, now
		if err := s.rev.Hear(f); err != nil {
			return err
		}
		return s.note("feedback", "feedback of "+s.name(a.ID), "PIR-IMM-TL-4")
	})
}

// Minute writes down an item of the agenda.
func (r *Reviews) Minute(ctx context.Context, a authz.Actor, number int64, item string, m review.Minutes, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		m.By, m.At = a.ID, now
		if err := s.rev.Minute(s.proc.Review, item, m); err != nil {
			return err
		}
		clause := ""
		for _, i := range s.proc.Review.Agenda {
			if i.ID == item {
				clause = i.Clause
			}
		}
		return s.note("agenda", item, clause)
	})
}

// Plan sets when the formal review is, and asks everybody to it.
func (r *Reviews) Plan(ctx context.Context, a authz.Actor, number int64, start time.Time, length time.Duration, reason string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if s.inc.ResolvedAt.IsZero() {
			return fault.New(fault.Conflict, "%s is not resolved", s.inc.Ref())
		}
		if length == 0 {
			length = s.proc.Review.Length.Elapsed()
		}
		if length < time.Minute || length > 24*time.Hour {
			return bad("length", "from 1m to 24h")
		}
		if err := s.rev.Plan(s.window(), start, length, reason, a.ID, now); err != nil {
			return err
		}
		if err := s.note("meeting", strings.TrimSpace(long(start)+" "+reason), "PIR-MTG"); err != nil {
			return err
		}
		return s.invite()
	})
}

// Held says that the formal review took place.
type Held struct {
	Start, End time.Time
	Attended   []string
	Reason     string // of a time outside the window
}

// Hold notes that the formal review took place.
func (r *Reviews) Hold(ctx context.Context, a authz.Actor, number int64, h Held, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if s.inc.ResolvedAt.IsZero() {
			return fault.New(fault.Conflict, "%s is not resolved", s.inc.Ref())
		}
		for _, id := range h.Attended {
			if err := s.person("attended", id); err != nil {
				return err
			}
		}
		if err := s.rev.Hold(s.proc.Review, s.window(), h.Start, h.End, h.Attended, h.Reason, a.ID, now); err != nil {
			return err
		}
		return s.note("held", fmt.Sprintf("%s, with %d people", long(h.Start), len(h.Attended)), "PIR-MTG")
	})
}

// Follow sets when it is looked at again, and asks whoever sees to it (PIR-A-7).
func (r *Reviews) Follow(ctx context.Context, a authz.Actor, number int64, at time.Time, owner string, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if err := s.person("owner", owner); err != nil {
			return err
		}
		if err := s.rev.Follow(at, owner, a.ID, now); err != nil {
			return err
		}
		if err := s.note("follow_up", long(at)+", "+s.name(owner), "PIR-A-7"); err != nil {
			return err
		}
		m := s.followUp()
		m.UID = fmt.Sprintf("%s.follow-up.%d@allclear", s.rev.ID, at.Unix()) // another time is another entry
		return s.ask(owner, "follow-up to the review", m, "", []string{"PIR-A-7"})
	})
}

// Suggest adds a recommendation for the process (PIR-A-6).
func (r *Reviews) Suggest(ctx context.Context, a authz.Actor, number int64, text string, now time.Time) (id ident.ID, err error) {
	err = r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		id = s.tx.NewID(now)
		if err := s.rev.Suggest(id, text, a.ID, now); err != nil {
			return err
		}
		return s.note("recommendation", text, "PIR-A-6")
	})
	return id, err
}

// standing counts the action items of the incident that were not cancelled.
func (s *scene) standing() (n int, err error) {
	all, err := actionitems.Of(s.tx, s.inc.ID)
	for _, i := range all {
		if i.State != "cancelled" {
			n++
		}
	}
	return n, err
}

// around gathers what a review cannot know by itself.
func (s *scene) around() (a review.Around, err error) {
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return a, err
	}
	for _, t := range all {
		rule, ok := s.rule(t.Rule)
		if ok && t.State == checklist.Open && rule.Task != nil && rule.Task.Gate == "close" && t.Phase == phase && rule.Task.Until != "review_signed" {
			a.Gates = append(a.Gates, t.Title)
		}
	}
	if s.r.o.Decisions != nil {
		if a.Decisions, err = s.r.o.Decisions(s.tx, s.inc.ID); err != nil {
			return a, err
		}
	}
	a.Actions, err = s.standing()
	return a, err
}

// phase is that of the tasks of a review.
const phase = "PIR"

func (s *scene) rule(id string) (procedure.Rule, bool) {
	for _, r := range s.proc.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return procedure.Rule{}, false
}

// Sign signs the review off, once nothing is missing. The owner does, or an
// administrator.
func (r *Reviews) Sign(ctx context.Context, a authz.Actor, number int64, now time.Time) error {
	return r.by(ctx, a, authz.Review, number, now, func(s *scene) error {
		if a.ID != s.rev.Owner && a.Role != authz.Admin {
			return fault.New(fault.Refused, "%s owns the review and signs it off", s.name(s.rev.Owner))
		}
		if s.inc.ResolvedAt.IsZero() {
			return fault.New(fault.Conflict, "%s is not resolved", s.inc.Ref())
		}
		around, err := s.around()
		if err != nil {
			return err
		}
		if err := s.rev.Sign(s.rev.Missing(s.proc.Review, around), a.ID, now); err != nil {
			return err
		}
		return s.emit(event.ReviewSigned, event.Data{Ref: s.rev.ID.String(), Owner: a.ID, Text: "root cause: " + s.rev.Cause.Text, Clauses: []string{"OBJ-PIR-ALL"}})
	})
}
