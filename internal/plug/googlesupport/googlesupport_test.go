package googlesupport

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// google is a fake of the token endpoint and of the Support API: a token is given for
// a claim that the account's key has signed, and nothing without that token.
type google struct {
	t      *testing.T
	key    *rsa.PrivateKey
	url    string
	given  int // tokens
	made   []map[string]any
	state  string
	forget bool // the token is not taken any more
}

func (g *google) answer(r *http.Request, body []byte) plugtest.Reply {
	if r.URL.Path == "/token" {
		return g.token(body)
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", g.given) || g.forget {
		g.forget = false
		return plugtest.Reply{Status: http.StatusUnauthorized, Body: `{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}`}
	}
	if r.Header.Get("X-Goog-User-Project") != "shop-prod" {
		g.t.Errorf("quota project %q", r.Header.Get("X-Goog-User-Project"))
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /v2/projects/shop-prod/cases":
		var in map[string]any
		if err := json.Unmarshal(body, &in); err != nil {
			g.t.Error(err)
		}
		g.made = append(g.made, in)
		return plugtest.Reply{Body: fmt.Sprintf(`{"name":"projects/shop-prod/cases/4300%d","displayName":%q,"state":"NEW","priority":%q}`, len(g.made), in["displayName"], in["priority"])}
	case "GET /v2/projects/shop-prod/cases":
		if r.URL.Query().Get("filter") != "state=OPEN" {
			g.t.Errorf("filter %q", r.URL.RawQuery)
		}
		var list []string
		for i, c := range g.made {
			list = append(list, fmt.Sprintf(`{"name":"projects/shop-prod/cases/4300%d","displayName":%q}`, i+1, c["displayName"]))
		}
		return plugtest.Reply{Body: `{"cases":[` + strings.Join(list, ",") + `]}`}
	case "GET /v2/projects/shop-prod/cases/43001":
		return plugtest.Reply{Body: `{"name":"projects/shop-prod/cases/43001","state":"` + g.state + `"}`}
	}
	return plugtest.Reply{Status: http.StatusNotFound, Body: `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}`}
}

// token checks the claim as Google does (RFC 7523).
func (g *google) token(body []byte) plugtest.Reply {
	form, err := url.ParseQuery(string(body))
	parts := strings.Split(form.Get("assertion"), ".")
	if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(parts) != 3 {
		g.t.Errorf("asked for a token with %s", body)
		return plugtest.Reply{Status: http.StatusBadRequest, Body: `{"error":"invalid_grant","error_description":"Bad Request"}`}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || rsa.VerifyPKCS1v15(&g.key.PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return plugtest.Reply{Status: http.StatusBadRequest, Body: `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	if err != nil || json.Unmarshal(raw, &claims) != nil || claims.Iss != "allclear@shop-prod.iam.gserviceaccount.com" || claims.Scope != scope || claims.Aud != g.url+"/token" || claims.Exp-claims.Iat != 3600 {
		g.t.Errorf("claims %s", raw)
	}
	g.given++
	return plugtest.Reply{Body: fmt.Sprintf(`{"access_token":"token-%d","expires_in":3599,"token_type":"Bearer"}`, g.given)}
}

func opened(t *testing.T) (desk, *google, *plugtest.HTTP) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	g := &google{t: t, key: key, state: "IN_PROGRESS_GOOGLE_SUPPORT"}
	peer := (&plugtest.HTTP{Answer: g.answer}).Start(t)
	g.url = peer.URL()
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "shop-prod", "private_key_id": "k1", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": "allclear@shop-prod.iam.gserviceaccount.com", "token_uri": peer.URL() + "/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"service_account": secret.String(file), "classification": "100152000", "base_url": secret.String(peer.URL())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(desk), g, peer
}

func wish() plug.Message {
	return plug.Message{Kind: plug.CaseWanted, Channel: Name, Subject: "INC-7: backups fail", Text: "Since 03:04 UTC", Case: plug.Case{Incident: "INC-7", Kind: plug.CaseSupport, Urgency: "P2"}}
}

// INT-GCP: a case is opened with a token for a signed claim, its priority
// from our urgency, and read until it is closed.
func TestACase(t *testing.T) {
	d, g, _ := opened(t)
	r, err := d.Send(t.Context(), wish())
	if err != nil || r.ProviderRef != "projects/shop-prod/cases/43001" || !r.Arrived {
		t.Fatalf("%+v %v", r, err)
	}
	if c := g.made[0]; c["displayName"] != "INC-7: backups fail" || c["description"] != "Since 03:04 UTC" || c["priority"] != "P2" || fmt.Sprint(c["classification"]) != "map[id:100152000]" || c["timeZone"] != "UTC" {
		t.Errorf("made %+v", c)
	}
	st, err := d.Look(t.Context(), r.ProviderRef)
	if err != nil || st.Number != "43001" || st.State != "in progress google support" || st.Over || st.Link != "https://console.cloud.google.com/support/cases/detail/v2/43001?project=shop-prod" {
		t.Errorf("%+v %v", st, err)
	}
	g.state = "CLOSED"
	if st, err = d.Look(t.Context(), r.ProviderRef); err != nil || !st.Over {
		t.Errorf("%+v %v", st, err)
	}
	if g.given != 1 {
		t.Errorf("%d tokens for three calls", g.given)
	}
}

// A wish that may have arrived opens no second case, and a token that is not taken any
// more is fetched anew.
func TestAResentWish(t *testing.T) {
	d, g, _ := opened(t)
	m := wish()
	if _, err := d.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	g.forget = true
	m.Again = true
	if _, err := d.Send(t.Context(), m); err == nil {
		t.Error("an old token is taken")
	}
	r, err := d.Send(t.Context(), m)
	if err != nil || r.ProviderRef != "projects/shop-prod/cases/43001" || len(g.made) != 1 || g.given != 2 {
		t.Errorf("%+v %v, made %d, tokens %d", r, err, len(g.made), g.given)
	}
}

func TestFailures(t *testing.T) {
	d, _, peer := opened(t)
	if _, err := d.Send(t.Context(), wish()); err != nil { // has a token now
		t.Fatal(err)
	}
	for _, c := range []struct {
		reply plugtest.Reply
		kind  plug.FailureKind
		want  string
	}{
		{plugtest.Reply{Status: 403, Body: `{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}`}, plug.Permanent, "PERMISSION_DENIED"},
		{plugtest.Reply{Status: 400, Body: `{"error":{"code":400,"message":"classification token-1","status":"INVALID_ARGUMENT"}}`}, plug.Permanent, "INVALID_ARGUMENT"},
		{plugtest.Reply{Status: 503, Echo: true}, plug.Retry, ""},
		{plugtest.Reply{Body: `{"name":"../x"}`}, plug.Unknown, "names no case"},
		{plugtest.Reply{Body: `<html>`}, plug.Unknown, ""},
		{plugtest.Reply{Hangup: true}, plug.Unknown, ""},
	} {
		peer.Next(c.reply)
		_, err := d.Send(t.Context(), wish())
		if f := plug.FailureOf(err); err == nil || f.Kind != c.kind || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "PRIVATE KEY") {
			t.Errorf("%.60v: %v", c.reply, err)
		}
	}
	for _, ref := range []string{"projects/shop-prod/cases/9", "projects/x/../y", ""} {
		if _, err := d.Look(t.Context(), ref); err == nil {
			t.Errorf("a case %q is there", ref)
		}
	}
	late := d
	late.key, late.access = mustKey(t), &plug.Token{}
	if _, err := late.Send(t.Context(), wish()); err == nil || !strings.Contains(err.Error(), "Invalid JWT Signature") || plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("another key: %v", err)
	}
}

func mustKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.(plug.CaseDesk).Desk(); ok {
		t.Error("a desk without settings")
	}
	for _, values := range []map[string]secret.String{{"service_account": "x"}, {"service_account": `{"client_email":"a@b"}`}, {"base_url": "ftp://x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
}
