package account_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/plug/pagerduty/account"
	"allclear/internal/plug/pagerduty/account/accounttest"
)

// carry reads an account and carries it over beside what stands.
func carry(t *testing.T, a *accounttest.Account, stands ...catalog.Entity) (account.Carried, *catalog.Catalog) {
	t.Helper()
	c, _ := client(t, a.Start(t), accounttest.Token)
	found, err := c.Read(t.Context(), accounttest.Now)
	if err != nil {
		t.Fatal(err)
	}
	before := catalog.New(1, stands...)
	got := account.Carry(found, before, accounttest.Now)
	after := before.With(got.Entities...)
	for _, e := range got.Entities {
		if err := catalog.Check(e, after); err != nil {
			t.Errorf("what is carried over is refused: %v", err)
		}
	}
	return got, after
}

func contacts(p catalog.Person) string {
	var out []string
	for _, k := range p.Contacts {
		mark := ""
		if k.Verified {
			mark = " verified"
		}
		out = append(out, k.Channel+" "+k.Address+mark)
	}
	return strings.Join(out, ", ")
}

func rules(list []catalog.ContactRule) string {
	var out []string
	for _, r := range list {
		out = append(out, r.Channel+" "+r.After.String())
	}
	return strings.Join(out, ", ")
}

// Clauses: INT-PAGERDUTY
func TestPeopleAreCarriedOver(t *testing.T) {
	got, cat := carry(t, accounttest.Acme())
	for id, want := range map[string]string{
		"ana": "voice +15550100001, sms +15550100001",
		"bo":  "email bo@example.com verified, email bo@home.example",
		"cy":  "sms +4915155500007",
	} {
		if p := cat.People[id]; contacts(p) != want {
			t.Errorf("%s: %s, want %s", id, contacts(p), want)
		}
	}
	ana := cat.People["ana"]
	if ana.Title != "Engineer" || ana.TimeZone != "America/New_York" || ana.Name != "Ana Example" {
		t.Errorf("ana: %+v", ana)
	}
	if high, low := rules(ana.Rules.High), rules(ana.Rules.Low); high != "sms 0s, voice 5m" || low != "email 0s" {
		t.Errorf("rules of ana: high %s; low %s", high, low)
	}
	if team := cat.Teams["platform-team"]; team.Lead != "ana" || !slices.Equal(team.Members, []string{"ana", "bo"}) {
		t.Errorf("team: %+v", team)
	}
	if svc := cat.Services["checkout-api"]; svc.EscalationPolicy != "default" || svc.OwnerTeam != "platform-team" {
		t.Errorf("service: %+v", svc)
	}
	if !strings.HasPrefix(got.Addresses(), "PANA=Ana@example.com PBO=bo@example.com ") {
		t.Errorf("addresses %q", got.Addresses())
	}
}

// Whatever is not carried over is named with its reason, and nothing else is.
//
// Clauses: INT-PAGERDUTY
func TestWhatIsLeftIsNamed(t *testing.T) {
	got, _ := carry(t, accounttest.Acme())
	var lines []string
	for _, l := range got.Left {
		lines = append(lines, l.Kind+" "+l.Name+": "+l.Reason)
	}
	for _, want := range []string{
		"contact method Ana Example, Ana's phone: a device is turned on by its owner",
		"notification rule Ana Example, high urgency after 0 min: its contact method is not carried over",
		"notification rules Ana Example: the first one that is carried over goes at once",
		"user Bo Example: time zone \"Eastern Time (US & Canada)\" is no IANA name",
		"contact method Cy Example, Old: country code 1 and number make no number",
		"contact method Cy Example, Stopped: PagerDuty no longer sends there",
		"team Platform Team: its member PGONE is no user",
		"team Platform Team: stands below the team Engineering",
		"escalation policy Default: its target PGONE is not carried over",
		"service Checkout API: has no restoration rank",
		"service Checkout API: has 1 integrations",
		"service Checkout API: resolves by itself after 4h0m0s",
		"service Checkout API: has urgency unknown",
		"service Old: is disabled",
	} {
		i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, want) })
		if i < 0 {
			t.Errorf("nobody is told: %s", want)
			continue
		}
		lines = slices.Delete(lines, i, i+1)
	}
	for _, l := range lines {
		t.Errorf("told besides: %s", l)
	}
}

// The delays of rules become times from the start, and repetitions are written out.
//
// Clauses: INT-PAGERDUTY, PLT-PD-ROUTE
func TestPoliciesAreCarriedOver(t *testing.T) {
	a := accounttest.Acme()
	_, cat := carry(t, a)
	var got []string
	for _, s := range cat.Policies["default"].Steps {
		got = append(got, s.After.String()+" "+strings.Join(s.To, "+"))
	}
	if want := "0s schedule:primary, 10m person:ana, 30m schedule:primary, 40m person:ana, 1h schedule:primary, 1h10m person:ana"; strings.Join(got, ", ") != want {
		t.Errorf("steps: %s", strings.Join(got, ", "))
	}
	a = accounttest.Acme()
	a.Policies[0].Loops = 100
	left, cat := carry(t, a)
	if p := cat.Policies["default"]; len(p.Steps) != 2 || p.Repeat.Times != 100 || p.Repeat.Every.String() != "30m" {
		t.Errorf("more than a policy has steps for: %+v", p)
	}
	if !slices.ContainsFunc(left.Left, func(l account.Left) bool { return strings.Contains(l.Reason, "its 100 repetitions") }) {
		t.Error("that repetitions are another thing is not told")
	}
}

// People are known by their mail address, nothing is taken from anybody, and the
// same import again changes nothing.
//
// Clauses: INT-PAGERDUTY
func TestWhatStandsStays(t *testing.T) {
	ana := catalog.Person{
		ID: "a.example", Name: "Ana E.", Email: "ana@EXAMPLE.com", Level: 2, Roles: []string{"cto"}, Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550199999", Verified: true}},
		Rules: catalog.ContactRules{High: []catalog.ContactRule{{Channel: "sms"}}},
	}
	other := catalog.Person{ID: "bo", Name: "Another Bo", Email: "bo@other.example"}
	team := catalog.Team{ID: "platform-team", Name: "Platform", Lead: "bo", Members: []string{"bo"}}
	_, cat := carry(t, accounttest.Acme(), ana, other, team)
	if p := cat.People["a.example"]; p.Name != "Ana E." || p.Level != 2 || len(p.Roles) != 1 || rules(p.Rules.High) != "sms 0s" ||
		contacts(p) != "sms +15550199999 verified, voice +15550100001, sms +15550100001" {
		t.Errorf("ana: %+v", p)
	}
	if cat.People["bo"].Name != "Another Bo" || cat.People["bo-2"].Email != "bo@example.com" {
		t.Errorf("the two Bos: %+v, %+v", cat.People["bo"], cat.People["bo-2"])
	}
	if g := cat.Teams["platform-team"]; g.Lead != "bo" || g.Name != "Platform" || !slices.Equal(g.Members, []string{"bo", "a.example", "bo-2"}) {
		t.Errorf("team: %+v", g)
	}
	if on := cat.Schedules["primary"].At(accounttest.Now); len(on) != 1 || on[0] == "bo" {
		t.Errorf("on call: %v", on)
	}
	_, again := carry(t, accounttest.Acme(), cat.Entities()...)
	for _, e := range cat.Entities() {
		now, ok := again.Get(e.Kind(), e.Key())
		before, err := catalog.Encode(e)
		after, err2 := catalog.Encode(now)
		if !ok || err != nil || err2 != nil || string(before) != string(after) {
			t.Errorf("%s %s changed: %s, then %s", e.Kind(), e.Key(), before, after)
		}
	}
	if len(again.Entities()) != len(cat.Entities()) {
		t.Errorf("%d entities, then %d", len(cat.Entities()), len(again.Entities()))
	}
}
