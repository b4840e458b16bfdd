package email

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"allclear/internal/plug"
)

func render(t testing.TB, m plug.Message) (*mail.Message, string) {
	t.Helper()
	from, err := mail.ParseAddress("Allclear <allclear@example.test>")
	if err != nil {
		t.Fatal(err)
	}
	l, id, err := compose(settings{from: from}, m)
	if err != nil {
		t.Fatalf("compose: %v", err)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		t.Fatalf("read back: %v", err)
	}
	if got := parsed.Header.Get("Message-Id"); got != id {
		t.Fatalf("Message-ID %q, want %q", got, id)
	}
	return parsed, id
}

func sample() plug.Message {
	return plug.Message{
		Key: "INC-42/step1/round0/email/1", Kind: plug.Page, To: "ana@example.test", Name: "Ana Müller",
		Subject: "P1: Störung", Text: "Größe.\n", HTML: "<html><body><p>Größe.</p></body></html>",
		AckURL: "https://allclear.test/a/x?y=1&z=2", At: time.Date(2026, 3, 2, 4, 4, 5, 0, time.FixedZone("", 3600)),
	}
}

func TestBothBodies(t *testing.T) {
	m, _ := render(t, sample())
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q (%v)", kind, err)
	}
	var bodies []string
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, p.Header.Get("Content-Type")+"|"+strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	want := []string{
		"text/plain; charset=UTF-8|Größe.\n\nAcknowledge: https://allclear.test/a/x?y=1&z=2\n",
		`text/html; charset=UTF-8|<html><body><p>Größe.</p><p><a href="https://allclear.test/a/x?y=1&amp;z=2">Acknowledge</a></p></body></html>`,
	}
	if len(bodies) != 2 || bodies[0] != want[0] || bodies[1] != want[1] {
		t.Errorf("got  %q\nwant %q", bodies, want)
	}
	if d := m.Header.Get("Date"); d != "Mon, 02 Mar 2026 03:04:05 +0000" {
		t.Errorf("date %q", d)
	}
}

// A meeting is the last of the alternatives, with its method in the type (RFC 6047):
// mail programs that know calendars show it as an invitation.
func TestAnInvitationIsACalendarPart(t *testing.T) {
	for _, method := range []string{"REQUEST", "CANCEL"} {
		m := sample()
		m.HTML, m.AckURL = "", ""
		m.Calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" + method + "\r\nEND:VCALENDAR\r\n"
		got, _ := render(t, m)
		kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/alternative" {
			t.Fatalf("content type %q (%v)", kind, err)
		}
		r := multipart.NewReader(got.Body, params["boundary"])
		if _, err := r.NextPart(); err != nil {
			t.Fatal(err)
		}
		p, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err = mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || kind != "text/calendar" || params["method"] != method {
			t.Errorf("part is %q %v (%v)", kind, params, err)
		}
		body, err := io.ReadAll(p)
		if err != nil || !strings.Contains(string(body), "METHOD:"+method) {
			t.Errorf("%q, %v", body, err)
		}
	}
}

// A document goes along as a file, beside the text.
func TestADocumentGoesAlong(t *testing.T) {
	m := sample()
	data := []byte("%PDF-1.3\r\n\x00\xff and more\r\n")
	m.Attached = &plug.Attachment{Name: "summary\r\nX: y.pdf", Type: "application/pdf", Data: data}
	got, _ := render(t, m)
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" || got.Header.Get("X") != "" {
		t.Fatalf("content type %q (%v)", kind, err)
	}
	r := multipart.NewReader(got.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatalf("no document: %v", err)
		}
		if p.FileName() == "" {
			continue
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil || !bytes.Equal(body, data) || !strings.HasPrefix(p.Header.Get("Content-Type"), "application/pdf") || strings.ContainsAny(p.FileName(), "\r\n") {
			t.Errorf("%q of %s: %q, %v", p.FileName(), p.Header.Get("Content-Type"), body, err)
		}
		return
	}
}

func TestAckLinkIsNotRepeated(t *testing.T) {
	in := sample()
	in.HTML, in.Text = "", "Open "+in.AckURL+" now.\n"
	m, _ := render(t, in)
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || strings.Count(string(b), in.AckURL) != 1 {
		t.Errorf("%v in %q", err, b)
	}
}

// A calendar entry goes along as an alternative of its method, so that calendars take
// it for an invitation (RFC 6047).
func TestCalendar(t *testing.T) {
	in := sample()
	in.HTML, in.Calendar = "", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
	m, _ := render(t, in)
	b, err := io.ReadAll(m.Body)
	if err != nil || !strings.Contains(string(b), "text/calendar; method=REQUEST") || !strings.Contains(m.Header.Get("Content-Type"), "multipart/alternative") {
		t.Errorf("%v in %s\n%s", err, m.Header.Get("Content-Type"), b)
	}
	for text, want := range map[string]string{"METHOD:CANCEL": "CANCEL", "METHOD:A b": "PUBLISH", "": "PUBLISH", "METHOD:X\"; x=1": "PUBLISH"} {
		if got := method(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestMessageID: a resend has the same id; another key or address another one.
func TestMessageID(t *testing.T) {
	_, first := render(t, sample())
	later := sample()
	later.Text, later.At = "changed", later.At.Add(time.Hour)
	if _, id := render(t, later); id != first {
		t.Errorf("resend has %s, want %s", id, first)
	}
	key, to := sample(), sample()
	key.Key += "x"
	to.To = "bo@example.test"
	for _, m := range []plug.Message{key, to} {
		if _, id := render(t, m); id == first {
			t.Errorf("%s to %s has the id of another mail", m.Key, m.To)
		}
	}
}

func TestHeadersOfTheCaller(t *testing.T) {
	in := sample()
	unsubscribe := "<https://allclear.test/unsubscribe/" + strings.Repeat("0123456789", 12) + ">, <mailto:leave@example.test?subject=leave%20me>"
	in.Headers = map[string]string{
		"List-Unsubscribe": unsubscribe, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "X-Incident": "INC-42", "References": "<a@b>",
		"Bcc": "spy@example.test", "From": "boss@example.test", "Content-Type": "text/evil", "Subject": "other", "DKIM-Signature": "v=1",
		"X-A: b\r\nBcc": "spy@example.test", "": "x", "X-": "x", "X-Long": strings.Repeat("a", 2000),
	}
	m, _ := render(t, in)
	for k, want := range map[string]string{
		"List-Unsubscribe": unsubscribe, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "X-Incident": "INC-42", "References": "<a@b>",
		"Bcc": "", "Dkim-Signature": "", "X-A": "", "X-Long": "", "X-Allclear-Key": in.Key, "Auto-Submitted": "auto-generated",
	} {
		if got := m.Header.Get(k); got != want {
			t.Errorf("%s: got %q, want %q", k, got, want)
		}
	}
	if f := m.Header["From"]; len(f) != 1 || !strings.Contains(f[0], "allclear@example.test") {
		t.Errorf("From: %q", f)
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"ana@example.test": "ana@example.test", "Ana <ana@example.test>": "ana@example.test",
		"": "", "ana": "", "a@b, c@d": "", "ana@example.test\r\nBcc: x@y.z": "", "ana@example.test\n": "", "<>": "", "a@b c@d": "",
	} {
		got := ""
		if a, err := address(in); err == nil {
			got = a.Address
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzHeaderInjection: whatever stands in the fields of a message, the mail has
// exactly the headers this package writes, once each.
func FuzzHeaderInjection(f *testing.F) {
	f.Add("subject", "name", "key", "value")
	f.Add("a\r\nBcc: spy@example.test", "b\nBcc: spy@example.test\n\nbody", "k\r\n\r\nbody", "v\rBcc: spy@example.test")
	f.Add("ü\u2028Bcc: x", "\"<spy@example.test>", "\x00", "=?utf-8?q?=0D=0ABcc:_x?=")
	f.Add("s", `ü\?I`, "k", "v") // once broke the To header
	f.Add(strings.Repeat("long ", 300), strings.Repeat("ü", 300), strings.Repeat("k", 400), strings.Repeat("v ", 300))
	want := map[string]bool{
		"From": true, "To": true, "Subject": true, "Date": true, "Message-Id": true, "Mime-Version": true, "User-Agent": true, "X-Mailer": true,
		"Auto-Submitted": true, "X-Allclear-Key": true, "X-Note": true, "Content-Type": true, "Content-Transfer-Encoding": true,
	}
	f.Fuzz(func(t *testing.T, subject, name, key, value string) {
		in := sample()
		in.Subject, in.Name, in.Key, in.Headers = subject, name, key, map[string]string{"X-Note": value}
		m, _ := render(t, in)
		for k, v := range m.Header {
			if !want[k] || len(v) != 1 {
				t.Fatalf("header %s has %d values: %q", k, len(v), v)
			}
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "ana@example.test" {
			t.Fatalf("To is %q (%v)", m.Header.Get("To"), err)
		}
	})
}
