package app

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/portable"
	"allclear/internal/store/storetest"
)

// backup writes one of a running installation and returns its file.
func backup(t *testing.T, d Database, o BackupOptions) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "b")
	var out bytes.Buffer
	if err := Backup(t.Context(), d, file, o, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "rows of") {
		t.Errorf("it says %q", out.String())
	}
	if i, err := os.Stat(file); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", i.Mode(), err)
	}
	return file
}

// B37: what is backed up is restored, on either engine and across them, with
// nothing lost, added or changed, while the server has the database open.
func TestBackupIsRestored(t *testing.T) {
	for _, from := range []string{"sqlite", "postgres"} {
		t.Run("from "+from, func(t *testing.T) {
			d := place(t, from)
			e := running(t, d)
			want := stored(t, e.DB)
			for _, table := range []string{"incidents ", "pages ", "deliveries ", "deadlines ", "timers ", "events ", "messages ", "signals ", "documents ", "procedures ", "evidence ", "evidence_chunks ", "inquiries "} {
				if !strings.Contains(want, "\n"+table) {
					t.Fatalf("nothing in %s", table)
				}
			}
			file := backup(t, d, BackupOptions{WithKeys: true})
			if stored(t, e.DB) != want {
				t.Error("a backup changed the database")
			}
			for _, to := range []string{"sqlite", "postgres"} {
				t.Run("to "+to, func(t *testing.T) {
					fresh := place(t, to)
					var out bytes.Buffer
					if err := Restore(t.Context(), fresh, file, RestoreOptions{}, &out); err != nil {
						t.Fatal(err)
					}
					if got := storedIn(t, fresh); got != want {
						t.Errorf("the copy differs:\n%s", difference(got, want))
					}
					// Sealed settings open, and so do the links in pages.
					was, _ := os.ReadFile(filepath.Join(d.Dir, keyName))
					is, err := os.ReadFile(filepath.Join(fresh.Dir, keyName))
					if err != nil || !bytes.Equal(was, is) {
						t.Errorf("the key: %v", err)
					}
					// It goes on from where it was, and a second restore is refused.
					again := NewEngine(storetest.Open(t, fresh.Options()), EngineOptions{Channels: func(string) (plug.Channel, bool) { return outbox.New(), true }})
					if err := again.Tick(t.Context(), start.Add(31*time.Minute)); err != nil {
						t.Error(err)
					}
					if err := Restore(t.Context(), fresh, file, RestoreOptions{}, &out); !fault.Is(err, fault.Refused) {
						t.Errorf("into a database with data: %v", err)
					}
				})
			}
		})
	}
}

func difference(got, want string) string {
	have := map[string]bool{}
	for l := range strings.SplitSeq(want, "\n") {
		have[l] = true
	}
	var b strings.Builder
	for l := range strings.SplitSeq(got, "\n") {
		if !have[l] && b.Len() < 2000 {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

func TestBackupFiles(t *testing.T) {
	d := place(t, "sqlite")
	e := running(t, d)
	t.Run("damaged", func(t *testing.T) { damagedBackup(t, d) })
	t.Run("readers", func(t *testing.T) { readersOfABackup(t, d) })
	t.Run("dies", func(t *testing.T) { restoreThatDies(t, d, stored(t, e.DB)) })
}

// A damaged file is refused before anything is made.
func damagedBackup(t *testing.T, d Database) {
	whole, err := os.ReadFile(backup(t, d, BackupOptions{WithKeys: true}))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, body := range map[string][]byte{
		"cut off": whole[:len(whole)/2], "without its last byte": whole[:len(whole)-1], "a bit flipped": flipped, "empty": {}, "something else": []byte("PK"),
	} {
		file := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
		fresh := place(t, "sqlite")
		if err := Restore(t.Context(), fresh, file, RestoreOptions{}, io.Discard); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(fresh.Dir); err != nil || len(left) > 0 {
			t.Errorf("%s left %v behind, %v", name, left, err)
		}
	}
}

// INV-A5: an unencrypted backup has no key in it unless asked; an encrypted one
// opens for its recipient alone.
func readersOfABackup(t *testing.T, d Database) {
	key, err := os.ReadFile(filepath.Join(d.Dir, keyName))
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string) string {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	word := put("correct horse battery")
	for name, tt := range map[string]struct {
		write      BackupOptions
		read, fail RestoreOptions
		key        bool
	}{
		"open, no key": {},
		"open, a key":  {write: BackupOptions{WithKeys: true}, key: true},
		"a recipient":  {BackupOptions{Recipients: []string{id.Recipient().String()}}, RestoreOptions{IdentityFile: put(id.String())}, RestoreOptions{IdentityFile: put(other.String())}, true},
		"a passphrase": {BackupOptions{PassphraseFile: word, passEffort: 10}, RestoreOptions{PassphraseFile: word}, RestoreOptions{PassphraseFile: put("another passphrase")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			file := backup(t, d, tt.write)
			fresh := place(t, "sqlite")
			if tt.fail != tt.read {
				if err := Restore(t.Context(), fresh, file, RestoreOptions{}, io.Discard); !fault.Is(err, fault.Refused) {
					t.Errorf("opened by nobody: %v", err)
				}
				if err := Restore(t.Context(), fresh, file, tt.fail, io.Discard); !fault.Is(err, fault.Refused) {
					t.Errorf("opened by another: %v", err)
				}
			}
			if err := Restore(t.Context(), fresh, file, tt.read, io.Discard); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(fresh.Dir, keyName))
			if (err == nil) != tt.key || tt.key && !bytes.Equal(got, key) {
				t.Errorf("the key: %v", err)
			}
			if i, err := os.Stat(filepath.Join(fresh.Dir, keyName)); err == nil && i.Mode().Perm() != 0o600 {
				t.Errorf("the key has mode %v", i.Mode())
			}
		})
	}
	if err := Backup(t.Context(), d, backup(t, d, BackupOptions{}), BackupOptions{}, io.Discard); !fault.Is(err, fault.Conflict) {
		t.Errorf("over another backup: %v", err)
	}
	if err := Backup(t.Context(), place(t, "sqlite"), filepath.Join(t.TempDir(), "b"), BackupOptions{}, io.Discard); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
	mine := place(t, "sqlite")
	if _, err := openKeys(mine.Dir); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), mine, backup(t, d, BackupOptions{WithKeys: true}), RestoreOptions{}, io.Discard); !fault.Is(err, fault.Refused) {
		t.Errorf("over another key: %v", err)
	}
}

// B36: a restore that dies leaves nothing behind and can be run again.
func restoreThatDies(t *testing.T, d Database, want string) {
	file := backup(t, d, BackupOptions{})
	read := func(do func(io.Reader) error) {
		t.Helper()
		if err := readBackup(file, nil, do); err != nil {
			t.Fatal(err)
		}
	}
	var m *portable.Manifest
	read(func(r io.Reader) (err error) {
		m, _, err = portable.Verify(r)
		return err
	})
	dies := errors.New("killed")
	crash := true
	hooks := store.Hooks{BeforeCommit: func() error {
		if crash {
			return dies
		}
		return nil
	}}
	storetest.EachWith(t, store.Options{Hooks: hooks, Patient: true}, func(t *testing.T, db *store.DB) {
		load := func(cut int) error {
			return db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
				return readBackup(file, nil, func(r io.Reader) error {
					if cut > 0 {
						r = io.LimitReader(r, int64(cut))
					}
					return portable.Load(tx, r, m)
				})
			})
		}
		crash = true
		for _, cut := range []int{40 << 10, 0} {
			if err := load(cut); err == nil {
				t.Errorf("cut at %d: it went through", cut)
			}
			if err := db.View(t.Context(), portable.Empty); err != nil {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
		crash = false
		if err := load(0); err != nil {
			t.Fatal(err)
		}
		if got := stored(t, db); got != want {
			t.Errorf("the copy differs:\n%s", difference(got, want))
		}
	})
}
