package app

import (
	"log/slog"
	"reflect"
	"testing"

	"allclear/internal/edge/api/live"
	"allclear/internal/edge/authn"
	"allclear/internal/plug"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// A flow that is forgotten here is a route that fails when somebody needs it.
func TestTheInterfaceStandsOnEverything(t *testing.T) {
	e := NewEngine(storetest.SQLite(t), EngineOptions{})
	ks, err := openKeys(t.TempDir())
	must(t, err)
	s := &server{engine: e, log: slog.New(slog.DiscardHandler), changes: live.NewChanges(), auditKey: ks.open}
	o := reflect.ValueOf(s.apiOptions(authn.New(e.Access, false)))
	for i := range o.NumField() {
		if o.Field(i).IsNil() {
			t.Errorf("api.Options.%s is not set", o.Type().Field(i).Name)
		}
	}
}

func TestGenericHooksCanBeMapped(t *testing.T) {
	reg, err := plug.NewRegistry(Plugins()...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mapperOf(reg)
	if err != nil || m == nil {
		t.Fatalf("%v, %v", m, err)
	}
	got, err := m.TestMapping(`{"summary":"body.what"}`, []byte(`{"what":"disk full"}`))
	if err != nil || len(got.Signals) != 1 || got.Signals[0].Summary != "disk full" {
		t.Errorf("%+v, %v", got, err)
	}
}
