package metric

import (
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

var t0 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func span(t *testing.T, s string) recur.Span {
	t.Helper()
	v, err := recur.ParseSpan(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func limit(v float64) *float64 { return &v }

// every lays values one step apart, the last at the end.
func every(step time.Duration, end time.Time, values ...float64) []Point {
	out := make([]Point, len(values))
	for i, v := range values {
		out[i] = Point{At: end.Add(-time.Duration(len(values)-1-i) * step), Value: v}
	}
	return out
}

func same(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// judge answers "alert", "none" or, where too little is known, "unknown".
func judge(r procedure.MetricRule, kind Kind, points []Point, now time.Time) string {
	got := Measure(&r, []Series{{Service: "api", Name: r.Metric, Kind: kind, Points: points}}, now)
	switch {
	case len(got) == 0:
		return "unknown"
	case got[0].Passed:
		return "alert"
	}
	return "none"
}

type look struct {
	points []Point
	want   string
}

func check(t *testing.T, r procedure.MetricRule, kind Kind, looks map[string]look) {
	t.Helper()
	for name, c := range looks {
		if got := judge(r, kind, c.points, t0); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// DET-MET-01: more than 5 s in three checks in a row.
func TestResponseTime(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Consecutive, Metric: "m", Checks: 3, Above: limit(5)}
	s := func(v ...float64) []Point { return every(30*time.Second, t0, v...) }
	check(t, r, Gauge, map[string]look{
		"three over":             {s(5.1, 5.1, 5.1), "alert"},
		"a better one between":   {s(5.1, 4.9, 5.1, 5.1), "none"},
		"at the limit":           {s(5, 5, 5), "none"},
		"just over":              {s(5.000001, 5.000001, 5.000001), "alert"},
		"two":                    {s(9, 9), "none"},
		"one":                    {s(9), "none"},
		"nothing":                {nil, "unknown"},
		"long ago":               {every(time.Minute, t0.Add(-5*time.Minute), 9, 9, 9), "unknown"},
		"a check was not made":   {append(every(time.Minute, t0.Add(-6*time.Minute), 9, 9), s(9)...), "none"},
		"a late one fills it in": {append(every(2*time.Minute, t0.Add(-4*time.Minute), 9, 9), s(9)...), "alert"},
		"checks an hour apart":   {every(time.Hour, t0, 9, 9, 9), "none"},
		"later than now":         {every(30*time.Second, t0.Add(time.Minute), 9, 9, 9), "none"},
	})
	r.Every = span(t, "10m")
	check(t, r, Gauge, map[string]look{
		"every ten minutes":    {every(10*time.Minute, t0.Add(-9*time.Minute), 9, 9, 9), "alert"},
		"one of them missing":  {without(every(10*time.Minute, t0, 9, 9, 9, 9), 2), "alert"},
		"two of them missing":  {without(every(10*time.Minute, t0, 9, 9, 9, 9, 9), 2, 3), "none"},
		"silent for too long":  {every(10*time.Minute, t0.Add(-25*time.Minute), 9, 9, 9), "unknown"},
		"one of them was fine": {every(10*time.Minute, t0, 9, 1, 9), "none"},
	})
	if got := Reach(&r); got != 75*time.Minute {
		t.Errorf("reads %v back", got)
	}
}

// DET-MET-02: an average of more than 2 s over five minutes.
func TestDatabaseTime(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Mean, Metric: "m", Window: span(t, "5m"), Above: limit(2)}
	check(t, r, Gauge, map[string]look{
		"2.1":                        {every(time.Minute, t0, 2.2, 2, 2.1), "alert"},
		"2.0":                        {every(time.Minute, t0, 1.5, 2.5), "none"},
		"the old ones do not count":  {every(time.Minute, t0, 90, 90, 90, 2, 2, 2, 2, 2), "none"},
		"what is 5 minutes old, too": {every(5*time.Minute, t0, 90, 2), "none"},
		"nothing in the window":      {every(time.Minute, t0.Add(-5*time.Minute), 9, 9), "unknown"},
		"one just within":            {every(time.Minute, t0.Add(-5*time.Minute+time.Microsecond), 9), "alert"},
		"zeros are values":           {every(time.Minute, t0, 0, 0, 6, 0), "none"},
	})
}

// DET-MET-04 and DET-MET-05: memory over 85 % for ten minutes, CPU over 80 % for
// fifteen.
func TestSustained(t *testing.T) {
	mem := procedure.MetricRule{Measure: procedure.Sustained, Metric: "m", Window: span(t, "10m"), Above: limit(85)}
	m := func(values ...float64) []Point { return every(time.Minute, t0, values...) }
	half := func(values ...float64) []Point { return every(30*time.Second, t0, values...) }
	check(t, mem, Gauge, map[string]look{
		"ten minutes":                     {m(same(11, 86)...), "alert"},
		"nine minutes":                    {m(same(10, 86)...), "none"},
		"at the limit":                    {m(same(20, 85)...), "none"},
		"just over":                       {m(same(11, 85.0001)...), "alert"},
		"by half minutes":                 {half(same(21, 86)...), "alert"},
		"by half minutes, one too few":    {half(same(20, 86)...), "none"},
		"a dip":                           {m(append(append(same(8, 86), 80), same(9, 86)...)...), "none"},
		"ten minutes after a dip":         {m(append(append(same(8, 86), 80), same(11, 86)...)...), "alert"},
		"a dip just now":                  {m(append(same(20, 86), 80)...), "none"},
		"long before":                     {m(append(same(20, 10), same(11, 86)...)...), "alert"},
		"silent for a while":              {every(time.Minute, t0.Add(-2*time.Minute), same(20, 86)...), "unknown"},
		"silent for long":                 {every(time.Minute, t0.Add(-5*time.Minute), same(20, 86)...), "unknown"},
		"every fifth is missing":          {without(m(same(11, 86)...), 3, 7), "alert"},
		"more are missing":                {without(m(same(11, 86)...), 3, 5, 7), "unknown"},
		"every two minutes is too seldom": {every(2*time.Minute, t0, same(8, 86)...), "unknown"},
		"one value":                       {m(99), "none"},
	})
	cpu := procedure.MetricRule{Measure: procedure.Sustained, Metric: "m", Window: span(t, "15m"), Above: limit(80)}
	check(t, cpu, Gauge, map[string]look{
		"fifteen minutes":  {m(same(16, 81)...), "alert"},
		"fourteen minutes": {m(same(15, 81)...), "none"},
		"at the limit":     {m(same(20, 80)...), "none"},
	})
	// A value speaks for the time until the next is due and not for longer: load
	// that was seen for fourteen minutes never becomes fifteen in silence.
	for step, want := range map[time.Duration]int{30 * time.Second: 0, time.Minute: 2} {
		load, alerts := every(step, t0, same(int(14*time.Minute/step)+1, 81)...), 0
		for d := time.Duration(0); d < 10*time.Minute; d += 30 * time.Second {
			if judge(cpu, Gauge, load, t0.Add(d)) == "alert" {
				alerts++
			}
		}
		if alerts != want {
			t.Errorf("14 minutes of load each %v and then silence: %d alerts, want %d", step, alerts, want)
		}
	}
}

func without(points []Point, places ...int) []Point {
	var out []Point
	for i, p := range points {
		gone := false
		for _, n := range places {
			gone = gone || n == i
		}
		if !gone {
			out = append(out, p)
		}
	}
	return out
}

// DET-MET-07: more than 10,000 messages now.
func TestQueueDepth(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Latest, Metric: "m", Above: limit(10_000)}
	check(t, r, Gauge, map[string]look{
		"10,001":           {every(time.Minute, t0, 1, 10_001), "alert"},
		"10,000":           {every(time.Minute, t0, 99_999, 10_000), "none"},
		"five minutes old": {every(time.Minute, t0.Add(-5*time.Minute), 99_999), "unknown"},
		"nearly":           {every(time.Minute, t0.Add(-5*time.Minute+time.Microsecond), 99_999), "alert"},
	})
}

// ratio judges a part and a total that come as counts, and as a counter.
func ratio(t *testing.T, r procedure.MetricRule, part, whole []float64, want string) {
	t.Helper()
	r.Metric, r.Total = "part", "whole"
	sums := func(from float64, values []float64) []float64 {
		out := []float64{from}
		for _, v := range values {
			from += v
			out = append(out, from)
		}
		return out
	}
	for name, all := range map[string][]Series{
		"counts": {
			{Service: "api", Name: "part", Kind: Count, Points: every(time.Minute, t0, part...)},
			{Service: "api", Name: "whole", Kind: Count, Points: every(time.Minute, t0, whole...)},
		},
		"counters": {
			{Service: "api", Name: "part", Kind: Counter, Points: every(time.Minute, t0, sums(7, part)...)},
			{Service: "api", Name: "whole", Kind: Counter, Points: every(time.Minute, t0, sums(1e6, whole)...)},
		},
	} {
		got := "unknown"
		if rs := Measure(&r, all, t0); len(rs) == 1 {
			got = map[bool]string{true: "alert", false: "none"}[rs[0].Passed]
		}
		if got != want {
			t.Errorf("%s, %v of %v: got %s, want %s", name, part, whole, got, want)
		}
	}
}

// DET-MET-03: fewer than 99 % successes in five minutes. DET-MET-06: more than
// 1 % errors in ten.
func TestShares(t *testing.T) {
	avail := procedure.MetricRule{Measure: procedure.Ratio, Window: span(t, "5m"), Below: limit(0.99)}
	ratio(t, avail, []float64{985}, []float64{1000}, "alert")
	ratio(t, avail, []float64{990}, []float64{1000}, "none")
	ratio(t, avail, []float64{989}, []float64{1000}, "alert")
	ratio(t, avail, []float64{300, 295, 390}, []float64{300, 300, 400}, "alert")
	ratio(t, avail, []float64{300, 300, 390}, []float64{300, 300, 400}, "none")
	ratio(t, avail, []float64{0, 0, 0}, []float64{1, 1, 1}, "alert")
	ratio(t, avail, []float64{0}, []float64{0}, "unknown")
	ratio(t, avail, []float64{0, 100, 100, 100, 100, 100}, []float64{900, 100, 100, 100, 100, 100}, "none") // five minutes ago is over
	errs := procedure.MetricRule{Measure: procedure.Ratio, Window: span(t, "10m"), Above: limit(0.01)}
	ratio(t, errs, []float64{11}, []float64{1000}, "alert")
	ratio(t, errs, []float64{10}, []float64{1000}, "none")
	ratio(t, errs, []float64{0}, []float64{1000}, "none")
	errs.AtLeast = 100
	ratio(t, errs, []float64{1}, []float64{99}, "unknown")
	ratio(t, errs, []float64{2}, []float64{100}, "alert")
	// At each share that is exactly the limit nothing is raised, whatever the size.
	for n := 100; n < 200_000; n += 900 {
		errs.AtLeast = 0
		ratio(t, errs, []float64{float64(n / 100)}, []float64{float64(n / 100 * 100)}, "none")
		ratio(t, avail, []float64{float64(n / 100 * 99)}, []float64{float64(n / 100 * 100)}, "none")
	}
}

// A counter that starts anew counts from zero, and one that is seen for the first
// time counts from there.
func TestCounterStartsAnew(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Sum, Metric: "m", Window: span(t, "10m"), Above: limit(0)}
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{100}, 0},
		{[]float64{100, 130}, 30},
		{[]float64{100, 130, 5, 25}, 55},
		{[]float64{100, 100, 0}, 0},
	} {
		got := Measure(&r, []Series{{Service: "a", Name: "m", Kind: Counter, Points: every(time.Minute, t0, c.values...)}}, t0)
		if len(got) != 1 || got[0].Value != c.want {
			t.Errorf("%v: got %+v, want %v", c.values, got, c.want)
		}
	}
}

// PLT-APP-BIZ: no payment at all in a window raises the alert, and a metric that
// was only just begun to be counted does not.
func TestNothingSold(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Sum, Metric: "m", Window: span(t, "10m"), Below: limit(1)}
	check(t, r, Count, map[string]look{
		"none":       {every(time.Minute, t0, same(14, 0)...), "alert"},
		"one":        {every(time.Minute, t0, append(same(13, 0), 1)...), "none"},
		"just begun": {every(time.Minute, t0, same(5, 0)...), "unknown"},
		"silent":     {every(time.Minute, t0.Add(-20*time.Minute), same(5, 0)...), "unknown"},
	})
}

// Where successes were counted and none comes any more, everything fails; where
// they never were, nobody counts them.
func TestSuccessesFallSilent(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Ratio, Metric: "part", Total: "whole", Window: span(t, "5m"), Below: limit(0.99)}
	whole := Series{Service: "api", Name: "whole", Kind: Count, Points: every(time.Minute, t0, same(9, 100)...)}
	part := Series{Service: "api", Name: "part", Kind: Count, Points: every(time.Minute, t0.Add(-6*time.Minute), same(3, 100)...)}
	if got := Measure(&r, []Series{whole, part}, t0); len(got) != 1 || !got[0].Passed || got[0].Value != 0 {
		t.Errorf("fell silent: got %+v", got)
	}
	if got := Measure(&r, []Series{whole}, t0); len(got) != 0 {
		t.Errorf("never counted: got %+v", got)
	}
}

// INN-SRE: errors that come 14.4 times as fast as the objective allows, for an
// hour and still in the last five minutes.
func TestBurnRate(t *testing.T) {
	r := procedure.MetricRule{Measure: procedure.Burn, Metric: "bad", Total: "all", Window: span(t, "1h"), Short: span(t, "5m"), Goal: 0.999, Above: limit(14.4)}
	burn := func(bad ...float64) []Result {
		return Measure(&r, []Series{
			{Service: "api", Name: "bad", Kind: Count, Points: every(time.Minute, t0, bad...)},
			{Service: "api", Name: "all", Kind: Count, Points: every(time.Minute, t0, same(len(bad), 10_000)...)},
		}, t0)
	}
	for name, c := range map[string]struct {
		bad  []float64
		want bool
	}{
		"14.4 times":                {same(60, 144), true},
		"less":                      {same(60, 143), false},
		"over since ten minutes":    {append(same(50, 400), same(10, 0)...), false},
		"begun five minutes ago":    {append(same(55, 0), same(5, 1000)...), false},
		"a total failure of 1 in 4": {append(same(45, 0), same(15, 2500)...), true},
	} {
		if got := burn(c.bad...); len(got) != 1 || got[0].Passed != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// MON-ENH-24H, reading 20: limits times 0.8, the unavailability times 0.8,
// durations and counts halved and rounded up.
func TestSensitive(t *testing.T) {
	up := procedure.MetricRule{Measure: procedure.Consecutive, Checks: 3, Above: limit(5)}.Sensitive()
	if *up.Above != 4 || up.Checks != 2 {
		t.Errorf("got %v, %d checks", *up.Above, up.Checks)
	}
	avail := procedure.MetricRule{Measure: procedure.Ratio, Window: span(t, "5m"), Below: limit(0.99)}.Sensitive()
	if *avail.Below != 0.992 || avail.Window.Elapsed() != 150*time.Second {
		t.Errorf("got %v over %v", *avail.Below, avail.Window)
	}
	mem := procedure.MetricRule{Measure: procedure.Sustained, Window: span(t, "15m"), Above: limit(85)}.Sensitive()
	if *mem.Above != 68 || mem.Window.Elapsed() != 450*time.Second {
		t.Errorf("got %v over %v", *mem.Above, mem.Window)
	}
	odd := procedure.MetricRule{Measure: procedure.Mean, Window: span(t, "5s"), Above: limit(0.01)}.Sensitive()
	if *odd.Above != 0.008 || odd.Window.Elapsed() != 3*time.Second {
		t.Errorf("got %v over %v", *odd.Above, odd.Window)
	}
}
