package story_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/outreach"
	"allclear/internal/flow/command"
	"allclear/test/story"
)

// stands says of each clause's tasks of the first fifteen minutes where they stand.
func stands(w *story.World, clause string, want checklist.State) *checklist.Task {
	w.Helper()
	all := w.Tasks(clause)
	if len(all) == 0 {
		w.Fatalf("nobody is asked for %s", clause)
	}
	t := all[len(all)-1]
	if t.State != want {
		w.Errorf("%s: %q is %s (%s), want %s", clause, t.Title, t.State, t.Evidence, want)
	}
	return t
}

// The three steps have their time boxes from detection; what the software sees is
// ticked by itself, with what it saw; what comes too late stays marked late.
//
// Clauses: RSP-S1, RSP-S1-RECV, RSP-S2, RSP-S2-SCOPE, RSP-S2-IMPACT, RSP-S2-DOC, RSP-S3, RSP-S3-TEAM
// Reading 7
func TestTheFirstFifteenMinutes(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		if got := stands(w, "RSP-S1-RECV", checklist.Done); !strings.Contains(got.Evidence, "received") {
			t.Errorf("received with %q", got.Evidence)
		}
		began := w.Incident().DetectedAt
		for _, step := range []struct {
			clause string
			due    time.Duration
		}{{"RSP-S1", 3 * min}, {"RSP-S2", 8 * min}} {
			for _, task := range w.Tasks(step.clause) {
				if got := task.DueAt.Sub(began); got != step.due {
					t.Errorf("%s: %q is due after %s", step.clause, task.Title, got)
				}
			}
		}
		w.At(5 * min)
		w.Engage("ana")
		must(w, w.Scope(command.NewScope{Services: []string{"dashboard"}, Regions: []string{"eu"}}))
		must(w, w.Findings("The identity provider answers with 500."))
		if stands(w, "RSP-S2-SCOPE", checklist.Done).Late(w.Now()) || stands(w, "RSP-S2-DOC", checklist.Done).Late(w.Now()) {
			t.Error("what was done in time is marked late")
		}
		w.At(9 * min)
		if !stands(w, "RSP-S2-IMPACT", checklist.Open).Late(w.Now()) {
			t.Error("nine minutes after detection the impact is not marked late")
		}
		must(w, w.Consequence("No new sign-ups."))
		if !stands(w, "RSP-S2-IMPACT", checklist.Done).Late(w.Now()) {
			t.Error("what was done late is not marked late")
		}
		for _, task := range w.Tasks("RSP-S3") {
			if got := task.DueAt.Sub(began); got != 15*min {
				t.Errorf("RSP-S3: %q is due after %s", task.Title, got)
			}
		}
		stands(w, "RSP-S3-TEAM", checklist.Done)
	})
}

// The people of the team that owns a service are responders when it is declared;
// a service that is found to be touched later brings its team, which is told, once.
//
// Clauses: TEAM-AUTOINC, RSP-S3-TEAM
func TestTheTeamsOfTouchedServicesAreIncluded(t *testing.T) {
	billing := catalog.Service{ID: "billing", Name: "Billing", OwnerTeam: "billing", RestorationRank: 4, Area: "applications"}
	team := catalog.Team{ID: "billing", Name: "Billing", Members: []string{"bo", "priya.sharma"}}
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Service: "auth", Title: "logins fail"})
		owners := w.Entity(catalog.KindTeam, w.Entity(catalog.KindService, "auth").(catalog.Service).OwnerTeam).(catalog.Team).Members
		if len(owners) == 0 {
			t.Fatal("nobody owns auth")
		}
		for _, m := range owners {
			if !responds(w, m) {
				t.Errorf("%s of the owning team is no responder", m)
			}
		}
		w.After(20 * min)
		at := w.Since()
		for range 2 {
			must(w, w.Scope(command.NewScope{Services: []string{"billing"}}))
		}
		for _, m := range team.Members {
			if !responds(w, m) {
				t.Errorf("%s is no responder", m)
			}
		}
		w.Notices("").For("TEAM-AUTOINC").About("touches a service of yours").At(slices.Repeat([]time.Duration{at}, len(invited(w, owners, team.Members)))...)
	}, story.With(billing), story.With(team), story.With(catalog.Person{ID: "priya.sharma", Name: "Priya Sharma", Contacts: []catalog.Contact{{Channel: "email", Address: "priya@example.com", Verified: true}}}))
}

func responds(w *story.World, person string) bool {
	return slices.ContainsFunc(w.Incident().Responders, func(r incident.Responder) bool { return r.Person == person })
}

// invited are the members who were no responders before.
func invited(w *story.World, before, members []string) (out []string) {
	for _, m := range members {
		if !slices.Contains(before, m) && m != w.Incident().Commander() {
			out = append(out, m)
		}
	}
	return out
}

// Who is affected follows from services, regions and customers, and people may
// say otherwise with a reason. The estimate is the sum over those customers.
//
// Clauses: RSP-S2-SCOPE, RSP-S2-IMPACT
func TestTheEstimateIsTheSumOverAffectedCustomers(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		all := w.Impact()
		must(w, w.Scope(command.NewScope{Regions: []string{"eu"}}))
		eu := w.Impact()
		if len(eu.Accounts) == 0 || len(eu.Accounts) >= len(all.Accounts) {
			t.Fatalf("%d customers in one region, %d everywhere", len(eu.Accounts), len(all.Accounts))
		}
		for _, k := range eu.Accounts {
			if k.Region != "" && k.Region != "eu" {
				t.Errorf("%s of %s is counted for eu", k.ID, k.Region)
			}
		}
		gone := eu.Accounts[0].ID
		var more string
		for _, k := range all.Accounts {
			if k.Region != "" && k.Region != "eu" {
				more = k.ID
			}
		}
		err := w.Scope(command.NewScope{Regions: []string{"eu"}, Added: []string{more}, Spared: []string{gone}})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "reason") {
			t.Errorf("other customers without a reason: %v", err)
		}
		must(w, w.Scope(command.NewScope{Regions: []string{"eu"}, Added: []string{more}, Spared: []string{gone}, Reason: "they called"}))
		w.After(73 * min)
		i := w.Impact()
		var arr int64
		seen := map[string]bool{}
		for _, k := range i.Accounts {
			arr += k.ARR
			seen[k.ID] = true
			if k.Used != 73*min || k.Allowed <= 0 {
				t.Errorf("%s: used %s of %s", k.ID, k.Used, k.Allowed)
			}
		}
		if len(i.Accounts) != len(eu.Accounts) || !seen[more] || seen[gone] {
			t.Errorf("%d customers, %s %t, %s %t", len(i.Accounts), more, seen[more], gone, seen[gone])
		}
		if i.ARR != arr || i.AtRisk != arr*73/(365*24*60) || i.Beyond != len(i.Accounts) {
			t.Errorf("%+v over %d", i, arr)
		}
		// Whom it spares is not told, and whom it adds is.
		w.Entries(event.Scoped).About("they called")
	}, story.AllCustomers())
}

// A scope that names what does not exist is refused with the place.
func TestAScopeNamesWhatExists(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		err := w.Scope(command.NewScope{Services: []string{"api", "nowhere"}, Spared: []string{"nobody"}, Reason: "x"})
		var f *fault.Error
		if !fault.Is(err, fault.Invalid) || !asFault(err, &f) || len(f.Details) != 2 || f.Details[0].Where != "services/1" || f.Details[1].Where != "spared/0" {
			t.Errorf("%v %+v", err, f)
		}
		if got := w.Incident().Services(); len(got) != 1 {
			t.Errorf("it touches %v", got)
		}
	})
}

// There is one commander. A hand-over names both and says what the next must know;
// somebody else who pages over the commander's head says why.
//
// Clauses: WAR-IC-COORD, WAR-IC-RES
func TestOneCommanderAndAHandOver(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Engage("ana")
		must(w, w.HandOver("ana", incident.Commander, "bo", "We suspect the last deployment."))
		last := w.Entries(event.RoleTaken).About("last deployment").List
		if len(last) != 1 || last[0].Data.From != "ana" || last[0].Data.Owner != "bo" || w.Incident().Commander() != "bo" {
			t.Errorf("%+v", last)
		}
		if err := w.TryPage("ana", "level:3", " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("ana pages level 3 over bo's head without a word: %v", err)
		}
		must(w, w.TryPage("ana", "level:3", "bo cannot be reached"))
		must(w, w.TryPage("bo", "schedule:duty-executive", ""))
		w.After(10 * min)
		w.Pages("").About("bo cannot be reached").At(0, 0, 0)
	})
}

// A role of a restricted incident goes to its circle only, whoever asks.
//
// Reading 18
func TestARoleStaysInTheCircle(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "data is out", Scenario: "breach-confirmed"})
		if err := w.HandOver("ana", incident.Scribe, "robert.park", ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a role outside the circle: %v", err)
		}
		if w.MaySee("robert.park") {
			t.Error("the attempt let him in")
		}
	})
}

func must(w *story.World, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }

func details(err error) []fault.Detail {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Details
	}
	return nil
}

// A duty per account follows what the incident touches: new accounts get a task of
// their own, accounts that are not affected are taken out of
// what is open with the reason, and what was done stays done.
//
// Clauses: RSP-S2-SCOPE, TEAM-XF-SALES
func TestDutiesPerAccountFollowTheScope(t *testing.T) {
	vip := func(id, region string) story.Setup {
		return story.With(catalog.Customer{ID: id, Name: id, Tier: catalog.Enterprise, VIP: true, Region: region, AccountManager: "ana"})
	}
	story.Tell(t, func(w *story.World) {
		duty := func() (out []*checklist.Task) {
			for _, task := range w.Tasks("TEAM-XF-SALES") {
				if task.Rule == "sales-accounts" {
					out = append(out, task)
				}
			}
			return out
		}
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail", Regions: []string{"eu"}})
		first := duty()
		if len(first) != 1 || !slices.Equal(first[0].Accounts, []string{"vip-eu-1", "vip-eu-2"}) || !strings.HasSuffix(first[0].Title, "(2 accounts)") {
			t.Fatalf("at first %+v", first)
		}
		w.At(20 * min)
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}}))
		all := duty()
		if len(all) != 2 || !slices.Equal(all[1].Accounts, []string{"vip-us-1"}) || len(all[0].Accounts) != 2 {
			t.Fatalf("grown %+v", all)
		}
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}})) // the same again
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}, Spared: []string{"vip-eu-1", "vip-us-1"}, Reason: "they use another door"}))
		all = duty()
		if len(all) != 2 || !slices.Equal(all[0].Accounts, []string{"vip-eu-2"}) || !strings.HasSuffix(all[0].Title, "(1 accounts)") || all[0].State != checklist.Open {
			t.Errorf("shrunk %+v", all)
		}
		if gone := all[1]; gone.State != checklist.Skipped || gone.Evidence != "not affected any more: they use another door" {
			t.Errorf("nobody is left, and it is %s: %q", gone.State, gone.Evidence)
		}
		w.Entries(event.Automatic).About("1 of them not affected any more: they use another door, 1 are left").Some()
		w.Done("ana", all[0].ID, "called")
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}}))
		all = duty()
		if last := all[len(all)-1]; len(all) != 3 || last.State != checklist.Open || !slices.Equal(last.Accounts, []string{"vip-eu-1", "vip-us-1"}) || all[0].State != checklist.Done {
			t.Errorf("they are back: %+v", all)
		}
	}, story.Without(catalog.KindCustomer), vip("vip-eu-1", "eu"), vip("vip-eu-2", "eu"), vip("vip-us-1", "us"))
}

// Accounts that an incident touches later get a call of their own, whatever calls are
// under way or done; whoever is not affected any more is not called.
//
// Clauses: COM-CUST-VIP
func TestCallsFollowTheScope(t *testing.T) {
	vip := func(id, region string) story.Setup {
		return story.With(catalog.Customer{ID: id, Name: id, Tier: catalog.Enterprise, VIP: true, Region: region, AccountManager: "ana"})
	}
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail", Regions: []string{"eu"}})
		open := func(want ...string) (out []*outreach.Contact) {
			t.Helper()
			var got []string
			for _, c := range w.ContactsOf("outreach-vip") {
				if !c.Done {
					got, out = append(got, c.Party), append(out, c)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("to be called are %v, want %v", got, want)
			}
			return out
		}
		open("vip-eu-1", "vip-eu-2")
		w.At(5 * min)
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}}))
		us := slices.DeleteFunc(open("vip-eu-1", "vip-eu-2", "vip-us-1"), func(c *outreach.Contact) bool { return c.Party != "vip-us-1" })
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}, Spared: []string{"vip-eu-1"}, Reason: "they use another door"}))
		eu := slices.DeleteFunc(open("vip-eu-2", "vip-us-1"), func(c *outreach.Contact) bool { return c.Party != "vip-eu-2" })
		must(w, w.Called("ana", us[0], outreach.Reached, "", ""))
		must(w, w.Called("ana", eu[0], outreach.LeftMessage, "", ""))
		for _, task := range w.Tasks("COM-CUST-VIP") {
			if task.Rule == "outreach-vip" && (task.State != checklist.Done || !strings.HasPrefix(task.Evidence, "1 of ")) {
				t.Errorf("all are told, and %q is %s: %q", task.Title, task.State, task.Evidence)
			}
		}
		must(w, w.Scope(command.NewScope{Regions: []string{"eu", "us"}}))
		open("vip-eu-1") // it is back, and the two others have been called
	}, story.Without(catalog.KindCustomer), vip("vip-eu-1", "eu"), vip("vip-eu-2", "eu"), vip("vip-us-1", "us"))
}
