// Package metric owns what is known of a metric and when a limit of the
// procedure is passed: samples, their limits, and the measures of metric rules
// (DET-MET-*). It must not know where samples are kept, nor raise anything.
package metric

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
)

// Kind is how the values of a series are to be read.
type Kind uint8

// The kinds of a series.
const (
	Gauge   Kind = iota // a value that stands by itself
	Counter             // a total since some start that only grows; a smaller value is a new start
	Count               // what came since the sample before
	Untold              // whose sender does not say: read as a total where it is added up, else as a value
	Newest              // a value of which only the newest is kept
)

// Sample is one value of one series.
type Sample struct {
	Service string // a service of the catalogue
	Name    string // as Prometheus has them: letters, digits, _ and :
	Labels  map[string]string
	Kind    Kind
	At      time.Time // UTC
	Value   float64
}

// Limits of samples.
const (
	MaxLabels   = 32   // of one series
	MaxName     = 200  // characters of a metric's or label's name
	MaxValue    = 200  // characters of a label's value
	MaxSeries   = 2000 // of one service; more are refused, what is known goes on
	MaxAhead    = 5 * time.Minute
	MaxAge      = 48 * time.Hour // older samples are refused: nothing would look at them
	serviceName = "service"
)

// Name brings the name of a metric or label to Prometheus' form, as OpenTelemetry
// prescribes for it: what is neither letter nor digit becomes one _.
func Name(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_', r == ':', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9' && i > 0:
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			b.WriteString("_" + string(r))
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	return b.String()
}

var name = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

// Check refuses a sample that cannot be kept, and says why. An empty label is
// no label.
func (s *Sample) Check(now time.Time) error {
	bad := func(where, what string) error {
		return fault.New(fault.Invalid, "a sample cannot be used").With(where, what)
	}
	switch {
	case s.Name == "":
		return bad("/metric", "is missing")
	case len(s.Name) > MaxName || !name.MatchString(s.Name):
		return bad("/metric", "must be letters, digits, _ and :, at most 200")
	case math.IsNaN(s.Value) || math.IsInf(s.Value, 0):
		return bad("/value", "must be a finite number")
	case (s.Kind == Counter || s.Kind == Count) && s.Value < 0:
		return bad("/value", "of a count must not be negative")
	case s.At.After(now.Add(MaxAhead)):
		return bad("/at", "is more than 5 minutes ahead: check the sender's clock")
	case s.At.Before(now.Add(-MaxAge)):
		return bad("/at", "is older than 48 hours")
	}
	for k, v := range s.Labels {
		if v == "" || k == serviceName {
			delete(s.Labels, k)
			continue
		}
		if len(k) > MaxName || !name.MatchString(k) || strings.HasPrefix(k, "__") {
			return bad("/labels", "has a name that is not letters, digits and _, or is too long")
		}
		if len(v) > 4*MaxValue || utf8.RuneCountInString(v) > MaxValue || !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			return bad("/labels/"+k, "must be text of at most 200 characters")
		}
	}
	if len(s.Labels) > MaxLabels {
		return bad("/labels", "has more than 32 labels")
	}
	return nil
}

// Key names the series of the sample: the same labels give the same key in
// whatever order they came, and it is short however long they are.
func (s *Sample) Key() string {
	sum := sha256.Sum256([]byte(s.Service + "\x00" + s.Name + "\x00" + Canonical(s.Labels)))
	return hex.EncodeToString(sum[:])
}

// Canonical writes labels in one form: JSON with its keys in order.
func Canonical(labels map[string]string) string {
	if len(labels) == 0 {
		return "{}"
	}
	doc, _ := json.Marshal(labels) // a map of texts always can be written
	return string(doc)
}

// Point is one value.
type Point struct {
	At    time.Time
	Value float64
}

// Series is a stretch of one series, oldest first.
type Series struct {
	Service string
	Name    string
	Labels  map[string]string
	Kind    Kind
	Points  []Point
}
