package letter_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/letter"
)

var now = time.Date(2026, 3, 2, 3, 59, 0, 0, time.UTC)

func mail() *letter.Letter {
	return &letter.Letter{From: "ann@acme.example", ReturnPath: "ann@acme.example", MessageID: "1@acme.example", Subject: "Help", Text: "All is down."}
}

func TestAutomatic(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*letter.Letter)
		auto   bool
	}{
		"a person":         {func(*letter.Letter) {}, false},
		"says so":          {func(l *letter.Letter) { l.Marks.AutoSubmitted = "No; really" }, false},
		"holiday reply":    {func(l *letter.Letter) { l.Marks.AutoSubmitted = "auto-replied" }, true},
		"with a parameter": {func(l *letter.Letter) { l.Marks.AutoSubmitted = " Auto-Generated; type=\"x\"" }, true},
		"bounce":           {func(l *letter.Letter) { l.ReturnPath = "" }, true},
		"list":             {func(l *letter.Letter) { l.Marks.ListID = "<a.b>" }, true},
		"bulk":             {func(l *letter.Letter) { l.Marks.Precedence = "Bulk" }, true},
		"junk":             {func(l *letter.Letter) { l.Marks.Precedence = "junk " }, true},
		"other precedence": {func(l *letter.Letter) { l.Marks.Precedence = "first-class" }, false},
	} {
		l := mail()
		c.change(l)
		if why := l.Automatic(); (why != "") != c.auto {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// B24: what is the same is decided by more than an id that a device may give to
// all its mails.
func TestKey(t *testing.T) {
	l := mail()
	key, again := l.Key("operations", now)
	if !slices.Equal(again, []string{key}) || !l.Resent(now.Add(-1000*time.Hour), now) {
		t.Errorf("%q, %q", key, again)
	}
	for name, change := range map[string]func(*letter.Letter){
		"id": func(l *letter.Letter) { l.MessageID = "2" }, "writer": func(l *letter.Letter) { l.From = "bo@acme.example" },
		"subject": func(l *letter.Letter) { l.Subject = "x" }, "text": func(l *letter.Letter) { l.Text = "x" },
		"file": func(l *letter.Letter) { l.Attachments = []string{"x"} },
	} {
		o := mail()
		change(o)
		if k, _ := o.Key("operations", now); k == key {
			t.Errorf("another %s has the same key", name)
		}
	}
	if k, _ := l.Key("executive", now); k == key {
		t.Error("another mailbox has the same key")
	}
}

func TestWithoutAnIDAMailIsTheSameForAnHour(t *testing.T) {
	l := mail()
	l.MessageID = ""
	first, _ := l.Key("operations", now)
	for after, same := range map[time.Duration]bool{0: true, time.Minute: true, 59 * time.Minute: true, time.Hour: false, 3 * time.Hour: false} {
		at := now.Add(after)
		key, again := l.Key("operations", at)
		if got := slices.Contains(again, first) && l.Resent(now, at); got != same {
			t.Errorf("after %s the same: %v", after, got)
		}
		if !same && key == first {
			t.Errorf("after %s it would be hidden behind its first", after)
		}
	}
}

func TestIncident(t *testing.T) {
	for subject, want := range map[string]int64{
		"Re: [INC-42] down": 42, "re: inc-7": 7, "INC-42 and INC-43": 42, "PINC-4": 0, "INC-4x": 0, "INC-": 0, "INC-99999999999999999999": 0, "": 0,
	} {
		l := &letter.Letter{Subject: subject}
		if got := l.Incident(); got != want {
			t.Errorf("%q names %d, want %d", subject, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	l := mail()
	l.Shortened, l.Attachments = true, []string{"trace.txt"}
	got := l.Entry("operations emergency", "Ann of Acme")
	for _, want := range []string{"operations emergency", "claims to be Ann of Acme", "not verified", "Help", "All is down.", "[shortened]", "trace.txt"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	empty := &letter.Letter{}
	if got := empty.Entry("x", ""); got != "Mail to x from an unknown writer (not verified): without a subject" {
		t.Errorf("%q", got)
	}
}
