package zendesk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/zendesk"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

// Payloads of each documented shape.
const (
	created = `{"account_id":22129848,"detail":{"actor_id":"8447388090494","created_at":"2026-03-02T03:04:01Z","custom_status":"4413","description":"The site is down.\n\n-- \nAnn","external_id":null,"id":"5158","is_public":true,"organization_id":"8112492601726","priority":"HIGH","requester_id":"8447388090494","status":"OPEN","subject":"Site is DOWN","tags":["sso","web"],"updated_at":"2026-03-02T03:04:01Z","via":{"channel":"web_service"}},"event":{"meta":{"sequence":{"id":"A1","position":1}}},"id":"2b24ef10-19d4-4740-93cf-8f98ec4776c0","subject":"zen:ticket:5158","time":"2026-03-02T03:04:02Z","type":"zen:event-type:ticket.created","zendesk_event_version":"2022-11-06"}`
	nested  = `{"id":"evt-1","type":"zen:event-type:ticket.created","ticket":{"id":5159,"subject":"Invoice","status":"new","priority":"normal","requester":{"name":"Jane Doe","email":"Jane@Example.net"}},"timestamp":"2026-03-02T10:00:00Z"}`
	comment = `{"type":"zen:event-type:ticket.comment_added","id":"e-2","time":"2026-03-02T03:05:00Z","subject":"zen:ticket:5158","detail":{"id":"5158","status":"OPEN"},"event":{"comment":{"id":"99","body":"It is still down\r\nfor all","is_public":true,"author":{"id":"1","name":"Ann","is_staff":false}}}}`
	solved  = `{"type":"zen:event-type:ticket.status_changed","id":"e-3","time":"2026-03-02T04:05:00Z","subject":"zen:ticket:5158","detail":{"id":"5158","status":"SOLVED"},"event":{"current":"SOLVED","previous":"OPEN"}}`
	trigger = `{"ticket":{"id":"35436","subject":"Outage","description":"We see an outage","status":"Open","priority":"Urgent","tags":"web sso","url":"example.zendesk.com/agent/tickets/35436"},"requester":{"name":"Jane","email":"jane@acme.example"},"organization":{"name":"Acme","external_id":"acme"},"comment":{"body":"More of it","author_email":"bo@acme.example"},"updated_at":"2026-03-02T03:04:05Z"}`
	flat    = `{"ticket_id":35437,"ticket_subject":"Outage","ticket_description":"x","ticket_status":"Closed","ticket_priority":"-","ticket_tags":["a"],"requester_name":"Jane","requester_email":"jane@acme.example","organization_name":"Acme","latest_comment":"y","ticket_url":"https://example.zendesk.com/agent/tickets/35437"}`
	bare    = `{"id":35438,"subject":"Outage","description":"{{ticket.description}}","status":null,"requester":"Jane","tags":null,"organization":{}}`
)

func parse(t testing.TB, body string) (ticket.Report, error) {
	t.Helper()
	src, ok := plugtest.Open(t, zendesk.Plugin(), plugtest.Config(nil)).(plug.Source)
	if !ok {
		t.Fatal("no source")
	}
	got, err := src.Parse(plug.Inbound{Body: []byte(body), Now: now})
	if err != nil || len(got.Tickets) == 0 {
		return ticket.Report{}, err
	}
	plugtest.CheckReceived(t, got)
	return got.Tickets[0], err
}

// Clauses: INT-ZENDESK
func TestConformanceOfTheSource(t *testing.T) {
	var calls []plug.Inbound
	for _, body := range []string{created, nested, comment, solved, trigger, flat, bare} {
		calls = append(calls, plug.Inbound{Body: []byte(body)})
	}
	plugtest.Source(t, plugtest.SourceCase{Open: zendesk.Plugin(), Calls: calls, Signed: true})
}

// Clauses: CRI-ZD-CLASS
func TestWhatAPayloadSays(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want ticket.Report
	}{
		"created": {created, ticket.Report{Source: "zendesk", ExternalID: "5158", Event: "2b24ef10-19d4-4740-93cf-8f98ec4776c0", Subject: "Site is DOWN", Text: "The site is down.\n\n--\nAnn", Status: "open", Priority: "high", Tags: []string{"sso", "web"}, Customer: []string{"8112492601726"}}},
		"nested":  {nested, ticket.Report{Source: "zendesk", ExternalID: "5159", Event: "evt-1", Subject: "Invoice", Status: "new", Priority: "normal", Name: "Jane Doe", Email: "jane@example.net"}},
		"comment": {comment, ticket.Report{Source: "zendesk", ExternalID: "5158", Event: "e-2", Comment: "It is still down\nfor all", Status: "open"}},
		"solved":  {solved, ticket.Report{Source: "zendesk", ExternalID: "5158", Event: "e-3", Status: "solved", Ended: true}},
		"trigger": {trigger, ticket.Report{Source: "zendesk", ExternalID: "35436", Subject: "Outage", Text: "We see an outage", Comment: "More of it", Status: "open", Priority: "urgent", Tags: []string{"web", "sso"}, URL: "https://example.zendesk.com/agent/tickets/35436", Name: "Jane", Email: "jane@acme.example", Customer: []string{"acme", "Acme"}}},
		"flat":    {flat, ticket.Report{Source: "zendesk", ExternalID: "35437", Subject: "Outage", Text: "x", Comment: "y", Status: "closed", Ended: true, Tags: []string{"a"}, URL: "https://example.zendesk.com/agent/tickets/35437", Name: "Jane", Email: "jane@acme.example", Customer: []string{"Acme"}}},
		"bare":    {bare, ticket.Report{Source: "zendesk", ExternalID: "35438", Subject: "Outage", Tags: []string{}}},
	} {
		got, err := parse(t, c.body)
		if at := time.Date(2026, 3, 2, 3, 4, 1, 0, time.UTC); name == "created" && !got.OpenedAt.Equal(at) {
			t.Errorf("opened at %v", got.OpenedAt)
		}
		if name == "trigger" { // known by what it says and when
			if !strings.HasPrefix(got.Event, "body/") {
				t.Errorf("event %q", got.Event)
			}
			got.Event = ""
		}
		if err != nil || !same(got, c.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, c.want)
		}
	}
}

func same(a, b ticket.Report) bool {
	return slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Customer, b.Customer) && a.Source == b.Source && a.ExternalID == b.ExternalID && a.Event == b.Event && a.URL == b.URL &&
		a.Subject == b.Subject && a.Text == b.Text && a.Comment == b.Comment && a.Status == b.Status && a.Ended == b.Ended && a.Priority == b.Priority && a.Name == b.Name && a.Email == b.Email
}

// What agents, programs and we ourselves write is no sign of trouble: an internal
// comment of ours says "outage" too.
func TestOnlyACustomersCommentIsRead(t *testing.T) {
	for name, body := range map[string]string{
		"internal": strings.Replace(comment, `"is_public":true`, `"is_public":false`, 1), "of an agent": strings.Replace(comment, `"is_staff":false`, `"is_staff":true`, 1),
		"by a role": strings.Replace(comment, `"is_staff":false`, `"role":"admin"`, 1), "of another house": strings.Replace(trigger, "bo@acme.example", "agent@support.example", 1),
	} {
		if got, err := parse(t, body); err != nil || got.Comment != "" {
			t.Errorf("%s: %q, %v", name, got.Comment, err)
		}
	}
	for kind, status := range map[string]string{"soft_deleted": "deleted", "permanently_deleted": "deleted", "marked_as_spam": "spam", "merged": "merged"} {
		if got, err := parse(t, strings.Replace(created, "ticket.created", "ticket."+kind, 1)); err != nil || !got.Ended || got.Status != status {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
	if got, err := parse(t, `{"type":"zen:event-type:user.created","subject":"zen:user:1","detail":{"id":"1"}}`); err != nil || got.ExternalID != "" {
		t.Errorf("of a user: %+v, %v", got, err)
	}
}

// The test of a webhook sends its placeholders as they are written.
func TestOfAWebhook(t *testing.T) {
	for _, body := range []string{`{"ticket":{"id":"{{ticket.id}}","subject":"{{ticket.title}}"}}`, `{"ticket_id":"{{ticket.id}}"}`, `{"id":"{{ticket.id}}"}`} {
		if got, err := parse(t, body); err != nil || got.ExternalID != "" {
			t.Errorf("%s: %+v %v", body, got, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, where := range map[string]string{
		`[]`: "", `{}`: "/ticket/id", `{"ticket":{"subject":"x"}}`: "/ticket/id", `{"ticket":{"id":1}`: "", ``: "",
	} {
		_, err := parse(t, body)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) == 0 || f.Details[0].Where != where {
			t.Errorf("%s: %v %+v", body, err, f)
		}
	}
	for _, body := range []string{
		`{"ticket":{"id":1,"subject":` + `"` + strings.Repeat("x", 9000) + `"}}`, `{"ticket":{"id":true,"subject":{"a":1},"tags":{"a":1},"requester":[1]},"comment":[1],"event":"x"}`,
		`{"ticket":{"id":12345678901234567890123456789012345678901234567890}}`, `{"ticket":{"id":1,"description":"` + strings.Repeat("äö\\n", 20_000) + `"}}`,
	} {
		if _, err := parse(t, body); err != nil {
			t.Errorf("%.60s: %v", body, err)
		}
	}
}

// The proof is over the time and every byte of the body, and holds five minutes.
//
// Clauses: INT-ZENDESK
func TestSignature(t *testing.T) {
	src := plugtest.Open(t, zendesk.Plugin(), plugtest.Config(nil)).(plug.Source)
	signed := func(key, body string, at time.Time) plug.Inbound {
		stamp := at.Format(time.RFC3339)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(stamp + body))
		h := http.Header{}
		h.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		h.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
		return plug.Inbound{Header: h, Body: []byte(body), Now: now, Secret: secret.String("old-secret the-secret")}
	}
	good := signed("the-secret", created, now)
	for name, c := range map[string]struct {
		change func(in *plug.Inbound)
		ok     bool
	}{
		"genuine":          {func(*plug.Inbound) {}, true},
		"the other secret": {func(in *plug.Inbound) { *in = signed("old-secret", created, now) }, true},
		"the edge":         {func(in *plug.Inbound) { *in = signed("the-secret", created, now.Add(-5*time.Minute)) }, true},
		"early":            {func(in *plug.Inbound) { *in = signed("the-secret", created, now.Add(301*time.Second)) }, false},
		"replayed":         {func(in *plug.Inbound) { *in = signed("the-secret", created, now.Add(-301*time.Second)) }, false},
		"another secret":   {func(in *plug.Inbound) { *in = signed("guess", created, now) }, false},
		"another body":     {func(in *plug.Inbound) { in.Body = []byte(nested) }, false},
		"a byte more":      {func(in *plug.Inbound) { in.Body = append(in.Body, ' ') }, false},
		"another time": {func(in *plug.Inbound) {
			in.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", now.Add(time.Second).Format(time.RFC3339))
		}, false},
		"no time":      {func(in *plug.Inbound) { in.Header.Del("X-Zendesk-Webhook-Signature-Timestamp") }, false},
		"no signature": {func(in *plug.Inbound) { in.Header.Del("X-Zendesk-Webhook-Signature") }, false},
		"empty":        {func(in *plug.Inbound) { in.Header.Set("X-Zendesk-Webhook-Signature", "") }, false},
		"cut": {func(in *plug.Inbound) {
			in.Header.Set("X-Zendesk-Webhook-Signature", in.Header.Get("X-Zendesk-Webhook-Signature")[:20])
		}, false},
		"twice": {func(in *plug.Inbound) { in.Header.Add("X-Zendesk-Webhook-Signature", "AAAA") }, false},
	} {
		in := good
		in.Header, in.Body = good.Header.Clone(), slices.Clone(good.Body)
		c.change(&in)
		got, err := src.Parse(in)
		if c.ok != (err == nil && len(got.Tickets) == 1) || !c.ok && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{created, nested, comment, solved, trigger, flat, bare, zendesk.Plugin().Manifest.Sample} {
		f.Add([]byte(s))
	}
	src := plugtest.Open(f, zendesk.Plugin(), plugtest.Config(nil)).(plug.Source)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := src.Parse(plug.Inbound{Body: body, Now: now, ID: "call"})
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
		plugtest.CheckReceived(t, got)
	})
}
