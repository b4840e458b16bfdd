package paper

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

var at = time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)

func pages(pdf []byte) int { return bytes.Count(pdf, []byte("/Type /Page\n")) }

// A summary stands on one page, in whichever letters its customers write, and is the
// same file each time: a mail that is sent again is the same mail.
func TestASummaryIsOnePage(t *testing.T) {
	for name, text := range map[string]string{
		"short": "Dear Ada,\n\nit is over.",
		"long":  strings.Repeat("A sentence of a summary that somebody reads with care. ", 70),
		"words": "Zażółć gęślą jaźń\n\nΑθήνα — Москва\n\n“quoted” 100 €",
		"empty": "",
		"odd":   "an 😀, \x00 a control\u202e and \xff a broken byte",
	} {
		s := Sheet{Title: "Executive summary: Sign-in", Text: text, Foot: "TechFlow Solutions", At: at}
		one, err := s.PDF()
		if err != nil || !bytes.HasPrefix(one, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(one), []byte("%%EOF")) {
			t.Fatalf("%s: %v, %d bytes", name, err, len(one))
		}
		if n := pages(one); n != 1 {
			t.Errorf("%s: %d pages", name, n)
		}
		if again, _ := s.PDF(); !bytes.Equal(one, again) {
			t.Errorf("%s: another file the second time", name)
		}
	}
}

// What is too long for one page is not cut; what is longer than any letter is refused.
func TestALongTextGoesOn(t *testing.T) {
	got, err := Sheet{Title: "T", Text: strings.Repeat("word ", 9000), At: at}.PDF()
	if err != nil || pages(got) < 2 {
		t.Errorf("%v, %d pages", err, pages(got))
	}
	if _, err := (Sheet{Text: strings.Repeat("x", MaxText+1)}).PDF(); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
}

func FuzzPDF(f *testing.F) {
	f.Add("T", "one\n\ntwo", "foot")
	f.Add("😀", strings.Repeat("x", 3000), "\x00(\\")
	f.Fuzz(func(t *testing.T, title, text, foot string) {
		if len(text) > 5000 {
			return
		}
		got, err := Sheet{title, text, foot, at}.PDF()
		if err != nil && !fault.Is(err, fault.TooLarge) || err == nil && !bytes.HasPrefix(got, []byte("%PDF-")) {
			t.Errorf("%v", err)
		}
	})
}
