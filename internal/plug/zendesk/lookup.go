package zendesk

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
)

const (
	lookTime = 3 * time.Second  // a page must not wait longer for a name
	lookLast = 10 * time.Minute // how long an answer is taken for true
	maxKnown = 2000             // tickets
)

// writer is who asked, as the account says.
type writer struct {
	at          time.Time
	name, email string
	customer    []string
}

// Prepare implements plug.Preparer: event subscriptions tell requester and
// organisation by number, so the account is asked who they are. One that does not
// answer keeps nothing back: the ticket comes in without a customer.
func (z *Zendesk) Prepare(ctx context.Context, in plug.Inbound) error {
	if z.base == "" {
		return nil
	}
	if err := check(in); err != nil {
		return err // nobody sets off calls of ours without proof
	}
	r := reader{j: in.JSON()}
	r.j.Object(r.top)
	if r.j.End() != nil || !r.ofTicket() || r.email != "" || r.orgName != "" || !isNumber(r.id) {
		return nil // Parse says what is wrong
	}
	if _, ok := z.writer(r.id, in.Now); ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	a, err := z.call(ctx, plug.Message{}, http.MethodGet, "/api/v2/tickets/"+r.id+".json?include=users,organizations", nil)
	if err != nil || !a.OK() {
		return nil
	}
	if w, ok := readWriter(a.Body); ok {
		w.at = in.Now
		z.know(r.id, w)
	}
	return nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// readWriter reads a ticket with its users and organisations beside it.
func readWriter(body []byte) (w writer, ok bool) {
	var got struct {
		Ticket struct {
			Requester    int64 `json:"requester_id"`
			Organization int64 `json:"organization_id"`
		} `json:"ticket"`
		Users []struct {
			ID    int64  `json:"id"`
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"users"`
		Organizations []struct {
			ID       int64  `json:"id"`
			Name     string `json:"name"`
			External string `json:"external_id"`
		} `json:"organizations"`
	}
	if json.Unmarshal(body, &got) != nil || got.Ticket.Requester == 0 {
		return w, false
	}
	for _, u := range got.Users {
		if u.ID == got.Ticket.Requester {
			w.name, w.email = plug.Line(u.Name, ticket.MaxWord), strings.ToLower(plug.Line(u.Email, ticket.MaxWord))
		}
	}
	for _, o := range got.Organizations {
		if o.ID != got.Ticket.Organization {
			continue
		}
		for _, s := range []string{o.External, o.Name} {
			if s = plug.Line(s, ticket.MaxWord); s != "" {
				w.customer = append(w.customer, s)
			}
		}
	}
	return w, true
}

func (z *Zendesk) writer(id string, now time.Time) (writer, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	w, ok := z.known[id]
	return w, ok && now.Sub(w.at) < lookLast
}

func (z *Zendesk) know(id string, w writer) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(z.known) >= maxKnown {
		clear(z.known)
	}
	z.known[id] = w
}
