package subscription

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/status"
)

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestAddressesAreNormalisedOrRefused(t *testing.T) {
	for _, c := range []struct {
		channel  Channel
		in, want string // want empty: refused
	}{
		{Email, " Ana@Example.COM ", "ana@example.com"},
		{Email, "ana+status@example.com", "ana+status@example.com"},
		{Email, "Ana <ana@example.com>", ""},
		{Email, "ana@example.com, bo@example.com", ""},
		{Email, "ana@example.com\r\nBcc: x@y.example", ""},
		{Email, "ana@localhost", ""},
		{Email, `"a b"@example.com`, ""},
		{Email, strings.Repeat("a", 250) + "@example.com", ""},
		{SMS, "+1 (555) 010-0200", "+15550100200"},
		{SMS, "5550100200", ""},
		{SMS, "+1555010020012345678", ""},
		{SMS, "+15550100200;ext=1", ""},
		{Webhook, "https://Hooks.Example.com/a?b=C", "https://hooks.example.com/a?b=C"},
		{Webhook, "http://hooks.example.com/", ""},
		{Webhook, "https://user:pw@hooks.example.com/", ""},
		{Webhook, "https://127.0.0.1/", ""},
		{Webhook, "https://[::1]/", ""},
		{Webhook, "https://[::ffff:10.0.0.1]/", ""},
		{Webhook, "https://169.254.169.254/latest/meta-data", ""},
		{Webhook, "https://10.0.0.1/", ""},
		{Webhook, "https://localhost/", ""},
		{Webhook, "https://intranet/", ""},
		{Webhook, "https://a.example/#x", ""},
		{"fax", "1", ""},
	} {
		got, err := Normalise(c.channel, c.in)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %q: %q, %v, want %q", c.channel, c.in, got, err, c.want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"ana@example.com", "+15550100200", "https://a.example/x?y", "a@b\r\nc", "https://[::1%25eth0]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range Channels {
			got, err := Normalise(c, s)
			if err != nil {
				continue
			}
			if strings.ContainsAny(got, "\r\n\x00") {
				t.Errorf("%s: control characters in %q", c, got)
			}
			if again, err := Normalise(c, got); err != nil || again != got {
				t.Errorf("%s: %q becomes %q, %v", c, got, again, err)
			}
			_ = (&Subscriber{Channel: c, Address: got}).Masked()
			_ = Group(c, got)
		}
	})
}

func TestALinkFitsOnePurposeAndOneSubscription(t *testing.T) {
	s := Signer{Key: []byte("k")}
	id := ident.ID(1<<41 + 7)
	token := s.Token(ToEnd, id).Reveal()
	if got, ok := s.Read(ToEnd, token); !ok || got != id {
		t.Fatalf("its own link: %v, %v", got, ok)
	}
	forged := []string{"", "x", strings.ToUpper(token), token + "a", token[:len(token)-1], "b" + token[1:], Signer{Key: []byte("other")}.Token(ToEnd, id).Reveal(), s.Token(ToManage, id).Reveal()}
	for i := range token { // no letter can be another, those that carry spare bits neither
		for _, r := range "abz27" {
			if other := token[:i] + string(r) + token[i+1:]; other != token {
				forged = append(forged, other)
			}
		}
	}
	for _, f := range forged {
		if got, ok := s.Read(ToEnd, f); ok {
			t.Errorf("%q is taken for %v", f, got)
		}
	}
	if a, b := s.Code(id, 1), s.Code(id, 2); len(a) != 6 || a == b {
		t.Errorf("codes %s and %s", a, b)
	}
	if s.Secret(id) == s.Secret(id+1) {
		t.Error("two endpoints share a secret")
	}
	if s.Fingerprint("a", "bc") == s.Fingerprint("ab", "c") {
		t.Error("two callers share a counter")
	}
}

func notice() *Notice {
	return &Notice{
		Kind: Incidents, ID: "u1", Post: "p1", Name: "API is slow", Status: status.Investigating, Impact: status.ImpactMajor, Body: "We look into it.",
		Parts: []Part{{ID: "api", Name: "API", Was: status.Operational, Is: status.PartialOutage}}, StartedAt: t0, At: t0,
	}
}

// PLT-SP-SUBS: components, kinds and the page decide who is told.
func TestASubscriberWantsWhatWasChosen(t *testing.T) {
	maintenance, whole, private := notice(), notice(), notice()
	maintenance.Kind, whole.Parts, private.Page = Maintenance, nil, "acme"
	all := []*Notice{notice(), maintenance, whole, private}
	for _, c := range []struct {
		name string
		s    Subscriber
		want string
	}{
		{"everything", Subscriber{State: Confirmed}, "yyyn"},
		{"not confirmed", Subscriber{State: Pending}, "nnnn"},
		{"paused", Subscriber{State: Paused}, "nnnn"},
		{"its component", Subscriber{State: Confirmed, Choice: Choice{Components: []string{"web", "api"}}}, "yyyn"},
		{"another component", Subscriber{State: Confirmed, Choice: Choice{Components: []string{"web"}}}, "nnyn"},
		{"maintenance", Subscriber{State: Confirmed, Choice: Choice{Kinds: []Kind{Maintenance}}}, "nynn"},
		{"a private page", Subscriber{State: Confirmed, Page: "acme"}, "yyyy"},
		{"another's page", Subscriber{State: Confirmed, Page: "bolt"}, "yyyn"},
	} {
		got := ""
		for _, n := range all {
			got += map[bool]string{true: "y", false: "n"}[c.s.Wants(n)]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAChoiceIsOneOfThePage(t *testing.T) {
	offered := []string{"api", "web"}
	got, err := Choice{Components: []string{"web", "web"}, Kinds: []Kind{Maintenance, "x"}}.Clean(offered)
	if err != nil || len(got.Components) != 1 || len(got.Kinds) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := (Choice{Components: offered, Kinds: Kinds}).Clean(offered); err != nil || got.Components != nil || got.Kinds != nil {
		t.Errorf("all is kept as all: %+v, %v", got, err)
	}
	if _, err := (Choice{Components: []string{"nope"}}).Clean(offered); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown component: %v", err)
	}
}

func TestAnAddressThatRefusesIsLeftAlone(t *testing.T) {
	for _, c := range []struct {
		channel Channel
		gone    bool
		after   int
	}{{Email, false, 2}, {Email, true, 1}, {SMS, false, 2}, {Webhook, false, 5}, {Webhook, true, 1}} {
		s := Subscriber{Channel: c.channel, State: Confirmed}
		n := 1
		for ; n < 10 && !s.Failed("refused", c.gone, t0); n++ {
		}
		if n != c.after || s.State != Paused || s.Problem == "" {
			t.Errorf("%+v: paused after %d, %+v", c, n, s)
		}
		s.Confirm(t0)
		if s.State != Confirmed || s.Failures != 0 || s.Problem != "" {
			t.Errorf("confirmed again: %+v", s)
		}
	}
}

func TestLettersHoldThePublicWordsOnly(t *testing.T) {
	p := Page{ID: "pg", Name: "TechFlow", URL: "https://status.example"}
	l := Links{Confirm: "https://c", Manage: "https://m", End: "https://e", Code: "123456"}
	n := notice()
	n.Name = "API\r\nBcc: all@x.example"
	mail := Update(In("en"), p, n, Email, l)
	if strings.ContainsAny(mail.Subject, "\r\n") || !strings.Contains(mail.Text, "We look into it.") || !strings.Contains(mail.Text, "https://status.example/incidents/p1") ||
		mail.Headers["List-Unsubscribe"] != "<https://e>" || mail.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
		t.Errorf("%+v", mail)
	}
	n.Name = strings.Repeat("long ", 200)
	if sms := Update(In("en"), p, n, SMS, l); len([]rune(sms.Text)) > maxSMS || !strings.HasSuffix(sms.Text, "https://m") {
		t.Errorf("%d: %s", len([]rune(sms.Text)), sms.Text)
	}
	n.Page = "acme"
	if mail := Update(In("en"), p, n, Email, l); strings.Contains(mail.Text, "/incidents/") {
		t.Error("a private page's letter leads to the public one")
	}
	if de := Update(In("de-CH"), p, notice(), Email, l); !strings.Contains(de.Subject, "In Untersuchung") {
		t.Errorf("%s", de.Subject)
	}
	// A number is told the same whether it is known or not.
	if Ask(In(""), p, SMS, l).Text != Already(In(""), p, SMS, l).Text {
		t.Error("a text message tells whether the number is known")
	}
}
