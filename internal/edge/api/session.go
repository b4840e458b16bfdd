package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
)

const sessionCookie = authn.Cookie

// Me is who the caller is.
type Me struct {
	Actor   string     `json:"actor" doc:"The person's id, or what the record calls a caller without a person."`
	Account string     `json:"account,omitempty" doc:"The account's id; absent for a machine's token."`
	Email   string     `json:"email,omitempty"`
	Role    authz.Role `json:"role" enum:"admin,responder,stakeholder,auditor"`
	Via     string     `json:"via" enum:"session,token" doc:"What the caller presented."`
	Expires time.Time  `json:"expires_at,omitzero" doc:"Of the session or token; absent: never."`
}

func me(who access.Identity) Me {
	m := Me{Actor: who.Actor.ID, Email: who.Email, Role: who.Actor.Role, Via: who.Actor.Via, Expires: who.Expires}
	if who.Account != 0 {
		m.Account = who.Account.String()
	}
	return m
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
	Body      Me
}

type signedOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *API) sessionRoutes() {
	tag := "session"
	Register(a, Route{Method: http.MethodPost, Path: "/session", Summary: "Sign in", Tag: tag, Secret: true,
		Detail: "Sets the session cookie. At most 10 guesses in 15 minutes per account."}, Public(), a.signIn)
	Register(a, Route{Method: http.MethodGet, Path: "/session", Summary: "Say who the caller is", Tag: tag}, SignedIn(),
		func(_ context.Context, c Call, _ *struct{}) (*Reply[Me], error) { return reply(me(c.Who)), nil })
	Register(a, Route{Method: http.MethodDelete, Path: "/session", Summary: "Sign out", Tag: tag}, SignedIn(), a.signOut)
}

func (a *API) signIn(ctx context.Context, c Call, in *signInInput) (*signedInOutput, error) {
	r := requestOf(ctx)
	s, err := a.opt.Access.SignIn(ctx, c.Now, in.Body.Email, in.Body.Password, authn.Session(r))
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = fault.New(fault.Unavailable, "the caller went away")
		}
		return nil, err
	}
	return &signedInOutput{SetCookie: a.opt.Authn.Set(r, s, c.Now).String(), Body: me(s.Who)}, nil
}

func (a *API) signOut(ctx context.Context, c Call, _ *struct{}) (*signedOutOutput, error) {
	if err := a.opt.Access.SignOut(ctx, c.Now, c.Who); err != nil {
		return nil, err
	}
	return &signedOutOutput{SetCookie: a.opt.Authn.Clear(requestOf(ctx)).String()}, nil
}
