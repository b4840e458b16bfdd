// Package telemetry owns the ways in for what is measured: JSON, Prometheus remote
// write, OTLP over HTTP, heartbeats of jobs and beacons of browsers. It bounds and
// decodes bytes; it must not judge a value nor reach the store.
//
// Sources: prometheus.io, "Remote-Write 1.0" and "2.0" specifications;
// opentelemetry.io, "OTLP Specification", OTLP/HTTP.
package telemetry

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/golang/snappy"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/edge/middleware"
	"allclear/internal/flow/access"
	"allclear/internal/plug"
)

// Metrics keeps samples. PushAs is for who may name every service.
type Metrics interface {
	Push(ctx context.Context, all []metric.Sample, now time.Time) error
	PushAs(ctx context.Context, a authz.Actor, all []metric.Sample, now time.Time) error
	PushSpans(ctx context.Context, all []metric.Span, now time.Time) error
	PushQueries(ctx context.Context, service string, all []metric.SlowQuery, now time.Time) error
}

// Keys finds the service of an integration key; fault.NotFound for none.
type Keys interface {
	Find(ctx context.Context, kind, key string) (*access.Key, error)
}

// Health is told what became of each push by a key; nil means that it is durable. It
// must not make the push wait.
type Health interface {
	Count(key ident.ID, source string, err error, now time.Time)
}

// The kinds of integration keys that open these ways. Visitors of a page know the
// key of its beacons, so that it opens nothing else.
const (
	keyKind    = "hooks"
	beaconKind = "beacon"
)

// Options of New; all but Health are needed.
type Options struct {
	Metrics Metrics
	Keys    Keys
	Health  Health // nil: nobody is told
	// Token says whose API token it is, and fault.Unauthenticated for none.
	Token func(ctx context.Context, token string, now time.Time) (authz.Actor, error)
	Log   *slog.Logger
	Now   func() time.Time
}

// Telemetry serves the ways in. Make it with New.
type Telemetry struct{ o Options }

// New returns the handlers.
func New(o Options) *Telemetry { return &Telemetry{o} }

const (
	maxBody = 4 << 20  // bytes as they come in
	maxBulk = 16 << 20 // bytes unpacked
)

// Register adds the routes. With the key in the path they need no header; without,
// the key or an API token comes as Authorization: Bearer, as Prometheus and the
// OpenTelemetry exporters are set up.
func (t *Telemetry) Register(mux *http.ServeMux) {
	write, otlp := way{source: "remote_write", serve: (*call).remoteWrite}, way{source: "otlp", serve: (*call).otlp}
	traces := way{source: "traces", serve: (*call).traces}
	for path, serve := range map[string]way{
		"/json":             {source: "metrics", serve: (*call).json},
		"/api/v1/write":     write,
		"/v1/metrics":       otlp,
		"/v1/traces":        traces,
		"/queries":          {source: "queries", serve: (*call).queries},
		"/heartbeat/{name}": {source: "heartbeat", serve: (*call).heartbeat},
		"/beacon":           {source: "beacon", serve: (*call).beacon, kind: beaconKind},
	} {
		mux.HandleFunc("/metrics/{key}"+path, func(w http.ResponseWriter, r *http.Request) { t.serve(w, r, serve) })
	}
	mux.HandleFunc("/api/v1/write", func(w http.ResponseWriter, r *http.Request) { t.serve(w, r, write) })
	mux.HandleFunc("/v1/metrics", func(w http.ResponseWriter, r *http.Request) { t.serve(w, r, otlp) })
	mux.HandleFunc("/v1/traces", func(w http.ResponseWriter, r *http.Request) { t.serve(w, r, traces) })
	mux.HandleFunc("/metrics/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, fault.New(fault.NotFound, "there is nothing here"))
	})
}

// way is one of the ways in.
type way struct {
	source string // as it is told to Health
	serve  func(*call) error
	kind   string // of the key; keyKind when empty
}

// call is one push.
type call struct {
	*Telemetry
	w       http.ResponseWriter
	r       *http.Request
	now     time.Time
	key     ident.ID    // zero for a token
	service string      // of the key
	who     authz.Actor // of the token, where there is one
	body    []byte
}

func (t *Telemetry) serve(w http.ResponseWriter, r *http.Request, by way) {
	c := &call{Telemetry: t, w: w, r: r, now: t.o.Now()}
	if c.preflight() {
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		problemOf(w, http.StatusMethodNotAllowed, "")
		return
	}
	err := c.admit(cmp.Or(by.kind, keyKind))
	if err == nil {
		c.body, err = c.read()
	}
	if err == nil {
		err = by.serve(c)
	}
	if t.o.Health != nil && c.key != 0 {
		t.o.Health.Count(c.key, by.source, err, c.now)
	}
	if err == nil {
		return
	}
	if middleware.SenderStatus(err) >= 500 && !errors.Is(err, context.Canceled) {
		t.o.Log.ErrorContext(r.Context(), "samples not kept", "path", r.Pattern, "service", c.service, "error", err)
	} else {
		t.o.Log.WarnContext(r.Context(), "samples refused", "path", r.Pattern, "service", c.service, "reason", err.Error())
	}
	problem(w, err)
}

// admit finds whose push it is.
func (c *call) admit(kind string) error {
	key := c.r.PathValue("key")
	bearer := false
	if key == "" {
		scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || len(c.r.Header.Values("Authorization")) > 1 {
			return fault.New(fault.Unauthenticated, "send an integration key or an API token as Authorization: Bearer")
		}
		key, bearer = strings.TrimSpace(token), true
	}
	nobody := fault.New(fault.NotFound, "there is no such key")
	if bearer {
		nobody = fault.New(fault.Unauthenticated, "the key or token is not known")
	}
	if key == "" || len(key) > 256 {
		return nobody
	}
	k, err := c.o.Keys.Find(c.r.Context(), kind, key)
	switch {
	case fault.Is(err, fault.NotFound) && bearer:
		c.who, err = c.o.Token(c.r.Context(), key, c.now)
		return err
	case fault.Is(err, fault.NotFound):
		return nobody
	case err != nil:
		return err
	}
	c.key, c.service = k.ID, k.ServiceID
	return c.prove(k.Secret)
}

// prove asks for the secret of the key where it has one.
func (c *call) prove(sec secret.String) error {
	secrets := plug.Inbound{Secret: sec}.Secrets()
	given := c.r.Header.Get("X-Allclear-Token")
	good := len(secrets) == 0
	for _, s := range secrets {
		good = s.Equal(given) || good
	}
	if !good {
		return fault.New(fault.Unauthenticated, "the key has a secret: send it as X-Allclear-Token")
	}
	return nil
}

// read takes the body whole, unpacks it, and no more than it may hold.
func (c *call) read() ([]byte, error) {
	tooLarge := func(n int) error {
		c.w.Header().Set("Connection", "close")
		return fault.New(fault.TooLarge, "the body has more than %d bytes", n)
	}
	if c.r.ContentLength > maxBody {
		return nil, tooLarge(maxBody)
	}
	raw, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "the body could not be read whole")
	}
	if len(raw) > maxBody {
		return nil, tooLarge(maxBody)
	}
	switch enc := strings.ToLower(c.r.Header.Get("Content-Encoding")); enc {
	case "", "identity":
		return raw, nil
	case "snappy":
		n, err := snappy.DecodedLen(raw)
		if err != nil {
			return nil, fault.New(fault.Invalid, "the body is not in snappy's block format")
		}
		if n > maxBulk {
			return nil, tooLarge(maxBulk)
		}
		out, err := snappy.Decode(nil, raw)
		if err != nil {
			return nil, fault.New(fault.Invalid, "the body is not in snappy's block format")
		}
		return out, nil
	case "gzip":
		z, err := gzip.NewReader(strings.NewReader(string(raw)))
		if err != nil {
			return nil, fault.New(fault.Invalid, "the body is not in gzip format")
		}
		out, err := io.ReadAll(io.LimitReader(z, maxBulk+1))
		switch {
		case err != nil:
			return nil, fault.New(fault.Invalid, "the body is not in gzip format")
		case len(out) > maxBulk:
			return nil, tooLarge(maxBulk)
		}
		return out, nil
	default:
		return nil, fault.New(fault.Invalid, "the body is packed in a way that is not read here: send it plain, or with gzip or snappy")
	}
}

// keep pushes samples: of the key's service, or of those they name where a token
// speaks for all.
func (c *call) keep(all []metric.Sample) error {
	if c.service == "" {
		for i := range all {
			if all[i].Service == "" {
				all[i].Service = all[i].Labels["service"]
			}
		}
		return c.o.Metrics.PushAs(c.r.Context(), c.who, all, c.now)
	}
	for i := range all {
		s := &all[i]
		if s.Service != "" && s.Service != c.service {
			return fault.New(fault.Refused, "the key counts for %s alone: push for several services with an API token", c.service)
		}
		s.Service = c.service
		if named := s.Labels["service"]; named != "" && named != c.service {
			s.Labels["exported_service"] = named // as Prometheus names what it displaces
		}
	}
	return c.o.Metrics.Push(c.r.Context(), all, c.now)
}
