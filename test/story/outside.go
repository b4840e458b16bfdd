package story

import (
	"context"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/healthcheck"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/success"
	"allclear/internal/plug"
)

// Web is what addresses outside say, from now on; an address that is not in it
// cannot be reached.
func (w *World) Web(address, body string) {
	if w.web == nil {
		w.web = map[string]string{}
	}
	w.web[address] = body
}

func (w *World) surf(_ context.Context, address, _ secret.String, _ plug.Seen) (plug.Fetched, error) {
	body, ok := w.web[address.Reveal()]
	if !ok {
		return plug.Fetched{}, plug.Fail(plug.Retry, "no connection in time")
	}
	return plug.Fetched{Body: []byte(body)}, nil
}

// ReadFeeds has the product read what the public says, as it does by itself every
// two minutes.
func (w *World) ReadFeeds() {
	w.Helper()
	_, err := w.e.Listen.Tick(w.Context(), w.now)
	w.must(err)
	w.tick()
}

// Feedback is what somebody wrote on our status page, as it is written down.
func (w *World) Feedback(words string) listen.Mention {
	w.Helper()
	m, err := w.e.Listen.Write(w.Context(), as("ana"), listen.NewMention{Source: listen.StatusPage, Text: words}, w.now)
	w.must(err)
	w.tick()
	return m
}

// Mentions is the list of what the public says, the newest first.
func (w *World) Mentions(f listen.Filter) []listen.Mention {
	w.Helper()
	f.Limit = 100
	all, err := w.e.Listen.List(w.Context(), as("ana"), f)
	w.must(err)
	return all
}

// ReadVendors has the product read what vendors say, as it does by itself every
// minute.
func (w *World) ReadVendors() {
	w.Helper()
	_, err := w.e.ThirdParty.Tick(w.Context(), w.now)
	w.must(err)
	w.tick()
}

// Used is how much a customer used the product in hours that have passed, by how
// many hours ago.
func (w *World) Used(customer, metric string, ago map[time.Duration]float64) {
	w.Helper()
	var all []success.Hour
	for d, v := range ago {
		all = append(all, success.Hour{Metric: metric, At: w.now.Add(-d), Value: v})
	}
	w.must(w.e.Success.Push(w.Context(), as("ana"), customer, all, w.now))
	w.tick()
}

// LookAtHealth has the product look at the health checks of customers, as it does by
// itself every minute.
func (w *World) LookAtHealth() {
	w.Helper()
	w.must(w.e.Success.Look(w.Context(), w.now))
	w.tick()
}

// MakesHealthCheck is ana writing down a health check of a customer.
func (w *World) MakesHealthCheck(customer string, form healthcheck.Form) {
	w.Helper()
	_, err := w.e.Success.Made(w.Context(), as("ana"), customer, form, w.now)
	w.must(err)
	w.tick()
}

// HealthChecks is the list of a customer's, the newest first; of nobody, what is due.
func (w *World) HealthChecks(customer string) []success.HealthCheck {
	w.Helper()
	all, err := w.e.Success.HealthChecks(w.Context(), as("ana"), customer, w.now)
	w.must(err)
	return all
}

// Heard is what providers have accepted whose subject begins with some words.
func (w *World) Heard(subject string) (out []Sent) {
	for _, s := range w.sent {
		if strings.HasPrefix(s.Subject, subject) {
			out = append(out, s)
		}
	}
	return out
}
