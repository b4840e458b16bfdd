package sendgrid

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// The headers of the signed Event Webhook.
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
const (
	headSignature = "X-Twilio-Email-Event-Webhook-Signature"
	headTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

const (
	// window is how old or new a signature may be: a call that failed is made again for
	// a day, and hearing the same twice changes nothing.
	window     = 25 * time.Hour
	mostEvents = 10_000
	mostWords  = 200
)

// happened is one event, of what we read in it.
type happened struct {
	Event    string `json:"event"`
	Email    string `json:"email"`
	Type     string `json:"type"` // of a bounce: bounce or blocked
	Status   string `json:"status"`
	Reason   string `json:"reason"`
	Delivery string `json:"allclear_delivery"`
}

// Hear is plug.Callback. Without a verification key nothing is believed.
func (s *service) Hear(in plug.Inbound) (h plug.Heard, err error) {
	if err := s.signed(in); err != nil {
		return h, err
	}
	var all []happened
	if err := json.Unmarshal(in.Body, &all); err != nil {
		return h, fault.New(fault.Invalid, "the body is no list of events").With("", "send what the Event Webhook sends")
	}
	if len(all) > mostEvents {
		return h, fault.New(fault.TooLarge, "%d events are more than %d", len(all), mostEvents)
	}
	for _, e := range all {
		e.tell(&h)
	}
	return h, nil
}

// signed checks the signature over the timestamp and the bytes of the body.
func (s *service) signed(in plug.Inbound) error {
	refused := fault.New(fault.Unauthenticated, "the signature is missing or wrong")
	given, stamp := in.Header.Values(headSignature), in.Header.Values(headTimestamp)
	if s.verify == nil || len(given) != 1 || len(stamp) != 1 {
		return refused
	}
	n, err := strconv.ParseInt(stamp[0], 10, 64)
	if err != nil {
		return refused
	}
	if age := in.Now.Sub(time.Unix(n, 0)); age > window || age < -window {
		return refused
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(given[0])
	if err != nil || strings.ContainsAny(given[0], "\r\n") {
		return refused
	}
	sum := sha256.Sum256(append([]byte(stamp[0]), in.Body...))
	if !ecdsa.VerifyASN1(s.verify, sum[:], sig) {
		return refused
	}
	return nil
}

// tell puts an event into our words. What is no more than a step on the way is left.
func (e *happened) tell(h *plug.Heard) {
	detail := plug.Line(strings.TrimSpace(strings.Join([]string{"sendgrid:", e.Event, e.Type, e.Status, e.Reason}, " ")), mostWords)
	confirm := func(delivered, gone bool) {
		if e.Delivery != "" {
			h.Receipts = append(h.Receipts, plug.Confirmation{Delivery: e.Delivery, Delivered: delivered, Detail: detail, Gone: gone})
		}
	}
	wish := func(out bool) { h.Wishes = append(h.Wishes, plug.Wish{Channel: channel, Address: e.Email, Out: out}) }
	switch e.Event {
	case "delivered":
		confirm(true, false)
	case "bounce":
		confirm(false, e.Type != "blocked") // blocked: this mail, not this address
	case "dropped":
		reason := strings.ToLower(e.Reason)
		confirm(false, strings.Contains(reason, "bounced") || strings.Contains(reason, "invalid"))
		if strings.Contains(reason, "unsubscribed") || strings.Contains(reason, "spam report") {
			wish(true)
		}
	case "unsubscribe", "group_unsubscribe", "spamreport":
		wish(true)
	case "group_resubscribe":
		wish(false)
	}
}

// Respond is plug.Callback: anything but 2xx is sent again.
func (s *service) Respond(plug.Heard, []plug.Result) plug.Reply {
	return plug.Reply{Status: http.StatusNoContent}
}
