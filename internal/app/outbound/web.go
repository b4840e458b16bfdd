package outbound

import (
	"context"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/feed"
	"allclear/internal/plug"
)

// webTime bounds the reading of a public document; the next one is a minute away.
const webTime = 15 * time.Second

// Web reads what vendors and the public publish, by the guarded way out.
func Web(guard *plug.Guard, version string) func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error) {
	client := plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: version, Timeout: webTime, Answer: feed.MaxBytes})
	return func(ctx context.Context, address, bearer secret.String, seen plug.Seen) (plug.Fetched, error) {
		return client.FetchAs(ctx, address, bearer, accepted, seen)
	}
}

// accepted are the forms in which vendors and feeds are read.
const accepted = "application/json, application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"
