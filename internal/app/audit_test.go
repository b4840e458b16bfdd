package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/flow/audit"
	"allclear/internal/store/storetest"
)

// From the installation's key to the command: what the server seals is verified
// with the secret or with the public key alone, and what was cut off fails the command.
func TestAuditIsVerified(t *testing.T) {
	ctx := t.Context()
	d := place(t, "sqlite")
	ks, err := openKeys(d.Dir)
	must(t, err)
	e := NewEngine(storetest.Open(t, d.Options()), EngineOptions{Seal: ks.seal})
	must(t, e.procedureInForce(ctx, "", start))
	must(t, e.Audit.Tick(ctx, start))
	var note, public bytes.Buffer
	must(t, AuditCheckpoint(ctx, d, &note, &public))
	kept := filepath.Join(t.TempDir(), "checkpoint")
	must(t, os.WriteFile(kept, note.Bytes(), 0o600))
	key := strings.TrimSpace(strings.TrimPrefix(public.String(), "signed by "))

	verify := func(o AuditOptions, table bool) (string, error) {
		var out bytes.Buffer
		err := VerifyAudit(ctx, d, o, table, &out)
		return out.String(), err
	}
	if out, err := verify(AuditOptions{}, true); err != nil || !strings.Contains(out, "are as they were written") || !strings.Contains(out, "cannot be seen without") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := verify(AuditOptions{Checkpoint: kept, Key: key}, true); err != nil || !strings.Contains(out, "kept elsewhere agrees") {
		t.Errorf("%v %s", err, out)
	}
	// The same key over a record that has lost everything.
	d.Dir = lost(t, d.Dir)
	out, err := verify(AuditOptions{Checkpoint: kept}, false)
	r := jsonOf[struct {
		OK bool `json:"ok"`
		audit.Report
	}](t, out)
	if !fault.Is(err, fault.Unavailable) || r.OK || !strings.Contains(r.Problem, "cut off") {
		t.Errorf("%v %+v", err, r)
	}
	if err := AuditCheckpoint(ctx, place(t, "sqlite"), &note, &public); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

func lost(t *testing.T, dir string) string {
	t.Helper()
	fresh := place(t, "sqlite")
	must(t, Migrate(t.Context(), fresh, &bytes.Buffer{}))
	key, err := os.ReadFile(filepath.Join(dir, keyName))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(fresh.Dir, keyName), key, 0o600))
	return fresh.Dir
}
