package outward

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/inapp"
)

// InAppKey is a key with which the product signs who its users are.
type InAppKey struct {
	ID        string    `json:"id" doc:"The kid of a token's header."`
	Secret    string    `json:"secret,omitempty" doc:"Signs tokens (HS256), as the text it is. Answered once, when the key is made."`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// InAppSessions are the users who have the product open.
type InAppSessions struct {
	Customer string `json:"customer"`
	Users    int    `json:"users" doc:"Who asked for notices in the last five minutes, as this server has seen."`
}

// InAppSetup is what whoever builds notices into the product has to know.
type InAppSetup struct {
	Script  string   `json:"script" doc:"Address of the script that shows them."`
	Notices string   `json:"notices" doc:"Address of the list, for products that show them by themselves."`
	Origins []string `json:"origins" doc:"Of the product's pages that may read; empty: scripts of no page may."`
	Lasting int64    `json:"lasting_seconds" doc:"How long a resolved notice is shown."`
}

// KeyPath names a key.
type KeyPath struct {
	ID string `path:"id" maxLength:"64"`
}

func keyOf(k inapp.Key) InAppKey { return InAppKey(k) }

func keyRoutes(t *route.Table, flow *inapp.InApp) {
	const path, tag = "/in-app/keys", "in-app"
	route.Register(t, route.Route{Method: http.MethodGet, Path: path, Summary: "List the keys with which the product signs who its users are", Tag: tag}, route.Needs(authz.ManageAccess),
		func(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[InAppKey]], error) {
			all, err := flow.Keys(ctx, c.Actor)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, keyOf), *in, func(k InAppKey) string { return k.ID })
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: path, Summary: "Make a key beside those that count", Tag: tag, Status: http.StatusCreated, Secret: true,
		Detail: "To change keys: make one, have the product sign with it, and end the old one. At most five count at once.",
	}, route.Needs(authz.ManageAccess), func(ctx context.Context, c route.Call, _ *struct{}) (*route.Reply[InAppKey], error) {
		k, err := flow.NewKey(ctx, c.Actor, c.Now)
		if err != nil {
			return nil, err
		}
		return route.One(keyOf(k)), nil
	})
	route.Register(t, route.Route{Method: http.MethodDelete, Path: path + "/{id}", Summary: "End a key: tokens signed with it are refused within a second", Tag: tag, Status: http.StatusNoContent}, route.Needs(authz.ManageAccess),
		func(ctx context.Context, c route.Call, in *KeyPath) (*struct{}, error) {
			return nil, flow.EndKey(ctx, c.Actor, in.ID, c.Now)
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/in-app/setup", Summary: "Say how notices are built into the product", Tag: tag}, route.Needs(authz.ManageAccess),
		func(_ context.Context, c route.Call, _ *struct{}) (*route.Reply[InAppSetup], error) {
			s, err := flow.Setup(c.Actor)
			if err != nil {
				return nil, err
			}
			const at = "/in-app/v1/"
			return route.One(InAppSetup{Script: s.Page + at + "banner.js", Notices: s.Page + at + "notices", Origins: record.Filled(s.Origins), Lasting: int64(s.Lasting / time.Second)}), nil
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/in-app/sessions", Summary: "Count the users of each customer who have the product open", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(_ context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[InAppSessions]], error) {
			all, err := flow.Sessions(c.Actor)
			if err != nil {
				return nil, err
			}
			out := make([]InAppSessions, 0, len(all))
			for customer, n := range all {
				out = append(out, InAppSessions{customer, n})
			}
			slices.SortFunc(out, func(a, b InAppSessions) int { return strings.Compare(a.Customer, b.Customer) })
			return route.Slice(out, *in, func(s InAppSessions) string { return s.Customer })
		})
}
