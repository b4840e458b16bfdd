package hooks

import (
	"net/http"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// maxSilence is the size of a silence, in bytes.
const maxSilence = 128 << 10

func (c *amCall) getSilences() {
	f, err := c.filter()
	if err != nil {
		c.sorry(err)
		return
	}
	list, err := c.h.Silences.Silences(c.r.Context(), c.place.service)
	if err != nil {
		c.sorry(err)
		return
	}
	list = slices.DeleteFunc(list, func(s alert.Silence) bool { return !asks(&s, f.matchers) })
	slices.SortStableFunc(list, func(a, b alert.Silence) int { return order(&a, &b, c.now) })
	out := make([]amSilence, len(list))
	for i := range list {
		out[i] = toSilence(&list[i], c.now)
	}
	c.json(http.StatusOK, out)
}

// asks reports whether the silence has every matcher of the filter.
func asks(s *alert.Silence, filter []alert.Matcher) bool {
	for i := range filter {
		if !slices.ContainsFunc(s.Matchers, func(m alert.Matcher) bool { return m.Same(&filter[i]) }) {
			return false
		}
	}
	return true
}

// order is Alertmanager's: active, pending, expired; then what ends or starts
// next, and what ended last.
func order(a, b *alert.Silence, now time.Time) int {
	rank := map[alert.SilenceState]int{alert.Active: 1, alert.Pending: 2, alert.Expired: 3}
	sa, sb := a.State(now), b.State(now)
	if sa != sb {
		return rank[sa] - rank[sb]
	}
	switch sa {
	case alert.Pending:
		return a.StartsAt.Compare(b.StartsAt)
	case alert.Expired:
		return b.EndsAt.Compare(a.EndsAt)
	case alert.Active:
	}
	return a.EndsAt.Compare(b.EndsAt)
}

func (c *amCall) getSilence() {
	list, err := c.h.Silences.Silences(c.r.Context(), c.place.service)
	if err != nil {
		c.sorry(err)
		return
	}
	for i := range list {
		if list[i].ID == c.id {
			c.json(http.StatusOK, toSilence(&list[i], c.now))
			return
		}
	}
	c.sorry(fault.New(fault.NotFound, "silence not found"))
}

func (c *amCall) deleteSilence() {
	if err := c.h.Silences.EndSilence(c.r.Context(), c.place.service, c.id, c.now); err != nil {
		c.sorry(err)
		return
	}
	reply(c.w, plug.Reply{Status: http.StatusOK})
}

func (c *amCall) postSilence() {
	body, err := read(c.w, c.r, maxSilence)
	if err == nil {
		err = inbound(c.r, "", body, c.place, c.now, "").CheckShared()
	}
	var s alert.Silence
	if err == nil {
		s, err = readSilence(body)
	}
	if err == nil {
		s.ServiceID = c.place.service
		s.ID, err = c.h.Silences.SetSilence(c.r.Context(), s, c.now)
	}
	if err != nil {
		c.sorry(err)
		return
	}
	c.json(http.StatusOK, map[string]string{"silenceID": s.ID})
}

// readSilence reads a postableSilence.
func readSilence(body []byte) (alert.Silence, error) {
	var s alert.Silence
	seen := map[string]bool{}
	j := plug.ReadJSON(body)
	ok := j.Object(func(name []byte) {
		seen[string(name)] = true
		switch string(name) {
		case "id":
			s.ID = j.Text()
		case "startsAt":
			s.StartsAt = j.Time()
		case "endsAt":
			s.EndsAt = j.Time()
		case "createdBy":
			s.CreatedBy = plug.Line(j.Text(), plug.MaxSummary)
		case "comment":
			s.Comment = plug.Line(j.Text(), plug.MaxSummary)
		case "matchers":
			s.Matchers = nil
			j.Array(1000, func(int) { s.Matchers = append(s.Matchers, readMatcher(j)) })
		}
	})
	if !ok {
		j.Fail("must be an object")
	}
	if err := j.End(); err != nil {
		return s, err
	}
	for _, name := range []string{"matchers", "startsAt", "endsAt", "createdBy", "comment"} {
		if !seen[name] {
			return s, fault.New(fault.Invalid, "%s in body is required", name)
		}
	}
	return s, nil
}

func readMatcher(j *plug.JSON) alert.Matcher {
	var m alert.Matcher
	j.Object(func(name []byte) {
		switch string(name) {
		case "name":
			m.Name = j.Text()
		case "value":
			m.Value = j.Text()
		case "isRegex":
			m.Regex = j.Truth()
		case "isEqual": // absent or null means equal
			m.Not = j.Kind() != 'n' && !j.Truth()
		}
	})
	return m
}
