package store

import (
	"context"
	"fmt"
	"time"
)

// Clock reads the clock of the database's server; ok is false where the database
// is part of this process. It is the one place that asks SQL for the time, and
// nothing is stored from it.
func (db *DB) Clock(ctx context.Context) (at time.Time, ok bool, err error) {
	if db.urgent == nil {
		return at, false, nil
	}
	var us int64
	if err := db.urgent.QueryRowContext(ctx, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").Scan(&us); err != nil {
		return at, true, fmt.Errorf("read the database's clock: %w", err)
	}
	return Time(us), true, nil
}
