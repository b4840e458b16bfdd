package accounts

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Session is one browser that has signed in. Hash is secret.Hash of its token.
type Session struct {
	Hash       string
	AccountID  ident.ID
	CreatedAt  time.Time
	ExpiresAt  time.Time // whatever is done with it
	LastUsedAt time.Time // written in intervals, not at each request
}

const (
	sessionByHash  = "select hash, account_id, created_at, expires_at, last_used_at from sessions where hash = $1"
	insertSession  = "insert into sessions(hash, account_id, created_at, expires_at, last_used_at) values($1,$2,$3,$4,$5)"
	touchSession   = "update sessions set last_used_at = $2 where hash = $1 and last_used_at < $2"
	deleteSession  = "delete from sessions where hash = $1"
	deleteSessions = "delete from sessions where account_id = $1 and hash <> $2"
	oldSessions    = "delete from sessions where expires_at <= $1 or last_used_at <= $2"
)

func scanSession(row scanner) (*Session, error) {
	var s Session
	var account, created, expires, used int64
	if err := row.Scan(&s.Hash, &account, &created, &expires, &used); err != nil {
		return nil, err
	}
	s.AccountID = ident.ID(account)
	s.CreatedAt, s.ExpiresAt, s.LastUsedAt = store.Time(created), store.Time(expires), store.Time(used)
	return &s, nil
}

// FindSession reads a session by the hash of its token; nil when there is none.
func FindSession(tx *store.Tx, hash string) (*Session, error) {
	return maybe(scanSession(tx.QueryRow(sessionByHash, hash)))
}

// InsertSession writes a new session.
func InsertSession(tx *store.Tx, s *Session) error {
	_, err := tx.Exec(insertSession, s.Hash, int64(s.AccountID), store.Micros(s.CreatedAt), store.Micros(s.ExpiresAt), store.Micros(s.LastUsedAt))
	return err
}

// TouchSession notes a use; an older instant than the stored one is ignored.
func TouchSession(tx *store.Tx, hash string, at time.Time) error {
	_, err := tx.Exec(touchSession, hash, store.Micros(at))
	return err
}

// DeleteSession ends one session.
func DeleteSession(tx *store.Tx, hash string) error {
	_, err := tx.Exec(deleteSession, hash)
	return err
}

// DeleteSessions ends all sessions of an account except the one with the hash
// keep; an empty keep spares none.
func DeleteSessions(tx *store.Tx, account ident.ID, keep string) error {
	_, err := tx.Exec(deleteSessions, int64(account), keep)
	return err
}

// PruneSessions forgets sessions that expired by now or were last used at or
// before idle.
func PruneSessions(tx *store.Tx, now, idle time.Time) error {
	_, err := tx.Exec(oldSessions, store.Micros(now), store.Micros(idle))
	return err
}
