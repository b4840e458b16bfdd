package wire

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"allclear/internal/base/fault"
	"allclear/internal/edge/middleware"
)

// ProblemType is the content type of a Problem.
const ProblemType = "application/problem+json"

// Problem is every error of this interface (RFC 9457).
type Problem struct {
	Type   string  `json:"type" doc:"Always about:blank: code says more."`
	Title  string  `json:"title" doc:"The HTTP status in words."`
	Status int     `json:"status" doc:"The HTTP status."`
	Code   string  `json:"code" doc:"A stable word for programs."`
	Detail string  `json:"detail,omitempty" doc:"A sentence for people."`
	Errors []Wrong `json:"errors,omitempty" doc:"What exactly is wrong with the input, or stands in the way."`
	// Request finds the line in the server's log.
	Request string `json:"request,omitempty" doc:"The request's id in the log."`

	retry time.Duration
}

// Wrong points at one thing.
type Wrong struct {
	Location string `json:"location,omitempty" doc:"Where, such as body.items[3].name or query.limit."`
	Message  string `json:"message" doc:"What is wrong there."`
}

type code struct {
	status int
	word   string
}

// codes is the only place that maps kinds of error to HTTP.
var codes = map[fault.Kind]code{
	fault.Internal:        {http.StatusInternalServerError, "internal"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "invalid"},
	fault.Unauthenticated: {http.StatusUnauthorized, "unauthenticated"},
	fault.Refused:         {http.StatusForbidden, "refused"},
	fault.NotFound:        {http.StatusNotFound, "not_found"},
	fault.Conflict:        {http.StatusConflict, "conflict"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "too_large"},
	fault.Busy:            {http.StatusTooManyRequests, "busy"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "unavailable"},
}

// defaultRetry is what a caller is told to wait when the error does not know.
const defaultRetry = 5 * time.Second

// Error is the sentence for the reader.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status; huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457; huma asks for it.
func (p *Problem) ContentType(string) string { return ProblemType }

// GetHeaders returns what belongs to the status besides the body.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="allclear"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		retry := p.retry
		if retry <= 0 {
			retry = defaultRetry
		}
		h.Set("Retry-After", strconv.Itoa(int((retry+time.Second-1)/time.Second)))
	}
	return h
}

// ProblemOf turns a flow's error into an answer. What nobody classified is
// logged with the request's id and answered without its text.
func ProblemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p.fill(ctx)
	}
	kind := fault.KindOf(err)
	if kind == fault.Internal && errors.Is(err, context.DeadlineExceeded) {
		kind = fault.Unavailable
		err = fault.New(kind, "the answer took too long")
	}
	k := codes[kind]
	p = &Problem{Status: k.status, Code: k.word}
	if kind == fault.Internal {
		if log != nil && !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "request failed", "request", middleware.RequestID(ctx), "error", err.Error())
		}
		p.Detail = "something went wrong here; the log has more under this request's id"
		return p.fill(ctx)
	}
	var f *fault.Error
	if errors.As(err, &f) {
		p.Detail = f.Message
		if kind == fault.Invalid {
			p.Detail = f.Error() // the cause is about the caller's own input
		}
		for _, d := range f.Details {
			p.Errors = append(p.Errors, Wrong{Location: d.Where, Message: d.What})
		}
	}
	var wait interface{ RetryAfter() time.Duration }
	if errors.As(err, &wait) {
		p.retry = wait.RetryAfter()
	}
	return p.fill(ctx)
}

func (p *Problem) fill(ctx context.Context) *Problem {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	if p.Code == "" {
		p.Code = codeOf(p.Status)
	}
	p.Request = middleware.RequestID(ctx)
	return p
}

// codeOf names a status that did not come from a fault.
func codeOf(status int) string {
	for _, a := range codes {
		if a.status == status {
			return a.word
		}
	}
	switch status {
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusPreconditionFailed:
		return "changed"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	}
	return "refused"
}

// Write answers with the problem.
func (p *Problem) Write(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(p.fill(r.Context()))
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", ProblemType)
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// PlainProblem rewrites huma's own errors: the same shape as ours, and without
// the offending values, which may be passwords.
func PlainProblem(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Status: m.Status, Detail: m.Detail}
	for _, e := range m.Errors {
		if e != nil {
			p.Errors = append(p.Errors, Wrong{Location: e.Location, Message: e.Message})
		}
	}
	return p.fill(ctx.Context()), nil
}

// ProblemSchema describes a Problem in the document.
func ProblemSchema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[Problem](), true, "Problem")
}
