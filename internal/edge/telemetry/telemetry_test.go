package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	otlp "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/flow/access"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// kept is a flow that keeps what it is given.
type kept struct {
	samples []metric.Sample
	spans   []metric.Span
	queries []metric.SlowQuery
	as      authz.Actor
	err     error
}

func (k *kept) Push(_ context.Context, all []metric.Sample, _ time.Time) error {
	k.samples = append(k.samples, all...)
	return k.err
}

func (k *kept) PushAs(ctx context.Context, a authz.Actor, all []metric.Sample, at time.Time) error {
	k.as = a
	return k.Push(ctx, all, at)
}

func (k *kept) PushSpans(_ context.Context, all []metric.Span, _ time.Time) error {
	k.spans = append(k.spans, all...)
	return k.err
}

func (k *kept) PushQueries(_ context.Context, _ string, all []metric.SlowQuery, _ time.Time) error {
	k.queries = append(k.queries, all...)
	return k.err
}

type keys map[string]secret.String // of service api

func (k keys) Find(_ context.Context, kind, key string) (*access.Key, error) {
	sec, ok := k[key]
	if !ok || kind != "hooks" && kind != "beacon" || (kind == "beacon") != (key == "page") {
		return nil, fault.New(fault.NotFound, "there is no such key")
	}
	return &access.Key{ID: 7, ServiceID: "api", Secret: sec}, nil
}

func serve(k *kept) http.Handler {
	mux := http.NewServeMux()
	New(Options{
		Metrics: k, Keys: keys{"open": "", "page": "", "closed": "the-secret"}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
		Token: func(_ context.Context, token string, _ time.Time) (authz.Actor, error) {
			if token != "token" {
				return authz.Actor{}, fault.New(fault.Unauthenticated, "the token is not known")
			}
			return authz.Actor{ID: "ci", Role: authz.Responder}, nil
		},
	}).Register(mux)
	return mux
}

func post(t *testing.T, h http.Handler, path, body string, head ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestJSON(t *testing.T) {
	for body, want := range map[string]metric.Sample{
		`{"metric":"queue.depth","value":10001}`:                                                  {Name: "queue_depth", Value: 10001},
		`[{"metric":"m","value":-1.5,"labels":{"a.b":"c"},"at":"2026-03-02T02:59:00Z"}]`:          {Name: "m", Value: -1.5, At: now.Add(-time.Minute)},
		`{"samples":[{"name":"m","value":3,"kind":"count","at":1772420340}]}`:                     {Name: "m", Value: 3, Kind: metric.Count, At: now.Add(-time.Minute)},
		`{"samples":[{"metric":"m","value":3,"kind":"counter","timestamp":1772420340000}],"x":1}`: {Name: "m", Value: 3, Kind: metric.Counter, At: now.Add(-time.Minute)},
	} {
		k := &kept{}
		w := post(t, serve(k), "/metrics/open/json", body)
		if w.Code != http.StatusNoContent || len(k.samples) != 1 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
			continue
		}
		s := k.samples[0]
		if s.Service != "api" || s.Name != want.Name || s.Value != want.Value || s.Kind != want.Kind || !s.At.Equal(want.At) {
			t.Errorf("%s: got %+v", body, s)
		}
	}
	for body, want := range map[string]string{
		``: "", `{}`: "there are no samples", `[]`: "there are no samples", `{"metric":"m","value":"3"}`: "must be a number", `[{"metric":"m","value":1},3]`: "/1",
		`{"metric":"m","value":1,"kind":"sum"}`: "must be gauge, counter or count", `{"metric":"m","value":1,"service":"auth"}`: "counts for api alone", `{"metric":"m","value":1e999}`: "out of range",
	} {
		k := &kept{}
		w := post(t, serve(k), "/metrics/open/json", body)
		if w.Code/100 != 4 || !strings.Contains(w.Body.String(), want) || len(k.samples) != 0 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func writeBody(t *testing.T) string {
	t.Helper()
	ms := now.UnixMilli()
	req := prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
		{Labels: []prompb.Label{{Name: "__name__", Value: "http_requests_total"}, {Name: "code", Value: "200"}, {Name: "service", Value: "auth"}}, Samples: []prompb.Sample{{Timestamp: ms - 1000, Value: 5}, {Timestamp: ms, Value: 7}}},
		{Labels: []prompb.Label{{Name: "__name__", Value: "queue_depth"}}, Samples: []prompb.Sample{{Timestamp: ms, Value: 3}}},
	}}
	doc, err := req.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(snappy.Encode(nil, doc))
}

// INT of Prometheus: Remote-Write 1.0 and 2.0.
func TestRemoteWrite(t *testing.T) {
	proto1 := []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy"}
	k := &kept{}
	w := post(t, serve(k), "/metrics/open/api/v1/write", writeBody(t), proto1...)
	if w.Code != http.StatusNoContent || len(k.samples) != 3 {
		t.Fatalf("got %d %s, %+v", w.Code, w.Body, k.samples)
	}
	a, b := k.samples[0], k.samples[2]
	if a.Kind != metric.Counter || a.Value != 5 || a.Service != "api" || a.Labels["exported_service"] != "auth" || a.Labels["code"] != "200" || b.Kind != metric.Untold || b.Name != "queue_depth" {
		t.Errorf("got %+v and %+v", a, b)
	}
	// With an API token each series says which service it is of.
	k = &kept{}
	w = post(t, serve(k), "/api/v1/write", writeBody(t), append(proto1, "Authorization", "Bearer token")...)
	if w.Code != http.StatusNoContent || k.as.ID != "ci" || k.samples[0].Service != "auth" {
		t.Errorf("got %d %s as %+v: %+v", w.Code, w.Body, k.as, k.samples)
	}
	req2 := writev2.Request{
		Symbols:    []string{"", "__name__", "jobs_total", "env", "prod"},
		Timeseries: []writev2.TimeSeries{{LabelsRefs: []uint32{1, 2, 3, 4}, Samples: []writev2.Sample{{Timestamp: now.UnixMilli(), Value: 9}}, Metadata: writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_COUNTER}}},
	}
	doc, err := req2.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	k = &kept{}
	head := []string{"Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request", "Content-Encoding", "snappy"}
	w = post(t, serve(k), "/metrics/open/api/v1/write", string(snappy.Encode(nil, doc)), head...)
	if w.Code != http.StatusNoContent || len(k.samples) != 1 || k.samples[0].Labels["env"] != "prod" || k.samples[0].Kind != metric.Counter || w.Header().Get("X-Prometheus-Remote-Write-Samples-Written") != "1" {
		t.Errorf("got %d %s, %+v", w.Code, w.Body, k.samples)
	}
	for name, c := range map[string]struct {
		body, kind string
		want       int
	}{
		"not packed":        {"abc", "application/x-protobuf", 400},
		"no protobuf":       {string(snappy.Encode(nil, []byte("no protobuf at all"))), "application/x-protobuf", 400},
		"another type":      {writeBody(t), "application/json", 400},
		"an unknown one":    {writeBody(t), "application/x-protobuf;proto=x.y", 415},
		"unpacked too much": {string(snappy.Encode(nil, make([]byte, maxBulk+1))), "application/x-protobuf", 413},
	} {
		k := &kept{}
		w := post(t, serve(k), "/metrics/open/api/v1/write", c.body, "Content-Type", c.kind, "Content-Encoding", "snappy")
		if w.Code != c.want || len(k.samples) != 0 {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
}

const otlpJSON = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}},{"key":"os.version","value":{"stringValue":"6.1"}}]},"scopeMetrics":[{"metrics":[
 {"name":"queue.depth","gauge":{"dataPoints":[{"timeUnixNano":"1772420400000000000","asInt":"12","attributes":[{"key":"queue","value":{"stringValue":"mail"}}]},{"timeUnixNano":"1772420400000000000","flags":1}]}},
 {"name":"http.requests","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"timeUnixNano":"1772420400000000000","asDouble":3}]}},
 {"name":"http.errors","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"timeUnixNano":"1772420400000000000","asInt":"4"}]}},
 {"name":"latency","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1772420400000000000","count":"10","sum":2.5,"bucketCounts":["10"],"explicitBounds":[]}]}},
 {"name":"old","summary":{"dataPoints":[{"timeUnixNano":"1772420400000000000","count":"2","sum":8}]}}]}]}]}`

func TestOTLP(t *testing.T) {
	k := &kept{}
	w := post(t, serve(k), "/metrics/open/v1/metrics", otlpJSON, "Content-Type", "application/json")
	if w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) || len(k.samples) != 7 {
		t.Fatalf("got %d %s, %d samples", w.Code, w.Body, len(k.samples))
	}
	byName := map[string]metric.Sample{}
	for _, s := range k.samples {
		byName[s.Name] = s
	}
	q := byName["queue_depth"]
	if q.Value != 12 || q.Labels["queue"] != "mail" || q.Labels["service_name"] != "checkout" || q.Labels["os_version"] != "" || !q.At.Equal(now) {
		t.Errorf("got %+v", q)
	}
	if byName["http_requests"].Kind != metric.Count || byName["http_errors"].Kind != metric.Counter || byName["latency_count"].Value != 10 || byName["latency_sum"].Value != 2.5 || byName["old_sum"].Value != 8 {
		t.Errorf("got %+v", byName)
	}
	req := &collector.ExportMetricsServiceRequest{ResourceMetrics: []*otlp.ResourceMetrics{{ScopeMetrics: []*otlp.ScopeMetrics{{Metrics: []*otlp.Metric{{Name: "m", Data: &otlp.Metric_Gauge{Gauge: &otlp.Gauge{DataPoints: []*otlp.NumberDataPoint{{Value: &otlp.NumberDataPoint_AsDouble{AsDouble: 1.5}}}}}}}}}}}}
	doc, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(doc); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	k = &kept{err: fault.New(fault.Invalid, "some samples").With("/0/at", "is old")}
	w = post(t, serve(k), "/v1/metrics", packed.String(), "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip", "Authorization", "Bearer open")
	var answer collector.ExportMetricsServiceResponse
	if err := proto.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer.PartialSuccess.GetRejectedDataPoints() != 1 || k.samples[0].Service != "api" {
		t.Errorf("got %d %v %v, %+v", w.Code, err, &answer, k.samples)
	}
	if w := post(t, serve(&kept{}), "/metrics/open/v1/metrics", "{", "Content-Type", "application/json"); w.Code != http.StatusBadRequest {
		t.Errorf("half a document: %d", w.Code)
	}
	if w := post(t, serve(&kept{}), "/metrics/open/v1/metrics", "", "Content-Type", "text/plain"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("another type: %d", w.Code)
	}
}

// PLT-INF-CUSTOM: a job tells that it lives, and by when it will again.
func TestHeartbeat(t *testing.T) {
	k := &kept{}
	if w := post(t, serve(k), "/metrics/open/heartbeat/backup?every=24h&grace=30m", ""); w.Code != http.StatusNoContent || len(k.samples) != 1 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if s := k.samples[0]; s.Value != float64(now.Add(24*time.Hour+30*time.Minute).Unix()) || s.Labels["name"] != "backup" {
		t.Errorf("got %+v", s)
	}
	for _, query := range []string{"every=0s", "every=x", "every=400h", "every=1h&grace=-1h"} {
		if w := post(t, serve(k), "/metrics/open/heartbeat/backup?"+query, ""); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

// PLT-APP-UX: what browsers see, from any origin, and nothing of it a label.
func TestBeacon(t *testing.T) {
	k := &kept{}
	w := post(t, serve(k), "/metrics/page/beacon", `{"load_ms":31000,"errors":2,"page":"/x"}`, "Content-Type", "text/plain;charset=UTF-8", "Origin", "https://app.example.com")
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "*" || len(k.samples) != 3 {
		t.Fatalf("got %d %s %+v", w.Code, w.Body, k.samples)
	}
	for _, s := range k.samples {
		if len(s.Labels) != 0 || s.Name == beaconLoad && s.Value != 31 {
			t.Errorf("got %+v", s)
		}
	}
	for _, body := range []string{`{"load_ms":-1}`, `{"load_ms":1e9}`, `{"errors":1e9}`, `[]`, ``} {
		if w := post(t, serve(k), "/metrics/page/beacon", body); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", body, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodOptions, "/metrics/page/beacon", nil)
	w = httptest.NewRecorder()
	serve(k).ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Methods") != "POST" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
}

const otlpTrace = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},"scopeSpans":[{"spans":[
 {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"POST /pay","kind":2,"startTimeUnixNano":"1772420400000000000","endTimeUnixNano":"1772420406500000000","status":{"code":2,"message":"no answer"},"attributes":[{"key":"http.route","value":{"stringValue":"/pay"}}]},
 {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175","parentSpanId":"eee19b7ec3c1b174","name":"SELECT","kind":3,"startTimeUnixNano":"1772420400000000000","endTimeUnixNano":"1772420406000000000"}]}]}]}`

// PLT-APP-TRACE: spans come in as OTLP writes them, with ids in hexadecimal.
func TestTraces(t *testing.T) {
	k := &kept{}
	w := post(t, serve(k), "/metrics/open/v1/traces", otlpTrace, "Content-Type", "application/json")
	if w.Code != http.StatusOK || len(k.spans) != 2 {
		t.Fatalf("got %d %s, %d spans", w.Code, w.Body, len(k.spans))
	}
	a, b := k.spans[0], k.spans[1]
	if a.Trace != "5b8efff798038103d269b633813fc60c" || !a.Entry || !a.Failed || a.Took != 6500*time.Millisecond || a.Program != "checkout" || a.Service != "api" || a.Tags["http.route"] != "/pay" || b.Parent != a.ID || b.Entry {
		t.Errorf("got %+v and %+v", a, b)
	}
	for _, body := range []string{`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","spanId":"00"}]}]}]}`, `{`, `[]`} {
		if w := post(t, serve(&kept{}), "/metrics/open/v1/traces", body, "Content-Type", "application/json"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", body, w.Code)
		}
	}
	if w := post(t, serve(&kept{}), "/v1/traces", otlpTrace, "Content-Type", "application/json", "Authorization", "Bearer token"); w.Code != http.StatusForbidden {
		t.Errorf("with an API token: %d", w.Code)
	}
}

// PLT-APP-DB
func TestSlowQueries(t *testing.T) {
	k := &kept{}
	w := post(t, serve(k), "/metrics/open/queries", `{"queries":[{"query":"select 1","calls":3,"mean_ms":2.5},{"query":"select 2","calls":1,"mean_ms":900,"max_ms":1000}]}`)
	if w.Code != http.StatusNoContent || len(k.queries) != 2 || k.queries[1].MaxMS != 1000 || k.queries[0].Calls != 3 {
		t.Errorf("got %d %s %+v", w.Code, w.Body, k.queries)
	}
	if w := post(t, serve(k), "/metrics/open/queries", `{"queries":[{"query":1}]}`); w.Code != http.StatusBadRequest {
		t.Errorf("got %d", w.Code)
	}
}

func TestWhoMayPush(t *testing.T) {
	good := `{"metric":"m","value":1}`
	proto1 := []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy"}
	for _, c := range []struct {
		path, body string
		head       []string
		want       int
	}{
		{"/metrics/none/json", good, nil, 404},
		{"/metrics/page/json", good, nil, 404}, // every visitor knows it
		{"/metrics/page/heartbeat/backup", "", nil, 404},
		{"/metrics/open/beacon", `{"load_ms":1}`, nil, 404},
		{"/metrics/closed/json", good, nil, 401},
		{"/metrics/closed/json", good, []string{"X-Allclear-Token", "wrong"}, 401},
		{"/metrics/closed/json", good, []string{"X-Allclear-Token", "the-secret"}, 204},
		{"/metrics/" + strings.Repeat("x", 300) + "/json", good, nil, 404},
		{"/metrics/open/nothing", good, nil, 404},
		{"/api/v1/write", writeBody(t), proto1, 401},
		{"/api/v1/write", writeBody(t), append([]string{"Authorization", "Bearer wrong"}, proto1...), 401},
		{"/api/v1/write", writeBody(t), append([]string{"Authorization", "Basic b3Blbjo="}, proto1...), 401},
		{"/api/v1/write", writeBody(t), append([]string{"Authorization", "Bearer closed"}, proto1...), 401},
		{"/metrics/open/json", strings.Repeat(" ", maxBody+1), nil, 413},
		{"/metrics/open/json", good, []string{"Content-Encoding", "br"}, 400},
	} {
		k := &kept{}
		if w := post(t, serve(k), c.path, c.body, c.head...); w.Code != c.want || (c.want != 204) != (len(k.samples) == 0) {
			t.Errorf("%.60s %v: got %d %s", c.path, c.head, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/metrics/open/json", nil)
	w := httptest.NewRecorder()
	serve(&kept{}).ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
	for err, want := range map[error]int{fault.New(fault.Busy, "full"): 429, fault.New(fault.Unavailable, "down"): 503, io.ErrUnexpectedEOF: 500} {
		if w := post(t, serve(&kept{err: err}), "/metrics/open/json", good); w.Code != want || strings.Contains(w.Body.String(), "EOF") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"metric":"m","value":1,"labels":{"a":"b"}}`), byte(0))
	f.Add([]byte(otlpJSON), byte(1))
	doc, err := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{Labels: []prompb.Label{{Name: "__name__", Value: "m"}}, Samples: []prompb.Sample{{Value: 1}}}}}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc, byte(2))
	f.Add(doc, byte(3))
	f.Add(doc, byte(4))
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		var all []metric.Sample
		var err error
		switch which % 5 {
		case 0:
			all, err = ReadJSON(body)
		case 1:
			all, err = ReadOTLP(body, true)
		case 2:
			all, err = ReadWrite(body)
		case 3:
			all, err = ReadWrite2(body)
		case 4:
			all, err = ReadOTLP(body, false)
		}
		if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Fatalf("refused with %v", err)
		}
		for i := range all {
			all[i].Service = "api"
			if all[i].Check(now) == nil && (all[i].Name == "" || all[i].Value != all[i].Value || len(all[i].Key()) != 64) {
				t.Fatalf("let through: %+v", all[i])
			}
		}
	})
}
