package detect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/detect"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
	builtin "allclear/procedures"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0  = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	ops = authz.Actor{ID: "ana", Role: authz.Responder}
)

// world is the flow alone, with what it has raised.
type world struct {
	*detect.Detect
	raised []alert.Signal
}

func begin(t *testing.T, db *store.DB) *world {
	t.Helper()
	return reading(t, db, 0)
}

// reading is a world whose queries read so many values at most.
func reading(t *testing.T, db *store.DB, most int) *world {
	t.Helper()
	w := &world{}
	shelf := &procedures.Shelf{}
	w.Detect = detect.New(db, detect.Options{
		Shelf: shelf, Most: most,
		Catalog: func(*store.Tx) (*catalog.Catalog, error) {
			c := catalog.New(1)
			c.Services["api"], c.Services["auth"] = catalog.Service{ID: "api"}, catalog.Service{ID: "auth"}
			return c, nil
		},
		Raise: func(_ *store.Tx, service, _ string, ss []alert.Signal, _ time.Time) error {
			for _, s := range ss {
				s.Origin = service
				w.raised = append(w.raised, s)
			}
			return nil
		},
	})
	err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		hash, err := shelf.Put(tx, builtin.TechFlow, t0)
		if err != nil {
			return err
		}
		return shelf.Activate(tx, hash, t0)
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func details(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return fmt.Sprint(err)
	}
	return fmt.Sprint(f.Message, f.Details)
}

// A metric with more label values than a service may have series is bounded, said
// clearly, and holds up nobody: what is known goes on, and so do other services.
func TestTooManySeries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		push := func(service string, from, n int) error {
			all := make([]metric.Sample, n)
			for i := range all {
				all[i] = metric.Sample{Service: service, Name: "m", Labels: map[string]string{"user": fmt.Sprint(from + i)}, Value: 1, At: t0}
			}
			return w.Push(t.Context(), all, t0)
		}
		if err := push("api", 0, metric.MaxSeries-10); err != nil {
			t.Fatal(err)
		}
		err := push("api", metric.MaxSeries-10, 1000)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(details(err), "one series more than the 2000 that api may have") || !strings.Contains(details(err), "/10") {
			t.Errorf("got %s", details(err))
		}
		if err := push("api", 0, 100); err != nil {
			t.Errorf("series that are known: %s", details(err))
		}
		if err := push("auth", 0, 100); err != nil {
			t.Errorf("another service: %s", details(err))
		}
		got, err := w.Series(t.Context(), ops, "api")
		if err != nil || len(got) != metric.MaxSeries {
			t.Errorf("%d series, %v", len(got), err)
		}
	})
}

// What is no use is refused with its place, and the rest is kept (INV-I5).
func TestRefusedSamples(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		nan := 0.0
		all := []metric.Sample{
			{Service: "api", Name: "good", Value: 1},
			{Service: "api", Name: "", Value: 1},
			{Service: "api", Name: "a b", Value: 1},
			{Service: "api", Name: "m", Value: nan / nan},
			{Service: "api", Name: "m", Value: 1, At: t0.Add(metric.MaxAhead + time.Second)},
			{Service: "api", Name: "m", Value: 1, At: t0.Add(-metric.MaxAge - time.Second)},
			{Service: "api", Name: "m", Value: -1, Kind: metric.Count},
			{Service: "api", Name: "m", Value: 1, Labels: map[string]string{"a": strings.Repeat("x", 201)}},
			{Service: "api", Name: "m", Value: 1, Labels: map[string]string{"__a": "x"}},
			{Service: "api", Name: "good", Value: 2, Labels: map[string]string{"empty": ""}, At: t0.Add(time.Minute)},
		}
		err := w.Push(t.Context(), all, t0)
		for i := 1; i <= 8; i++ {
			if !strings.Contains(details(err), fmt.Sprintf("/%d/", i)) {
				t.Errorf("sample %d is not told of: %s", i, details(err))
			}
		}
		got, err := w.Query(t.Context(), ops, `sum_over_time(good[5m])`, t0.Add(time.Minute), t0.Add(time.Minute), 30*time.Second)
		if err != nil || len(got) != 1 || got[0].Points[0].Value != 3 {
			t.Errorf("got %+v %v", got, err)
		}
		if err := w.PushAs(t.Context(), ops, []metric.Sample{{Service: "nope", Name: "m"}}, t0); !strings.Contains(details(err), "no service of the catalogue") {
			t.Errorf("got %s", details(err))
		}
		if err := w.PushAs(t.Context(), authz.Actor{ID: "x", Role: authz.Stakeholder}, all, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder: %v", err)
		}
	})
}

// Two values of one instant: the later one counts, of counts their sum. Late
// values find their place.
func TestLateAndTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		g := func(v float64, at time.Time) metric.Sample {
			return metric.Sample{Service: "api", Name: "g", Value: v, At: at}
		}
		c := func(v float64) metric.Sample {
			return metric.Sample{Service: "api", Name: "c", Kind: metric.Count, Value: v, At: t0}
		}
		for _, all := range [][]metric.Sample{{g(1, t0)}, {g(2, t0)}, {g(3, t0), g(4, t0), c(1), c(2)}, {g(9, t0.Add(-time.Minute))}} {
			if err := w.Push(t.Context(), all, t0); err != nil {
				t.Fatal(details(err))
			}
		}
		for query, want := range map[string]float64{"g": 4, "c": 3, "g offset 1m": 9, "count_over_time(g[10m])": 2} {
			got, err := w.Query(t.Context(), ops, query, t0, t0, 30*time.Second)
			if err != nil || len(got) != 1 || got[0].Points[0].Value != want {
				t.Errorf("%s: got %+v %v, want %v", query, got, err, want)
			}
		}
	})
}

func TestQueriesThatAreNoUse(t *testing.T) {
	w := begin(t, storetest.Memory(t))
	for query, want := range map[string]string{"up{": "cannot be read", "": "cannot be read", `"text"`: "must be Scalar", strings.Repeat("a+", 3000) + "a": "longer than"} {
		_, err := w.Query(t.Context(), ops, query, t0, t0, 30*time.Second)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(details(err), want) {
			t.Errorf("%.20s: got %s", query, details(err))
		}
	}
	if _, err := w.Query(t.Context(), ops, "up", t0, t0.Add(1000*time.Hour), time.Second); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many points: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Query(ctx, ops, "up", t0, t0, time.Second); err == nil {
		t.Error("a caller that has gone is answered")
	}
}

// A rule that looks a week back reads one service at a time, so that many services
// are not more than a query may read; a service that is too much by itself is told on
// the rule, which keeps its alerts.
func TestALookBackOverManyServices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := reading(t, db, 250)
		hours := func(service string, labels map[string]string, last float64) {
			t.Helper()
			var all []metric.Sample
			for h := range 168 {
				all = append(all, metric.Sample{Service: service, Name: "app_response_time", Labels: labels, Value: 1, At: t0.Add(-time.Duration(h+5) * 16 * time.Minute)})
			}
			all = append(all, metric.Sample{Service: service, Name: "app_response_time", Labels: labels, Value: last, At: t0.Add(-time.Minute)})
			if err := w.Push(t.Context(), all, t0); err != nil {
				t.Fatal(details(err))
			}
		}
		failing := func() string {
			t.Helper()
			rules, _, err := w.Rules(t.Context(), ops, t0)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rules, func(r detect.Rule) bool { return r.ID == "slower-than-usual" })
			return rules[i].Failing
		}
		hours("api", nil, 4)
		hours("auth", nil, 1)
		if err := w.Judge(t.Context(), t0); err != nil || failing() != "" {
			t.Fatalf("two services, each within bounds: %v %q", err, failing())
		}
		if len(w.raised) != 1 || w.raised[0].Class != "slower-than-usual" || w.raised[0].Origin != "api" {
			t.Fatalf("raised %+v", w.raised)
		}
		hours("auth", map[string]string{"region": "eu"}, 1)
		if err := w.Judge(t.Context(), t0.Add(detect.Every)); err != nil {
			t.Fatal(err)
		}
		if got := failing(); !strings.Contains(got, "service auth: the query reads more than 250 values") {
			t.Errorf("the rule says %q", got)
		}
		if len(w.raised) != 1 {
			t.Errorf("a rule that cannot be judged ended its alert: %+v", w.raised)
		}
	})
}

// A limit is tried on what was measured: the trial says what judging in earnest
// has raised.
func TestTrialAgreesWithEarnest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		at := t0
		for i := range 200 {
			v := 9000.0
			if i%60 > 40 {
				v = 10_001
			}
			if err := w.Push(t.Context(), []metric.Sample{{Service: "api", Name: "queue_depth", Value: v, At: at}}, at); err != nil {
				t.Fatal(details(err))
			}
			if _, err := w.Tick(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			at = at.Add(detect.Every)
		}
		limit := 10_000.0
		ask := detect.Ask{Rule: procedure.MetricRule{Measure: procedure.Latest, Metric: "queue_depth", Above: &limit}, From: t0, Until: at.Add(-detect.Every)}
		tried, err := w.Try(t.Context(), ops, ask, at)
		if err != nil {
			t.Fatal(details(err))
		}
		var began, ended []time.Time
		for _, s := range w.raised {
			if s.Class != "queue-depth" && s.Action == alert.Trigger {
				t.Errorf("raised %+v", s)
			}
			if s.Action == alert.Trigger {
				began = append(began, s.StartedAt)
			}
			if s.Action == alert.Resolve {
				ended = append(ended, time.Time{})
			}
		}
		if len(tried) != 3 || len(began) != 3 || len(ended) != 3 {
			t.Fatalf("%d tried, %d raised, %d ended", len(tried), len(began), len(ended))
		}
		for i, f := range tried {
			if !f.Since.Equal(began[i]) || f.EndedAt.IsZero() {
				t.Errorf("tried %+v, raised %v", f, began[i])
			}
		}
		ask.Sensitive = true
		if sharp, err := w.Try(t.Context(), ops, ask, at); err != nil || len(sharp) != 1 || !sharp[0].EndedAt.IsZero() {
			t.Errorf("by the sharper limit: %+v %v", sharp, err)
		}
		ask.Rule = procedure.MetricRule{Measure: procedure.Query, Query: "queue_depth", Above: &limit}
		ask.Sensitive = false
		if byQuery, err := w.Try(t.Context(), ops, ask, at); err != nil || len(byQuery) != 3 {
			t.Errorf("as a query: %+v %v", byQuery, err)
		}
		ask.Rule = procedure.MetricRule{Measure: procedure.Mean, Metric: "queue_depth"}
		if _, err := w.Try(t.Context(), ops, ask, at); !fault.Is(err, fault.Invalid) {
			t.Errorf("half a rule: %v", err)
		}
	})
}

// What is older than it is kept for goes, and its series with it.
func TestForget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		for i := range 50 {
			if err := w.Push(t.Context(), []metric.Sample{{Service: "api", Name: "m", Value: 1, At: t0.Add(time.Duration(i) * time.Minute)}}, t0.Add(time.Hour)); err != nil {
				t.Fatal(details(err))
			}
		}
		if more, err := w.Forget(t.Context(), t0.Add(time.Hour)); more || err != nil {
			t.Errorf("%v %v", more, err)
		}
		if got, err := w.Series(t.Context(), ops, ""); len(got) != 1 || err != nil {
			t.Errorf("forgotten too early: %v", err)
		}
		if more, err := w.Forget(t.Context(), t0.Add(detect.Keep+24*time.Hour)); more || err != nil {
			t.Errorf("%v %v", more, err)
		}
		if got, err := w.Series(t.Context(), ops, ""); len(got) != 0 || err != nil {
			t.Errorf("still there: %+v %v", got, err)
		}
	})
}

// A part that was counted and has fallen silent is none, however long ago that was:
// a total outage does not end its own alert.
func TestTotalOutageGoesOn(t *testing.T) {
	w := begin(t, storetest.Memory(t))
	for at := t0; at.Before(t0.Add(3 * time.Hour)); at = at.Add(time.Minute) {
		all := []metric.Sample{{Service: "api", Name: "api_requests", Kind: metric.Count, Value: 100, At: at}}
		if at.Before(t0.Add(10 * time.Minute)) {
			all = append(all, metric.Sample{Service: "api", Name: "api_requests_succeeded", Kind: metric.Count, Value: 100, At: at})
		}
		if err := w.Push(t.Context(), all, at); err != nil {
			t.Fatal(details(err))
		}
		if err := w.Judge(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	if w.raised[0].Class != "availability" || slices.ContainsFunc(w.raised, func(s alert.Signal) bool { return s.Action == alert.Resolve }) {
		t.Errorf("raised %+v", w.raised)
	}
}

// A series whose sender says anew what it is, is read so from then on, and what
// Prometheus writes without saying is a total where it is added up.
func TestKindOfASeries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		push := func(kind metric.Kind, all, good float64, at time.Time) {
			t.Helper()
			for name, v := range map[string]float64{"api_requests": all, "api_requests_succeeded": good} {
				if err := w.Push(t.Context(), []metric.Sample{{Service: "api", Name: name, Kind: kind, Value: v, At: at}}, at); err != nil {
					t.Fatal(details(err))
				}
			}
		}
		push(metric.Gauge, 1, 1, t0) // somebody tried it out
		for i, kind := range []metric.Kind{metric.Counter, metric.Untold} {
			at := t0.Add(time.Duration(i+1) * time.Hour)
			before := len(w.raised)
			push(kind, 1e7, 1e7, at)
			push(kind, 1e7+1000, 1e7+900, at.Add(time.Minute))
			if err := w.Judge(t.Context(), at.Add(time.Minute)); err != nil || len(w.raised) != before+1 {
				t.Errorf("kind %d: %d raised, %v", kind, len(w.raised)-before, err)
			}
			push(kind, 1e7+100_000, 1e7+99_900, at.Add(20*time.Minute))
			push(kind, 1e7+200_000, 1e7+199_900, at.Add(21*time.Minute))
			if err := w.Judge(t.Context(), at.Add(21*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// One sample of a service that nobody knows loses none of the others.
func TestAnUnknownServiceIsLeftOut(t *testing.T) {
	w := begin(t, storetest.Memory(t))
	err := w.PushAs(t.Context(), ops, []metric.Sample{{Service: "nope", Name: "m", At: t0}, {Service: "api", Name: "m", Value: 7, At: t0}}, t0)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(details(err), "/0/service") {
		t.Errorf("got %s", details(err))
	}
	if got, err := w.Query(t.Context(), ops, "m", t0, t0, 30*time.Second); err != nil || len(got) != 1 || got[0].Points[0].Value != 7 {
		t.Errorf("got %+v %v", got, err)
	}
}

// A heartbeat that does not come in time.
//
// PLT-INF-CUSTOM
func TestHeartbeatIsMissed(t *testing.T) {
	w := begin(t, storetest.Memory(t))
	beat := func(at time.Time, every time.Duration) {
		t.Helper()
		if err := w.Push(t.Context(), []metric.Sample{{Service: "api", Name: "heartbeat_due", Labels: map[string]string{"name": "backup"}, Value: float64(at.Add(every).Unix()), At: at}}, at); err != nil {
			t.Fatal(details(err))
		}
	}
	judge := func(at time.Time, want int) {
		t.Helper()
		if err := w.Judge(t.Context(), at); err != nil || len(w.raised) != want {
			t.Errorf("%v: %d raised, want %d (%v)", at.Sub(t0), len(w.raised), want, err)
		}
	}
	beat(t0, 24*time.Hour)
	judge(t0.Add(time.Hour), 0)
	judge(t0.Add(24*time.Hour), 0) // at its limit
	judge(t0.Add(24*time.Hour+time.Second), 1)
	judge(t0.Add(9*24*time.Hour), 1)
	beat(t0.Add(9*24*time.Hour), 24*time.Hour)
	judge(t0.Add(9*24*time.Hour+time.Minute), 2)
	if w.raised[0].Action != alert.Trigger || w.raised[0].Suggests != procedure.P3 || w.raised[1].Action != alert.Resolve || w.raised[0].DedupKey != w.raised[1].DedupKey {
		t.Errorf("raised %+v", w.raised)
	}
}

// Entry spans become figures of their program, and a trace can be looked up.
//
// PLT-APP-TRACE
func TestTraces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		span := func(id string, took time.Duration, failed, entry bool) metric.Span {
			return metric.Span{Service: "api", Trace: "t1", ID: id, Name: "GET /", Program: "shop", Entry: entry, Start: t0.Add(-took), Took: took, Failed: failed}
		}
		if err := w.PushSpans(t.Context(), []metric.Span{span("a", 2*time.Second, true, true), span("b", 4*time.Second, false, true), span("c", time.Hour, true, false)}, t0); err != nil {
			t.Fatal(details(err))
		}
		for query, want := range map[string]float64{"trace_requests": 2, "trace_requests_failed": 1, "trace_duration": 3} {
			got, err := w.Query(t.Context(), ops, query, t0, t0, 30*time.Second)
			if err != nil || len(got) != 1 || got[0].Points[0].Value != want || got[0].Labels["program"] != "shop" {
				t.Errorf("%s: got %+v %v, want %v", query, got, err, want)
			}
		}
		if got, err := w.Trace(t.Context(), ops, "t1"); err != nil || len(got) != 3 || got[0].ID != "c" {
			t.Errorf("got %+v %v", got, err)
		}
		if _, err := w.Trace(t.Context(), ops, "t2"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no trace: %v", err)
		}
		later := t0.Add(25 * time.Hour)
		one := span("d", time.Second, false, true)
		one.Trace = "t3"
		if err := w.PushSpans(t.Context(), []metric.Span{one}, later); err != nil {
			t.Fatal(details(err))
		}
		if _, err := w.Trace(t.Context(), ops, "t1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a day later it is still there: %v", err)
		}
	})
}

// The slowest queries are kept by what they cost, and their average is judged.
//
// PLT-APP-DB, DET-MET-02
func TestSlowQueries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := begin(t, db)
		all := []metric.SlowQuery{{Query: "cheap", Calls: 1000, MeanMS: 1}, {Query: "dear", Calls: 900, MeanMS: 5000}, {Query: "rare", Calls: 1, MeanMS: 9000}}
		if err := w.PushQueries(t.Context(), "api", all, t0); err != nil {
			t.Fatal(details(err))
		}
		got, at, err := w.Queries(t.Context(), ops, "api")
		if err != nil || len(got) != 3 || got[0].Query != "dear" || got[2].Query != "cheap" || !at.Equal(t0) {
			t.Errorf("got %+v at %v, %v", got, at, err)
		}
		if err := w.Judge(t.Context(), t0.Add(time.Second)); err != nil || len(w.raised) != 1 || w.raised[0].Class != "database-time" {
			t.Errorf("raised %+v, %v", w.raised, err)
		}
		if err := w.PushQueries(t.Context(), "api", []metric.SlowQuery{{Query: "", Calls: 1}}, t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a text: %v", err)
		}
	})
}
