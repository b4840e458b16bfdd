package detect_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/flow/detect"
	"allclear/internal/plug"
)

// vendorStore is a vendor's store of values that notes what it was asked.
type vendorStore struct{ asked []string }

func (*vendorStore) Queries() bool { return true }

func (s *vendorStore) Query(_ context.Context, text string, from, to time.Time) ([]metric.Series, error) {
	s.asked = append(s.asked, text+" "+from.Format(time.RFC3339)+" "+to.Format(time.RFC3339))
	return []metric.Series{{Name: "cpu", Points: []metric.Point{{At: from, Value: 1}}}}, nil
}

func TestAQueryAtAVendor(t *testing.T) {
	vendor := &vendorStore{}
	d := detect.New(nil, detect.Options{Queriers: map[string]plug.Querier{"datadog": vendor}})
	zone := time.FixedZone("", 3600)
	got, err := d.QueryAt(t.Context(), ops, "datadog", "avg:cpu{*}", t0.In(zone), t0.Add(time.Hour))
	if err != nil || len(got) != 1 || got[0].Name != "cpu" {
		t.Fatalf("%+v %v", got, err)
	}
	if len(vendor.asked) != 1 || vendor.asked[0] != "avg:cpu{*} 2026-03-02T03:00:00Z 2026-03-02T04:00:00Z" {
		t.Errorf("asked %q", vendor.asked)
	}
	for name, c := range map[string]struct {
		who    authz.Actor
		source string
		query  string
		span   time.Duration
		want   fault.Kind
		says   string
	}{
		"nobody":        {authz.Actor{}, "datadog", "q", time.Hour, fault.Refused, ""},
		"not set up":    {ops, "newrelic", "q", time.Hour, fault.NotFound, "those that can be asked are datadog"},
		"no query":      {ops, "datadog", " ", time.Hour, fault.Invalid, "a query is needed"},
		"backwards":     {ops, "datadog", "q", -time.Hour, fault.Invalid, "the time"},
		"of two months": {ops, "datadog", "q", 60 * 24 * time.Hour, fault.Invalid, "the time"},
	} {
		if _, err := d.QueryAt(t.Context(), c.who, c.source, c.query, t0, t0.Add(c.span)); !fault.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := detect.New(nil, detect.Options{}).QueryAt(t.Context(), ops, "datadog", "q", t0, t0.Add(time.Hour)); !fault.Is(err, fault.NotFound) {
		t.Errorf("without any: %v", err)
	}
	if len(vendor.asked) != 1 {
		t.Errorf("asked %q", vendor.asked)
	}
}
