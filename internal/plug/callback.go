package plug

import (
	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
)

// Callback is a plug-in whose provider calls back at /hooks/{source}/{key}:
// with what a person answered, with what became of a message, or with a call or
// message that came in.
type Callback interface {
	// Hear checks the signature and reads one call. It is pure and safe for
	// concurrent use, like Source.Parse. A plug-in that holds the provider's
	// secret answers fault.Unauthenticated for a missing or wrong signature;
	// one that has no secret sets no Receipts, because anybody could have sent
	// them, and no Answers but those with a Token.
	Hear(in Inbound) (Heard, error)
	// Respond is what the provider is told once everything heard is durable and
	// every answer was taken or refused; results has one entry for each answer.
	// A zero Reply is 204.
	Respond(h Heard, results []Result) Reply
}

// The choices of a PageAnswer.
const (
	Acknowledge = "acknowledge"
	Unavailable = "unavailable" // to a page that asks who joins
)

// PageAnswer is what a person answered to a page on a channel. A Token names the
// page; without one it is the newest waiting page of whoever has the address
// From on the channel, and Code must be that page's.
type PageAnswer struct {
	Channel string // sms, voice, slack ...
	From    string // the person's address on the channel, as in the catalogue
	By      string // name or mail address of whoever answered, where that may be somebody else than who was paged
	Token   string // Message.Token of the page
	Code    string // what the person typed: Message.Code, or Message.Digit on a keypad
	Choice  string // Acknowledge or Unavailable
}

// Confirmation is the provider's word on a message it had accepted. It may hurry
// the next channel on, and never stops a chain (INV-P5).
type Confirmation struct {
	Delivery  string // Message.Delivery
	Delivered bool   // it reached the device; false: it failed there
	Detail    string // the provider's words, shortened, without secrets
	Gone      bool   // the address itself takes no messages, not just this one
}

// Wish is what whoever has an address told the provider about messages to
// customers. Only a plug-in that checked a signature says one.
type Wish struct {
	Channel string // email, sms
	Address string
	Out     bool // wants no more; false: wants them again
}

// Word is what somebody did to the copy of one of our incidents that a Mirror
// keeps. Only a plug-in that checked a signature says one.
type Word struct {
	Incident string // INC-42
	Acked    bool   // acknowledged there; it counts like an acknowledgement here (reading 13)
	By       string // the person's name or mail address there
	Text     string // one line for the timeline, such as "resolved in PagerDuty by Ana"
	Link     string // web page of the copy
}

// Heard is what a call said.
type Heard struct {
	Answers  []PageAnswer
	Receipts []Confirmation
	Wishes   []Wish         // about being told at all
	Words    []Word         // what was done to the copy of an incident
	Signals  []alert.Signal // calls and messages that open an alert
	Refused  []fault.Detail
	Sayings  []Saying          // set apart in an incident's channel, for the record
	Seen     []Presence        // of people in a meeting
	Orders   []Order           // asked for in a chat
	Answered []Answered        // one for each of Orders, filled in before Respond is asked
	Data     map[string]string // what Respond needs to know of the call
}

// Result is what became of an answer.
type Result struct {
	Incident string // INC-42; empty when the page was not found
	Title    string // what a restricted incident may be called in the open
	Err      error  // nil: taken
}
