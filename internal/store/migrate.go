package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"allclear/internal/store/schema"
)

// migrate brings the schema forward. There is no way back: an old binary
// refuses a newer database instead of damaging it.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	files, err := fs.Sub(schema.Files, d.name)
	if err != nil {
		return err
	}
	gd := goose.DialectSQLite3
	if d.name == "postgres" {
		gd = goose.DialectPostgres
		// Nodes that start together take turns.
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, "select pg_advisory_lock(7210301)"); err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		defer conn.ExecContext(ctx, "select pg_advisory_unlock(7210301)") //nolint:errcheck // released with the connection anyway
	}
	p, err := goose.NewProvider(gd, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	sources := p.ListSources()
	if len(sources) > 0 && have > sources[len(sources)-1].Version {
		return fmt.Errorf("database has schema %d, this binary knows %d: use a newer allclear", have, sources[len(sources)-1].Version)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
