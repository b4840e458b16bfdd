package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON keeps a value as JSON text in one column, on both engines.
type JSON[T any] struct{ V T }

// J wraps v for binding.
func J[T any](v T) JSON[T] { return JSON[T]{V: v} }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner; NULL and the empty text leave the zero value.
func (j *JSON[T]) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		return nil
	case string:
		if s == "" {
			return nil
		}
		return json.Unmarshal([]byte(s), &j.V)
	case []byte:
		if len(s) == 0 {
			return nil
		}
		return json.Unmarshal(s, &j.V)
	}
	return fmt.Errorf("scan JSON column: unexpected %T", src)
}
