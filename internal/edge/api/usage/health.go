package usage

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/healthcheck"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/success"
)

// NewHealthCheck is what is written down of a check.
type NewHealthCheck struct {
	Usage      string `json:"usage" enum:"growing,steady,falling"`
	Sentiment  string `json:"sentiment" enum:"good,mixed,poor"`
	OpenIssues int    `json:"open_issues" minimum:"0" maximum:"10000"`
	Score      int    `json:"score" minimum:"0" maximum:"100" doc:"The higher the better."`
	Notes      string `json:"notes,omitempty" maxLength:"4000"`
}

// HealthCheck is a check that is to be made, or was.
type HealthCheck struct {
	ID       string          `json:"id"`
	Customer string          `json:"customer"`
	State    string          `json:"state" enum:"planned,asked,overdue,done"`
	DueAt    time.Time       `json:"due_at,omitzero" doc:"Absent: the procedure asks for none any more."`
	AskedAt  time.Time       `json:"asked_at,omitzero"`
	LateAt   time.Time       `json:"late_at,omitzero" doc:"When it was told that nobody had made it."`
	Told     []string        `json:"told" doc:"People, of the last notice."`
	DoneAt   time.Time       `json:"done_at,omitzero"`
	DoneBy   string          `json:"done_by,omitempty"`
	Result   *NewHealthCheck `json:"result,omitempty"`
}

// MadeInput names the customer.
type MadeInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body NewHealthCheck
}

// OneCheck is an answer of a check.
type OneCheck struct{ Body HealthCheck }

// Made writes down a check.
func (d *Desk) Made(ctx context.Context, a authz.Actor, now time.Time, in *MadeInput) (*OneCheck, error) {
	c, err := d.Flow.Made(ctx, a, in.ID, healthcheck.Form(in.Body), now)
	return &OneCheck{Body: check(c)}, err
}

// ChecksInput narrows the list.
type ChecksInput struct {
	route.Whole
	Customer string `query:"customer" maxLength:"64" doc:"All of this customer's; absent: those of everybody that are to be made."`
}

// Checks lists checks: of one customer the newest first, else what is due first.
func (d *Desk) Checks(ctx context.Context, a authz.Actor, now time.Time, in *ChecksInput) (*route.Reply[route.List[HealthCheck]], error) {
	all, err := d.Flow.HealthChecks(ctx, a, in.Customer, now)
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, all, check, func(c HealthCheck) string { return c.Customer + " " + c.ID })
}

func check(c success.HealthCheck) HealthCheck {
	return HealthCheck{
		ID: c.ID.String(), Customer: c.Customer, State: c.State, DueAt: c.DueAt, AskedAt: c.AskedAt, LateAt: c.LateAt,
		Told: wire.Each(c.Told, func(s string) string { return s }), DoneAt: c.DoneAt, DoneBy: c.By, Result: (*NewHealthCheck)(c.Form),
	}
}
