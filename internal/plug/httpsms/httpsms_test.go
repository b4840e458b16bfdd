package httpsms_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/httpsms"
	"allclear/internal/plug/plugtest"
)

const key = "Bearer gateway-key-0123456789"

func gateway(t *testing.T) *plugtest.HTTP {
	p := &plugtest.HTTP{
		Key:     func(r *http.Request, _ []byte) string { return r.Header.Get("Idempotency-Key") },
		Address: "+15550100001", Hidden: []secret.String{key, "gateway-key-0123456789"},
	}
	return p.Start(t)
}

// Clauses: INT-SMS, DRB-BK-COMMS
// B14
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel {
		return plugtest.Open(t, httpsms.Plugin(), plugtest.Config(map[string]string{"url": base + "/send", "headers": "Authorization: " + key}))
	}, gateway(t))
}

// sent returns the body and the address of one message.
func sent(t *testing.T, m plug.Message, s map[string]string) (body, path string) {
	t.Helper()
	peer := gateway(t)
	s["url"] = peer.URL() + s["url"]
	if _, err := plugtest.Open(t, httpsms.Plugin(), plugtest.Config(s)).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	raw := peer.Got()[0].Raw
	_, body, _ = strings.Cut(raw, "\r\n\n")
	path, _, _ = strings.Cut(raw, "\n")
	return body, path
}

// Whatever a message holds, it stays inside its place.
func TestPlacesAreEscaped(t *testing.T) {
	m := plugtest.SampleMessage("+15550100001")
	m.Code = "123456"
	m.Subject, m.Text = `a "quote" \ {{to}} {{key}}`, "b&c=d\x07 <x> %41\n"
	body, _ := sent(t, m, map[string]string{"body": `{"messages": [{"dst": "{{ to }}", "msg": "{{text}}", "sender": "{{from}}"}]}`, "from": "Allclear"})
	var doc struct{ Messages []map[string]string }
	if err := json.Unmarshal([]byte(body), &doc); err != nil || len(doc.Messages) != 1 || len(doc.Messages[0]) != 3 {
		t.Fatalf("%v in %s", err, body)
	}
	if d := doc.Messages[0]; d["dst"] != m.To || d["sender"] != "Allclear" || !strings.HasPrefix(d["msg"], m.Subject) || !strings.Contains(d["msg"], "b&c=d") || !strings.Contains(d["msg"], "Reply 123456") {
		t.Errorf("%q", d)
	}
	body, _ = sent(t, m, map[string]string{"body": "to={{to}}&text={{text}}&x=1", "content_type": "application/x-www-form-urlencoded"})
	if v, err := url.ParseQuery(body); err != nil || len(v) != 3 || v.Get("to") != m.To || !strings.Contains(v.Get("text"), "b&c=d") {
		t.Errorf("%v %s", err, body)
	}
	body, path := sent(t, m, map[string]string{"url": "/send?to={{to}}&text={{text}}", "method": "get"})
	call := strings.Fields(path)
	u, err := url.Parse(call[1])
	if err != nil || call[0] != http.MethodGet || u.Query().Get("to") != m.To || !strings.Contains(u.Query().Get("text"), "b&c=d") || len(u.Query()) != 2 || strings.TrimSpace(body) != "" {
		t.Errorf("%s %q", path, body)
	}
}

// A gateway that answers 200 to a refusal says so in the body.
func TestSuccessIsWhatTheOwnerSays(t *testing.T) {
	peer := gateway(t)
	ch := plugtest.Open(t, httpsms.Plugin(), plugtest.Config(map[string]string{"url": peer.URL(), "success": `"ok":true`}))
	peer.Next(plugtest.Reply{Body: `{"ok":true}`})
	if _, err := ch.Send(t.Context(), plugtest.SampleMessage("+15550100001")); err != nil {
		t.Error(err)
	}
	peer.Next(plugtest.Reply{Body: `{"ok":false,"error":"no credit"}`})
	_, err := ch.Send(t.Context(), plugtest.SampleMessage("+15550100001"))
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent || !f.Ours || !strings.Contains(err.Error(), "no credit") {
		t.Errorf("%v", err)
	}
}

func TestSettings(t *testing.T) {
	reg, err := plug.NewRegistry(httpsms.Plugin())
	if err != nil {
		t.Fatal(err)
	}
	good := func() map[string]string { return map[string]string{"url": "https://sms.example/send"} }
	if _, err := reg.Open("httpsms", plugtest.Config(good())); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]map[string]string{
		"no address":           {"url": ""},
		"another scheme":       {"url": "ftp://sms.example"},
		"credentials":          {"url": "https://u:p@sms.example"},
		"a place in the host":  {"url": "https://{{to}}.example/"},
		"unknown place":        {"body": `{"to": "{{to}}", "text": "{{text}}", "x": "{{colour}}"}`},
		"nowhere to":           {"body": `{"text": "{{text}}"}`},
		"a place not in quote": {"body": `{"to": {{to}}, "text": "{{text}}"}`},
		"method":               {"method": "DELETE"},
		"content type":         {"content_type": "image/png"},
		"header":               {"headers": "no header"},
	} {
		all := good()
		for k, v := range s {
			all[k] = v
		}
		if _, err := reg.Open("httpsms", plugtest.Config(all)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
