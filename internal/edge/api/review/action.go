package review

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/review"
)

// ActionItem is what follows from an incident.
type ActionItem struct {
	ID             string            `json:"id"`
	Incident       string            `json:"incident" example:"INC-42"`
	Title          string            `json:"title"`
	Text           string            `json:"text,omitempty"`
	Category       string            `json:"category" enum:"technical,process,training,tooling,communication"`
	Owner          record.Named      `json:"owner"`
	State          action.State      `json:"state" enum:"open,in_progress,blocked,done,verified,cancelled" doc:"done: the owner says so; verified: somebody else has seen it."`
	Reason         string            `json:"reason,omitempty" doc:"Why it is blocked or cancelled."`
	DueAt          time.Time         `json:"due_at"`
	Overdue        bool              `json:"overdue"`
	LateSince      time.Time         `json:"late_since,omitzero" doc:"Since when it is overdue or blocked."`
	Told           int               `json:"told,omitempty" doc:"Steps of those who have heard that it is."`
	Milestones     []ActionMilestone `json:"milestones"`
	History        []ActionMark      `json:"history"`
	Recommendation string            `json:"recommendation,omitempty" doc:"The one it comes from."`
	SeenAt         time.Time         `json:"seen_at" doc:"Its last sign of life."`
	CreatedAt      time.Time         `json:"created_at"`
	CreatedBy      record.Named      `json:"created_by"`
	DoneAt         time.Time         `json:"done_at,omitzero"`
	VerifiedBy     *record.Named     `json:"verified_by,omitempty"`
	EndedAt        time.Time         `json:"ended_at,omitzero"`
}

// ActionMilestone is a step on the way.
type ActionMilestone struct {
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	DueAt  time.Time `json:"due_at"`
	DoneAt time.Time `json:"done_at,omitzero"`
	State  string    `json:"state" enum:"open,done,missed"`
	Missed bool      `json:"missed" doc:"It was not there at its date."`
}

// ActionMark is an entry of what became of an item.
type ActionMark struct {
	At   time.Time    `json:"at"`
	By   record.Named `json:"by"`
	What string       `json:"what" enum:"created,state,owner,due,check_in,milestone,verified"`
	Text string       `json:"text,omitempty"`
}

func itemOf(a flow.Acted, n record.Names, now time.Time) ActionItem {
	i := a.Item
	return ActionItem{
		ID: i.ID.String(), Incident: a.Incident.Ref(), Title: i.Title, Text: i.Text, Category: i.Category, Owner: n.Person(i.Owner), State: i.State, Reason: i.Reason,
		DueAt: i.DueAt, Overdue: i.Overdue(now), LateSince: i.LateSince, Told: i.Told, Recommendation: some(i.Idea), SeenAt: i.SeenAt, CreatedAt: i.CreatedAt,
		CreatedBy: n.Person(i.CreatedBy), DoneAt: i.DoneAt, VerifiedBy: n.Somebody(i.VerifiedBy), EndedAt: i.EndedAt,
		Milestones: wire.Each(i.Milestones, func(m action.Milestone) ActionMilestone { return milestoneOf(m, now) }),
		History:    wire.Each(i.Marks, func(m action.Mark) ActionMark { return ActionMark{m.At, n.Person(m.By), m.What, m.Text} }),
	}
}

func milestoneOf(m action.Milestone, now time.Time) ActionMilestone {
	out := ActionMilestone{m.ID.String(), m.Title, m.DueAt, m.DoneAt, "open", m.Missed(now)}
	switch {
	case !m.DoneAt.IsZero():
		out.State = "done"
	case out.Missed:
		out.State = "missed"
	}
	return out
}

// some is an id, or empty.
func some(id ident.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// NewActionMilestone is a milestone as it is set.
type NewActionMilestone struct {
	ID    string    `json:"id,omitempty" maxLength:"40" doc:"Of one that is there; absent: a new one."`
	Title string    `json:"title" maxLength:"300"`
	DueAt time.Time `json:"due_at"`
}

// NewActionItem is what follows from an incident.
type NewActionItem struct {
	Incident       string               `json:"incident" maxLength:"40" example:"INC-42"`
	Title          string               `json:"title" maxLength:"300"`
	Text           string               `json:"text,omitempty" maxLength:"10000"`
	Category       string               `json:"category" enum:"technical,process,training,tooling,communication"`
	Owner          string               `json:"owner" maxLength:"64" doc:"Exactly one person; a team is refused."`
	DueAt          time.Time            `json:"due_at"`
	Milestones     []NewActionMilestone `json:"milestones,omitempty" maxItems:"50"`
	Recommendation string               `json:"recommendation,omitempty" maxLength:"40" doc:"Of the review, that becomes this item."`
}

// ActionChange is what of an item changes; absent stays as it is.
type ActionChange struct {
	Title    string    `json:"title,omitempty" maxLength:"300"`
	Text     string    `json:"text,omitempty" maxLength:"10000"`
	Category string    `json:"category,omitempty" enum:"technical,process,training,tooling,communication"`
	Owner    string    `json:"owner,omitempty" maxLength:"64"`
	DueAt    time.Time `json:"due_at,omitzero" required:"false"`
	State    string    `json:"state,omitempty" enum:"open,in_progress,blocked,done,cancelled"`
	Reason   string    `json:"reason,omitempty" maxLength:"10000" doc:"Needed for another date, and for blocked and cancelled."`
}

// ActionNote says how an item stands, or what was seen.
type ActionNote struct {
	Note string `json:"note,omitempty" maxLength:"10000"`
}

// ActionMilestones are the milestones of an item.
type ActionMilestones struct {
	Milestones []NewActionMilestone `json:"milestones" maxItems:"50"`
}

func milestonesOf(all []NewActionMilestone) ([]action.Milestone, error) {
	out := make([]action.Milestone, len(all))
	for k, m := range all {
		out[k] = action.Milestone{Title: m.Title, DueAt: m.DueAt.UTC()}
		if m.ID == "" {
			continue
		}
		id, err := ident.Parse(m.ID)
		if err != nil {
			return nil, notAnID("milestones", m.ID)
		}
		out[k].ID = id
	}
	return out, nil
}
