package store_test

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestNewerDatabaseIsRefused(t *testing.T) {
	for name, o := range map[string]func(t *testing.T) store.Options{
		"sqlite":   func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()} },
		"postgres": func(t *testing.T) store.Options { return store.Options{URL: storetest.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			o := o(t)
			for _, step := range []struct {
				version int
				want    error
			}{{1, nil}, {3, nil}, {3, nil}, {2, store.ErrNewerSchema}, {3, nil}} {
				o.Schema = testSchema(step.version)
				db, err := store.Open(bg, o)
				if !errors.Is(err, step.want) || (step.want == nil && err != nil) {
					t.Fatalf("open with schema %d: %v", step.version, err)
				}
				if err == nil {
					if err := db.Close(); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestOptionsNameOneEngine(t *testing.T) {
	for _, o := range []store.Options{{}, {Memory: true, Dir: t.TempDir()}, {URL: "mysql://x"}} {
		if db, err := store.Open(bg, o); err == nil {
			_ = db.Close()
			t.Errorf("%+v was opened", o)
		}
	}
}

func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	url := storetest.Postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(bg, store.Options{URL: url, Schema: testSchema(5)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

type column struct{ table, name, kind, null string }

// INV: one SQL text fits both engines because the tables are the same.
func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	lite := columns(t, storetest.SQLite(t), `select m.name, p.name, lower(p.type), case when p."notnull" or p.pk > 0 then 'not null' else 'null' end
		from sqlite_master m join pragma_table_info(m.name) p
		where m.type = 'table' and m.name not like 'goose%' and m.name not like 'sqlite%'`)
	url := storetest.Postgres(t)
	pg := columns(t, storetest.Open(t, store.Options{URL: url}), `select table_name, column_name, data_type, case when is_nullable = 'NO' then 'not null' else 'null' end
		from information_schema.columns where table_schema = 'public' and table_name not like 'goose%'`)
	if len(lite) == 0 {
		t.Fatal("the schema has no tables")
	}
	for _, c := range slices.Collect(maps.Keys(lite)) {
		if !pg[c] {
			t.Errorf("only in sqlite: %v", c)
		}
	}
	for c := range pg {
		if !lite[c] {
			t.Errorf("only in postgres: %v", c)
		}
	}
}

// kinds maps a declared type to what Go reads from it.
var kinds = map[string]string{
	"integer": "int", "bigint": "int", "int": "int", "smallint": "int", "boolean": "bool",
	"text": "text", "real": "float", "double precision": "float", "blob": "bytes", "bytea": "bytes",
}

func columns(t *testing.T, db *store.DB, query string) map[column]bool {
	t.Helper()
	out := map[column]bool{}
	err := db.View(bg, func(tx *store.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		for rows.Next() {
			var c column
			var declared sql.NullString
			if err := rows.Scan(&c.table, &c.name, &declared, &c.null); err != nil {
				return err
			}
			if c.kind = kinds[declared.String]; c.kind == "" {
				c.kind = declared.String
			}
			out[c] = true
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPrepareAllAcceptsPortableSQL(t *testing.T) {
	storetest.PrepareAll(t, []string{"select version_id from goose_db_version where id = $1"})
}

func TestPrepareFindsWhatAnEngineCannotParse(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		if db.Prepare(bg, "select nothing from things") == nil || db.Prepare(bg, "selekt 1") == nil {
			t.Error("nonsense was prepared")
		}
	})
}
