package store

// dialect holds the few differences between the two engines; everything else
// is one SQL text.
type dialect struct {
	name       string
	forUpdate  string
	skipLocked string
}

var (
	sqliteDialect   = dialect{name: "sqlite"}
	postgresDialect = dialect{name: "postgres", forUpdate: " FOR UPDATE", skipLocked: " FOR UPDATE SKIP LOCKED"}
)
