package app

import (
	"context"
	"os"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/feed"
	"allclear/internal/flow/earlywarning"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/plug"
)

// webTime bounds the reading of a public document; the next one is a minute away.
const webTime = 15 * time.Second

// webFetch reads what vendors and the public publish, by the guarded way out.
func webFetch(c Config) (func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error), error) {
	guard, err := guardOf(c.AllowOutbound)
	if err != nil {
		return nil, err
	}
	client := plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: c.Version, Timeout: webTime, Answer: feed.MaxBytes})
	return func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error) {
		return client.FetchAs(ctx, address, bearer, accepted, seen)
	}, nil
}

// searchToken is what the recent search of X signs in with.
func searchToken() secret.String {
	return secret.String(strings.TrimSpace(os.Getenv("ALLCLEAR_X_BEARER_TOKEN")))
}

// accepted are the forms in which vendors and feeds are read.
const accepted = "application/json, application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"

// outside wires the flows that listen to what others say.
func (e *Engine) outside(o EngineOptions) {
	var fetch func(context.Context, secret.String, plug.Seen) (plug.Fetched, error)
	if o.Web != nil {
		fetch = func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
			return o.Web(ctx, address, "", seen)
		}
	}
	e.EarlyWarning = earlywarning.New(e.DB, e.Bus, earlywarning.Options{Shelf: e.Shelf, Catalog: e.Admin.Catalog, Usable: func(name string) bool {
		_, ok := o.Channels(name)
		return ok
	}})
	e.ThirdParty = thirdparty.New(e.DB, e.Bus, thirdparty.Options{Catalog: e.Admin.Catalog, Fetch: fetch})
	e.ThirdParty.Wire()
	e.Listen = listen.New(e.DB, e.Bus, listen.Options{Catalog: e.Admin.Catalog, Raise: e.Intake.Raise, Fetch: o.Web, Token: o.SearchToken})
}
