package access

import (
	"context"
	"maps"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// TokenPrefix begins every API token, for scanners of leaked secrets.
const TokenPrefix = "acl"

var (
	errSession = fault.New(fault.Unauthenticated, "sign in first")
	errToken   = fault.New(fault.Unauthenticated, "this token is not valid")
)

// BySession says whose session a browser's token is. Unknown, expired, idle for
// too long and of a disabled account answer alike. It reads the database each
// time, so that what is revoked is revoked at once on every node.
func (a *Access) BySession(ctx context.Context, now time.Time, token string) (Identity, error) {
	if len(token) != 43 {
		return Identity{}, errSession
	}
	var who Identity
	err := a.view(ctx, func(tx *store.Tx) error {
		s, err := accounts.FindSession(tx, secret.Hash(token))
		if err != nil {
			return err
		}
		if s == nil || !now.Before(s.ExpiresAt) || now.Sub(a.uses.latest(s.Hash, s.LastUsedAt)) >= a.opt.Idle {
			return errSession
		}
		acc, err := accounts.Get(tx, s.AccountID)
		if err != nil {
			return err
		}
		if acc == nil || acc.Disabled {
			return errSession
		}
		who = sessionIdentity(acc, s)
		return nil
	})
	if err == nil {
		a.uses.session(who.Session, now)
	}
	return who, err
}

// ByToken says who holds an API token. Unknown, expired, of a disabled account
// and wider than its owner's present role answer alike.
func (a *Access) ByToken(ctx context.Context, now time.Time, token string) (Identity, error) {
	if !secret.Known(TokenPrefix, token) {
		return Identity{}, errToken
	}
	var who Identity
	err := a.view(ctx, func(tx *store.Tx) error {
		t, err := accounts.FindToken(tx, secret.Hash(token))
		if err != nil {
			return err
		}
		if t == nil || (!t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)) {
			return errToken
		}
		who = Identity{Actor: authz.Actor{ID: machine(t.Name), Role: t.Role, Via: "token"}, Token: t.ID, Expires: t.ExpiresAt}
		if t.AccountID == 0 {
			return nil
		}
		acc, err := accounts.Get(tx, t.AccountID)
		if err != nil {
			return err
		}
		if acc == nil || acc.Disabled || !acc.Role.Covers(t.Role) {
			return errToken
		}
		who.Actor.ID, who.Account, who.Email, who.Person, who.Role = actorID(acc), acc.ID, acc.Email, acc.PersonID, acc.Role
		return nil
	})
	if err == nil {
		a.uses.token(who.Token, now)
	}
	return who, err
}

func sessionIdentity(acc *accounts.Account, s *accounts.Session) Identity {
	return Identity{
		Actor:   authz.Actor{ID: actorID(acc), Role: acc.Role, Via: "session"},
		Account: acc.ID, Session: s.Hash, Email: acc.Email, Person: acc.PersonID, Role: acc.Role, Expires: s.ExpiresAt,
	}
}

// RoleOf is what the account of a person of the catalogue may do; fault.Refused where
// they have none, or one that is disabled. Whoever asks has made sure that it is they.
func (a *Access) RoleOf(ctx context.Context, person string) (r authz.Role, err error) {
	err = a.view(ctx, func(tx *store.Tx) error {
		acc, err := accounts.ByPerson(tx, person)
		if err == nil && (acc == nil || acc.Disabled) {
			err = fault.New(fault.Refused, "%s has no account in Allclear: ask an administrator for one", person)
		}
		if err == nil {
			r = acc.Role
		}
		return err
	})
	return r, err
}

// actorID is how the record calls the holder of an account: the person, or the
// address of somebody who is not in the catalogue.
func actorID(acc *accounts.Account) string {
	if acc.PersonID != "" {
		return acc.PersonID
	}
	return acc.Email
}

// machine is how the record calls a token without a person. The colon keeps it
// apart from every person's id.
func machine(name string) string { return "token:" + name }

// uses remembers when sessions and tokens were used until Tick writes it down:
// a request that only reads must not change the database.
type uses struct {
	mu       sync.Mutex
	sessions map[string]time.Time
	tokens   map[ident.ID]time.Time
}

func newUses() *uses {
	return &uses{sessions: map[string]time.Time{}, tokens: map[ident.ID]time.Time{}}
}

func (u *uses) session(hash string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at.After(u.sessions[hash]) {
		u.sessions[hash] = at
	}
}

func (u *uses) token(id ident.ID, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at.After(u.tokens[id]) {
		u.tokens[id] = at
	}
}

// latest is the later of what is stored and what is remembered.
func (u *uses) latest(hash string, stored time.Time) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at := u.sessions[hash]; at.After(stored) {
		return at
	}
	return stored
}

// seen copies what is remembered.
func (u *uses) seen() (map[string]time.Time, map[ident.ID]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.sessions), maps.Clone(u.tokens)
}

// written forgets what was not used again since seen.
func (u *uses) written(sessions map[string]time.Time, tokens map[ident.ID]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.sessions, func(hash string, at time.Time) bool { return sessions[hash].Equal(at) })
	maps.DeleteFunc(u.tokens, func(id ident.ID, at time.Time) bool { return tokens[id].Equal(at) })
}

func (a *Access) tick(ctx context.Context, now time.Time) error {
	a.tries.tidy(now)
	sessions, tokens := a.uses.seen()
	err := a.update(ctx, func(tx *store.Tx) error {
		for hash, at := range sessions {
			if err := accounts.TouchSession(tx, hash, at); err != nil {
				return err
			}
		}
		for id, at := range tokens {
			if err := accounts.TouchToken(tx, id, at); err != nil {
				return err
			}
		}
		if err := accounts.PruneSessions(tx, now, now.Add(-a.opt.Idle)); err != nil {
			return err
		}
		return accounts.PruneKept(tx, now.Add(-keepAnswers))
	})
	if err == nil {
		a.uses.written(sessions, tokens)
	}
	return err
}
