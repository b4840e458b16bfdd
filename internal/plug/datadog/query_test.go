package datadog

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// asking is the plug-in with keys, against a fake of the query API that insists on
// them.
func asking(t *testing.T, answer plugtest.Reply) (plug.Querier, *plugtest.HTTP) {
	t.Helper()
	peer := (&plugtest.HTTP{OK: answer, Key: func(r *http.Request, _ []byte) string {
		return strings.Join([]string{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("DD-API-KEY"), r.Header.Get("DD-APPLICATION-KEY")}, " ")
	}}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"api_key": "key-of-the-api", "application_key": "key-of-the-app", "base_url": secret.String(peer.URL())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(plug.Querier), peer
}

const answered = `{"status":"ok","res_type":"time_series","resp_version":1,"query":"avg:system.cpu.user{env:prod} by {host}","from_date":1772420400000,"to_date":1772424000000,"message":"","group_by":["host"],"values":[],"times":[],
"series":[
 {"metric":"system.cpu.user","display_name":"system.cpu.user","expression":"avg:system.cpu.user{env:prod,host:web-1}","scope":"env:prod,host:web-1","tag_set":["host:web-1"],"unit":[{"family":"percentage","name":"percent"},null],"interval":60,"length":3,"start":1772420400000,"end":1772420579000,"query_index":0,"aggr":"avg","attributes":{},
  "pointlist":[[1772420400000.0,12.5],[1772420460000.0,null],[1772420520000.0,0]]},
 {"metric":"system.cpu.user","scope":"*","pointlist":[[1772420400000,"7"],[1],null,[-5,1],[1e300,1]]}
]}`

// DET-STACK-DATADOG, INT-DATADOG (the pull): GET /api/v1/query with both keys.
func TestQuery(t *testing.T) {
	q, peer := asking(t, plugtest.Reply{Body: answered})
	from := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	got, err := q.Query(t.Context(), "avg:system.cpu.user{env:prod} by {host}", from, from.Add(time.Hour))
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	query := url.Values{"query": {"avg:system.cpu.user{env:prod} by {host}"}, "from": {"1772420400"}, "to": {"1772424000"}}
	if want := "GET /api/v1/query " + query.Encode() + " key-of-the-api key-of-the-app"; peer.Got()[0].Key != want {
		t.Errorf("asked %q\nwant  %q", peer.Got()[0].Key, want)
	}
	if s := got[0]; s.Name != "avg:system.cpu.user{env:prod,host:web-1}" || len(s.Labels) != 1 || s.Labels["host"] != "web-1" || len(s.Points) != 2 || !s.Points[0].At.Equal(from) || s.Points[0].Value != 12.5 || !s.Points[1].At.Equal(from.Add(2*time.Minute)) || s.Points[1].Value != 0 {
		t.Errorf("got %+v", s)
	}
	if s := got[1]; s.Name != "system.cpu.user" || len(s.Labels) != 0 || len(s.Points) != 1 || s.Points[0].Value != 7 {
		t.Errorf("got %+v", s)
	}
}

func TestQueryRefused(t *testing.T) {
	q, peer := asking(t, plugtest.Reply{Body: `{"status":"ok","series":[]}`})
	many := `{"series":[` + strings.Repeat(`{"metric":"m"},`, plug.MaxSeries) + `{"metric":"m"}]}`
	for _, c := range []struct {
		reply plugtest.Reply
		kind  fault.Kind
		want  string
		after time.Duration
	}{
		{plugtest.Reply{Status: 400, Body: `{"errors":["Rule 'scope_expr' didn't match at '' (line 1)"]}`}, fault.Invalid, "Datadog refuses the query", 0},
		{plugtest.Reply{Body: `{"status":"error","error":"Error parsing query: key-of-the-app","series":[]}`}, fault.Invalid, "Error parsing query", 0},
		{plugtest.Reply{Status: 403, Body: `{"errors":["Forbidden"]}`, Echo: true}, fault.Unavailable, "refuses the credentials", 0},
		{plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, fault.Unavailable, "asked too often", 7 * time.Second},
		{plugtest.Reply{Status: 500, Echo: true}, fault.Unavailable, "ask Datadog", 0},
		{plugtest.Reply{Body: `not JSON`}, fault.Unavailable, "not what its API documents", 0},
		{plugtest.Reply{Body: many}, fault.Invalid, fmt.Sprintf("more than %d series", plug.MaxSeries), 0},
	} {
		peer.Next(c.reply)
		_, err := q.Query(t.Context(), "x", time.Unix(1, 0), time.Unix(2, 0))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "key-of") || plug.FailureOf(err).RetryAfter != c.after {
			t.Errorf("%.80v: got %v", c.reply, err)
		}
	}
}

func TestSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil || v.(plug.Querier).Queries() {
		t.Fatalf("without keys: %v", err)
	}
	for site, want := range map[string]string{"": "https://api.datadoghq.com", "datadoghq.eu": "https://api.datadoghq.eu", "app.ddog-gov.com": "https://api.ddog-gov.com", "us5.datadoghq.com": "https://api.us5.datadoghq.com"} {
		v, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"site": secret.String(site)}})
		if err != nil || v.(source).base != want {
			t.Errorf("site %q: %+v %v", site, v, err)
		}
	}
	for _, values := range []map[string]secret.String{{"api_key": "k"}, {"application_key": "k"}, {"site": "evil.example/x"}, {"base_url": "x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
}
