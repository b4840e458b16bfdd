package access

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// Account is a way to sign in, as others may see it.
type Account struct {
	ID        ident.ID
	Email     string
	PersonID  string // in the catalogue; empty for somebody without duties
	Role      authz.Role
	Disabled  bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NewAccount is what an account is made from.
type NewAccount struct {
	Email    string
	PersonID string
	Role     authz.Role
	Password string
}

// Change is what can be changed of an account; nil leaves a field as it is.
type Change struct {
	PersonID *string
	Role     *authz.Role
	Disabled *bool
}

func accountOf(a *accounts.Account) Account {
	return Account{ID: a.ID, Email: a.Email, PersonID: a.PersonID, Role: a.Role, Disabled: a.Disabled, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt}
}

// CreateAccount makes an account.
func (a *Access) CreateAccount(ctx context.Context, now time.Time, who Identity, in NewAccount) (Account, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "account"}); err != nil {
		return Account{}, err
	}
	return a.create(ctx, now, who.Actor, in, false)
}

// Bootstrap makes the first administrator of an installation. It is a conflict
// once there is any account.
func (a *Access) Bootstrap(ctx context.Context, now time.Time, in NewAccount) (Account, error) {
	in.Role = authz.Admin
	return a.create(ctx, now, authz.Software("setup"), in, true)
}

func (a *Access) create(ctx context.Context, now time.Time, by authz.Actor, in NewAccount, first bool) (Account, error) {
	in.Email, in.PersonID = normal(in.Email), strings.TrimSpace(in.PersonID)
	if addr, err := mail.ParseAddress(in.Email); err != nil || addr.Address != in.Email || len(in.Email) > 254 {
		return Account{}, fault.New(fault.Invalid, "the account is not complete").With("body.email", "not an e-mail address")
	}
	if _, err := authz.ParseRole(string(in.Role)); err != nil {
		return Account{}, err
	}
	if err := acceptable(in.Password, in.Email); err != nil {
		return Account{}, err
	}
	hash, err := a.hasher.make(ctx, in.Password)
	if err != nil {
		return Account{}, err
	}
	var acc *accounts.Account
	err = a.update(ctx, func(tx *store.Tx) error {
		if first {
			if any, err := accounts.Any(tx); err != nil || any {
				return orConflict(err, "there are accounts already")
			}
		}
		acc = &accounts.Account{Email: in.Email, PersonID: in.PersonID, Role: in.Role, Password: hash}
		if err := accounts.Insert(tx, acc, now); err != nil {
			return err
		}
		return a.record(tx, now, by, event.AccountChanged, event.Data{Ref: acc.ID.String(), Subject: acc.Email, Outcome: "created", Text: "as " + string(acc.Role)})
	})
	if store.IsUnique(err) {
		return Account{}, fault.New(fault.Conflict, "an account has this address or this person already")
	}
	if err != nil {
		return Account{}, err
	}
	return accountOf(acc), nil
}

func orConflict(err error, message string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "%s", message)
}

// ListAccounts returns accounts with ids after the given one.
func (a *Access) ListAccounts(ctx context.Context, who Identity, after ident.ID, limit int) ([]Account, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "account"}); err != nil {
		return nil, err
	}
	var out []Account
	err := a.view(ctx, func(tx *store.Tx) error {
		rows, err := accounts.List(tx, after, limit)
		for _, r := range rows {
			out = append(out, accountOf(r))
		}
		return err
	})
	return out, err
}

// GetAccount returns an account: one's own, or any for an administrator.
func (a *Access) GetAccount(ctx context.Context, who Identity, id ident.ID) (Account, error) {
	if err := mayTouch(who, id); err != nil {
		return Account{}, err
	}
	var out Account
	err := a.view(ctx, func(tx *store.Tx) error {
		acc, err := accounts.Get(tx, id)
		if err != nil || acc == nil {
			return orMissing(err, id)
		}
		out = accountOf(acc)
		return nil
	})
	return out, err
}

// mayTouch lets administrators at every account and others at their own. A
// foreign account answers like a missing one (INV-A3).
func mayTouch(who Identity, id ident.ID) error {
	if id != 0 && id == who.Account {
		return nil
	}
	if authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "account"}) != nil {
		return authz.NotFound("account", id.String())
	}
	return nil
}

func orMissing(err error, id ident.ID) error {
	if err != nil {
		return err
	}
	return authz.NotFound("account", id.String())
}

// ChangeAccount changes role, person or state. Check sees the account before
// the change, in the same transaction; nil checks nothing. Disabling ends the
// account's sessions and, while it lasts, its tokens. The last administrator
// cannot be disabled or demoted.
func (a *Access) ChangeAccount(ctx context.Context, now time.Time, who Identity, id ident.ID, c Change, check func(Account) error) (Account, error) {
	if err := authz.Can(who.Actor, authz.ManageAccess, authz.Resource{Kind: "account"}); err != nil {
		return Account{}, err
	}
	if c.Role != nil {
		if _, err := authz.ParseRole(string(*c.Role)); err != nil {
			return Account{}, err
		}
	}
	var out Account
	err := a.update(ctx, func(tx *store.Tx) error {
		acc, err := accounts.Lock(tx, id)
		if err != nil || acc == nil {
			return orMissing(err, id)
		}
		if check != nil {
			if err := check(accountOf(acc)); err != nil {
				return err
			}
		}
		was := *acc
		said := apply(acc, c)
		out = accountOf(acc)
		if len(said) == 0 {
			return nil
		}
		if err := a.store(tx, now, acc, &was); err != nil {
			return err
		}
		out = accountOf(acc)
		return a.record(tx, now, who.Actor, event.AccountChanged, event.Data{Ref: id.String(), Subject: acc.Email, Outcome: "changed", Text: strings.Join(said, ", ")})
	})
	if store.IsUnique(err) {
		return Account{}, fault.New(fault.Conflict, "another account has this person")
	}
	return out, err
}

// apply changes the fields and says what it changed.
func apply(acc *accounts.Account, c Change) (said []string) {
	if c.Role != nil && *c.Role != acc.Role {
		said = append(said, "role "+string(acc.Role)+" to "+string(*c.Role))
		acc.Role = *c.Role
	}
	if c.PersonID != nil && strings.TrimSpace(*c.PersonID) != acc.PersonID {
		acc.PersonID = strings.TrimSpace(*c.PersonID)
		said = append(said, "person "+acc.PersonID)
	}
	if c.Disabled != nil && *c.Disabled != acc.Disabled {
		acc.Disabled = *c.Disabled
		said = append(said, map[bool]string{true: "disabled", false: "enabled"}[acc.Disabled])
	}
	return said
}

func (a *Access) store(tx *store.Tx, now time.Time, acc, was *accounts.Account) error {
	if err := accounts.Update(tx, acc, now); err != nil {
		return err
	}
	admin := func(x *accounts.Account) bool { return x.Role == authz.Admin && !x.Disabled }
	if admin(was) && !admin(acc) {
		if n, err := accounts.Admins(tx); err != nil || n == 0 {
			return orConflict(err, "this is the last administrator: make another one first")
		}
	}
	if !acc.Disabled {
		return nil
	}
	return accounts.DeleteSessions(tx, acc.ID, "")
}

// DisableAccount keeps an account out until it is enabled again.
func (a *Access) DisableAccount(ctx context.Context, now time.Time, who Identity, id ident.ID) error {
	yes := true
	_, err := a.ChangeAccount(ctx, now, who, id, Change{Disabled: &yes}, nil)
	return err
}

// ChangePassword sets a new password: one's own, with the present one, or
// anybody's as administrator. All other sessions of the account end.
func (a *Access) ChangePassword(ctx context.Context, now time.Time, who Identity, id ident.ID, present, next string) error {
	if err := mayTouch(who, id); err != nil {
		return err
	}
	var acc *accounts.Account
	err := a.view(ctx, func(tx *store.Tx) (err error) {
		acc, err = accounts.Get(tx, id)
		return err
	})
	if err != nil || acc == nil {
		return orMissing(err, id)
	}
	if id == who.Account {
		if err := a.confirm(ctx, now, acc, present); err != nil {
			return err
		}
	}
	if err := acceptable(next, acc.Email); err != nil {
		return err
	}
	hash, err := a.hasher.make(ctx, next)
	if err != nil {
		return err
	}
	return a.update(ctx, func(tx *store.Tx) error {
		fresh, err := accounts.Lock(tx, id)
		if err != nil || fresh == nil {
			return orMissing(err, id)
		}
		if fresh.Password != acc.Password {
			return fault.New(fault.Conflict, "the password was changed by somebody else just now")
		}
		fresh.Password = hash
		if err := accounts.Update(tx, fresh, now); err != nil {
			return err
		}
		keep := ""
		if id == who.Account {
			keep = who.Session
		}
		if err := accounts.DeleteSessions(tx, id, keep); err != nil {
			return err
		}
		return a.record(tx, now, who.Actor, event.AccountChanged, event.Data{Ref: id.String(), Subject: acc.Email, Outcome: "password"})
	})
}

// confirm checks the present password, and counts as a guess.
func (a *Access) confirm(ctx context.Context, now time.Time, acc *accounts.Account, password string) error {
	if err := a.tries.take(acc.Email, true, now); err != nil {
		return err
	}
	ok, err := a.hasher.check(ctx, password, acc.Password)
	if err != nil || ok {
		a.tries.giveBack(acc.Email, true, now)
	}
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Invalid, "the present password is wrong").With("body.present", "not the password of this account")
	}
	return nil
}
