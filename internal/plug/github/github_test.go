package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

const (
	repo       = `"repository":{"id":1,"name":"shop","full_name":"example/shop","html_url":"https://github.com/example/shop","default_branch":"main","pushed_at":1772420580},"sender":{"login":"ana","id":1}`
	push       = `{"ref":"refs/heads/main","before":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","after":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","created":false,"deleted":false,"forced":false,"base_ref":null,"compare":"https://github.com/example/shop/compare/6113728f27ae...f95f852bd8fc","commits":[{"id":"1111111111","message":"One","author":{"name":"Ana","username":"ana"}},{"id":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","message":"Speed up checkout\n\nlong text","author":{"name":"Bo"}}],"head_commit":{"id":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","message":"Speed up checkout\n\nlong text","timestamp":"2026-03-01T20:00:00-07:00","url":"https://github.com/example/shop/commit/f95f852"},"pusher":{"name":"ana","email":"ana@example.com"},` + repo + `}`
	deployment = `{"action":"created","deployment":{"url":"https://api.github.com/repos/example/shop/deployments/1","id":1,"sha":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","ref":"main","task":"deploy","payload":{},"environment":"production","production_environment":true,"description":null,"creator":{"login":"ana"},"created_at":"2026-03-02T03:02:00Z"},"workflow":null,"workflow_run":null,` + repo + `}`
	status     = `{"action":"created","deployment_status":{"id":2,"state":"failure","creator":{"login":"bot"},"description":"health check failed","environment":"production","environment_url":"https://shop.example.net","target_url":"https://ci.example.net/7","log_url":"https://ci.example.net/7/log","created_at":"2026-03-02T03:03:00Z","updated_at":"2026-03-02T03:03:30Z"},"deployment":{"id":1,"sha":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","ref":"main","environment":"production","creator":{"login":"ana"}},"check_run":null,` + repo + `}`
	workflow   = `{"action":"completed","workflow_run":{"id":3,"name":"Deploy","head_branch":"main","head_sha":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","event":"push","status":"completed","conclusion":"failure","html_url":"https://github.com/example/shop/actions/runs/3","run_attempt":1,"actor":{"login":"ana"},"updated_at":"2026-03-02T03:03:00Z"},"workflow":{"name":"Deploy"},` + repo + `}`
	check      = `{"action":"completed","check_run":{"id":4,"name":"unit","head_sha":"f95f852bd8","status":"completed","conclusion":"success","completed_at":"2026-03-02T03:03:00Z","details_url":"https://ci.example.net/4","check_suite":{"head_branch":"main"}},` + repo + `}`
	release    = `{"action":"published","release":{"id":5,"tag_name":"v1.2.0","name":"1.2","html_url":"https://github.com/example/shop/releases/v1.2.0","published_at":"2026-03-02T03:03:00Z","author":{"login":"ana"},"prerelease":false,"body":"notes"},` + repo + `}`
	dependabot = `{"action":"created","alert":{"number":7,"state":"open","dependency":{"package":{"ecosystem":"npm","name":"leftpad"},"manifest_path":"package.json","scope":"runtime"},"security_advisory":{"ghsa_id":"GHSA-1","cve_id":"CVE-2026-1","summary":"Code execution in leftpad","severity":"high"},"security_vulnerability":{"package":{"name":"leftpad"},"severity":"high"},"html_url":"https://github.com/example/shop/security/dependabot/7","created_at":"2026-03-02T03:03:00Z"},` + repo + `}`
	scanned    = `{"action":"created","alert":{"number":8,"state":"open","secret_type":"aws_access_key_id","secret_type_display_name":"Amazon AWS Access Key ID","secret":"AKIAVERYSECRETVALUE1","html_url":"https://github.com/example/shop/security/secret-scanning/8","created_at":"2026-03-02T03:03:00Z"},` + repo + `}`
	code       = `{"action":"created","alert":{"number":9,"state":"open","rule":{"id":"js/sql","severity":"error","security_severity_level":"critical","description":"SQL injection"},"tool":{"name":"CodeQL"},"html_url":"https://github.com/example/shop/security/code-scanning/9","created_at":"2026-03-02T03:03:00Z"},` + repo + `}`
	ping       = `{"zen":"Design for failure.","hook_id":1,"hook":{"type":"Repository"},` + repo + `}`
)

func call(body, kind string) plug.Inbound {
	in := plug.Inbound{Body: []byte(body), Header: http.Header{}, ID: "id", Now: now, ContentType: "application/json"}
	if kind != "" {
		in.Header.Set("X-GitHub-Event", kind)
	}
	return in
}

var all = map[string]string{"push": push, "deployment": deployment, "deployment_status": status, "workflow_run": workflow, "check_run": check, "release": release, "dependabot_alert": dependabot, "secret_scanning_alert": scanned, "code_scanning_alert": code}

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for kind, body := range all {
		calls = append(calls, call(body, kind), call(body, ""))
	}
	form := call("payload="+url.QueryEscape(push), "push")
	form.ContentType = "application/x-www-form-urlencoded"
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: append(calls, form)})
}

func change(t *testing.T, in plug.Inbound) alert.Change {
	t.Helper()
	got, err := source{}.Parse(in)
	if err != nil || len(got.Changes) != 1 || len(got.Signals) != 0 {
		t.Fatalf("%.80s: %v %+v", in.Body, err, got)
	}
	plugtest.CheckReceived(t, got)
	return got.Changes[0]
}

// What was deployed, pushed and released is a change. Clauses: INT-GITHUB
func TestChanges(t *testing.T) {
	for kind, want := range map[string]struct {
		summary, href string
		at            time.Time
	}{
		"push":              {"example/shop: 2 commits pushed to main by ana: Speed up checkout", "https://github.com/example/shop/compare/6113728f27ae...f95f852bd8fc", time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)},
		"deployment":        {"example/shop: deployment of main (f95f852) to production requested by ana", "https://github.com/example/shop/deployments", time.Date(2026, 3, 2, 3, 2, 0, 0, time.UTC)},
		"deployment_status": {"example/shop: deployment of main (f95f852) to production FAILED by ana: health check failed", "https://ci.example.net/7/log", time.Date(2026, 3, 2, 3, 3, 30, 0, time.UTC)},
		"workflow_run":      {"example/shop: workflow Deploy FAILED on main (f95f852) by ana", "https://github.com/example/shop/actions/runs/3", time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)},
		"check_run":         {"example/shop: check unit succeeded on main (f95f852) by ana", "https://ci.example.net/4", time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)},
		"release":           {"example/shop: release 1.2 published by ana", "https://github.com/example/shop/releases/v1.2.0", time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)},
	} {
		c := change(t, call(all[kind], kind))
		if c.Summary != want.summary || !c.At.Equal(want.at) || c.Origin != "example/shop" || c.Source != Name || len(c.Links) != 1 || c.Links[0].Href != want.href {
			t.Errorf("%s: %+v", kind, c)
		}
		if without := change(t, call(all[kind], "")); without.Summary != c.Summary {
			t.Errorf("%s without its header: %q", kind, without.Summary)
		}
	}
	d, _ := json.Marshal(change(t, call(push, "push")).Details)
	if !strings.Contains(string(d), `"default_branch":true`) || !strings.Contains(string(d), `"message":"One"`) || strings.Contains(string(d), "ana@example.com") {
		t.Errorf("details %s", d)
	}
	for was, want := range map[string]string{
		`"deleted":false`: "main deleted", `"forced":false`: "(forced)", `refs/heads/main`: "pushed to tag v1",
	} {
		is := map[string]string{`"deleted":false`: `"deleted":true`, `"forced":false`: `"forced":true`, `refs/heads/main`: "refs/tags/v1"}[was]
		if c := change(t, call(strings.Replace(push, was, is, 1), "push")); !strings.Contains(c.Summary, want) {
			t.Errorf("%s: %q", is, c.Summary)
		}
	}
	for state, want := range map[string]string{"success": "succeeded", "error": "FAILED", "in_progress": "has begun"} {
		if c := change(t, call(strings.Replace(status, `"failure"`, `"`+state+`"`, 1), "deployment_status")); !strings.Contains(c.Summary, want) {
			t.Errorf("%s: %q", state, c.Summary)
		}
	}
	if c := change(t, call(`{"deployment":{}}`, "deployment")); !c.At.Equal(now) || c.Summary != "GitHub: deployment of a revision to an environment requested" {
		t.Errorf("the least: %+v", c)
	}
}

func TestSecurityAlerts(t *testing.T) {
	for kind, want := range map[string]struct{ severity, component, summary, over string }{
		"dependabot_alert": {"error", "leftpad", "example/shop: Code execution in leftpad", "fixed"}, "secret_scanning_alert": {"error", "aws_access_key_id", "example/shop: secret found: Amazon AWS Access Key ID", "resolved"},
		"code_scanning_alert": {"critical", "CodeQL", "example/shop: SQL injection", "closed_by_user"},
	} {
		up, err := source{}.Parse(call(all[kind], kind))
		if err != nil || len(up.Signals) != 1 {
			t.Fatalf("%s: %v %+v", kind, err, up)
		}
		over, err := source{}.Parse(call(strings.Replace(all[kind], `"created"`, `"`+want.over+`"`, 1), kind))
		if err != nil || len(over.Signals) != 1 {
			t.Fatalf("%s: %v %+v", kind, err, over)
		}
		a, b := up.Signals[0], over.Signals[0]
		if a.Action != alert.Trigger || b.Action != alert.Resolve || a.DedupKey != b.DedupKey || a.Severity != want.severity || a.Component != want.component || a.Summary != want.summary || len(a.Links) != 1 {
			t.Errorf("%s: %+v and %s %q", kind, a, b.Action, b.DedupKey)
		}
		if doc, _ := json.Marshal(a); strings.Contains(string(doc), "VERYSECRET") {
			t.Errorf("%s: the secret is kept: %s", kind, doc)
		}
	}
	leaked, err := source{}.Parse(call(strings.Replace(scanned, `"created"`, `"publicly_leaked"`, 1), "secret_scanning_alert"))
	if err != nil || len(leaked.Signals) != 1 || leaked.Signals[0].Severity != "critical" {
		t.Errorf("leaked: %v %+v", err, leaked)
	}
}

// An alert that is opened again keeps the day it was created, which is before its end.
func TestSecurityAlertsAgain(t *testing.T) {
	again := strings.NewReplacer(`"action":"created"`, `"action":"reopened"`, `"created_at":"2026-03-02T03:03:00Z"`, `"created_at":"2026-03-02T03:03:00Z","updated_at":"2026-03-04T03:03:00Z"`).Replace(dependabot)
	got, err := source{}.Parse(call(again, "dependabot_alert"))
	if err != nil || len(got.Signals) != 1 || got.Signals[0].Action != alert.Trigger || got.Signals[0].StartedAt.Day() != 4 {
		t.Errorf("got %+v %v", got, err)
	}
	if got, _ = (source{}).Parse(call(dependabot, "dependabot_alert")); got.Signals[0].StartedAt.Day() != 2 {
		t.Errorf("created: %+v", got)
	}
}

func TestWhatIsLeft(t *testing.T) {
	for _, in := range []plug.Inbound{
		call(ping, "ping"), call(ping, ""), call(`{"action":"opened",`+repo+`}`, "issues"), call(`{"action":"opened",`+repo+`}`, ""), call(strings.Replace(status, `"failure"`, `"queued"`, 1), "deployment_status"),
		call(strings.Replace(workflow, `"completed"`, `"requested"`, 1), "workflow_run"), call(strings.Replace(workflow, `"conclusion":"failure"`, `"conclusion":null`, 1), "workflow_run"), call(strings.Replace(check, `"success"`, `"skipped"`, 1), "check_run"),
		call(strings.Replace(release, `"published"`, `"created"`, 1), "release"), call(strings.Replace(dependabot, `"created"`, `"assignees_changed"`, 1), "dependabot_alert"),
	} {
		got, err := source{}.Parse(in)
		if err != nil || len(got.Signals)+len(got.Changes) != 0 || got.Reply.Status != 200 || !strings.Contains(string(got.Reply.Body), `"note":"`) {
			t.Errorf("%.80s: %v %+v %s", in.Body, err, got, got.Reply.Body)
		}
	}
}

// The vector is GitHub's own: "Validating webhook deliveries", "Testing the webhook
// payload validation". Clauses: INT-GITHUB
func TestSignature(t *testing.T) {
	in := plug.Inbound{Body: []byte("Hello, World!"), Header: http.Header{}, Now: now}
	const want = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	m := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
	m.Write(in.Body)
	if hex.EncodeToString(m.Sum(nil)) != want {
		t.Fatal("the vector is not the one that is published")
	}
	in.Secret = "It's a Secret to Everybody"
	in.Header.Set("X-Hub-Signature-256", "sha256="+want)
	if _, err := (source{}).Parse(in); !fault.Is(err, fault.Invalid) { // proven, and then no JSON
		t.Errorf("the published vector: %v", err)
	}
	in.Body = []byte("Hello, World?")
	if _, err := (source{}).Parse(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the published vector, altered: %v", err)
	}
	signed := func(key, body string) string {
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(body))
		return "sha256=" + hex.EncodeToString(m.Sum(nil))
	}
	good := signed("the-secret", push)
	for name, c := range map[string]struct {
		signature string
		ok        bool
	}{
		"good": {good, true}, "older secret": {signed("older-secret", push), true}, "other secret": {signed("other", push), false}, "other body": {signed("the-secret", push+" "), false}, "none": {"", false}, "cut": {good[:len(good)-2], false}, "sha1": {strings.Replace(good, "sha256", "sha1", 1), false}, "no hex": {"sha256=zz", false}, "empty": {"sha256=", false},
	} {
		in := call(push, "push")
		in.Secret = secret.String("the-secret older-secret")
		in.Header.Set("X-Hub-Signature-256", c.signature)
		if _, err := (source{}).Parse(in); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	form := call("payload="+url.QueryEscape(push), "push")
	form.ContentType, form.Secret = "application/x-www-form-urlencoded; charset=utf-8", "the-secret"
	form.Header.Set("X-Hub-Signature-256", signed("the-secret", string(form.Body)))
	if got, err := (source{}).Parse(form); err != nil || len(got.Changes) != 1 {
		t.Errorf("form: %v %+v", err, got)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ body, kind, where string }{
		{`{}`, "push", "/ref"},
		{`{}`, "deployment", "/deployment"},
		{`{"deployment_status":{}}`, "deployment_status", "/deployment_status/state"},
		{`{}`, "workflow_run", "/workflow_run"},
		{`{"release":{}}`, "release", "/release/tag_name"},
		{`{"action":"created","alert":{}}`, "dependabot_alert", "/alert/number"},
		{`{}`, "", ""},
		{`[]`, "push", ""},
		{"payload=", "form", "payload"},
		{"x=y", "form", "payload"},
	} {
		in := call(c.body, c.kind)
		if c.kind == "form" {
			in.ContentType = "application/x-www-form-urlencoded"
		}
		_, err := source{}.Parse(in)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 || f.Details[0].Where != c.where {
			t.Errorf("%s %s: %v %+v", c.kind, c.body, err, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for kind, body := range all {
		f.Add([]byte(body), kind, false)
		f.Add([]byte("payload="+url.QueryEscape(body)), kind, true)
	}
	f.Add([]byte(`{"ref":1,"commits":{"a":1},"repository":[]}`), "push", false)
	f.Fuzz(func(t *testing.T, body []byte, kind string, form bool) {
		in := call(string(body), kind)
		if form {
			in.ContentType = "application/x-www-form-urlencoded"
		}
		got, err := source{}.Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
