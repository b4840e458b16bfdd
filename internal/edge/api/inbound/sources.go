package inbound

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/ticket"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/sources"
)

// Source is one that events can come from.
type Source struct {
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	Docs    string       `json:"docs" doc:"Page in the documentation."`
	Address string       `json:"address" doc:"Where it is called; {key} stands for the integration key. Without it the key is in the payload."`
	Kind    string       `json:"kind" enum:"events,hooks" doc:"Of the integration keys it takes."`
	Setup   []string     `json:"setup" doc:"What to do at the sender, a step each; {url}, {key} and {secret} stand for the address, the key and the secret of the key."`
	Sample  string       `json:"sample" doc:"A payload as the sender writes it; empty where there is none."`
	MaxBody int64        `json:"max_body" doc:"Bytes of a payload it takes."`
	Mapped  bool         `json:"mapped" doc:"A key can have a mapping of its own for it."`
	Tryable bool         `json:"tryable" doc:"A payload can be tried; false where it is judged by its sender's signature."`
	Health  SourceHealth `json:"health"`
	Pull    *SourcePull  `json:"pull,omitempty" doc:"How the asking goes, where the source is asked as well, as seen by the node that answers."`
}

// SourcePull is how the asking of a source goes.
type SourcePull struct {
	Service  string    `json:"service" doc:"That alerts found by asking belong to, where none of the same thing stands on another."`
	AskedAt  time.Time `json:"asked_at,omitzero" doc:"Last; absent: not yet."`
	WorkedAt time.Time `json:"worked_at,omitzero" doc:"When it last worked; absent: never."`
	Failures int       `json:"failures" doc:"In a row."`
	Problem  string    `json:"problem,omitempty" doc:"Of the last time; absent: it worked."`
	NextAt   time.Time `json:"next_at,omitzero" doc:"When it is asked again."`
}

// TestEvent names what a key is tested by.
type TestEvent struct {
	Source string `json:"source,omitempty" maxLength:"40" doc:"A source that takes the key; needless for a key of the kind events."`
}

// SentTestEvent is a test event that was taken in.
type SentTestEvent struct {
	Alert   string `json:"alert" doc:"Its alert, which is over at once and belongs to no incident."`
	Source  string `json:"source"`
	Service string `json:"service"`
	Summary string `json:"summary"`
	Status  string `json:"status"`
	Problem string `json:"problem,omitempty" doc:"Why the key would not read the source's own sample; absent: it would."`
}

// SentOf is a test event as it is shown.
func SentOf(s sources.Sent) SentTestEvent {
	return SentTestEvent{Alert: s.Alert.ID.String(), Source: s.Source, Service: s.Alert.ServiceID, Summary: s.Alert.Summary, Status: string(s.Alert.Status), Problem: s.Problem}
}

// SourceHealth is how a source fares.
type SourceHealth struct {
	Source     string    `json:"source"`
	AcceptedAt time.Time `json:"accepted_at,omitzero" doc:"When a call was last taken; absent: never."`
	RefusedAt  time.Time `json:"refused_at,omitzero" doc:"When one was last refused."`
	Reason     string    `json:"reason,omitempty" doc:"Why."`
	Accepted   int64     `json:"accepted_24h" doc:"Calls of the last 24 hours, to the hour."`
	Refused    int64     `json:"refused_24h"`
}

// PayloadTrial is a payload to try.
type PayloadTrial struct {
	Payload string `json:"payload,omitempty" maxLength:"524288" doc:"As the sender would send it: JSON or a form. Empty for the sample of the source."`
	Mapping string `json:"mapping,omitempty" maxLength:"16384" doc:"A JSON object of expressions by field, for a source that is mapped; empty for its own way."`
}

// TriedPayload is what a source makes of a payload.
type TriedPayload struct {
	Signals []MappedSignal `json:"signals"`
	Changes []alert.Change `json:"changes"`
	Tickets []TriedTicket  `json:"tickets"`
	Skipped int            `json:"skipped" doc:"Items the mapping's when left out."`
	Notes   []TrialNote    `json:"notes" doc:"Fields that came out empty or unusable, and what stands instead."`
	Problem string         `json:"problem,omitempty" doc:"Why nothing is made of it, or of a part; absent: all is well."`
	Refused []TrialNote    `json:"refused" doc:"Where in the payload."`
}

// TriedTicket is a customer's ticket as it would be taken.
type TriedTicket struct {
	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
	Subject    string `json:"subject"`
	Status     string `json:"status,omitempty"`
	Priority   string `json:"priority,omitempty"`
	Name       string `json:"name,omitempty"`
	URL        string `json:"url,omitempty"`
}

// TrialNote points at one thing a trial found.
type TrialNote struct {
	Where string `json:"where,omitempty" doc:"A JSON pointer."`
	What  string `json:"what"`
}

// SourceOf is a source as it is shown.
func SourceOf(s sources.Source) Source {
	return Source{
		Name: s.Source, Title: s.Title, Docs: s.Docs, Address: s.Address(), Kind: s.KeyKind(), Setup: append([]string{}, s.Setup...), Sample: s.Sample,
		MaxBody: s.MaxBody, Mapped: s.Mapped, Tryable: s.Tryable, Health: HealthOf(s.Health), Pull: pullOf(s.Pull),
	}
}

func pullOf(p *sources.Pull) *SourcePull {
	if p == nil {
		return nil
	}
	return &SourcePull{Service: p.Service, AskedAt: p.AskedAt, WorkedAt: p.WorkedAt, Failures: p.Failures, Problem: p.Problem, NextAt: p.NextAt}
}

// HealthOf is how a source fares, as it is shown.
func HealthOf(h sources.Health) SourceHealth { return SourceHealth(h) }

// TriedOf is a trial as it is shown.
func TriedOf(t sources.Tried) TriedPayload {
	note := func(d fault.Detail) TrialNote { return TrialNote(d) }
	return TriedPayload{
		Signals: wire.Each(t.Signals, func(s alert.Signal) MappedSignal { return MappedSignal(s) }), Changes: append([]alert.Change{}, t.Changes...),
		Tickets: wire.Each(t.Tickets, func(r ticket.Report) TriedTicket {
			return TriedTicket{Source: r.Source, ExternalID: r.ExternalID, Subject: r.Subject, Status: r.Status, Priority: r.Priority, Name: r.Name, URL: r.URL}
		}),
		Skipped: t.Skipped, Notes: wire.Each(t.Notes, note), Problem: t.Problem, Refused: wire.Each(t.Refused, note),
	}
}
