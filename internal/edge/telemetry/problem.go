package telemetry

import (
	"encoding/json"
	"errors"
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/edge/middleware"
)

// problem answers an error as RFC 9457.
func problem(w http.ResponseWriter, err error) {
	status := middleware.SenderStatus(err)
	switch status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "2")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	var f *fault.Error
	if errors.As(err, &f) && status < 500 {
		problemOf(w, status, f.Message, f.Details...)
		return
	}
	problemOf(w, status, "It was not kept. Send it again.")
}

func problemOf(w http.ResponseWriter, status int, detail string, errs ...fault.Detail) {
	body, _ := json.Marshal(struct {
		Type   string         `json:"type"`
		Title  string         `json:"title"`
		Status int            `json:"status"`
		Detail string         `json:"detail,omitempty"`
		Errors []fault.Detail `json:"errors,omitempty"`
	}{"about:blank", http.StatusText(status), status, detail, errs})
	write(w, status, "application/problem+json", body)
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if len(body) > 0 {
		h.Set("Content-Type", kind)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
