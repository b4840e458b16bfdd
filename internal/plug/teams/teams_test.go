package teams

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const path = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijklmnopqrstuvwxyz0123456789"

// peer is the webhook of a workflow: it checks what the workflow would refuse.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	const failed = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || r.URL.Query().Get("sp") != "/triggers/manual/run" {
				t.Errorf("call %s %s %v", r.Method, r.URL, r.Header)
			}
			c := check(t, body)
			last := c.Body[len(c.Body)-1]
			return last.Inlines[0].Text
		},
		Path: path, Hidden: []secret.String{"abcdefghijklmnopqrstuvwxyz0123456789", "0123456789abcdef0123456789abcdef"},
		OK: plugtest.Reply{Status: 202},
		Cases: append(plugtest.HTTPTable(),
			status("connector took it", 200, "1", nil),
			status("connector was throttled", 200, failed+"429 with ContextId tcid=1", retry),
			status("connector has trouble", 200, failed+"503 with ContextId tcid=1", retry),
			status("connector refuses the size", 200, failed+"413 with ContextId tcid=1", perm),
			status("workflow turned off", 400, `{"error":{"code":"WorkflowTriggerIsNotEnabled"}}`, perm),
			plugtest.Case{Name: "throttled", Reply: plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"11"}}}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: 11 * time.Second}},
		),
	}
	return p.Start(t)
}

func check(t *testing.T, body []byte) card {
	var p payload
	if err := json.Unmarshal(body, &p); err != nil || p.Type != "message" || len(p.Attachments) != 1 || p.Attachments[0].Type != "application/vnd.microsoft.card.adaptive" || !strings.Contains(string(body), `"contentUrl":null`) {
		t.Fatalf("payload %.300s: %v", body, err)
	}
	if 2*plug.UTF16(string(body)) > 28*1024 || len(body) > 28*1024 {
		t.Errorf("payload of %d bytes", len(body))
	}
	c := p.Attachments[0].Content
	if c.Type != "AdaptiveCard" || c.Version == "" || len(c.Body) == 0 {
		t.Errorf("card %+v", c)
	}
	for _, e := range c.Body {
		if e.Type != "RichTextBlock" || len(e.Inlines) != 1 || e.Inlines[0].Text == "" {
			t.Errorf("element %+v", e)
		}
	}
	return c
}

func open2(t *testing.T, to string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"url": to}))
}

// B14, B42.
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base+path) }, peer(t))
}

// The address "default" keeps the URL out of the catalogue.
func TestDefault(t *testing.T) {
	p := peer(t)
	ch := open2(t, p.To())
	m := plugtest.SampleMessage("default")
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	c := check(t, []byte(body))
	if len(c.Actions) != 1 || c.Actions[0] != (action{"Action.OpenUrl", "Acknowledge", m.AckURL}) {
		t.Errorf("%+v", c.Actions)
	}
	if c.Body[1].Inlines[0].Text != strings.TrimSpace(m.Text) {
		t.Errorf("%+v", c.Body[1])
	}
	for _, to := range []string{"", "incidents", "ftp://a.example/x"} {
		_, err := ch.Send(t.Context(), plug.Message{Key: "k", To: to, Text: "x"})
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

// A customer's workflow is named: its URL stands in the settings alone, and no error of
// them or of a send has it.
func TestWorkflowsOfCustomers(t *testing.T) {
	p := peer(t)
	open := func(workflows string) (any, error) {
		return Plugin().Open(plugtest.Config(map[string]string{"workflows": workflows}))
	}
	v, err := open("acme=" + p.To() + "\nglobex.uk=" + p.To() + "&other=1,")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"acme", "globex.uk"} {
		m := plugtest.SampleMessage(to)
		if _, err := v.(plug.Channel).Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	if got := p.Got(); len(got) != 2 || !strings.Contains(got[1].Raw, "&other=1\n") {
		t.Errorf("%d posts", len(got))
	}
	p.Next(plugtest.Reply{Status: 404, Body: "no workflow at " + p.To()})
	if _, err := v.(plug.Channel).Send(t.Context(), plugtest.SampleMessage("acme")); err == nil || strings.Contains(err.Error(), "abcdefghijklmnopqrstuvwxyz0123456789") {
		t.Errorf("refused: %v", err)
	}
	for _, to := range []string{"initech", "default", "ACME"} {
		_, err := v.(plug.Channel).Send(t.Context(), plug.Message{Key: "k", To: to, Text: "x"})
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, bad := range []string{"acme", p.To(), "acme=ftp://a.example/secretpart", "default=" + p.To(), "acme=" + p.To() + " acme=" + p.To(), "Acme=" + p.To()} {
		if _, err := open(bad); err == nil || strings.Contains(err.Error(), "sig=") || strings.Contains(err.Error(), "secretpart") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A text of any size and any characters fits, and says when it was shortened.
func TestLimit(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 100_000), strings.Repeat("日本", 50_000), strings.Repeat("😀", 50_000), strings.Repeat(`"\`, 50_000), strings.Repeat("x\u2028", 50_000)} {
		m := plugtest.SampleMessage("default")
		m.Text = text
		p, err := compose(m)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := plug.EncodeJSON(p)
		c := check(t, body)
		if got := c.Body[1].Inlines[0].Text; !strings.HasSuffix(got, plug.Shortened) || len(c.Actions) != 1 {
			t.Errorf("%.20q: %d characters, %+v", text, len(got), c.Actions)
		}
	}
}
