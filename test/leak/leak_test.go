// Package leak puts a marked word into every internal field and looks for it
// in everything the public can fetch. It tests the way from the flow to the
// page and must not know how either works inside.
package leak

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/internal/edge/page"
	"allclear/internal/flow/comms"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/silences"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// canary is part of every marked word; none of them may be seen outside.
const canary = "kanarie"

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func mark(where string) string { return canary + "-" + where }

func marked() *catalog.Catalog {
	m := mark
	service := func(id, component string, needs ...string) catalog.Service {
		return catalog.Service{
			ID: m("service-" + id), Name: m("service name"), Description: m("description"), OwnerTeam: m("team"), Area: m("area"), DependsOn: needs,
			Component: component, Regions: []string{m("region")}, Products: []string{m("product")}, RestorationRank: 1,
		}
	}
	return catalog.New(1,
		service("a", m("component")), catalog.Component{ID: m("component"), Name: "Sign-in", Group: m("group")}, catalog.Component{ID: m("group"), Name: "Access"},
		catalog.Component{ID: m("hidden"), Name: m("hidden component"), Description: m("hidden description"), Hidden: true}, service("e", m("hidden")),
		service("b", "Reports", m("service-a")), service("c", "API"), service("d", ""),
		catalog.Team{ID: m("team"), Name: m("team name")},
		catalog.Person{ID: m("person"), Name: m("Ana Ruiz"), Email: m("a") + "@x.example"},
		catalog.Person{ID: m("legal"), Name: m("Lea Law"), Roles: []string{"legal-counsel"}},
		catalog.Customer{
			ID: m("customer"), Name: m("customer name"), Tier: catalog.Enterprise, Region: m("region"), AccountManager: m("person"), Domains: []string{m("domain")},
			Contacts: []catalog.CustomerContact{{Name: m("contact"), Email: "ops@customer.example"}},
		},
	)
}

func markedIncident(hash, service string) *incident.Incident {
	m := mark
	return &incident.Incident{
		ServiceID: m("service-" + service), GroupKey: m("group " + service), Title: m("alert summary: disk full on db-7"), Status: incident.Investigating,
		Severity: procedure.P1, Highest: procedure.P1, Scenario: m("scenario"), Flags: []string{m("flag")}, Procedure: hash, Declared: true, DetectedAt: now, DeclaredAt: now,
		DeclaredBy: m("person"), AcknowledgedBy: m("person"), EngagedBy: m("person"), Reason: m("reason"), Why: []string{m("why")},
		Roles:      map[string]string{incident.Commander: m("person")},
		Responders: []incident.Responder{{Person: m("person"), State: "joined"}},
		Reached:    map[string]time.Time{m("moment"): now}, Fired: map[string]bool{m("rule"): true},
	}
}

type world struct {
	t    *testing.T
	db   *store.DB
	bus  *jobs.Bus
	c    *comms.Comms
	hash string
}

func (w *world) do(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), store.PriorityRest, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(i *incident.Incident) *incident.Incident {
	w.do(func(tx *store.Tx) error { return incidents.Insert(tx, i, now) })
	return i
}

func (w *world) wants(i *incident.Incident, rule, subject, text string, draft bool) {
	w.do(func(tx *store.Tx) error {
		return w.bus.Emit(tx, now, event.Event{
			IncidentID: i.ID, Kind: event.MessageWanted, Source: mark("source"), Restricted: i.Restricted,
			Data: event.Data{
				Rule: mark(rule), Audience: message.Customers, Channels: []string{message.StatusPage, message.Email}, Status: "investigating",
				Subject: subject, Text: text, Draft: draft, Clauses: []string{mark("clause")},
			},
		})
	})
}

// Score S13: canaries in the internal fields, every public route crawled.
// Bug class B46 (a public page that shows what is private).
func TestNothingInternalReachesThePublic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db, bus: jobs.NewBus()}
		var shelf procedures.Shelf
		cat := marked()
		w.c = comms.New(db, w.bus, &shelf, func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, comms.Page{Name: "Acme", URL: "https://status.example", Key: []byte("a key for tests")})
		w.c.Wire()
		w.do(func(tx *store.Tx) (err error) {
			w.hash, err = shelf.Put(tx, []byte("schema: 1\nname: "+mark("procedure")+"\n"), now)
			return err
		})
		board := &comms.Board{Comms: w.c, Log: slog.New(slog.DiscardHandler)}
		w.fill()
		if err := board.Tick(t.Context(), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := page.Save(dir, board.Source()); err != nil {
			t.Fatal(err)
		}
		kept, err := page.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		look(t, "snapshot file", string(doc))
		if len(kept.Incidents) != 2 {
			t.Errorf("%d public incidents, want 2: %s", len(kept.Incidents), doc)
		}
		if len(kept.Maintenances) != 1 {
			t.Errorf("%d announced maintenances, want 1", len(kept.Maintenances))
		}
		crawl(t, board.Source)
		w.mails(6)
	})
}

// fill makes one of everything: public posts whose texts were filled with
// internal words, drafts, a tenant's, a restricted one that waits and one that
// Legal let out.
func (w *world) fill() {
	open := w.open(markedIncident(w.hash, "a"))
	title, ref := open.Title, open.Ref()
	w.wants(open, "rule", "["+ref+"] "+title, "Because of "+title+" signing in fails. "+mark("Ana Ruiz")+" ("+mark("person")+") works on "+ref+".", false)
	w.wants(open, "rule-draft", mark("draft"), mark("unpublished"), true)
	actor := authz.Actor{ID: mark("person"), Role: authz.Responder, Via: mark("via")}
	if _, err := w.c.Draft(w.t.Context(), actor, open.Number, message.Content{Subject: mark("own"), Text: mark("own draft")}, now); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.c.Update(w.t.Context(), actor, open.Number, message.Content{Text: "We know the cause."}, true, now); err != nil {
		w.t.Fatal(err)
	}
	tenant := markedIncident(w.hash, "b")
	tenant.Tenant = mark("customer")
	w.wants(w.open(tenant), "rule", mark("only you"), mark("one tenant"), false)
	secret := markedIncident(w.hash, "c")
	secret.Restricted, secret.Circle = true, []string{mark("legal")}
	w.wants(w.open(secret), "rule", mark("breach"), mark("restricted"), false)
	w.maintain("m1", "a", &alert.Announcement{Title: "Database upgrade", Text: "Signing in may fail for a minute.", Mail: true})
	w.maintain("m2", "b", nil)
	w.maintain("m3", "e", &alert.Announcement{Title: mark("of what is hidden"), Text: mark("hidden work")})
	legal := authz.Actor{ID: mark("legal"), Role: authz.Responder}
	out := markedIncident(w.hash, "d")
	out.Restricted, out.Circle = true, []string{mark("legal")}
	w.open(out)
	if _, err := w.c.Update(w.t.Context(), legal, out.Number, message.Content{Text: "We reset all passwords."}, true, now); err != nil {
		w.t.Fatal(err)
	}
}

// maintain plans a maintenance with internal words, and what is announced of it.
func (w *world) maintain(id, service string, public *alert.Announcement) {
	w.do(func(tx *store.Tx) error {
		m := &alert.Maintenance{
			ID: mark(id), Title: mark("db-7 to 16.2"), Reason: mark("change"), Services: []string{mark("service-" + service)}, CreatedBy: mark("person"),
			StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour), Public: public,
		}
		if err := silences.PutMaintenance(tx, m, now); err != nil {
			return err
		}
		return w.bus.Emit(tx, now, event.Event{Kind: event.MaintenanceSet, Actor: mark("person"), Data: event.Data{Ref: m.ID}})
	})
}

var internal = regexp.MustCompile(`(?i)` + canary + `|INC-\d|db-7`)

func look(t *testing.T, where, text string) {
	t.Helper()
	if got := internal.FindAllString(text, -1); len(got) > 0 {
		at := internal.FindStringIndex(text)
		t.Errorf("%s shows %v near %q", where, got, text[max(0, at[0]-80):min(len(text), at[1]+40)])
	}
}

// link matches the local addresses of a page.
var link = regexp.MustCompile(`(?:href|src)="(?:https://status\.example)?(/[^"#?]*)"|<link>https://status\.example(/[^<]*)</link>`)

// crawl fetches every documented address and whatever these link to.
func crawl(t *testing.T, source func() *status.Snapshot) {
	t.Helper()
	h := page.New(page.Options{Source: source, Now: func() time.Time { return now.Add(time.Minute) }})
	todo := []string{"/", "/history", "/history.atom", "/history.rss", "/healthz", "/favicon.svg", "/robots.txt", "/de", "/es/nothing", "/history/2026-03", "/nothing/here", "/api/v2/nothing.json"}
	for _, doc := range []string{
		"summary", "status", "components", "incidents", "incidents/unresolved",
		"scheduled-maintenances", "scheduled-maintenances/upcoming", "scheduled-maintenances/active",
	} {
		todo = append(todo, "/api/v2/"+doc+".json")
	}
	seen := map[string]bool{}
	posts := 0
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		body := got.Body.String()
		look(t, path, path+" "+fmt.Sprint(got.Header())+" "+body)
		if strings.HasPrefix(path, "/incidents/") && got.Code == http.StatusOK {
			posts++
		}
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			todo = append(todo, m[1]+m[2])
		}
	}
	if posts != 3 || len(seen) < 50 {
		t.Errorf("the crawl saw %d addresses and %d posts: %v", len(seen), posts, seen)
	}
}

// mails looks at the words of what is mailed to customers.
func (w *world) mails(want int) {
	var all []*message.Delivery
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		if all, err = deliveries.List(tx, deliveries.Filter{Kind: message.KindMessage, Limit: 100}); err != nil {
			return err
		}
		work, err := deliveries.List(tx, deliveries.Filter{Kind: message.KindWork, Limit: 100})
		all = append(all, work...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, d := range all {
		if d.Channel != message.Email || d.Recipient != mark("customer") {
			continue
		}
		n++
		if strings.Contains(d.Body, mark("one tenant")) {
			continue // told to that tenant, in its own words
		}
		look(w.t, "mail "+d.Key, d.Subject+"\n"+d.Body)
	}
	if n != want {
		w.t.Errorf("%d mails, want %d", n, want)
	}
}
