package api

import (
	"context"
	"net/http"
	"testing"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/remedy"
	"allclear/internal/edge/api/route"
	"allclear/internal/plug"
)

// gate is an integration that can close a gate.
type gate struct{}

func (gate) Deeds() []plug.Deed {
	return []plug.Deed{{Name: "close", Title: "Close the gate", Effect: "Nobody comes in", Approvals: 2, Params: []plug.Field{{Key: "which", Title: "Which", Required: true}}}}
}

func (gate) Do(context.Context, string, string, map[string]string) (plug.Done, error) {
	return plug.Done{}, nil
}

// What integrations can do is offered in an incident beside the catalogue, with what
// it means and who must agree; an action of the catalogue whose integration is not set
// up says so, or is done by people.
//
// Clauses: ESC-EXT-CF, ESC-EXT-CS
func TestDeedsAreOffered(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k", "critical")
		w.doers["gate"] = gate{}
		for id, doc := range map[string]string{
			"north":  `{"name":"North","type":"custom","deed":"gate.close","parameters":[{"name":"WHICH","default":"north","choices":["north"]}]}`,
			"absent": `{"name":"Absent","type":"custom","deed":"wall.raise"}`,
			"people": `{"name":"People","type":"failover","deed":"wall.raise","guide":["Raise it"]}`,
		} {
			w.as(authz.Admin, "PUT", "/actions/"+id, doc).status(http.StatusOK, id)
		}
		for _, bad := range []string{`{"name":"x","type":"smoke","deed":"gate.close"}`, `{"name":"x","type":"custom","deed":"gate"}`, `{"name":"x","type":"custom","deed":"gate.close","command":"c"}`} {
			w.as(authz.Admin, "PUT", "/actions/bad", bad).status(http.StatusUnprocessableEntity, bad)
		}
		all := map[string]remedy.ActionChoice{}
		for _, c := range itemsOf[remedy.ActionChoice](w, authz.Responder, "/incidents/1/actions") {
			all[c.ID] = c
		}
		if c := all["gate.close"]; c.Lane != "vendor" || c.Needs != 2 || !c.Others || len(c.All) != 1 || c.Text != "Nobody comes in" || c.Problem != "" {
			t.Errorf("offered %+v", c)
		}
		if c := all["north"]; c.Lane != "vendor" || c.Needs != 2 || c.Params[0].Default != "north" {
			t.Errorf("of the catalogue %+v", c)
		}
		if c := all["people"]; c.Lane != "hand" || c.Problem != "" {
			t.Errorf("by people %+v", c)
		}
		if c := all["absent"]; c.Problem == "" {
			t.Errorf("not set up %+v", c)
		}
		w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"absent"}`).status(http.StatusUnprocessableEntity, "not set up")
		w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"gate.close"}`).status(http.StatusUnprocessableEntity, "without its parameter")
		w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"gate.close","values":{"WHICH":"x"},"dry_run":true}`).status(http.StatusUnprocessableEntity, "it cannot be rehearsed")
		run := decode[remedy.ActionRun](w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"gate.close","values":{"WHICH":"west"}}`).status(http.StatusCreated, "asked for"))
		if run.State != "requested" || run.Missing != 2 || !run.Others || run.Effect != "Nobody comes in" || run.Lane != "vendor" {
			t.Errorf("%+v", run)
		}
		token := decode[TokenSecret](w.as(authz.Admin, "POST", "/tokens", `{"name":"deploy-2","machine":true,"role":"runner"}`).status(http.StatusCreated, "a runner's token"))
		w.do("POST", route.Prefix+"/runs/"+run.ID+"/finish", `{"fence":0,"state":"succeeded"}`, bearer(token.Secret)).status(http.StatusConflict, "a runner has no say in it")
	})
}

// Actions are kept by administrators; responders ask for them, and whoever holds no
// role of the incident agrees to nothing. The token of a runner takes runs and can do
// nothing else.
//
// Clauses: RES-RB-APP
func TestActionsAndWhoMayDoWhat(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.signal(alert.Trigger, "k", "critical")
		doc := `{"name":"Roll back","type":"app-rollback","command":"rollback","parameters":[{"name":"VERSION","pattern":"v[0-9]+","required":true}]}`
		w.as(authz.Responder, "PUT", "/actions/roll", doc).status(http.StatusForbidden, "a responder")
		made := decode[remedy.RunbookAction](w.as(authz.Admin, "PUT", "/actions/roll", doc).status(http.StatusOK, "made"))
		if made.Needs != 1 || made.Lane != "runner" || len(made.All) != 1 {
			t.Errorf("%+v", made)
		}
		for _, bad := range []string{
			`{"name":"x","type":"custom","command":"/bin/sh -c id"}`, `{"name":"x","type":"custom"}`, `{"name":"x","type":"db-pitr","command":"c","approvals":3}`,
			`{"name":"x","type":"smoke","steps":[{"name":"a","url":"file:///etc/passwd"}]}`, `{"name":"x","type":"custom","command":"c","parameters":[{"name":"PATH"}]}`,
			`{"name":"x","type":"custom","command":"c","shell":"id"}`, `{"name":"x","type":"check","proves":"performance","probe":{"url":"https://a.example","requests":1,"concurrency":1,"p95":"6s"}}`,
		} {
			w.as(authz.Admin, "PUT", "/actions/bad", bad).status(http.StatusUnprocessableEntity, bad)
		}
		for _, bad := range []string{`v1; rm -rf /`, `$(id)`, "`id`", `-v1`, `v1 && id`, `v1\nid`} {
			w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"roll","values":{"VERSION":"`+bad+`"}}`).status(http.StatusUnprocessableEntity, bad)
		}
		w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"roll","values":{"VERSION":"v1","MORE":"x"}}`).status(http.StatusUnprocessableEntity, "a parameter nobody knows")
		w.as(authz.Stakeholder, "POST", "/incidents/1/runs", `{"action":"roll","values":{"VERSION":"v1"}}`).status(http.StatusForbidden, "a stakeholder")
		run := decode[remedy.ActionRun](w.as(authz.Responder, "POST", "/incidents/1/runs", `{"action":"roll","values":{"VERSION":"v1"}}`).status(http.StatusCreated, "asked for"))
		if run.State != "requested" || run.Missing != 1 {
			t.Errorf("%+v", run)
		}
		w.as(authz.Admin, "POST", "/runs/"+run.ID+"/approve", `{}`).status(http.StatusForbidden, "an administrator without a role in the incident")
		w.as(authz.Responder, "POST", "/runs/claim", `{"runner":"r","commands":["rollback"]}`).status(http.StatusForbidden, "no runner")
		w.as(authz.Admin, "POST", "/runs/claim", `{"runner":"r","commands":["rollback"]}`).status(http.StatusForbidden, "no runner either")

		token := decode[TokenSecret](w.as(authz.Admin, "POST", "/tokens", `{"name":"deploy-1","machine":true,"role":"runner"}`).status(http.StatusCreated, "a runner's token"))
		w.as(authz.Admin, "POST", "/tokens", `{"name":"mine","role":"runner"}`).status(http.StatusUnprocessableEntity, "a person is no runner")
		as := bearer(token.Secret)
		got := decode[remedy.ClaimedRun](w.do("POST", route.Prefix+"/runs/claim", `{"runner":"r","commands":["rollback"]}`, as).status(http.StatusOK, "nothing was agreed to"))
		if got.ID != "" {
			t.Errorf("got %+v", got)
		}
		for _, no := range [][2]string{{"GET", "/incidents"}, {"GET", "/incidents/1"}, {"GET", "/people"}, {"GET", "/actions"}, {"GET", "/runs/" + run.ID}, {"POST", "/runs/" + run.ID + "/approve"}, {"POST", "/runs/" + run.ID + "/kill"}, {"GET", "/customers"}} {
			body := ""
			if no[0] == "POST" {
				body = `{}`
			}
			w.do(no[0], route.Prefix+no[1], body, as).status(http.StatusForbidden, no[1])
		}
		w.do("POST", route.Prefix+"/runs/"+run.ID+"/output", `{"fence":1,"text":"x"}`, as).status(http.StatusConflict, "it was not given out")
		w.do("POST", route.Prefix+"/runs/"+run.ID+"/finish", `{"fence":1,"state":"succeeded"}`, as).status(http.StatusConflict, "nor can it end")
		w.as(authz.Responder, "PUT", "/incidents/1/recovery", `{"services":[{"service":"nobody","state":"restored"}]}`).status(http.StatusUnprocessableEntity, "a service it is not about")
	})
}
