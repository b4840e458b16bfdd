package story_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
	"allclear/test/story"
)

func every(s string) recur.Span {
	out, err := recur.ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return out
}

// site is a server on loopback that answers as it is told.
func site(t *testing.T) (url string, status *atomic.Int32) {
	status = &atomic.Int32{}
	status.Store(http.StatusOK)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	t.Cleanup(srv.Close)
	return srv.URL, status
}

// An endpoint goes down: after the retries the primary is paged, once. It comes
// back, and the suspicion ends. A restart in between changes nothing.
//
// Clauses: DET-STACK-PINGDOM, PLT-APP-API
func TestAnEndpointGoesDownAndComesBack(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		url, status := site(w.T)
		w.Keep(catalog.SyntheticCheck{ID: "login", Service: "dashboard", Type: check.HTTP, Target: url, Every: every("30s"), Retries: 2})
		w.Checked(3 * time.Minute)
		w.Nobody().WasPaged()
		if h := w.Health("login"); !h.Known || h.Down != 0 || h.Places[0].Probe != check.Local || h.Places[0].SucceededAt.IsZero() || h.Places[0].P95 == nil {
			t.Errorf("health %+v", h)
		}
		status.Store(http.StatusServiceUnavailable)
		w.Checked(20 * time.Second) // fails, but its retries are not used up
		w.Nobody().WasPaged()
		w.Checked(3 * time.Minute)
		w.Is(P2, "triage")
		if n := len(w.Pages("primary").List); n != 1 {
			t.Errorf("the primary was paged %d times", n)
		}
		if a := w.Alerts(); len(a) != 1 || a[0].Source != "metrics" || !strings.Contains(a[0].Summary, "check login") {
			t.Errorf("alerts %+v", a)
		}
		if h := w.Health("login"); h.Down != 1 || !strings.Contains(h.Places[0].Why, "503") {
			t.Errorf("health %+v", h)
		}
		w.Restart()
		w.Checked(2 * time.Minute)
		w.Is(P2, "triage")
		status.Store(http.StatusOK)
		w.Checked(time.Minute)
		w.Is(P2, "resolved")
		if h := w.Health("login"); h.Down != 0 || !strings.Contains(h.Places[0].Why, "503") || h.Places[0].FailedAt.IsZero() {
			t.Errorf("the last error is forgotten: %+v", h)
		}
	})
}

// Two places of three must find it wrong. One that is not heard of any more is
// told of by itself, and does not count as either.
//
// Clauses: DET-STACK-PINGDOM
func TestTwoPlacesOfThree(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Checked(time.Minute) // the places are known from then on
		said := func(eu, us, ap bool) {
			w.Found("eu", "shop", eu)
			w.Found("us", "shop", us)
			w.Found("ap", "shop", ap)
			w.Checked(time.Minute)
		}
		said(true, true, true)
		said(false, true, true)
		w.Nobody().WasPaged()
		said(false, false, true)
		w.Is(P2, "triage")
		said(false, true, true)
		w.Is(P2, "resolved")
		for range 6 { // us is silent
			w.Found("eu", "shop", true)
			w.Found("ap", "shop", true)
			w.Checked(time.Minute)
		}
		w.Is(P3, "triage")
		if !slices.ContainsFunc(w.Alerts(), func(a *alert.Alert) bool {
			return strings.HasPrefix(a.DedupKey, "metric/check-silent/") && strings.Contains(a.Summary, "probe us")
		}) {
			t.Errorf("nobody is told that us is silent: %+v", w.Alerts())
		}
		said(true, true, true)
		w.Is(P3, "resolved")
	}, story.Check(check.Check{
		ID: "shop", Service: "api", Type: check.TCP, Target: "shop.example.com:443", Every: every("1m"), Probes: []string{"eu", "us", "ap"}, Quorum: 2,
	}))
}

// A check that is taken away ends what it has raised.
func TestACheckIsTakenAway(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Checked(2 * time.Minute)
		w.Is(P2, "triage")
		w.Forget(catalog.KindCheck, "gone")
		w.Checked(time.Minute)
		w.Is(P2, "resolved")
	}, story.Check(check.Check{ID: "gone", Service: "api", Type: check.TCP, Target: "127.0.0.1:1", Every: every("30s")}))
}

// Answers that take more than five seconds three times in a row.
//
// Clauses: PLT-APP-API, DET-MET-01
func TestAnEndpointIsSlow(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Checked(time.Minute)
		w.Slow("page", 5*time.Second, 6*time.Second, 6*time.Second)
		w.Nobody().WasPaged()
		w.Slow("page", 6*time.Second)
		w.Is(P2, "triage")
		w.Slow("page", time.Second)
		w.Is(P2, "resolved")
	}, story.Check(check.Check{ID: "page", Service: "dashboard", Type: check.HTTP, Target: "https://www.example.com/", Every: every("1m"), Probes: []string{"eu"}}))
}

// A script measures what only the business knows: its value passes a limit of the
// procedure. Another hangs: it is killed, and that is an alert.
//
// Clauses: PLT-INF-CUSTOM
func TestScriptsOfTheBusiness(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"queue.sh": "echo queue_depth 10001", "hung.sh": "sleep 300 & sleep 300"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	story.Tell(t, func(w *story.World) {
		w.Keep(catalog.SyntheticCheck{ID: "queue", Service: "ingestion", Type: check.Script, Target: "queue.sh", Every: every("1m")})
		w.Checked(90 * time.Second)
		w.Is(P3, "triage")
		if a := w.Alerts(); len(a) != 1 || !strings.HasPrefix(a[0].DedupKey, "metric/queue-depth/") || !strings.Contains(a[0].Summary, "check queue") {
			t.Errorf("alerts %+v", a)
		}
		w.Keep(catalog.SyntheticCheck{ID: "hung", Service: "api", Type: check.Script, Target: "hung.sh", Every: every("5m"), Timeout: every("1s")})
		w.Checked(time.Minute)
		w.Is(P2, "triage")
		if h := w.Health("hung"); !strings.Contains(h.Places[0].Why, "it was killed, with all that it had started") {
			t.Errorf("health %+v", h)
		}
	}, story.Scripts(dir))
	t.Run("no folder", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Checked(5 * time.Minute) // nothing is known of what it would find, and that is told of
			w.Is(P3, "triage")
			w.Nobody().WasPaged()
			if h := w.Health("queue"); !strings.Contains(h.Places[0].Why, "scripts are not run here: start with --scripts") {
				t.Errorf("health %+v", h)
			}
		}, story.Check(check.Check{ID: "queue", Service: "api", Type: check.Script, Target: "queue.sh", Every: every("1m")}))
	})
}

// A certificate that ends in less than two weeks waits in the queue.
//
// Clauses: DET-STACK-PINGDOM
func TestACertificateEnds(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Measured("api", check.MetricDays, metric.Gauge, 14)
		w.Nobody().WasPaged()
		w.After(30 * time.Second)
		w.Measured("api", check.MetricDays, metric.Gauge, 13.9)
		w.Is(P3, "triage")
	})
}
