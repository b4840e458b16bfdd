package app

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/demo"
	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
	"allclear/internal/store/timers"
)

type report struct {
	OK       bool      `json:"ok"`
	Warnings int       `json:"warnings"`
	Checks   []finding `json:"checks"`
}

func (r report) of(check string) finding {
	for _, f := range r.Checks {
		if f.Check == check {
			return f
		}
	}
	return finding{}
}

func examine(t *testing.T, c Config) (report, error) {
	t.Helper()
	var out bytes.Buffer
	err := Doctor(t.Context(), c, false, &out)
	return jsonOf[report](t, out.String()), err
}

func healthy(t *testing.T, engine string) (Config, *Engine) {
	t.Helper()
	d := place(t, engine)
	if err := os.Chmod(d.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(d.Dir); err != nil {
		t.Fatal(err)
	}
	e := offline(storetest.Open(t, d.Options()))
	if _, err := e.Admin.Load(t.Context(), setup().Actor, company(), start); err != nil {
		t.Fatal(err)
	}
	if err := e.procedureInForce(t.Context(), "", start); err != nil {
		t.Fatal(err)
	}
	return Config{Database: d, Listen: "127.0.0.1:0", PageListen: "127.0.0.1:0"}, e
}

func TestDoctorOfASoundInstallation(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c, e := healthy(t, engine)
			before := stored(t, e.DB)
			r, err := examine(t, c)
			if err != nil || !r.OK {
				t.Errorf("%v %+v", err, r)
			}
			for check, want := range map[string]string{
				"database": engine, "procedure": "version 3.2 is in force; lint: 0 errors", "on call: primary": "", "backlog": "nothing", "key": "in secret.key", "schema": "", "sync to disk": "at worst", "free disk": "MB",
			} {
				if f := r.of(check); f.State != fine && check != "free disk" && check != "sync to disk" || f.State == "" || !strings.Contains(f.Found, want) {
					t.Errorf("%s: %+v", check, f)
				}
			}
			if f := r.of("channels"); f.State != warning || !strings.Contains(f.Found, "nobody is reached") || !strings.Contains(f.Found, "email") {
				t.Errorf("%+v", f)
			}
			if f := r.of("clock"); (f.State != "") != (engine == "postgres") {
				t.Errorf("%+v", f)
			}
			if stored(t, e.DB) != before {
				t.Error("looking changed the database")
			}
			var table bytes.Buffer
			if err := Doctor(t.Context(), c, true, &table); err != nil || !strings.Contains(table.String(), "ok       database") {
				t.Errorf("%v\n%s", err, table.String())
			}
		})
	}
}

// Each thing that can be wrong is found, and the exit code says so.
func TestDoctorFindsWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		hurt         func(t *testing.T, c *Config, e *Engine)
		check, state string
	}{
		"an open folder": {func(t *testing.T, c *Config, _ *Engine) { must(t, os.Chmod(c.Dir, 0o755)) }, "data folder", warning},
		"an open key":    {func(t *testing.T, c *Config, _ *Engine) { must(t, os.Chmod(filepath.Join(c.Dir, keyName), 0o644)) }, "key", wrong},
		"a broken key": {func(t *testing.T, c *Config, _ *Engine) {
			must(t, os.WriteFile(filepath.Join(c.Dir, keyName), []byte("x"), 0o600))
		}, "key", wrong},
		"a bad network":   {func(_ *testing.T, c *Config, _ *Engine) { c.AllowOutbound = []string{"10.0.0.0"} }, "outbound guard", wrong},
		"a wide network":  {func(_ *testing.T, c *Config, _ *Engine) { c.AllowOutbound = []string{"0.0.0.0/0"} }, "outbound guard", warning},
		"no database":     {func(_ *testing.T, c *Config, _ *Engine) { c.URL = "postgres://nobody@127.0.0.1:1/none" }, "database", wrong},
		"a taken address": {func(t *testing.T, c *Config, _ *Engine) { c.Listen = taken(t) }, "console address", warning},
		"nobody on call": {func(t *testing.T, _ *Config, e *Engine) {
			_, err := e.Admin.Load(t.Context(), setup().Actor, []catalog.Entity{demo.OnCall("ana", "")[1]}, start)
			must(t, err)
		}, "on call: secondary", wrong},
		"overdue work": {func(t *testing.T, _ *Config, e *Engine) {
			must(t, e.DB.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
				return timers.Set(tx, timers.Timer{Kind: "k", Ref: "r", DueAt: start}, start)
			}))
		}, "backlog", wrong},
	} {
		t.Run(name, func(t *testing.T) {
			c, e := healthy(t, "sqlite")
			tt.hurt(t, &c, e)
			r, err := examine(t, c)
			if f := r.of(tt.check); f.State != tt.state {
				t.Errorf("%+v", r)
			}
			if (err != nil) != (tt.state == wrong) || err != nil && !fault.Is(err, fault.Unavailable) || r.OK != (err == nil) {
				t.Errorf("%v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func taken(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
