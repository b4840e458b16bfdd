// Package usage owns what is usual for a customer and when an hour is not: the same
// hour of the week over the weeks before, by median and median absolute deviation
// (Iglewicz and Hoaglin's modified z-score). It must not store values, nor say who
// is told.
package usage

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Weeks are how many weeks make a baseline; LeastWeeks of them must have a value.
const (
	Weeks      = 8
	LeastWeeks = 4
	Week       = 7 * 24 * time.Hour
)

// Limits of a warning. Both must be passed: a customer whose usage hardly moves has
// a large score for a small change, and one whose usage moves all the time a large
// change for no reason.
const (
	MinScore  = 3.5  // of the modified z-score
	MinDrop   = -0.5 // of the median
	MinSurge  = 1.0  // of the median
	MinMedian = 10   // below it single requests would decide
)

// Kinds of a warning.
const (
	Drop  = "drop"
	Surge = "surge"
)

// Baseline is what is usual in an hour of the week.
type Baseline struct {
	Median, MAD float64
	Weeks       int
}

// Usual sums up the values of the same hour in the weeks before; ok is false when
// they are too few.
func Usual(before []float64) (b Baseline, ok bool) {
	if len(before) < LeastWeeks {
		return b, false
	}
	b.Median, b.Weeks = median(before), len(before)
	off := make([]float64, len(before))
	for i, v := range before {
		off[i] = math.Abs(v - b.Median)
	}
	b.MAD = median(off)
	return b, true
}

func median(in []float64) float64 {
	s := slices.Sorted(slices.Values(in))
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return s[n/2-1]/2 + s[n/2]/2
}

// Verdict is how far an hour is from what is usual.
type Verdict struct {
	Kind   string  // Drop, Surge or empty: nothing unusual
	Score  float64 // modified z-score
	Change float64 // -0.8: 80 % less
}

// scale makes the median absolute deviation of normally distributed values their
// standard deviation.
const scale = 0.6745

// floorShare is the deviation that is granted to a customer whose usage never moves.
const floorShare = 0.05

// Judge compares an hour with its baseline.
func Judge(value float64, b Baseline) (v Verdict) {
	if b.Median < MinMedian {
		return v
	}
	v.Change = value/b.Median - 1
	v.Score = scale * (value - b.Median) / max(b.MAD, floorShare*b.Median)
	switch {
	case v.Score <= -MinScore && v.Change <= MinDrop:
		v.Kind = Drop
	case v.Score >= MinScore && v.Change >= MinSurge:
		v.Kind = Surge
	}
	return v
}

// String is the change in words.
func (v Verdict) String() string {
	if v.Change < 0 {
		return fmt.Sprintf("%.0f %% less than usual", -v.Change*100)
	}
	return fmt.Sprintf("%.0f %% more than usual", v.Change*100)
}

// Before are the same hours of the weeks before an hour, the latest first.
func Before(hour time.Time) []time.Time {
	out := make([]time.Time, Weeks)
	for i := range out {
		out[i] = hour.Add(-time.Duration(i+1) * Week)
	}
	return out
}
