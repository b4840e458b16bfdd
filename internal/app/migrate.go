package app

import (
	"context"
	"fmt"
	"io"

	"allclear/internal/store"
)

// Options turns where the data is into what the engine opens.
func (d Database) Options() store.Options {
	if d.URL != "" {
		return store.Options{URL: d.URL}
	}
	return store.Options{Dir: d.Dir}
}

// Migrate brings the database to this version's schema and ends. It refuses a
// database that a newer version has migrated.
func Migrate(ctx context.Context, d Database, out io.Writer) error {
	db, err := store.Open(ctx, d.Options())
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	engine := db.Engine()
	if err := db.Close(); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	_, err = fmt.Fprintf(out, "the %s database has this version's schema\n", engine)
	return err
}
