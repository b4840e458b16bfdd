package zendesk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug"
)

// ended are the statuses and events with which nothing is left to do.
func ended(word string) bool {
	switch word {
	case "solved", "closed", "deleted", "merged", "spam":
		return true
	}
	return false
}

// gone are events that end a ticket whatever its status.
var gone = map[string]string{
	"zen:event-type:ticket.soft_deleted": "deleted", "zen:event-type:ticket.permanently_deleted": "deleted",
	"zen:event-type:ticket.marked_as_spam": "spam", "zen:event-type:ticket.merged": "merged",
}

// report puts together what the payload says.
func (r *reader) report(in plug.Inbound) (ticket.Report, error) {
	if r.id == "" && r.kind == "" { // a template without an envelope
		r.id, r.event = r.event, ""
	}
	if r.id == "" {
		return ticket.Report{}, fault.New(fault.Invalid, "the body names no ticket").With("/ticket/id", "is missing")
	}
	if w := gone[r.kind]; w != "" {
		r.status = w
	}
	t := ticket.Report{
		Source: Name, ExternalID: r.id, Event: r.known(in), URL: plug.WebURL(webAddress(r.url)), Subject: r.subject, Text: r.text,
		Status: r.status, Ended: ended(r.status), Priority: r.urgency(), Tags: r.tags, Name: r.name, Email: r.email,
	}
	if at, err := plug.ReadTime(r.opened); err == nil {
		t.OpenedAt = at
	}
	for _, s := range []string{r.orgExternal, r.orgID, r.orgName} {
		if s != "" && s != "0" {
			t.Customer = append(t.Customer, s)
		}
	}
	if r.ofCustomer() {
		t.Comment = r.comment
	}
	return t, nil
}

// ofCustomer reports whether the comment is a customer's: what agents and
// programs write, ourselves among them, is no sign of trouble.
func (r *reader) ofCustomer() bool {
	agent := r.staff || r.commentRole != "" && r.commentRole != "end-user" && r.commentRole != "end user"
	other := r.commentEmail != "" && r.email != "" && domain(r.commentEmail) != domain(r.email)
	return !r.hidden && !agent && !other
}

func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func (r *reader) urgency() string {
	switch r.priority {
	case "urgent", "high", "normal", "low":
		return r.priority
	}
	return ""
}

// known is what the event is known by when it comes again: its id, the id of the
// invocation, or what it says and when.
func (r *reader) known(in plug.Inbound) string {
	if r.event != "" && r.event != r.id {
		return r.event
	}
	if id := in.Header.Get("X-Zendesk-Webhook-Invocation-Id"); id != "" {
		return plug.Line(id, ticket.MaxWord)
	}
	if r.at == "" {
		return ""
	}
	sum := sha256.Sum256(in.Body)
	return "body/" + hex.EncodeToString(sum[:16])
}

// webAddress adds what the placeholder {{ticket.url}} leaves out.
func webAddress(s string) string {
	if s != "" && !strings.Contains(s, "://") {
		return "https://" + s
	}
	return s
}
