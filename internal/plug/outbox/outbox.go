// Package outbox is the channel that carries nothing: the delivery row in the
// store is the record, and the in-app outbox shows it as it would have gone out.
// It serves the demo and every channel without a provider in demo mode. It must
// not store, log or forward anything itself.
package outbox

import (
	"context"

	"allclear/internal/plug"
)

// Detail is the text of every receipt.
const Detail = "kept in the outbox"

// Plugin describes the outbox. It serves any channel, so its manifest names none.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name:  "outbox",
			Title: "Outbox (nothing leaves the installation)",
			Docs:  "docs/integrations/outbox.md",
		},
		Open: func(plug.Config) (any, error) { return New(), nil },
	}
}

// New returns the channel.
func New() plug.Channel { return channel{} }

type channel struct{}

// Send accepts the message, unless ctx is over. An address is needed here too,
// so that the demo shows the same mistakes as the real channel.
func (channel) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return plug.Receipt{}, &plug.Failure{Kind: plug.Retry, Err: err}
	}
	if m.To == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "keep in the outbox: the message has no address")
	}
	return plug.Receipt{Arrived: true, Detail: Detail}, nil
}
