package admin_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/flow/admin"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
)

// INV-A2
func TestOnlyAdministratorsChangeTheCatalogue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		before := h.catalog(t).Version
		nobody := authz.Actor{}
		for _, a := range []authz.Actor{nobody, responder, follower, auditor, authz.Software("timer")} {
			for _, e := range []catalog.Entity{
				catalog.Team{ID: "x", Name: "X"},
				catalog.Person{ID: "x", Name: "X"},
				catalog.Person{ID: "bo", Name: "Bo"},
				catalog.Service{ID: "api", Name: "API", RestorationRank: 1},
				catalog.Customer{ID: "x", Name: "X", Tier: "standard"},
			} {
				_, err := h.Put(bg, a, e, admin.Whatever, now)
				wantKind(t, err, fault.Refused)
			}
			wantKind(t, h.Delete(bg, a, catalog.KindTeam, "platform", admin.Whatever, now), fault.Refused)
			wantKind(t, h.Delete(bg, a, catalog.KindTeam, "no-such", admin.Whatever, now), fault.Refused)
			_, err := h.Apply(bg, a, nil, admin.Options{DryRun: true}, now)
			wantKind(t, err, fault.Refused)
			_, err = h.Load(bg, a, nil, now)
			wantKind(t, err, fault.Refused)
		}
		if v := h.catalog(t).Version; v != before {
			t.Errorf("the catalogue went from %d to %d", before, v)
		}
	})
}

func TestVersionsGuardAChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		team := catalog.Team{ID: "x", Name: "One"}
		_, err := h.Put(bg, boss, team, 7, now)
		wantKind(t, err, fault.NotFound)
		first, err := h.Put(bg, boss, team, admin.Absent, now)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Put(bg, boss, team, admin.Absent, now)
		wantKind(t, err, fault.Conflict, "already")
		if same, err := h.Put(bg, boss, team, first.Version, now.Add(time.Hour)); err != nil || !reflect.DeepEqual(same, first) {
			t.Errorf("the same document: %+v, %v; want %+v", same, err, first)
		}
		team.Name = "Two"
		second, err := h.Put(bg, boss, team, first.Version, now)
		if err != nil || second.Version <= first.Version {
			t.Fatalf("%+v, %v", second, err)
		}
		team.Name = "Three"
		_, err = h.Put(bg, boss, team, first.Version, now)
		wantKind(t, err, fault.Conflict, "has changed")
		wantKind(t, h.Delete(bg, boss, catalog.KindTeam, "x", first.Version, now), fault.Conflict)
		if err := h.Delete(bg, boss, catalog.KindTeam, "x", second.Version, now); err != nil {
			t.Error(err)
		}
		wantKind(t, h.Delete(bg, boss, catalog.KindTeam, "x", admin.Whatever, now), fault.NotFound)
		if again := h.put(t, team); again.Version <= second.Version {
			t.Errorf("a version came back: %d after %d", again.Version, second.Version)
		}
	})
}

func TestWhatIsWrongIsPointedAt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := catalog.Person{ID: "x", Name: "X", Deputy: "nobody", Contacts: []catalog.Contact{{Channel: "sms", Address: "12"}}}
		_, err := h.Put(bg, boss, p, admin.Whatever, now)
		wantKind(t, err, fault.Invalid, "/deputy", "/contacts/0/address")
		if _, ok := h.catalog(t).People["x"]; ok {
			t.Error("it was stored all the same")
		}
	})
}

func TestWhatIsReferredToStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, tc := range []struct {
			kind catalog.Kind
			id   string
			who  []string
		}{
			{catalog.KindPerson, "ana", []string{"schedule/primary", "schedule/secondary", "/layers/0/members/0"}},
			{catalog.KindPerson, "account-manager-1", []string{"customer/customer-0001", "/account_manager", "schedule/vip-account-managers"}},
			{catalog.KindTeam, "platform", []string{"service/auth", "/owner_team"}},
			{catalog.KindService, "auth", []string{"service/api", "/depends_on/0"}},
		} {
			wantKind(t, h.Delete(bg, boss, tc.kind, tc.id, admin.Whatever, now), fault.Conflict, tc.who...)
		}
		if err := h.Delete(bg, boss, catalog.KindSchedule, "legal", admin.Whatever, now); err != nil {
			t.Errorf("nothing of the catalogue refers to it: %v", err)
		}
	})
}

func TestAServiceWithAnOpenIncidentStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.put(t, catalog.Service{ID: "lone", Name: "Lone", RestorationRank: 6})
		i := &incident.Incident{ServiceID: "lone", Title: "x", Status: incident.Investigating}
		write := func(f func(tx *store.Tx) error) {
			if err := h.db.Update(bg, store.PriorityRest, f); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.Tx) error { return incidents.Insert(tx, i, now) })
		wantKind(t, h.Delete(bg, boss, catalog.KindService, "lone", admin.Whatever, now), fault.Conflict, "incident/INC-1")
		i.Status = incident.Resolved
		write(func(tx *store.Tx) error { return incidents.Update(tx, i, now) })
		if err := h.Delete(bg, boss, catalog.KindService, "lone", admin.Whatever, now); err != nil {
			t.Error(err)
		}
	})
}

func TestOthersCanProtectAnEntity(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Protect(func(_ *store.Tx, kind catalog.Kind, id string) ([]string, error) {
			if kind == catalog.KindPerson && id == "sue" {
				return []string{"account/sue"}, nil
			}
			return nil, nil
		})
		wantKind(t, h.Delete(bg, boss, catalog.KindPerson, "sue", admin.Whatever, now), fault.Conflict, "account/sue")
	})
}

func TestPeopleChangeTheirOwnContactsAndAbsencesOnly(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		me := h.catalog(t).People["sue"]
		me.Contacts = append(slices.Clone(me.Contacts), catalog.Contact{Channel: "voice", Address: "+15550100098", Verified: true})
		me.Absent = []catalog.Absence{{From: now, Until: now.Add(time.Hour)}}
		item, err := h.Put(bg, follower, me, admin.Whatever, now)
		if err != nil {
			t.Fatal(err)
		}
		got := item.Entity.(catalog.Person)
		if len(got.Contacts) != 2 || !got.Contacts[0].Verified || got.Contacts[1].Verified || len(got.Absent) != 1 {
			t.Errorf("got %+v: what was verified stays so, what is new is not", got)
		}
		for name, change := range map[string]func(*catalog.Person){
			"level": func(p *catalog.Person) { p.Level = 3 },
			"roles": func(p *catalog.Person) { p.Roles = []string{"cto"} },
			"name":  func(p *catalog.Person) { p.Name = "Boss" },
		} {
			p := me
			change(&p)
			_, err := h.Put(bg, follower, p, admin.Whatever, now)
			wantKind(t, err, fault.Refused, name)
		}
		ghost := authz.Actor{ID: "ghost", Role: authz.Stakeholder}
		_, err = h.Put(bg, ghost, catalog.Person{ID: "ghost", Name: "Ghost"}, admin.Whatever, now)
		wantKind(t, err, fault.NotFound)
		if stands := h.catalog(t).People["sue"]; stands.Level != 0 || stands.Name != "Sue" {
			t.Errorf("%+v", stands)
		}
	})
}

// INV-R2. The record says who changed which ids from which version to which,
// and holds no personal data.
func TestChangesAreOnTheRecord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		seen := 0
		h.bus.On(event.CatalogChanged, func(*store.Tx, *event.Event) error { seen++; return nil })
		before := h.catalog(t).Version
		p := h.catalog(t).People["sue"]
		p.Contacts = []catalog.Contact{{Channel: "sms", Address: "+15550100555"}}
		item := h.put(t, p)
		if err := h.Delete(bg, boss, catalog.KindPerson, "sue", admin.Whatever, now); err != nil {
			t.Fatal(err)
		}
		all := h.record(t)
		last := all[len(all)-2:]
		for i, want := range []event.Data{
			{Subject: "person", Outcome: "updated", Targets: []string{"sue"}},
			{Subject: "person", Outcome: "deleted", Targets: []string{"sue"}},
		} {
			e := last[i]
			if e.Kind != event.CatalogChanged || e.Actor != "boss" || e.Source != "session" || !e.At.Equal(now) ||
				e.Data.Subject != want.Subject || e.Data.Outcome != want.Outcome || !slices.Equal(e.Data.Targets, want.Targets) {
				t.Errorf("got %+v, want %+v", e, want)
			}
			if strings.Contains(e.Data.Text, "5550100") {
				t.Errorf("the record holds a number: %s", e.Data.Text)
			}
		}
		if last[0].Data.From == "" || last[0].Data.Ref == last[0].Data.From || seen != 2 || item.Version != before+1 {
			t.Errorf("from %q to %q, %d handled", last[0].Data.From, last[0].Data.Ref, seen)
		}
		if text := last[0].Data.Text; !strings.Contains(text, "contacts/0/address") {
			t.Errorf("%q does not say which fields changed", text)
		}
		h.put(t, h.catalog(t).Teams["platform"])
		if n := len(h.record(t)); n != len(all) {
			t.Error("a change of nothing was recorded")
		}
	})
}
