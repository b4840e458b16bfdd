// Package review owns the routes and shapes of reviews and of action items. It must
// not decide what a review needs, nor gather what it shows.
package review

import (
	"time"

	"allclear/internal/domain/deadline"
	"allclear/internal/domain/procedure"
	domain "allclear/internal/domain/review"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	flow "allclear/internal/flow/review"
)

// Review is the look back on one incident, with what the record says of it.
type Review struct {
	Incident        string                 `json:"incident" example:"INC-42"`
	Title           string                 `json:"title"`
	Service         string                 `json:"service"`
	Highest         string                 `json:"highest_severity" enum:"P1,P2,P3,P4"`
	Status          string                 `json:"incident_status" enum:"triage,investigating,mitigated,monitoring,resolved,closed"`
	State           domain.State           `json:"state" enum:"open,ready,signed_off" doc:"ready: nothing is missing for the sign-off."`
	Duty            string                 `json:"duty" enum:"required,optional,none" doc:"What the procedure asks of that severity."`
	Owner           *record.Named          `json:"owner,omitempty"`
	OpenedAt        time.Time              `json:"opened_at"`
	ResolvedAt      time.Time              `json:"resolved_at,omitzero"`
	SignedAt        time.Time              `json:"signed_at,omitzero"`
	SignedBy        *record.Named          `json:"signed_by,omitempty"`
	Missing         []ReviewLack           `json:"missing" doc:"Before the sign-off."`
	Timeline        ReviewTimelineState    `json:"timeline"`
	Decisions       []ReviewDecision       `json:"decisions"`
	Notes           *ReviewNotes           `json:"notes,omitempty" doc:"Of the war room, as they stand."`
	Cause           *ReviewCause           `json:"cause,omitempty"`
	Factors         []ReviewFactor         `json:"factors"`
	NoFactors       string                 `json:"no_factors,omitempty" doc:"Why there are none."`
	Lessons         []ReviewLine           `json:"lessons"`
	WentWell        []ReviewLine           `json:"went_well"`
	Feedback        []ReviewFeedback       `json:"feedback"`
	Impact          ReviewImpact           `json:"impact"`
	Communication   ReviewCommunication    `json:"communication"`
	Team            []ReviewEffort         `json:"team"`
	Agenda          []ReviewAgendaItem     `json:"agenda"`
	Meeting         ReviewMeeting          `json:"meeting"`
	Participants    []ReviewParticipant    `json:"participants"`
	Guests          []ReviewGuest          `json:"guests"`
	Vendors         []ReviewVendor         `json:"vendors" doc:"That the touched services stand on: somebody there may be asked."`
	FollowUp        *ReviewFollowUp        `json:"follow_up,omitempty"`
	Recommendations []ReviewRecommendation `json:"recommendations"`
	Actions         []ActionItem           `json:"actions"`
	NoActions       string                 `json:"no_actions,omitempty" doc:"Why nothing follows."`
	Tasks           []ReviewTask           `json:"tasks"`
	Rounds          []ReviewRound          `json:"rounds" doc:"Looks back that a reopening made void."`
}

// ReviewNotes are the notes that were kept while the incident was run.
type ReviewNotes struct {
	Version int64        `json:"version"`
	Text    string       `json:"text"`
	By      record.Named `json:"by" doc:"Who wrote last."`
	At      time.Time    `json:"at"`
}

// ReviewLack is one thing that is missing.
type ReviewLack struct {
	Where string `json:"where" doc:"Part of the review: owner, cause, factors, decisions, meeting, agenda, actions or tasks."`
	What  string `json:"what"`
}

// ReviewTimelineState says how complete the record is.
type ReviewTimelineState struct {
	Entries   int           `json:"entries"`
	Gaps      []ReviewGap   `json:"gaps"`
	CheckedBy *record.Named `json:"checked_by,omitempty"`
	CheckedAt time.Time     `json:"checked_at,omitzero"`
	Note      string        `json:"note,omitempty"`
}

// ReviewGap is a stretch of which the record tells nothing.
type ReviewGap struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// ReviewDecision is a decision of the response.
type ReviewDecision struct {
	What      string    `json:"what"`
	Options   []string  `json:"options,omitempty"`
	Rationale string    `json:"rationale,omitempty" doc:"Absent: the review cannot be signed off."`
	By        string    `json:"by,omitempty"`
	At        time.Time `json:"at"`
}

// ReviewCause is the technical root cause.
type ReviewCause struct {
	Text        string        `json:"text"`
	Category    string        `json:"category"`
	Preliminary bool          `json:"preliminary"`
	Method      string        `json:"method,omitempty" doc:"How it was validated."`
	By          *record.Named `json:"by,omitempty"`
	ValidatedBy *record.Named `json:"validated_by,omitempty"`
	ValidatedAt time.Time     `json:"validated_at,omitzero"`
}

// ReviewFactor is something that contributed.
type ReviewFactor struct {
	Sort string       `json:"sort" enum:"process,people,tool,communication"`
	Text string       `json:"text"`
	By   record.Named `json:"by"`
}

// ReviewLine is something somebody wrote down.
type ReviewLine struct {
	Text string       `json:"text"`
	By   record.Named `json:"by"`
}

// ReviewFeedback is what somebody says about the response.
type ReviewFeedback struct {
	From   record.Named `json:"from"`
	Rating int          `json:"rating,omitempty"`
	Good   string       `json:"went_well,omitempty"`
	Bad    string       `json:"to_improve,omitempty"`
	At     time.Time    `json:"at"`
}

// ReviewCommunication is how communication went: its clocks, and a judgement.
type ReviewCommunication struct {
	Clocks []record.Deadline `json:"clocks" doc:"As the ledger has them."`
	Met    int               `json:"met"`
	Missed int               `json:"missed"`
	Rating int               `json:"rating,omitempty" doc:"1 to 5."`
	Text   string            `json:"text,omitempty"`
	By     *record.Named     `json:"by,omitempty"`
}

// ReviewEffort is what the incident asked of one person.
type ReviewEffort struct {
	Person   record.Named      `json:"person"`
	Roles    []string          `json:"roles"`
	Pages    int               `json:"pages"`
	Answered int               `json:"answered"`
	Slowest  int64             `json:"slowest_seconds,omitempty" doc:"To answer a page."`
	Mean     int64             `json:"mean_seconds,omitempty"`
	JoinedAt time.Time         `json:"joined_at,omitzero"`
	Worked   int64             `json:"worked_seconds,omitempty" doc:"From joining to the end of the impact."`
	Paged    []ReviewPagedOnce `json:"paged"`
}

// ReviewPagedOnce is one page and what became of it.
type ReviewPagedOnce struct {
	At         time.Time `json:"at"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	Reason     string    `json:"reason"`
	State      string    `json:"state"`
}

// ReviewAgendaItem is a point of the formal review, with what was said on it.
type ReviewAgendaItem struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Shows   string        `json:"shows" enum:"timeline,cause,response,impact,actions,recommendations,follow_up" doc:"The part of the review it is about."`
	Clause  string        `json:"clause,omitempty"`
	Notes   string        `json:"notes,omitempty"`
	Decided string        `json:"decided,omitempty"`
	Minutes int           `json:"minutes,omitempty"`
	By      *record.Named `json:"by,omitempty"`
}

// ReviewMeeting is the formal review, and its window.
type ReviewMeeting struct {
	Start     time.Time      `json:"start,omitzero"`
	End       time.Time      `json:"end,omitzero"`
	From      time.Time      `json:"window_from,omitzero"`
	Until     time.Time      `json:"window_until,omitzero"`
	By        *record.Named  `json:"set_by,omitempty"`
	Reason    string         `json:"reason,omitempty" doc:"Why it lies outside its window."`
	Exception string         `json:"exception,omitempty" doc:"Why the proposed slot does."`
	InvitedAt time.Time      `json:"invited_at,omitzero"`
	HeldAt    time.Time      `json:"held_at,omitzero"`
	HeldEnd   time.Time      `json:"held_until,omitzero"`
	Attended  []record.Named `json:"attended"`
}

// ReviewParticipant is somebody who is asked to the formal review.
type ReviewParticipant struct {
	Person  record.Named `json:"person"`
	As      []string     `json:"as"`
	Clauses []string     `json:"clauses"`
	Left    bool         `json:"left_out,omitempty" doc:"Named by the procedure, left out by a person."`
	Invited bool         `json:"invited"`
}

// ReviewGuest is somebody outside who is asked by mail.
type ReviewGuest struct {
	Name  string `json:"name" maxLength:"200"`
	Email string `json:"email" maxLength:"254"`
	Of    string `json:"of,omitempty" maxLength:"200" doc:"Vendor or company."`
}

// ReviewVendor is a vendor somebody of which may be asked.
type ReviewVendor struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Support  string `json:"support_url,omitempty"`
	Involved bool   `json:"involved" doc:"It was in trouble during the incident."`
	Invited  bool   `json:"invited"`
}

// ReviewFollowUp is when it is looked at again.
type ReviewFollowUp struct {
	At    time.Time    `json:"at"`
	Owner record.Named `json:"owner"`
}

// ReviewRecommendation is a recommendation for the process.
type ReviewRecommendation struct {
	ID     string       `json:"id"`
	Text   string       `json:"text"`
	By     record.Named `json:"by"`
	Action string       `json:"action,omitempty" doc:"The action item it has become."`
}

// ReviewTask is a task of the review.
type ReviewTask struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	State    string    `json:"state" enum:"open,done,na"`
	Owner    string    `json:"owner"`
	DueAt    time.Time `json:"due_at,omitzero"`
	Late     bool      `json:"late"`
	Evidence string    `json:"evidence,omitempty"`
	Clauses  []string  `json:"clauses"`
}

// ReviewRound is a look back that was made void.
type ReviewRound struct {
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	ReopenedAt time.Time `json:"reopened_at"`
	SignedAt   time.Time `json:"signed_at,omitzero"`
	Cause      string    `json:"cause,omitempty"`
	HeldAt     time.Time `json:"held_at,omitzero"`
}

// ReviewSummary is a review in a list.
type ReviewSummary struct {
	Incident  string        `json:"incident" example:"INC-42"`
	Title     string        `json:"title"`
	Highest   string        `json:"highest_severity" enum:"P1,P2,P3,P4"`
	Status    string        `json:"incident_status" enum:"triage,investigating,mitigated,monitoring,resolved,closed"`
	State     domain.State  `json:"state" enum:"open,ready,signed_off"`
	Owner     *record.Named `json:"owner,omitempty"`
	MeetingAt time.Time     `json:"meeting_at,omitzero"`
	HeldAt    time.Time     `json:"held_at,omitzero"`
	OpenedAt  time.Time     `json:"opened_at"`
	SignedAt  time.Time     `json:"signed_at,omitzero"`
	Missing   int           `json:"missing" doc:"Things before the sign-off."`
	Actions   int           `json:"actions"`
}

// ReviewTimeline is the record in the order in which things happened.
type ReviewTimeline struct {
	Items []record.TimelineEntry `json:"items"`
	Gaps  []ReviewGap            `json:"gaps"`
}

func gapOf(g domain.Gap) ReviewGap { return ReviewGap(g) }

func summaryOf(i flow.Item, n record.Names) ReviewSummary {
	r := i.Review
	return ReviewSummary{
		Incident: i.Incident.Ref(), Title: i.Incident.Title, Highest: i.Incident.Highest.String(), Status: string(i.Incident.Status), State: i.State, Owner: n.Somebody(r.Owner),
		MeetingAt: r.Meeting.Start, HeldAt: r.Meeting.HeldAt, OpenedAt: r.OpenedAt, SignedAt: r.SignedAt, Missing: i.Missing, Actions: i.Actions,
	}
}

func reviewOf(w flow.Whole, now time.Time) Review {
	r, n := w.Review, record.NamesOf(board.NamesOf(w.Catalog))
	out := Review{
		Incident: w.Incident.Ref(), Title: w.Incident.Title, Service: w.Service, Highest: w.Incident.Highest.String(), Status: string(w.Incident.Status), State: w.State, Duty: w.Duty,
		Owner: n.Somebody(r.Owner), OpenedAt: r.OpenedAt, ResolvedAt: w.Incident.ResolvedAt, SignedAt: r.SignedAt, SignedBy: n.Somebody(r.Signed),
		Missing:   wire.Each(w.Missing, func(l domain.Lack) ReviewLack { return ReviewLack(l) }),
		Timeline:  ReviewTimelineState{Entries: w.Entries, Gaps: wire.Each(w.Gaps, gapOf), CheckedBy: n.Somebody(r.Timeline.By), CheckedAt: r.Timeline.At, Note: r.Timeline.Note},
		Factors:   wire.Each(r.Factors, func(f domain.Factor) ReviewFactor { return ReviewFactor{f.Sort, f.Text, n.Person(f.By)} }),
		NoFactors: r.NoFactors, NoActions: r.NoActions,
		Lessons:  wire.Each(r.Lessons, func(l domain.Line) ReviewLine { return ReviewLine{l.Text, n.Person(l.By)} }),
		WentWell: wire.Each(r.WentWell, func(l domain.Line) ReviewLine { return ReviewLine{l.Text, n.Person(l.By)} }),
		Feedback: wire.Each(r.Feedback, func(f domain.Feedback) ReviewFeedback {
			return ReviewFeedback{n.Person(f.From), f.Rating, f.Good, f.Bad, f.At}
		}),
		Decisions: wire.Each(w.Decisions, func(d domain.Decision) ReviewDecision {
			return ReviewDecision{d.What, record.Filled(d.Options), d.Rationale, n.Person(d.By).Name, d.At}
		}),
		Notes:  notesOf(w, n),
		Impact: impactOf(w), Communication: communicationOf(w, n), Team: wire.Each(w.Team, func(e domain.Effort) ReviewEffort { return effortOf(e, n) }),
		Agenda:  wire.Each(w.Agenda, func(a procedure.AgendaItem) ReviewAgendaItem { return agendaOf(a, r.Agenda[a.ID], n) }),
		Meeting: meetingOf(w, n), Participants: wire.Each(w.Participants, func(p flow.Participant) ReviewParticipant { return participantOf(p, w, n) }),
		Guests:  wire.Each(r.Guests, func(g domain.Guest) ReviewGuest { return ReviewGuest(g) }),
		Vendors: wire.Each(w.Vendors, func(v flow.VendorHint) ReviewVendor { return ReviewVendor(v) }),
		Recommendations: wire.Each(r.Ideas, func(i domain.Idea) ReviewRecommendation {
			return ReviewRecommendation{i.ID.String(), i.Text, n.Person(i.By), some(i.Action)}
		}),
		Rounds: wire.Each(r.Rounds, func(o domain.Round) ReviewRound {
			return ReviewRound{o.ResolvedAt, o.ReopenedAt, o.SignedAt, o.Cause.Text, o.Meeting.HeldAt}
		}),
	}
	if c := r.Cause; c.Text != "" {
		out.Cause = &ReviewCause{c.Text, c.Category, !c.Valid(), c.Method, n.Somebody(c.By), n.Somebody(c.ValidatedBy), c.ValidatedAt}
	}
	if f := r.FollowUp; !f.At.IsZero() {
		out.FollowUp = &ReviewFollowUp{f.At, n.Person(f.Owner)}
	}
	out.Actions, out.Tasks = []ActionItem{}, []ReviewTask{}
	for _, i := range w.Actions {
		out.Actions = append(out.Actions, itemOf(flow.Acted{Item: i, Incident: w.Incident}, n, now))
	}
	for _, t := range w.Tasks {
		out.Tasks = append(out.Tasks, ReviewTask{t.ID.String(), t.Title, string(t.State), t.Owner, t.DueAt, t.Late(now), t.Evidence, record.Filled(t.Clauses)})
	}
	return out
}

func meetingOf(w flow.Whole, n record.Names) ReviewMeeting {
	m := w.Review.Meeting
	return ReviewMeeting{
		Start: m.Start, End: m.End, From: w.Window.From, Until: w.Window.Until, By: n.Somebody(m.By), Reason: m.Reason, Exception: m.Exception,
		InvitedAt: m.InvitedAt, HeldAt: m.HeldAt, HeldEnd: m.HeldEnd, Attended: wire.Each(m.Attended, n.Person),
	}
}

func agendaOf(a procedure.AgendaItem, m domain.Minutes, n record.Names) ReviewAgendaItem {
	return ReviewAgendaItem{a.ID, a.Title, a.Shows, a.Clause, m.Notes, m.Decided, m.Took, n.Somebody(m.By)}
}

func participantOf(p flow.Participant, w flow.Whole, n record.Names) ReviewParticipant {
	invited := false
	for _, id := range w.Review.Meeting.Invited {
		invited = invited || id == p.Person
	}
	return ReviewParticipant{n.Person(p.Person), p.As, record.Filled(p.Clauses), p.Left, invited}
}

func effortOf(e domain.Effort, n record.Names) ReviewEffort {
	return ReviewEffort{
		Person: n.Person(e.Person), Roles: record.Filled(e.Roles), Pages: e.Pages, Answered: e.Answered, Slowest: int64(e.Slowest.Seconds()), Mean: int64(e.Mean.Seconds()),
		JoinedAt: e.JoinedAt, Worked: int64(e.Worked.Seconds()),
		Paged: wire.Each(e.Paged, func(p domain.Paged) ReviewPagedOnce { return ReviewPagedOnce{p.At, p.EndedAt, p.Reason, p.State} }),
	}
}

func communicationOf(w flow.Whole, n record.Names) ReviewCommunication {
	r := w.Review.Rating
	out := ReviewCommunication{Rating: r.Stars, Text: r.Text, By: n.Somebody(r.By)}
	for _, d := range w.Clocks {
		out.Clocks = append(out.Clocks, record.DeadlineOf(&board.Clock{Deadline: d, Name: w.ClockName(d.Clock)}))
		switch d.State {
		case deadline.Met:
			out.Met++
		case deadline.Breached:
			out.Missed++
		case deadline.Pending, deadline.Warned, deadline.Waived:
		}
	}
	return out
}

func notesOf(w flow.Whole, n record.Names) *ReviewNotes {
	if w.Notes.Version == 0 {
		return nil
	}
	return &ReviewNotes{Version: w.Notes.Version, Text: w.Notes.Body, By: n.Person(w.Notes.Author), At: w.Notes.At}
}
