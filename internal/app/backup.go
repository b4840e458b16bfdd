package app

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/store"
	"allclear/internal/store/portable"
)

// BackupOptions say what goes into a backup and who can read it.
type BackupOptions struct {
	Version        string
	Recipients     []string // age recipients; with one, the file is encrypted
	PassphraseFile string   // or a passphrase
	passEffort     int      // of turning a passphrase into a key, log2; 0 is what age thinks right today
	WithKeys       bool     // the installation's secret goes in although the file is not encrypted
}

// Backup writes a consistent copy of the database to a file, while the server
// runs or not. The installation's secret, without which sealed settings cannot
// be read, goes in when the file is encrypted or when it is asked for.
func Backup(ctx context.Context, d Database, file string, o BackupOptions, out io.Writer) error {
	if _, err := os.Lstat(file); err == nil {
		return fault.New(fault.Conflict, "write backup: %s is there already", file)
	}
	to, err := recipients(o)
	if err != nil {
		return err
	}
	about := portable.About{Program: o.Version, Now: clock(), Files: map[string][]byte{}}
	if len(to) > 0 || o.WithKeys {
		if about.Files[keyName], err = presentKey(d.Dir); err != nil {
			return err
		}
	}
	db, err := openAsIs(ctx, d)
	if err != nil {
		return err
	}
	var m *portable.Manifest
	err = writeWhole(file, func(w io.Writer) error {
		sealed, err := sealTo(w, to)
		if err != nil {
			return err
		}
		packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
		if err != nil {
			return err
		}
		err = db.View(ctx, func(tx *store.Tx) error {
			m, err = portable.Write(tx, packed, about)
			return err
		})
		return errors.Join(err, packed.Close(), sealed.Close())
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	told := "the installation's key is inside"
	if about.Files[keyName] == nil {
		told = "without the installation's key: keep a copy of " + filepath.Join(d.Dir, keyName) + " elsewhere, or encrypt the backup, which takes it in"
	}
	_, err = fmt.Fprintf(out, "%s: %d rows of %d tables in %s; %s\n", file, m.Rows(), len(m.Tables), clock().Sub(about.Now).Round(time.Millisecond), told)
	return err
}

// openAsIs opens a database to read all of it. One that is not there is
// fault.NotFound.
func openAsIs(ctx context.Context, d Database) (*store.DB, error) {
	o := d.Options()
	o.AsIs, o.Patient = true, true
	db, err := store.Open(ctx, o)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no database in %s", d.Dir)
	}
	return db, err
}

// presentKey reads the installation's secret, and never makes one.
func presentKey(dir string) ([]byte, error) {
	if text := os.Getenv(keyEnv); text != "" {
		return []byte(text + "\n"), nil
	}
	b, err := os.ReadFile(filepath.Join(dir, keyName))
	if err != nil {
		return nil, fault.New(fault.NotFound, "the installation's key cannot be read: %s", err)
	}
	return b, nil
}

// writeWhole makes a file that only its owner can read, whole or not at all.
// It never replaces one.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path) // unlike a rename, it fails when the name was taken meanwhile
}
