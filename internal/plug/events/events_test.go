package events

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// fromAlertmanager is the shape in which Alertmanager's own pagerduty_configs
// send: no timestamp, details as text.
const fromAlertmanager = `{"routing_key":"abc","dedup_key":"5f0c3e","event_action":"trigger","payload":{"summary":"[FIRING:1] (QueueFull mq)","source":"Alertmanager","severity":"error","custom_details":{"firing":"Labels:\n - alertname = QueueFull\n","num_firing":"1"}},"client":"Alertmanager","client_url":"http://am.example.net/#/alerts?receiver=pd"}`

const aChange = `{"routing_key":"abc","payload":{"summary":"deploy 12","timestamp":"2026-03-02T01:00:00.250+0000","source":"ci-7","custom_details":{"state":"passed"}},"links":[{"href":"https://ci.example.net/12","text":"Build"}],"images":[{"src":"https://img.example.net/a.png","href":"https://example.net","alt":"chart"}]}`

const anImage = `{"routing_key":"abc","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"info"},"images":[{"src":"https://img.example.net/a.png","href":"https://example.net","alt":"chart"},{"src":"javascript:x"}],"links":[{"href":"javascript:alert(1)","text":"no"},{"href":"https://ok.example.net"}]}`

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Calls: []plug.Inbound{
		{Body: []byte(sample), KeyInBody: true},
		{Body: []byte(fromAlertmanager), KeyInBody: true},
		{Body: []byte(anImage), KeyInBody: true},
		{Body: []byte(aChange), Endpoint: Change, KeyInBody: true},
		{Body: []byte(`{"event_action":"resolve","dedup_key":"k"}`)}, // a simulation has no keys
		{Body: []byte(`{"routing_key":"abc","event_action":"acknowledge","dedup_key":"k","payload":{"summary":"","source":"","severity":""}}`), KeyInBody: true},
	}})
}

func parse(t *testing.T, endpoint, body string) plug.Received {
	t.Helper()
	got, err := (source{}).Parse(plug.Inbound{Endpoint: endpoint, Body: []byte(body), KeyInBody: true, ID: "made"})
	if err != nil {
		t.Fatalf("%v: %+v", err, err)
	}
	return got
}

func TestEverythingIsKept(t *testing.T) {
	got := parse(t, "", sample)
	want := alert.Signal{
		Source: "events", Action: alert.Trigger, DedupKey: "db-7/replication", Summary: "replication lag above 30 s on db-7", Severity: "critical",
		Origin: "db-7.example.net", Component: "postgres", Group: "prod", Class: "replication",
		Details: json.RawMessage(`{"lag":"41 s","limit":30.5,"replicas":["a","b"]}`),
		Links:   []alert.Link{{Href: "https://runbook.example.net/lag", Text: "Runbook"}},
		Client:  "Probe", ClientURL: "https://probe.example.net/7", StartedAt: time.Date(2026, 3, 2, 3, 4, 5, 315e6, time.UTC),
	}
	if got.Key != "0123456789abcdef0123456789abcdef" || len(got.Signals) != 1 || !reflect.DeepEqual(got.Signals[0], want) {
		t.Errorf("got %q %+v\nwant %+v", got.Key, got.Signals, want)
	}
	if got.Reply.Status != 202 || string(got.Reply.Body) != `{"status":"success","message":"Event processed","dedup_key":"db-7/replication"}` {
		t.Errorf("answer %d %s", got.Reply.Status, got.Reply.Body)
	}
	s := parse(t, "", anImage).Signals[0]
	if !reflect.DeepEqual(s.Images, []alert.Image{{Src: "https://img.example.net/a.png", Href: "https://example.net", Alt: "chart"}}) || !reflect.DeepEqual(s.Links, []alert.Link{{Href: "https://ok.example.net"}}) || s.DedupKey != "made" {
		t.Errorf("got %+v", s)
	}
	c := parse(t, Change, aChange)
	if len(c.Changes) != 1 || len(c.Signals) != 0 || c.Changes[0].Summary != "deploy 12" || c.Changes[0].Origin != "ci-7" || !c.Changes[0].At.Equal(time.Date(2026, 3, 2, 1, 0, 0, 25e7, time.UTC)) || len(c.Changes[0].Links) != 1 {
		t.Errorf("got %+v", c)
	}
}

func TestTextsAreCut(t *testing.T) {
	long := strings.Repeat("ü", 2000)
	s := parse(t, "", `{"routing_key":"k","event_action":"trigger","dedup_key":"`+long[:2*255]+`","payload":{"summary":"`+long+`","source":"`+long+`","severity":"info"}}`).Signals[0]
	if n := len([]rune(s.Summary)); n != 1024 {
		t.Errorf("summary has %d characters", n)
	}
	if n := len([]rune(s.DedupKey)); n != 255 {
		t.Errorf("key has %d characters", n)
	}
	if s = parse(t, "", `{"routing_key":"k","event_action":"trigger","dedup_key":" ","payload":{"summary":"a\nb","source":"x","severity":"info","timestamp":"0001-01-01T00:00:00Z"}}`).Signals[0]; s.DedupKey != "made" || s.Summary != "a b" || !s.StartedAt.IsZero() {
		t.Errorf("got %+v", s)
	}
}

// The reply's key is JSON whatever the key is.
func TestReplyQuotesTheKey(t *testing.T) {
	for _, key := range []string{"plain", `quote"back\slash`, "ü\u2028\n<&>", "tab\t\u007f"} {
		in, _ := json.Marshal(key)
		got := parse(t, "", `{"routing_key":"k","event_action":"resolve","dedup_key":`+string(in)+`}`)
		var back struct {
			Key string `json:"dedup_key"`
		}
		if err := json.Unmarshal(got.Reply.Body, &back); err != nil || back.Key != key {
			t.Errorf("%q: got %s %v", key, got.Reply.Body, err)
		}
	}
}

func TestTheLastOfTwoKeysWins(t *testing.T) {
	s := parse(t, "", `{"routing_key":"k","event_action":"resolve","event_action":"trigger","dedup_key":"a","dedup_key":"b","links":[{"href":"https://a"}],"links":null,"payload":{"summary":"one","source":"s","severity":"info","component":"c"},"payload":{"summary":"two","source":"s","severity":"info"}}`).Signals[0]
	if s.Action != alert.Trigger || s.DedupKey != "b" || s.Summary != "two" || s.Component != "" || s.Links != nil {
		t.Errorf("got %+v", s)
	}
}

// PagerDuty's Python client puts the key into a header and not into the event.
func TestKeyInAHeader(t *testing.T) {
	head := http.Header{"X-Routing-Key": {" k2 "}}
	const rest = `"event_action":"resolve","dedup_key":"a"`
	for body, want := range map[string]string{`{` + rest + `}`: "k2", `{"routing_key":"k1",` + rest + `}`: "k1", `{"routing_key":" ",` + rest + `}`: "k2"} {
		got, err := (source{}).Parse(plug.Inbound{Body: []byte(body), Header: head, KeyInBody: true})
		if err != nil || got.Key != want {
			t.Errorf("%s: %q %v", body, got.Key, err)
		}
	}
	if got, err := (source{}).Parse(plug.Inbound{Body: []byte(`{`), Header: head, KeyInBody: true}); err == nil || got.Key != "k2" {
		t.Errorf("refused by whose key: %q %v", got.Key, err)
	}
}

func TestRefusals(t *testing.T) {
	const good = `"routing_key":"k","event_action":"trigger"`
	for _, c := range []struct {
		endpoint, body string
		want           []string
	}{
		{"", `{}`, []string{"'routing_key' is missing or blank", "'event_action' is missing or blank"}},
		{"", `{` + good + `}`, []string{"'payload' is missing or blank"}},
		{"", `{` + good + `,"payload":null}`, []string{"'payload' is missing or blank"}},
		{"", `{` + good + `,"payload":{}}`, []string{"'payload.summary' is missing or blank", "'payload.source' is missing or blank", "'payload.severity' is missing or blank"}},
		{"", `{` + good + `,"payload":{"summary":" ","source":"s","severity":"Critical"}}`, []string{"'payload.summary' is missing or blank", "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"}},
		{"", `{"routing_key":"k","event_action":"explode"}`, []string{"'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"}},
		{"", `{"routing_key":"k","event_action":"resolve"}`, []string{"'dedup_key' is missing or blank"}},
		{"", `{"routing_key":"k","event_action":"acknowledge","dedup_key":""}`, []string{"'dedup_key' is missing or blank"}},
		{"", `{"routing_key":"k","event_action":"resolve","dedup_key":"` + strings.Repeat("x", 256) + `"}`, []string{"'dedup_key' is too long (maximum is 255 characters)"}},
		{"", `{` + good + `,"dedup_key":7}`, []string{"/dedup_key must be a string, not a number"}},
		{"", `{` + good + `,"payload":"x"}`, []string{"/payload must be an object, not a string"}},
		{"", `{` + good + `,"payload":{"timestamp":"soon"}}`, []string{"/payload/timestamp is not an ISO 8601 time such as 2006-01-02T15:04:05Z"}},
		{"", `{` + good + `,"payload":{"timestamp":1425168000}}`, []string{"/payload/timestamp must be a string, not a number"}},
		{"", `{` + good + `,"links":{"href":"x"}}`, []string{"/links must be an array, not an object"}},
		{"", `{` + good + `,"links":[{"href":1}]}`, []string{"/links/0/href must be a string, not a number"}},
		{"", `{` + good + `,"payload":{"custom_details":{"n":1e999}}}`, []string{"/payload/custom_details/n is a number out of range"}},
		{"", `[]`, []string{"must be an object, not an array"}},
		{"", `null`, []string{"must be an object"}},
		{"", ``, []string{"want an object, but the document ends"}},
		{Change, `{"routing_key":"k"}`, []string{"'payload' is missing or blank"}},
		{Change, `{"payload":{"source":"x"}}`, []string{"'routing_key' is missing or blank", "'payload.summary' is missing or blank"}},
	} {
		_, err := (source{}).Parse(plug.Inbound{Endpoint: c.endpoint, Body: []byte(c.body), KeyInBody: true})
		var got struct {
			Status, Message string
			Errors          []string
		}
		r := (source{}).Refuse(err)
		if jsonErr := json.Unmarshal(r.Body, &got); jsonErr != nil {
			t.Fatal(jsonErr)
		}
		if !fault.Is(err, fault.Invalid) || r.Status != 400 || got.Status != "invalid event" || got.Message != "Event object is invalid" || !reflect.DeepEqual(got.Errors, c.want) {
			t.Errorf("%.120s: %v, %d %s, want %q", c.body, err, r.Status, r.Body, c.want)
		}
	}
}

// A key of the sender is known also when the rest of the event is no use, so
// that the payload can be kept for its owner.
func TestKeyOfARefusedEvent(t *testing.T) {
	got, err := (source{}).Parse(plug.Inbound{Body: []byte(`{"routing_key":"k","event_action":"trigger","payload":{"severity":7}}`), KeyInBody: true})
	if err == nil || got.Key != "k" {
		t.Errorf("got %q %v", got.Key, err)
	}
}

func TestRefusalsOfOtherKinds(t *testing.T) {
	for kind, want := range map[fault.Kind]int{fault.TooLarge: 413, fault.Busy: 429, fault.Unavailable: 503, fault.Internal: 500, fault.NotFound: 400} {
		if r := (source{}).Refuse(fault.New(kind, "why")); r.Status != want || !json.Valid(r.Body) {
			t.Errorf("%s: got %d %s", kind, r.Status, r.Body)
		}
	}
	if r := (source{}).Refuse(errors.New("a secret of the store")); r.Status != 500 || strings.Contains(string(r.Body), "secret") {
		t.Errorf("got %d %s", r.Status, r.Body)
	}
}

func FuzzEvents(f *testing.F) {
	for _, s := range []string{sample, fromAlertmanager, anImage, aChange, `{"event_action":"resolve","dedup_key":"\u0000\ud800"}`, `{"payload":{"timestamp":"0000-00-00"},"links":[null,{}]}`} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, change bool) {
		in := plug.Inbound{Body: body, ID: "made", Now: time.Unix(1e9, 0).UTC()}
		if change {
			in.Endpoint = Change
		}
		got, err := (source{}).Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || (source{}).Refuse(err).Status != 400 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
		if !json.Valid(got.Reply.Body) {
			t.Fatalf("answer %s", got.Reply.Body)
		}
	})
}
