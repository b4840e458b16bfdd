// Package carry puts a delivery into the words of the contract with plug-ins, and
// their answers into those of the sender. It must not decide what is sent or when
// it is sent again.
package carry

import (
	"cmp"
	"context"
	"strings"

	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/plug"
)

// Over hands a delivery to the provider of its channel and puts the
// provider's answer into the words of the sender.
func Over(channels func(name string) (plug.Channel, bool)) func(context.Context, *message.Delivery) jobs.Carried {
	return func(ctx context.Context, d *message.Delivery) jobs.Carried {
		c, ok := channels(d.Channel)
		if !ok {
			return refused(plug.Fail(plug.Permanent, "channel %s has no provider", d.Channel))
		}
		kind := d.Kind
		switch kind {
		case message.KindProbe:
			kind = plug.Page // it tests the way of a page
		case message.KindDuty, message.KindDeadEnd, message.KindTicketNotice, message.KindWarning, message.KindHealthCheck, message.KindInvite, message.KindEngage, message.KindReview, message.KindSubscription:
			kind = plug.Notice
		case message.KindUpdate:
			kind = plug.Post
		case message.KindWork:
			kind = message.KindMessage
		}
		r, err := c.Send(ctx, plug.Message{
			Channel: d.Channel, Key: d.Key, Kind: kind, To: cmp.Or(d.Headers.Target.Reveal(), d.Address), Name: d.Headers.Name, Subject: d.Subject, Text: d.Body,
			AckURL: d.Headers.AckURL, Headers: d.Headers.Headers, Delivery: d.ID.String(), Bundled: d.Bundled, Of: d.Headers.Of,
			Copy: plug.Copy(d.Headers.Copy), Ticket: plug.TicketUpdate(d.Headers.Update), Case: plug.Case(d.Headers.Case), Posted: d.Headers.Posted, Again: d.Attempts > 1,
			Token: d.Headers.Answer.Token, Code: d.Headers.Answer.Code, Digit: d.Headers.Answer.Digit, Join: d.Headers.Answer.Join, At: d.CreatedAt, Calendar: d.Headers.Calendar, Attached: (*plug.Attachment)(d.Headers.Paper), Bounce: d.Headers.Bounce, Sign: d.Headers.Sign,
			Data: map[string]any{"key": d.Key, "kind": d.Kind, "recipient": d.Recipient, "clauses": d.Clauses, "subject": d.Subject, "text": d.Body, "ack_url": d.Headers.AckURL, "incident": incidentOf(d)},
		})
		if err != nil {
			return refused(err)
		}
		receipt := strings.TrimSpace(r.ProviderRef + " " + r.Detail)
		if r.Provider != "" {
			receipt = strings.TrimSpace(r.Provider + ": " + receipt)
		}
		return jobs.Carried{Receipt: receipt, Ref: r.ProviderRef, Awaits: awaited(r)}
	}
}

// awaited is what may still be heard of a message that was accepted.
func awaited(r plug.Receipt) message.Awaited {
	switch {
	case r.Arrived:
		return message.AwaitsNothing
	case r.Confirms:
		return message.AwaitsWord
	}
	return message.Unheard
}

func refused(err error) jobs.Carried {
	f := plug.FailureOf(err)
	return jobs.Carried{Err: f, Permanent: f.Kind == plug.Permanent, Gone: f.Gone, RetryAfter: f.RetryAfter}
}

// incidentOf reads the incident's reference from the key, which begins with it;
// empty for what belongs to none.
func incidentOf(d *message.Delivery) string {
	if ref, _, _ := strings.Cut(d.Key, "/"); d.IncidentID != 0 && strings.HasPrefix(ref, "INC-") {
		return ref
	}
	return ""
}
