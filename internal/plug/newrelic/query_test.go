package newrelic

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

var from = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// asking is the plug-in with a key, against a fake of NerdGraph.
func asking(t *testing.T, answer plugtest.Reply) (plug.Querier, *plugtest.HTTP) {
	t.Helper()
	peer := (&plugtest.HTTP{OK: answer, Key: func(r *http.Request, body []byte) string {
		return strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("API-Key"), r.Header.Get("Content-Type"), string(body)}, "\n")
	}}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"api_key": "NRAK-of-the-test", "account_id": "1234567", "base_url": secret.String(peer.URL())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(plug.Querier), peer
}

func rows(results string) plugtest.Reply {
	return plugtest.Reply{Body: `{"data":{"actor":{"account":{"nrql":{"results":` + results + `}}}}}`}
}

// DET-STACK-NEWRELIC, INT-NEWRELIC (the pull): POST /graphql with the header
// API-Key, the account and the NRQL as variables.
func TestQuery(t *testing.T) {
	q, peer := asking(t, rows(`[
		{"beginTimeSeconds":1772420460,"endTimeSeconds":1772420520,"facet":"checkout","appName":"checkout","average.duration":0.25,"percentile.duration":{"95":1.5,"99":null},"count":3},
		{"beginTimeSeconds":1772420400,"endTimeSeconds":1772420460,"facet":"checkout","appName":"checkout","average.duration":0.5,"percentile.duration":{"95":2},"count":"4"}]`))
	got, err := q.Query(t.Context(), "FROM Transaction SELECT average(duration) WHERE since = 1 FACET appName TIMESERIES", from, from.Add(time.Hour))
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v %v", got, err)
	}
	head, body, _ := strings.Cut(peer.Got()[0].Key, "\n{")
	if head != "POST\n/graphql\nNRAK-of-the-test\napplication/json" {
		t.Errorf("asked %q", head)
	}
	var sent struct {
		Query     string
		Variables struct {
			Account int64
			NRQL    string
		}
	}
	if err := json.Unmarshal([]byte("{"+body), &sent); err != nil || sent.Query != document || sent.Variables.Account != 1234567 {
		t.Errorf("sent %+v %v", sent, err)
	}
	if s := got[0]; s.Name != "average.duration" || s.Labels["facet"] != "checkout" || s.Labels["appName"] != "checkout" || len(s.Points) != 2 || !s.Points[0].At.Equal(from) || s.Points[0].Value != 0.5 || s.Points[1].Value != 0.25 {
		t.Errorf("got %+v", s)
	}
	if s := got[1]; s.Name != "count" || s.Points[0].Value != 4 {
		t.Errorf("got %+v", s)
	}
	if s := got[2]; s.Name != "percentile.duration.95" || len(s.Points) != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestTheTimeAskedFor(t *testing.T) {
	span := " SINCE 1772420400000 UNTIL 1772424000000"
	for nrql, adds := range map[string]bool{
		"FROM Log SELECT count(*)":                              true,
		"FROM Log SELECT count(*) WHERE m LIKE '% since %'":     true,
		"FROM Log SELECT count(*) since 1 day ago":              false,
		"FROM Log SELECT count(*)\nSINCE 1 hour ago UNTIL now":  false,
		"FROM Log SELECT count(`until`) FACET sinceWhen":        true,
		"FROM Log SELECT count(*) WHERE a = \"b\" UNTIL 10 ago": false,
	} {
		want := nrql
		if adds {
			want += span
		}
		if got := within(nrql, from, from.Add(time.Hour)); got != want {
			t.Errorf("%q became %q", nrql, got)
		}
	}
}

// Values that are not over time, several facets, and rows of events.
func TestShapesOfResults(t *testing.T) {
	q, peer := asking(t, rows(`[{"count":7}]`))
	got, err := q.Query(t.Context(), "x", from, from.Add(time.Hour))
	if err != nil || len(got) != 1 || len(got[0].Points) != 1 || !got[0].Points[0].At.Equal(from.Add(time.Hour)) || got[0].Points[0].Value != 7 {
		t.Errorf("one value: %+v %v", got, err)
	}
	peer.Next(rows(`[{"facet":["a","b"],"count":1,"comparison":"current"},{"facet":["a","c"],"count":2,"comparison":"previous"}]`))
	got, err = q.Query(t.Context(), "x", from, from.Add(time.Hour))
	if err != nil || len(got) != 2 || got[1].Labels["facet"] != "a" || got[1].Labels["facet2"] != "c" || got[1].Labels["comparison"] != "previous" {
		t.Errorf("two facets: %+v %v", got, err)
	}
	peer.Next(rows(`[{"timestamp":1772420400000,"duration":0.1,"name":"GET /","error":false},null,7,[]]`))
	got, err = q.Query(t.Context(), "x", from, from.Add(time.Hour))
	if err != nil || len(got) != 1 || got[0].Name != "duration" || !got[0].Points[0].At.Equal(from) || got[0].Labels["name"] != "GET /" {
		t.Errorf("events: %+v %v", got, err)
	}
}

func TestQueryRefused(t *testing.T) {
	q, peer := asking(t, rows(`[]`))
	for _, c := range []struct {
		reply plugtest.Reply
		kind  fault.Kind
		want  string
		after time.Duration
	}{
		{plugtest.Reply{Body: `{"data":{"actor":{"account":{"nrql":null}}},"errors":[{"message":"NRQL Syntax Error: Error at line 1 NRAK-of-the-test","path":["actor"],"extensions":{"errorClass":"BAD_USER_INPUT"}}]}`}, fault.Invalid, "NRQL Syntax Error", 0},
		{plugtest.Reply{Body: `{"errors":[{"message":"too slow","extensions":{"errorClass":"TIMEOUT"}}]}`}, fault.Unavailable, "cannot answer: too slow", 0},
		{plugtest.Reply{Body: `{"errors":[{"message":"no","extensions":{"errorClass":"UNAUTHORIZED"}}]}`}, fault.Unavailable, "refuses the credentials", 0},
		{plugtest.Reply{Body: `{"data":{"actor":{"account":null}}}`}, fault.Unavailable, "may the key read account 1234567", 0},
		{plugtest.Reply{Status: 401, Echo: true}, fault.Unavailable, "refuses the credentials", 0},
		{plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"60"}}}, fault.Unavailable, "asked too often", time.Minute},
		{plugtest.Reply{Body: `<html>`}, fault.Unavailable, "not what NerdGraph documents", 0},
	} {
		peer.Next(c.reply)
		_, err := q.Query(t.Context(), "x", from, from.Add(time.Hour))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "NRAK") || plug.FailureOf(err).RetryAfter != c.after {
			t.Errorf("%.80v: got %v", c.reply, err)
		}
	}
	if got, err := q.Query(t.Context(), "x", from, from.Add(time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("nothing: %+v %v", got, err)
	}
}

func TestSettings(t *testing.T) {
	for region, want := range map[string]string{"": "https://api.newrelic.com", "us": "https://api.newrelic.com", "eu": "https://api.eu.newrelic.com"} {
		v, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"region": secret.String(region)}})
		if err != nil || v.(source).base != want || v.(plug.Querier).Queries() {
			t.Errorf("region %q: %+v %v", region, v, err)
		}
	}
	for _, values := range []map[string]secret.String{{"region": "mars"}, {"api_key": "k"}, {"api_key": "k", "account_id": "x"}, {"base_url": "x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
}
