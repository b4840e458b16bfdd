package usage_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"allclear/internal/domain/usage"
)

func TestVerdicts(t *testing.T) {
	flat := []float64{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}
	busy := []float64{900, 1100, 1000, 950, 1050, 1000}
	wild := []float64{100, 2000, 50, 1500, 10, 900, 3000, 400}
	for name, c := range map[string]struct {
		before []float64
		value  float64
		want   string
	}{
		"80 % less":                   {busy, 200, usage.Drop},
		"nothing at all":              {flat, 0, usage.Drop},
		"a fifth less":                {flat, 800, ""},
		"ten times as much":           {busy, 10_000, usage.Surge},
		"half as much again":          {flat, 1500, ""},
		"who is always unsteady":      {wild, 50, ""},
		"small numbers":               {[]float64{2, 3, 2, 3}, 0, ""},
		"one odd week does not count": {[]float64{1000, 1000, 0, 1000, 1000}, 1000, ""},
	} {
		b, ok := usage.Usual(c.before)
		if got := usage.Judge(c.value, b); !ok || got.Kind != c.want {
			t.Errorf("%s: %+v of %+v", name, got, b)
		}
	}
	if _, ok := usage.Usual([]float64{1, 2, 3}); ok {
		t.Error("three weeks are no baseline")
	}
}

// Normal noise never warns, 80 % less always does, whatever the customer's size.
//
// Clauses: CRI-CS-EWS.
func TestNoiseNeverWarnsAndACollapseAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := math.Pow(10, rapid.Float64Range(1.2, 9).Draw(t, "size"))
		noise := rapid.Float64Range(-0.1, 0.1)
		var before []float64
		for range rapid.IntRange(usage.LeastWeeks, usage.Weeks).Draw(t, "weeks") {
			before = append(before, size*(1+noise.Draw(t, "noise")))
		}
		b, ok := usage.Usual(before)
		if !ok || b.MAD < 0 {
			t.Fatalf("%+v", b)
		}
		if v := usage.Judge(size*(1+noise.Draw(t, "now")), b); v.Kind != "" {
			t.Fatalf("noise: %+v of %v", v, before)
		}
		if v := usage.Judge(size*0.2, b); v.Kind != usage.Drop {
			t.Fatalf("80 %% less: %+v of %v", v, before)
		}
		if v := usage.Judge(size*5, b); v.Kind != usage.Surge {
			t.Fatalf("five times: %+v of %v", v, before)
		}
	})
}
