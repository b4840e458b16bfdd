package nagios

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

// service and host are what the documented Nagios commands post.
func service(kind, state string) plug.Inbound {
	return post("NOTIFICATIONTYPE", kind, "HOSTNAME", "db-1", "HOSTALIAS", "Database 1", "HOSTADDRESS", "203.0.113.7", "HOSTSTATE", "UP", "HOSTOUTPUT", "PING OK", "HOSTGROUPNAMES", "databases,berlin", "SERVICEDESC", "Disk /", "SERVICESTATE", state, "SERVICEOUTPUT", "free space: 1 %",
		"LONGSERVICEOUTPUT", "", "SERVICENOTESURL", "https://runbook.example.net/disk", "NOTIFICATIONAUTHOR", "jane", "NOTIFICATIONCOMMENT", "on it", "LONGDATETIME", "Mon Mar 2 03:04:05 UTC 2026")
}

func host(kind, state string) plug.Inbound {
	return post("NOTIFICATIONTYPE", kind, "HOSTNAME", "db-1", "HOSTALIAS", "Database 1", "HOSTADDRESS", "203.0.113.7", "HOSTSTATE", state, "HOSTOUTPUT", "100% packet loss", "SERVICEDESC", "$SERVICEDESC$", "SERVICESTATE", "", "TIMET", "1772420645")
}

func post(pairs ...string) plug.Inbound {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return plug.Inbound{Body: []byte(v.Encode()), ContentType: "application/x-www-form-urlencoded"}
}

// icinga is what the documented Icinga 2 command posts.
func icinga(kind, state string) plug.Inbound {
	in := post("notification.type", kind, "notification.author", "", "notification.comment", "", "host.name", "db-1", "host.display_name", "Database 1", "host.address", "203.0.113.7", "host.state", "UP", "service.name", "disk", "service.display_name", "Disk /", "service.state", state, "service.output", "free space: 1 %", "icinga.long_date_time", "2026-03-02 04:04:05 +0100")
	return in
}

const (
	nested   = `{"notification":{"type":"PROBLEM"},"host":{"name":"db-1","state":"UP","groups":["databases"]},"service":{"name":"disk","state":2,"output":"full"}}`
	prefixed = `{"NAGIOS_NOTIFICATIONTYPE":"PROBLEM","NAGIOS_HOSTNAME":"db-1","NAGIOS_SERVICEDESC":"Disk /","NAGIOS_SERVICESTATE":"WARNING","NAGIOS_TIMET":"1772420645"}`
)

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		service("PROBLEM", "CRITICAL"), service("RECOVERY", "OK"), service("ACKNOWLEDGEMENT", "CRITICAL"), host("PROBLEM", "DOWN"), host("RECOVERY", "UP"), icinga("PROBLEM", "CRITICAL"), icinga("RECOVERY", "OK"), {Body: []byte(nested)}, {Body: []byte(prefixed)},
	}})
}

func parse(t *testing.T, in plug.Inbound) []alert.Signal {
	t.Helper()
	in.Now, in.ID = now, "made"
	got, err := (source{}).Parse(in)
	if err != nil {
		t.Fatalf("%s: %v", in.Body, err)
	}
	return got.Signals
}

func TestKindsOfNotification(t *testing.T) {
	for kind, c := range map[string]struct{ bad, good alert.Action }{
		"PROBLEM": {alert.Trigger, alert.Resolve}, "RECOVERY": {alert.Resolve, alert.Resolve}, "ACKNOWLEDGEMENT": {alert.Acknowledge, alert.Acknowledge}, "FLAPPINGSTART": {alert.Trigger, alert.Trigger}, "FLAPPINGSTOP": {alert.Trigger, alert.Resolve},
		"FLAPPINGEND": {alert.Trigger, alert.Resolve}, "FLAPPINGDISABLED": {alert.Trigger, alert.Resolve}, "DOWNTIMESTART": {}, "DOWNTIMEEND": {}, "DOWNTIMECANCELLED": {}, "DOWNTIMEREMOVED": {}, "CUSTOM": {alert.Trigger, alert.Trigger}, "SOMETHING": {alert.Trigger, alert.Resolve},
		"Acknowledgement": {alert.Acknowledge, alert.Acknowledge}, "Flapping_Start": {alert.Trigger, alert.Trigger}, "": {alert.Trigger, alert.Resolve},
	} {
		for state, want := range map[string]alert.Action{"CRITICAL": c.bad, "OK": c.good} {
			for key, in := range map[string]plug.Inbound{"service/db-1/Disk /": service(kind, state), "service/db-1/disk": icinga(kind, state)} {
				got := parse(t, in)
				if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0].Action != want) {
					t.Errorf("%s %s: %+v, want %s", kind, state, got, want)
				}
				if len(got) == 1 && got[0].DedupKey != key && (kind != "CUSTOM" || state != "OK" || !strings.HasPrefix(got[0].DedupKey, "custom/")) {
					t.Errorf("%s %s: key %q, want %q", kind, state, got[0].DedupKey, key)
				}
			}
		}
	}
}

func TestHostsAreNotTheirServices(t *testing.T) {
	down, up, disk := parse(t, host("PROBLEM", "DOWN"))[0], parse(t, host("RECOVERY", "UP"))[0], parse(t, service("PROBLEM", "CRITICAL"))[0]
	if down.DedupKey != "host/db-1" || up.DedupKey != down.DedupKey || disk.DedupKey == down.DedupKey || up.Action != alert.Resolve || down.Action != alert.Trigger {
		t.Errorf("%+v %+v %+v", down, up, disk)
	}
	if down.Summary != "db-1 is DOWN: 100% packet loss" || down.Severity != "critical" || down.Component != "" || !down.StartedAt.Equal(now) {
		t.Errorf("got %+v", down)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	s := parse(t, service("PROBLEM", "CRITICAL"))[0]
	if s.Summary != "Disk / on db-1 is CRITICAL: free space: 1 %" || s.Origin != "db-1" || s.Component != "Disk /" || s.Group != "databases" || s.Labels["hostgroups"] != "databases, berlin" || s.Labels["address"] != "203.0.113.7" || s.Labels["author"] != "jane" ||
		!s.StartedAt.Equal(now) || len(s.Links) != 1 || s.Links[0].Text != "Runbook" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, icinga("PROBLEM", "CRITICAL"))[0]; s.Summary != "disk on db-1 is CRITICAL: free space: 1 %" || !s.StartedAt.Equal(now) || s.Labels["alias"] != "Database 1" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, plug.Inbound{Body: []byte(nested)})[0]; s.DedupKey != "service/db-1/disk" || s.Severity != "critical" || s.Group != "databases" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, plug.Inbound{Body: []byte(prefixed)})[0]; s.DedupKey != "service/db-1/Disk /" || s.Severity != "warning" || !s.StartedAt.Equal(now) {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, service("FLAPPINGSTART", "OK"))[0]; s.Severity != "warning" || !strings.HasPrefix(s.Summary, "Disk / on db-1 is flapping") {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, service("CUSTOM", "OK"))[0]; s.Severity != "info" || !strings.HasSuffix(s.Summary, ": on it") {
		t.Errorf("got %+v", s)
	}
	for _, at := range []string{"Mon Mar 2 04:04:05 CET 2026", "Mon Mar 2 04:04:05 CST 2026", "soon"} {
		in := service("PROBLEM", "CRITICAL")
		in.Body = []byte(strings.Replace(string(in.Body), url.QueryEscape("Mon Mar 2 03:04:05 UTC 2026"), url.QueryEscape(at), 1))
		if s := parse(t, in)[0]; !s.StartedAt.IsZero() {
			t.Errorf("%s: a zone by letters is no instant, got %v", at, s.StartedAt)
		}
	}
}

func TestSeverity(t *testing.T) {
	for state, want := range map[string]string{"CRITICAL": "critical", "WARNING": "warning", "UNKNOWN": "", "critical": "critical", "2": "critical", "1": "warning", "3": "", "odd": "", "CRIT": "critical", "WARN": "warning", "UNKN": ""} {
		if got := parse(t, service("PROBLEM", state))[0].Severity; got != want {
			t.Errorf("service %s: %q, want %q", state, got, want)
		}
	}
	for state, want := range map[string]string{"DOWN": "critical", "UNREACHABLE": "error", "UNREACH": "error", "1": "critical", "2": "error"} {
		if got := parse(t, host("PROBLEM", state))[0].Severity; got != want {
			t.Errorf("host %s: %q, want %q", state, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `{}`: "/HOSTNAME is needed", `{"HOSTNAME":"$HOSTNAME$","NOTIFICATIONTYPE":"PROBLEM"}`: "/HOSTNAME is needed", `{"HOSTNAME":"a"}`: "/NOTIFICATIONTYPE is needed",
		`{"HOSTNAME":["a"],"HOSTSTATE":"UP"}`: "/HOSTNAME is needed", `{"HOSTNAME":"a","HOSTSTATE":{}}`: "/NOTIFICATIONTYPE is needed",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body)})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, plug.Inbound{Body: []byte(fmt.Sprintf(`{"HOSTNAME":%q,"SERVICEDESC":%q,"SERVICESTATE":%q,"SERVICEOUTPUT":%q,"TIMET":1e300,"SERVICENOTESURL":"javascript:x"}`, long, long, long, long))})
	plugtest.CheckReceived(t, plug.Received{Signals: s})
}

// An event handler has a state and no kind of notification.
func TestAnEventHandler(t *testing.T) {
	up, over := parse(t, plug.Inbound{Body: []byte(`{"current_state":"CRITICAL","host":"db-1","service":"Disk /","source":"nagios"}`)}), parse(t, plug.Inbound{Body: []byte(`{"current_state":"OK","host":"db-1","service":"Disk /","source":"nagios"}`)})
	if len(up) != 1 || len(over) != 1 || up[0].Action != alert.Trigger || over[0].Action != alert.Resolve || up[0].DedupKey != over[0].DedupKey || up[0].Severity != "critical" {
		t.Errorf("got %+v %+v", up, over)
	}
}

// The environment of a command of Checkmk, and a date that is a day: it is no start,
// or the second problem of a day would pass for the first.
func TestTheEnvironmentOfACommand(t *testing.T) {
	got := parse(t, plug.Inbound{Body: []byte(`{"NOTIFY_WHAT":"SERVICE","NOTIFY_NOTIFICATIONTYPE":"PROBLEM","NOTIFY_HOSTNAME":"db-1","NOTIFY_SERVICEDESC":"CPU load","NOTIFY_SERVICESTATE":"CRITICAL","NOTIFY_SERVICEOUTPUT":"load 40","NOTIFY_DATE":"2026-03-02"}`)})
	if len(got) != 1 || got[0].DedupKey != "service/db-1/CPU load" || got[0].Severity != "critical" || got[0].Summary != "CPU load on db-1 is CRITICAL: load 40" || !got[0].StartedAt.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, nested, prefixed, string(service("PROBLEM", "CRITICAL").Body), string(icinga("RECOVERY", "OK").Body), `{"host":{"name":"\u0000"},"type":"("}`, "HOSTNAME=%00%ff&HOSTSTATE=9"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, form bool) {
		in := plug.Inbound{Body: body, ID: "made"}
		if form {
			in.ContentType = "application/x-www-form-urlencoded"
		}
		got, err := (source{}).Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
