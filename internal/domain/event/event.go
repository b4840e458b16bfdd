// Package event owns the entries of the append-only record: what happened, who
// did it, when it happened and when it was written down. Flows meet through
// these entries. It must not hold state or decide anything.
package event

import (
	"time"

	"allclear/internal/base/ident"
)

// Kind names what happened, as "subject.verb".
type Kind string

// What can happen to an incident and around it.
const (
	AlertTriggered    Kind = "alert.triggered"
	AlertRecovered    Kind = "alert.recovered"
	AlertAcknowledged Kind = "alert.acknowledged"

	Opened          Kind = "incident.opened"
	Declared        Kind = "incident.declared"
	Acknowledged    Kind = "incident.acknowledged"
	Engaged         Kind = "incident.engaged"
	Snoozed         Kind = "incident.snoozed"     // a person wants to be left alone for a while
	Unsnoozed       Kind = "incident.unsnoozed"   // and is asked for before that
	AckExpired      Kind = "incident.ack_expired" // nobody has engaged since the acknowledgement
	Retriggered     Kind = "incident.retriggered" // nobody has it any more: the chain pages anew
	SeverityChanged Kind = "incident.severity"
	Mitigated       Kind = "incident.mitigated"
	Monitoring      Kind = "incident.monitoring"
	Recovered       Kind = "incident.recovered"   // all alerts are over
	Relapsed        Kind = "incident.relapsed"    // an alert came while monitoring
	Suggested       Kind = "incident.suggested"   // an alert suggests a higher severity
	Called          Kind = "incident.called"      // somebody called an emergency line about it, or wrote to its address
	Escalated       Kind = "incident.escalated"   // a customer escalates it
	AlertAcked      Kind = "incident.alert_acked" // a source acknowledged one of its alerts
	ResolvedKind    Kind = "incident.resolved"
	Closed          Kind = "incident.closed"
	Dismissed       Kind = "incident.dismissed"
	Merged          Kind = "incident.merged"
	Split           Kind = "incident.split"
	Restricted      Kind = "incident.restricted"
	RoleTaken       Kind = "incident.role"
	Joined          Kind = "incident.joined"
	WarRoomActive   Kind = "incident.war_room"
	Noted           Kind = "incident.noted"
	Automatic       Kind = "incident.automatic" // an effect of a rule, for the reader
	Moment          Kind = "incident.moment"    // a flow saw a moment of the procedure (Data.Reaches): what waited for it ends
	Scoped          Kind = "incident.scope"     // somebody said which services, regions and customers it touches
	Briefed         Kind = "incident.briefed"   // the commander told the executives where it stands
	Reopened        Kind = "incident.reopened"  // it came back after it was resolved
	Related         Kind = "incident.related"   // an alert or ticket that may belong to one that is over

	ReviewOpened  Kind = "review.opened"
	ReviewChanged Kind = "review.changed" // Data.Outcome says what of it
	ReviewSigned  Kind = "review.signed_off"
	ActionItem    Kind = "action.item" // Data.Outcome says what became of it

	DeadlineWarned   Kind = "deadline.warned"
	DeadlineMet      Kind = "deadline.met"
	DeadlineBreached Kind = "deadline.breached"
	DeadlineWaived   Kind = "deadline.waived"

	PageWanted   Kind = "page.wanted" // a rule or a person asks paging for a page
	Paged        Kind = "page.opened"
	PageAnswered Kind = "page.answered"
	PageFailed   Kind = "page.failed"
	PolicyTaken  Kind = "escalation.policy" // by which policy, at which version, the chain climbs
	NoticeWanted Kind = "notice.wanted"
	Noticed      Kind = "notice.opened"
	Told         Kind = "notice.told" // everybody a notice was for has been told
	Delivered    Kind = "delivery.accepted"
	Undelivered  Kind = "delivery.failed"

	MessageWanted    Kind = "message.wanted"
	MessageDrafted   Kind = "message.drafted"
	MessageApproved  Kind = "message.approved"
	MessagePublished Kind = "message.published"
	MessageCancelled Kind = "message.cancelled"
	CustomersMailed  Kind = "customers.mailed" // every e-mail of a message is out
	ChannelSkipped   Kind = "message.channel"  // an incident's messages leave a channel out, or no longer (Data.Outcome)

	TaskOpened  Kind = "task.opened"
	TaskTaken   Kind = "task.taken"
	TaskHanded  Kind = "task.handed"
	TaskDone    Kind = "task.done"
	TaskSkipped Kind = "task.skipped"

	OutreachTried Kind = "outreach.tried" // what came of one try to tell somebody outside
	OutreachDone  Kind = "outreach.done"  // everybody of a duty (Data.Ref) has been told, or need not be

	ActionRequested Kind = "action.requested" // somebody asks for a runbook action
	ActionApproved  Kind = "action.approved"  // one person more agrees to it
	ActionStarted   Kind = "action.started"
	ActionPlanned   Kind = "action.planned"   // it shows what it would change, and waits
	ActionEnded     Kind = "action.ended"     // Outcome says how
	Recovering      Kind = "recovery.changed" // how the restoring of a service goes
	OutOfTurn       Kind = "recovery.order"   // one is worked on before one that comes first
	VendorBackup    Kind = "vendor.backup"    // a backup stands in for a vendor, or no longer

	HypothesisSet   Kind = "inquiry.hypothesis" // a possible cause was named, confirmed, ruled out or opened again
	DecisionMade    Kind = "inquiry.decision"
	WorkstreamSet   Kind = "inquiry.workstream"
	SolutionSet     Kind = "inquiry.solution" // an option was proposed, assessed, tested, planned, approved, rejected or applied
	FindingMade     Kind = "inquiry.finding"  // an examination came to a result
	TechnicalUpdate Kind = "inquiry.update"   // what the technical lead told the commander
	ProbeAsked      Kind = "inquiry.probe_asked"
	ProbeMade       Kind = "inquiry.probe" // the network was measured
	EvidenceAdded   Kind = "evidence.added"
	EvidenceRead    Kind = "evidence.read" // custody: who took a copy

	CatalogChanged   Kind = "catalog.changed"
	AddressSet       Kind = "customer.address" // somebody outside wants no more messages, or wants them again; or messages come back (Data.Outcome)
	TenantPageSet    Kind = "customer.page"    // the address of a customer's private page was made or ended
	SubscriberSet    Kind = "page.subscriber"  // somebody's subscription of the status page was confirmed, paused, imported or ended
	FollowingSet     Kind = "page.following"   // how components follow alerts was changed, or one did
	ProcedureChanged Kind = "procedure.changed"
	DeadEnd          Kind = "reach.dead_end" // somewhere nobody can be reached
	SignedIn         Kind = "access.signed_in"
	SignInFailed     Kind = "access.refused"
	SignedOut        Kind = "access.signed_out"
	AccountChanged   Kind = "access.account"
	TokenChanged     Kind = "access.token"
	KeyChanged       Kind = "access.key"
	ChangeTold       Kind = "change.told"
	SilenceSet       Kind = "silence.set"   // alerts that match open nothing for a while
	SilenceEnded     Kind = "silence.ended" // and what it held back comes up
	MaintenanceSet   Kind = "maintenance.set"
	MaintenanceTold  Kind = "maintenance.told" // the status page told of one: Ref is the page's id of it
	PageChanged      Kind = "page.changed"     // how the status page looks

	RoomOpened Kind = "room.opened" // a part of the war room can be used
	RoomFailed Kind = "room.failed" // one cannot be had, or something in it did not work: what serves instead
	RoomClosed Kind = "room.closed" // one is no longer of use
	RoomSeen   Kind = "room.seen"   // somebody entered or left the video room
	NotesSaved Kind = "room.notes"  // somebody wrote in our own notes

	TicketQueued    Kind = "ticket.queued"    // a customer's ticket waits in a queue
	TicketRaised    Kind = "ticket.raised"    // one pages, by its words or a person
	TicketDismissed Kind = "ticket.dismissed" // a person took one from its queue

	CoverChanged Kind = "oncall.request"  // somebody asked for, answered or withdrew a change of who is on call
	HandedOver   Kind = "oncall.handover" // a schedule names somebody else from now on
	RotaWeak     Kind = "oncall.weak"     // the forecast found a gap or somebody who cannot be paged
	RotaUntold   Kind = "oncall.untold"   // a notice about a schedule reached nobody
	FeedChanged  Kind = "oncall.calendar" // a secret calendar address was made or ended

	AbsenceCalendar Kind = "absence.calendar" // a calendar of absences was added or removed, says something else, or cannot be read

	VendorState  Kind = "vendor.state"  // a vendor says that it is in another state than before, or can be read no more
	MentionMade  Kind = "mention.made"  // somebody wrote down what somebody else wrote about us
	MentionDone  Kind = "mention.done"  // a mention was dismissed, or tied to an incident
	MentionSpike Kind = "mention.spike" // many complain at once
	CaseAsked    Kind = "case.asked"    // somebody asks a partner for help
	CaseOpened   Kind = "case.opened"   // there is a case with it now
	CaseTold     Kind = "case.told"     // what is known of one has changed: a note, or the partner's word
	CaseFailed   Kind = "case.failed"   // its interface could not open one; a person has to
	CaseLate     Kind = "case.late"     // nobody has engaged a partner in time
	CaseEnded    Kind = "case.ended"    // one is closed or the wish was taken back

	CreditChanged   Kind = "credit.changed"   // Data.Outcome says what became of a credit memo, Data.Ref which; no amounts
	CreditWanted    Kind = "credit.wanted"    // what people have to do about one: Data.Outcome is a trigger of the procedure
	CreditEntry     Kind = "credit.entry"     // somebody wrote into the ledger of an incident, or withdrew a row
	CreditVerdict   Kind = "credit.verdict"   // somebody said what an incident did to availability
	CreditConfirmed Kind = "credit.confirmed" // a credit schedule was confirmed, or no longer is

	UsageWarning Kind = "usage.warning"       // a customer uses the product unlike before
	HealthCheck  Kind = "customer.health"     // a health check of a customer is asked for, late, or made
	AccountRisk  Kind = "customer.at_risk"    // an account is at risk of leaving, its plan is written, or it is over
	Continuity   Kind = "incident.continuity" // another way of delivery is in use or ends, or something is done about revenue
)

// Outcomes of AbsenceCalendar.
const (
	CalendarAdded   = "added"
	CalendarRemoved = "removed"
	CalendarChanged = "changed" // somebody is away at other times than before
	CalendarUnread  = "unread"  // a calendar could not be read for a day
)

// Reply is the status of a Called whose mail goes on about the incident.
const Reply = "reply"

// System is the actor of what the software does by itself.
const System = "allclear"

// Event is one entry. At is when it happened, RecordedAt when it was written;
// they differ for back-dated entries (WAR-SCR-TIMELINE).
type Event struct {
	ID         ident.ID
	IncidentID ident.ID
	Kind       Kind
	Actor      string // person id, "allclear", or "source:<name>"
	Source     string // api, console, hook, link, rule, timer ...
	At         time.Time
	RecordedAt time.Time
	Restricted bool
	Data       Data
}

// Data is what an entry carries, by kind; unused fields stay empty.
type Data struct {
	Text        string   `json:"text,omitempty"`
	Rule        string   `json:"rule,omitempty"`
	Clauses     []string `json:"clauses,omitempty"`
	To          string   `json:"to,omitempty"`
	Targets     []string `json:"targets,omitempty"`
	Channel     string   `json:"channel,omitempty"`
	Channels    []string `json:"channels,omitempty"`
	Step        int      `json:"step,omitempty"`
	Round       int      `json:"round,omitempty"`
	Clock       string   `json:"clock,omitempty"`
	Subject     string   `json:"subject,omitempty"`
	Severity    string   `json:"severity,omitempty"`
	From        string   `json:"from,omitempty"`
	Outcome     string   `json:"outcome,omitempty"`
	Status      string   `json:"status,omitempty"`
	Due         int64    `json:"due,omitempty"` // UTC microseconds
	Phase       string   `json:"phase,omitempty"`
	Ref         string   `json:"ref,omitempty"` // id of the row this is about
	Alert       string   `json:"alert,omitempty"`
	Number      int64    `json:"number,omitempty"`
	Private     bool     `json:"private,omitempty"`
	Draft       bool     `json:"draft,omitempty"`
	Contractual bool     `json:"contractual,omitempty"` // goes to those too who have declined messages
	Document    bool     `json:"document,omitempty"`    // mails carry it as a document too
	Unless      string   `json:"unless,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Audience    string   `json:"audience,omitempty"`
	Reaches     string   `json:"reaches,omitempty"` // the moment reached once everybody was told
	Answer      string   `json:"answer,omitempty"`  // what a page asks for, empty: an acknowledgement
}
