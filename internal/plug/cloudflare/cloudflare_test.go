package cloudflare

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	zone   = "023e105f4ecef8ad9ca31a8372d0c353"
	record = "372e67954025e0ba6aaa6d586b9e0b59"
	ddos   = `{"account_id":"9035f53656c247e895c5a6939ae8a0e0","alert_correlation_id":"c-1","alert_event":"ALERT_STATE_EVENT_START","alert_type":"advanced_ddos_attack_l7_alert","data":{"account_name":"Shop","attack_id":"a-1","dashboard_link":"https://dash.cloudflare.com/x","max_rate":"9 krps","mitigation":"blocked","start_time":"2026-03-02T03:04:05Z","target_hostname":"shop.example.com","zone_name":"example.com"},"name":"DDoS","policy_id":"749b911ea5d04344a58e45edd099b328","policy_name":"DDoS","text":"Attack on shop.example.com","ts":1772420645}`
)

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{sample, ddos, `{"alert_type":"dedicated_ssl_certificate_event_type","data":{"zone_name":"example.com"}}`} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

func parse(t *testing.T, body string) alert.Signal {
	t.Helper()
	return plugtest.One(t, edge{}, plug.Inbound{Body: []byte(body), ID: "made"})
}

// A notification opens an alert and its end
// resolves it.
func TestNotifications(t *testing.T) {
	s := parse(t, ddos)
	if s.Action != alert.Trigger || s.DedupKey != "advanced_ddos_attack_l7_alert/a-1" || s.Severity != "error" || s.Summary != "Attack on shop.example.com" || s.Origin != "shop.example.com" || s.Group != "example.com" ||
		s.Labels["mitigation"] != "blocked" || s.ClientURL != "https://dash.cloudflare.com/x" || s.StartedAt.Unix() != 1772420645 {
		t.Errorf("got %+v", s)
	}
	if end := parse(t, strings.Replace(ddos, "EVENT_START", "EVENT_END", 1)); end.Action != alert.Resolve || end.DedupKey != s.DedupKey {
		t.Errorf("its end: %+v", end)
	}
	down := parse(t, sample)
	up := parse(t, strings.NewReplacer(`"alert_event": "ALERT_STATE_EVENT_START", `, "", "000eaa907ed24e78946d3a93adb2ae57", "another", `"new_status": "Unhealthy"`, `"new_status": "Healthy"`).Replace(sample))
	if down.Action != alert.Trigger || up.Action != alert.Resolve || down.DedupKey != up.DedupKey || down.Component != "shop" {
		t.Errorf("%+v and %+v", down, up)
	}
	if c := parse(t, `{"alert_type":"dedicated_ssl_certificate_event_type","alert_correlation_id":"c-2","data":{}}`); c.DedupKey != "correlation/c-2" || c.Severity != "warning" {
		t.Errorf("got %+v", c)
	}
	got, err := (edge{}).Parse(plug.Inbound{Body: []byte(`{"text":"Hello World! This is a test message sent from https://cloudflare.com. If you can see this, your webhook is configured properly."}`)})
	if err != nil || len(got.Signals) != 0 || got.Reply.Status != http.StatusOK {
		t.Errorf("a test message: %+v %v", got, err)
	}
	if _, err := (edge{}).Parse(plug.Inbound{Body: []byte(`{"text":"x"}`)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("of nothing: %v", err)
	}
}

// The secret comes in cf-webhook-auth (INV-A6).
func TestSecretOfTheWebhook(t *testing.T) {
	for given, want := range map[string]bool{"s3cret-of-the-hook": true, "s3cret-of-the-hoo": false, "": false} {
		in := plug.Inbound{Body: []byte(ddos), Secret: "s3cret-of-the-hook", Header: http.Header{}}
		if given != "" {
			in.Header.Set("cf-webhook-auth", given)
		}
		if _, err := (edge{}).Parse(in); (err == nil) != want || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", given, err)
		}
		if in.Header.Get("X-Allclear-Token") != "" {
			t.Error("the call itself was changed")
		}
	}
}

// dns is a fake of the DNS records of one zone.
type dns struct {
	t       *testing.T
	kind    string
	content string
	patched int
	reply   atomic.Pointer[plugtest.Reply] // to the next changes; they are not made. A peer that hangs up is not waited for
}

func (d *dns) answer(r *http.Request, body []byte) plugtest.Reply {
	if r.Header.Get("Authorization") != "Bearer token-of-the-test" {
		return plugtest.Reply{Status: http.StatusForbidden, Body: `{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}],"messages":[],"result":null}`}
	}
	if r.URL.Path != "/client/v4/zones/"+zone+"/dns_records/"+record {
		return plugtest.Reply{Status: http.StatusNotFound, Body: `{"success":false,"errors":[{"code":81044,"message":"Record does not exist."}],"result":null}`}
	}
	if reply := d.reply.Load(); r.Method == http.MethodPatch && reply != nil {
		return *reply
	}
	if r.Method == http.MethodPatch {
		var in map[string]string
		if err := json.Unmarshal(body, &in); err != nil || len(in) != 1 {
			d.t.Errorf("patched with %s", body)
		}
		d.content = in["content"]
		d.patched++
	}
	return plugtest.Reply{Body: `{"success":true,"errors":[],"messages":[],"result":{"id":"` + record + `","name":"shop.example.com","type":"` + d.kind + `","content":"` + d.content + `","proxied":true,"ttl":1}}`}
}

func opened(t *testing.T) (edge, *dns, *plugtest.HTTP) {
	t.Helper()
	d := &dns{t: t, kind: "A", content: "203.0.113.4"}
	peer := (&plugtest.HTTP{Answer: d.answer}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"api_token": "token-of-the-test", "zones": zone, "base_url": secret.String(peer.URL())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(edge), d, peer
}

// A record of a zone of the settings is
// pointed elsewhere once, and what it was is kept.
func TestARecordIsPointedElsewhere(t *testing.T) {
	e, d, _ := opened(t)
	if deeds := e.Deeds(); len(deeds) != 1 || deeds[0].Name != PointRecord || deeds[0].Approvals < 1 || deeds[0].Undo != PointRecord {
		t.Fatalf("%+v", deeds)
	}
	to := func(content string) (plug.Done, error) {
		return e.Do(t.Context(), PointRecord, "INC-7/deed/1", map[string]string{"zone": zone, "record": record, "content": content})
	}
	rehearse := func() plug.Rehearsal {
		r, err := e.Rehearse(t.Context(), PointRecord, map[string]string{"zone": zone, "record": record, "content": "203.0.113.9"})
		if err != nil {
			t.Error(err)
		}
		return r
	}
	if r := rehearse(); r.Is || r.Detail != "shop.example.com is 203.0.113.4 and would be 203.0.113.9" || d.patched != 0 {
		t.Errorf("%+v, patched %d", r, d.patched)
	}
	done, err := to("203.0.113.9")
	if err != nil || done.Before != "203.0.113.4" || done.Ref != record || d.content != "203.0.113.9" || d.patched != 1 {
		t.Fatalf("%+v %v, %+v", done, err, d)
	}
	if done, err := to("203.0.113.9"); err != nil || d.patched != 1 || !strings.Contains(done.Detail, "already") {
		t.Errorf("again: %+v %v", done, err)
	}
	if r := rehearse(); !r.Is {
		t.Errorf("after it: %+v", r)
	}
	for _, content := range []string{"::1", "x", "", "shop.example.net", "203.0.113.9/24"} {
		if _, err := to(content); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%q: %v", content, err)
		}
	}
	for _, p := range []map[string]string{{"zone": strings.Repeat("0", 32), "record": record, "content": "203.0.113.9"}, {"zone": zone, "record": "../x", "content": "203.0.113.9"}} {
		if _, err := e.Do(t.Context(), PointRecord, "k", p); plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%v: %v", p, err)
		}
	}
	d.kind = "CNAME"
	if _, err := to("standby.example.net"); err != nil || d.content != "standby.example.net" {
		t.Errorf("a name: %v %+v", err, d)
	}
	d.kind = "MX"
	if _, err := to("mail.example.net"); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("mail: %v", err)
	}
}

func TestFailures(t *testing.T) {
	e, d, peer := opened(t)
	for _, c := range []struct {
		reply plugtest.Reply
		kind  plug.FailureKind
		want  string
	}{
		{plugtest.Reply{Status: 403, Body: `{"success":false,"errors":[{"code":10000,"message":"Authentication error token-of-the-test"}]}`}, plug.Permanent, "Authentication error"},
		{plugtest.Reply{Status: 429, Body: `{}`}, plug.Retry, "429"},
		{plugtest.Reply{Status: 502, Echo: true}, plug.Retry, "502"},
		{plugtest.Reply{Body: `{"success":false,"errors":[]}`}, plug.Retry, "no success"}, // of the look before
	} {
		peer.Next(c.reply)
		_, err := e.Do(t.Context(), PointRecord, "k", map[string]string{"zone": zone, "record": record, "content": "203.0.113.9"})
		if f := plug.FailureOf(err); err == nil || f.Kind != c.kind || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "token-of") {
			t.Errorf("%.60v: %v", c.reply, err)
		}
	}
	if d.patched != 0 {
		t.Error("changed in spite of it")
	}
	// Once the change itself was asked for, nobody knows what a bad answer means.
	to := map[string]string{"zone": zone, "record": record, "content": "203.0.113.9"}
	for _, reply := range []plugtest.Reply{{Status: 502}, {Hangup: true}, {Body: `[]`}} {
		d.reply.Store(&reply)
		done, err := e.Do(t.Context(), PointRecord, "k", to)
		if f := plug.FailureOf(err); err == nil || f.Kind != plug.Unknown || done.Before != "203.0.113.4" {
			t.Errorf("%+v: %v, %+v", reply, err, done)
		}
	}
	for _, values := range []map[string]secret.String{{"api_token": "t"}, {"zones": "x"}, {"base_url": "ftp://x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
	v, err := Plugin().Open(plug.Config{})
	if err != nil || len(v.(plug.Doer).Deeds()) != 0 {
		t.Errorf("deeds without a token: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, ddos, `{"alert_type":7,"data":[]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := (edge{}).Parse(plug.Inbound{Body: body, ID: "made"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
