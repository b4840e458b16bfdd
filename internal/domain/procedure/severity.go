package procedure

import (
	"fmt"
	"slices"
)

// Severity is the document's priority, P1 (critical) to P4 (low). The zero
// value means none.
type Severity uint8

// The severities, most severe first.
const (
	P1 Severity = iota + 1
	P2
	P3
	P4
)

// Severities lists P1 to P4.
var Severities = [...]Severity{P1, P2, P3, P4}

// ParseSeverity reads "P1".."P4".
func ParseSeverity(s string) (Severity, error) {
	if len(s) == 2 && s[0] == 'P' && s[1] >= '1' && s[1] <= '4' {
		return Severity(s[1] - '0'), nil
	}
	return 0, fmt.Errorf("severity %q: want P1, P2, P3 or P4", s)
}

func (s Severity) String() string {
	if s < P1 || s > P4 {
		return ""
	}
	return "P" + string('0'+rune(s))
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty means none.
func (s *Severity) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*s = 0
		return nil
	}
	*s, err = ParseSeverity(string(b))
	return err
}

// Above reports whether s is more severe than o.
func (s Severity) Above(o Severity) bool { return s != 0 && (o == 0 || s < o) }

// Pages reports whether incidents of s page at all: P1 and P2 do
// (SEV-P3-BH, SEV-P4-NOEMERG, readings 4 and 13).
func (s Severity) Pages() bool { return s == P1 || s == P2 }

// Set is a set of severities; empty means all of them.
type Set []Severity

// Has reports whether s belongs to the set.
func (set Set) Has(s Severity) bool { return len(set) == 0 || slices.Contains(set, s) }
