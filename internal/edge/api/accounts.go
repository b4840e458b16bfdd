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

// Account is a way to sign in.
type Account struct {
	ID        string     `json:"id"`
	Email     string     `json:"email"`
	PersonID  string     `json:"person_id,omitempty" doc:"The person in the catalogue whose account it is."`
	Role      authz.Role `json:"role" enum:"admin,responder,stakeholder,auditor"`
	Disabled  bool       `json:"disabled"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
}

func accountOf(a access.Account) Account {
	return Account{ID: a.ID.String(), Email: a.Email, PersonID: a.PersonID, Role: a.Role, Disabled: a.Disabled, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt}
}

// NewAccount is what an account is made from.
type NewAccount struct {
	Email    string     `json:"email" format:"email" maxLength:"254"`
	PersonID string     `json:"person_id,omitempty" maxLength:"100"`
	Role     authz.Role `json:"role" enum:"admin,responder,stakeholder,auditor"`
	Password string     `json:"password" minLength:"12" maxLength:"256" writeOnly:"true"`
}

// AccountChange names what is to change; absent fields stay.
type AccountChange struct {
	PersonID *string     `json:"person_id,omitempty" maxLength:"100"`
	Role     *authz.Role `json:"role,omitempty" enum:"admin,responder,stakeholder,auditor"`
	Disabled *bool       `json:"disabled,omitempty"`
}

// NewPassword is a change of password.
type NewPassword struct {
	Present  string `json:"present,omitempty" maxLength:"1024" writeOnly:"true" doc:"The present password; needed for one's own account."`
	Password string `json:"password" minLength:"12" maxLength:"256" writeOnly:"true"`
}

// AccountPath names one of them.
type AccountPath struct {
	ID string `path:"id" maxLength:"40"`
}

type newAccountInput struct{ Body NewAccount }

type changeAccountInput struct {
	AccountPath
	route.IfMatch
	Body AccountChange
}

type passwordInput struct {
	AccountPath
	Body NewPassword
}

func (a *API) accountRoutes() {
	tag := "accounts"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/accounts", Summary: "List accounts", Tag: tag}, route.Needs(authz.ManageAccess), a.listAccounts)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/accounts", Summary: "Create an account", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.ManageAccess), a.createAccount)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/accounts/{id}", Summary: "Show an account", Tag: tag, Detail: "One's own, or any for an administrator."}, route.SignedIn(), a.getAccount)
	route.Register(a.table, route.Route{
		Method: http.MethodPatch, Path: "/accounts/{id}", Summary: "Change an account", Tag: tag,
		Detail: "Disabling ends its sessions and stops its tokens. The last administrator stays.",
	}, route.Needs(authz.ManageAccess), a.changeAccount)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/accounts/{id}/password", Summary: "Set a password", Tag: tag, Detail: "One's own, or any for an administrator. Ends the account's other sessions."}, route.SignedIn(), a.changePassword)
}

func (a *API) listAccounts(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[Account]], error) {
	var after ident.ID
	if _, err := route.FromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := a.opt.Access.ListAccounts(ctx, c.Who, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	found, next := route.Cut(found, in.Limit, func(x access.Account) any { return x.ID })
	return route.Items(wire.Each(found, accountOf), next), nil
}

func (a *API) createAccount(ctx context.Context, c route.Call, in *newAccountInput) (*route.Tagged[Account], error) {
	b := in.Body
	acc, err := a.opt.Access.CreateAccount(ctx, c.Now, c.Who, access.NewAccount{Email: b.Email, PersonID: b.PersonID, Role: b.Role, Password: b.Password})
	if err != nil {
		return nil, err
	}
	return route.Tag(accountOf(acc)), nil
}

func (a *API) getAccount(ctx context.Context, c route.Call, in *AccountPath) (*route.Tagged[Account], error) {
	id, err := route.ParseID("account", in.ID)
	if err != nil {
		return nil, err
	}
	acc, err := a.opt.Access.GetAccount(ctx, c.Who, id)
	if err != nil {
		return nil, err
	}
	return route.Tag(accountOf(acc)), nil
}

func (a *API) changeAccount(ctx context.Context, c route.Call, in *changeAccountInput) (*route.Tagged[Account], error) {
	id, err := route.ParseID("account", in.ID)
	if err != nil {
		return nil, err
	}
	change := access.Change{PersonID: in.Body.PersonID, Role: in.Body.Role, Disabled: in.Body.Disabled}
	acc, err := a.opt.Access.ChangeAccount(ctx, c.Now, c.Who, id, change, func(now access.Account) error { return in.Check(accountOf(now)) })
	if err != nil {
		return nil, err
	}
	return route.Tag(accountOf(acc)), nil
}

func (a *API) changePassword(ctx context.Context, c route.Call, in *passwordInput) (*struct{}, error) {
	id, err := route.ParseID("account", in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.opt.Access.ChangePassword(ctx, c.Now, c.Who, id, in.Body.Present, in.Body.Password)
}
