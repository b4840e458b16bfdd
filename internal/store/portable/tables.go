package portable

import (
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/store"
)

// What a table is made of, in order. Left out are the engine's own tables, what
// an engine computes from other columns, and its search indexes with the tables
// they are kept in.
const (
	sqliteTables  = "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\\_%' escape '\\' and name <> 'goose_db_version' order by name"
	sqliteColumns = "select name, lower(type) from pragma_table_xinfo($1) where hidden = 0 order by cid"
	pgTables      = "select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'goose_db_version' order by table_name collate \"C\""
	pgColumns     = "select column_name, data_type from information_schema.columns where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER' order by ordinal_position"
)

// table is a table of an open database.
type table struct {
	name    string
	columns []string
	flags   []bool // by column: whether it is a boolean, which SQLite keeps as a number
}

// tables lists what a database consists of.
func tables(tx *store.Tx) ([]table, error) {
	list, columns := sqliteTables, sqliteColumns
	if tx.Engine() == "postgres" {
		list, columns = pgTables, pgColumns
	}
	names, err := texts(tx, list)
	if err != nil {
		return nil, err
	}
	out := make([]table, len(names))
	for i, name := range names {
		out[i].name = name
		if err := out[i].describe(tx, columns); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *table) describe(tx *store.Tx, query string) error {
	rows, err := tx.Query(query, t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var column, kind string
		if err := rows.Scan(&column, &kind); err != nil {
			return err
		}
		t.columns, t.flags = append(t.columns, column), append(t.flags, kind == "boolean")
	}
	return rows.Err()
}

func texts(tx *store.Tx, query string) ([]string, error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func quoted(names []string) string { return `"` + strings.Join(names, `","`) + `"` }

// query reads all rows, in the order of the primary key, which is in front.
func (t table) query() string {
	return "select " + quoted(t.columns) + " from " + quoted([]string{t.name}) + " order by 1"
}

func (t table) count(tx *store.Tx) (n int64, err error) {
	err = tx.QueryRow("select count(*) from " + quoted([]string{t.name})).Scan(&n)
	return n, err
}

// Empty answers fault.Conflict for a database in which anything is stored.
func Empty(tx *store.Tx) error {
	all, err := tables(tx)
	if err != nil {
		return err
	}
	for _, t := range all {
		rows, err := tx.Query("select 1 from " + quoted([]string{t.name}) + " limit 1")
		if err != nil {
			return err
		}
		some := rows.Next()
		if err := rows.Close(); err != nil {
			return err
		}
		if some {
			return fault.New(fault.Refused, "the database is not empty: there is something in %s. A backup is restored into an empty one", t.name)
		}
	}
	return nil
}
