// Package deadends holds the SQL of the places where nobody can be reached, as
// they were last found and told. It must not decide what is one.
package deadends

import (
	"fmt"

	"allclear/internal/domain/reach"
	"allclear/internal/store"
)

// All lists what was found last, and keeps others from changing it.
func All(tx *store.Tx) ([]reach.Finding, error) {
	rows, err := tx.Query("select doc from dead_ends order by key" + tx.ForUpdate())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []reach.Finding
	for rows.Next() {
		var doc store.JSON[reach.Finding]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, doc.V)
	}
	return out, rows.Err()
}

// Replace keeps what was found now instead.
func Replace(tx *store.Tx, found []reach.Finding) error {
	if _, err := tx.Exec("delete from dead_ends"); err != nil {
		return err
	}
	rows := make([][]any, len(found))
	for i, f := range found {
		rows[i] = []any{fmt.Sprintf("%06d", i), store.J(f)}
	}
	return tx.InsertMany("dead_ends", []string{"key", "doc"}, rows, "")
}
