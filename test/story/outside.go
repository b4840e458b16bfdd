package story

import (
	"context"
	"net/http"

	"allclear/internal/base/secret"
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

func (w *World) surf(_ context.Context, address secret.String, _ http.Header, _ plug.Seen) (plug.Fetched, error) {
	body, ok := w.web[address.Reveal()]
	if !ok {
		return plug.Fetched{}, plug.Fail(plug.Retry, "no connection in time")
	}
	return plug.Fetched{Body: []byte(body)}, nil
}

// ReadVendors has the product read what vendors say, as it does by itself every
// minute.
func (w *World) ReadVendors() {
	w.Helper()
	_, err := w.e.ThirdParty.Tick(w.Context(), w.now)
	w.must(err)
	w.tick()
}
