package app

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/app/demo"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/access"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/vault"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

var start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// place is a fresh data folder with a database on one of the engines.
func place(t *testing.T, engine string) Database {
	t.Helper()
	d := Database{Dir: t.TempDir()}
	if engine == "postgres" {
		d.URL = storetest.Postgres(t)
	}
	return d
}

// company is the demonstration without its many customers, for what is not about
// them.
func company() []catalog.Entity {
	return slices.DeleteFunc(demo.Entities(), func(e catalog.Entity) bool { return e.Kind() == catalog.KindCustomer })
}

// smallCompany has a few dozen of the many customers: every tier of them.
func smallCompany() []catalog.Entity {
	all := company()
	for _, c := range demo.Customers()[:30] {
		all = append(all, c)
	}
	return all
}

// running is an installation with the demonstration's data and an incident in
// the middle of its course: pages sent, clocks running, customers to be told.
func running(t *testing.T, d Database) *Engine {
	t.Helper()
	ctx := t.Context()
	db := storetest.Open(t, d.Options())
	ks, err := openKeys(d.Dir)
	if err != nil {
		t.Fatal(err)
	}
	e := NewEngine(db, EngineOptions{Channels: func(string) (plug.Channel, bool) { return outbox.New(), true }, AckKey: ks.ack, Box: ks.box, Workers: 1})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = e.seedDemo(ctx, d.Dir, demoFile{}, smallCompany(), start)
	must(err)
	must(e.procedureInForce(ctx, "", start))
	_, _, err = e.Access.CreateKey(ctx, start, setup(), access.NewKey{Kind: access.KeyHooks, ServiceID: "api", Name: "signed", Secret: secret.String("signature secret")})
	must(err)
	s := alert.Signal{Source: "events", Action: alert.Trigger, DedupKey: "k", Summary: "Sign-in fails · <für alle>", Severity: "critical"}
	must(e.Intake.AcceptNow(ctx, intake.Arrival{ServiceID: "auth", Source: "events", Raw: []byte("{\"bytes\":\"\x00\xff\"}"), Signals: []alert.Signal{s}, Now: start}))
	must(e.Intake.Reject(ctx, intake.Rejected{ServiceID: "auth", Source: "generic", Problem: "empty", Now: start}))
	for _, at := range []time.Duration{0, 8 * time.Minute, 12 * time.Minute} {
		must(e.Tick(ctx, start.Add(at)))
	}
	ana := authz.Actor{ID: "ana", Role: authz.Responder, Via: "api"}
	_, err = e.Vault.Add(ctx, ana, 1, vault.NewFile{Name: "disk.img"}, bytes.NewReader(bytes.Repeat([]byte{0, 0xff, 'a', '\n'}, 200_000)), start.Add(12*time.Minute))
	must(err)
	return e
}

var notOurs = regexp.MustCompile(`(?m)^(goose_db_version|sqlite_sequence) .*\n?`)

// stored is everything in a database, as text that is alike on both engines.
func stored(t *testing.T, db *store.DB) string {
	t.Helper()
	text := notOurs.ReplaceAllString(storetest.Dump(t, db), "")
	return strings.NewReplacer("=false ", "=0 ", "=true ", "=1 ", "=false\n", "=0\n", "=true\n", "=1\n").Replace(text)
}

func storedIn(t *testing.T, d Database) string {
	t.Helper()
	db, err := store.Open(context.Background(), d.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	return stored(t, db)
}

func jsonOf[T any](t *testing.T, text string) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}
