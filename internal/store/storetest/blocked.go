package storetest

import (
	"testing"
	"time"

	"allclear/internal/store"
)

// Blocked returns when a transaction waits for a lock that another one holds. On
// SQLite the second writer waits for its turn before it begins: there is nothing to
// see, and it returns at once.
func Blocked(t testing.TB, db *store.DB) {
	t.Helper()
	if db.Engine() != "postgres" {
		return
	}
	const patience = 20 * time.Second
	for end := time.Now().Add(patience); ; {
		var n int
		err := db.View(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'").Scan(&n)
		})
		if err != nil || time.Now().After(end) {
			t.Fatalf("nobody waits for a lock: %v", err)
		}
		if n > 0 {
			return
		}
	}
}
