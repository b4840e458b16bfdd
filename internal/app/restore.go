package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"allclear/internal/base/fault"
	"allclear/internal/store"
	"allclear/internal/store/portable"
)

// RestoreOptions say how an encrypted backup is opened.
type RestoreOptions struct {
	IdentityFile   string
	PassphraseFile string
}

// Restore makes a database from a backup, on either engine. It refuses one that
// holds data, checks the whole file before it touches anything, and writes in
// one transaction: what is cut short leaves an empty database behind.
func Restore(ctx context.Context, d Database, file string, o RestoreOptions, out io.Writer) error {
	began := clock()
	with, err := identities(o.IdentityFile, o.PassphraseFile)
	if err != nil {
		return err
	}
	var m *portable.Manifest
	var files map[string][]byte
	err = readBackup(file, with, func(r io.Reader) error {
		m, files, err = portable.Verify(r)
		return err
	})
	if err != nil {
		return err
	}
	if err := mustBeEmpty(ctx, d); err != nil {
		return err
	}
	keyed, err := restoreKey(d.Dir, files[keyName])
	if err != nil {
		return err
	}
	if err := fill(ctx, d, file, with, m); err != nil {
		return fmt.Errorf("restore backup: %w", err)
	}
	if err := Migrate(ctx, d, io.Discard); err != nil { // what an older version wrote
		return err
	}
	_, err = fmt.Fprintf(out, "restored %d rows of %d tables of %s, written by %s on %s, in %s; %s\n", m.Rows(), len(m.Tables),
		m.CreatedAt.Format(time.RFC3339), m.Program, m.Engine, clock().Sub(began).Round(time.Millisecond), keyed)
	return err
}

func readBackup(file string, with []age.Identity, read func(io.Reader) error) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "there is no backup %s", file)
	}
	if err != nil {
		return fault.New(fault.Invalid, "read backup: %s", err)
	}
	defer f.Close()
	plain, err := openSealed(f, with)
	if err != nil {
		return err
	}
	packed, err := gzip.NewReader(plain)
	if err != nil {
		return fault.New(fault.Invalid, "%s is no backup: %s", file, err)
	}
	return read(packed)
}

// mustBeEmpty looks before anything is migrated.
func mustBeEmpty(ctx context.Context, d Database) error {
	db, err := openAsIs(ctx, d)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(db.View(ctx, portable.Empty), db.Close())
}

// fill brings an empty database to the schema of the backup and loads it.
func fill(ctx context.Context, d Database, file string, with []age.Identity, m *portable.Manifest) error {
	o := d.Options()
	o.Patient, o.UpTo = true, m.Schema
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	err = db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return readBackup(file, with, func(r io.Reader) error { return portable.Load(tx, r, m) })
	})
	return errors.Join(err, db.Close())
}

// restoreKey puts the installation's secret where the server looks for it, and
// says what it did. Another secret that is there already is not replaced: it
// opens something else.
func restoreKey(dir string, key []byte) (told string, err error) {
	path := filepath.Join(dir, keyName)
	have, err := presentKey(dir)
	switch {
	case len(key) == 0 && err != nil:
		return "the backup holds no key: put " + keyName + " of the installation into " + dir + " before the server starts", nil
	case len(key) == 0:
		return "the key that is here was kept", nil
	case err == nil && !bytes.Equal(bytes.TrimSpace(have), bytes.TrimSpace(key)):
		return "", fault.New(fault.Refused, "restore backup: another key than the backup's is in %s or %s", path, keyEnv)
	case err == nil:
		return "its key was here already", nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fault.New(fault.Invalid, "data folder: %s", err)
	}
	return "its key is in " + path, writePrivate(path, key)
}
