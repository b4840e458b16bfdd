package plug

// The states of a Copy.
const (
	CopyTriggered    = "triggered"
	CopyAcknowledged = "acknowledged"
	CopyResolved     = "resolved"
)

// Copy is the present state of an incident, for a plug-in that keeps a copy of
// it elsewhere (Message.Kind is Mirror). Sending the same state again changes
// nothing there.
type Copy struct {
	Incident string // INC-42: the copy's key
	State    string // CopyTriggered, CopyAcknowledged or CopyResolved
	Severity string // P1 to P4
	Service  string // id
	Title    string // what may be said of it in the open
	URL      string // of the incident in the console; may be empty
}

// Keeper is a plug-in with a Mirror or Tickets in its manifest. Keeps reports
// whether its settings let it keep copies or write to tickets; one that only hears
// does not.
type Keeper interface{ Keeps() bool }
