package plug

import "context"

// Doer is a plug-in that can change something at its vendor in an incident: cut a
// machine off, point a name elsewhere. Who may approve a deed, and that it was
// approved, is decided before Do is called; a plug-in never judges that.
type Doer interface {
	// Deeds lists what it can do with the settings it has; none without credentials.
	Deeds() []Deed
	// Do does one. It is called outside of any transaction, once for each approval;
	// where key came before, nothing is done twice if the vendor can tell. The error is
	// a *Failure: Permanent where nothing was changed and trying again cannot help.
	Do(ctx context.Context, deed, key string, params map[string]string) (Done, error)
}

// Deed is one thing that can be done.
type Deed struct {
	Name      string  // unique in the plug-in: contain_host
	Title     string  // for people
	Params    []Field // what has to be said
	Approvals int     // people beside the one who asks, at least
	Undo      string  // deed that takes it back, with the same Params; empty: none
	Effect    string  // what it does to whom, before somebody approves
}

// Done is what was done.
type Done struct {
	Ref    string // by which the vendor knows it
	Detail string // what it said, shortened and without secrets
	Before string // what was there before, for whoever takes it back by hand; empty: unknown
}
