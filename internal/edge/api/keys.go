package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/inbound"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
)

// IntegrationKey lets events of one service in. Its value is not shown.
type IntegrationKey struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" enum:"events,hooks,beacon" doc:"events: routing_key of /v2/enqueue. hooks: {key} of /hooks, /alertmanager and /metrics. beacon: {key} of /metrics/{key}/beacon alone, which every visitor of a page knows."`
	Service   string    `json:"service"`
	Name      string    `json:"name"`
	Mapping   string    `json:"mapping,omitempty" doc:"How a generic payload is read."`
	Signed    bool      `json:"signed" doc:"Whether signatures are demanded."`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`

	Sources []inbound.SourceHealth `json:"sources" doc:"How each source fares that has called with it."`
}

// IntegrationKeyValue is a new key with its value, which is shown this once.
type IntegrationKeyValue struct {
	IntegrationKey
	Value string `json:"value" doc:"It cannot be shown again."`
}

// NewIntegrationKey is what a key is made from.
type NewIntegrationKey struct {
	Kind    string `json:"kind" enum:"events,hooks,beacon"`
	Service string `json:"service" minLength:"1" maxLength:"100"`
	Name    string `json:"name,omitempty" maxLength:"100"`
	Mapping string `json:"mapping,omitempty" maxLength:"16384"`
	Secret  string `json:"secret,omitempty" maxLength:"1024" writeOnly:"true" doc:"What the source signs with; then every request must be signed."`
}

// KeyMapping is how payloads of a key are read.
type KeyMapping struct {
	Mapping string `json:"mapping" maxLength:"16384" doc:"A JSON object of expressions by field; empty for the source's own way."`
}

type keyMappingInput struct {
	KeyPath
	Body KeyMapping
}

type newKeyInput struct{ Body NewIntegrationKey }

// KeyPath names one of them.
type KeyPath struct {
	ID string `path:"id" maxLength:"40"`
}

func keyOf(k access.Key) IntegrationKey {
	return IntegrationKey{ID: k.ID.String(), Kind: k.Kind, Service: k.ServiceID, Name: k.Name, Mapping: k.Mapping, Signed: k.Signed, CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt, Sources: []inbound.SourceHealth{}}
}

func (a *API) keyRoutes() {
	tag := "integration keys"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/integration-keys", Summary: "List integration keys", Tag: tag}, route.Needs(authz.ManageAccess), a.listKeys)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/integration-keys", Summary: "Create an integration key", Tag: tag, Status: http.StatusCreated, Secret: true}, route.Needs(authz.ManageAccess), a.createKey)
	route.Register(a.table, route.Route{Method: http.MethodPut, Path: "/integration-keys/{id}/mapping", Summary: "Change how payloads of a key are read", Tag: tag, Detail: "It counts from the next payload on. Try it first at /sources/generic/test."}, route.Needs(authz.ManageAccess), a.setMapping)
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/integration-keys/{id}/test", Summary: "Send a test event by a key", Tag: tag,
		Detail: "It goes the way of every event of the key and is called Test from Allclear. Its alert is over at once, opens no incident and pages nobody.",
	}, route.Needs(authz.ManageAccess), a.testKey)
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/integration-keys/{id}", Summary: "Revoke an integration key", Tag: tag}, route.Needs(authz.ManageAccess), a.revokeKey)
}

func (a *API) listKeys(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[IntegrationKey]], error) {
	var after ident.ID
	if _, err := route.FromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := a.opt.Access.ListKeys(ctx, c.Who, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	found, next := route.Cut(found, in.Limit, func(x access.Key) any { return x.ID })
	fares, err := a.opt.Sources.Health(ctx, c.Actor, c.Now)
	if err != nil {
		return nil, err
	}
	return route.Items(wire.Each(found, func(k access.Key) IntegrationKey {
		out := keyOf(k)
		out.Sources = wire.Each(fares[k.ID], inbound.HealthOf)
		return out
	}), next), nil
}

func (a *API) createKey(ctx context.Context, c route.Call, in *newKeyInput) (*route.Reply[IntegrationKeyValue], error) {
	b := in.Body
	k, plain, err := a.opt.Access.CreateKey(ctx, c.Now, c.Who, access.NewKey{Kind: b.Kind, ServiceID: b.Service, Name: b.Name, Mapping: b.Mapping, Secret: secret.String(b.Secret)})
	if err != nil {
		return nil, err
	}
	return route.One(IntegrationKeyValue{IntegrationKey: keyOf(k), Value: plain.Reveal()}), nil
}

func (a *API) setMapping(ctx context.Context, c route.Call, in *keyMappingInput) (*route.Reply[IntegrationKey], error) {
	id, err := route.ParseID("integration key", in.ID)
	if err != nil {
		return nil, err
	}
	k, err := a.opt.Access.SetMapping(ctx, c.Now, c.Who, id, in.Body.Mapping)
	if err != nil {
		return nil, err
	}
	return route.One(keyOf(k)), nil
}

type testKeyInput struct {
	KeyPath
	Body inbound.TestEvent
}

func (a *API) testKey(ctx context.Context, c route.Call, in *testKeyInput) (*route.Reply[inbound.SentTestEvent], error) {
	id, err := route.ParseID("integration key", in.ID)
	if err != nil {
		return nil, err
	}
	sent, err := a.opt.Sources.Test(ctx, c.Actor, id, in.Body.Source, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(inbound.SentOf(sent)), nil
}

func (a *API) revokeKey(ctx context.Context, c route.Call, in *KeyPath) (*struct{}, error) {
	id, err := route.ParseID("integration key", in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.opt.Access.RevokeKey(ctx, c.Now, c.Who, id)
}
