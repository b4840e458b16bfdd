package store

import (
	"fmt"
	"strconv"
	"strings"
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
