package generic

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// Payloads in the shapes that Riemann, Grafana OnCall's formatted webhook and
// GoAlert's generic API take.
const (
	riemann = `{"host":"mq-1","service":"queue depth","state":"critical","description":"12000 messages wait","metric":12000}`
	oncall  = `{"alert_uid":"7c1f9c1e-1111-2222-3333-444455556666","title":"Checkout is slow","image_url":"https://img.example.net/c.png","state":"alerting","link_to_upstream_details":"https://upstream.example.net/c","message":"p99 is 9 s"}`
	aForm   = `summary=from+a+form&details=more&dedup=f-1`
)

func contentType(s string) http.Header { return http.Header{"Content-Type": {s}} }

func TestContract(t *testing.T) {
	mapping := `{"items":"body.list","summary":"item.s","dedup_key":"string(item.k)"}`
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		{Body: []byte(riemann)},
		{Body: []byte(oncall)},
		{Body: []byte(`{"message":"only this"}`)},
		{Body: []byte(aForm), ContentType: "application/x-www-form-urlencoded; charset=utf-8", Header: contentType("x")},
		{Body: []byte(riemann), ContentType: "application/x-www-form-urlencoded"}, // what curl -d says of JSON
		{Body: []byte(`[{"title":"one"},{"title":"two"}]`)},
		{Body: []byte(`{"list":[{"s":"one","k":1},{"s":"two","k":2}]}`), Mapping: mapping},
	}})
}

func parse(t *testing.T, body, mapping string) []alert.Signal {
	t.Helper()
	got, err := (&source{}).Parse(plug.Inbound{Body: []byte(body), Mapping: mapping, ID: "made"})
	if err != nil {
		t.Fatalf("%s: %v %+v", body, err, details(err))
	}
	return got.Signals
}

func details(err error) []fault.Detail {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Details
	}
	return nil
}

func TestCommonNames(t *testing.T) {
	for body, want := range map[string]alert.Signal{
		riemann: {Action: alert.Trigger, DedupKey: "mq-1/queue depth", Summary: "12000 messages wait", Origin: "mq-1", Component: "queue depth"},
		strings.Replace(riemann, "critical", "ok", 1): {Action: alert.Resolve, DedupKey: "mq-1/queue depth", Summary: "12000 messages wait", Origin: "mq-1", Component: "queue depth"},
		oncall:                       {Action: alert.Trigger, DedupKey: "7c1f9c1e-1111-2222-3333-444455556666", Summary: "Checkout is slow"},
		`{"message":"only this"}`:    {Action: alert.Trigger, DedupKey: "made", Summary: "only this"},
		`{"message":"m","host":"h"}`: {Action: alert.Trigger, DedupKey: "made", Summary: "m", Origin: "h"},
		`{"subject":"s","Dedup-Key":"k","Level":"WARN","status":"Acknowledged"}`:            {Action: alert.Acknowledge, DedupKey: "k", Summary: "s", Severity: "warning"},
		`{"title":"t","priority":1,"id":42,"timestamp":1772420645}`:                         {Action: alert.Trigger, DedupKey: "42", Summary: "t", Severity: "critical", StartedAt: time.Unix(1772420645, 0).UTC()},
		`{"event":{"title":"t","id":"e"},"severity":"high"}`:                                {Action: alert.Trigger, DedupKey: "e", Summary: "t", Severity: "error"},
		`{"title":"t","alertname":"Rule","instance":"i","time":"2026-03-02T03:04:05+0100"}`: {Action: alert.Trigger, DedupKey: "i/Rule", Summary: "t", Origin: "i", StartedAt: time.Date(2026, 3, 2, 2, 4, 5, 0, time.UTC)},
		`{"title":"t","id":"x","resolved":true}`:                                            {Action: alert.Resolve, DedupKey: "x", Summary: "t"},
		`{"title":"t","id":"x","resolved":false,"timestamp":"garbage"}`:                     {Action: alert.Trigger, DedupKey: "x", Summary: "t"},
		`{"summary":5,"id":1.5}`:                                                            {Action: alert.Trigger, DedupKey: "1.5", Summary: "5"},
	} {
		got := parse(t, body, "")
		if len(got) != 1 {
			t.Errorf("%s: %d signals", body, len(got))
			continue
		}
		s := got[0]
		if s.Action != want.Action || s.DedupKey != want.DedupKey || s.Summary != want.Summary || s.Severity != want.Severity && want.Severity != "" ||
			s.Origin != want.Origin || s.Component != want.Component || !s.StartedAt.Equal(want.StartedAt) {
			t.Errorf("%s: got %+v", body, s)
		}
	}
	s := parse(t, oncall, "")[0]
	if len(s.Links) != 1 || s.Links[0].Href != "https://upstream.example.net/c" || len(s.Images) != 1 || s.Details == nil {
		t.Errorf("got %+v", s)
	}
}

// A start that is the same each time would make what comes back pass for the past.
func TestNoStart(t *testing.T) {
	for _, body := range []string{`{"title":"x","date":"2026-03-02"}`, `{"title":"x","created_at":"2026-03-01T03:04:05Z"}`, `{"title":"x","time":"03:04:05"}`} {
		if s := parse(t, body, "")[0]; !s.StartedAt.IsZero() {
			t.Errorf("%s: %v", body, s.StartedAt)
		}
	}
	if s := parse(t, `{"title":"x","date":"2026-03-02T03:04:05Z"}`, "")[0]; s.StartedAt.IsZero() {
		t.Errorf("%+v", s)
	}
}

// A summary never becomes a key (INV-I3), and keys that are too long stay
// distinct (B24).
func TestKeys(t *testing.T) {
	two := parse(t, `[{"message":"same"},{"message":"same"}]`, "")
	if two[0].DedupKey != "made/0" || two[1].DedupKey != "made/1" {
		t.Errorf("got %q and %q", two[0].DedupKey, two[1].DedupKey)
	}
	long := strings.Repeat("k", 300)
	a, b := parse(t, `{"title":"t","id":"`+long+`a"}`, "")[0].DedupKey, parse(t, `{"title":"t","id":"`+long+`b"}`, "")[0].DedupKey
	if a == b || len(a) > plug.MaxDedup {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestMapping(t *testing.T) {
	mapping := `{
		"items": "filter(body.alerts, .kind != 'noise')",
		"when": "item?.skip != true",
		"summary": "item.what + ' on ' + (item.host ?? 'nowhere')",
		"severity": "item.level > 3 ? 'critical' : 'info'",
		"dedup_key": "item.id",
		"group": "join(map(item.tags ?? [], upper(#)), ',')",
		"class": "header['x-kind'] + query.k",
		"action": "item.state matches '^(done|gone)$' ? 'resolve' : 'trigger'",
		"started_at": "item.at",
		"link": "'https://x.example.net/' + string(item.id)",
		"details": "{level: item.level}"
	}`
	in := plug.Inbound{
		Mapping: mapping, ID: "made", Header: http.Header{"X-Kind": {"a"}, "Authorization": {"Bearer zzzz"}}, Query: map[string][]string{"k": {"b"}},
		Body: []byte(`{"alerts":[{"what":"leak","host":"h","level":4,"id":12345678901234567,"tags":["p","q"],"at":1772420645123},{"kind":"noise"},{"skip":true},{"what":"dust","level":1,"id":"d","state":"gone"}]}`),
	}
	got, err := (&source{}).Parse(in)
	if err != nil || len(got.Signals) != 2 {
		t.Fatalf("got %+v %v", got, err)
	}
	a, b := got.Signals[0], got.Signals[1]
	doc, _ := json.Marshal(a.Details)
	if a.Summary != "leak on h" || a.Severity != "critical" || a.DedupKey != "12345678901234567" || a.Group != "P,Q" || a.Class != "ab" || a.Action != alert.Trigger ||
		!a.StartedAt.Equal(time.UnixMilli(1772420645123)) || a.Links[0].Href != "https://x.example.net/12345678901234567" || string(doc) != `{"level":4}` {
		t.Errorf("got %+v %s", a, doc)
	}
	if b.Summary != "dust on nowhere" || b.Action != alert.Resolve || b.Severity != "info" {
		t.Errorf("got %+v", b)
	}
}

// What a mapping cannot do is done by the common names: an event is not lost
// to a setting, or to a payload that changed its shape.
func TestMappingThatFails(t *testing.T) {
	for mapping, want := range map[string]string{
		`{"summary":"body.no.such.thing"}`: "title",
		`{"summary":"body.list"}`:          "title",
		`{"items":"body.title"}`:           "title",
		`{"items":"body.nothing"}`:         "title",
		`{"when":"body.list"}`:             "title",
		`{"when":"body.no.such"}`:          "title",
		`{"details":"{x: 1 / 0}"}`:         "title",
		`{"summary":"int(body.title)"}`:    "title",
		`broken`:                           "title",
	} {
		got := parse(t, `{"title":"title","list":[1]}`, mapping)
		if len(got) != 1 || got[0].Summary != want {
			t.Errorf("%s: got %+v", mapping, got)
			continue
		}
		if _, err := json.Marshal(got[0]); err != nil {
			t.Errorf("%s: %v", mapping, err)
		}
	}
	if got := parse(t, `{"something":"new"}`, `{"summary":"body.title"}`); len(got) != 1 || got[0].Summary == "" {
		t.Errorf("a payload without what the mapping names: %+v", got)
	}
}

func TestTestMapping(t *testing.T) {
	s := &source{}
	trial, err := s.TestMapping(`{"items":"body.l","when":"item.n > 1","summary":"item.x.y"}`, []byte(`{"l":[{"n":1},{"n":2,"title":"T"}]}`))
	if err != nil || trial.Skipped != 1 || len(trial.Signals) != 1 || trial.Signals[0].Summary != "T" || trial.Signals[0].DedupKey != "generated/1" {
		t.Errorf("got %+v %v", trial, err)
	}
	if len(trial.Notes) != 2 || trial.Notes[0].Where != "/1/summary" {
		t.Errorf("notes %+v", trial.Notes)
	}
	if _, err := s.TestMapping(`{"summary":"x("}`, []byte(`{}`)); !fault.Is(err, fault.Invalid) || details(err)[0].Where != "/summary" {
		t.Errorf("got %v", err)
	}
	if _, err := s.TestMapping("", make([]byte, plug.MaxBody+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v", err)
	}
	if trial, err := s.TestMapping("", []byte(riemann)); err != nil || len(trial.Signals) != 1 {
		t.Errorf("common names: %+v %v", trial, err)
	}
}

func TestCheckMapping(t *testing.T) {
	s := &source{}
	for _, good := range []string{"", " ", `{}`, `{"summary":""}`, `{"summary":"body.title","when":"any(body.tags, # == 'x')"}`, `{"severity":"{'1': 'critical'}[string(body.p)] ?? 'info'"}`, `{"summary":"split(body.x, ':')[0]"}`, `{"summary":"body.a?.b ?? 'none'"}`} {
		if err := s.CheckMapping(good); err != nil {
			t.Errorf("%s: %v %+v", good, err, details(err))
		}
	}
	for bad, want := range map[string]string{
		`[]`: "must be a JSON object", `null`: "must be a JSON object", `{"summary":1}`: "must be a JSON object", `{} {}`: "after the object", `{"sumary":"1"}`: "is not a field",
		`{"summary":"body.("}`: "expected name", `{"summary":"nope.x"}`: "unknown name nope", `{"summary":"let a = body.x; a + a"}`: "let is not", `{"summary":"1..9"}`: "a range is not",
		`{"summary":"repeat('x', 9)"}`: "repeat is not", `{"summary":"now()"}`: "now is not", `{"summary":"replace(body.x, '', body.x)"}`: "replace is not", `{"summary":"reduce(body.a, #acc + #)"}`: "reduce is not",
		`{"summary":"all(body.a, all(#, true))"}`: "a loop cannot", `{"summary":"any(body.a, # == body.b)"}`: "inside a loop only", `{"summary":"map(body.a, # + 'x')"}`: "inside a loop +", `{"summary":"map(body.a, string(#))"}`: "inside a loop string",
		`{"summary":"body.x matches body.y"}`: "matches needs", `{"summary":"body.x matches '` + strings.Repeat("a", 300) + `'"}`: "matches needs", `{"summary":"body.x matches '('"}`: "error parsing regexp",
		`{"summary":"join(body.a, body.b)"}`: "join needs", `{"summary":"join(split(join(body.a), ''))"}`: "may be used once", `{"summary":"` + strings.Repeat("1+", 600) + `1"}`: "is too long",
		`{"summary":"` + strings.Repeat("-", 200) + `1"}`: "", `{"summary":"` + strings.Repeat("x", maxMapping) + `"}`: "is too long", `{"summary":"body.f()"}`: "is not a function", `{"summary":"item.x = 1"}`: "",
	} {
		err := s.CheckMapping(bad)
		if d := details(err); !fault.Is(err, fault.Invalid) || len(d) == 0 || !strings.Contains(d[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", bad, err, d, want)
		}
	}
}

// The dearest mapping and payload that are let in stay cheap.
func TestTheWorstStaysCheap(t *testing.T) {
	regex := strings.TrimSuffix(strings.Repeat(`body.s matches '(x+x+)+y' or `, 8), " or ")
	m := map[string]string{"items": "body.list"}
	for _, f := range fields[1:] {
		m[f] = regex
	}
	mapping, _ := json.Marshal(m)
	body := `{"s":"` + strings.Repeat("x", 200_000) + `","list":[` + strings.TrimSuffix(strings.Repeat(`{"title":"t"},`, 900), ",") + `]}`
	start := time.Now()
	trial, err := (&source{}).TestMapping(string(mapping), []byte(body))
	took := time.Since(start)
	if err != nil || len(trial.Signals) == 0 {
		t.Fatalf("got %d signals, %v", len(trial.Signals), err)
	}
	if took > 10*time.Second { // a minute without the bound; seconds under the race detector
		t.Errorf("took %v", took)
	}
	if len(trial.Notes) == 0 || !strings.Contains(trial.Notes[0].What, "too large for this mapping") {
		t.Errorf("notes %+v", trial.Notes[:min(3, len(trial.Notes))])
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{
		``: "", ` `: "", `7`: "must be a JSON object", `{}`: "nothing to call it by", `[]`: "empty list", `[1]`: "nothing to call it by", `{"foo":1}`: "nothing to call it by",
		`{"status":"ok","message":"fine"}`: "says resolve and not of what", `{"title":"x"`: "the document ends", `{"a":` + strings.Repeat("[", 70): "deeper",
		`[` + strings.Repeat(`{"title":"x"},`, maxEvents) + `{}]`: "more than 1000 events", `[` + strings.Repeat(`0,`, maxValues) + `0]`: "too many values",
	} {
		_, err := (&source{}).Parse(plug.Inbound{Body: []byte(body)})
		d := details(err)
		if !fault.Is(err, fault.Invalid) || want != "" && (len(d) == 0 || !strings.Contains(d[0].What, want)) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, d, want)
		}
	}
	got, err := (&source{}).Parse(plug.Inbound{Body: []byte(`[{"title":"good"},{"foo":1}]`), ID: "made"})
	if err != nil || len(got.Signals) != 1 || len(got.Refused) != 1 || got.Refused[0].Where != "/1" {
		t.Errorf("got %+v %v", got, err)
	}
	if _, err := (&source{}).Parse(plug.Inbound{Body: []byte("a=%zz"), ContentType: "application/x-www-form-urlencoded"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("bad form: %v", err)
	}
}
