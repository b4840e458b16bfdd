package access

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// Session is what signing in gives. Token is shown to the browser once; only
// its hash is stored.
type Session struct {
	Token   secret.String
	Who     Identity
	Expires time.Time
}

var errSignIn = fault.New(fault.Unauthenticated, "the address or the password is wrong")

// SignIn checks a password and opens a session. A wrong address, a wrong
// password and a disabled account answer alike and take as long. The session
// whose token is old ends: a new sign-in never continues an old session.
func (a *Access) SignIn(ctx context.Context, now time.Time, email, password, old string) (*Session, error) {
	email = normal(email)
	var acc *accounts.Account
	err := a.view(ctx, func(tx *store.Tx) (err error) {
		acc, err = accounts.ByEmail(tx, email)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "find account")
	}
	known := acc != nil
	if err := a.tries.take(email, known, now); err != nil {
		return nil, err
	}
	hash := ""
	if known && !acc.Disabled {
		hash = acc.Password
	}
	ok, err := a.hasher.check(ctx, password, hash)
	if err != nil {
		a.tries.giveBack(email, known, now)
		return nil, err
	}
	if !ok {
		return nil, a.failed(ctx, now, acc)
	}
	a.tries.giveBack(email, known, now)
	return a.open(ctx, now, acc.ID, acc.Password, password, old)
}

// failed puts a wrong guess at a real account on the record. Guesses at
// addresses that do not exist are not: anybody could fill the database so.
func (a *Access) failed(ctx context.Context, now time.Time, acc *accounts.Account) error {
	if acc == nil {
		return errSignIn
	}
	err := a.update(ctx, func(tx *store.Tx) error {
		return a.record(tx, now, authz.Actor{ID: event.System, Via: "session"}, event.SignInFailed, event.Data{Ref: acc.ID.String(), Subject: acc.Email})
	})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "record failed sign-in")
	}
	return errSignIn
}

// open writes the session. The account is read again under lock: a password
// that was changed while it was being checked does not let in.
func (a *Access) open(ctx context.Context, now time.Time, id ident.ID, checked, password, old string) (*Session, error) {
	token := newSessionToken()
	s := &accounts.Session{Hash: secret.Hash(token), AccountID: id, CreatedAt: now, ExpiresAt: now.Add(a.opt.Lifetime), LastUsedAt: now}
	fresh := ""
	if a.hasher.outdated(checked) {
		var err error
		if fresh, err = a.hasher.make(ctx, password); err != nil {
			return nil, err
		}
	}
	var who Identity
	err := a.update(ctx, func(tx *store.Tx) error {
		acc, err := accounts.Lock(tx, id)
		if err != nil {
			return err
		}
		if acc == nil || acc.Disabled || acc.Password != checked {
			return errSignIn
		}
		if fresh != "" {
			acc.Password = fresh
			if err := accounts.Update(tx, acc, now); err != nil {
				return err
			}
		}
		if old != "" {
			if err := accounts.DeleteSession(tx, secret.Hash(old)); err != nil {
				return err
			}
		}
		if err := accounts.InsertSession(tx, s); err != nil {
			return err
		}
		who = sessionIdentity(acc, s)
		return a.record(tx, now, who.Actor, event.SignedIn, event.Data{Ref: acc.ID.String(), Subject: acc.Email})
	})
	if err != nil {
		return nil, err
	}
	return &Session{Token: secret.String(token), Who: who, Expires: s.ExpiresAt}, nil
}

// SignOut ends the caller's session. A token has none and is refused.
func (a *Access) SignOut(ctx context.Context, now time.Time, who Identity) error {
	if !who.present() {
		return fault.New(fault.Conflict, "a token has no session to end: revoke the token instead")
	}
	return a.update(ctx, func(tx *store.Tx) error {
		if err := accounts.DeleteSession(tx, who.Session); err != nil {
			return err
		}
		return a.record(tx, now, who.Actor, event.SignedOut, event.Data{Ref: who.Account.String(), Subject: who.Email})
	})
}

func newSessionToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
