package incident

import "time"

// Span is a stretch of time: From included, Until not.
type Span struct{ From, Until time.Time }

// Length is how long it is; of one that ends before it begins nothing.
func (s Span) Length() time.Duration { return max(s.Until.Sub(s.From), 0) }

// Within is the part of it that lies in another; without one it has no length.
func (s Span) Within(o Span) Span {
	if s.From.Before(o.From) {
		s.From = o.From
	}
	if s.Until.After(o.Until) {
		s.Until = o.Until
	}
	return s
}

// Month is the calendar month of an instant, in UTC.
func Month(at time.Time) Span {
	y, m, _ := at.UTC().Date()
	from := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return Span{from, from.AddDate(0, 1, 0)}
}

// Hurt lists when the incident hurt, up to now: from the beginning of its impact,
// else its detection, to its end, without the time between a resolution that did not
// hold and the reopening (reading 21). Whoever counts downtime counts these.
func (i *Incident) Hurt(now time.Time) (out []Span) {
	from := i.DetectedAt
	if !i.ImpactAt.IsZero() && i.ImpactAt.Before(from) {
		from = i.ImpactAt
	}
	for _, g := range i.Regressions {
		out = append(out, Span{from, g.ResolvedAt})
		from = g.ReopenedAt
	}
	until := i.ResolvedAt
	if until.IsZero() {
		until = now
	}
	return append(out, Span{from, until})
}

// Downtime is how long the incident hurt in a time, up to now.
func (i *Incident) Downtime(in Span, now time.Time) (sum time.Duration) {
	for _, s := range i.Hurt(now) {
		sum += s.Within(in).Length()
	}
	return sum
}

// Total is how long the spans are together.
func Total(all []Span) (sum time.Duration) {
	for _, s := range all {
		sum += s.Length()
	}
	return sum
}
