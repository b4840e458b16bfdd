package crowdstrike

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

const device = "9b1d8f00aa11bb22cc33dd44ee55ff66"

// cloud is a fake of Falcon's API: alerts by filter and by id, hosts by name, and
// actions on them, for a token that its client was given.
type cloud struct {
	t         *testing.T
	given     int // tokens
	forget    bool
	alerts    map[string]string // documents by composite id
	contained []string          // "contain id"
	broken    bool              // actions are answered with 500
}

func (c *cloud) answer(r *http.Request, body []byte) plugtest.Reply {
	if r.URL.Path == "/oauth2/token" {
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("client_id") != "client" || form.Get("client_secret") != "secret-of-the-test" {
			return plugtest.Reply{Status: http.StatusForbidden, Body: `{"meta":{"trace_id":"t"},"errors":[{"code":403,"message":"Failed to generate access token for clientID=client. HTTP Status Code: 403"}]}`}
		}
		c.given++
		return plugtest.Reply{Status: http.StatusCreated, Body: fmt.Sprintf(`{"access_token":"token-%d","expires_in":1799,"token_type":"bearer"}`, c.given)}
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", c.given) || c.forget {
		c.forget = false
		return plugtest.Reply{Status: http.StatusUnauthorized, Body: `{"errors":[{"code":401,"message":"access denied, invalid bearer token"}]}`}
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /alerts/queries/alerts/v2":
		return c.query(r.URL.Query())
	case "POST /alerts/entities/alerts/v2":
		var in struct {
			IDs []string `json:"composite_ids"`
		}
		if err := json.Unmarshal(body, &in); err != nil || len(in.IDs) == 0 {
			c.t.Errorf("asked for %s", body)
		}
		var docs []string
		for _, id := range in.IDs {
			docs = append(docs, c.alerts[id])
		}
		return plugtest.Reply{Body: `{"meta":{},"resources":[` + strings.Join(docs, ",") + `],"errors":null}`}
	case "GET /devices/queries/devices/v1":
		switch r.URL.Query().Get("filter") {
		case "hostname:'build-7'":
			return plugtest.Reply{Body: `{"resources":["` + device + `"],"errors":[]}`}
		case "hostname:'twins'":
			return plugtest.Reply{Body: `{"resources":["` + device + `","` + device + `"],"errors":[]}`}
		}
		return plugtest.Reply{Body: `{"resources":[],"errors":[]}`}
	case "GET /devices/entities/devices/v2":
		state := "normal"
		if n := len(c.contained); n > 0 && strings.HasPrefix(c.contained[n-1], "contain ") {
			state = "containment_pending"
		}
		return plugtest.Reply{Body: `{"resources":[{"device_id":"` + r.URL.Query().Get("ids") + `","hostname":"build-7","status":"` + state + `"}],"errors":[]}`}
	case "POST /devices/entities/devices-actions/v2":
		if c.broken {
			return plugtest.Reply{Status: http.StatusInternalServerError, Body: `{"errors":[{"code":500,"message":"Internal Server Error"}]}`}
		}
		var in struct{ IDs []string }
		if err := json.Unmarshal(body, &in); err != nil || len(in.IDs) != 1 {
			c.t.Errorf("acted on %s", body)
		}
		c.contained = append(c.contained, r.URL.Query().Get("action_name")+" "+in.IDs[0])
		return plugtest.Reply{Status: http.StatusAccepted, Body: `{"resources":[{"id":"` + in.IDs[0] + `","path":"/devices/entities/devices/v1"}],"errors":[]}`}
	}
	return plugtest.Reply{Status: http.StatusNotFound}
}

func (c *cloud) query(q url.Values) plugtest.Reply {
	var ids []string
	if q.Get("filter") == "created_timestamp:>='2026-03-02T03:00:00Z'+severity:>=40" {
		for id := range c.alerts {
			ids = append(ids, `"`+id+`"`)
		}
		slices.Sort(ids)
		return plugtest.Reply{Body: `{"resources":[` + strings.Join(ids, ",") + `],"errors":[]}`}
	}
	closed := strings.HasPrefix(q.Get("filter"), "status:'closed'+severity:>=40+updated_timestamp:>'2026-03-01T04:00:00Z'")
	if !closed && q.Get("filter") != "status:['new','in_progress','reopened']+severity:>=40" {
		c.t.Errorf("filter %q", q.Get("filter"))
	}
	for id, doc := range c.alerts {
		if strings.Contains(doc, `"status":"closed"`) == closed {
			ids = append(ids, `"`+id+`"`)
		}
	}
	slices.Sort(ids)
	return plugtest.Reply{Body: `{"meta":{"pagination":{"offset":0,"limit":1000,"total":` + fmt.Sprint(len(ids)) + `}},"resources":[` + strings.Join(ids, ",") + `],"errors":[]}`}
}

func opened(t *testing.T) (falcon, *cloud, *plugtest.HTTP) {
	t.Helper()
	c := &cloud{t: t, alerts: map[string]string{}}
	peer := (&plugtest.HTTP{Answer: c.answer}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"client_id": "client", "client_secret": "secret-of-the-test", "base_url": secret.String(peer.URL()), "service": "fleet"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(falcon), c, peer
}

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{sample, `{"resources":[` + sample + `]}`, `{"id":"x","status":"closed"}`} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

// A detection is an alert of security, asked for or
// posted under one key, and it is over when it is closed.
func TestDetections(t *testing.T) {
	f, c, _ := opened(t)
	if service, ok := f.Polls(); service != "fleet" || !ok {
		t.Fatalf("polls %q %v", service, ok)
	}
	posted := plugtest.One(t, f, plug.Inbound{Body: []byte(sample), Now: now, ID: "made"})
	id := "0123abcd:ind:0123abcd:456-789-10"
	c.alerts[id] = sample
	c.alerts["b"] = `{"composite_id":"b","status":"closed","severity":90,"name":"Ransomware"}`
	got, err := f.Poll(t.Context(), now)
	if err != nil || len(got) != 2 {
		t.Fatalf("%v %+v", err, got)
	}
	plugtest.CheckReceived(t, plug.Received{Signals: got})
	s := got[0]
	if s.DedupKey != posted.DedupKey || s.DedupKey != "alert/"+id || s.Action != alert.Trigger || s.Severity != "error" || s.Class != "security" || s.Origin != "build-7" || s.Group != "Credential Access" ||
		s.Summary != "Credential dumping on build-7: A process read the memory of the local security authority." || s.Labels["device_id"] != device || len(s.Links) != 1 || s.StartedAt.Unix() != 1772420645 {
		t.Errorf("got %+v", s)
	}
	if over := got[1]; over.DedupKey != "alert/b" || over.Action != alert.Resolve || over.Severity != "critical" {
		t.Errorf("got %+v", over)
	}
	c.forget = true
	if _, err := f.Poll(t.Context(), now); !fault.Is(err, fault.Unavailable) {
		t.Errorf("an old token: %v", err)
	}
	if _, err := f.Poll(t.Context(), now); err != nil || c.given != 2 {
		t.Errorf("with another token: %v, given %d", err, c.given)
	}
}

func TestSeverity(t *testing.T) {
	for body, want := range map[string]string{`"severity":80`: "critical", `"severity":79`: "error", `"severity":59`: "warning", `"severity":39`: "info", `"severity":0,"severity_name":"High"`: "error", `"severity_name":"Medium"`: "warning"} {
		if s := plugtest.One(t, falcon{}, plug.Inbound{Body: []byte(`{"composite_id":"a",` + body + `}`)}); s.Severity != want {
			t.Errorf("%s: %q", body, s.Severity)
		}
	}
	_, err := (falcon{}).Parse(plug.Inbound{Body: []byte(`{"name":"x"}`)})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("without an id: %v", err)
	}
}

// A machine is cut off once for each call,
// and one that is not known for certain is not touched.
func TestContainment(t *testing.T) {
	f, c, _ := opened(t)
	deeds := f.Deeds()
	if len(deeds) != 3 || deeds[0].Name != Contain || deeds[0].Approvals < 1 || deeds[0].Undo != Lift {
		t.Fatalf("%+v", deeds)
	}
	rehearse := func(deed string) plug.Rehearsal {
		r, err := f.Rehearse(t.Context(), deed, map[string]string{"host": "build-7"})
		if err != nil {
			t.Error(err)
		}
		return r
	}
	if r := rehearse(Contain); r.Is || r.Detail != "build-7 ("+device+") is normal and would be contained" || len(c.contained) != 0 {
		t.Errorf("%+v, acted %v", r, c.contained)
	}
	c.broken = true
	if _, err := f.Do(t.Context(), Contain, "k", map[string]string{"host": device}); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Unknown {
		t.Errorf("answered with 500: %v", err)
	}
	c.broken = false
	done, err := f.Do(t.Context(), Contain, "INC-7/deed/1", map[string]string{"host": "build-7"})
	if err != nil || done.Ref != device || !slices.Equal(c.contained, []string{"contain " + device}) {
		t.Fatalf("%+v %v %v", done, err, c.contained)
	}
	if r := rehearse(Contain); !r.Is || rehearse(Lift).Is {
		t.Errorf("after it: %+v", r)
	}
	if _, err := f.Do(t.Context(), Lift, "INC-7/deed/2", map[string]string{"host": device}); err != nil || len(c.contained) != 2 || c.contained[1] != "lift_containment "+device {
		t.Errorf("%v %v", err, c.contained)
	}
	for _, host := range []string{"twins", "nobody", "x' , 'y", ""} {
		if _, err := f.Do(t.Context(), Contain, "k", map[string]string{"host": host}); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%q: %v", host, err)
		}
	}
	if _, err := f.Do(t.Context(), "wipe", "k", map[string]string{"host": device}); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("another deed: %v", err)
	}
	if len(c.contained) != 2 {
		t.Errorf("acted %v", c.contained)
	}
}

// What Falcon has found since the incident began is listed; what nobody has closed is
// held against its end.
func TestDetectionsAreLookedFor(t *testing.T) {
	f, c, _ := opened(t)
	look := func() plug.Done {
		done, err := f.Do(t.Context(), Assure, "k", map[string]string{plug.Since: "2026-03-02T03:00:00Z"})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	c.alerts["b"] = `{"composite_id":"b","status":"closed","severity":90,"name":"Ransomware"}`
	if done := look(); done.Found != "" || !strings.HasPrefix(done.Detail, "CrowdStrike found 1 alerts since 2026-03-02T03:00:00Z, of which 0 are open") {
		t.Errorf("%+v", done)
	}
	c.alerts["0123abcd:ind:0123abcd:456-789-10"] = sample
	if done := look(); !strings.Contains(done.Found, "of which 1 are open") || !strings.Contains(done.Detail, "error, open: Credential dumping on build-7") {
		t.Errorf("%+v", done)
	}
	if _, err := f.Do(t.Context(), Assure, "k", nil); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("from no instant: %v", err)
	}
}

func TestFailures(t *testing.T) {
	f, _, peer := opened(t)
	if _, err := f.Poll(t.Context(), now); err != nil { // has a token now
		t.Fatal(err)
	}
	for _, c := range []struct {
		reply plugtest.Reply
		want  string
	}{
		{plugtest.Reply{Status: 403, Body: `{"errors":[{"code":403,"message":"access denied, authorization failed"}]}`}, "authorization failed"},
		{plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"9"}}, Body: `{}`}, "429"},
		{plugtest.Reply{Status: 500, Echo: true}, "500"},
		{plugtest.Reply{Body: `[]`}, "not what its API documents"},
		{plugtest.Reply{Body: `{"resources":[],"errors":[{"code":500,"message":"secret-of-the-test"}]}`}, "answers: 500"},
	} {
		peer.Next(c.reply)
		_, err := f.Poll(t.Context(), now)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret-of") || strings.Contains(err.Error(), "token-1") {
			t.Errorf("%.60v: %v", c.reply, err)
		}
	}
	for _, values := range []map[string]secret.String{{"client_id": "x"}, {"min_severity": "101"}, {"base_url": "ftp://x"}} {
		var e *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
	v, err := Plugin().Open(plug.Config{})
	if err != nil || len(v.(plug.Doer).Deeds()) != 0 {
		t.Errorf("deeds without a client: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, `{"resources":[{},7]}`, `{"composite_id":{},"severity":1e300}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := (falcon{}).Parse(plug.Inbound{Body: body, ID: "made"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
