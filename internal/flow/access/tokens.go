package access

import (
	"context"
	"regexp"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// maxTokens bounds how many tokens one account holds.
const maxTokens = 50

// Token is an API token, as others may see it: never its secret.
type Token struct {
	ID         ident.ID
	Name       string
	Account    ident.ID // zero for a machine's
	Role       authz.Role
	CreatedBy  string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: not yet; to the minute or so
}

// NewToken is what a token is made from.
type NewToken struct {
	Name    string
	Account ident.ID // whose it is; zero for a machine's
	Role    authz.Role
	Expires time.Time // zero: never
}

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$`)

func tokenOf(t *accounts.Token) Token {
	return Token{ID: t.ID, Name: t.Name, Account: t.AccountID, Role: t.Role, CreatedBy: t.CreatedBy, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt}
}

// CreateToken makes a token and returns it with its secret, which is shown this
// once. People make their own from a session, so that a leaked token cannot
// make another; administrators make all.
func (a *Access) CreateToken(ctx context.Context, now time.Time, who Identity, in NewToken) (Token, secret.String, error) {
	own := in.Account != 0 && in.Account == who.Account && who.present()
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "token"}); err != nil && !own {
		return Token{}, "", err
	}
	if err := in.check(now); err != nil {
		return Token{}, "", err
	}
	plain := secret.NewToken(TokenPrefix)
	t := &accounts.Token{Hash: secret.Hash(plain.Reveal()), Name: in.Name, AccountID: in.Account, Role: in.Role, CreatedBy: who.Actor.ID, ExpiresAt: in.Expires}
	err := a.update(ctx, func(tx *store.Tx) error {
		if in.Account != 0 {
			if err := fits(tx, in); err != nil {
				return err
			}
		}
		if err := accounts.InsertToken(tx, t, now); err != nil {
			return err
		}
		return a.record(tx, now, who.Actor, event.TokenChanged, event.Data{Ref: t.ID.String(), Subject: t.Name, Outcome: "created", Text: "as " + string(t.Role)})
	})
	if store.IsUnique(err) {
		return Token{}, "", fault.New(fault.Conflict, "a token of that name exists")
	}
	if err != nil {
		return Token{}, "", err
	}
	return tokenOf(t), plain, nil
}

func (in NewToken) check(now time.Time) error {
	if !tokenName.MatchString(in.Name) {
		return fault.New(fault.Invalid, "the token is not complete").With("body.name", "1 to 60 letters, digits, spaces, dots, dashes and underscores")
	}
	parse := authz.ParseRole
	if in.Account == 0 {
		parse = authz.ParseMachine
	}
	if _, err := parse(string(in.Role)); err != nil {
		return err
	}
	if !in.Expires.IsZero() && !in.Expires.After(now) {
		return fault.New(fault.Invalid, "the token is not complete").With("body.expires_at", "it is in the past")
	}
	return nil
}

// fits checks that the owner exists, has room and may do all that the token
// would.
func fits(tx *store.Tx, in NewToken) error {
	acc, err := accounts.Lock(tx, in.Account)
	if err != nil || acc == nil || acc.Disabled {
		return orMissing(err, in.Account)
	}
	if !acc.Role.Covers(in.Role) {
		return fault.New(fault.Invalid, "a token cannot do more than its owner").With("body.role", "not within the role "+string(acc.Role))
	}
	n, err := accounts.CountTokens(tx, in.Account)
	if err == nil && n >= maxTokens {
		err = fault.New(fault.Conflict, "this account has %d tokens already: revoke one first", n)
	}
	return err
}

// ListTokens returns tokens with ids after the given one: all for
// administrators, one's own for others.
func (a *Access) ListTokens(ctx context.Context, who Identity, after ident.ID, limit int) ([]Token, error) {
	var of *ident.ID
	if authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "token"}) != nil {
		if who.Account == 0 {
			return nil, nil // a machine sees no tokens, not even its kind's
		}
		of = &who.Account
	}
	var out []Token
	err := a.view(ctx, func(tx *store.Tx) error {
		rows, err := accounts.ListTokens(tx, of, after, limit)
		for _, r := range rows {
			out = append(out, tokenOf(r))
		}
		return err
	})
	return out, err
}

// RevokeToken ends a token at once: one's own, or any as administrator.
func (a *Access) RevokeToken(ctx context.Context, now time.Time, who Identity, id ident.ID) error {
	all := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "token"}) == nil
	return a.update(ctx, func(tx *store.Tx) error {
		t, err := accounts.GetToken(tx, id)
		if err != nil {
			return err
		}
		if t == nil || (!all && (t.AccountID == 0 || t.AccountID != who.Account)) {
			return authz.NotFound("token", id.String())
		}
		if err := accounts.DeleteToken(tx, id); err != nil {
			return err
		}
		return a.record(tx, now, who.Actor, event.TokenChanged, event.Data{Ref: id.String(), Subject: t.Name, Outcome: "revoked"})
	})
}
