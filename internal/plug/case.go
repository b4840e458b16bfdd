package plug

import "context"

// Case is a case to be opened at a partner (Message.Kind is CaseWanted). Subject
// and text are the message's; the Receipt's ProviderRef is by what the partner knows
// it. A partner that cannot tell a resent wish from another looks for one of the same
// subject first where Message.Again says that the first may have arrived.
type Case struct {
	Incident string            // INC-42
	Kind     string            // support or scan
	Urgency  string            // P1 to P4
	Params   map[string]string // that only this desk knows, see Desk.Asks
}

// The kinds of Case that a desk takes.
const (
	CaseSupport = "support"
	CaseScan    = "scan"
)

// CaseDesk is a Channel that opens cases, and can say how one is. Its manifest names
// it under Desk.
type CaseDesk interface {
	Channel
	// Desk says what it takes; ok is false where no credentials are set.
	Desk() (d Desk, ok bool)
	// Look says how a case is, by the ProviderRef of its Receipt. It is called
	// outside of any transaction. The error is in words that can be shown.
	Look(ctx context.Context, ref string) (CaseState, error)
}

// Desk is what a desk takes.
type Desk struct {
	Kind string  // CaseSupport or CaseScan
	Asks []Field // what can be said beside subject, text and urgency
}

// CaseState is how a case is.
type CaseState struct {
	Number string // by which people know it
	Link   string // for people; empty: unknown
	State  string // in the partner's words
	Result string // what came of it so far
	Over   bool
}
