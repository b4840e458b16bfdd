package store

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Result codes (https://www.sqlite.org/rescode.html) and SQLSTATEs
// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
const (
	sqliteBusy       = 5
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
	pgUnique         = "23505"
	pgSerialization  = "40001"
	pgDeadlock       = "40P01"
)

// IsUnique reports whether err is a violated unique constraint or primary key.
func IsUnique(err error) bool {
	if code, ok := sqliteCode(err); ok {
		return code == sqlitePrimaryKey || code == sqliteUnique
	}
	return sqlState(err) == pgUnique
}

// NotFound reports whether err says that a QueryRow found nothing.
func NotFound(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// retryable reports whether the same transaction may well succeed next time.
func retryable(err error) bool {
	if errors.Is(err, ErrCrashed) {
		return false
	}
	if code, ok := sqliteCode(err); ok {
		return code&0xff == sqliteBusy
	}
	state := sqlState(err)
	return state == pgSerialization || state == pgDeadlock
}

func sqliteCode(err error) (int, bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}

func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
