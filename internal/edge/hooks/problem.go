package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/edge/middleware"
	"allclear/internal/plug"
)

// problem answers an error as RFC 9457.
func problem(w http.ResponseWriter, err error) {
	status := middleware.SenderStatus(err)
	doc := struct {
		Type   string         `json:"type"`
		Title  string         `json:"title"`
		Status int            `json:"status"`
		Detail string         `json:"detail,omitempty"`
		Errors []fault.Detail `json:"errors,omitempty"`
	}{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: "It was not stored. Send it again."}
	var f *fault.Error
	if errors.As(err, &f) && status < 500 {
		doc.Detail, doc.Errors = f.Message, f.Details
		const shown = 100
		doc.Errors = doc.Errors[:min(len(doc.Errors), shown)]
	}
	body, _ := json.Marshal(doc)
	retryAfter(w, err)
	if status == http.StatusUnauthorized {
		// Some senders, such as Amazon SNS, show a password only where it is asked for.
		w.Header()["Www-Authenticate"] = []string{"Bearer", `Basic realm="hook", charset="UTF-8"`}
	}
	reply(w, plug.Reply{Status: status, Type: "application/problem+json", Body: body})
}

// fail answers an error and logs it when it is ours.
func (h *Hooks) fail(w http.ResponseWriter, r *http.Request, source, service string, err error) {
	h.logFailure(r, source, service, err)
	problem(w, err)
}

func (h *Hooks) logFailure(r *http.Request, source, service string, err error) {
	if middleware.SenderStatus(err) < 500 || errors.Is(err, context.Canceled) {
		return
	}
	h.Log.ErrorContext(r.Context(), "event not stored", "source", source, "service", service, "error", err)
}

// retryAfter tells a sender that came in a crowd when to come again.
func retryAfter(w http.ResponseWriter, err error) {
	if fault.Is(err, fault.Busy) {
		w.Header().Set("Retry-After", "2")
	}
}

func reply(w http.ResponseWriter, a plug.Reply) {
	head := w.Header()
	if a.Type == "" {
		a.Type = "application/json"
	}
	head.Set("Content-Type", a.Type)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "no-store")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// allowed answers 405 to other methods.
func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	const body = `{"type":"about:blank","title":"Method Not Allowed","status":405}`
	reply(w, plug.Reply{Status: http.StatusMethodNotAllowed, Type: "application/problem+json", Body: []byte(body)})
	return false
}

// nowhere answers paths below ours that mean nothing.
func (h *Hooks) nowhere(w http.ResponseWriter, _ *http.Request) {
	problem(w, fault.New(fault.NotFound, "there is nothing here"))
}
