package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
)

var order = []string{"push", "sms", "voice", "email"}

func rule(channel, after string) catalog.ContactRule {
	s, err := recur.ParseSpan(after)
	if err != nil {
		panic(err)
	}
	return catalog.ContactRule{Channel: channel, After: s}
}

func climber() catalog.Person {
	return catalog.Person{
		ID: "ana", Name: "Ana", Email: "ana@example.com",
		Contacts: []catalog.Contact{
			{Channel: "sms", Address: "+15550100001", Verified: true},
			{Channel: "sms", Address: "+15550100002"},
			{Channel: "voice", Address: "+15550100001"},
		},
	}
}

// rungs writes a ladder shortly: sms@0s, voice@2m0s, email spare.
func rungs(l []catalog.Rung) string {
	words := make([]string, len(l))
	for i, r := range l {
		words[i] = fmt.Sprintf("%s%s@%s", r.Channel, strings.TrimPrefix(r.Address, "+1555010000"), r.After)
		if r.Spare {
			words[i] = r.Channel + strings.TrimPrefix(r.Address, "+1555010000") + " spare"
		}
	}
	return strings.ReplaceAll(strings.Join(words, ", "), "emailana@example.com", "email")
}

// By rules or by the order of channels; all devices of a person ring at once.
//
// Clauses: PLT-CFG-POL, PLT-CFG-MOBILE
func TestALadderFollowsThePersonsRules(t *testing.T) {
	two := []catalog.Contact{{Channel: "push", Address: " phone"}, {Channel: "push", Address: " tablet"}}
	for _, c := range []struct {
		name    string
		rules   []catalog.ContactRule
		devices []catalog.Contact
		want    string
	}{
		{"no rules: the order of channels, one after the other", nil, nil, "sms1@0s, sms2 spare, voice1 spare, email spare"},
		{"sms at once, voice after two minutes", []catalog.ContactRule{rule("sms", "0s"), rule("voice", "2m")}, nil, "sms1@0s, voice1@2m0s, sms2 spare, email spare"},
		{"rules count by their delay, not their place", []catalog.ContactRule{rule("voice", "2m"), rule("email", "0s")}, nil, "email@0s, voice1@2m0s, sms1 spare, sms2 spare"},
		{"the same channel twice is asked for twice", []catalog.ContactRule{rule("sms", "0s"), rule("sms", "5m")}, nil, "sms1@0s, sms1@5m0s, sms2 spare, voice1 spare, email spare"},
		{"a rule whose contact is gone is no reason to wait", []catalog.ContactRule{rule("push", "0s"), rule("voice", "2m")}, nil, "voice1@0s, sms1 spare, sms2 spare, email spare"},
		{"rules with no contact at all fall back to the order", []catalog.ContactRule{rule("push", "0s")}, nil, "sms1@0s, sms2 spare, voice1 spare, email spare"},
		{"devices, by the order", nil, two, "push phone@0s, push tablet@0s, sms1 spare, sms2 spare, voice1 spare, email spare"},
		{"devices, then a call", []catalog.ContactRule{rule("push", "0s"), rule("voice", "2m")}, two, "push phone@0s, push tablet@0s, voice1@2m0s, sms1 spare, sms2 spare, email spare"},
		{"a text, then devices", []catalog.ContactRule{rule("sms", "0s"), rule("push", "2m")}, two, "sms1@0s, push phone@2m0s, push tablet@2m0s, sms2 spare, voice1 spare, email spare"},
		{"the first rule of high urgency does not wait", []catalog.ContactRule{rule("push", "3m")}, two, "push phone@0s, push tablet@0s, sms1 spare, sms2 spare, voice1 spare, email spare"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := climber()
			p.Contacts = append(p.Contacts, c.devices...)
			p.Rules.High = c.rules
			if got := rungs(catalog.Ladder(p, catalog.High, order)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The first rung of high urgency goes at once, every contact is on the ladder,
// and rungs with a time come in its order before the spare ones.
//
// B18
func TestEveryLadderStartsAtOnceAndLeavesNobodyOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := climber()
		p.Contacts = p.Contacts[:rapid.IntRange(0, 3).Draw(t, "contacts")]
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			p.Rules.High = append(p.Rules.High, rule(rapid.SampledFrom(order).Draw(t, "channel"), fmt.Sprintf("%dm", rapid.IntRange(0, 60).Draw(t, "after"))))
		}
		l := catalog.Ladder(p, catalog.High, order)
		if l[0].Spare || l[0].After != 0 {
			t.Fatalf("starts with %+v", l[0])
		}
		for i := 1; i < len(l); i++ {
			if l[i-1].Spare && !l[i].Spare || !l[i].Spare && l[i].After < l[i-1].After {
				t.Fatalf("out of order: %s", rungs(l))
			}
		}
		for _, c := range catalog.ContactsFor(p, order) {
			if !slices.ContainsFunc(l, func(r catalog.Rung) bool { return r.Channel == c.Channel && r.Address == c.Address }) {
				t.Fatalf("%s %s is left out of %s", c.Channel, c.Address, rungs(l))
			}
		}
	})
}

// A contact that changes under a page that climbs is neither missed nor stuck.
func TestALadderIsMended(t *testing.T) {
	p := climber()
	l := catalog.Ladder(p, catalog.High, order)
	p.Contacts = []catalog.Contact{{Channel: "voice", Address: "+15550100007"}, {Channel: "push", Address: "phone"}}
	next := 1
	var tried []string
	for ok := true; ok; next++ {
		if l, ok = catalog.Mend(l, next, p, order); ok {
			tried = append(tried, l[next].Channel+l[next].Address)
		}
	}
	if got := strings.Join(tried, " "); got != "voice+15550100007 emailana@example.com pushphone" {
		t.Errorf("tried %s", got)
	}
}

// Clauses: PLT-CFG-POL
func TestBadContactRulesAreRefusedWithTheirPlace(t *testing.T) {
	for where, change := range map[string]func(*catalog.Person){
		"/rules/high/0/channel": func(p *catalog.Person) { p.Rules.High = []catalog.ContactRule{rule("pigeon", "0s")} },
		"/rules/low/0/channel":  func(p *catalog.Person) { p.Rules.Low = []catalog.ContactRule{rule("push", "0s")} },
		"/rules/high/1/after":   func(p *catalog.Person) { p.Rules.High = []catalog.ContactRule{rule("sms", "0s"), rule("sms", "25h")} },
		"/rules/low/0/after":    func(p *catalog.Person) { p.Rules.Low = []catalog.ContactRule{rule("sms", "1bh")} },
		"/rules/high/1":         func(p *catalog.Person) { p.Rules.High = []catalog.ContactRule{rule("sms", "0s"), rule("sms", "0s")} },
		"/rules/high":           func(p *catalog.Person) { p.Rules.High = []catalog.ContactRule{rule("sms", "1m")} },
		"/rules/low":            func(p *catalog.Person) { p.Rules.Low = make([]catalog.ContactRule, catalog.MaxRules+1) },
		"/quiet_hours/from":     func(p *catalog.Person) { p.QuietHours = catalog.QuietHours{From: "25:00", To: "07:00"} },
		"/quiet_hours/to":       func(p *catalog.Person) { p.QuietHours = catalog.QuietHours{From: "22:00", To: "22:00"} },
		"/quiet_hours/days/0": func(p *catalog.Person) {
			p.QuietHours = catalog.QuietHours{From: "22:00", To: "07:00", Days: []string{"noday"}}
		},
		"/quiet_hours/time_zone": func(p *catalog.Person) {
			p.QuietHours = catalog.QuietHours{From: "22:00", To: "07:00", TimeZone: "Mars"}
		},
	} {
		p := climber()
		change(&p)
		if got := places(t, catalog.Check(p, catalog.New(1, p))); !slices.Contains(got, where) {
			t.Errorf("%s is not refused, only %v", where, got)
		}
	}
}

func TestQuietHoursEnd(t *testing.T) {
	p := climber()
	p.TimeZone = "America/Chicago" // 09:00 UTC is 03:00 there
	p.QuietHours = catalog.QuietHours{From: "22:00", To: "07:00"}
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if end, ok := p.QuietUntil(monday); !ok || !end.Equal(monday.Add(4*time.Hour)) {
		t.Errorf("quiet until %s, %v", end, ok)
	}
	if _, ok := p.QuietUntil(monday.Add(4 * time.Hour)); ok {
		t.Error("quiet at seven")
	}
	p.QuietHours.Days = []string{"tue"}
	if _, ok := p.QuietUntil(monday); ok {
		t.Error("the night of Sunday is quiet though only Tuesday's is")
	}
	p.QuietHours.TimeZone = "UTC"
	if _, ok := p.QuietUntil(monday); ok {
		t.Error("its own zone is not used")
	}
}
