package zendesk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const beside = `{"ticket":{"id":5158,"requester_id":8447388090494,"organization_id":8112492601726},"users":[{"id":1,"name":"Agent","email":"agent@support.example"},{"id":8447388090494,"name":"Ann","email":"Ann@Acme.example"}],"organizations":[{"id":8112492601726,"name":"Acme Ltd","external_id":"acme"},{"id":2,"name":"Other"}]}`

func prepared(t *testing.T, p *plugtest.HTTP, in plug.Inbound) (plug.Received, error) {
	t.Helper()
	v := writer(t, p.URL())
	pre, ok := v.(plug.Preparer)
	if !ok {
		t.Fatal("nothing is looked up")
	}
	for range 2 { // the second time nothing is asked
		if err := pre.Prepare(t.Context(), in); err != nil {
			return plug.Received{}, err
		}
	}
	got, err := v.(plug.Source).Parse(in)
	plugtest.CheckReceived(t, got)
	return got, err
}

// An event tells who asked by number only: the account says who that is. One that
// does not answer keeps nothing back, and nothing is asked without proof.
//
// Clauses: INT-ZENDESK
func TestWhoAskedIsLookedUp(t *testing.T) {
	p := peer(t)
	p.Next(plugtest.Reply{Status: 200, Body: beside})
	got, err := prepared(t, p, plug.Inbound{Body: []byte(created), Now: now})
	if err != nil || len(got.Tickets) != 1 {
		t.Fatal(err)
	}
	r := got.Tickets[0]
	if r.Name != "Ann" || r.Email != "ann@acme.example" || !slices.Equal(r.Customer, []string{"8112492601726", "acme", "Acme Ltd"}) || !strings.HasSuffix(r.URL, "/agent/tickets/5158") {
		t.Errorf("%+v", r)
	}
	if calls := p.Got(); len(calls) != 1 || !strings.HasPrefix(calls[0].Raw, "GET /api/v2/tickets/5158.json?include=users,organizations") {
		t.Errorf("%d calls", len(calls))
	}
	for name, reply := range map[string]plugtest.Reply{"refused": {Status: 401}, "broken": {Status: 200, Body: "{"}, "gone": {Hangup: true}, "busy": {Status: 429, Header: http.Header{"Retry-After": {"60"}}}} {
		p := peer(t)
		p.Next(reply)
		p.Next(reply)
		got, err := prepared(t, p, plug.Inbound{Body: []byte(created), Now: now})
		if err != nil || len(got.Tickets) != 1 || got.Tickets[0].Email != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, in := range map[string]plug.Inbound{
		"who asked is told": {Body: []byte(trigger), Now: now}, "of a user": {Body: []byte(`{"type":"zen:event-type:user.created","detail":{"id":"1"}}`), Now: now}, "no number": {Body: []byte(`{"ticket":{"id":"1/../users"}}`), Now: now},
	} {
		p := peer(t)
		if _, err := prepared(t, p, in); err != nil || len(p.Got()) != 0 {
			t.Errorf("%s: %v, %d calls", name, err, len(p.Got()))
		}
	}
	p = peer(t)
	if _, err := prepared(t, p, plug.Inbound{Body: []byte(created), Now: now, Secret: secret.String("s")}); !fault.Is(err, fault.Unauthenticated) || len(p.Got()) != 0 {
		t.Errorf("without proof: %v, %d calls", err, len(p.Got()))
	}
}
