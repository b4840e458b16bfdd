package mailin_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"allclear/internal/domain/letter"
	"allclear/internal/edge/mailin"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// Clauses: INT-EMAIL
func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		raw           string
		from, subject string
		text          string
		files         []string
	}{
		"plain":      {"From: Ann <Ann@ACME.example>\nSubject: Help\n\nAll is down.\n", "ann@acme.example", "Help", "All is down.", nil},
		"bare lines": {"From: ann@acme.example\nSubject: a\n b\n\nx\n\n\n\ny", "ann@acme.example", "a b", "x\n\ny", nil},
		"encoded": {
			"From: =?iso-8859-1?q?J=F6rg?= <j@acme.example>\nSubject: =?utf-8?b?w5xiZXI=?= =?utf-8?q?_alles?=\nContent-Type: text/plain; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\n5 =A4 f=FCr =\nalles",
			"j@acme.example", "Über alles", "5 € für alles", nil,
		},
		"base64":              {"Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nZ3LDvMOfZQ==\n", "", "x", "grüße", nil},
		"japanese":            {"Subject: =?iso-2022-jp?b?GyRCPmMzMhsoQg==?=\nContent-Type: text/plain; charset=shift_jis\n\n\x8f\xe1\x8aQ", "", "障害", "障害", nil},
		"no charset":          {"Subject: f\xfcr\n\ngr\xfc\xdfe", "", "für", "grüße", nil},
		"quoted name":         {"From: \"Ann, the boss\" <ann@acme.example>\n\nx", "ann@acme.example", "", "x", nil},
		"broken address":      {"From: Ann at work <ann@acme.example>, <<>>\n\nx", "ann@acme.example", "", "x", nil},
		"a line that is none": {"From: ann@acme.example\nwhat is this\nSubject: x\n\ny", "ann@acme.example", "x", "y", nil},
		"both": {
			"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b\nContent-Type: text/plain\n\npoor\n--b--\n",
			"", "", "poor", nil,
		},
		"empty beside html": {
			"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n",
			"", "", "rich", nil,
		},
		"html": {
			"Content-Type: text/html; charset=utf-8\n\n<html><head><title>no</title><style>p{}</style></head><body><script>alert(1)</script><p>One &amp; <b>two</b></p><table><tr><td>a</td><td>b</td></tr></table><img src=https://evil.example/x.png></body>",
			"", "", "One & two\n\na b", nil,
		},
		"files": {
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee\n--b\nContent-Type: text/plain; name=\"trace.txt\"\n\nSECRET\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"../../etc/x.pdf\"\n\nSECRET\n--b\nContent-Type: image/png\n\nSECRET\n--b\nContent-Type: message/rfc822\n\nSubject: SECRET\n\nx\n--b--\n",
			"", "", "see",
			[]string{"trace.txt", "../../etc/x.pdf", "image/png", "message/rfc822"},
		},
		"hidden marks": {"Subject: a\u202eb\x07c\u200bd\n\nx\x00y\u2066z", "", "abcd", "xyz", nil},
		"nothing":      {"", "", "", "", nil},
		"no header":    {"just\nwords", "", "", "just\nwords", nil},
		"no boundary":  {"Content-Type: multipart/mixed\n\nbody", "", "", "body", nil},
	} {
		l := mailin.Read(crlf(c.raw))
		if l.From != c.from || l.Subject != c.subject || l.Text != c.text || !slices.Equal(l.Attachments, c.files) {
			t.Errorf("%s: from %q, subject %q, text %q, files %q", name, l.From, l.Subject, l.Text, l.Attachments)
		}
		if bytes.Contains(l.Raw, []byte("SECRET")) {
			t.Errorf("%s: an attachment is kept", name)
		}
	}
}

func TestReadIDsAndMarks(t *testing.T) {
	l := mailin.Read(crlf("Message-ID:  <a@b.example>\nIn-Reply-To: <1@x> (so)\nReferences: <0@x> <1@x>\n <2@x>\nAuto-Submitted: auto-replied\nPrecedence: list\nList-ID: <l.example>\n\nx"))
	if l.MessageID != "a@b.example" || !slices.Equal(l.References, []string{"1@x", "0@x", "2@x"}) {
		t.Errorf("%q, %q", l.MessageID, l.References)
	}
	if l.Marks != (letter.Marks{AutoSubmitted: "auto-replied", Precedence: "list", ListID: "<l.example>"}) {
		t.Errorf("%+v", l.Marks)
	}
	l.ReturnPath = "x"
	if l.Automatic() == "" {
		t.Error("a reply of a program is a person's")
	}
	if l := mailin.Read(crlf("Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b--")); l.Marks.AutoSubmitted == "" {
		t.Error("a delivery report is a person's")
	}
}

func TestReadIsBounded(t *testing.T) {
	long := strings.Repeat("ä", 50_000)
	l := mailin.Read(crlf("Subject: " + long + "\nFrom: x@" + long + "\nMessage-ID: <" + long + ">\nReferences: " + strings.Repeat("<a@b>", 500) + "\n\n" + long))
	check(t, l)
	if !l.Shortened {
		t.Error("it does not say that it is shortened")
	}
	var many strings.Builder
	many.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	for i := range 3000 {
		fmt.Fprintf(&many, "--b\nContent-Type: application/x; name=%d\n\nx\n", i)
	}
	check(t, mailin.Read(crlf(many.String())))
	var deep strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	check(t, mailin.Read(crlf(deep.String())))
	check(t, mailin.Read(bytes.Repeat([]byte("A: b\r\n"), 200_000)))
	check(t, mailin.Read(bytes.Repeat([]byte(" \r"), 500_000)))
	check(t, mailin.Read([]byte("Content-Type: text/html\r\n\r\n"+strings.Repeat("<div>", 200_000))))
}

func check(t *testing.T, l *letter.Letter) {
	t.Helper()
	runes := utf8.RuneCountInString
	if runes(l.Text) > letter.MaxText || runes(l.Subject) > letter.MaxSubject || runes(l.From) > letter.MaxName || runes(l.FromName) > letter.MaxName ||
		len(l.Raw) > letter.MaxRaw || len(l.Attachments) > letter.MaxAttachments || len(l.References) > letter.MaxReferences || runes(l.MessageID) > 250 {
		t.Errorf("beyond the limits: %d text, %d subject, %d from, %d raw, %d files, %d references", runes(l.Text), runes(l.Subject), runes(l.From), len(l.Raw), len(l.Attachments), len(l.References))
	}
	for _, s := range slices.Concat([]string{l.Text, l.Subject, l.From, l.FromName, l.MessageID}, l.Attachments, l.References) {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\u202e\u2066") {
			t.Errorf("%q may not be shown", s)
		}
	}
	for _, s := range slices.Concat([]string{l.Subject, l.From, l.FromName, l.MessageID}, l.Attachments, l.References) {
		if strings.Contains(s, "\n") {
			t.Errorf("%q has lines", s)
		}
	}
}

func FuzzMail(f *testing.F) {
	for _, s := range []string{
		"", "x", "Subject: x\n\ny", "From: =?utf-8?q?=00?= <a@b>\n\n\x80", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--",
		"Content-Type: text/html\n\n<p>x<script>y", "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\nAAAA",
		"Message-ID: <\u202e@x>\nReferences: <\x01@x>\n\nx", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: x/y; name=\"=?utf-8?b?AAA=?=\"\n\nx\n--b--",
	} {
		f.Add(crlf(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > mailin.MaxMessage {
			return
		}
		l := mailin.Read(raw)
		check(t, l)
		now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
		l.ReturnPath = "x"
		a, _ := l.Key("operations", now)
		if b, _ := mailin.Read(raw).Key("operations", now); a != b {
			t.Error("the same bytes are two mails")
		}
		l.Automatic()
		l.Incident()
	})
}
