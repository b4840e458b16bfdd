package outside

import (
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/listen"
)

// Mention is one thing somebody wrote about us in public.
type Mention struct {
	ID        string    `json:"id"`
	State     string    `json:"state" enum:"new,linked,dismissed" doc:"new: nobody has decided; it may be tied to an incident already."`
	Source    string    `json:"source" example:"status_page"`
	Feed      string    `json:"feed,omitempty" doc:"It was found in; absent: a person wrote it down."`
	Title     string    `json:"title,omitempty"`
	Text      string    `json:"text,omitempty"`
	URL       string    `json:"url,omitempty"`
	Author    string    `json:"author,omitempty"`
	Service   string    `json:"service,omitempty"`
	Complaint bool      `json:"complaint"`
	Score     int       `json:"score" doc:"From 2 it is a complaint."`
	Words     []string  `json:"words,omitempty" doc:"That speak for a complaint."`
	Incident  string    `json:"incident,omitempty" example:"INC-42"`
	At        time.Time `json:"at,omitzero" doc:"Written; absent: the feed does not say."`
	FoundAt   time.Time `json:"found_at"`
	By        string    `json:"by,omitempty" doc:"Who wrote it down."`
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Reason    string    `json:"reason,omitempty"`
}

// MentionOf is a mention as it is shown.
func MentionOf(m listen.Mention) Mention {
	out := Mention{
		ID: m.ID.String(), State: m.State, Source: m.Source, Feed: m.Feed, Title: m.Title, Text: m.Text, URL: m.Mention.Link, Author: m.Author, Service: m.Service, Complaint: m.Complaint,
		Score: m.Score, Words: m.Words, At: m.At, FoundAt: m.FoundAt, By: m.By, DecidedBy: m.DecidedBy, DecidedAt: m.DecidedAt, Reason: m.Reason,
	}
	if m.Feed == listen.Manual {
		out.Feed = ""
	}
	if m.Number != 0 {
		out.Incident = incident.Ref(m.Number)
	}
	return out
}

// NewMention is what a person writes down that somebody else wrote.
type NewMention struct {
	Source  string    `json:"source" enum:"status_page,x,review,forum,social,other"`
	Title   string    `json:"title,omitempty" maxLength:"300"`
	Text    string    `json:"text,omitempty" maxLength:"4000"`
	URL     string    `json:"url,omitempty" maxLength:"2048" doc:"The same one twice is one mention."`
	Author  string    `json:"author,omitempty" maxLength:"100"`
	Service string    `json:"service,omitempty" maxLength:"64"`
	At      time.Time `json:"at,omitzero" required:"false" doc:"Written; absent: now."`
}

// Of turns it into the flow's.
func (n NewMention) Of() listen.NewMention {
	return listen.NewMention{Source: n.Source, Title: n.Title, Text: n.Text, Link: n.URL, Author: n.Author, Service: n.Service, At: n.At}
}

// DismissMention says why nothing follows.
type DismissMention struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// LinkMention names the incident it belongs to.
type LinkMention struct {
	Incident int64 `json:"incident" minimum:"1" doc:"Its number."`
}

// FeedFields are what is known of a feed.
type FeedFields struct {
	Name     string     `json:"name" maxLength:"500"`
	Form     string     `json:"form" enum:"rss,json,discourse,x" doc:"rss: RSS or Atom. json: JSON Feed. discourse: /latest.json. x: recent search."`
	URL      string     `json:"url" maxLength:"2048"`
	Query    string     `json:"query,omitempty" maxLength:"1024" doc:"Of a search, in its own language."`
	Keywords []string   `json:"keywords,omitempty" maxItems:"200" doc:"An entry must have one of these words; absent: every entry counts."`
	Words    []FeedWord `json:"complaint_words,omitempty" maxItems:"50" doc:"Beside those the product knows."`
	Service  string     `json:"service,omitempty" maxLength:"64" doc:"On which a spike raises its alert; absent: none does."`
	Spike    int        `json:"spike,omitempty" minimum:"0" maximum:"1000" doc:"Complaints; absent: 10."`
	Within   recur.Span `json:"spike_within,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 10m or 1h30m" doc:"Absent: 5m."`
	Every    recur.Span `json:"every,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 10m or 1h30m" doc:"Between readings; absent: 2m."`
}

// FeedWord is a word that makes an entry a complaint.
type FeedWord struct {
	Word   string `json:"word" maxLength:"500"`
	Weight int    `json:"weight" minimum:"-10" maximum:"10" doc:"From 2 the word alone makes a complaint; below 0 it speaks against one."`
}

// Feed is a place in public where people may write about us.
type Feed struct {
	ID string `json:"id"`
	FeedFields
	ReadAt      time.Time `json:"read_at,omitzero" doc:"Last tried."`
	SucceededAt time.Time `json:"succeeded_at,omitzero"`
	Error       string    `json:"error,omitempty" doc:"Why it could not be read last time."`
	wire.Stamp
}

// NewFeed is what a feed is made or replaced with.
type NewFeed struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	FeedFields
}
