package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/cli"
)

// peer stands in for a server: it notes what it was asked and answers from a
// table by method, path and query.
type peer struct {
	t       *testing.T
	answers map[string]answer
	asked   []string
	auth    string
}

type answer struct {
	status int
	body   string
}

func serverWith(t *testing.T, answers map[string]answer) *peer {
	t.Helper()
	p := &peer{t: t, answers: answers}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	t.Setenv("ALLCLEAR_SERVER", s.URL+"/")
	t.Setenv("ALLCLEAR_TOKEN", "secret-token")
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	p.auth = r.Header.Get("Authorization")
	key := r.Method + " " + r.URL.RequestURI()
	p.asked = append(p.asked, strings.TrimSpace(key+" "+string(body)))
	a, ok := p.answers[key]
	if !ok {
		a = answer{404, `{"title":"Not Found","status":404,"code":"not_found","detail":"there is no such path"}`}
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

const twoIncidents = `{"items":[
{"number":42,"ref":"INC-42","severity":"P1","status":"triage","service":{"id":"auth","name":"Sign-in"},"title":"Sign-in fails \u001b]0;owned\u0007","detected_at":"2026-03-02T02:59:00Z"},
{"number":41,"ref":"INC-41","severity":"P3","status":"resolved","service":{"id":"api","name":"API"},"title":"Slow","declared_at":"2026-03-02T03:00:00Z"}],"next_cursor":""}`

func TestListsAreTablesForPeopleAndJSONForPrograms(t *testing.T) {
	p := serverWith(t, map[string]answer{"GET /api/v1/incidents?limit=50&status=triage": {200, twoIncidents}})
	args := []string{"incident", "list", "--status", "triage"}
	const table = `INCIDENT  SEVERITY  STATUS    SERVICE  TITLE                     DETECTED              DECLARED
INC-42    P1        triage    auth     Sign-in fails �]0;owned�  2026-03-02 02:59:00Z  -
INC-41    P3        resolved  api      Slow                      -                     2026-03-02 03:00:00Z
`
	commandOn(&cli.Terminal{Tables: true}, args...).want(t, 0, table, "")
	command(append(args, "-o", "table")...).want(t, 0, table, "")
	if p.auth != "Bearer secret-token" {
		t.Errorf("credentials: %q", p.auth)
	}
	o := command(args...)
	var got struct {
		Items []map[string]any `json:"items"`
	}
	if err := json.Unmarshal([]byte(o.out), &got); err != nil || o.code != 0 || len(got.Items) != 2 || got.Items[0]["number"] != 42.0 {
		t.Errorf("%+v, %v", o, err)
	}
	if o := command(append(args, "-o", "yaml")...); !strings.Contains(o.out, "- number: 42\n") {
		t.Errorf("%s", o.out)
	}
	serverWith(t, map[string]answer{"GET /api/v1/teams?limit=50": {200, `{"items":[],"next_cursor":""}`}})
	commandOn(&cli.Terminal{Tables: true}, "team", "list").want(t, 0, "ID  NAME  LEAD  AREA  MEMBERS\n(none)\n", "")
}

func TestListsFollowTheirPages(t *testing.T) {
	page := func(from, n int, next string) answer {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"id":"c%04d"}`, from+i))
		}
		return answer{200, fmt.Sprintf(`{"items":[%s],"next_cursor":%q}`, strings.Join(items, ","), next)}
	}
	p := serverWith(t, map[string]answer{
		"GET /api/v1/customers?limit=500":          page(0, 500, "a"),
		"GET /api/v1/customers?cursor=a&limit=500": page(500, 500, "b"),
		"GET /api/v1/customers?cursor=b&limit=500": page(1000, 200, ""),
		"GET /api/v1/customers?cursor=a&limit=100": page(500, 100, "x"),
	})
	count := func(o outcome) int { return strings.Count(o.out, `"id"`) }
	if o := command("customer", "list", "--all"); o.code != 0 || count(o) != 1200 || len(p.asked) != 3 {
		t.Errorf("%d customers in %d requests, %s", count(o), len(p.asked), o.err)
	}
	if o := command("customer", "list", "--limit", "600"); o.code != 0 || count(o) != 600 || !strings.Contains(o.out, `"next_cursor": "x"`) {
		t.Errorf("%d customers, %s", count(o), o.err)
	}
}

func TestShowAndActions(t *testing.T) {
	doc := answer{200, `{"title":"Sign-in fails","number":42,"severity":"P1","status":"investigating","circle":[],"responders":[{"person":"ana"},{"person":"bo"}]}`}
	p := serverWith(t, map[string]answer{
		"GET /api/v1/incidents/INC-42": doc, "POST /api/v1/incidents/42/acknowledge": doc, "POST /api/v1/incidents/42/engage": {204, ""},
		"POST /api/v1/incidents/42/severity": doc, "POST /api/v1/incidents/42/resolve": doc, "POST /api/v1/incidents": doc,
		"POST /api/v1/incidents/42/notes": doc, "POST /api/v1/incidents/42/messages": doc, "POST /api/v1/incidents/42/updates": doc, "POST /api/v1/incidents/42/roles": doc,
		"GET /api/v1/services/a%2Fb": {200, `{"id":"a/b"}`}, "DELETE /api/v1/teams/ring": {204, ""},
		"POST /api/v1/schedules/primary/overrides": {201, `{"id":"primary"}`}, "POST /api/v1/alerts/7/resolve": {200, `{"id":"7"}`},
		"GET /api/v1/tickets?limit=50&queue=urgent&state=waiting": {200, `{"items":[],"next_cursor":""}`}, "POST /api/v1/tickets/7/escalate": {200, `{"id":"7"}`},
		"POST /api/v1/tickets/7/dismiss": {200, `{"id":"7"}`}, "GET /api/v1/tickets/7": {200, `{"id":"7"}`}, "POST /api/v1/customers/acme/escalate": {200, `{"service":"auth"}`},
		"POST /api/v1/incidents/INC-42/snooze": doc, "POST /api/v1/incidents/42/snooze": doc, "POST /api/v1/incidents/INC-42/wake": doc,
		"GET /api/v1/escalation-policies/payments": {200, `{"id":"payments"}`}, "GET /api/v1/escalation-policies?limit=50": {200, `{"items":[],"next_cursor":""}`},
		"GET /api/v1/incidents/42/deadlines?limit=50":              {200, `{"items":[{"clock":"acknowledge","state":"met"}],"next_cursor":""}`},
		"GET /api/v1/oncall?at=2026-03-02T03%3A00%3A00Z&limit=500": {200, `{"items":[],"next_cursor":""}`},
	})
	const shown = `number      42
severity    P1
status      investigating
title       Sign-in fails
circle      -
responders  {"person":"ana"}
            {"person":"bo"}
`
	commandOn(&cli.Terminal{Tables: true}, "incident", "show", "INC-42").want(t, 0, shown, "")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"incident", "ack", "42"}, `POST /api/v1/incidents/42/acknowledge {}`},
		{[]string{"incident", "acknowledge", "42"}, `POST /api/v1/incidents/42/acknowledge {}`},
		{[]string{"incident", "engage", "42"}, `POST /api/v1/incidents/42/engage {}`},
		{[]string{"incident", "severity", "42", "P2", "--reason", "fewer"}, `POST /api/v1/incidents/42/severity {"reason":"fewer","to":"P2"}`},
		{[]string{"incident", "severity", "42", "P1"}, `POST /api/v1/incidents/42/severity {"to":"P1"}`},
		{[]string{"incident", "resolve", "42"}, `POST /api/v1/incidents/42/resolve {}`},
		{[]string{"incident", "resolve", "42", "--reason", "over"}, `POST /api/v1/incidents/42/resolve {"reason":"over"}`},
		{[]string{"incident", "declare", "Down", "--severity", "P1", "--service", "auth", "--region", "us,eu"}, `POST /api/v1/incidents {"regions":["us","eu"],"service":"auth","severity":"P1","title":"Down"}`},
		{[]string{"incident", "note", "42", "hm", "--at", "2026-03-02T03:00:00Z"}, `POST /api/v1/incidents/42/notes {"at":"2026-03-02T03:00:00Z","text":"hm"}`},
		{[]string{"incident", "update", "42", "we work"}, `POST /api/v1/incidents/42/updates {"audience":"customers","text":"we work"}`},
		{[]string{"incident", "update", "42", "we work", "--draft"}, `POST /api/v1/incidents/42/messages {"audience":"customers","text":"we work"}`},
		{[]string{"incident", "role", "42", "commander", "ana"}, `POST /api/v1/incidents/42/roles {"person":"ana","role":"commander"}`},
		{[]string{"snooze", "INC-42", "--for", "1h", "--reason", "the vendor calls back"}, `POST /api/v1/incidents/INC-42/snooze {"for":"1h","reason":"the vendor calls back"}`},
		{[]string{"incident", "snooze", "42", "--for", "30m"}, `POST /api/v1/incidents/42/snooze {"for":"30m"}`},
		{[]string{"wake", "INC-42"}, `POST /api/v1/incidents/INC-42/wake {}`},
		{[]string{"policy", "show", "payments"}, `GET /api/v1/escalation-policies/payments`},
		{[]string{"policies", "list"}, `GET /api/v1/escalation-policies?limit=50`},
		{[]string{"incident", "deadlines", "42"}, `GET /api/v1/incidents/42/deadlines?limit=50`},
		{[]string{"service", "show", "a/b"}, `GET /api/v1/services/a%2Fb`},
		{[]string{"team", "delete", "ring"}, `DELETE /api/v1/teams/ring`},
		{[]string{"schedule", "cover", "primary", "--person", "cy", "--from", "2026-03-02T03:00:00Z", "--until", "2026-03-02T04:00:00Z"}, `POST /api/v1/schedules/primary/overrides {"from":"2026-03-02T03:00:00Z","person":"cy","until":"2026-03-02T04:00:00Z"}`},
		{[]string{"alert", "resolve", "7"}, `POST /api/v1/alerts/7/resolve {}`},
		{[]string{"ticket", "list", "--queue", "urgent", "--state", "waiting"}, `GET /api/v1/tickets?limit=50&queue=urgent&state=waiting`},
		{[]string{"ticket", "show", "7"}, `GET /api/v1/tickets/7`},
		{[]string{"ticket", "escalate", "7", "--reason", "all of them"}, `POST /api/v1/tickets/7/escalate {"reason":"all of them"}`},
		{[]string{"tickets", "dismiss", "7", "--reason", "known"}, `POST /api/v1/tickets/7/dismiss {"reason":"known"}`},
		{[]string{"customer", "escalate", "acme", "no sign-in", "--service", "auth"}, `POST /api/v1/customers/acme/escalate {"service":"auth","text":"no sign-in"}`},
		{[]string{"oncall", "--at", "2026-03-02T03:00:00Z"}, `GET /api/v1/oncall?at=2026-03-02T03%3A00%3A00Z&limit=500`},
	} {
		o := command(tc.args...)
		if last := p.asked[len(p.asked)-1]; o.code != 0 || last != tc.want {
			t.Errorf("%v: exit %d %s\ngot  %s\nwant %s", tc.args, o.code, o.err, last, tc.want)
		}
	}
}

// INT-CRM
func TestCustomersAreImportedAndExported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "crm.csv")
	if err := os.WriteFile(file, []byte("external_id,name\nA1,Acme\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serverWith(t, map[string]answer{
		"POST /api/v1/customers/import?dry_run=true": {200, `{"dry_run":true,"rows":2,"created":1,"changed":1,"unchanged":0,"refused":1,"ignored_columns":["notes"],
			"customers":[{"id":"a1","line":2,"action":"create","fields":[]},{"id":"b1","line":3,"action":"update","fields":[{"path":"/region","before":null,"after":"eu"}]}],
			"problems":[{"line":4,"column":"region","reason":"no"}]}`},
		"GET /api/v1/customers.csv?tier=standard&vip=true": {200, "external_id,id\nA1,a1\n"},
	})
	commandOn(&cli.Terminal{Tables: true}, "customers", "import", file, "--dry-run").want(t, 0, `create  line 2      a1
update  line 3      b1
          region: null -> "eu"
refused line 4, region: no
ignored columns: notes
1 would be created, 1 changed, 0 unchanged, 1 refused
`, "")
	if sent := p.asked[0]; sent != "POST /api/v1/customers/import?dry_run=true external_id,name\nA1,Acme" {
		t.Errorf("sent %q", sent)
	}
	command("customers", "export", "--tier", "standard", "--vip").want(t, 0, "external_id,id\nA1,a1\n", "")
}

func TestKeyFigures(t *testing.T) {
	serverWith(t, map[string]answer{"GET /api/v1/kpis?from=2026-01-01T00%3A00%3A00Z&limit=500": {200, `{"items":[
		{"id":"mtta","name":"Mean time to acknowledge","unit":"min","value":4.5,"target":5,"better":"<","met":true,"count":3},
		{"id":"csat","name":"Satisfaction","unit":"","value":null,"target":8.5,"better":">","met":null,"count":0}],"next_cursor":""}`}})
	commandOn(&cli.Terminal{Tables: true}, "kpi", "list", "--from", "2026-01-01T00:00:00Z").want(t, 0, `ID    VALUE  UNIT  BETTER  TARGET  MET  OF  NAME
mtta  4.5    min   <       5       yes  3   Mean time to acknowledge
csat  -      -     >       8.5     -    0   Satisfaction
`, "")
}

// A checklist is a list of lists: the table has a row for each task.
func TestTheTableOfChecklistsShowsTasks(t *testing.T) {
	serverWith(t, map[string]answer{"GET /api/v1/incidents/42/checklists?limit=50": {200, `{"items":[{"phase":"RSP-S1","name":"Detection","items":[
		{"phase":"RSP-S1","state":"open","owner":"schedule:primary","title":"Acknowledge the page","due_at":"2026-03-02T03:03:00Z"}]}],"next_cursor":""}`}})
	commandOn(&cli.Terminal{Tables: true}, "incident", "checklists", "42").want(t, 0, `PHASE   STATE  DUE                   OWNER             TITLE
RSP-S1  open   2026-03-02 03:03:00Z  schedule:primary  Acknowledge the page
`, "")
}

func TestExitCodesOfTheServersAnswers(t *testing.T) {
	for status, want := range map[int]int{
		400: cli.ExitFailed, 401: cli.ExitRefused, 403: cli.ExitRefused, 404: cli.ExitNotFound, 409: cli.ExitRefused, 412: cli.ExitRefused,
		413: cli.ExitFailed, 422: cli.ExitFailed, 429: cli.ExitFailed, 500: cli.ExitFailed, 503: cli.ExitFailed, 302: cli.ExitFailed,
	} {
		body := `{"title":"No","detail":"it is not to be","errors":[{"location":"body.name","message":"is missing"},{"message":"and more"}]}`
		serverWith(t, map[string]answer{"GET /api/v1/people/x": {status, body}})
		o := command("person", "show", "x")
		if o.code != want || o.out != "" || !strings.Contains(o.err, "allclear: it is not to be") || !strings.Contains(o.err, "\n  body.name: is missing\n  and more\n") {
			t.Errorf("%d: %+v, want exit %d", status, o, want)
		}
		if strings.Contains(o.err, "secret-token") {
			t.Error("the token is shown")
		}
	}
	serverWith(t, map[string]answer{"GET /api/v1/people/x": {502, "<html>"}})
	command("person", "show", "x").want(t, cli.ExitFailed, "", "502 Bad Gateway")
	command("person", "show", "x", "--server", "ftp://x").want(t, cli.ExitFailed, "", "want an address such as")
	command("person", "show", "x", "--server", "http://127.0.0.1:1").want(t, cli.ExitFailed, "", "ask 127.0.0.1:1")
}

func TestSend(t *testing.T) {
	p := serverWith(t, map[string]answer{"POST /v2/enqueue": {202, `{"status":"success","message":"Event processed","dedup_key":"d1"}`}})
	commandOn(&cli.Terminal{Tables: true}, "send", "--routing-key", "k", "Sign-in fails", "--dedup-key", "d1", "--detail", "host=a1").want(t, 0, "accepted, dedup_key d1\n", "")
	const want = `POST /v2/enqueue {"dedup_key":"d1","event_action":"trigger","payload":{"custom_details":{"host":"a1"},"severity":"critical","source":"allclear send","summary":"Sign-in fails"},"routing_key":"k"}`
	if p.asked[0] != want || p.auth != "" {
		t.Errorf("got  %s (%s)\nwant %s", p.asked[0], p.auth, want)
	}
	if o := command("send", "--routing-key", "k", "--action", "resolve", "--dedup-key", "d1"); o.code != 0 || p.asked[1] != `POST /v2/enqueue {"dedup_key":"d1","event_action":"resolve","routing_key":"k"}` {
		t.Errorf("%+v %s", o, p.asked[1])
	}
	serverWith(t, map[string]answer{"POST /v2/enqueue": {400, `{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect"]}`}})
	command("send", "--routing-key", "k", "x").want(t, cli.ExitFailed, "", "Event object is invalid: Length of 'routing_key'")
}

func TestApplySendsFilesAndPrintsThePlan(t *testing.T) {
	const plan = `{"dry_run":true,"created":1,"updated":1,"deleted":0,"unchanged":7,"version":3,"steps":[
{"action":"create","kind":"person","id":"cy"},{"action":"unchanged","kind":"team","id":"ring"},
{"action":"update","kind":"customer","id":"acme","fields":[{"path":"/vip","before":true,"after":false}]}]}`
	p := serverWith(t, map[string]answer{"POST /api/v1/apply": {200, plan}})
	dir := t.TempDir()
	for name, text := range map[string]string{"b.yaml": "B", "a.yml": "A", "sub/c.json": "C", "readme.md": "no"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const want = `create  person    cy
update  customer  acme
          vip: true -> false
1 would be created, 1 updated, 0 deleted, 7 unchanged
`
	commandOn(&cli.Terminal{Tables: true, In: strings.NewReader("S")}, "apply", "--dry-run", "-f", dir, "-f", "-").want(t, 0, want, "")
	_, body, _ := strings.Cut(p.asked[0], " {")
	var got struct {
		Files []struct{ Name, Text string }
		Prune bool
		Dry   bool `json:"dry_run"`
	}
	if err := json.Unmarshal([]byte("{"+body), &got); err != nil || !got.Dry || got.Prune || len(got.Files) != 4 ||
		got.Files[0].Name != filepath.Join(dir, "a.yml") || got.Files[0].Text != "A" || got.Files[2].Text != "C" || got.Files[3].Name != "standard input" {
		t.Errorf("%v %+v", err, got)
	}
	command("apply", "-f", filepath.Join(dir, "none.yaml")).want(t, cli.ExitNotFound, "", "none.yaml")
}
