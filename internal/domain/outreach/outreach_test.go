package outreach

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
)

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestATryEndsWhatItEnds(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		try     Try
		refused bool
		done    bool
	}{
		{Account, Try{Outcome: Reached}, false, true},
		{Account, Try{Outcome: LeftMessage}, false, true},
		{Account, Try{Outcome: NoAnswer}, false, false},
		{Account, Try{Outcome: FollowUp, Note: "wants a call at 14:00"}, false, false},
		{Account, Try{Outcome: FollowUp}, true, false},
		{Account, Try{Outcome: NotNeeded}, true, false},
		{Account, Try{Outcome: NotNeeded, Note: "left us"}, false, true},
		{Account, Try{Outcome: Posted, URL: "https://a.example/1"}, true, false},
		{Account, Try{Outcome: "maybe"}, true, false},
		{Account, Try{Outcome: Ended}, true, false},
		{Account, Try{Outcome: Reached, Note: strings.Repeat("x", MaxNote+1)}, true, false},
		{Account, Try{Outcome: Reached, URL: "javascript:alert(1)"}, true, false},
		{Post, Try{Outcome: Posted}, true, false},
		{Post, Try{Outcome: Posted, URL: "ftp://a.example/1"}, true, false},
		{Post, Try{Outcome: Posted, URL: "https://user:pw@a.example/1"}, true, false},
		{Post, Try{Outcome: Posted, URL: "https://community.example/t/42"}, false, true},
		{Press, Try{Outcome: Reached}, false, true},
	} {
		x := Contact{Kind: c.kind}
		c.try.At = t0
		err := x.Record(c.try)
		if (err != nil) != c.refused || x.Done != c.done || c.refused && (!fault.Is(err, fault.Invalid) || len(x.Tries) != 0) {
			t.Errorf("%s %+v: %v, done %v", c.kind, c.try, err, x.Done)
		}
		if x.Done && !fault.Is(x.Record(Try{Outcome: Reached}), fault.Conflict) {
			t.Errorf("%s %+v: a try after the end", c.kind, c.try)
		}
	}
}

func TestLate(t *testing.T) {
	c := Contact{Kind: Account, DueAt: t0}
	if c.Late(t0) || !c.Late(t0.Add(time.Second)) || (&Contact{}).Late(t0) {
		t.Error("late at its instant, or not after it")
	}
	if err := c.Record(Try{At: t0, Outcome: Reached}); err != nil || c.Late(t0.Add(time.Hour)) {
		t.Errorf("what was done in time became late: %v", err)
	}
}

func TestBelongs(t *testing.T) {
	k := &catalog.Customer{Tier: catalog.Enterprise, VIP: true}
	for per, want := range map[string]bool{"account": true, "enterprise_account": true, "vip_account": true, "major_account": false, "": false} {
		if Belongs(per, k) != want {
			t.Errorf("%q: %v", per, !want)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://a.example/t/1", "javascript:alert(1)", "//a", "https://", "http://[::1", "https://a\n.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if CheckURL(s) == nil && !strings.HasPrefix(strings.ToLower(s), "http") {
			t.Errorf("%q is taken for the address of a page", s)
		}
	})
}
