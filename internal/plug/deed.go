package plug

import "context"

// Doer is a plug-in that can change something at its vendor in an incident: cut a
// machine off, point a name elsewhere; or look there for what an incident must know.
// Who may approve a deed, and that it was approved, is decided before Do is called; a
// plug-in never judges that.
type Doer interface {
	// Deeds lists what it can do with the settings it has; none without credentials.
	Deeds() []Deed
	// Do does one. It is called outside of any transaction, once for each approval, and
	// once more after a Retry; where key came before, nothing is done twice if the
	// vendor can tell. The error is a *Failure: Permanent where nothing was changed and
	// trying again cannot help, Retry where nothing was changed for certain, Unknown
	// where it may have been; Done then has what is known all the same.
	Do(ctx context.Context, deed, key string, params map[string]string) (Done, error)
}

// Rehearser is a Doer that can say what a deed would do. It changes nothing.
type Rehearser interface {
	Rehearse(ctx context.Context, deed string, params map[string]string) (Rehearsal, error)
}

// Rehearsal is what a deed would do.
type Rehearsal struct {
	Detail string // in words: what it is now and would be
	Is     bool   // it is so already, and the deed would change nothing
}

// Deed is one thing that can be done.
type Deed struct {
	Name      string   // unique in the plug-in: contain_host
	Title     string   // for people
	Params    []Field  // what has to be said; Since is filled in by itself
	Approvals int      // people beside the one who asks, at least
	Undo      string   // deed that takes it back, with the same Params; empty: none
	Restores  string   // Param that Undo is told Done.Before in; empty: it is told the same
	Effect    string   // what it does to whom, before somebody approves
	Clauses   []string // of the procedure that it answers
	Assures   bool     // it changes nothing: it looks whether there are intruders, and nobody has to approve
}

// Since is the Param of a deed that assures: an instant in RFC 3339, from which on it
// looks.
const Since = "since"

// Done is what was done.
type Done struct {
	Ref    string // by which the vendor knows it
	Detail string // what it said, shortened and without secrets
	Before string // what was there before, for whoever takes it back; empty: unknown
	Found  string // by a deed that assures: what should not be there; empty: nothing
}
