package hooks

import (
	"net/http"

	"allclear/internal/base/fault"
)

// events serves POST /v2/enqueue and POST /v2/change/enqueue, where the key is
// in the body: it is parsed before anybody knows whose it is.
func (h *Hooks) events(w http.ResponseWriter, r *http.Request, endpoint string) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	ctx, now := r.Context(), h.Now()
	src, ok := h.sources["events"]
	if !ok {
		h.nowhere(w, r)
		return
	}
	body, err := read(w, r, src.MaxBody)
	if err != nil {
		h.refuse(w, r, src, "", err)
		return
	}
	in := inbound(r, endpoint, body, place{}, now, h.NewID())
	in.KeyInBody = true
	got, parseErr := src.Source.Parse(in)
	p, err := h.find(ctx, KindEvents, got.Key)
	switch {
	case parseErr != nil:
		h.count(p, src.Name, parseErr, now)
		if p.service != "" {
			h.reject(ctx, src.Name, p.service, body, now, parseErr)
		}
		h.refuse(w, r, src, p.service, parseErr)
	case fault.Is(err, fault.NotFound):
		h.refuse(w, r, src, "", fault.New(fault.Invalid, "Invalid routing key"))
	case err != nil:
		h.refuse(w, r, src, "", err)
	default:
		err := h.keep(ctx, src.Name, p.service, body, &got, now)
		h.count(p, src.Name, err, now)
		if err != nil {
			h.refuse(w, r, src, p.service, err)
			return
		}
		reply(w, got.Reply)
	}
}
