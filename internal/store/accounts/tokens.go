package accounts

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/store"
)

// Token is an API token. Hash is secret.Hash of what its holder presents.
type Token struct {
	ID         ident.ID
	Hash       string
	Name       string
	AccountID  ident.ID // whose it is; zero for a machine's
	Role       authz.Role
	CreatedBy  string // actor id
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: never; written in intervals, not at each request
}

const (
	selToken      = "select id, hash, name, account_id, role, created_by, created_at, expires_at, last_used_at from api_tokens "
	tokenByHash   = selToken + "where hash = $1"
	tokenByID     = selToken + "where id = $1"
	tokenPage     = selToken + "where id > $1 order by id limit $2"
	tokenPageOf   = selToken + "where id > $1 and account_id = $3 order by id limit $2"
	insertToken   = "insert into api_tokens(id, hash, name, account_id, role, created_by, created_at, expires_at, last_used_at) values($1,$2,$3,$4,$5,$6,$7,$8,0)"
	touchToken    = "update api_tokens set last_used_at = $2 where id = $1 and last_used_at < $2"
	deleteToken   = "delete from api_tokens where id = $1"
	countTokensOf = "select count(*) from api_tokens where account_id = $1"
)

func scanToken(row scanner) (*Token, error) {
	var t Token
	var id, account, created, expires, used int64
	var role string
	if err := row.Scan(&id, &t.Hash, &t.Name, &account, &role, &t.CreatedBy, &created, &expires, &used); err != nil {
		return nil, err
	}
	t.ID, t.AccountID, t.Role = ident.ID(id), ident.ID(account), authz.Role(role)
	t.CreatedAt, t.ExpiresAt, t.LastUsedAt = store.Time(created), store.Time(expires), store.Time(used)
	return &t, nil
}

// FindToken reads a token by the hash of what was presented; nil when there is
// none.
func FindToken(tx *store.Tx, hash string) (*Token, error) {
	return maybe(scanToken(tx.QueryRow(tokenByHash, hash)))
}

// GetToken reads a token by its id; nil when there is none.
func GetToken(tx *store.Tx, id ident.ID) (*Token, error) {
	return maybe(scanToken(tx.QueryRow(tokenByID, int64(id))))
}

// ListTokens returns tokens with ids after the given one, oldest first: all, or
// one account's.
func ListTokens(tx *store.Tx, account *ident.ID, after ident.ID, limit int) ([]*Token, error) {
	if account == nil {
		return all(tx, scanToken, tokenPage, int64(after), limit)
	}
	return all(tx, scanToken, tokenPageOf, int64(after), limit, int64(*account))
}

// InsertToken writes a new token and fills in its id. Two machines' tokens of
// one name violate a unique index (store.IsUnique).
func InsertToken(tx *store.Tx, t *Token, now time.Time) error {
	t.ID, t.CreatedAt = tx.NewID(now), now
	_, err := tx.Exec(insertToken, int64(t.ID), t.Hash, t.Name, int64(t.AccountID), string(t.Role), t.CreatedBy, store.Micros(now), store.Micros(t.ExpiresAt))
	return err
}

// TouchToken notes a use; an older instant than the stored one is ignored.
func TouchToken(tx *store.Tx, id ident.ID, at time.Time) error {
	_, err := tx.Exec(touchToken, int64(id), store.Micros(at))
	return err
}

// DeleteToken forgets a token.
func DeleteToken(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec(deleteToken, int64(id))
	return err
}

// CountTokens counts the tokens of an account.
func CountTokens(tx *store.Tx, account ident.ID) (n int64, err error) {
	err = tx.QueryRow(countTokensOf, int64(account)).Scan(&n)
	return n, err
}
