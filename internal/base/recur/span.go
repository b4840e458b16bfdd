package recur

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span is how long a procedure allows: elapsed time ("45m", "24h", "7d"),
// business time ("8bh") or business days ("5bd"). Only one of the three is
// used. The zero Span is no time at all.
type Span struct {
	Days          int           // elapsed days of 24 hours each
	Duration      time.Duration // elapsed, on top of Days
	BusinessHours time.Duration // open time on a Calendar
	BusinessDays  int           // same wall-clock time that many business days later
}

type spanClass uint8

const (
	elapsed spanClass = iota + 1
	businessTime
	businessDays
)

// spanUnits lists the units from large to small, the order they are written in.
var spanUnits = [...]struct {
	name  string
	class spanClass
	size  time.Duration
}{
	{"bd", businessDays, 1},
	{"bh", businessTime, time.Hour},
	{"bm", businessTime, time.Minute},
	{"d", elapsed, 24 * time.Hour},
	{"h", elapsed, time.Hour},
	{"m", elapsed, time.Minute},
	{"s", elapsed, time.Second},
	{"ms", elapsed, time.Millisecond},
}

// maxCount bounds one number of a span: 100 years of hours.
const maxCount = 876_600

// ParseSpan reads whole numbers with units, largest unit first, each once:
// d h m s ms (elapsed), bh bm (business time) or bd (business days), as in
// "45m", "1h30m", "7d", "8bh", "5bd". Kinds cannot be mixed.
func ParseSpan(s string) (Span, error) {
	var out Span
	var class spanClass
	last := -1
	for rest := s; rest != "" || last < 0; {
		count, unit, tail := nextPart(rest)
		i := unitIndex(unit)
		n, err := strconv.Atoi(count)
		switch {
		case err != nil || i < 0:
			return Span{}, fmt.Errorf("read span %q: want whole numbers with d, h, m, s, ms, bh, bm or bd, such as 45m, 8bh or 5bd", s)
		case n > maxCount || (unit == "d" || unit == "bd") && n > maxCount/24:
			return Span{}, fmt.Errorf("read span %q: more than 100 years", s)
		case i <= last:
			return Span{}, fmt.Errorf("read span %q: units go from large to small, each once", s)
		case class != 0 && class != spanUnits[i].class:
			return Span{}, fmt.Errorf("read span %q: elapsed time, business time and business days cannot be mixed", s)
		}
		class, last, rest = spanUnits[i].class, i, tail
		out.add(i, n)
	}
	return out, nil
}

func (s *Span) add(unit, n int) {
	u := spanUnits[unit]
	switch {
	case u.class == businessDays:
		s.BusinessDays += n
	case u.class == businessTime:
		s.BusinessHours += time.Duration(n) * u.size
	case u.name == "d":
		s.Days += n
	default:
		s.Duration += time.Duration(n) * u.size
	}
}

// nextPart splits "1h30m" into "1", "h" and "30m".
func nextPart(s string) (count, unit, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	j := i
	for j < len(s) && (s[j] < '0' || s[j] > '9') {
		j++
	}
	return s[:i], s[i:j], s[j:]
}

func unitIndex(name string) int {
	for i, u := range spanUnits {
		if u.name == name {
			return i
		}
	}
	return -1
}

// Business reports whether the span is counted on a business calendar.
func (s Span) Business() bool { return s.BusinessHours != 0 || s.BusinessDays != 0 }

// IsZero reports whether the span is no time at all.
func (s Span) IsZero() bool { return s == Span{} }

// Elapsed returns the length of a span of elapsed time, 0 for a business span,
// whose length depends on when it starts.
func (s Span) Elapsed() time.Duration {
	return time.Duration(s.Days)*24*time.Hour + s.Duration
}

// From returns when a span that starts at t is over. A business span started
// outside business hours counts from the next opening of cal; a nil cal means
// Default. Elapsed spans ignore cal.
func (s Span) From(t time.Time, cal *Calendar) time.Time {
	if cal == nil {
		cal = Default()
	}
	switch {
	case s.BusinessDays != 0:
		return cal.AddDays(t, s.BusinessDays)
	case s.BusinessHours != 0:
		return cal.Add(t, s.BusinessHours)
	default:
		return t.Add(s.Elapsed())
	}
}

// String returns the span in the form ParseSpan reads; the zero Span is "0s".
// Days stay days and hours stay hours: "7d" and "168h" are both kept.
func (s Span) String() string {
	var b strings.Builder
	elapsedLeft, businessLeft := s.Duration, s.BusinessHours
	for _, u := range spanUnits {
		var n int
		switch {
		case u.class == businessDays:
			n = s.BusinessDays
		case u.class == businessTime:
			n = int(businessLeft / u.size)
			businessLeft %= u.size
		case u.name == "d":
			n = s.Days
		default:
			n = int(elapsedLeft / u.size)
			elapsedLeft %= u.size
		}
		if n != 0 {
			b.WriteString(strconv.Itoa(n) + u.name)
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// MarshalText writes the span as String does, for JSON and YAML.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the span as ParseSpan does, for JSON and YAML.
func (s *Span) UnmarshalText(text []byte) error {
	p, err := ParseSpan(string(text))
	if err != nil {
		return err
	}
	*s = p
	return nil
}
