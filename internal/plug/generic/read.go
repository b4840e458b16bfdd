package generic

import (
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// read makes signals of a payload: field by field by the mapping, and by the
// common names where the mapping says nothing or fails.
func read(pay *payload, p *program, id string) (*reading, error) {
	t := &reading{}
	run := p.start(pay, t)
	items := run.list
	if len(items) == 0 && p == nil {
		return nil, fault.New(fault.Invalid, "the body has no events").With("", "is an empty list")
	}
	if len(items) > maxEvents {
		return nil, fault.New(fault.Invalid, "the body has too many events").With("", "has more than "+strconv.Itoa(maxEvents)+" events")
	}
	for i, item := range items {
		where := ""
		if len(items) > 1 {
			where = "/" + strconv.Itoa(i)
		}
		run.next(item, i, where)
		if !run.wanted() {
			t.skipped++
			continue
		}
		s, what := run.signal()
		if what != "" {
			t.refused = append(t.refused, fault.Detail{Where: where, What: what})
			continue
		}
		if s.DedupKey == "" {
			s.DedupKey = id
			if len(items) > 1 {
				s.DedupKey += "/" + strconv.Itoa(i)
			}
		}
		t.signals = append(t.signals, s)
	}
	if len(t.signals) == 0 && len(t.refused) > 0 {
		e := fault.New(fault.Invalid, "nothing in the body can be used")
		e.Details = append(t.refused, t.notes...)
		return nil, e
	}
	return t, nil
}

// signal puts one event together. It answers what is missing, and nothing
// when all is well.
func (r *run) signal() (s alert.Signal, missing string) {
	n := r.names
	s = alert.Signal{
		Source: Name, Action: plug.Action(r.text("action", n.action)), Severity: plug.Severity(r.text("severity", n.severity)),
		DedupKey: plug.Key(r.text("dedup_key", n.key)), Summary: plug.Line(r.text("summary", n.summary), plug.MaxSummary),
		Origin: plug.Line(r.text("source", n.origin), plug.MaxWord), Component: plug.Line(r.text("component", n.component), plug.MaxWord),
		Group: plug.Line(r.text("group", n.group), plug.MaxWord), Class: plug.Line(r.text("class", n.class), plug.MaxWord),
		StartedAt: r.instant(), Details: r.details(),
	}
	s.Links = plug.AddLink(s.Links, r.text("link", n.link), "Link")
	if src := plug.WebURL(n.first(imageNames)); src != "" {
		s.Images = []alert.Image{{Src: src}}
	}
	attach(&s, r.item)
	if s.Action == alert.Trigger && s.Summary == "" {
		if !r.setUp {
			return s, "has nothing to call it by: send summary, title or message, or give the hook a mapping"
		}
		// Somebody set this hook up for what comes here: an event whose shape
		// has changed is still an event.
		s.Summary = "Event that the mapping of its hook found no summary in"
		r.note("summary", "came out empty")
	}
	if s.Action != alert.Trigger && s.DedupKey == "" {
		return s, "says " + string(s.Action) + " and not of what: send a dedup_key or an id"
	}
	return s, ""
}

// instant is when the event began, as far as it can be read: evidence only.
func (r *run) instant() time.Time {
	v := r.value("started_at", nil)
	if v == nil {
		v = r.names.find(timeNames)
	}
	switch v := v.(type) {
	case string:
		if t, err := plug.ReadTime(v); err == nil && len(strings.TrimSpace(v)) > len(time.DateOnly) { // a day is no start: all of one day would be the same
			return t
		}
	case int:
		return plug.Epoch(float64(v))
	case float64:
		return plug.Epoch(v)
	}
	return time.Time{}
}

// text writes a scalar as text that can be stored; anything else is none.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return plug.Storable(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
