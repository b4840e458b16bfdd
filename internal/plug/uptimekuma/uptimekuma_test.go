package uptimekuma

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

// beatOf is a heartbeat of monitor 29 with settings as version 2 sends them.
func beatOf(status string) string {
	return `{"heartbeat":{"monitorID":29,"status":` + status + `,"time":"2026-03-02 03:04:05.000","msg":"getaddrinfo ENOTFOUND","ping":null,"important":true,"duration":60,"retries":2,"timezone":"Europe/Berlin","timezoneOffset":"+01:00","localDateTime":"2026-03-02 04:04:05"},` +
		`"monitor":{"id":29,"name":"Shop","description":null,"pathName":"Web / Berlin / Shop","parent":3,"childrenIDs":[],"url":"https://shop.example.net/health","method":"GET","hostname":null,"port":null,"maxretries":2,"active":true,"type":"http","interval":60,"accepted_statuscodes":["200-299"],"notificationIDList":{"2":true},"tags":[{"tag_id":1,"name":"env","value":"prod","color":"#f00"},{"name":"urgent","value":""}],"maintenance":false,"basic_auth_user":"jane","basic_auth_pass":"hunter2-in-kuma","mqttPassword":"","databaseConnectionString":"postgres://u:hunter2-in-kuma@db/x"},` +
		`"msg":"[Shop] [🔴 Down] getaddrinfo ENOTFOUND"}`
}

const (
	test      = `{"heartbeat":null,"monitor":null,"msg":"Allclear Testing"}`
	expiry14  = `{"heartbeat":null,"monitor":null,"msg":"[Shop][https://shop.example.net] server certificate shop.example.net will expire in 14 days"}`
	expiry7   = `{"heartbeat":null,"monitor":null,"msg":"[Shop][https://shop.example.net] server certificate shop.example.net will expire in 7 days"}`
	domain    = `{"msg":"Domain name example.net will expire in 21 days"}`
	oldTime   = `{"monitor":{"id":3,"name":"Test","hostname":"db-1","type":"port"},"heartbeat":{"status":1,"localDateTime":"2026-03-02 04:04:05","timezoneOffset":"+01:00","msg":"All good"}}`
	noMonitor = `{"heartbeat":{"monitorID":"5","status":"0"}}`
)

func multipartOf(doc string) plug.Inbound {
	return plug.Inbound{ContentType: "multipart/form-data; boundary=xyz", Body: []byte("--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n" + doc + "\r\n--xyz--\r\n")}
}

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{beatOf("0"), beatOf("1"), test, expiry14, domain, oldTime, noMonitor} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: append(calls, multipartOf(beatOf("0")))})
}

func parse(t *testing.T, in plug.Inbound) []alert.Signal {
	t.Helper()
	in.Now, in.ID = now, "made"
	got, err := (source{}).Parse(in)
	if err != nil {
		t.Fatalf("%s: %+v %v", in.Body, got, err)
	}
	return got.Signals
}

func of(body string) plug.Inbound { return plug.Inbound{Body: []byte(body)} }

func TestDownAndUpMeet(t *testing.T) {
	for status, want := range map[string]alert.Action{"0": alert.Trigger, "1": alert.Resolve, `"0"`: alert.Trigger, `"up"`: alert.Resolve, "9": alert.Trigger} {
		got := parse(t, of(beatOf(status)))
		if len(got) != 1 || got[0].Action != want || got[0].DedupKey != "monitor/29" {
			t.Errorf("%s: %+v", status, got)
		}
	}
	for _, status := range []string{"2", "3", `"maintenance"`} {
		if got := parse(t, of(beatOf(status))); len(got) != 0 {
			t.Errorf("%s: nothing has begun and nothing is over, got %+v", status, got)
		}
	}
	if got := parse(t, multipartOf(beatOf("0"))); len(got) != 1 || got[0].DedupKey != "monitor/29" {
		t.Errorf("form data: %+v", got)
	}
	if s := parse(t, of(noMonitor))[0]; s.DedupKey != "monitor/5" || s.Summary != "Monitor monitor/5 is down" {
		t.Errorf("without its monitor: %+v", s)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	s := parse(t, of(beatOf("0")))[0]
	if s.Summary != "Shop is down: getaddrinfo ENOTFOUND" || s.Severity != "critical" || s.Origin != "shop.example.net" || s.Component != "Shop" || s.Group != "Web / Berlin" || s.Class != "http" || s.Labels["env"] != "prod" ||
		!s.StartedAt.Equal(now) || len(s.Links) != 1 || s.Links[0].Href != "https://shop.example.net/health" {
		t.Errorf("got %+v", s)
	}
	if kept := fmt.Sprint(s); strings.Contains(kept, "hunter2") || strings.Contains(kept, "jane") || !strings.Contains(kept, "monitor_interval") {
		t.Errorf("a monitor's passwords stay out of the alert: %s", kept)
	}
	if s := parse(t, of(oldTime))[0]; s.Action != alert.Resolve || !s.StartedAt.Equal(now) || s.Origin != "db-1" || s.Summary != "Test is up" {
		t.Errorf("got %+v", s)
	}
}

func TestMessagesWithoutAHeartbeat(t *testing.T) {
	if s := parse(t, of(test))[0]; s.DedupKey != "test" || s.Severity != "info" || s.Summary != "Allclear Testing" || s.Action != alert.Trigger {
		t.Errorf("test: %+v", s)
	}
	a, b := parse(t, of(expiry14))[0], parse(t, of(expiry7))[0]
	if a.DedupKey != b.DedupKey || a.Severity != "warning" || a.Component != "Shop" || a.Class != "expiry" || len(a.Links) != 1 || a.Links[0].Href != "https://shop.example.net" {
		t.Errorf("got %+v and %q", a, b.DedupKey)
	}
	if c := parse(t, of(strings.Replace(expiry7, "will expire in 7 days", "has expired", 1)))[0]; c.DedupKey != a.DedupKey || c.Severity != "critical" {
		t.Errorf("over: %+v", c)
	}
	if d := parse(t, of(domain))[0]; d.DedupKey == a.DedupKey || d.Severity != "warning" {
		t.Errorf("domain: %+v", d)
	}
	if m := parse(t, of(`{"msg":"something else"}`))[0]; m.DedupKey != "message/something else" || m.Severity != "" {
		t.Errorf("got %+v", m)
	}
}

// A body of one's own may have the message alone: up ends what down began.
func TestMessagesAlone(t *testing.T) {
	down, up := parse(t, of(`{"msg":"[Shop [eu]] [🔴 Down] timeout of 48000ms exceeded"}`)), parse(t, of(`{"msg":"[Shop [eu]] [✅ Up] 200 - OK"}`))
	if len(down) != 1 || down[0].Action != alert.Trigger || down[0].Severity != "critical" || down[0].Summary != "Shop [eu] is down: timeout of 48000ms exceeded" {
		t.Errorf("down: %+v", down)
	}
	if len(up) != 1 || up[0].Action != alert.Resolve || up[0].DedupKey != down[0].DedupKey || up[0].DedupKey != "name/Shop [eu]" {
		t.Errorf("up: %+v", up)
	}
	if s := parse(t, of(`{"msg":"Test [Up] of it"}`)); s[0].DedupKey != "test" {
		t.Errorf("a test: %+v", s)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `{}`: "/heartbeat is needed", `{"heartbeat":null,"msg":null}`: "/heartbeat is needed", `{"heartbeat":{"status":0}}`: "/monitor/id is needed", `{"heartbeat":{},"monitor":{"id":1}}`: "/heartbeat/status is needed",
		`{"heartbeat":{"status":[]},"monitor":{"id":1}}`: "/heartbeat/status is needed", `{"heartbeat":7}`: "/heartbeat is needed",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	for _, in := range []plug.Inbound{{ContentType: "multipart/form-data; boundary=xyz", Body: []byte("--xyz--")}, multipartOf("no JSON"), multipartOf("{")} {
		if _, err := (source{}).Parse(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q: %v", in.Body, err)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, of(fmt.Sprintf(`{"heartbeat":{"status":0,"time":1e300,"msg":%q},"monitor":{"id":%q,"name":%q,"url":"javascript:x","tags":[7,{"name":{}}]}}`, long, long, long)))
	plugtest.CheckReceived(t, plug.Received{Signals: s})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, beatOf("0"), test, expiry14, domain, oldTime, noMonitor, `{"heartbeat":{"status":true},"monitor":{"name":"\u0000","pathName":" / "}}`, `{"msg":"[certificate] expires"}`} {
		f.Add([]byte(s), "application/json")
	}
	in := multipartOf(beatOf("1"))
	f.Add(in.Body, in.ContentType)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := (source{}).Parse(plug.Inbound{Body: body, ID: "made", ContentType: contentType})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
