package statuscake

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const form = "application/x-www-form-urlencoded"

// post is a call as StatusCake makes it.
func post(status, code string) plug.Inbound {
	v := url.Values{"Token": {token}, "Status": {status}, "StatusCode": {code}, "URL": {"https://shop.example.net/health"}, "IP": {"203.0.113.4"}, "Tags": {"shop,env:prod"}, "Name": {"Shop"}, "CheckRate": {"60"}}
	return plug.Inbound{Body: []byte(v.Encode()), ContentType: form, ID: "made"}
}

// token is md5("janesecret-api-key"): user name and API key.
const (
	token    = "bed84aa1bf4046a8a9bcfb2c7bc62af7"
	asJSON   = `{"Name":"Shop","Status":"DOWN","StatusCode":503,"URL":"https://shop.example.net/health","IP":"203.0.113.4","CheckRate":300,"ContactGroup":"12345","Tags":["shop"],"Method":"Website"}`
	withID   = `{"checkID":4711,"name":"Renamed","status":"Up","statusCode":"200"}`
	nameOnly = `{"Name":"Mail","Status":"Down"}`
)

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		post("Down", "503"), post("Up", "200"), {Body: []byte(asJSON), ContentType: "application/json"}, {Body: []byte(asJSON), ContentType: form}, {Body: []byte(withID)}, {Body: []byte(nameOnly)},
	}})
}

func parse(t *testing.T, in plug.Inbound) alert.Signal {
	t.Helper()
	got, err := (source{}).Parse(in)
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%s: %+v %v", in.Body, got, err)
	}
	return got.Signals[0]
}

func TestDownAndUpMeet(t *testing.T) {
	down, up, json := parse(t, post("Down", "503")), parse(t, post("Up", "200")), parse(t, plug.Inbound{Body: []byte(asJSON)})
	if down.Action != alert.Trigger || up.Action != alert.Resolve || down.DedupKey != up.DedupKey || json.DedupKey != down.DedupKey || down.DedupKey != "name/Shop/https://shop.example.net/health" {
		t.Errorf("%s %q, %s %q and %q", down.Action, down.DedupKey, up.Action, up.DedupKey, json.DedupKey)
	}
	if down.Summary != "Shop is down: 503" || down.Severity != "critical" || down.Origin != "shop.example.net" || down.Component != "Shop" || down.Labels["env"] != "prod" || len(down.Links) != 1 {
		t.Errorf("got %+v", down)
	}
	if kept := fmt.Sprint(down.Details); strings.Contains(kept, token) || !strings.Contains(kept, "203.0.113.4") {
		t.Errorf("details %s", kept)
	}
	if s := parse(t, post("Down", "0")); s.Summary != "Shop is down: no answer in time" {
		t.Errorf("got %q", s.Summary)
	}
	if s := parse(t, plug.Inbound{Body: []byte(withID)}); s.DedupKey != "test/4711" || s.Action != alert.Resolve {
		t.Errorf("by its number: %+v", s)
	}
	q, _ := url.ParseQuery("URL=https%3A%2F%2Fshop.example.net%2Fhealth&Name=Shop&Code=500&Status=Down&Tags=a")
	if s := parse(t, plug.Inbound{Query: q}); s.DedupKey != down.DedupKey || s.Summary != "Shop is down: 500" {
		t.Errorf("by the address: %+v", s)
	}
}

// INV-A6: the vendor's token is a proof as good as the hook's secret.
func TestToken(t *testing.T) {
	const made = "49f68a5c8493ec2c0bf489821c21fc3b" // md5("hi"), RFC 1321's function
	call := func(given string) plug.Inbound {
		in := post("Down", "503")
		in.Body = []byte(strings.Replace(string(in.Body), token, given, 1))
		return in
	}
	for name, c := range map[string]struct {
		secret, given string
		good          bool
	}{
		"the token": {made, made, true}, "in capitals": {made, strings.ToUpper(made), true}, "what it is made of": {"hi", made, true}, "one of two": {"the-other-one " + made, made, true},
		"another": {made, token, false}, "cut": {made, made[:31], false}, "none": {made, "", false}, "nothing set": {"", token, true},
	} {
		in := call(c.given)
		in.Secret = secret.String(c.secret)
		_, err := (source{}).Parse(in)
		if (err == nil) != c.good || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := plug.Inbound{Body: []byte("no JSON"), Secret: "x"}
	if _, err := (source{}).Parse(in); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a body nobody vouches for is not judged: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]string{``: " want an object", `[]`: " must be an object", `{}`: "/Name is needed", `{"Name":"x"}`: "/Status is needed", `{"Name":[],"Status":"Up"}`: "/Name is needed", `{"Name":"x","Status":{}}`: "/Status is needed"} {
		_, err := (source{}).Parse(plug.Inbound{Body: []byte(body)})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || !strings.HasPrefix(f.Details[0].Where+" "+f.Details[0].What, want) {
			t.Errorf("%.60s: got %v %+v, want %q", body, err, f, want)
		}
	}
	for _, body := range []string{"", "a=%zz", "Token=x"} {
		if _, err := (source{}).Parse(plug.Inbound{Body: []byte(body), ContentType: form}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
	long := strings.Repeat("x", 5000)
	s := parse(t, plug.Inbound{Body: []byte(url.Values{"Name": {long}, "Status": {long}, "URL": {"http://" + long}, "Tags": {"\x00\xff"}}.Encode()), ContentType: form})
	plugtest.CheckReceived(t, plug.Received{Signals: []alert.Signal{s}})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{sample, asJSON, withID, nameOnly, string(post("Up", "0").Body), "Name=%00%ff&Status=Down&URL=%3A%2F%2F"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, asForm bool) {
		in := plug.Inbound{Body: body, ID: "made"}
		if asForm {
			in.ContentType = form
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
