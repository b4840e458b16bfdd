package room

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// A name is one that Slack takes, whatever the title; that of a restricted incident
// says nothing.
func TestName(t *testing.T) {
	fits := regexp.MustCompile(`^inc-20260302-[0-9]{3,}(-[a-z0-9]+)*$`)
	rapid.Check(t, func(t *rapid.T) {
		inc := &incident.Incident{Number: rapid.Int64Range(1, 1_000_000).Draw(t, "number"), Title: rapid.String().Draw(t, "title")}
		if n := Name(inc, now); len(n) > maxName || !fits.MatchString(n) {
			t.Fatalf("%q becomes %q", inc.Title, n)
		}
		inc.Restricted = true
		if n := Name(inc, now); strings.Count(n, "-") != 2 {
			t.Fatalf("restricted: %q", n)
		}
	})
	for title, want := range map[string]string{
		"Sign-in fails for all users": "inc-20260302-042-sign-in-fails-for-all-users",
		"Größe überschritten!":        "inc-20260302-042-groesse-ueberschritten",
		"日本":                          "inc-20260302-042",
		"A title that goes on and on and on until nobody can read it": "inc-20260302-042-a-title-that-goes-on-and-on-and-on-until",
	} {
		if got := Name(&incident.Incident{Number: 42, Title: title}, now); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	for word, want := range map[string]int{"full": 4, "virtual": 3, "none": 0, "": 0} {
		if got := Parts(word); len(got) != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

var page = Instead{What: "the page", URL: "https://a.example"}

// A part that fails has something instead from the first failure on, is tried again
// when the vendor wants it, and is given up after half an hour or when it cannot mend.
func TestLifeOfAPart(t *testing.T) {
	p := &Part{State: Wanted, WantedAt: now, DueAt: now}
	if loud := p.Fail(Failure{Text: "down"}, page, now); !loud || p.State != Fallback || p.Instead == nil || !p.DueAt.Equal(now.Add(2*time.Second)) {
		t.Errorf("first failure: %+v", p)
	}
	if loud := p.Fail(Failure{Text: "down", RetryAfter: time.Minute}, page, now); loud || !p.DueAt.Equal(now.Add(time.Minute)) {
		t.Errorf("second failure: %v %+v", loud, p)
	}
	p.Opened(now)
	if p.State != Open || p.Instead != nil || p.Problem != "" || p.Attempts != 0 {
		t.Errorf("opened: %+v", p)
	}
	p.Worked()
	if !p.DueAt.IsZero() {
		t.Error("there is still something to do")
	}
	p.Stir(now)
	for range tries {
		p.Fail(Failure{Text: "no"}, page, now)
	}
	if p.State != Open || !p.Rests || !p.DueAt.IsZero() {
		t.Errorf("what is open stays open: %+v", p)
	}
	p.Stir(now)
	if p.DueAt.IsZero() || p.Rests {
		t.Error("something new is not tried")
	}
	q := &Part{State: Wanted, WantedAt: now, DueAt: now}
	if loud := q.Fail(Failure{Text: "revoked", Final: true}, page, now); !loud || q.State != Failed || !q.DueAt.IsZero() || q.Instead == nil {
		t.Errorf("final: %+v", q)
	}
	if !q.Again(now) || q.State != Wanted || q.Again(now) {
		t.Errorf("again: %+v", q)
	}
	r := &Part{State: Wanted, WantedAt: now, DueAt: now}
	at := now
	n := 0
	for ; r.State != Failed && n < 1000; n++ {
		r.Fail(Failure{Text: "down"}, page, at)
		if r.State == Fallback {
			at = r.DueAt
		}
	}
	if gone := at.Sub(now); gone > giveUp || gone < giveUp-2*longest || n > 60 {
		t.Errorf("given up after %s and %d tries", gone, n)
	}
}

func TestEndOfAPart(t *testing.T) {
	for _, c := range []struct {
		p    Part
		want State
	}{
		{Part{State: Open, Provider: "slack", Ref: "C1"}, Closing},
		{Part{State: Wanted}, Closed},
		{Part{State: Fallback}, Closed},
		{Part{State: Failed}, Closed},
		{Part{State: Closed}, Closed},
	} {
		p := c.p
		if told := p.End(now); p.State != c.want || told != (c.want == Closing) {
			t.Errorf("%s ends as %s", c.p.State, p.State)
		}
	}
	p := &Part{State: Closing, Provider: "slack", Ref: "C1"}
	for range tries {
		p.Fail(Failure{Text: "no"}, page, now)
	}
	if p.State != Closed {
		t.Errorf("never closed: %+v", p)
	}
}

func TestLinesAndPeople(t *testing.T) {
	p := &Part{Invited: []string{"ana"}, Unknown: []string{"cy"}}
	if got := p.Missing([]string{"ana", "bo", "cy"}); !slices.Equal(got, []string{"bo"}) {
		t.Errorf("missing %v", got)
	}
	for range 2 {
		p.Say("1", "once")
	}
	p.Say("2", "")
	for i := range maxLines {
		p.Say("n"+string(rune('a'+i%26))+time.Duration(i).String(), "x")
	}
	if len(p.Lines) != maxLines || p.Lines[0].Key == "1" {
		t.Errorf("%d lines, the first is %s", len(p.Lines), p.Lines[0].Key)
	}
	p.Said([]string{p.Lines[0].Key})
	if len(p.Lines) != maxLines-1 {
		t.Error("said and still there")
	}
	for i, want := range []bool{true, false} {
		if got := p.See("Ana", "ana", true, now); got != want {
			t.Errorf("%d: %v", i, got)
		}
	}
	if !p.See("Ana", "ana", false, now) || p.See("Ana", "ana", false, now) || len(p.Present) != 0 {
		t.Errorf("present %v", p.Present)
	}
}

// The smallest room that is large enough comes first.
func TestChoose(t *testing.T) {
	rooms := map[string]catalog.Room{"s": {ID: "s", Capacity: 4}, "m": {ID: "m", Capacity: 8}, "l": {ID: "l", Capacity: 20}}
	for people, want := range map[int]string{0: "s m l", 5: "m l s", 9: "l m s", 50: "l m s"} {
		var got []string
		for _, r := range Choose(rooms, people) {
			got = append(got, r.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d people: %v, want %s", people, got, want)
		}
	}
}

// The calendar entry is whole, its cancellation is of the same entry.
func TestInvitation(t *testing.T) {
	i := Invitation{UID: "u@allclear", Incident: "INC-1: Größe; a, b\nEND:VEVENT", Room: catalog.Room{Name: "Blue", Bridge: "+15550100", PIN: "1"}, From: "a@b.example", To: []string{"c@d.example"}, At: now, Made: now}
	for _, want := range []string{"METHOD:REQUEST", "UID:u@allclear", "DTSTART:20260302T030000Z", "SEQUENCE:0", "ORGANIZER:mailto:a@b.example", "mailto:c@d.example"} {
		if !strings.Contains(strings.ReplaceAll(i.ICS(), "\r\n ", ""), want) {
			t.Errorf("no %q in\n%s", want, i.ICS())
		}
	}
	if n := strings.Count(i.ICS(), "\r\nEND:VEVENT"); n != 1 {
		t.Errorf("the title ends the entry %d times", n)
	}
	i.Cancelled = true
	for _, want := range []string{"METHOD:CANCEL", "UID:u@allclear", "SEQUENCE:1", "STATUS:CANCELLED"} {
		if !strings.Contains(i.ICS(), want) {
			t.Errorf("no %q in\n%s", want, i.ICS())
		}
	}
}
