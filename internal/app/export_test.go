package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/store/storetest"
)

// The demonstration comes back from its files as it was: imported, everything is
// unchanged, and exported again it is the same bytes.
func TestExportedInstallationIsImported(t *testing.T) {
	ctx := t.Context()
	d := place(t, "sqlite")
	e := offline(storetest.Open(t, d.Options()))
	if _, err := e.Admin.Load(ctx, setup().Actor, smallCompany(), start); err != nil {
		t.Fatal(err)
	}
	if err := e.procedureInForce(ctx, "", start); err != nil {
		t.Fatal(err)
	}
	export := func(d Database) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "out")
		if err := Export(ctx, d, dir, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	load := func(d Database, from string, o ImportOptions) string {
		t.Helper()
		var out bytes.Buffer
		if err := Import(ctx, d, from, o, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	dir := export(d)
	all := " 0 updated, 0 deleted, "
	if got := load(d, dir, ImportOptions{Prune: true}); !strings.HasPrefix(got, "0 created,"+all) || !strings.Contains(got, "in force already") {
		t.Errorf("into itself: %s", got)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		fresh := place(t, engine)
		if err := Migrate(ctx, fresh, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		if got := load(fresh, dir, ImportOptions{DryRun: true}); !strings.Contains(got, "would be created") || !strings.Contains(got, "would come into force") {
			t.Errorf("a plan: %s", got)
		}
		if got := load(fresh, dir, ImportOptions{}); !strings.Contains(got, " 0 unchanged; the procedure is in force") || !strings.Contains(got, "create  person    ana\n") {
			t.Errorf("%s: %s", engine, got)
		}
		same(t, dir, export(fresh))
	}
	if err := Export(ctx, d, dir, &bytes.Buffer{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("over another export: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, procedureFile), []byte("name: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Import(ctx, d, dir, ImportOptions{}, &bytes.Buffer{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken procedure: %v", err)
	}
	if err := Import(ctx, d, t.TempDir(), ImportOptions{}, &bytes.Buffer{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("nothing: %v", err)
	}
}

// same compares two folders, byte for byte.
func same(t *testing.T, a, b string) {
	t.Helper()
	n := 0
	err := filepath.Walk(a, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		n++
		rel, _ := filepath.Rel(a, path)
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if got, err := os.ReadFile(filepath.Join(b, rel)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs, %v", rel, err)
		}
		return nil
	})
	if err != nil || n != 7 {
		t.Errorf("%d files, %v", n, err)
	}
}
