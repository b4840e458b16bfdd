package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
)

// Session is who the caller is.
type Session struct {
	Account *SessionAccount `json:"account,omitempty" doc:"Absent for a machine's token."`
	Actor   string          `json:"actor" doc:"What the record calls the caller: the person's id, where there is a person."`
	Role    authz.Role      `json:"role" enum:"admin,responder,stakeholder,auditor" doc:"Of this session or token; a token's may be narrower than its account's."`
	Via     string          `json:"via" enum:"session,token" doc:"What the caller presented."`
	Expires time.Time       `json:"expires_at,omitzero" doc:"Of the session or token; absent: never."`
}

// SessionAccount is the caller's account.
type SessionAccount struct {
	ID       string     `json:"id"`
	Email    string     `json:"email"`
	Role     authz.Role `json:"role" enum:"admin,responder,stakeholder,auditor"`
	PersonID string     `json:"person_id,omitempty" doc:"The person in the catalogue whose account it is."`
	Name     string     `json:"name" doc:"What to call the caller."`
}

func (a *API) session(ctx context.Context, who access.Identity) Session {
	s := Session{Actor: who.Actor.ID, Role: who.Actor.Role, Via: who.Actor.Via, Expires: who.Expires}
	if who.Account != 0 {
		s.Account = &SessionAccount{ID: who.Account.String(), Email: who.Email, Role: who.Role, PersonID: who.Person, Name: a.name(ctx, who)}
	}
	return s
}

// name is the person's, or the address without its domain.
func (a *API) name(ctx context.Context, who access.Identity) string {
	if a.opt.PersonName != nil && who.Person != "" {
		if name := a.opt.PersonName(ctx, who.Person); name != "" {
			return name
		}
	}
	local, _, _ := strings.Cut(who.Email, "@")
	return local
}

// Credentials are what signing in takes.
type Credentials struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" minLength:"1" maxLength:"1024" writeOnly:"true"`
}

type signInInput struct {
	Body Credentials
}

// signedIn is an answer that sets or clears the cookie.
type signedInOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Session
}

type signedOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *API) sessionRoutes() {
	tag := "session"
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/session", Summary: "Sign in", Tag: tag, Secret: true,
		Detail: "Sets the session cookie. At most 10 guesses in 15 minutes per account.",
	}, route.Public(), a.signIn)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/session", Summary: "Say who the caller is", Tag: tag}, route.SignedIn(),
		func(ctx context.Context, c route.Call, _ *struct{}) (*route.Reply[Session], error) {
			return route.One(a.session(ctx, c.Who)), nil
		})
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: "/session", Summary: "Sign out", Tag: tag}, route.SignedIn(), a.signOut)
}

func (a *API) signIn(ctx context.Context, c route.Call, in *signInInput) (*signedInOutput, error) {
	r := route.RequestOf(ctx)
	s, err := a.opt.Access.SignIn(ctx, c.Now, in.Body.Email, in.Body.Password, authn.Session(r))
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = fault.New(fault.Unavailable, "the caller went away")
		}
		return nil, err
	}
	return &signedInOutput{SetCookie: a.opt.Authn.Set(r, s, c.Now).String(), Body: a.session(ctx, s.Who)}, nil
}

func (a *API) signOut(ctx context.Context, c route.Call, _ *struct{}) (*signedOutOutput, error) {
	if err := a.opt.Access.SignOut(ctx, c.Now, c.Who); err != nil {
		return nil, err
	}
	return &signedOutOutput{SetCookie: a.opt.Authn.Clear(route.RequestOf(ctx)).String()}, nil
}
