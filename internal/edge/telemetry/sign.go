package telemetry

import (
	"errors"
	"math"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// Names of what the product itself makes of signs of life.
const (
	heartbeatDue = "heartbeat_due" // the second since 1970 by which the next one is due
	beaconLoad   = "dashboard_load_time"
	beaconErrors = "browser_errors"
	beaconViews  = "browser_views"
)

func details(err error) int {
	var f *fault.Error
	if errors.As(err, &f) {
		return len(f.Details)
	}
	return 0
}

const (
	defaultEvery = time.Hour
	maxEvery     = 13 * 24 * time.Hour // the rule looks back two weeks
)

// heartbeat notes that a job lives: POST .../heartbeat/{name}?every=1h&grace=5m.
// When no other follows in that time, its rule raises an alert.
func (c *call) heartbeat() error {
	wait := time.Duration(0)
	bad := fault.New(fault.Invalid, "the heartbeat could not be noted")
	for key, otherwise := range map[string]time.Duration{"every": defaultEvery, "grace": 0} {
		d := otherwise
		if text := c.r.URL.Query().Get(key); text != "" {
			var err error
			if d, err = time.ParseDuration(text); err != nil || d < 0 {
				bad = bad.With("?"+key, "must be a duration such as 30s, 15m or 24h")
			}
		}
		wait += d
	}
	if wait <= 0 || wait > maxEvery {
		bad = bad.With("?every", "must be more than nothing and, with grace, at most 312h")
	}
	if len(bad.Details) > 0 {
		return bad
	}
	due := float64(c.now.Add(wait).UnixMilli()) / 1000
	err := c.keep([]metric.Sample{{Name: heartbeatDue, Kind: metric.Newest, Labels: map[string]string{"name": cut(c.r.PathValue("name"))}, At: c.now, Value: due}})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// preflight lets pages of any origin send beacons: what they can do is no more
// than their visitors can anyway. It reports whether it has answered.
func (c *call) preflight() bool {
	if c.r.Pattern != "/metrics/{key}/beacon" {
		return false
	}
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if c.r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	c.w.WriteHeader(http.StatusNoContent)
	return true
}

// beacon takes what a browser saw of one view of a page: {"load_ms", "errors"},
// as JSON whatever the content type, which navigator.sendBeacon picks.
func (c *call) beacon() error {
	load, errs := math.NaN(), 0.0
	j := plug.ReadJSON(c.body)
	if !j.Object(func(name []byte) {
		switch string(name) {
		case "load_ms":
			load = j.Number()
		case "errors":
			errs = j.Number()
		}
	}) {
		j.Fail("must be an object")
	}
	if err := j.End(); err != nil {
		return err
	}
	const maxLoad, maxErrors = 3_600_000, 10_000
	if load < 0 || load > maxLoad || errs < 0 || errs > maxErrors {
		return fault.New(fault.Invalid, "the beacon could not be used").With("/load_ms", "must be milliseconds, at most an hour, and errors at most 10000")
	}
	// Everybody who opens a page knows its key: nothing a beacon says becomes a
	// label, so that nobody can use up the series of a service.
	all := []metric.Sample{{Name: beaconViews, Kind: metric.Count, Value: 1}, {Name: beaconErrors, Kind: metric.Count, Value: errs}}
	if load == load {
		all = append(all, metric.Sample{Name: beaconLoad, Value: load / 1000})
	}
	for i := range all {
		all[i].At = c.now
	}
	if err := c.keep(all); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
