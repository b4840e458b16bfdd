package inbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/alert"
)

func TestGenericByCommonNames(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		path := "/hooks/generic/" + hookKey
		var got struct {
			Status    string
			Events    int
			DedupKeys []string `json:"dedup_keys"`
		}
		w.must(202, http.MethodPost, path, `{"title":"Queue is long","level":"CRITICAL","host":"mq-1","check":"depth"}`).into(t, &got)
		if got.Status != "success" || got.Events != 1 || got.DedupKeys[0] != "mq-1/depth" {
			t.Errorf("got %+v", got)
		}
		al := w.alert("mq-1/depth")
		if al.Summary != "Queue is long" || al.Severity.String() != "P2" || al.Status != alert.Triggered {
			t.Errorf("got %+v", al)
		}
		w.must(202, http.MethodPost, path, `{"title":"Queue is long","host":"mq-1","check":"depth","state":"ok"}`)
		if al = w.alert("mq-1/depth"); al.Status != alert.Resolved {
			t.Errorf("after ok: %+v", al)
		}
		w.send(http.MethodPost, path, "summary=from+a+form&dedup=f1", "Content-Type", "application/x-www-form-urlencoded")
		if al = w.alert("f1"); al.Summary != "from a form" || al.Severity.String() != "P3" {
			t.Errorf("form: %+v", al)
		}
	})
}

func TestGenericByMapping(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		path := "/hooks/generic/" + mappedKey
		w.must(202, http.MethodPost, path, `{"problems":[{"nr":7,"what":"leak","where":"hall","grade":5},{"nr":8,"what":"dust","where":"roof","grade":1}]}`)
		if al := w.alert("7"); al.Summary != "leak at hall" || al.Severity.String() != "P2" {
			t.Errorf("got %+v", al)
		}
		if al := w.alert("8"); al.Severity.String() != "P3" {
			t.Errorf("got %+v", al)
		}
		w.must(202, http.MethodPost, path, `{"problems":[{"nr":7,"over":true}]}`)
		if al := w.alert("7"); al.Status != alert.Resolved {
			t.Errorf("got %+v", al)
		}
		w.must(202, http.MethodPost, path, `{"problems":[]}`)
	})
}

// INV-A5, INV-A6. Unknown keys and sources are 404, a wrong or missing
// signature is 401, and neither leaves anything behind.
func TestKeysAndSignatures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := `{"title":"signed","id":"s1"}`
		for path, want := range map[string]string{
			"/hooks/generic/nobody":      "there is no such hook",
			"/hooks/nonsense/" + hookKey: "there is no such source",
			"/hooks/generic":             "there is nothing here",
			"/hooks/":                    "there is nothing here",
			"/hooks/generic/" + strings.Repeat("k", 5000): "there is no such hook",
			"/hooks/generic/" + routingKey:                "there is no such hook",
			"/alertmanager/nobody/api/v2/alerts":          "there is no such hook",
			"/alertmanager/" + hookKey + "/api/v1/alerts": "there is nothing here",
		} {
			if a := w.must(404, http.MethodPost, path, body); !strings.Contains(a.body, want) {
				t.Errorf("%.60s: got %s", path, a.body)
			}
		}
		if a := w.must(405, http.MethodGet, "/hooks/generic/"+hookKey, ""); a.header.Get("Allow") != "POST" {
			t.Errorf("Allow is %q", a.header.Get("Allow"))
		}
		mac := hmac.New(sha256.New, []byte(theSecret))
		mac.Write([]byte(body))
		signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
		basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte("prometheus:"+s)) }
		for _, path := range []string{"/hooks/generic/" + signedKey} {
			for name, h := range map[string][2]string{
				"nothing": {"X-None", "1"}, "wrong bearer": {"Authorization", "Bearer wrong"}, "no scheme": {"Authorization", theSecret}, "empty": {"Authorization", "Bearer "},
				"wrong basic": {"Authorization", basic("x")}, "no base64": {"Authorization", "Basic ?"}, "wrong signature": {"X-Hub-Signature-256", "sha256=" + strings.Repeat("0", 64)},
				"short signature": {"X-Hub-Signature-256", "sha256="}, "no hex": {"X-Allclear-Signature", "sha256=zz"},
			} {
				if a := w.post(path, body, h[0], h[1]); a.status != 401 || !strings.Contains(strings.Join(a.header.Values("WWW-Authenticate"), ", "), "Basic ") {
					t.Errorf("%s: got %d", name, a.status)
				}
			}
		}
		if len(w.raws())+len(w.alerts()) != 0 {
			t.Error("something refused was kept")
		}
		for name, h := range map[string][2]string{
			"bearer": {"Authorization", "Bearer " + theSecret}, "old secret": {"Authorization", "bearer old-secret-still-valid"}, "basic": {"Authorization", basic(theSecret)},
			"signature": {"X-Hub-Signature-256", signature}, "our signature": {"X-Allclear-Signature", signature},
		} {
			if a := w.post("/hooks/generic/"+signedKey, body, h[0], h[1]); a.status != 202 {
				t.Errorf("%s: got %d %s", name, a.status, a.body)
			}
		}
		am := "/alertmanager/" + signedKey + "/api/v2/"
		w.must(401, http.MethodPost, am+"alerts", `[]`)
		w.must(401, http.MethodGet, am+"alerts", ``)
		w.must(401, http.MethodGet, am+"silences", ``)
		if a := w.send(http.MethodPost, am+"silences", `{}`); a.status != 401 {
			t.Errorf("a silence without proof: %d", a.status)
		}
		if a := w.send(http.MethodGet, am+"status", "", "Authorization", "Bearer "+theSecret); a.status != 200 {
			t.Errorf("with proof: %d", a.status)
		}
	})
}

// INV-I6. Whatever the bytes, the answer is a 4xx with the reason, or
// the event is handled rightly; never a 5xx.
func TestBadInput(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	cases := map[string]struct {
		path, body string
		want       int
		reason     string
	}{
		"empty body":         {"/hooks/generic/" + hookKey, "", 400, "the body is empty"},
		"not JSON":           {"/hooks/generic/" + hookKey, "hello", 400, ""},
		"cut off":            {"/hooks/generic/" + hookKey, `{"title":"x`, 400, "closing quote"},
		"a scalar":           {"/hooks/generic/" + hookKey, `"x"`, 400, "must be a JSON object"},
		"an empty object":    {"/hooks/generic/" + hookKey, `{}`, 400, "send summary"},
		"an empty list":      {"/hooks/generic/" + hookKey, `[]`, 400, "empty list"},
		"no use":             {"/hooks/generic/" + hookKey, `{"foo":{"bar":1}}`, 400, "mapping"},
		"resolve of nothing": {"/hooks/generic/" + hookKey, `{"status":"ok","message":"fine"}`, 400, "dedup_key"},
		"too deep":           {"/hooks/generic/" + hookKey, deep, 400, "nested deeper"},
		"invalid UTF-8":      {"/hooks/generic/" + hookKey, "{\"title\":\"\xff\xfe\"}", 400, "UTF-8"},
		"after the end":      {"/hooks/generic/" + hookKey, `{"title":"x"} {}`, 400, "more after"},
		"huge number":        {"/hooks/generic/" + hookKey, `{"title":"x","n":1e999}`, 400, "out of range"},
		"two keys":           {"/hooks/generic/" + hookKey, `{"title":"first","title":"second","id":"two"}`, 202, ""},
		"NUL in text":        {"/hooks/generic/" + hookKey, `{"title":"a\u0000b","id":"nul\u0000","x":"\u0000"}`, 202, ""},
		"half a surrogate":   {"/hooks/generic/" + hookKey, `{"title":"a\ud800b","id":"sur"}`, 202, ""},
		"byte order mark":    {"/hooks/generic/" + hookKey, "\xef\xbb\xbf" + `{"title":"bom"}`, 202, ""},
		"year one":           {"/hooks/generic/" + hookKey, `{"title":"y","timestamp":"0001-01-01T00:00:00Z"}`, 202, ""},
		"year 10000":         {"/hooks/generic/" + hookKey, `{"title":"y","timestamp":"9999-12-31T23:59:59-12:00"}`, 202, ""},
		"am: no list":        {amAlerts, `{}`, 400, "must be an array"},
		"am: null":           {amAlerts, `null`, 400, "must be an array"},
		"am: labels a list":  {amAlerts, `[{"labels":[]}]`, 400, "/0/labels must be an object, not an array"},
		"am: label a number": {amAlerts, `[{"labels":{"alertname":"x","n":1}}]`, 400, "/0/labels/n must be a string, not a number"},
		"am: bad time":       {amAlerts, `[{"labels":{"a":"b"},"startsAt":"yesterday"}]`, 400, "/0/startsAt"},
		"am: endless time":   {amAlerts, `[{"labels":{"a":"b"},"endsAt":"9999-12-31T23:59:59Z"}]`, 200, ""},
		"am: year one":       {amAlerts, `[{"labels":{"a":"b"},"startsAt":"0001-01-01T00:00:00.000Z","endsAt":"0001-01-01T00:00:00.000Z"}]`, 200, ""},
		"am: vmalert twice":  {amAlerts, `[{"labels":{"alertname":"Always","alertgroup":"g","alertname":"Always"}}]`, 200, ""},
		"am: NUL":            {amAlerts, `[{"labels":{"alertname":"a\u0000"},"annotations":{"summary":"\u0000"}}]`, 200, ""},
		"webhook: no alerts": {"/hooks/alertmanager/" + hookKey, `{"version":"4","status":"firing"}`, 400, "needs a list of alerts"},
		"webhook: no labels": {"/hooks/alertmanager/" + hookKey, `{"alerts":[{"status":"firing"}]}`, 400, "/alerts/0"},
	}
	each(t, func(t *testing.T, w *world) {
		for name, c := range cases {
			before := len(w.raws())
			a := w.must(c.want, http.MethodPost, c.path, c.body)
			if !strings.Contains(a.body, c.reason) {
				t.Errorf("%s: got %s, want %q in it", name, a.body, c.reason)
			}
			if raws := w.raws()[before:]; len(raws) != 1 || raws[0].body != c.body || (raws[0].problem != "") != (c.want == 400) {
				t.Errorf("%s: kept %.200v", name, raws)
			}
		}
	})
}

// A sender of Opsgenie's Alert API puts the paths of the API behind the address it
// was given; nobody else's calls below it mean anything.
func TestHooksBelowTheirAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		base, body := "/hooks/opsgenie/"+hookKey, `{"message":"Disk is full","alias":"db 7/disk","priority":"P3"}`
		w.must(202, http.MethodPost, base+"/v2/alerts", body)
		if a := w.alert("db 7/disk"); a == nil || a.Status != "triggered" {
			t.Fatalf("created: %+v", a)
		}
		w.must(202, http.MethodPut, base+"/v2/alerts/db%207%2Fdisk/description?identifierType=alias", `{"description":"97 %"}`)
		w.must(202, http.MethodPost, base+"/db%207%2Fdisk/close?identifierType=alias", `{"source":"Grafana"}`)
		if a := w.alert("db 7/disk"); a == nil || a.Status != "resolved" {
			t.Errorf("closed: %+v", a)
		}
		w.must(405, http.MethodGet, base+"/v2/alerts/requests/x", "")
		w.must(405, http.MethodPut, base, body)
		w.must(404, http.MethodPost, "/hooks/opsgenie/nobody/v2/alerts", body)
		w.must(404, http.MethodPost, "/hooks/generic/"+hookKey+"/v2/alerts", `{"title":"x"}`)
		w.must(404, http.MethodPost, "/hooks/nothing/"+hookKey+"/v2/alerts", body)
	})
}
