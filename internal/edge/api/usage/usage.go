// Package usage owns how the usage of customers and early warnings look on the
// wire. It holds no rules and must not register routes; internal/edge/api does that.
package usage

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/success"
)

// Desk answers the routes.
type Desk struct{ Flow *success.Success }

// UsageHour is a value of one hour.
type UsageHour struct {
	Metric string    `json:"metric" maxLength:"64" example:"logins"`
	Hour   time.Time `json:"hour" doc:"Any instant of it."`
	Value  float64   `json:"value" minimum:"0"`
}

// UsagePush is what hours are pushed as.
type UsagePush struct {
	Hours []UsageHour `json:"hours" minItems:"1" maxItems:"5000" doc:"A second value of an hour takes the place of the first."`
}

// UsagePoint is an hour and what is usual in it.
type UsagePoint struct {
	UsageHour
	Usual     *float64 `json:"usual,omitempty" doc:"Median of the same hour of the week in up to eight weeks before; absent: fewer than four have a value."`
	Deviation *float64 `json:"deviation,omitempty" doc:"Their median absolute deviation."`
}

// UsageList lists hours.
type UsageList struct {
	Items []UsagePoint `json:"items" doc:"By metric and hour."`
}

// UsageWarning says that a customer uses the product unlike before.
type UsageWarning struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Metric   string    `json:"metric"`
	Kind     string    `json:"kind" enum:"drop,surge"`
	Text     string    `json:"text"`
	Since    time.Time `json:"since"`
	EndedAt  time.Time `json:"ended_at,omitzero" doc:"Absent: it stands."`
	Value    float64   `json:"value" doc:"Of the last hour of it."`
	Usual    float64   `json:"usual"`
	Change   float64   `json:"change" example:"-0.8"`
	Score    float64   `json:"score" doc:"Modified z-score."`
	Told     []string  `json:"told" doc:"People."`
}

// PushInput names the customer.
type PushInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body UsagePush
}

// Push keeps hours.
func (d *Desk) Push(ctx context.Context, a authz.Actor, now time.Time, in *PushInput) (*struct{}, error) {
	return nil, d.Flow.Push(ctx, a, in.ID, wire.Each(in.Body.Hours, func(h UsageHour) success.Hour {
		return success.Hour{Metric: h.Metric, At: h.Hour, Value: h.Value}
	}), now)
}

// ReadInput names the customer and the time.
type ReadInput struct {
	ID    string    `path:"id" maxLength:"64"`
	From  time.Time `query:"from" doc:"A week before until when absent."`
	Until time.Time `query:"until" doc:"Now when absent."`
}

// Points is an answer of hours.
type Points struct{ Body UsageList }

// Read lists hours.
func (d *Desk) Read(ctx context.Context, a authz.Actor, now time.Time, in *ReadInput) (*Points, error) {
	if in.Until.IsZero() {
		in.Until = now
	}
	if in.From.IsZero() {
		in.From = in.Until.AddDate(0, 0, -7)
	}
	all, err := d.Flow.Of(ctx, a, in.ID, in.From, in.Until)
	return &Points{Body: UsageList{Items: wire.Each(all, func(p success.Point) UsagePoint {
		out := UsagePoint{UsageHour: UsageHour{Metric: p.Metric, Hour: p.At, Value: p.Value}}
		if p.Usual.Weeks > 0 {
			out.Usual, out.Deviation = &p.Usual.Median, &p.Usual.MAD
		}
		return out
	})}}, err
}

// WarningsInput narrows the list.
type WarningsInput struct {
	route.Whole
	Customer string `query:"customer" maxLength:"64" doc:"All of this customer's; absent: those of everybody that stand."`
}

// Warned lists warnings, the newest first.
func (d *Desk) Warned(ctx context.Context, a authz.Actor, _ time.Time, in *WarningsInput) (*route.Reply[route.List[UsageWarning]], error) {
	all, err := d.Flow.Warnings(ctx, a, in.Customer)
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, all, func(w *success.Warning) UsageWarning {
		return UsageWarning{
			ID: w.ID.String(), Customer: w.Customer, Metric: w.Metric, Kind: w.Kind, Text: w.Text, Since: w.Since, EndedAt: w.EndedAt, Value: w.Value, Usual: w.Usual,
			Change: w.Change, Score: w.Score, Told: wire.Each(w.Told, func(s string) string { return s }),
		}
	}, func(w UsageWarning) string { return w.ID })
}
