package store

// dialect holds the few differences between the two engines; everything else
// is one SQL text.
type dialect struct {
	name       string
	forUpdate  string
	skipLocked string
	begin      string
}

var (
	sqliteDialect   = dialect{name: "sqlite", begin: "begin immediate"}
	postgresDialect = dialect{name: "postgres", forUpdate: " for update", skipLocked: " for update skip locked"}
)
