package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/duty"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/board"
)

// Now is what somebody wants to see first.
type Now struct {
	At        time.Time                `json:"at" doc:"The server's clock."`
	Incidents []record.IncidentSummary `json:"incidents" doc:"Open ones, the most severe first."`
	OnCall    []Duty                   `json:"on_call"`
	Due       []Due                    `json:"due" doc:"Tasks that are late or due within a week."`
	Outbox    OutboxCount              `json:"outbox"`
	Watch     []Trouble                `json:"watch" doc:"What the product finds wrong with itself, the critical first."`
	Warnings  []duty.DeadEnd           `json:"warnings" doc:"Where nobody can be reached, now or within 14 days, soonest first."`
}

// Trouble is something that is wrong with the product itself.
type Trouble struct {
	Finding  string    `json:"finding" example:"pages:unclaimed"`
	Text     string    `json:"text"`
	Critical bool      `json:"critical" doc:"Pages may be late or lost."`
	Since    time.Time `json:"since"`
}

// Due is something to be done.
type Due struct {
	Kind     string         `json:"kind" enum:"task"`
	ID       string         `json:"id"`
	Incident string         `json:"incident,omitempty" example:"INC-42"`
	Title    string         `json:"title"`
	Owner    string         `json:"owner,omitempty" doc:"A person, role, team or schedule."`
	People   []record.Named `json:"owner_people" doc:"Whom that names now."`
	DueAt    time.Time      `json:"due_at"`
	State    string         `json:"state" enum:"open,late"`
}

// OutboxCount counts deliveries that want attention.
type OutboxCount struct {
	Failed  int64 `json:"failed" doc:"Given up in the last day."`
	Waiting int64 `json:"waiting"`
}

func (a *API) nowRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/now", Summary: "Show what is open, who is on call and what is due", Tag: "now"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, _ *struct{}) (*route.Reply[Now], error) {
			n, err := a.opt.Board.Now(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			duties, err := a.opt.Admin.OnCall(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			standing := a.opt.Lookout.Standing(c.Now)
			return route.One(Now{
				At:        c.Now,
				Incidents: wire.Each(n.Incidents, func(i board.Item) record.IncidentSummary { return record.SummaryOf(i, n.Names) }),
				OnCall:    wire.Each(duties, func(d admin.Duty) Duty { return dutyOf(d, record.NamesOf(n.Names)) }),
				Due:       wire.Each(n.Due, func(t board.TaskItem) Due { return dueOf(t, n, c.Now) }),
				Watch:     troublesOf(n),
				Outbox:    OutboxCount{Failed: n.Failed, Waiting: n.Waiting},
				Warnings:  wire.Each(standing[:min(len(standing), shownWarnings)], duty.DeadEndOf(record.NamesOf(n.Names))),
			}), nil
		})
}

func troublesOf(n board.Now) []Trouble {
	out := make([]Trouble, len(n.Findings))
	for i, f := range n.Findings {
		out[i] = Trouble{Finding: f.Key, Text: f.Text, Critical: f.Critical, Since: f.FirstAt}
	}
	return out
}

func dueOf(t board.TaskItem, n board.Now, now time.Time) Due {
	names := record.NamesOf(n.Names)
	out := Due{Kind: "task", People: wire.Each(t.People, names.Person), ID: t.ID.String(), Incident: n.Numbers.Ref(t.IncidentID), Title: t.Title, Owner: t.Owner, DueAt: t.DueAt, State: "open"}
	if t.Late(now) {
		out.State = "late"
	}
	return out
}
