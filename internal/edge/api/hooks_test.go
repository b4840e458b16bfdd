package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/edge/api/inbound"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/sources"
	"allclear/internal/plug"
	"allclear/internal/store/storetest"
)

// byTitle is a source that reads one field, named by its mapping.
type byTitle struct{}

func (byTitle) Parse(plug.Inbound) (plug.Received, error) { return plug.Received{}, nil }

func (byTitle) CheckMapping(m string) error {
	if m != "" && !strings.HasPrefix(m, "{") {
		return fault.New(fault.Invalid, "the mapping cannot be used").With("/summary", "is no expression")
	}
	return nil
}

func (byTitle) TestMapping(m string, body []byte) (plug.Trial, error) {
	if len(body) == 0 {
		return plug.Trial{}, fault.New(fault.Invalid, "the body is empty").With("/title", "is missing")
	}
	return plug.Trial{
		Signals: []alert.Signal{{Source: "generic", Action: alert.Trigger, DedupKey: "k", Summary: string(body) + " by " + m, StartedAt: start}},
		Skipped: 2, Notes: []fault.Detail{{Where: "severity", What: "came out empty"}},
	}, nil
}

func TestMappingIsTried(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := storetest.Dump(t, w.db)
		try := func(body string, status int) got {
			t.Helper()
			return w.as(authz.Admin, "POST", "/sources/generic/test", body).status(status, body)
		}
		r := decode[inbound.TriedPayload](try(`{"mapping":"{}","payload":"disk full"}`, http.StatusOK))
		if len(r.Signals) != 1 || r.Signals[0].Summary != "disk full by {}" || r.Signals[0].Action != alert.Trigger || !r.Signals[0].StartedAt.Equal(start) || r.Skipped != 2 || len(r.Notes) != 1 || r.Notes[0].Where != "severity" {
			t.Errorf("%+v", r)
		}
		const bad = `{"mapping":"x","payload":"b"}`
		if p := try(bad, http.StatusUnprocessableEntity).problem(bad); len(p.Errors) != 1 || p.Errors[0].Location != "body.mapping/summary" {
			t.Errorf("%+v", p)
		}
		r = decode[inbound.TriedPayload](try(`{}`, http.StatusOK)) // and there is no sample
		if len(r.Signals) != 0 || r.Problem != "the body is empty" || len(r.Refused) != 1 || r.Refused[0].Where != "/title" {
			t.Errorf("%+v", r)
		}
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder, authz.Auditor} {
			w.as(role, "POST", "/sources/generic/test", `{"payload":"b"}`).status(http.StatusForbidden, string(role))
		}
		if storetest.Dump(t, w.db) != before {
			t.Error("a trial changed the database")
		}
	})
}

// A mapping that could not be used is refused where it is set, not when the
// first event comes.
func TestMappingOfAKey(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.as(authz.Admin, "POST", "/integration-keys", `{"kind":"hooks","service":"api","mapping":"x"}`).status(http.StatusUnprocessableEntity, "a bad one")
		k := decode[IntegrationKeyValue](w.as(authz.Admin, "POST", "/integration-keys", `{"kind":"hooks","service":"api"}`).status(http.StatusCreated, "a key"))
		path := "/integration-keys/" + k.ID + "/mapping"
		found := func() string {
			f, err := w.access.FindKey(t.Context(), w.now, "hooks", k.Value)
			if err != nil {
				t.Fatal(err)
			}
			return f.Mapping
		}
		if found() != "" {
			t.Fatal("a mapping from nowhere")
		}
		if got := decode[IntegrationKey](w.as(authz.Admin, "PUT", path, `{"mapping":"{}"}`).status(http.StatusOK, "set")); got.Mapping != "{}" || got.ID != k.ID {
			t.Errorf("%+v", got)
		}
		if found() != "{}" {
			t.Error("the next event is read the old way")
		}
		w.as(authz.Admin, "PUT", path, `{"mapping":"x"}`).status(http.StatusUnprocessableEntity, "a bad one")
		w.as(authz.Admin, "PUT", "/integration-keys/"+absent+"/mapping", `{"mapping":"{}"}`).status(http.StatusNotFound, "no such key")
		w.as(authz.Responder, "PUT", path, `{"mapping":""}`).status(http.StatusForbidden, "a responder")
		events := decode[IntegrationKeyValue](w.as(authz.Admin, "POST", "/integration-keys", `{"kind":"events","service":"api"}`).status(http.StatusCreated, "a routing key"))
		w.as(authz.Admin, "PUT", "/integration-keys/"+events.ID+"/mapping", `{"mapping":"{}"}`).status(http.StatusUnprocessableEntity, "a routing key has none")
		if found() != "{}" {
			t.Error("a refused mapping is in use")
		}
	})
}

func (w *world) payload(source, service, body, problem string) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	var err error
	if problem != "" {
		err = w.intake.Reject(w.t.Context(), intake.Rejected{ServiceID: service, Source: source, Raw: []byte(body), Problem: problem, Now: w.now})
	} else {
		s := []alert.Signal{{Source: source, Action: alert.Trigger, DedupKey: "k-" + service, Summary: "s", Severity: "critical"}}
		err = w.intake.AcceptNow(w.t.Context(), intake.Arrival{ServiceID: service, Source: source, Raw: []byte(body), Signals: s, Now: w.now})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestPayloadsAreListed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		for i := range 3 {
			w.payload("generic", "auth", fmt.Sprintf(`{"n":%d}`, i), "")
		}
		w.payload("generic", "auth", "<no json> \xff\x00", "must be JSON")
		w.payload("events", "auth", `{"routing_key" : "0123456789abcdef0123456789abcdef","payload":{}}`, "")
		all := itemsOf[inbound.HookPayload](w, authz.Admin, "/hooks/payloads?source=generic")
		if len(all) != 4 || all[0].Problem != "must be JSON" || all[0].Body != "<no json> " || !all[0].Altered || all[1].Body != `{"n":2}` || all[1].Altered || all[1].DedupKey != "k-auth" || all[1].Service != "auth" {
			t.Fatalf("%+v", all)
		}
		refused := itemsOf[inbound.HookPayload](w, authz.Admin, "/hooks/payloads?refused=true")
		if len(refused) != 1 || refused[0].ID != all[0].ID {
			t.Errorf("refused: %+v", refused)
		}
		// INV-A5: a key in a body is not shown.
		if g := w.as(authz.Admin, "GET", "/hooks/payloads?source=events", ""); strings.Contains(g.Body.String(), "0123456789abcdef") || !strings.Contains(g.Body.String(), "••••") {
			t.Errorf("a routing key is shown: %s", g.Body)
		}
		var seen []string
		for cursor := ""; ; {
			page := decode[route.List[inbound.HookPayload]](w.as(authz.Admin, "GET", "/hooks/payloads?limit=2&cursor="+cursor, "").status(http.StatusOK, "page"))
			for _, p := range page.Items {
				seen = append(seen, p.Source+p.Body[:3])
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		if got := strings.Join(seen, " "); got != `events{"r generic<no generic{"n generic{"n generic{"n` {
			t.Errorf("by pages: %s", got)
		}
		w.as(authz.Responder, "GET", "/hooks/payloads", "").status(http.StatusForbidden, "a responder")
	})
}

// INV-A4: what came in for a restricted incident is not shown to an
// administrator outside its circle.
func TestPayloadsOfARestrictedIncident(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Admin, "PUT", "/teams/security", `{"id":"security","name":"Security","lead":"responder","members":["responder"]}`).status(http.StatusOK, "another team")
		w.payload("generic", "auth", `{"harmless":1}`, "too early")
		w.payload("generic", "auth", `{"breach":1}`, "")
		w.payload("generic", "auth", `{"breach":2}`, "malformed")
		if n := len(itemsOf[inbound.HookPayload](w, authz.Admin, "/hooks/payloads")); n != 3 {
			t.Fatalf("%d payloads", n)
		}
		w.step(authz.Responder, "1/restrict", "", http.StatusOK)
		w.as(authz.Admin, "GET", "/incidents/1", "").status(http.StatusNotFound, "outside the circle")
		left := itemsOf[inbound.HookPayload](w, authz.Admin, "/hooks/payloads")
		if len(left) != 1 || left[0].Body != `{"harmless":1}` {
			t.Errorf("%+v", left)
		}
	})
}

// fetching is a source that judges by a signature.
type fetching struct{ byCase }

func (fetching) Prepare(context.Context, plug.Inbound) error { return nil }

// byCase makes a signal, a change or a ticket of a payload, or none.
type byCase struct{}

func (byCase) Parse(in plug.Inbound) (plug.Received, error) {
	switch string(in.Body) {
	case "signal":
		return plug.Received{Signals: []alert.Signal{{Source: "plain", Action: alert.Trigger, DedupKey: in.ID, Summary: "s"}}}, nil
	case "part":
		return plug.Received{Changes: []alert.Change{{Source: "plain", Summary: "c"}}, Tickets: []ticket.Report{{Source: "plain", ExternalID: "7", Email: "somebody@example.com"}}, Refused: []fault.Detail{{Where: "/1", What: "has no id"}}}, nil
	}
	return plug.Received{}, fault.New(fault.Invalid, "nothing is made of it").With("/kind", "is missing")
}

// trySources are the sources of the world.
func trySources() []plug.Hook {
	return []plug.Hook{
		{Name: "generic", MaxBody: 1 << 10, Source: byTitle{}, Manifest: plug.Manifest{Source: "generic", Title: "Generic"}},
		{Name: "plain", MaxBody: 1 << 10, Source: byCase{}, Manifest: plug.Manifest{Source: "plain", Title: "Plain", Docs: "docs/plain.md", Setup: []string{"Call {url}."}, Sample: "signal", Path: "/v2/plain"}},
		{Name: "signed", MaxBody: 1 << 10, Source: fetching{}, Manifest: plug.Manifest{Source: "signed", Title: "Signed", Sample: "signal"}},
	}
}

func TestSourcesAreTried(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := storetest.Dump(t, w.db)
		try := func(source, body string) inbound.TriedPayload {
			t.Helper()
			return decode[inbound.TriedPayload](w.as(authz.Admin, "POST", "/sources/"+source+"/test", body).status(http.StatusOK, body))
		}
		if r := try("plain", `{}`); len(r.Signals) != 1 || r.Signals[0].Summary != "s" || r.Problem != "" || len(r.Refused) != 0 {
			t.Errorf("the sample: %+v", r)
		}
		if r := try("plain", `{"payload":"part"}`); len(r.Changes) != 1 || len(r.Tickets) != 1 || r.Tickets[0].ExternalID != "7" || r.Problem == "" || len(r.Refused) != 1 || r.Refused[0].Where != "/1" {
			t.Errorf("a part: %+v", r)
		}
		if r := try("plain", `{"payload":"x"}`); r.Problem != "nothing is made of it" || len(r.Refused) != 1 || r.Refused[0].Where != "/kind" {
			t.Errorf("no use: %+v", r)
		}
		for source, body := range map[string]string{"signed": `{}`, "plain": `{"mapping":"{}"}`, "generic": `{"payload":"` + strings.Repeat("x", 1<<10+1) + `"}`} {
			w.as(authz.Admin, "POST", "/sources/"+source+"/test", body).status(http.StatusUnprocessableEntity, source)
		}
		w.as(authz.Admin, "POST", "/sources/nobody/test", `{}`).status(http.StatusNotFound, "no such source")
		if storetest.Dump(t, w.db) != before {
			t.Error("a trial changed the database")
		}
	})
}

// Each source says how it is set up and how it fares, in all and by key.
func TestSourcesAreListed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := decode[IntegrationKeyValue](w.as(authz.Admin, "POST", "/integration-keys", `{"kind":"hooks","service":"api"}`).status(http.StatusCreated, "a key"))
		id, err := ident.Parse(k.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.fares.Count(id, "plain", nil, start)
		w.fares.Count(id, "plain", fault.New(fault.Invalid, "no use").With("/kind", "is missing"), start.Add(time.Second))
		all := itemsOf[inbound.Source](w, authz.Admin, "/sources")
		if len(all) != 3 {
			t.Fatalf("%+v", all)
		}
		p := all[1]
		if p.Name != "plain" || p.Title != "Plain" || p.Address != "/v2/plain" || p.Kind != "events" || len(p.Setup) != 1 || p.Sample != "signal" || p.MaxBody != 1<<10 || p.Mapped || !p.Tryable {
			t.Errorf("%+v", p)
		}
		if h := p.Health; !h.AcceptedAt.Equal(start) || !h.RefusedAt.Equal(start.Add(time.Second)) || h.Reason != "no use; /kind is missing" || h.Accepted != 1 || h.Refused != 1 {
			t.Errorf("%+v", h)
		}
		if all[0].Address != "/hooks/generic/{key}" || all[0].Kind != "hooks" || !all[0].Mapped || all[0].Health.Accepted != 0 || all[2].Tryable {
			t.Errorf("%+v", all)
		}
		if p.Pull != nil || all[0].Pull != nil {
			t.Errorf("nobody is asked: %+v", p.Pull)
		}
		w.pulls = []sources.Pull{{Source: "plain", Service: "api", AskedAt: start, WorkedAt: start.Add(-time.Minute), Failures: 2, Problem: "Plain is asked too often", NextAt: start.Add(time.Minute)}}
		all = itemsOf[inbound.Source](w, authz.Admin, "/sources")
		want := inbound.SourcePull{Service: "api", AskedAt: start, WorkedAt: start.Add(-time.Minute), Failures: 2, Problem: "Plain is asked too often", NextAt: start.Add(time.Minute)}
		if all[1].Pull == nil || *all[1].Pull != want || all[0].Pull != nil {
			t.Errorf("%+v", all[1].Pull)
		}
		keys := itemsOf[IntegrationKey](w, authz.Admin, "/integration-keys")
		if len(keys) != 1 || len(keys[0].Sources) != 1 || keys[0].Sources[0] != p.Health {
			t.Errorf("%+v", keys)
		}
		w.as(authz.Responder, "GET", "/sources", "").status(http.StatusForbidden, "a responder")
	})
}

// A test event goes the way of every event of its key, and stands for no trouble:
// its alert is over at once and belongs to no incident, also where one is open.
func TestAKeyIsTested(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.payload("generic", "api", "{}", "") // an incident is open on the service
		before := w.incident(authz.Admin, "1")
		k := decode[IntegrationKeyValue](w.as(authz.Admin, "POST", "/integration-keys", `{"kind":"hooks","service":"api"}`).status(http.StatusCreated, "a key"))
		path := "/integration-keys/" + k.ID + "/test"
		test := func() inbound.SentTestEvent {
			t.Helper()
			r := decode[inbound.SentTestEvent](w.as(authz.Admin, "POST", path, `{"source":"generic"}`).status(http.StatusOK, path))
			if r.Summary != "Test from Allclear" || r.Source != "generic" || r.Service != "api" || r.Status != "resolved" || r.Problem != "" {
				t.Errorf("%+v", r)
			}
			return r
		}
		first := test()
		if again := test(); again.Alert != first.Alert {
			t.Errorf("the second test has an alert of its own: %+v", again)
		}
		al := decode[record.Alert](w.as(authz.Admin, "GET", "/alerts/"+first.Alert, "").status(http.StatusOK, "its alert"))
		if al.Incident != "" || al.Severity != "P4" || al.Count != 2 || len(al.Why) == 0 || !strings.Contains(al.Why[0].Text, "a test by") {
			t.Errorf("%+v", al)
		}
		if after := w.incident(authz.Admin, "1"); after.Alerts != before.Alerts || after.Status != before.Status {
			t.Errorf("the incident that is open there: %+v", after)
		}
		if kept := itemsOf[inbound.HookPayload](w, authz.Admin, "/hooks/payloads"); len(kept) != 3 || !strings.Contains(kept[0].Body, "from Allclear") {
			t.Errorf("payloads %+v", kept)
		}
		for body, status := range map[string]int{`{}`: http.StatusUnprocessableEntity, `{"source":"plain"}`: http.StatusUnprocessableEntity, `{"source":"nobody"}`: http.StatusUnprocessableEntity} {
			w.as(authz.Admin, "POST", path, body).status(status, body)
		}
		w.as(authz.Admin, "POST", "/integration-keys/"+absent+"/test", `{"source":"generic"}`).status(http.StatusNotFound, "no such key")
		w.as(authz.Responder, "POST", path, `{"source":"generic"}`).status(http.StatusForbidden, "a responder")
	})
}
