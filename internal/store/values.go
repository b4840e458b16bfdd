package store

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Micros is how an instant is bound to a NOT NULL column: UTC microseconds
// since 1970. The zero time is bound as 0 ("never"), which no instant of ours
// is.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// NullMicros is how an instant is bound to a nullable column: the zero time is
// NULL. Read such a column into a sql.NullInt64 and NullTime.
func NullMicros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// Time reads what Micros wrote, in UTC; 0 is the zero time.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// NullTime reads what NullMicros wrote, in UTC; NULL is the zero time.
func NullTime(us sql.NullInt64) time.Time { return Time(us.Int64) }

// JSON keeps a value as JSON text in one column, on both engines.
type JSON[T any] struct{ V T }

// J wraps v for binding.
func J[T any](v T) JSON[T] { return JSON[T]{V: v} }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner; NULL and the empty text give the zero value.
func (j *JSON[T]) Scan(src any) error {
	var fresh T // a value scanned into before must not shine through
	j.V = fresh
	var text []byte
	switch s := src.(type) {
	case nil:
	case string:
		text = []byte(s)
	case []byte:
		text = s
	default:
		return fmt.Errorf("scan JSON column: unexpected %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, &j.V)
}
