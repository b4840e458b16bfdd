package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"allclear/internal/store/storetest"
)

const (
	mailingCustomers = 1200
	mailingContacts  = 3
	mailingKillAt    = mailingCustomers * mailingContacts / 2
	mailingLimit     = 60 * time.Second
	bulkConnections  = 3 // of the four that are kept to the relay, one is for pages
)

// 3,600 mails to customers through a real SMTP server, the process killed with
// SIGKILL in the middle and started again: none is lost, and none is doubled but
// what was between the server's acceptance and its reply at that moment, at most one
// for each connection, under the Message-ID it had before. Every mail says how to
// decline.
//
// Clauses: PLT-CN-EMAIL, COM-CUST-EMAIL, FUP-IMM-EMAIL, INT-EMAIL-MASS
// INV-P2
func TestAMailingIsKilledInTheMiddle(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { mailing(t) })
	t.Run("postgres", func(t *testing.T) { mailing(t, "--database-url", storetest.Postgres(t)) })
}

func mailing(t *testing.T, args ...string) {
	box, host, port := mailroom(t)
	env := []string{"ALLCLEAR_EMAIL_HOST=" + host, "ALLCLEAR_EMAIL_PORT=" + port, "ALLCLEAR_EMAIL_TLS=none", "ALLCLEAR_EMAIL_FROM=Allclear <allclear@sender.example>"}
	p := serve(t, env, append([]string{"--allow-outbound", "127.0.0.0/8"}, args...)...)
	want := p.customers()
	number := p.declared()
	began := time.Now()
	p.must("POST", fmt.Sprintf("/incidents/%d/updates", number), map[string]any{"audience": "customers", "channels": []string{"email"}, "subject": "We are looking into it", "text": "Hello {{name}}, signing in fails."}, nil)
	box.await(t, mailingKillAt)
	time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond) // not just when one was accepted: at any moment
	p.kill()
	atKill := box.len()
	back := p.start()
	box.await(t, len(want))
	p.quiet()
	took := time.Since(began)
	seen := box.byID()
	lost, doubled := len(want), 0
	for to, ids := range seen {
		if !want[to] {
			t.Errorf("%s is no contact", to)
		}
		lost--
		if len(ids) != 1 {
			t.Errorf("%s got mails with %d Message-IDs", to, len(ids))
		}
		for _, n := range ids {
			doubled += n - 1
		}
	}
	if lost != 0 || doubled > bulkConnections || atKill >= len(want) {
		t.Errorf("%d of %d lost, %d doubled, %d had arrived at the kill", lost, len(want), doubled, atKill)
	}
	if took > mailingLimit {
		t.Errorf("it took %s", took)
	}
	if len(box.bad) > 0 {
		t.Errorf("%d mails say nothing of how to end them, such as %s", len(box.bad), box.bad[0])
	}
	t.Logf("killed after %d of %d mails, back after %s: %d distinct recipients, %d lost, %d doubled, %s in all", atKill, len(want), back.Round(time.Millisecond), len(seen), lost, doubled, took.Round(time.Millisecond))
}

// customers fills the catalogue and returns the addresses of all contacts.
func (p *program) customers() map[string]bool {
	p.t.Helper()
	want := map[string]bool{}
	for _, c := range all[struct {
		ID string `json:"id"`
	}](p, "/customers") {
		p.must("DELETE", "/customers/"+c.ID, nil, nil)
	}
	const part = 100 // a file; small, so that a slow machine takes each in time
	for from := 0; from < mailingCustomers; from += part {
		var text strings.Builder
		for i := from; i < from+part; i++ {
			fmt.Fprintf(&text, "---\nkind: customer\nid: c%d\nname: Customer %d\ntier: standard\nregion: us\nservices: [auth]\ncontacts:\n", i, i)
			for k := range mailingContacts {
				to := fmt.Sprintf("p%d@c%d.example", k, i)
				want[to] = true
				fmt.Fprintf(&text, "  - {name: P%d, email: %s}\n", k, to)
			}
		}
		p.must("POST", "/apply", map[string]any{"files": []map[string]string{{"name": "customers.yaml", "text": text.String()}}}, nil)
	}
	return want
}

// declared opens a P2 by hand that nobody else writes to customers about yet.
func (p *program) declared() int64 {
	p.t.Helper()
	var inc struct {
		Number int64 `json:"number"`
	}
	p.must("POST", "/incidents", map[string]any{"title": "Sign-in fails", "service": "auth", "severity": "P2"}, &inc)
	return inc.Number
}

// quiet waits until no mail of the outbox is under way.
func (p *program) quiet() {
	p.t.Helper()
	until(p.t, "the outbox is empty", func() bool {
		n := 0
		for _, state := range []string{"queued", "attempting"} {
			var page struct {
				Items []struct{} `json:"items"`
			}
			p.must("GET", "/deliveries?channel=email&limit=1&kind=message&state="+state, nil, &page)
			n += len(page.Items)
		}
		return n == 0
	})
}

// mails is what a server has accepted, by recipient and Message-ID.
type mails struct {
	mu  sync.Mutex
	got map[string]map[string]int
	n   int
	bad []string
}

func (m *mails) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n
}

func (m *mails) byID() map[string]map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got
}

// await returns once so many recipients have a mail.
func (m *mails) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(3 * mailingLimit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		m.mu.Lock()
		have := len(m.got)
		m.mu.Unlock()
		if have >= n {
			return
		}
	}
	t.Fatalf("%d recipients had a mail, wanted %d", len(m.byID()), n)
}

// mailroom is a real SMTP server that keeps what it has accepted and knows nothing
// of doubles. Mail to people of the installation is left out.
func mailroom(t *testing.T) (m *mails, host, port string) {
	t.Helper()
	m = &mails{got: map[string]map[string]int{}}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{m: m}, nil }))
	srv.Domain = "sink.example"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	host, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return m, host, port
}

type mailSession struct {
	m  *mails
	to string
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	letter, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(letter.Body)
	if err != nil {
		return err // cut off in the middle: not accepted
	}
	if !strings.HasPrefix(s.to, "p") || !strings.Contains(s.to, "@c") {
		return nil
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.got[s.to] == nil {
		s.m.got[s.to] = map[string]int{}
	}
	s.m.n++
	s.m.got[s.to][letter.Header.Get("Message-Id")]++
	link := strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>")
	if !strings.Contains(link, "/u/") || letter.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(string(body), "To end these messages") {
		s.m.bad = append(s.m.bad, s.to)
	}
	return nil
}
