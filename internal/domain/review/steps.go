package review

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// Name writes down the root cause. It is preliminary until it is validated; another
// text is preliminary again.
func (r *Review) Name(what, category, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if err := text("text", what, true); err != nil {
		return err
	}
	if !slices.Contains(Categories, category) {
		return invalid("category", "one of "+strings.Join(Categories, ", "))
	}
	if what == r.Cause.Text && category == r.Cause.Category {
		return nil
	}
	r.Cause = Cause{Text: what, Category: category, By: by, At: now}
	return nil
}

// Validate says how the cause was proven (PIR-IMM-RCA-1).
func (r *Review) Validate(method, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if r.Cause.Text == "" {
		return fault.New(fault.Conflict, "there is no cause to validate yet")
	}
	if err := text("method", method, true); err != nil {
		return err
	}
	r.Cause.Method, r.Cause.ValidatedBy, r.Cause.ValidatedAt = method, by, now
	return nil
}

// SetFactors says what contributed, or why nothing did (PIR-IMM-RCA-2). A factor
// that stood there keeps who wrote it and when.
func (r *Review) SetFactors(all []Factor, none, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	none = strings.TrimSpace(none)
	switch {
	case len(all) == 0 && none == "":
		return invalid("factors", "name at least one, or say why there are none")
	case len(all) > 0 && none != "":
		return invalid("none", "there are factors")
	case len(all) > maxLines:
		return invalid("factors", "at most 200")
	}
	out := make([]Factor, len(all))
	for i, f := range all {
		if !slices.Contains(FactorSorts, f.Sort) {
			return invalid("factors", "the sort is one of "+strings.Join(FactorSorts, ", "))
		}
		if err := text("factors", f.Text, true); err != nil {
			return err
		}
		out[i] = Factor{Sort: f.Sort, Text: f.Text, By: by, At: now}
		if k := slices.IndexFunc(r.Factors, func(o Factor) bool { return o.Sort == f.Sort && o.Text == f.Text }); k >= 0 {
			out[i] = r.Factors[k]
		}
	}
	if err := text("none", none, false); err != nil {
		return err
	}
	r.Factors, r.NoFactors = out, none
	return nil
}

// HasFactors reports whether they were named, or that there are none.
func (r *Review) HasFactors() bool { return len(r.Factors) > 0 || r.NoFactors != "" }

// merge replaces a list of lines; one that stood there keeps who wrote it.
func merge(field string, was []Line, lines []string, by string, now time.Time) ([]Line, error) {
	if len(lines) > maxLines {
		return nil, invalid(field, "at most 200")
	}
	out := make([]Line, 0, len(lines))
	for _, t := range lines {
		if err := text(field, t, true); err != nil {
			return nil, err
		}
		l := Line{Text: t, By: by, At: now}
		if k := slices.IndexFunc(was, func(o Line) bool { return o.Text == t }); k >= 0 {
			l = was[k]
		}
		out = append(out, l)
	}
	return out, nil
}

// Learn writes down lessons and what went well; nil leaves a list as it is.
func (r *Review) Learn(lessons, well []string, by string, now time.Time) (err error) {
	if err := r.closed(); err != nil {
		return err
	}
	a, b := r.Lessons, r.WentWell
	if lessons != nil {
		if a, err = merge("lessons", a, lessons, by, now); err != nil {
			return err
		}
	}
	if well != nil {
		if b, err = merge("went_well", b, well, by, now); err != nil {
			return err
		}
	}
	r.Lessons, r.WentWell = a, b
	return nil
}

// Hear adds feedback; the same person says it anew (PIR-IMM-TL-4).
func (r *Review) Hear(f Feedback) error {
	if err := r.closed(); err != nil {
		return err
	}
	if f.Rating < 0 || f.Rating > 5 {
		return invalid("rating", "1 to 5")
	}
	if f.Rating == 0 && strings.TrimSpace(f.Good+f.Bad) == "" {
		return invalid("to_improve", "say something, or give a rating")
	}
	for field, s := range map[string]string{"went_well": f.Good, "to_improve": f.Bad} {
		if err := text(field, s, false); err != nil {
			return err
		}
	}
	r.Feedback = slices.DeleteFunc(r.Feedback, func(o Feedback) bool { return o.From == f.From })
	if len(r.Feedback) >= maxLines {
		return fault.New(fault.Conflict, "the review has feedback of %d people already", len(r.Feedback))
	}
	r.Feedback = append(r.Feedback, f)
	return nil
}

// CheckTimeline says that the timeline is complete; one with gaps needs a word
// about them (PIR-IMM-TL-1).
func (r *Review) CheckTimeline(note string, gaps int, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if gaps > 0 && strings.TrimSpace(note) == "" {
		return invalid("note", "the timeline has gaps: fill them with notes, or say why nothing happened")
	}
	if err := text("note", note, false); err != nil {
		return err
	}
	r.Timeline = Checked{By: by, At: now, Note: note}
	return nil
}

// Assess says what one part of the impact was.
func (r *Review) Assess(part, what, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if !slices.Contains(Parts, part) {
		return invalid("part", "one of "+strings.Join(Parts, ", "))
	}
	if err := text("text", what, true); err != nil {
		return err
	}
	if r.Impact == nil {
		r.Impact = map[string]Assessment{}
	}
	r.Impact[part] = Assessment{Text: what, By: by, At: now}
	return nil
}

// Assessed reports whether every part of the impact was.
func (r *Review) Assessed() bool {
	return !slices.ContainsFunc(Parts, func(p string) bool { return r.Impact[p].At.IsZero() })
}

// Rate judges how well communication worked.
func (r *Review) Rate(stars int, what, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if stars < 1 || stars > 5 {
		return invalid("stars", "1 to 5")
	}
	if err := text("text", what, false); err != nil {
		return err
	}
	r.Rating = Rating{Stars: stars, Text: what, By: by, At: now}
	return nil
}

// Minute writes down an item of the agenda.
func (r *Review) Minute(p *procedure.Review, id string, m Minutes) error {
	if err := r.closed(); err != nil {
		return err
	}
	if !item(p, id) {
		return fault.New(fault.NotFound, "there is no item %q on the agenda", id)
	}
	if m.Took < 0 || m.Took > 24*60 {
		return invalid("minutes", "0 to 1440")
	}
	for field, s := range map[string]string{"notes": m.Notes, "decided": m.Decided} {
		if err := text(field, s, false); err != nil {
			return err
		}
	}
	if r.Agenda == nil {
		r.Agenda = map[string]Minutes{}
	}
	r.Agenda[id] = m
	return nil
}

// Suggest adds a recommendation for the process.
func (r *Review) Suggest(id ident.ID, what, by string, now time.Time) error {
	if err := r.closed(); err != nil {
		return err
	}
	if err := text("text", what, true); err != nil {
		return err
	}
	if len(r.Ideas) >= maxLines {
		return fault.New(fault.Conflict, "the review has %d recommendations already", len(r.Ideas))
	}
	r.Ideas = append(r.Ideas, Idea{ID: id, Text: what, By: by, At: now})
	return nil
}

// Became notes that a recommendation has become an action item.
func (r *Review) Became(idea, act ident.ID) error {
	k := slices.IndexFunc(r.Ideas, func(i Idea) bool { return i.ID == idea })
	if k < 0 {
		return fault.New(fault.NotFound, "there is no such recommendation")
	}
	if r.Ideas[k].Action != 0 {
		return fault.New(fault.Conflict, "the recommendation is an action item already")
	}
	r.Ideas[k].Action = act
	return nil
}

// Without says why nothing follows from the incident.
func (r *Review) Without(reason string) error {
	if err := r.closed(); err != nil {
		return err
	}
	if err := text("no_actions", reason, false); err != nil {
		return err
	}
	r.NoActions = strings.TrimSpace(reason)
	return nil
}
