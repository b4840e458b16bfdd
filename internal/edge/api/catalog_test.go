package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/declared"
	"allclear/internal/edge/api/party"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/store/storetest"
)

// seed makes a small catalogue over the interface itself.
func (w *world) seed() {
	w.t.Helper()
	for _, p := range []string{
		`{"id":"ana","name":"Ana","level":1,"deputy":"bo","email":"ana@firm.example","contacts":[{"channel":"sms","address":"+15550100001","verified":true}]}`,
	} {
		w.as(authz.Admin, "POST", "/people", strings.Replace(p, `"deputy":"bo",`, "", 1)).status(http.StatusCreated, "ana")
		w.as(authz.Admin, "POST", "/people", `{"id":"bo","name":"Bo"}`).status(http.StatusCreated, "bo")
		w.as(authz.Admin, "PUT", "/people/ana", p).status(http.StatusOK, "ana again")
	}
	for path, body := range map[string]string{
		"/teams":     `{"id":"platform","name":"Platform","lead":"ana","members":["ana","bo"]}`,
		"/services":  `{"id":"auth","name":"Sign-in","restoration_rank":1,"critical_function":true,"max_severity":"P2","products":["login"]}`,
		"/customers": `{"id":"acme","name":"Acme","tier":"enterprise","vip":true,"region":"us","products":["login"],"contract":{"uptime_percent":99.95,"notify_within":"15m"},"contacts":[{"name":"Ops","email":"ops@acme.example"}],"arr_usd":120000}`,
		"/schedules": `{"id":"primary","time_zone":"America/Chicago","layers":[{"members":["ana","bo"],"start":"2026-01-05T09:00","every":1,"unit":"week"}]}`,
	} {
		w.as(authz.Admin, "POST", path, body).status(http.StatusCreated, path)
	}
}

func (w *world) as(role authz.Role, method, path, body string, more ...credential) got {
	w.t.Helper()
	return w.do(method, route.Prefix+path, body, append(more, bearer(w.tokens[role]))...)
}

// The documents of the interface and of the catalogue have the same fields, so
// that one is made from the other by name.
func TestWireDocumentsCoverTheCatalogue(t *testing.T) {
	for _, tc := range []struct{ wire, domain any }{
		{NewPerson{}, catalog.Person{}},
		{NewTeam{}, catalog.Team{}},
		{NewService{}, catalog.Service{}},
		{NewCustomer{}, catalog.Customer{}},
		{party.Contact{}, catalog.Contact{}},
		{party.Absence{}, catalog.Absence{}},
		{party.CustomerContact{}, catalog.CustomerContact{}},
		{party.Contract{}, catalog.Contract{}},
	} {
		w, d := fieldNames(reflect.TypeOf(tc.wire)), fieldNames(reflect.TypeOf(tc.domain))
		if !slices.Equal(w, d) {
			t.Errorf("%T has %v\n%T has %v", tc.wire, w, tc.domain, d)
		}
	}
}

func fieldNames(t reflect.Type) (out []string) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			out = append(out, fieldNames(f.Type)...)
		} else {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func TestCatalogRoundTrip(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		customer := w.as(authz.Admin, "GET", "/customers/acme", "").status(http.StatusOK, "customer")
		c := decode[Customer](customer)
		if c.ID != "acme" || !c.VIP || c.Contract.NotifyWithin.Duration != 15*time.Minute || c.Contacts[0].Email != "ops@acme.example" || c.ARR != 120000 || c.Version == 0 {
			t.Errorf("%+v", c)
		}
		if tag := customer.Header().Get("ETag"); tag != fmt.Sprintf(`"%d"`, c.Version) {
			t.Errorf("ETag %s of version %d", tag, c.Version)
		}
		s := decode[Service](w.as(authz.Admin, "GET", "/services/auth", ""))
		if s.MaxSeverity.String() != "P2" || !s.CriticalFunction || s.RestorationRank != 1 {
			t.Errorf("%+v", s)
		}
		team := decode[Team](w.as(authz.Stakeholder, "GET", "/teams/platform", ""))
		if team.Lead != "ana" || len(team.Members) != 2 {
			t.Errorf("%+v", team)
		}
		// What was sent comes back, and sending it again changes nothing.
		var doc map[string]any
		if err := json.Unmarshal(customer.Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		delete(doc, "version")
		delete(doc, "updated_at")
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if same := decode[Customer](w.as(authz.Admin, "PUT", "/customers/acme", string(again)).status(http.StatusOK, "again")); same.Version != c.Version {
			t.Errorf("version %d after %d", same.Version, c.Version)
		}
	})
}

func TestCatalogVersions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		body := `{"name":"Platform team"}`
		tag := w.as(authz.Admin, "GET", "/teams/platform", "").Header().Get("ETag")
		w.as(authz.Admin, "PUT", "/teams/platform", body, header("If-Match", `"1"`)).status(http.StatusPreconditionFailed, "an old tag")
		w.as(authz.Admin, "PUT", "/teams/platform", body, header("If-Match", "nonsense")).status(http.StatusPreconditionFailed, "no tag of ours")
		w.as(authz.Admin, "PUT", "/teams/platform", body, header("If-Match", tag)).status(http.StatusOK, "the tag that stands")
		w.as(authz.Admin, "DELETE", "/teams/platform", "", header("If-Match", tag)).status(http.StatusPreconditionFailed, "a tag that stood")
		w.as(authz.Admin, "PUT", "/teams/platform", body, header("If-Match", "*")).status(http.StatusOK, "any tag")
		w.as(authz.Admin, "DELETE", "/teams/platform", "").status(http.StatusNoContent, "without a tag")
		w.as(authz.Admin, "DELETE", "/teams/platform", "").status(http.StatusNotFound, "twice")
		w.as(authz.Admin, "POST", "/people", `{"id":"ana","name":"Ana"}`).status(http.StatusConflict, "an id that is taken")
	})
}

func TestCatalogBadInput(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		for name, tt := range map[string]struct {
			method, path, body string
			want               int
			where              string
		}{
			"no id":                   {"POST", "/people", `{"name":"X"}`, 422, `"body.id"`},
			"another id":              {"PUT", "/people/ana", `{"id":"bo","name":"X"}`, 422, `"body.id"`},
			"an id that cannot be":    {"POST", "/people", `{"id":"A b","name":"X"}`, 422, `"body.id"`},
			"a phone that is none":    {"PUT", "/people/bo", `{"name":"X","contacts":[{"channel":"email","address":"x@y.example"},{"channel":"sms","address":"12"}]}`, 422, `"body.contacts[1].address"`},
			"a channel nobody has":    {"PUT", "/people/bo", `{"name":"X","contacts":[{"channel":"pigeon","address":"12"}]}`, 422, `"body.contacts[0].channel"`},
			"an unknown field":        {"PUT", "/people/bo", `{"name":"X","nmae":"Y"}`, 422, `"body.nmae"`},
			"a person nobody is":      {"PUT", "/teams/platform", `{"name":"X","members":["ana","ghost"]}`, 422, `"body.members[1]"`},
			"a rank there is not":     {"POST", "/services", `{"id":"x","name":"X","restoration_rank":7}`, 422, `"body.restoration_rank"`},
			"a severity there is not": {"POST", "/services", `{"id":"x","name":"X","restoration_rank":1,"max_severity":"P7"}`, 422, `"body.max_severity"`},
			"a span that is none":     {"POST", "/customers", `{"id":"x","name":"X","tier":"standard","contract":{"notify_within":"soon"}}`, 422, "soon"},
			"a tier there is not":     {"POST", "/customers", `{"id":"x","name":"X","tier":"gold"}`, 422, `"body.tier"`},
			"a zone there is not":     {"POST", "/schedules", `{"id":"x","time_zone":"Mars/Base"}`, 422, `"body.time_zone"`},
			"a member nobody is":      {"PUT", "/schedules/primary", `{"time_zone":"UTC","layers":[{"members":["ghost"],"start":"2026-01-05T09:00","every":1,"unit":"week"}]}`, 422, `"body.layers[0].members[0]"`},
			"a start that is none":    {"PUT", "/schedules/primary", `{"time_zone":"UTC","layers":[{"members":["ana"],"start":"monday","every":1,"unit":"week"}]}`, 422, `"body.layers[0].start"`},
			"an override backwards":   {"POST", "/schedules/primary/overrides", `{"from":"2026-03-03T00:00:00Z","until":"2026-03-02T12:00:00Z","person":"bo"}`, 422, "until"},
			"an override long past":   {"POST", "/schedules/primary/overrides", `{"from":"0001-01-01T00:00:00Z","until":"0001-01-02T00:00:00Z","person":"bo"}`, 422, "until"},
			"still referred to":       {"DELETE", "/people/ana", "", 409, `"team/platform"`},
			"nobody":                  {"GET", "/people/ghost", "", 404, ""},
			"a range backwards":       {"GET", "/schedules/primary?from=2026-03-03T00:00:00Z&until=2026-03-02T00:00:00Z", "", 422, "until"},
			"a range too long":        {"GET", "/schedules/primary?from=2026-03-03T00:00:00Z&until=2028-03-02T00:00:00Z", "", 422, "370"},
			"half a range":            {"GET", "/schedules/primary?from=2026-03-03T00:00:00Z", "", 422, "query.until"},
			"an instant that is none": {"GET", "/oncall?at=tomorrow", "", 422, "query.at"},
			"a filter it lacks":       {"GET", "/teams?level=1", "", 422, "query.level"},
			"a file that is wrong":    {"POST", "/apply", `{"files":[{"name":"a.yaml","text":"kind: team\nid: x\nnmae: X\n"}]}`, 422, `"a.yaml:3:1"`},
		} {
			g := w.as(authz.Admin, tt.method, tt.path, tt.body).status(tt.want, name)
			if !strings.Contains(g.Body.String(), tt.where) {
				t.Errorf("%s: %s does not say %s", name, clip2(g.Body.String()), tt.where)
			}
		}
	})
}

func TestCatalogListsAndFilters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		for i := range 12 {
			tier, region := "standard", "eu"
			w.as(authz.Admin, "POST", "/customers", fmt.Sprintf(`{"id":"c%02d","name":"Customer %d","tier":%q,"region":%q}`, i, i, tier, region)).status(http.StatusCreated, "customer")
		}
		var all []string
		for path := "/customers?limit=5"; path != ""; {
			page := decode[route.List[Customer]](w.as(authz.Responder, "GET", path, "").status(http.StatusOK, path))
			for _, c := range page.Items {
				all = append(all, c.ID)
			}
			if path = ""; page.NextCursor != "" {
				path = "/customers?limit=5&cursor=" + page.NextCursor
			}
		}
		if len(all) != 13 || !slices.IsSorted(all) {
			t.Errorf("%v", all)
		}
		for path, want := range map[string]int{
			"/customers?vip=true": 1, "/customers?vip=false": 12, "/customers?region=eu&tier=standard": 12, "/customers?q=ACM": 1, "/customers?service=auth&region=us": 1,
			"/people?level=1": 1, "/people?team=platform": 2, "/services?q=sign": 1, "/teams?area=x": 0, "/schedules": 1,
		} {
			page := decode[route.List[map[string]any]](w.as(authz.Stakeholder, "GET", path, "").status(http.StatusOK, path))
			if len(page.Items) != want || page.NextCursor != "" {
				t.Errorf("%s: %d, want %d", path, len(page.Items), want)
			}
		}
	})
}

func TestContactsTakeARight(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		for role, may := range map[authz.Role]bool{authz.Admin: true, authz.Responder: true, authz.Auditor: true, authz.Stakeholder: false} {
			for _, path := range []string{"/people/ana", "/people", "/customers/acme", "/customers"} {
				text := w.as(role, "GET", path, "").status(http.StatusOK, path).Body.String()
				sees := strings.Contains(text, "+15550100001") || strings.Contains(text, "ops@acme.example") || strings.Contains(text, "99.95")
				if sees != may {
					t.Errorf("%s as %s: %s", path, role, clip2(text))
				}
			}
		}
	})
}

func TestOwnContacts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		w.as(authz.Admin, "POST", "/people", `{"id":"responder","name":"Res Ponder"}`).status(http.StatusCreated, "the responder's person")
		own := `{"name":"Res Ponder","contacts":[{"channel":"sms","address":"+15550100077","verified":true}]}`
		p := decode[Person](w.as(authz.Responder, "PUT", "/people/responder", own).status(http.StatusOK, "one's own"))
		if len(p.Contacts) != 1 || p.Contacts[0].Verified {
			t.Errorf("%+v", p)
		}
		w.as(authz.Responder, "PUT", "/people/responder", `{"name":"Boss","level":3}`).status(http.StatusForbidden, "more than contacts")
		w.as(authz.Responder, "PUT", "/people/ana", `{"name":"Ana"}`).status(http.StatusForbidden, "another's")
		w.as(authz.Responder, "PUT", "/people/ghost", `{"name":"Ghost"}`).status(http.StatusForbidden, "nobody's")
	})
}

func TestSchedulesSayWhoIsOnCall(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed() // at 2026-03-02T03:00:00Z the week of 23 February still runs
		s := decode[Schedule](w.as(authz.Stakeholder, "GET", "/schedules/primary", ""))
		handoff := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
		if !slices.Equal(s.OnCall, []string{"bo"}) || !s.Until.Equal(handoff) || s.Next == nil || *s.Next != (record.Named{ID: "ana", Name: "Ana"}) || s.TimeZone != "America/Chicago" {
			t.Errorf("%+v", s)
		}
		for at, want := range map[string]string{"": "bo", "?at=2026-03-02T15:00:00Z": "ana", "?at=2026-01-01T00:00:00Z": ""} {
			d := decode[route.List[Duty]](w.as(authz.Stakeholder, "GET", "/oncall"+at, "").status(http.StatusOK, at)).Items
			if len(d) != 1 || d[0].Schedule != "primary" || strings.Join(d[0].OnCall, " ") != want || d[0].Person != want || !strings.EqualFold(d[0].Name, want) {
				t.Errorf("%s: %+v", at, d)
			}
		}
		cover := `{"from":"2026-03-02T04:00:00Z","until":"2026-03-02T06:00:00+01:00","person":"ana"}`
		w.as(authz.Stakeholder, "POST", "/schedules/primary/overrides", cover).status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/schedules/ghost/overrides", cover).status(http.StatusNotFound, "no schedule")
		w.as(authz.Responder, "POST", "/schedules/primary/overrides", cover).status(http.StatusCreated, "an override")
		r := decode[ScheduleRange](w.as(authz.Stakeholder, "GET", "/schedules/primary?from=2026-03-02T03:00:00Z&until=2026-03-02T16:00:00Z", ""))
		var who []string
		for _, shift := range r.Spans {
			who = append(who, shift.Person)
		}
		if strings.Join(who, " ") != "bo ana bo ana" || len(r.Gaps) != 0 || !r.Spans[1].Override || r.Spans[1].Name != "Ana" || len(r.Overrides) != 1 {
			t.Errorf("%v %+v", who, r)
		}
		gone := "/schedules/primary/overrides?person=ana&from=2026-03-02T04:00:00Z&until=2026-03-02T05:00:00Z"
		w.as(authz.Responder, "DELETE", gone, "").status(http.StatusNoContent, "remove it")
		w.as(authz.Responder, "DELETE", gone, "").status(http.StatusNotFound, "remove it twice")
	})
}

// A schedule can be looked at before it is saved: the same checks, the same
// arithmetic, and nothing kept.
func TestScheduleDraft(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		draft := `{"time_zone":"America/Chicago","from":"2026-03-02T03:00:00Z","until":"2026-03-16T03:00:00Z",
			"layers":[{"members":["ana","bo"],"start":"2026-03-02T09:00","every":1,"unit":"week"}],
			"overrides":[{"from":"2026-03-04T00:00:00Z","until":"2026-03-05T00:00:00Z","person":"bo"}]}`
		before := storetest.Dump(t, w.db)
		l := decode[ScheduleLayout](w.as(authz.Admin, "POST", "/schedules/preview", draft).status(http.StatusOK, "a draft"))
		var who []string
		for _, s := range l.Spans {
			who = append(who, s.Person)
		}
		if strings.Join(who, " ") != "ana bo ana bo" || !l.Spans[1].Override || l.Spans[1].Name != "Bo" || l.Spans[0].Layer != 0 {
			t.Errorf("%q: %+v", who, l.Spans)
		}
		if len(l.Gaps) != 1 || !l.Gaps[0].Until.Equal(time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("gaps %+v", l.Gaps)
		}
		for where, body := range map[string]string{
			`"body.layers[0].members[1]"`: strings.Replace(draft, `["ana","bo"]`, `["ana","ghost"]`, 1),
			`"body.layers[0].start"`:      strings.Replace(draft, "2026-03-02T09:00", "monday", 1),
			`"body.overrides[0].until"`:   strings.Replace(draft, "2026-03-05T00:00:00Z", "2026-03-03T00:00:00Z", 1),
			`"body.time_zone"`:            strings.Replace(draft, "America/Chicago", "Mars/Base", 1),
			`"body.id"`:                   strings.Replace(draft, `{"time_zone"`, `{"id":"No Slug","time_zone"`, 1),
			"370":                         strings.Replace(draft, "2026-03-16T", "2028-03-16T", 1),
		} {
			if g := w.as(authz.Admin, "POST", "/schedules/preview", body).status(http.StatusUnprocessableEntity, where); !strings.Contains(g.Body.String(), where) {
				t.Errorf("%s does not say %s", clip2(g.Body.String()), where)
			}
		}
		w.as(authz.Responder, "POST", "/schedules/preview", draft).status(http.StatusForbidden, "a responder")
		if storetest.Dump(t, w.db) != before {
			t.Error("looking at a draft changed the database")
		}
	})
}

func TestApply(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.seed()
		body := func(dry bool, text string) string {
			doc, err := json.Marshal(declared.ApplyFiles{Files: []declared.ApplyFile{{Name: "a.yaml", Text: text}}, DryRun: dry})
			if err != nil {
				t.Fatal(err)
			}
			return string(doc)
		}
		files := "kind: person\nid: cy\nname: Cy\n---\nkind: team\nid: platform\nname: Platform\nlead: cy\nmembers: [ana, bo]\n"
		w.as(authz.Responder, "POST", "/apply", body(true, files)).status(http.StatusForbidden, "a responder")
		plan := decode[declared.ApplyPlan](w.as(authz.Admin, "POST", "/apply", body(true, files)).status(http.StatusOK, "a dry run"))
		if !plan.DryRun || plan.Created != 1 || plan.Updated != 1 || len(plan.Steps) != 2 || plan.Steps[1].Fields[0].Path != "/lead" || string(plan.Steps[1].Fields[0].After) != `"cy"` {
			t.Errorf("%+v", plan)
		}
		w.as(authz.Admin, "GET", "/people/cy", "").status(http.StatusNotFound, "after a dry run")
		w.as(authz.Admin, "POST", "/apply", body(false, files)).status(http.StatusOK, "applied")
		w.as(authz.Admin, "GET", "/people/cy", "").status(http.StatusOK, "after applying")
		again := decode[declared.ApplyPlan](w.as(authz.Admin, "POST", "/apply", body(false, files)))
		if again.Unchanged != 2 || again.Created+again.Updated+again.Deleted != 0 {
			t.Errorf("%+v", again)
		}
	})
}
