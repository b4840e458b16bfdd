package account

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

func (c *carrier) carrySchedules() {
	for _, s := range byID(c.from.Schedules, func(s Schedule) string { return s.ID }) {
		loc, err := time.LoadLocation(s.TimeZone)
		if err != nil || s.TimeZone == "" {
			c.left("schedule", s.Name, "time zone %q is no IANA name", s.TimeZone)
			continue
		}
		layers := make([][]oncall.Layer, len(s.Layers))
		for i, l := range s.Layers {
			layers[i] = c.layer(s, l, loc)
		}
		id := c.id(catalog.KindSchedule, s.Name, s.ID)
		overrides := c.overridesOf(s, id)
		doc := c.ordered(s, layers, overrides)
		switch {
		case len(doc.Layers)+len(overrides) == 0:
			c.left("schedule", s.Name, "nothing of it is left to carry over")
			continue
		case len(doc.Layers) > oncall.MaxLayers:
			c.left("schedule", s.Name, "has %d layers, %d are allowed", len(doc.Layers), oncall.MaxLayers)
			continue
		}
		c.schedules[s.ID] = id
		c.put(catalog.Schedule{ID: id, Document: doc})
	}
}

// overridesOf adds PagerDuty's to those that stand.
func (c *carrier) overridesOf(s Schedule, id string) []oncall.Override {
	var out []oncall.Override
	if stands := c.stands.Schedules[id]; stands != nil {
		out = slices.Clone(stands.Overrides)
	}
	for _, o := range s.Overrides {
		who, ok := c.people[o.User.ID]
		if !ok {
			c.left("override", s.Name, "%s from %s is no user that could be read", line(o.User.Summary), o.Start.UTC().Format(time.RFC3339))
			continue
		}
		out = with(out, oncall.Override{From: o.Start.UTC(), Until: o.End.UTC(), Person: who})
	}
	if n := len(out) - oncall.MaxOverrides; n > 0 {
		c.left("schedule", s.Name, "%d overrides are more than a schedule has", n)
		out = out[:oncall.MaxOverrides]
	}
	return out
}

// ordered puts the layers in the order in which a later one wins. The API hands
// them out the other way round, and has begun to change that; what PagerDuty itself
// lays out from them decides, and tells whether both of us say the same.
func (c *carrier) ordered(s Schedule, layers [][]oncall.Layer, overrides []oncall.Override) *oncall.Schedule {
	best, at, wrong := (*oncall.Schedule)(nil), time.Time{}, 0
	for _, order := range [][][]oncall.Layer{reversed(layers), layers} {
		doc := &oncall.Schedule{TimeZone: s.TimeZone, Layers: slices.Concat(order...), Overrides: overrides}
		_ = doc.Prepare() // what is wrong with it is told where it is applied
		first, n := c.differs(s, doc)
		if best == nil || n < wrong {
			best, at, wrong = doc, first, n
		}
	}
	if wrong > 0 {
		c.left("schedule", s.Name, "says another person than PagerDuty at %s and %d more of the instants compared: look at both", at.UTC().Format(time.RFC3339), wrong-1)
	}
	return best
}

func reversed(layers [][]oncall.Layer) [][]oncall.Layer {
	out := slices.Clone(layers)
	slices.Reverse(out)
	return out
}

// differs counts the instants at which the schedule and what PagerDuty laid out
// name somebody else, and the first of them: both ends and the middle of every turn,
// and the middle of every gap between two.
func (c *carrier) differs(s Schedule, doc *oncall.Schedule) (first time.Time, n int) {
	look := func(t time.Time, want string) {
		got := ""
		if on := doc.At(t); len(on) > 0 {
			got = on[0]
		}
		if got == want {
			return
		}
		if n++; n == 1 {
			first = t
		}
	}
	for i, e := range s.Final.Entries {
		if who, ok := c.people[e.User.ID]; ok {
			look(e.Start, who)
			look(e.Start.Add(e.End.Sub(e.Start)/2), who)
			look(e.End.Add(-time.Second), who)
		}
		if i > 0 {
			if last := s.Final.Entries[i-1].End; e.Start.After(last) {
				look(last.Add(e.Start.Sub(last)/2), "")
			}
		}
	}
	return first, n
}

// layer writes one layer; none for one that is over or cannot be written.
func (c *carrier) layer(s Schedule, l Layer, loc *time.Location) []oncall.Layer {
	name := s.Name + ", " + cmp.Or(l.Name, l.ID)
	if l.End != nil {
		if !l.End.After(c.now) {
			return nil // PagerDuty keeps what a layer was before each change
		}
		c.left("schedule layer", name, "ends at %s: layers have no end here, take it out then", l.End.UTC().Format(time.RFC3339))
	}
	r, ok := newRotation(l, loc)
	if !ok {
		c.left("schedule layer", name, "a turn of %s is neither whole days nor whole hours", time.Duration(l.TurnSeconds)*time.Second)
		return nil
	}
	for _, u := range l.Users {
		who, ok := c.people[u.User.ID]
		if !ok {
			c.left("schedule layer", name, "%s is no user that could be read: the turns of the others come earlier", cmp.Or(line(u.User.Summary), u.User.ID))
			continue
		}
		r.members = append(r.members, who)
	}
	if len(r.members) == 0 {
		c.left("schedule layer", name, "has nobody in it")
		return nil
	}
	var err error
	if r.only, err = windows(l.Restrictions); err != nil {
		c.left("schedule layer", name, "%v", err)
		return nil
	}
	return r.layers(l.Start, c.now)
}

// weekdays by the number PagerDuty gives them, from 1.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

const daySeconds = 24 * 3600

// windows writes restrictions: a daily one as a window of every day, a weekly one,
// which may last for days, as a window for each. None covers always, and so does
// one that lasts for all of its period.
func windows(all []Restriction) ([]oncall.Restriction, error) {
	var out []oncall.Restriction
	put := func(day, from, seconds int) {
		w := oncall.Restriction{From: clock(from), To: clock(from + seconds)}
		i := slices.IndexFunc(out, func(o oncall.Restriction) bool { return o.From == w.From && o.To == w.To })
		if i < 0 {
			i, out = len(out), append(out, w)
		}
		out[i].Days = with(out[i].Days, weekdays[day%7])
	}
	for _, r := range all {
		at, err := time.Parse("15:04:05", r.StartTime)
		if err != nil || r.Seconds <= 0 {
			return nil, fmt.Errorf("its restriction at %q for %d seconds cannot be read", r.StartTime, r.Seconds)
		}
		from := at.Hour()*3600 + at.Minute()*60 + at.Second()
		switch r.Type {
		case "daily_restriction":
			if r.Seconds >= daySeconds {
				return nil, nil
			}
			for day := range weekdays {
				put(day, from, r.Seconds)
			}
		case "weekly_restriction":
			if r.StartDay < 1 || r.StartDay > 7 {
				return nil, fmt.Errorf("its restriction on day %d cannot be read", r.StartDay)
			}
			if r.Seconds >= 7*daySeconds {
				return nil, nil
			}
			for day, rest := r.StartDay-1, r.Seconds; rest > 0; day, rest = day+1, rest-daySeconds {
				put(day, from, min(rest, daySeconds))
			}
		default:
			return nil, fmt.Errorf("its restriction of the type %q is not known", r.Type)
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Days, func(a, b string) int { return slices.Index(weekdays, a) - slices.Index(weekdays, b) })
	}
	return out, nil
}

// clock is a second of the day, or of the next one, as the wall shows it.
func clock(second int) string {
	s := second % daySeconds
	if s%60 != 0 {
		return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/3600, s/60%60)
}
