package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/store/storetest"
	"allclear/procedures"
)

const (
	kills     = 12
	clients   = 6
	services  = 12
	killSeed  = 20260302
	settleMax = 90 * time.Second
	underway  = 250 * time.Millisecond
)

// Nothing that was answered 2xx is lost when the process is killed at random
// moments, and no message goes out more often than once and once more for each
// kill that caught it in flight: INV-P1 INV-P2 INV-P4 INV-I1 INV-I3.
func TestNothingIsLostWhenKilled(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { storm(t) })
	t.Run("postgres", func(t *testing.T) { storm(t, "--database-url", storetest.Postgres(t)) })
}

// tried is an event that a client sent.
type tried struct {
	key      string
	accepted bool
}

// storming is one run: a program under load with its ledgers.
type storming struct {
	*program
	hook, mail *ledger
	keys       []string
	killed     []time.Time

	mu   sync.Mutex
	sent []tried
}

func storm(t *testing.T, args ...string) {
	hook, hookURL := webhookSink(t)
	mail, host, port := smtpSink(t)
	env := []string{
		"ALLCLEAR_WEBHOOK_SECRETS=whsec_" + hookSecret,
		"ALLCLEAR_EMAIL_HOST=" + host, "ALLCLEAR_EMAIL_PORT=" + port, "ALLCLEAR_EMAIL_TLS=none", "ALLCLEAR_EMAIL_FROM=Allclear <allclear@sender.example>",
	}
	p := serve(t, env, append([]string{"--allow-outbound", "127.0.0.0/8", "--procedure", webhookFirst(t)}, args...)...)
	s := &storming{program: p, hook: hook, mail: mail}
	s.prepare(hookURL)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var n atomic.Int64
	for range clients {
		wg.Go(func() { s.pour(stop, &n) })
	}
	wg.Go(func() { s.resolveSome(stop) })
	rng := rand.New(rand.NewPCG(killSeed, 1))
	var slowest time.Duration
	for range kills {
		time.Sleep(time.Duration(200+rng.IntN(700)) * time.Millisecond) // a kill at a random moment of a real process
		s.killed = append(s.killed, time.Now())
		p.kill()
		slowest = max(slowest, p.start())
	}
	close(stop)
	wg.Wait()
	s.settle()
	s.judge()
	t.Logf("%d kills, %d events tried, %d accepted, %d webhooks and %d mails received, slowest start %s", kills, len(s.sent), s.accepted(), hook.len(), mail.len(), slowest.Round(time.Millisecond))
}

// webhookFirst is the built-in procedure with the test's channels.
func webhookFirst(t *testing.T) string {
	t.Helper()
	text := procedures.TechFlow
	for from, to := range map[string]string{`(?m)^  channels: \[pagerduty, push, .*$`: "  channels: [webhook, email]", `(?m)^  notices: \[.*$`: "  notices: [email]"} {
		line := regexp.MustCompile(from)
		if len(line.FindAll(text, -1)) != 1 {
			t.Fatalf("the built-in procedure does not have one line like %q", from)
		}
		text = line.ReplaceAll(text, []byte(to))
	}
	path := filepath.Join(t.TempDir(), "procedure.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// prepare makes services with keys of their own and gives the people on call a
// webhook.
func (s *storming) prepare(hookURL string) {
	s.t.Helper()
	for i := range services {
		id := fmt.Sprintf("svc-%d", i)
		s.must("PUT", "/services/"+id, map[string]any{"id": id, "name": "Service " + id, "restoration_rank": 3, "critical_function": i%2 == 0, "owner_team": "platform", "area": "platform"}, nil)
		var key struct {
			Value string `json:"value"`
		}
		s.must("POST", "/integration-keys", map[string]any{"kind": "events", "service": id, "name": "storm " + id}, &key)
		s.keys = append(s.keys, key.Value)
	}
	for _, id := range []string{"ana", "bo"} {
		var person map[string]any
		s.must("GET", "/people/"+id, nil, &person)
		person["contacts"] = []map[string]any{{"channel": "webhook", "address": hookURL + "/" + id, "verified": true}, {"channel": "email", "address": id + "@sink.example", "verified": true}}
		for _, computed := range []string{"version", "updated_at"} {
			delete(person, computed)
		}
		s.must("PUT", "/people/"+id, person, nil)
	}
}

func (s *storming) pour(stop <-chan struct{}, n *atomic.Int64) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		i := n.Add(1)
		key := fmt.Sprintf("event-%d", i)
		ok := s.trigger(s.keys[i%services], key, "critical")
		s.mu.Lock()
		s.sent = append(s.sent, tried{key, ok})
		s.mu.Unlock()
		time.Sleep(2 * time.Millisecond) // 6 clients: up to 3,000 events a second while the program is up
	}
}

// resolveSome ends incidents, so that new ones open and page.
func (s *storming) resolveSome(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
		}
		code, b, err := s.call("GET", "/incidents?status=open&limit=2", nil)
		if err != nil || code != 200 {
			continue // it is down just now
		}
		for _, part := range strings.Split(string(b), `"number":`)[1:] {
			var number int64
			if _, err := fmt.Sscanf(part, "%d", &number); err == nil {
				_, _, _ = s.call("POST", fmt.Sprintf("/incidents/%d/resolve", number), map[string]string{"reason": "the storm goes on"})
			}
		}
	}
}

func (s *storming) accepted() (n int) {
	for _, e := range s.sent {
		if e.accepted {
			n++
		}
	}
	return n
}

type delivery struct {
	Key     string `json:"key"`
	State   string `json:"state"`
	Channel string `json:"channel"`
}

// settle waits until the outbox is empty.
func (s *storming) settle() {
	s.t.Helper()
	for end := time.Now().Add(settleMax); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var now struct {
			Outbox struct {
				Waiting int64 `json:"waiting"`
			} `json:"outbox"`
		}
		s.must("GET", "/now", nil, &now)
		if now.Outbox.Waiting == 0 {
			return
		}
	}
	s.t.Errorf("the outbox was not empty after %s", settleMax)
}

type alertRow struct {
	DedupKey string `json:"dedup_key"`
	Count    int64  `json:"count"`
}

func (s *storming) judge() {
	t := s.t
	t.Helper()
	count := map[string]int64{}
	rows := map[string]int{}
	for _, a := range all[alertRow](s.program, "/alerts") {
		count[a.DedupKey] += a.Count
		rows[a.DedupKey]++
	}
	lost := 0
	for _, e := range s.sent {
		if e.accepted && (rows[e.key] != 1 || count[e.key] != 1) {
			if lost++; lost < 10 {
				t.Errorf("%s was accepted and is in %d alerts with a count of %d", e.key, rows[e.key], count[e.key])
			}
		}
	}
	got := s.hook.byKey()
	for k, v := range s.mail.byKey() {
		got[k] = append(got[k], v...)
	}
	sent := 0
	for _, d := range all[delivery](s.program, "/deliveries") {
		if d.State != "sent" || d.Channel != "webhook" && d.Channel != "email" {
			continue
		}
		if sent++; len(got[d.Key]) == 0 {
			t.Errorf("%s is told to be sent and never arrived", d.Key)
		}
	}
	extra := 0
	for key, rs := range got {
		extra += len(rs) - 1
		between := 0
		for _, at := range s.killed {
			// What was under way at the kill may arrive a moment after it.
			if at.After(rs[0].at.Add(-underway)) && at.Before(rs[len(rs)-1].at) {
				between++
			}
		}
		if len(rs)-1 > between {
			t.Errorf("%s arrived %d times with %d kills between", key, len(rs), between)
		}
	}
	if len(s.hook.bad) > 0 {
		t.Errorf("signatures: %v", s.hook.bad)
	}
	if s.accepted() < 100 || s.hook.len() < 20 || sent == 0 {
		t.Errorf("too little happened to prove anything: %d accepted, %d webhooks, %d sent", s.accepted(), s.hook.len(), sent)
	}
	t.Logf("%d events lost, %d messages arrived once more after a kill", lost, extra)
}
