package plug

import (
	"context"
	"time"
)

// What the plug-ins of a war room share: a chat channel, a meeting, a shared
// document and a telephone conference of one incident. Each call is a wish for a
// state: made again after a lost answer it finds what stands and makes no second
// one. An error is a *Failure; Retry and Unknown are tried again, Permanent is not.

// The parts of a war room that a plug-in can have (Manifest.Rooms).
const (
	RoomChat     = "chat"
	RoomMeeting  = "meeting"
	RoomDocument = "document"
	RoomCall     = "call"
)

// Opener is a plug-in with Rooms in its manifest. Opens reports whether its
// settings let it open that part.
type Opener interface{ Opens(part string) bool }

// RoomSpec is what a part of a war room shall be like.
type RoomSpec struct {
	Key     string    // of the incident, and of the part where there are several: "INC-42", "INC-42/database"
	Name    string    // of a channel: inc-20260302-042-sign-in-fails
	Title   string    // for people; neutral where the incident is restricted
	Topic   string    // one line
	Text    string    // what a document begins with, where there is no template
	Private bool      // only who is invited may know of it
	Members []Guest   // who is in it from the start, where a vendor needs somebody
	Begun   time.Time // when it was first asked for; what is older is not ours
	Again   bool      // an attempt before this one may have made it
}

// Place is a part that is open.
type Place struct {
	Ref    string   // the vendor's id
	Name   string   // what it is called there, which may differ from the wish where that was taken
	URL    string   // for people
	DialIn []string // telephone numbers
	PIN    string   // for the telephone
	Note   string   // what a person must know of it; empty mostly
}

// Guest is somebody to let in, by what the catalogue knows of them.
type Guest struct {
	ID     string // in the catalogue
	Name   string
	Email  string
	Handle string // address on the plug-in's own channel, where the catalogue has one
}

// Chat is a plug-in that opens channels. Manifest.Channels names the channel of
// the catalogue's contacts that are handles here.
type Chat interface {
	// OpenRoom makes the channel or finds it. A name that something else has is
	// varied.
	OpenRoom(ctx context.Context, s RoomSpec) (Place, error)
	// Invite lets people in; who is in already stays. It returns the ids of those the
	// vendor does not know.
	Invite(ctx context.Context, ref string, who []Guest) (unknown []string, err error)
	// SetTopic sets the one line on top.
	SetTopic(ctx context.Context, ref, topic string) error
	// Pin posts a summary that stays in sight, or changes the one that was pinned
	// before; it returns how to change it.
	Pin(ctx context.Context, ref, pinned string, s Summary) (string, error)
	// Say posts a line; key is the same when it is said again.
	Say(ctx context.Context, ref, key, text string) error
	// Archive ends the channel. With a name it gets that name first, so that what
	// stays in sight tells nothing.
	Archive(ctx context.Context, ref, name string) error
}

// Silent is a Chat in which an application may not post: only what is pinned tells
// how it goes.
type Silent interface{ Silent() bool }

// Summary is what is pinned in an incident's channel.
type Summary struct {
	Incident string // INC-42: what its buttons are about
	Head     string
	Text     string
	Links    []Link
	Open     bool // the incident goes on: there is something to press
}

// Link is an address with its label.
type Link struct{ Label, URL string }

// MadeSince reports whether something may be what an earlier attempt made.
func (s RoomSpec) MadeSince(at time.Time) bool {
	const skew = 5 * time.Minute // between our time and the vendor's
	return s.Begun.IsZero() || !at.Before(s.Begun.Add(-skew))
}

// Reader is a Chat whose people and messages can be looked up.
type Reader interface {
	// Profile is what the vendor knows of a user.
	Profile(ctx context.Context, user string) (Guest, error)
	// Message is one message of a channel.
	Message(ctx context.Context, ref, id string) (Remark, error)
}

// Meeting is a plug-in that opens video rooms.
type Meeting interface {
	// OpenMeeting makes a meeting whose link stays the same for as long as it stands,
	// or finds it. Whoever joins may share a screen.
	OpenMeeting(ctx context.Context, s RoomSpec) (Place, error)
	// CloseMeeting ends it; one that is gone is ended.
	CloseMeeting(ctx context.Context, ref string) error
}

// Document is a plug-in that opens documents which several people write in.
type Document interface {
	// OpenDocument makes the document or finds it.
	OpenDocument(ctx context.Context, s RoomSpec) (Place, error)
	// Share lets people write in it, and whoever the settings name unless it is
	// private.
	Share(ctx context.Context, ref string, private bool, who []Guest) error
	// Append writes lines at the end. With again an attempt before this one may have
	// arrived: lines that stand there already are left out.
	Append(ctx context.Context, ref string, lines []string, again bool) error
}

// Withdrawer is a Document that can take one back from everybody who was let in.
type Withdrawer interface {
	// Withdraw ends what others may do with the document and gives it a name that tells
	// nothing; the account that made it keeps it.
	Withdraw(ctx context.Context, ref, name string) error
}

// Conference is a plug-in that calls somebody and puts them into a telephone
// conference. It never calls twice by itself.
type Conference interface {
	CallIn(ctx context.Context, c CallIn) (Receipt, error)
}

// CallIn is one call.
type CallIn struct {
	Key  string
	To   string // E.164
	Room string // name of the conference; who has the same one hear each other
	Say  string // spoken before
}

// Remark is what somebody wrote in a channel.
type Remark struct {
	User string // the vendor's id
	Text string
	At   time.Time
}

// Saying is what a vendor tells of an incident's channel.
type Saying struct {
	ID      string // of the call that told it; the same when it is told again
	Room    string // the channel's ref
	Message string // id of the message there
	By      string // who set it apart for the record
	Remark         // empty User: to be looked up
}

// Presence is somebody who entered or left a meeting.
type Presence struct {
	ID      string // of the call that told it
	Room    string // the meeting's ref
	Name    string
	Email   string
	Present bool
	At      time.Time
}

// Order is what somebody asked for in a chat, by a command or a button.
type Order struct {
	ID       string // of the call; the same when it is told again
	Room     string // ref of the channel it was asked in
	User     string // the vendor's id of who asked
	UserName string // what the vendor calls them
	Verb     string // declare, update, status, role, page, oncall, note, task, resolve, help ...
	Text     string // the rest of the line
	Incident string // INC-42, of a button; empty: that of the channel
}

// Answered is what an order came to, in words for whoever gave it.
type Answered struct {
	Text   string
	Public bool // for everybody in the channel
}
