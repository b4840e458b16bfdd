package pingdom

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

func check(from, to string) string {
	return `{"check_id":12345,"check_name":"Shop","check_type":"HTTP","check_params":{"basic_auth":false,"encryption":true,"full_url":"https://shop.example.net/health","header":"User-Agent:x","hostname":"shop.example.net","ipv6":false,"port":443,"url":"/health"},"tags":["shop","env:prod"],"previous_state":"` +
		from + `","current_state":"` + to + `","importance_level":"HIGH","state_changed_timestamp":1772420645,"state_changed_utc_time":"2026-03-02T03:04:05","long_description":"HTTP Server Error 503 Service Unavailable","description":"HTTP Error 503","first_probe":{"ip":"203.0.113.4","ipv6":"","location":"Stockholm"},"second_probe":{},"version":1}`
}

func transactionCheck(from, to string) string {
	return `{"check_id":77,"check_name":"Log in and buy","check_type":"TRANSACTION","check_params":{"kitchen":"stable-us","steps":[{"fn":"go_to","args":{"url":"https://shop.example.net"}}]},"tags":[],"previous_state":"` + from + `","current_state":"` + to +
		`","state_changed_timestamp":1772420645,"state_changed_utc_time":"2026-03-02T03:04:05","long_description":"Element not found","description":"Failed at step 2","custom_message":"call the shop team"}`
}

const (
	dns     = `{"check_id":"9","check_name":"Zone","check_type":"DNS","check_params":{"basic_auth":false,"encryption":false,"expected_ip":"203.0.113.1","hostname":"example.net","ipv6":false,"nameserver":"ns.example.net"},"tags":null,"previous_state":"UP","current_state":"DOWN","importance_level":"LOW","state_changed_utc_time":"2026-03-02T03:04:05","description":"no answer","first_probe":null}`
	minimal = `{"check_name":"Mail","current_state":"down"}`
)

func TestContract(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{check("UP", "DOWN"), check("DOWN", "UP"), transactionCheck("SUCCESS", "FAILING"), transactionCheck("FAILING", "SUCCESS"), dns, minimal} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: calls})
}

func parse(t *testing.T, body string) alert.Signal {
	t.Helper()
	return plugtest.One(t, source{}, plug.Inbound{Body: []byte(body), Now: now, ID: "made"})
}

// DET-STACK-PINGDOM, INT-PINGDOM (the webhook): UP to DOWN opens, DOWN to UP
// resolves the same alert; so for SUCCESS and FAILING of a transaction.
func TestDownAndUpMeet(t *testing.T) {
	down, up := parse(t, check("UP", "DOWN")), parse(t, check("DOWN", "UP"))
	if down.Action != alert.Trigger || up.Action != alert.Resolve || down.DedupKey != "check/12345" || up.DedupKey != down.DedupKey {
		t.Errorf("%s %q and %s %q", down.Action, down.DedupKey, up.Action, up.DedupKey)
	}
	failing, success := parse(t, transactionCheck("SUCCESS", "FAILING")), parse(t, transactionCheck("FAILING", "SUCCESS"))
	if failing.Action != alert.Trigger || success.Action != alert.Resolve || failing.DedupKey != "check/77" || success.DedupKey != failing.DedupKey {
		t.Errorf("%s %q and %s %q", failing.Action, failing.DedupKey, success.Action, success.DedupKey)
	}
	if s := parse(t, check("UP", "UNCONFIRMED_DOWN")); s.Action != alert.Trigger {
		t.Errorf("a state nobody knows: %s", s.Action)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	s := parse(t, check("UP", "DOWN"))
	if s.Summary != "Shop is DOWN: HTTP Error 503" || s.Severity != "critical" || s.Origin != "shop.example.net" || s.Component != "Shop" || s.Class != "HTTP" || s.Labels["env"] != "prod" || !s.StartedAt.Equal(now) || s.Client != "Pingdom" {
		t.Errorf("got %+v", s)
	}
	if !slices.Equal(s.Links, []alert.Link{{Href: "https://my.pingdom.com/app/reports/uptime#check=12345", Text: "Check"}, {Href: "https://shop.example.net/health", Text: "What is checked"}}) {
		t.Errorf("links %+v", s.Links)
	}
	if s := parse(t, transactionCheck("SUCCESS", "FAILING")); s.Summary != "Log in and buy is FAILING: Failed at step 2" || s.Severity != "critical" || len(s.Links) != 0 {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, dns); s.DedupKey != "check/9" || s.Severity != "warning" || !s.StartedAt.Equal(now) || s.Origin != "example.net" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, minimal); s.DedupKey != "name/Mail" || s.Summary != "Mail is DOWN" || s.Severity != "critical" {
		t.Errorf("got %+v", s)
	}
	if s := parse(t, check("DOWN", "UP")); s.Summary != "Shop is UP" {
		t.Errorf("got %q", s.Summary)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: " want an object", `[]`: " must be an object", `{}`: "/check_id is needed", `{"check_id":{},"current_state":"UP"}`: "/check_id is needed", `{"check_id":1}`: "/current_state is needed", `{"check_id":1,"current_state":null}`: "/current_state is needed",
		`{"check_id":1,"current_state":["UP"]}`: "/current_state is needed", `{"check_id":1,"check_name":tru}`: "/check_name want true",
	} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Now: now})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, fmt.Sprintf(`{"check_id":%q,"check_name":%q,"current_state":%q,"check_params":7,"tags":{"a":1},"state_changed_timestamp":-1,"state_changed_utc_time":"soon"}`, long, long, long))
	plugtest.CheckReceived(t, plug.Received{Signals: []alert.Signal{s}})
	if !s.StartedAt.IsZero() {
		t.Errorf("start %v", s.StartedAt)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, check("UP", "DOWN"), transactionCheck("FAILING", "SUCCESS"), dns, minimal, `{"check_id":1e300,"current_state":true,"tags":["\u0000:\ud800",7]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := (source{}).Parse(plug.Inbound{Body: body, ID: "made"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
