package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/ladder"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ListPolicies narrows a list of policies.
type ListPolicies struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id, name or description."`
}

func (a *API) policyRoutes() {
	f := family[ladder.EscalationPolicy, ladder.NewEscalationPolicy]{
		kind: catalog.KindPolicy, path: "/escalation-policies", tag: "escalation", noun: "an escalation policy", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (ladder.EscalationPolicy, error) {
			return ladder.PolicyOf(i), nil
		},
		read: func(in *ladder.NewEscalationPolicy, id string) (catalog.Entity, error) {
			return entity(catalog.KindPolicy, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List the procedure's chains and the escalation policies", Tag: f.tag, Detail: "The chains come first, on the first page, beside the limit."},
		route.Needs(authz.ReadProcedure), func(ctx context.Context, c route.Call, in *ListPolicies) (*route.Reply[route.List[ladder.EscalationPolicy]], error) {
			out, err := f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query})
			if err != nil || in.Cursor != "" || in.Query != "" {
				return out, err
			}
			chains, err := a.chains(ctx, c)
			out.Body.Items = append(chains, out.Body.Items...)
			return out, err
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path + "/{id}", Summary: "Show an escalation policy, or the chain of a severity", Tag: f.tag},
		route.Needs(authz.ReadProcedure), func(ctx context.Context, c route.Call, in *EntityPath) (*route.Tagged[ladder.EscalationPolicy], error) {
			chains, err := a.chains(ctx, c)
			if err != nil {
				return nil, err
			}
			for _, p := range chains {
				if p.ID == in.ID {
					return &route.Tagged[ladder.EscalationPolicy]{Body: p}, nil
				}
			}
			item, err := a.opt.Admin.Get(ctx, c.Actor, f.kind, in.ID)
			return f.tagged(ctx, c, item, err)
		})
	f.changes(a)
}

// chains reads the procedure's chain for each severity that has one.
func (a *API) chains(ctx context.Context, c route.Call) ([]ladder.EscalationPolicy, error) {
	v, err := a.opt.Procedures.Show(ctx, c.Actor, "", c.Now)
	if err != nil || v.Procedure == nil {
		return nil, err
	}
	return ladder.Chains(v.Procedure), nil
}
