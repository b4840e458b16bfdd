package store

// dialect holds the few differences between the two engines; everything else
// is one SQL text.
type dialect struct {
	name       string
	forUpdate  string
	skipLocked string
	tryLock    string // takes a number until the transaction ends; none where writers come one after the other
}

var (
	sqliteDialect   = dialect{name: "sqlite"}
	postgresDialect = dialect{name: "postgres", forUpdate: " FOR UPDATE", skipLocked: " FOR UPDATE SKIP LOCKED", tryLock: "select pg_try_advisory_xact_lock($1)"}
)
