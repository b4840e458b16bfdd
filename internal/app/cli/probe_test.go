package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
)

// A place makes the checks that name it, and no others, and the server knows what
// it found.
func TestProbeReportsWhatItFinds(t *testing.T) {
	boss, follower := serve(t)
	file := filepath.Join(t.TempDir(), "checks.yaml")
	if err := os.WriteFile(file, []byte(`
kind: service
id: shop
name: Shop
restoration_rank: 1
---
kind: check
id: front
service: shop
type: http
target: https://shop.example.com/
every: 1m
probes: [local, eu]
---
kind: check
id: other
service: shop
type: tcp
target: shop.example.com:443
every: 1m
`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := boss.Apply(t.Context(), []string{file}, false, false); err != nil {
		t.Fatal(err)
	}
	if _, err := sweep.Tick(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var tried []string
	try := func(_ context.Context, c check.Check, _ time.Time) check.Result {
		mu.Lock()
		defer mu.Unlock()
		tried = append(tried, c.ID)
		return check.Result{Why: "no answer within 10s", Samples: []metric.Sample{{Name: "orders", Value: 1}}}
	}
	boss.Now = func() time.Time { return now }
	if err := boss.Probe(t.Context(), "eu", try, true); err != nil {
		t.Fatal(err)
	}
	if len(tried) != 1 || tried[0] != "front" {
		t.Errorf("tried %q", tried)
	}
	var out bytes.Buffer
	boss.Out, boss.Format = &out, "json"
	if err := boss.Show(t.Context(), cli.Checks, "front"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "no answer within 10s") {
		t.Errorf("the server does not know: %s", out.String())
	}
	follower.Now = boss.Now
	if err := follower.Probe(t.Context(), "eu", try, true); !fault.Is(err, fault.Refused) {
		t.Errorf("a stakeholder's token: %v", err)
	}
}
