package app

import (
	"allclear/internal/flow/follow"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/subscribe"
)

// subscribe wires telling those who subscribed to the status page.
func (e *Engine) subscribe(o EngineOptions) {
	e.Subscribe = subscribe.New(e.DB, e.Bus, subscribe.Options{
		Key: o.SubsKey, Name: o.Page.Name, URL: o.Page.URL, Offered: e.Comms.Offered, Told: e.Comms.Told, ToldWork: e.Comms.ToldWork, Tenant: e.Comms.TenantBy,
		Usable: func(name string) bool {
			_, ok := o.Channels(name)
			return ok
		},
	})
	e.Subscribe.Wire(e.Timers)
	e.Follow = follow.New(e.DB, e.Bus, e.Admin.Catalog)
	e.Follow.Wire(e.Timers)
}

// pageDesk takes what readers of the status page send.
type pageDesk struct {
	*subscribe.Subscribe
	*listen.Listen
}
