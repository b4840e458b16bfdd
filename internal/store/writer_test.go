package store

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
)

// A transaction that cannot even be rolled back must not take the only writer
// with it, nor leave its rows behind.
func TestWriterIsReplacedWhenItCannotRollBack(t *testing.T) {
	ctx := context.Background()
	schema := fstest.MapFS{"sqlite/00001_start.sql": {Data: []byte("-- +goose Up\ncreate table things(name text primary key);\n")}}
	db, err := Open(ctx, Options{Dir: t.TempDir(), Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	add := func(name string) func(tx *Tx) error {
		return func(tx *Tx) error { _, err := tx.Exec("insert into things(name) values($1)", name); return err }
	}
	boom := errors.New("boom")
	err = db.Update(ctx, PriorityRest, func(tx *Tx) error {
		// An overflow stands in for a disk that fails during the rollback.
		failing, err := db.writer.conn.PrepareContext(ctx, "select abs(-9223372036854775807 - 1)")
		if err != nil {
			return err
		}
		db.writer.stmts["rollback"] = failing
		return errors.Join(add("lost")(tx), boom)
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want boom", err)
	}
	// fn ended the transaction itself: nothing is left to roll back.
	if err := db.Update(ctx, PriorityRest, func(tx *Tx) error { _, err := tx.Exec("rollback"); return err }); err == nil {
		t.Error("a commit without a transaction succeeded")
	}
	if err := db.Update(ctx, PriorityRest, add("kept")); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.View(ctx, func(tx *Tx) error { return tx.QueryRow("select count(*) from things").Scan(&n) }); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestStatementsAreBounded(t *testing.T) {
	ctx := context.Background()
	schema := fstest.MapFS{"sqlite/00001_start.sql": {Data: []byte("-- +goose Up\ncreate table things(name text primary key);\n")}}
	db, err := Open(ctx, Options{Memory: true, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(ctx, func(tx *Tx) error {
		for i := range maxStatements + 50 {
			var got int
			if err := tx.QueryRow("select " + In(1, i+1)[1:]).Scan(&got); err != nil || got != i+1 {
				t.Errorf("statement %d answered %d, %v", i, got, err)
			}
		}
		return nil
	})
	if err != nil || len(db.writer.stmts) > maxStatements {
		t.Errorf("%d statements kept, %v", len(db.writer.stmts), err)
	}
}
