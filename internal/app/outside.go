package app

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/feed"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/plug"
)

// webTime bounds the reading of a public document; the next one is a minute away.
const webTime = 15 * time.Second

// webFetch reads what vendors and the public publish, by the guarded way out.
func webFetch(c Config) (func(context.Context, secret.String, http.Header, plug.Seen) (plug.Fetched, error), error) {
	guard, err := guardOf(c.AllowOutbound)
	if err != nil {
		return nil, err
	}
	return plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: c.Version, Timeout: webTime, Answer: feed.MaxBytes}).FetchWith, nil
}

// accepted are the forms in which vendors and feeds are read.
const accepted = "application/json, application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"

// outside wires the flows that listen to what others say.
func (e *Engine) outside(o EngineOptions) {
	var fetch func(context.Context, secret.String, plug.Seen) (plug.Fetched, error)
	if o.Web != nil {
		fetch = func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
			return o.Web(ctx, address, http.Header{"Accept": {accepted}}, seen)
		}
	}
	e.ThirdParty = thirdparty.New(e.DB, e.Bus, thirdparty.Options{Catalog: e.Admin.Catalog, Fetch: fetch})
	e.ThirdParty.Wire()
}
