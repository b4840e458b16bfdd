package record

import (
	"encoding/json"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// Deadline is one clock of an incident.
type Deadline struct {
	ID        string           `json:"id"`
	Clock     string           `json:"clock" example:"acknowledge"`
	Name      string           `json:"name" doc:"What the procedure calls it."`
	Subject   string           `json:"subject,omitempty" doc:"Whose it is, where it is a person's."`
	Severity  string           `json:"severity" enum:"P1,P2,P3,P4"`
	State     string           `json:"state" enum:"pending,warned,met,breached,waived"`
	StartedAt time.Time        `json:"started_at"`
	WarnAt    time.Time        `json:"warn_at,omitzero" doc:"The next warning; absent when none is left."`
	DueAt     time.Time        `json:"due_at"`
	EndedAt   time.Time        `json:"ended_at,omitzero"`
	Clauses   []string         `json:"clauses" doc:"What of the procedure it answers."`
	Evidence  DeadlineEvidence `json:"evidence,omitzero"`
}

// DeadlineEvidence says what ended a clock.
type DeadlineEvidence struct {
	Text   string   `json:"text,omitempty"`
	Actor  string   `json:"actor,omitempty"`
	Late   bool     `json:"late,omitempty" doc:"It was done after the clock had run out."`
	Warned []string `json:"warned,omitempty" doc:"When warnings were given."`
}

func DeadlineOf(c *board.Clock) Deadline {
	d := c.Deadline
	return Deadline{
		ID: d.ID.String(), Clock: d.Clock, Name: c.Name, Subject: d.Subject, Severity: d.Severity.String(), State: string(d.State),
		StartedAt: d.StartedAt, WarnAt: d.WarnAt, DueAt: d.DueAt, EndedAt: d.EndedAt, Clauses: Filled(d.Clauses),
		Evidence: DeadlineEvidence{Text: d.Evidence.Text, Actor: d.Evidence.Actor, Late: d.Evidence.Late, Warned: d.Evidence.Warned},
	}
}

// TimelineEntry is one thing that happened. At is when it happened, RecordedAt
// when it was written down.
type TimelineEntry struct {
	ID         string     `json:"id"`
	Kind       EventKind  `json:"kind"`
	Actor      string     `json:"actor" doc:"A person, allclear, token:NAME or source:NAME."`
	ActorName  string     `json:"actor_name"`
	Source     string     `json:"source,omitempty" doc:"Through what: session, token, hook, timer ..."`
	At         time.Time  `json:"at"`
	RecordedAt time.Time  `json:"recorded_at"`
	Text       string     `json:"text,omitempty"`
	Data       event.Data `json:"data"`
}

func EntryOf(e event.Event, n board.Names) TimelineEntry {
	return TimelineEntry{
		ID: e.ID.String(), Kind: EventKind(e.Kind), Actor: e.Actor, ActorName: n.Person(e.Actor), Source: e.Source,
		At: e.At, RecordedAt: e.RecordedAt, Text: e.Data.Text, Data: e.Data,
	}
}

// PageCall is a page: it asks one person for an acknowledgement, over one
// channel after another.
type PageCall struct {
	ID         string     `json:"id"`
	To         string     `json:"to" doc:"The person."`
	ToName     string     `json:"to_name"`
	Reason     string     `json:"reason" doc:"chain, or the rule or person that asked."`
	Step       int        `json:"step" doc:"Of the chain, from 1; 0 outside of it."`
	Round      int        `json:"round"`
	Severity   string     `json:"severity" enum:"P1,P2,P3,P4"`
	Channel    string     `json:"channel" doc:"The present one."`
	State      string     `json:"state" enum:"queued,sent,acknowledged,cancelled,failed"`
	At         time.Time  `json:"at"`
	EndedAt    time.Time  `json:"ended_at,omitzero"`
	Clauses    []string   `json:"clauses"`
	Deliveries []Delivery `json:"deliveries" doc:"Each attempt on each channel."`
}

func PageOf(t board.Trail, n board.Names, full bool) PageCall {
	p := t.Page
	return PageCall{
		ID: p.ID.String(), To: p.To, ToName: n.Person(p.To), Reason: p.Reason, Step: p.Step, Round: p.Round,
		Severity: p.Severity.String(), Channel: p.Channel, State: string(p.State), At: p.At, EndedAt: p.EndedAt, Clauses: Filled(p.Clauses),
		Deliveries: wire.Each(t.Deliveries, func(d *message.Delivery) Delivery { return DeliveryOf(d, "", full) }),
	}
}

// Delivery is one send to one address.
type Delivery struct {
	ID        string    `json:"id"`
	Key       string    `json:"key,omitempty" doc:"Idempotency key at the provider, the same on every resend."`
	Kind      string    `json:"kind" enum:"page,notice,message,mirror,ticket,end,duty,dead_end,ticket_notice,probe,early_warning,health_check,invite,review,case,engagement" doc:"mirror: a copy of an incident elsewhere; ticket: an update of a customer's ticket; end: takes back a page that is over; duty: a notice about being on call; dead_end: a notice that nobody can be reached; ticket_notice: a chat message about an urgent ticket; probe: a test page; invite: to a conference room; review: to the review of an incident."`
	Incident  string    `json:"incident,omitempty" example:"INC-42"`
	Recipient string    `json:"recipient"`
	Channel   string    `json:"channel"`
	Address   string    `json:"address" doc:"In full for those who may read the audit log; else its end."`
	Subject   string    `json:"subject,omitempty"`
	Body      string    `json:"body,omitempty"`
	State     string    `json:"state" enum:"queued,attempting,sent,failed,cancelled"`
	Attempts  int       `json:"attempts"`
	At        time.Time `json:"at"`
	DoneAt    time.Time `json:"done_at,omitzero"`
	LastError string    `json:"last_error,omitempty"`
	Clauses   []string  `json:"clauses"`

	Confirmation string    `json:"confirmation,omitempty" enum:"delivered,failed" doc:"The provider's later word on what it had accepted; absent: none, or none yet."`
	ConfirmedAt  time.Time `json:"confirmed_at,omitzero"`
}

// InFull reports whether the reader sees addresses and texts whole.
func InFull(a authz.Actor) bool { return authz.Can(a, authz.ReadAudit, authz.Resource{}) == nil }

// DeliveryOf writes a send; ref is its incident's, where the reader needs it.
// Without full, addresses are cut and texts left out.
func DeliveryOf(d *message.Delivery, ref string, full bool) Delivery {
	out := Delivery{
		ID: d.ID.String(), Key: d.Key, Kind: d.Kind, Incident: ref, Recipient: d.Recipient, Channel: d.Channel, Address: Shortened(d.Address),
		Subject: d.Subject, State: string(d.State), Attempts: d.Attempts, At: d.CreatedAt, DoneAt: d.DoneAt, LastError: d.LastError, Clauses: Filled(d.Clauses),
		Confirmation: d.Confirmation, ConfirmedAt: d.ConfirmedAt,
	}
	if full {
		out.Address, out.Body = d.Address, d.Body
	}
	return out
}

// Shortened shows the end of an address, enough to recognise one's own.
func Shortened(address string) string {
	const shown = 4
	r := []rune(address)
	if len(r) <= shown {
		return "…"
	}
	return "…" + string(r[len(r)-shown:])
}

// Task is one item of a checklist, or a duty.
type Task struct {
	ID       string    `json:"id"`
	Incident string    `json:"incident,omitempty" example:"INC-42"`
	Title    string    `json:"title"`
	Rule     string    `json:"rule,omitempty"`
	Phase    string    `json:"phase,omitempty"`
	Owner    string    `json:"owner,omitempty" doc:"A person, role, team or schedule."`
	People   []Named   `json:"owner_people" doc:"Whom that names now."`
	State    string    `json:"state" enum:"open,done,na"`
	Late     bool      `json:"late"`
	OpenedAt time.Time `json:"opened_at"`
	DueAt    time.Time `json:"due_at,omitzero"`
	DoneAt   time.Time `json:"done_at,omitzero"`
	DoneBy   string    `json:"done_by,omitempty"`
	TakenBy  *Named    `json:"taken_by,omitempty" doc:"Who is at it."`
	TakenAt  time.Time `json:"taken_at,omitzero"`
	DoneName string    `json:"done_by_name,omitempty"`
	Evidence string    `json:"evidence,omitempty" doc:"What was done, or why it does not apply."`
	Gate     string    `json:"gate,omitempty" enum:"resolve,close" doc:"What waits for it."`
	Accounts []string  `json:"accounts,omitempty" doc:"Of a duty per account: ids of the customers it is about, for whoever may read customers."`
	Clauses  []string  `json:"clauses"`
}

func TaskOf(t board.TaskItem, in board.Page[board.TaskItem], now time.Time) Task {
	n := Names{in.Names}
	out := Task{
		ID: t.ID.String(), Incident: in.Numbers.Ref(t.IncidentID), People: wire.Each(t.People, n.Person), Title: t.Title, Rule: t.Rule, Phase: t.Phase, Owner: t.Owner, State: string(t.State), Late: t.Late(now),
		TakenBy: n.Somebody(t.TakenBy), TakenAt: t.TakenAt, Accounts: t.Whom,
		OpenedAt: t.OpenedAt, DueAt: t.DueAt, DoneAt: t.DoneAt, DoneBy: t.DoneBy, Evidence: t.Evidence, Gate: t.Gate, Clauses: Filled(t.Clauses),
	}
	if t.DoneBy != "" {
		out.DoneName = n.Person(t.DoneBy).Name
	}
	return out
}

// Checklist is the tasks of one phase of an incident.
type Checklist struct {
	Phase string `json:"phase"`
	Name  string `json:"name"`
	Items []Task `json:"items"`
}

// ChecklistsOf gathers tasks by phase, in the order in which phases began.
func ChecklistsOf(ts []Task) []Checklist {
	out := []Checklist{}
	at := map[string]int{}
	for _, t := range ts {
		i, ok := at[t.Phase]
		if !ok {
			i = len(out)
			at[t.Phase] = i
			out = append(out, Checklist{Phase: t.Phase, Name: board.PhaseName(t.Phase)})
		}
		out[i].Items = append(out[i].Items, t)
	}
	return out
}

// Alert is what a source told, once per key and service.
type Alert struct {
	ID         string      `json:"id"`
	Status     string      `json:"status" enum:"triggered,acknowledged,resolved,suppressed"`
	DedupKey   string      `json:"dedup_key"`
	Severity   string      `json:"severity" enum:"P1,P2,P3,P4" doc:"What it suggests."`
	Hint       string      `json:"hint,omitempty" doc:"The source's own word."`
	Summary    string      `json:"summary"`
	Source     string      `json:"source"`
	Service    Named       `json:"service"`
	Incident   string      `json:"incident,omitempty" example:"INC-42"`
	Count      int64       `json:"count" doc:"How often it was told."`
	FirstAt    time.Time   `json:"first_at"`
	LastAt     time.Time   `json:"last_at"`
	ResolvedAt time.Time   `json:"resolved_at,omitzero"`
	Links      []AlertLink `json:"links"`
	HeldBy     string      `json:"held_by,omitempty" doc:"What holds it back: a silence, a maintenance, another alert."`
	Cause      string      `json:"cause,omitempty" example:"INC-42" doc:"The incident it is likely a symptom of."`
	Flapping   bool        `json:"flapping,omitempty" doc:"It comes and goes, and ends only when it has been over for a while."`
	Why        []Decision  `json:"why,omitempty" doc:"What was decided about it, oldest first; shown for one alert."`
}

// Decision is one thing that was decided about an alert.
type Decision struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Why is what was decided about the alert.
func Why(a *alert.Alert) []Decision {
	return wire.Each(a.Noise.Why, func(d alert.Decision) Decision { return Decision(d) })
}

// AlertLink is a reference that came with an alert.
type AlertLink struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

func AlertOf(a *alert.Alert, in board.Page[*alert.Alert]) Alert {
	n := Names{in.Names}
	out := Alert{
		ID: a.ID.String(), Status: string(a.Status), DedupKey: a.DedupKey, Severity: a.Severity.String(), Hint: a.Hint, Summary: a.Summary,
		Source: a.Source, Service: n.service(a.ServiceID), Incident: in.Numbers.Ref(a.IncidentID), Count: a.Count, FirstAt: a.FirstAt, LastAt: a.LastAt, ResolvedAt: a.ResolvedAt,
		Links: []AlertLink{}, HeldBy: a.Noise.HeldBy, Cause: a.Noise.Cause, Flapping: a.Noise.Flaps,
	}
	var last alert.Signal
	if json.Unmarshal([]byte(a.Details), &last) == nil {
		out.Links = wire.Each(last.Links, func(l alert.Link) AlertLink { return AlertLink(l) })
	}
	return out
}
