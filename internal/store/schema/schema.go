// Package schema embeds the migrations, one folder per engine. Files are
// forward only and never change once released.
package schema

import "embed"

// Files holds sqlite/*.sql and postgres/*.sql.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
