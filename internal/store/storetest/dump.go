package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"allclear/internal/store"
)

// Dump writes all rows of all tables as text, sorted, so that two dumps are
// equal when nothing changed and a secret can be searched for in everything
// that is stored.
func Dump(t testing.TB, db *store.DB) string {
	t.Helper()
	var out []string
	err := db.View(t.Context(), func(tx *store.Tx) error {
		for _, table := range tables(t, tx) {
			rows, err := tx.Query(`select * from "` + table + `"`)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				if err := rows.Scan(values...); err != nil {
					return err
				}
				out = append(out, line(table, columns, values))
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("dump database: %v", err)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func line(table string, columns []string, values []any) string {
	var b strings.Builder
	b.WriteString(table)
	for i, v := range values {
		text := *v.(*any)
		if raw, ok := text.([]byte); ok {
			text = string(raw)
		}
		fmt.Fprintf(&b, " %s=%v", columns[i], text)
	}
	return b.String()
}

func tables(t testing.TB, tx *store.Tx) []string {
	t.Helper()
	query := "select name from sqlite_master where type = 'table' order by name"
	if tx.Engine() == "postgres" {
		query = "select table_name from information_schema.tables where table_schema = 'public' order by table_name"
	}
	rows, err := tx.Query(query)
	if err != nil {
		t.Fatalf("dump database: %v", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatalf("dump database: %v", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil || len(names) < 5 {
		t.Fatalf("dump database: %d tables, %v", len(names), err)
	}
	return names
}
