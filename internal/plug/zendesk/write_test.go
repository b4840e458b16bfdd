package zendesk_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/zendesk"
)

const token = "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv"

func writer(t testing.TB, base string) plug.Channel {
	t.Helper()
	return plugtest.Open(t, zendesk.Plugin(), plugtest.Config(map[string]string{"base_url": base, "email": "agent@example.net", "api_token": token}))
}

func peer(t testing.TB) *plugtest.HTTP {
	t.Helper()
	p := &plugtest.HTTP{Address: "35436", Hidden: []secret.String{token}, OK: plugtest.Reply{Status: 200, Body: `{"ticket":{"id":35436}}`}}
	p.Key = func(_ *http.Request, body []byte) string {
		var u struct {
			Ticket struct {
				Metadata map[string]string `json:"metadata"`
			} `json:"ticket"`
		}
		_ = json.Unmarshal(body, &u)
		return u.Ticket.Metadata["allclear"]
	}
	for _, c := range plugtest.HTTPTable() {
		if c.Reply.Status == http.StatusConflict { // somebody saved the ticket at the same moment
			c.Want = &plug.Failure{Kind: plug.Retry}
		}
		p.Cases = append(p.Cases, c)
	}
	return p.Start(t)
}

// update sends a message as an update of a ticket.
type update struct{ plug.Channel }

func (u update) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	m.Kind, m.Ticket = plug.Ticket, plug.TicketUpdate{ID: m.To, Priority: "high", Comment: m.Text}
	return u.Channel.Send(ctx, m)
}

// Retries by Retry-After, one key, and no token in an error.
//
// Clauses: INT-ZENDESK
func TestConformanceOfTheChannel(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return update{writer(t, base)} }, peer(t))
}

func message() plug.Message {
	return plug.Message{Kind: plug.Ticket, Key: "ticket/1/1", Ticket: plug.TicketUpdate{ID: "35436", Priority: "urgent", Tags: []string{"allclear", "inc_42"}, Comment: "why"}}
}

// Tags are added and not overwritten, the comment is not for the customer.
//
// Clauses: INT-ZENDESK, CRI-ZD-CLASS
func TestWhatIsWritten(t *testing.T) {
	p := peer(t)
	if _, err := writer(t, p.URL()).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	got := p.Got()
	if len(got) != 2 {
		t.Fatalf("%d calls", len(got))
	}
	basic := base64.StdEncoding.EncodeToString([]byte("agent@example.net/token:" + token))
	for i, want := range [][]string{
		{"PUT /api/v2/tickets/35436/tags.json\n", `{"tags":["allclear","inc_42"]}`},
		{"PUT /api/v2/tickets/35436.json\n", `"priority":"urgent"`, `"comment":{"body":"why","public":false}`, `"metadata":{"allclear":"ticket/1/1"}`},
	} {
		for _, w := range append(want, "Authorization: Basic "+basic) {
			if !strings.Contains(got[i].Raw, w) {
				t.Errorf("call %d lacks %q: %s", i, w, got[i].Raw)
			}
		}
	}
}

// An update that may have arrived is looked for before it is made again, so that
// a comment is made once.
//
// Clauses: INT-ZENDESK
func TestACommentIsMadeOnce(t *testing.T) {
	for name, c := range map[string]struct {
		audits string
		made   bool
	}{
		"it is there":    {`{"audits":[{"metadata":{"system":{},"custom":{}}},{"metadata":{"custom":{"allclear":"ticket/1/1"}}}]}`, true},
		"it is not":      {`{"audits":[{"metadata":{"custom":{"allclear":"ticket/1/2"}}},{}]}`, false},
		"a cut document": {`{"audits":[{"metadata":{"custom":{"allclear":"ticket/1/1"}}},{"metad`, true},
	} {
		p := peer(t)
		m := message()
		m.Again, m.Ticket.Tags = true, nil
		p.Next(plugtest.Reply{Status: 200, Body: c.audits})
		if _, err := writer(t, p.URL()).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := p.Got()
		if !strings.HasPrefix(got[0].Raw, "GET /api/v2/tickets/35436/audits.json") || len(got) != 2 || strings.Contains(got[1].Raw, `"comment"`) == c.made || !strings.Contains(got[1].Raw, `"priority":"urgent"`) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatZendeskRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		replies []plugtest.Reply
		kind    plug.FailureKind
		after   time.Duration
		says    string
	}{
		"the token":           {[]plugtest.Reply{{Status: 401, Body: `{"error":"Couldn't authenticate you"}`}}, plug.Permanent, 0, "ALLCLEAR_ZENDESK_API_TOKEN"},
		"the rate":            {[]plugtest.Reply{{Status: 429, Header: http.Header{"Retry-After": {"93"}}}}, plug.Retry, 93 * time.Second, ""},
		"the rate, later":     {[]plugtest.Reply{{}, {Status: 429, Header: http.Header{"Retry-After": {"7"}}}}, plug.Retry, 7 * time.Second, ""},
		"a ticket that is no": {[]plugtest.Reply{{Status: 404}, {Status: 404}}, plug.Permanent, 0, ""},
		"a closed ticket":     {[]plugtest.Reply{{}, {Status: 422, Body: `{"error":"RecordInvalid"}`}}, plug.Permanent, 0, "RecordInvalid"},
		"somebody saves it":   {[]plugtest.Reply{{}, {Status: 409}}, plug.Retry, 0, ""},
	} {
		p := peer(t)
		for _, r := range c.replies {
			p.Next(r)
		}
		_, err := writer(t, p.URL()).Send(t.Context(), message())
		f := plug.FailureOf(err)
		if f == nil || f.Kind != c.kind || f.RetryAfter != c.after || !strings.Contains(f.Error(), c.says) || strings.Contains(f.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := peer(t)
	p.Next(plugtest.Reply{Status: 404}) // no such way to add tags: the update itself decides
	if _, err := writer(t, p.URL()).Send(t.Context(), message()); err != nil {
		t.Error(err)
	}
	bad := message()
	bad.Ticket.ID = "1/../users"
	for what, m := range map[string]plug.Message{"another number": bad, "a page": {Kind: plug.Page}} {
		if _, err := writer(t, p.URL()).Send(t.Context(), m); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSettings(t *testing.T) {
	reg, err := plug.NewRegistry(zendesk.Plugin())
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range []map[string]string{{"base_url": "https://example.zendesk.com"}, {"base_url": "ftp://x", "email": "a@b.example", "api_token": "t"}, {"email": "a@b.example", "api_token": "t"}, {"base_url": "https://x.example", "email": "a", "api_token": "t"}} {
		if _, err := reg.Open("zendesk", plugtest.Config(values)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", values, err)
		}
	}
	v, err := reg.Open("zendesk", plugtest.Config(nil))
	if k, ok := v.(plug.Keeper); err != nil || !ok || k.Keeps() {
		t.Errorf("without settings: %v, %v", v, err)
	}
}
