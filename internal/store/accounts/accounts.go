// Package accounts holds the SQL of those who may ask: accounts, their
// sessions, API tokens, integration keys, and the answers kept for repeated
// requests. It stores hashes, never a credential. It must not decide who may do
// what.
package accounts

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/store"
)

// Account is a way to sign in.
type Account struct {
	ID        ident.ID
	Email     string // lower case; unique
	PersonID  string // in the catalogue; empty for somebody without duties
	Role      authz.Role
	Password  string // argon2id with its parameters (PHC string)
	Disabled  bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

const (
	selAccount    = "select id, email, person_id, role, password_hash, disabled, created_at, updated_at from accounts "
	accountByID   = selAccount + "where id = $1"
	accountByMail = selAccount + "where email = $1"
	accountByWho  = selAccount + "where person_id = $1 and person_id <> ''"
	accountPage   = selAccount + "where id > $1 order by id limit $2"
	insertAccount = "insert into accounts(id, email, person_id, role, password_hash, disabled, created_at, updated_at) values($1,$2,$3,$4,$5,$6,$7,$8)"
	updateAccount = "update accounts set person_id = $2, role = $3, password_hash = $4, disabled = $5, updated_at = $6 where id = $1"
	countAdmins   = "select count(*) from accounts where role = 'admin' and disabled = $1"
	anyAccount    = "select count(*) from (select id from accounts limit 1) as one"
)

type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (*Account, error) {
	var a Account
	var id, created, updated int64
	var role string
	if err := row.Scan(&id, &a.Email, &a.PersonID, &role, &a.Password, &a.Disabled, &created, &updated); err != nil {
		return nil, err
	}
	a.ID, a.Role = ident.ID(id), authz.Role(role)
	a.CreatedAt, a.UpdatedAt = store.Time(created), store.Time(updated)
	return &a, nil
}

// Get reads an account; nil when there is none.
func Get(tx *store.Tx, id ident.ID) (*Account, error) {
	return maybe(scanAccount(tx.QueryRow(accountByID, int64(id))))
}

// Lock reads an account and keeps other writers from it until the end of the
// transaction; nil when there is none.
func Lock(tx *store.Tx, id ident.ID) (*Account, error) {
	return maybe(scanAccount(tx.QueryRow(accountByID+tx.ForUpdate(), int64(id))))
}

// ByEmail reads the account of a lower-case address; nil when there is none.
func ByEmail(tx *store.Tx, email string) (*Account, error) {
	return maybe(scanAccount(tx.QueryRow(accountByMail, email)))
}

// ByPerson reads the account of a person of the catalogue; nil when there is none.
func ByPerson(tx *store.Tx, person string) (*Account, error) {
	return maybe(scanAccount(tx.QueryRow(accountByWho, person)))
}

// List returns accounts with ids after the given one, oldest first.
func List(tx *store.Tx, after ident.ID, limit int) ([]*Account, error) {
	return all(tx, scanAccount, accountPage, int64(after), limit)
}

// Insert writes a new account and fills in its id. The error of a taken address
// or person satisfies store.IsUnique.
func Insert(tx *store.Tx, a *Account, now time.Time) error {
	a.ID, a.CreatedAt, a.UpdatedAt = tx.NewID(now), now, now
	_, err := tx.Exec(insertAccount, int64(a.ID), a.Email, a.PersonID, string(a.Role), a.Password, a.Disabled, store.Micros(now), store.Micros(now))
	return err
}

// Update writes everything that can change: not the id and not the address.
func Update(tx *store.Tx, a *Account, now time.Time) error {
	a.UpdatedAt = now
	_, err := tx.Exec(updateAccount, int64(a.ID), a.PersonID, string(a.Role), a.Password, a.Disabled, store.Micros(now))
	return err
}

// Admins counts the administrators who can sign in.
func Admins(tx *store.Tx) (n int64, err error) {
	err = tx.QueryRow(countAdmins, false).Scan(&n)
	return n, err
}

// Any tells whether there is an account at all.
func Any(tx *store.Tx) (bool, error) {
	var n int64
	err := tx.QueryRow(anyAccount).Scan(&n)
	return n > 0, err
}

// maybe turns "no such row" into nil.
func maybe[T any](v *T, err error) (*T, error) {
	if store.NotFound(err) {
		return nil, nil
	}
	return v, err
}

func all[T any](tx *store.Tx, scan func(scanner) (*T, error), query string, args ...any) ([]*T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
