package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/access"
)

// Token is an API token without its secret.
type Token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Account    string     `json:"account,omitempty" doc:"Whose it is; absent for a machine's."`
	Role       authz.Role `json:"role" enum:"admin,responder,stakeholder,auditor,runner"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at,omitzero" doc:"Absent: never."`
	LastUsedAt time.Time  `json:"last_used_at,omitzero" doc:"To the minute or so; absent: not yet."`
}

// TokenSecret is a new token with its secret, which is shown this once.
type TokenSecret struct {
	Token
	Secret string `json:"secret" doc:"Send it as Authorization: Bearer. It cannot be shown again."`
}

// NewToken is what a token is made from.
type NewToken struct {
	Name    string     `json:"name" minLength:"1" maxLength:"60"`
	Machine bool       `json:"machine,omitempty" doc:"Of no account, for a program. Administrators only."`
	Account string     `json:"account,omitempty" maxLength:"40" doc:"Whose it is; absent: the caller's own."`
	Role    authz.Role `json:"role,omitempty" enum:"admin,responder,stakeholder,auditor,runner" doc:"Within the owner's role; absent: the caller's. runner: of a machine that takes runs of actions, and can do nothing else."`
	Expires time.Time  `json:"expires_at,omitzero" doc:"Absent: never."`
}

type newTokenInput struct{ Body NewToken }

// TokenPath names one of them.
type TokenPath struct {
	ID string `path:"id" maxLength:"40"`
}

func tokenOf(t access.Token) Token {
	out := Token{ID: t.ID.String(), Name: t.Name, Role: t.Role, CreatedBy: t.CreatedBy, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt}
	if t.Account != 0 {
		out.Account = t.Account.String()
	}
	return out
}

func (a *API) tokenRoutes() {
	tag := "tokens"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/tokens", Summary: "List API tokens", Tag: tag, Detail: "One's own, or all for an administrator."}, route.SignedIn(), a.listTokens)
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/tokens", Summary: "Create an API token", Tag: tag, Status: http.StatusCreated, Secret: true,
		Detail: "People make their own after signing in; a token makes none, unless an administrator's.",
	}, route.SignedIn(), a.createToken)
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/tokens/{id}", Summary: "Revoke an API token", Tag: tag}, route.SignedIn(), a.revokeToken)
}

func (a *API) listTokens(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[Token]], error) {
	var after ident.ID
	if _, err := route.FromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := a.opt.Access.ListTokens(ctx, c.Who, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	found, next := route.Cut(found, in.Limit, func(x access.Token) any { return x.ID })
	return route.Items(wire.Each(found, tokenOf), next), nil
}

func (a *API) createToken(ctx context.Context, c route.Call, in *newTokenInput) (*route.Reply[TokenSecret], error) {
	b := in.Body
	want := access.NewToken{Name: b.Name, Account: c.Who.Account, Role: b.Role, Expires: b.Expires.UTC()}
	if b.Expires.IsZero() {
		want.Expires = time.Time{}
	}
	if want.Role == "" {
		want.Role = c.Actor.Role
	}
	switch {
	case b.Machine:
		want.Account = 0
	case b.Account != "":
		id, err := route.ParseID("account", b.Account)
		if err != nil {
			return nil, err
		}
		want.Account = id
	}
	t, plain, err := a.opt.Access.CreateToken(ctx, c.Now, c.Who, want)
	if err != nil {
		return nil, err
	}
	return route.One(TokenSecret{Token: tokenOf(t), Secret: plain.Reveal()}), nil
}

func (a *API) revokeToken(ctx context.Context, c route.Call, in *TokenPath) (*struct{}, error) {
	id, err := route.ParseID("token", in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.opt.Access.RevokeToken(ctx, c.Now, c.Who, id)
}
