package store

import (
	"fmt"
	"strconv"
	"strings"

	"allclear/internal/base/ident"
)

// maxParams keeps a statement below the parameter limits of both engines
// (SQLite 32766, PostgreSQL 65535) and its plan small.
const maxParams = 2000

// In writes "$from,$from+1,..." for n parameters, as in "id in ("+In(3, 2)+")"
// = "id in ($2,$3,$4)". It answers "null" for none, which matches nothing.
func In(n, from int) string {
	if n <= 0 {
		return "null"
	}
	b := make([]byte, 0, 5*n)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '$'), int64(from+i), 10)
	}
	return string(b)
}

// InsertMany inserts rows with multi-row VALUES in chunks of few fixed sizes,
// so that the statements stay few and prepared. The suffix follows the values,
// such as an ON CONFLICT clause. Table, columns and suffix are program text,
// never input.
func (t *Tx) InsertMany(table string, columns []string, rows [][]any, suffix string) error {
	for i, r := range rows {
		if len(r) != len(columns) {
			return fmt.Errorf("insert into %s: row %d has %d values for %d columns", table, i, len(r), len(columns))
		}
	}
	for _, size := range [...]int{64, 8, 1} {
		if len(rows) < size || (size > 1 && size*len(columns) > maxParams) {
			continue
		}
		text := insertText(table, columns, size, suffix)
		args := make([]any, 0, size*len(columns))
		for len(rows) >= size {
			args = args[:0]
			for _, r := range rows[:size] {
				args = append(args, r...)
			}
			if _, err := t.Exec(text, args...); err != nil {
				return fmt.Errorf("insert into %s: %w", table, err)
			}
			rows = rows[size:]
		}
	}
	return nil
}

func insertText(table string, columns []string, n int, suffix string) string {
	var b strings.Builder
	b.WriteString("insert into " + table + "(" + strings.Join(columns, ",") + ") values ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + In(len(columns), 1+i*len(columns)) + ")")
	}
	if suffix != "" {
		b.WriteString(" " + suffix)
	}
	return b.String()
}

// ByID reads a number of each of some rows; ids that are nobody's are left out.
// query selects id and number and ends in the column that the ids are of.
func ByID(tx *Tx, query string, ids []ident.ID) (map[ident.ID]int64, error) {
	out := make(map[ident.ID]int64, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	rows, err := tx.Query(query+" in ("+In(len(ids), 1)+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[ident.ID(id)] = n
	}
	return out, rows.Err()
}
