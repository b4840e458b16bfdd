package plug

// TicketUpdate is what a ticket elsewhere gets from us (Message.Kind is Ticket).
// Priority and tags are a state, which may be sent again; the comment is made
// once for each Message.Key, however often that is sent.
type TicketUpdate struct {
	ID       string   // the source's
	Priority string   // urgent, high, normal or low; empty: left alone
	Tags     []string // to add to those it has
	Comment  string   // for agents only, unless Public; empty: none
	Public   bool     // the customer reads the comment
	Status   string   // pending or solved, set together with the comment; empty: left alone
}
