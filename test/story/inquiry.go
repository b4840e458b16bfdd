package story

import (
	"fmt"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/flow/inquiry"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/vault"
	"allclear/internal/plug"
)

// Inquiry is the search for the cause, as people do it. Let time pass by Tried.
func (w *World) Inquiry() *inquiry.Inquiry { return w.e.Inquiry }

// Vault is the evidence.
func (w *World) Vault() *vault.Vault { return w.e.Vault }

// As is somebody of the company.
func (w *World) As(who string) authz.Actor { return as(who) }

// Number is that of the incident the story is about.
func (w *World) Number() int64 { w.Helper(); return w.number() }

// Tried has the last act succeed, and what follows from it happen.
func (w *World) Tried(err error) { w.Helper(); w.must(err) }

// Probed has the product do what was asked for in the search, as it does by itself.
func (w *World) Probed() {
	w.Helper()
	_, err := w.e.Inquiry.Tick(w.Context(), w.now)
	w.must(err)
}

// Delivers is what another system sends about a service, read by its plug-in.
func (w *World) Delivers(p plug.Plugin, service, event, body string) {
	w.Helper()
	v, err := p.Open(plug.Config{})
	w.must(err)
	src, ok := v.(plug.Source)
	if !ok {
		w.Fatalf("%s is no source", p.Manifest.Name)
	}
	got, err := src.Parse(plug.Inbound{Header: http.Header{"X-Github-Event": {event}}, Body: []byte(body), Now: w.now, ID: fmt.Sprint(w.seen)})
	w.must(err)
	w.must(w.e.Intake.AcceptNow(w.Context(), intake.Arrival{ServiceID: service, Source: p.Manifest.Source, Raw: []byte(body), Signals: got.Signals, Changes: got.Changes, Now: w.now}))
}
