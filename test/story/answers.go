package story

import (
	"slices"

	"allclear/internal/domain/alert"
	"allclear/internal/flow/paging"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
)

// Reply is a person answering on a channel, from the address the page went to.
func (w *World) Reply(to Sent, code string) { w.Helper(); w.must(w.TryReply(to, code)) }

// TryReply is Reply where a refusal is part of the story.
func (w *World) TryReply(to Sent, code string) error {
	w.Helper()
	_, err := w.TryAnswer(paging.Answer{Channel: to.Channel, From: to.To, Code: code})
	return err
}

// Press is a person pressing a key during the call that read the page out.
func (w *World) Press(to Sent, key string) error {
	w.Helper()
	_, err := w.TryAnswer(paging.Answer{Channel: to.Channel, From: to.To, Token: to.Token, Code: key})
	return err
}

// TryAnswer is what a provider brings back, whatever it is.
func (w *World) TryAnswer(a paging.Answer) (paging.Answered, error) {
	w.Helper()
	done, err := w.e.Paging.Answer(w.Context(), a, w.now)
	w.tick()
	return done, err
}

// Told is a provider saying what became of a message.
func (w *World) Told(s Sent, delivered bool) {
	w.Helper()
	w.must(w.e.Paging.Confirm(w.Context(), paging.Confirmation{Delivery: s.Delivery, Delivered: delivered, Detail: "said the provider"}, w.now))
}

// Confirming has the providers of a channel promise to say whether a message
// arrived.
func Confirming(channel string) Setup {
	return func(p *plan) { p.confirming = append(p.confirming, channel) }
}

// Unheard has nobody ever say whether a message of a channel arrived, as with
// mail.
func Unheard(channel string) Setup {
	return func(p *plan) { p.unheard = append(p.unheard, channel) }
}

// Shown is a device saying that it shows a page.
func (w *World) Shown(s Sent) {
	w.Helper()
	w.must(w.e.Paging.Arrived(w.Context(), s.Token, s.Key, w.now))
}

// taken is what a provider answers to a message it accepts. Most are arrived when
// they are accepted.
func (w *World) taken(channel string) plug.Receipt {
	confirms := slices.Contains(w.confirming, channel)
	return plug.Receipt{Arrived: !confirms && !slices.Contains(w.unheard, channel), Confirms: confirms, Detail: "taken"}
}

// Call is somebody calling an emergency line; class says which. The code they
// type comes later, as a second Call with the same id.
func (w *World) Call(service, class, id, caller, code string) {
	w.Helper()
	s := alert.Signal{
		Source: "twilio", Action: alert.Trigger, DedupKey: id, Severity: "critical", Class: class, Summary: "Call from " + caller,
		Labels: map[string]string{"channel": "phone", "caller": caller},
	}
	if code != "" {
		s.Labels["customer_code"] = code
	}
	w.signal(service, s)
}

// Alerts are the alerts, newest first.
func (w *World) Alerts() (out []*alert.Alert) {
	w.Helper()
	w.view(func(tx *store.Tx) (err error) {
		out, err = alerts.List(tx, alerts.Filter{Limit: 100})
		return err
	})
	return out
}

// Payloads are the raw payloads that came in, newest first.
func (w *World) Payloads() (out []alerts.Stored) {
	w.Helper()
	w.view(func(tx *store.Tx) (err error) {
		out, _, err = alerts.Payloads(tx, alerts.PayloadFilter{Limit: 100})
		return err
	})
	return out
}
