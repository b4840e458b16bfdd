package rapid7

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// console is a fake of the InsightVM console: it starts scans of site 7 for whoever
// signs in, and says how they are.
type console struct {
	t       *testing.T
	status  string
	started []map[string]any
	past    string // scans that are over
}

func (c *console) answer(r *http.Request, body []byte) plugtest.Reply {
	if user, password, ok := r.BasicAuth(); !ok || user != "allclear" || password != "the-password-of-the-test" {
		return plugtest.Reply{Status: http.StatusUnauthorized, Body: `{"status":401,"message":"An error has occurred."}`}
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /api/3/sites/7/scans":
		var in map[string]any
		if err := json.Unmarshal(body, &in); err != nil || r.Header.Get("Content-Type") != "application/json" {
			c.t.Errorf("scan %s: %v", body, err)
		}
		c.started = append(c.started, in)
		return plugtest.Reply{Status: http.StatusCreated, Body: fmt.Sprintf(`{"links":[{"href":"https://c/api/3/scans/%d","rel":"self"}],"id":%d}`, 100+len(c.started), 100+len(c.started))}
	case "GET /api/3/sites/7/scans":
		if q := r.URL.Query(); q.Get("active") == "false" && q.Get("sort") == "endTime,DESC" {
			return plugtest.Reply{Body: `{"resources":[` + c.past + `]}`}
		}
		if r.URL.Query().Get("active") != "true" {
			c.t.Errorf("asked %s", r.URL)
		}
		var list []string
		for i, s := range c.started {
			list = append(list, fmt.Sprintf(`{"id":%d,"scanName":%q,"status":"running"}`, 101+i, s["name"]))
		}
		return plugtest.Reply{Body: `{"page":{"number":0,"size":100},"resources":[` + strings.Join(list, ",") + `]}`}
	case "GET /api/3/scans/101":
		return plugtest.Reply{Body: fmt.Sprintf(`{"id":101,"siteId":7,"scanName":"INC-7","status":%q,"assets":12,"startTime":"2026-03-02T03:04:05Z","endTime":null,"vulnerabilities":{"critical":1,"severe":5,"moderate":7,"total":13}}`, c.status)}
	}
	return plugtest.Reply{Status: http.StatusNotFound, Body: `{"status":404,"message":"The resource does not exist or access is prohibited."}`}
}

func opened(t *testing.T) (desk, *console, *plugtest.HTTP) {
	t.Helper()
	c := &console{t: t, status: "running"}
	peer := (&plugtest.HTTP{Answer: c.answer}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"base_url": secret.String(peer.URL()), "user": "allclear", "password": "the-password-of-the-test", "site": "7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(desk), c, peer
}

func wish() plug.Message {
	return plug.Message{
		Kind: plug.CaseWanted, Channel: Name, Key: "INC-7/case/1", Subject: "INC-7: after the fix", At: time.Now(),
		Case: plug.Case{Incident: "INC-7", Kind: plug.CaseScan, Urgency: "P1", Params: map[string]string{"hosts": "10.0.0.1 10.0.0.2", "template": "full-audit"}},
	}
}

// ESC-EXT-R7, INT-RAPID7: a scan is started, asked for until it is finished, and its
// result read.
func TestAScan(t *testing.T) {
	d, c, _ := opened(t)
	if of, ok := d.Desk(); !ok || of.Kind != plug.CaseScan || len(of.Asks) != 3 {
		t.Fatalf("%+v %v", of, ok)
	}
	r, err := d.Send(t.Context(), wish())
	if err != nil || r.ProviderRef != "101" || !r.Arrived {
		t.Fatalf("%+v %v", r, err)
	}
	if in := c.started[0]; in["name"] != "INC-7: after the fix" || in["templateId"] != "full-audit" || fmt.Sprint(in["hosts"]) != "[10.0.0.1 10.0.0.2]" {
		t.Errorf("started %+v", in)
	}
	st, err := d.Look(t.Context(), r.ProviderRef)
	if err != nil || st.Over || st.State != "running" || st.Number != "101" || st.Result != "" {
		t.Errorf("while it runs: %+v %v", st, err)
	}
	c.status = "finished"
	st, err = d.Look(t.Context(), r.ProviderRef)
	if err != nil || !st.Over || st.Result != "12 assets, 13 vulnerabilities: 1 critical, 5 severe, 7 moderate" || !strings.HasSuffix(st.Link, "/scan.jsp?scanid=101") {
		t.Errorf("at the end: %+v %v", st, err)
	}
}

// The last scan that finished is read, and whether it was before the incident.
func TestTheLastScanIsRead(t *testing.T) {
	d, c, _ := opened(t)
	if deeds := d.Deeds(); len(deeds) != 1 || !deeds[0].Assures || deeds[0].Approvals != 0 {
		t.Fatalf("%+v", deeds)
	}
	read := func(since string) plug.Done {
		done, err := d.Do(t.Context(), Results, "k", map[string]string{plug.Since: since})
		if err != nil || done.Found != "" {
			t.Fatalf("%+v %v", done, err)
		}
		return done
	}
	if done := read("2026-03-02T03:00:00Z"); done.Detail != "No scan of site 7 has finished yet" {
		t.Errorf("%+v", done)
	}
	c.past = `{"id":90,"status":"stopped"},{"id":89,"status":"finished","endTime":"2026-03-02T04:00:00Z","assets":12,"vulnerabilities":{"critical":1,"severe":5,"moderate":7,"total":13}}`
	if done := read("2026-03-02T03:00:00Z"); done.Ref != "89" || done.Detail != "Scan 89 of site 7 ended at 2026-03-02T04:00:00Z: 12 assets, 13 vulnerabilities: 1 critical, 5 severe, 7 moderate" {
		t.Errorf("%+v", done)
	}
	if done := read("2026-03-02T05:00:00Z"); !strings.Contains(done.Detail, "That was before 2026-03-02T05:00:00Z") {
		t.Errorf("%+v", done)
	}
	for _, p := range []map[string]string{nil, {plug.Since: "yesterday"}, {plug.Since: "2026-03-02T05:00:00Z", "site": "7/../8"}} {
		if _, err := d.Do(t.Context(), Results, "k", p); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// A wish that may have arrived starts no second scan.
func TestAResentWish(t *testing.T) {
	d, c, _ := opened(t)
	m := wish()
	if _, err := d.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Again = true
	r, err := d.Send(t.Context(), m)
	if err != nil || r.ProviderRef != "101" || len(c.started) != 1 {
		t.Errorf("%+v %v, started %d", r, err, len(c.started))
	}
}

func TestFailures(t *testing.T) {
	d, _, peer := opened(t)
	for _, c := range []struct {
		reply plugtest.Reply
		kind  plug.FailureKind
	}{
		{plugtest.Reply{Status: 401, Echo: true}, plug.Permanent},
		{plugtest.Reply{Status: 400, Echo: true}, plug.Permanent},
		{plugtest.Reply{Status: 503, Echo: true}, plug.Retry},
		{plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, plug.Retry},
		{plugtest.Reply{Status: 201, Body: `{}`}, plug.Unknown},
		{plugtest.Reply{Status: 201, Body: `<html>`}, plug.Unknown},
		{plugtest.Reply{Hangup: true}, plug.Unknown},
	} {
		peer.Next(c.reply)
		_, err := d.Send(t.Context(), wish())
		if f := plug.FailureOf(err); err == nil || f.Kind != c.kind || strings.Contains(err.Error(), "the-password") || strings.Contains(err.Error(), "YWxsY2xlYXI6") {
			t.Errorf("%.60v: %v", c.reply, err)
		}
	}
	peer.Next(plugtest.Reply{Status: 503})
	if _, err := d.Look(t.Context(), "101"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("look: %v", err)
	}
	for _, ref := range []string{"102", "../sites", ""} {
		if _, err := d.Look(t.Context(), ref); err == nil {
			t.Errorf("a scan %q is there", ref)
		}
	}
	m := wish()
	m.Case.Params = map[string]string{"site": "7/../8"}
	if _, err := d.Send(t.Context(), m); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("a site that is no number: %v", err)
	}
}

func TestSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.(plug.CaseDesk).Desk(); ok {
		t.Error("a desk without settings")
	}
	if _, err := v.(plug.Channel).Send(t.Context(), wish()); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("sent without settings: %v", err)
	}
	for _, values := range []map[string]secret.String{{"user": "u"}, {"user": "u", "password": "p"}, {"site": "x"}, {"base_url": "ftp://x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
}
