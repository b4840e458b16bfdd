package inbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	record "allclear/internal/domain/event"
	"allclear/internal/edge/mailin"
	"allclear/internal/flow/intake"
	"allclear/internal/jobs"
	"allclear/internal/plug/plugtest"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

const withMailboxes = tiny + `
mailboxes:
  - {id: operations, name: operations emergency, addresses: [ops-emergency, opsemergency], says: critical, on: called, fact: operations_mail}
  - {id: executive, name: executive escalation, addresses: [exec-escalation], says: warning, on: escalated, fact: executive_mail}
`

// office is a product that mail comes in to.
type office struct {
	t    testing.TB
	db   *store.DB
	addr string

	mu     sync.Mutex
	broken error // what a step of the transaction answers
}

func (o *office) breaks(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = err
}

func newOffice(t testing.TB, db *store.DB, secure *tls.Config) *office {
	t.Helper()
	o := &office{t: t, db: db}
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	shelf := &procedures.Shelf{}
	err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		hash, err := shelf.Put(tx, []byte(withMailboxes), now)
		if err != nil {
			return err
		}
		return shelf.Activate(tx, hash, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	cat := catalog.New(1, catalog.Service{ID: "api", Name: "API"}, catalog.Customer{ID: "acme", Name: "Acme", Domains: []string{"acme.example"}})
	bus := jobs.NewBus()
	// What is asked for last in the transaction; the other flows hang here.
	late := func(*store.Tx, *record.Event) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.broken
	}
	bus.On(record.Called, late)
	bus.On(record.Escalated, late)
	in := intake.New(db, bus, shelf, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil })
	srv := mailin.New(mailin.Options{
		Mail: in, Service: "api", Host: "mx.allclear.example", Domains: []string{"In.Allclear.example", "techflow.example"}, TLS: secure,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.addr = l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *office) view(f func(tx *store.Tx) error) {
	o.t.Helper()
	if err := o.db.View(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) alerts() (out []*alert.Alert) {
	o.t.Helper()
	o.view(func(tx *store.Tx) (err error) {
		out, err = alerts.List(tx, alerts.Filter{Limit: 100})
		return err
	})
	return out
}

func (o *office) payloads() (out []alerts.Stored) {
	o.t.Helper()
	o.view(func(tx *store.Tx) (err error) {
		out, _, err = alerts.Payloads(tx, alerts.PayloadFilter{Limit: 100})
		return err
	})
	return out
}

func (o *office) incidents() (n int) {
	o.t.Helper()
	o.view(func(tx *store.Tx) error {
		list, err := incidents.List(tx, incidents.Filter{Limit: 100})
		n = len(list)
		return err
	})
	return n
}

// line is a connection on which every byte is ours.
type line struct {
	t testing.TB
	*textproto.Conn
}

func (o *office) dial() line {
	o.t.Helper()
	c, err := textproto.Dial("tcp", o.addr)
	if err != nil {
		o.t.Fatal(err)
	}
	l := line{o.t, c}
	l.hears("220")
	l.says("EHLO mail.partner.example")
	l.hears("250")
	return l
}

// says sends text as it is, and a line break.
func (l line) says(text string) {
	l.t.Helper()
	if _, err := l.W.WriteString(text + "\r\n"); err != nil {
		l.t.Fatal(err)
	}
	if err := l.W.Flush(); err != nil {
		l.t.Fatal(err)
	}
}

// hears asserts how the next answer begins, and returns it.
func (l line) hears(want string) string {
	l.t.Helper()
	var all []string
	for {
		s, err := l.ReadLine()
		if err != nil {
			l.t.Fatalf("want %s, got %q and %v", want, all, err)
		}
		if all = append(all, s); len(s) < 4 || s[3] != '-' {
			if !strings.HasPrefix(s, want) {
				l.t.Fatalf("want %s, got %q", want, all)
			}
			return strings.Join(all, "\n")
		}
	}
}

func (l line) asks(what, want string) string {
	l.t.Helper()
	l.says(what)
	return l.hears(want)
}

// sends sends one mail and asserts the answer to its end.
func (l line) sends(body, want string, to ...string) {
	l.t.Helper()
	l.asks("MAIL FROM:<dana@acme.example>", "250")
	for _, t := range to {
		l.asks("RCPT TO:<"+t+">", "250")
	}
	l.asks("DATA", "354")
	l.asks(body+"\r\n.", want)
}

const mail = "From: Dana <dana@acme.example>\r\nMessage-ID: <1@acme.example>\r\nSubject: Sign-in is down\r\n\r\nNobody can sign in."

// Clauses: INT-EMAIL, DOC-EMERG-OPS, DOC-EMERG-EXEC
func TestMailOverSMTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		// A client of somebody else, not ours.
		to := []string{"OPS-Emergency@in.allclear.example", "opsemergency@TECHFLOW.example", "exec-escalation@techflow.example"}
		if err := smtp.SendMail(o.addr, nil, "dana@acme.example", to, []byte(mail+"\r\n")); err != nil {
			t.Fatal(err)
		}
		all := o.alerts()
		if len(all) != 2 || o.incidents() != 1 {
			t.Fatalf("%d alerts, %d incidents", len(all), o.incidents())
		}
		for _, a := range all {
			for _, want := range []string{`"customer":"acme"`, "Nobody can sign in.", "claims to be somebody of Acme", `"sender_verified":false`} {
				if !strings.Contains(a.Details, want) {
					t.Errorf("%s is missing in %s", want, a.Details)
				}
			}
		}
		if raw := o.payloads(); len(raw) != 1 || string(raw[0].Body) != mail+"\r\n" || raw[0].Problem != "" {
			t.Errorf("%+v", raw)
		}
	})
}

// A mail whose acceptance is lost on the way is sent again and does nothing twice.
//
// Clauses: INT-EMAIL
func TestALostAcceptance(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		l.sends(mail, "250", "ops-emergency@techflow.example")
		_ = l.Close()
		l = o.dial()
		l.sends(mail, "250", "ops-emergency@techflow.example")
		l.sends(mail, "250", "opsemergency@techflow.example") // and on the same connection
		if n := len(o.alerts()); n != 1 {
			t.Errorf("%d alerts", n)
		}
		if raw := o.payloads(); len(raw) != 3 || !strings.Contains(raw[0].Problem, "came before") {
			t.Errorf("%+v", raw)
		}
	})
}

// When the transaction fails, the sender is told to try again and nothing is
// half kept.
//
// Clauses: INT-EMAIL
// INV-I1
func TestAMailThatCannotBeKeptIsSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		for _, to := range []string{"ops-emergency@techflow.example", "exec-escalation@techflow.example"} {
			o.breaks(errors.New("the disk is full of secrets"))
			l.asks("MAIL FROM:<dana@acme.example>", "250")
			l.asks("RCPT TO:<"+to+">", "250")
			l.asks("DATA", "354")
			if got := l.asks(mail+"\r\n.", "451 4.3.0"); strings.Contains(got, "secrets") {
				t.Errorf("%q tells a stranger why", got)
			}
			if a, p := len(o.alerts()), len(o.payloads()); a != 0 || p != 0 || o.incidents() != 0 {
				t.Errorf("%d alerts, %d payloads, %d incidents are left", a, p, o.incidents())
			}
		}
		o.breaks(nil)
		l.sends(mail, "250", "ops-emergency@techflow.example")
		if a := len(o.alerts()); a != 1 || o.incidents() != 1 {
			t.Errorf("%d alerts", a)
		}
	})
}

// Only the procedure's addresses at our domains are taken, everything else is
// refused in the same words: this is no relay.
//
// Clauses: INT-EMAIL
func TestTheDoorIsNarrow(t *testing.T) {
	storetest.Brisk(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		l.asks("MAIL FROM:<dana@acme.example>", "250")
		var said []string
		for i, to := range []string{
			"success-emergency@techflow.example", "postmaster@techflow.example", "ops-emergency@elsewhere.example", "ops-emergency@sub.techflow.example",
			"ops-emergency%elsewhere.example@techflow.example", "@techflow.example", "ops-emergency+x@techflow.example", "ops-emergency@techflow.example.evil.example",
		} {
			if i > 0 && i%2 == 0 { // the library hangs up after some errors
				_ = l.Close()
				l = o.dial()
				l.asks("MAIL FROM:<dana@acme.example>", "250")
			}
			l.says("RCPT TO:<" + to + ">")
			said = append(said, l.hears("5"))
		}
		for _, s := range said {
			if !strings.HasPrefix(s, "550 5.1.1") && !strings.HasPrefix(s, "501") {
				t.Errorf("%q", s)
			}
		}
		_ = l.Close()
		l = o.dial()
		l.asks("DATA", "502") // without a recipient
		_ = l.Close()
		l = o.dial()
		l.asks("MAIL FROM:<dana@acme.example>", "250")
		for i := range 10 {
			l.asks(fmt.Sprintf("RCPT TO:<%s@techflow.example>", []string{"ops-emergency", "opsemergency"}[i%2]), "250")
		}
		l.asks("RCPT TO:<exec-escalation@techflow.example>", "452")
		_ = l.Close()
		l = o.dial()
		for _, c := range []string{"VRFY ops-emergency", "VRFY nobody"} {
			l.asks(c, "252")
		}
		l.asks("AUTH PLAIN AGEAYg==", "5")
		if len(o.payloads()) != 0 {
			t.Error("something was kept")
		}
	})
}

// Clauses: INT-EMAIL
func TestAMailThatIsTooLarge(t *testing.T) {
	storetest.Brisk(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		if got := l.asks("EHLO x", "250"); !strings.Contains(got, "SIZE 1048576") {
			t.Errorf("%q names no size", got)
		}
		l.asks("MAIL FROM:<dana@acme.example> SIZE=1048577", "552")
		const row = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n"
		huge := mail + "\r\n" + strings.Repeat(row, mailin.MaxMessage/len(row)+1)
		l.sends(strings.TrimSuffix(huge, "\r\n"), "552", "ops-emergency@techflow.example")
		// In chunks too.
		l.asks("MAIL FROM:<dana@acme.example>", "250")
		l.asks("RCPT TO:<ops-emergency@techflow.example>", "250")
		l.says(fmt.Sprintf("BDAT %d LAST", len(huge)) + "\r\n" + strings.TrimSuffix(huge, "\r\n"))
		l.hears("552")
		l.sends(mail, "250", "ops-emergency@techflow.example") // the connection is in step
		if n := len(o.payloads()); n != 1 {
			t.Errorf("%d payloads", n)
		}
	})
}

// A mail ends with CR LF . CR LF and nothing else: what a sloppy server passes
// on after another dot belongs to the mail, and is no mail of its own.
//
// Clauses: INT-EMAIL
func TestNothingIsSmuggledIn(t *testing.T) {
	storetest.Brisk(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		ends := []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r", "\r\n\x00.\r\n"}
		for i, end := range ends {
			second := "MAIL FROM:<ceo@techflow.example>\r\nRCPT TO:<exec-escalation@techflow.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
			l.sends(fmt.Sprintf("From: dana@acme.example\r\nSubject: mail %d\r\n\r\nfirst%s%s", i, end, second), "250", "ops-emergency@techflow.example")
		}
		l.asks("NOOP", "250") // one answer for each mail, no more
		for _, a := range o.alerts() {
			if !strings.Contains(a.Details, `"mailbox":"operations"`) || strings.Contains(a.Summary, "smuggled") {
				t.Errorf("%s", a.Summary)
			}
		}
		if n := len(o.alerts()); n != len(ends) {
			t.Errorf("%d mails of %d", n, len(ends))
		}
	})
}

// Whatever is sent in need pages, as well as it can be read.
//
// Clauses: INT-EMAIL
func TestMailThatIsBroken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		bad := []string{
			"", "just words", "\x00\x01\xfe\xff \x80", "Subject: no end of header", "\r\n\r\nempty header", ": no name\r\n\r\nx",
			"Subject: =?utf-8?b?!!!?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
			"Content-Type: multipart/mixed\r\n\r\nno boundary", "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nunfinished",
			"Content-Transfer-Encoding: base64\r\n\r\n%%%%", "From: " + strings.Repeat("a,", 700) + "\r\n\r\nx", deep(60),
		}
		for i, b := range bad {
			l.sends(b, "250", "ops-emergency@techflow.example")
			if n := len(o.alerts()); n != i+1 {
				t.Fatalf("mail %d of %q: %d alerts", i, b[:min(len(b), 60)], n)
			}
		}
	})
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return b.String() + "\r\nat the bottom"
}

// A bounce and a holiday reply are taken, so that they do not come again, and
// wake nobody.
//
// Clauses: INT-EMAIL
func TestAutomaticMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		l := o.dial()
		l.asks("MAIL FROM:<>", "250")
		l.asks("RCPT TO:<ops-emergency@techflow.example>", "250")
		l.asks("DATA", "354")
		l.asks("Subject: Undelivered\r\n\r\nx\r\n.", "250")
		for _, h := range []string{"Auto-Submitted: auto-replied (holiday)", "List-Id: <x.y>", "Precedence: junk", "Content-Type: multipart/report; boundary=x"} {
			l.sends(h+"\r\nSubject: x\r\n\r\nx", "250", "ops-emergency@techflow.example")
		}
		raw := o.payloads()
		if len(raw) != 5 || len(o.alerts()) != 0 || slices.ContainsFunc(raw, func(r alerts.Stored) bool { return !strings.HasPrefix(r.Problem, "nobody is paged: ") }) {
			t.Errorf("%+v, %d alerts", raw, len(o.alerts()))
		}
	})
}

// Clauses: INT-EMAIL
func TestMailOverTLS(t *testing.T) {
	storetest.Brisk(t, func(t *testing.T, db *store.DB) {
		cert, pool := plugtest.Certificate(t, x509.Certificate{DNSNames: []string{"mx.allclear.example"}})
		o := newOffice(t, db, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}})
		client, err := smtp.Dial(o.addr)
		if err != nil {
			t.Fatal(err)
		}
		steps := []func() error{
			func() error { return client.StartTLS(&tls.Config{ServerName: "mx.allclear.example", RootCAs: pool}) },
			func() error { return client.Mail("dana@acme.example") },
			func() error { return client.Rcpt("ops-emergency@techflow.example") },
			func() error {
				w, err := client.Data()
				if err != nil {
					return err
				}
				_, err = w.Write([]byte(mail))
				return errors.Join(err, w.Close())
			},
			client.Quit,
		}
		for i, do := range steps {
			if err := do(); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
		if n := len(o.alerts()); n != 1 {
			t.Errorf("%d alerts", n)
		}
		// What was said before the handshake counts for nothing after it.
		l := o.dial()
		l.says("STARTTLS\r\nMAIL FROM:<dana@acme.example>")
		l.hears("220")
		_ = l.Close()
	})
}

// One stranger cannot take all connections.
func TestTooManyConnections(t *testing.T) {
	storetest.Brisk(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, nil)
		var held []line
		for range 8 {
			held = append(held, o.dial())
		}
		c, err := textproto.Dial("tcp", o.addr)
		if err != nil {
			t.Fatal(err)
		}
		line{t, c}.hears("421")
		held[0].asks("QUIT", "221")
		if _, err := held[0].ReadLine(); err == nil {
			t.Error("the connection is still open")
		}
		o.dial() // there is room again
		for _, l := range held[1:] {
			l.asks("NOOP", "250")
		}
	})
}
