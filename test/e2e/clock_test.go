package e2e

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allclear/internal/store/storetest"
)

const (
	clockSteps = 7
	clockEvery = 3 * time.Second
)

// R09: the time of day is set by hours and days while a policy runs, and the
// process stands still for a while; nodes are five minutes apart. Each step comes
// once, when it is due.
//
// B29, INV-T2
func TestClocksThatAreSet(t *testing.T) {
	t.Parallel()
	file := settable(t)
	t.Run("one node", func(t *testing.T) {
		set := filepath.Join(t.TempDir(), "clock")
		c := newClockRun(t, file, set)
		p := c.program
		c.begin()
		for i, by := range []string{"1h", "0s", "24h", "0s", "-30s"} {
			c.until(time.Duration(i)*clockEvery + clockEvery/3)
			turn(t, set, by)
		}
		c.until(5*clockEvery + clockEvery/3)
		if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		c.until(6*clockEvery + clockEvery/3)
		if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		c.judge()
	})
	t.Run("two nodes", func(t *testing.T) {
		url := storetest.Postgres(t)
		c := newClockRun(t, file, "", "--database-url", url)
		ahead := filepath.Join(t.TempDir(), "clock")
		turn(t, ahead, "5m")
		secret, err := os.ReadFile(filepath.Join(c.dir, "secret.key"))
		if err != nil {
			t.Fatal(err)
		}
		other := node(t, file, []string{"ALLCLEAR_CLOCK=" + ahead, "ALLCLEAR_SECRET_KEY=" + strings.TrimSpace(string(secret)), "ALLCLEAR_WEBHOOK_SECRETS=whsec_" + hookSecret},
			"--allow-outbound", "127.0.0.0/8", "--database-url", url)
		c.begin()
		c.until(2*clockEvery + clockEvery/3)
		turn(t, ahead, "-1h")
		c.until(4*clockEvery + clockEvery/3)
		c.kill() // the other node goes on
		c.program = other
		c.judge()
	})
}

// settable builds the program whose time of day a file sets.
func settable(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "allclear")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "stall", "-o", file, "./cmd/allclear")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v %s", err, out)
	}
	return file
}

func turn(t *testing.T, file, by string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(by), 0o600); err != nil {
		t.Fatal(err)
	}
}

// clockRun is a program with a policy that pages one person after another.
type clockRun struct {
	*program
	hook  *ledger
	key   string
	began time.Time
}

func newClockRun(t *testing.T, file, set string, args ...string) *clockRun {
	t.Helper()
	hook, url := webhookSink(t)
	env := []string{"ALLCLEAR_CLOCK=" + set, "ALLCLEAR_WEBHOOK_SECRETS=whsec_" + hookSecret}
	c := &clockRun{program: serveFile(t, file, env, append([]string{"--allow-outbound", "127.0.0.0/8", "--procedure", webhookFirst(t)}, args...)...), hook: hook}
	var steps []map[string]any
	for i := range clockSteps {
		id := fmt.Sprintf("step-%d", i)
		c.must("PUT", "/people/"+id, map[string]any{
			"id": id, "name": "Person " + id, "email": id + "@sink.example", "contacts": []map[string]any{{"channel": "webhook", "address": url + "/" + id, "verified": true}},
		}, nil)
		steps = append(steps, map[string]any{"after": (time.Duration(i) * clockEvery).String(), "to": []string{"person:" + id}, "while": "unresolved"})
	}
	c.must("PUT", "/escalation-policies/by-the-second", map[string]any{"id": "by-the-second", "name": "By the second", "steps": steps}, nil)
	c.must("PUT", "/services/clockwork", map[string]any{"id": "clockwork", "name": "Clockwork", "restoration_rank": 3, "owner_team": "platform", "area": "platform", "escalation_policy": "by-the-second"}, nil)
	var key struct{ Value string }
	c.must("POST", "/integration-keys", map[string]any{"kind": "events", "service": "clockwork", "name": "clockwork"}, &key)
	c.key = key.Value
	return c
}

func (c *clockRun) begin() {
	c.t.Helper()
	c.began = time.Now()
	if !c.trigger(c.key, "tick", "critical") {
		c.t.Fatal("the event was not accepted")
	}
}

// until waits in the real world: whose clock nobody sets.
func (c *clockRun) until(offset time.Duration) { time.Sleep(time.Until(c.began.Add(offset))) }

const clockTarget = 5 * time.Second

func (c *clockRun) judge() {
	t := c.t
	t.Helper()
	c.until(clockSteps*clockEvery + time.Second)
	came := make([]int, clockSteps)
	var worst time.Duration
	twice := 0
	for _, rs := range c.hook.byKey() {
		for _, r := range rs {
			var step int
			if _, err := fmt.Sscanf(r.to, "/step-%d", &step); err != nil || !strings.Contains(r.text, `"kind":"page"`) {
				continue
			}
			off := r.at.Sub(c.began) - time.Duration(step)*clockEvery
			worst = time.Duration(math.Max(float64(worst), float64(off.Abs())))
			if came[step]++; came[step] > 1 {
				twice++
			}
		}
	}
	for i, n := range came {
		if n == 0 {
			t.Errorf("step %d never came", i)
		}
	}
	if worst > clockTarget || twice > 0 {
		t.Errorf("steps came up to %s from when they were due, %d came twice", worst, twice)
	}
	t.Logf("%d steps, the worst %s from when it was due, %d came twice", clockSteps, worst.Round(time.Millisecond), twice)
}
