package duty

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/oncall"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/rota"
)

// CoverRequest is somebody's wish to change who is on call.
type CoverRequest struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind" enum:"cover,offer,swap,take"`
	Schedule   string    `json:"schedule"`
	State      string    `json:"state" enum:"open,accepted,declined,withdrawn,expired"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
	BackFrom   time.Time `json:"back_from,omitzero" doc:"The other turn of a swap."`
	BackUntil  time.Time `json:"back_until,omitzero"`
	Holder     string    `json:"holder" doc:"Who is on call then and would be relieved."`
	HolderName string    `json:"holder_name"`
	Taker      string    `json:"taker,omitempty" doc:"Who would take it; absent: whoever accepts."`
	TakerName  string    `json:"taker_name,omitempty"`
	Answerer   string    `json:"answerer,omitempty" doc:"Whose answer it waits for; absent: anybody's."`
	Asker      string    `json:"asker" doc:"Who wants the change and can withdraw it."`
	Note       string    `json:"note,omitempty"`
	Reason     string    `json:"reason,omitempty" doc:"Why it was declined or withdrawn."`
	AskedBy    string    `json:"asked_by" doc:"The asker, or who acted for them."`
	AskedAt    time.Time `json:"asked_at"`
	AnsweredBy string    `json:"answered_by,omitempty"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

func requestOf(q *oncall.Request, name func(string) string, now time.Time) CoverRequest {
	out := CoverRequest{
		ID: q.ID.String(), Kind: string(q.Kind), Schedule: q.Schedule, State: string(q.At(now)), From: q.Span.From, Until: q.Span.Until,
		BackFrom: q.Back.From, BackUntil: q.Back.Until, Holder: q.Holder, Taker: q.Taker, Answerer: q.Answerer(), Asker: q.Asker(),
		Note: q.Note, Reason: q.Reason, AskedBy: q.AskedBy, AskedAt: q.AskedAt, AnsweredBy: q.AnsweredBy, AnsweredAt: q.AnsweredAt,
	}
	if q.Holder != "" {
		out.HolderName = name(q.Holder)
	}
	if q.Taker != "" {
		out.TakerName = name(q.Taker)
	}
	return out
}

// NewCoverRequest is what a request is made from.
type NewCoverRequest struct {
	Kind      string    `json:"kind" enum:"cover,offer,swap,take" doc:"cover: I ask to be relieved. offer: I offer to relieve. swap: we exchange turns. take: I take over now."`
	Schedule  string    `json:"schedule" minLength:"1" maxLength:"64"`
	From      time.Time `json:"from,omitzero" doc:"Now when absent, and always for take."`
	Until     time.Time `json:"until"`
	BackFrom  time.Time `json:"back_from,omitzero" doc:"Of a swap: the turn that is given in return."`
	BackUntil time.Time `json:"back_until,omitzero"`
	Holder    string    `json:"holder,omitempty" maxLength:"64" doc:"Absent: the caller; of an offer, whoever is on call then."`
	Taker     string    `json:"taker,omitempty" maxLength:"64" doc:"Absent: of cover, whoever accepts; of an offer and take, the caller."`
	Note      string    `json:"note,omitempty" maxLength:"1000"`
}

// NewRequestInput carries it.
type NewRequestInput struct{ Body NewCoverRequest }

// Ask puts a request.
func (d *Desk) Ask(ctx context.Context, a authz.Actor, now time.Time, in *NewRequestInput) (*route.Reply[CoverRequest], error) {
	b := in.Body
	if b.From.IsZero() {
		b.From = now
	}
	q, err := d.Rota.Ask(ctx, a, rota.Ask{
		Kind: oncall.RequestKind(b.Kind), Schedule: b.Schedule, Span: oncall.Stretch{From: b.From, Until: b.Until},
		Back: oncall.Stretch{From: b.BackFrom, Until: b.BackUntil}, Holder: b.Holder, Taker: b.Taker, Note: b.Note,
	}, now)
	return d.one(ctx, q, now, err)
}

func (d *Desk) one(ctx context.Context, q *oncall.Request, now time.Time, err error) (*route.Reply[CoverRequest], error) {
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	return route.One(requestOf(q, name, now)), nil
}

// AnswerInput says what becomes of a request.
type AnswerInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body *RequestAnswer
}

// RequestAnswer adds to an answer what is not said by its path.
type RequestAnswer struct {
	Person string `json:"person,omitempty" maxLength:"64" doc:"Who takes it, where it was put to everybody; absent: the caller."`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// Answer returns the handler of accept, decline or withdraw.
func (d *Desk) Answer(to oncall.RequestState) func(context.Context, authz.Actor, time.Time, *AnswerInput) (*route.Reply[CoverRequest], error) {
	return func(ctx context.Context, a authz.Actor, now time.Time, in *AnswerInput) (*route.Reply[CoverRequest], error) {
		id, err := ident.Parse(in.ID)
		if err != nil {
			return nil, authz.NotFound("request", in.ID)
		}
		answer := rota.Answer{To: to}
		if in.Body != nil {
			answer.Person, answer.Reason = in.Body.Person, in.Body.Reason
		}
		q, err := d.Rota.Answer(ctx, a, id, answer, now)
		return d.one(ctx, q, now, err)
	}
}

// ListRequests narrows a list of requests.
type ListRequests struct {
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor   string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
	Schedule string `query:"schedule" maxLength:"64"`
	Open     bool   `query:"open" doc:"Only those that wait for an answer."`
}

// Requests lists requests, newest first.
func (d *Desk) Requests(ctx context.Context, a authz.Actor, now time.Time, in *ListRequests) (*route.Reply[route.List[CoverRequest]], error) {
	var before ident.ID
	if in.Cursor != "" {
		var err error
		if before, err = ident.Parse(in.Cursor); err != nil {
			return nil, fault.New(fault.Invalid, "validation failed").With("query.cursor", "not a cursor of this list")
		}
	}
	found, err := d.Rota.Requests(ctx, a, rota.Filter{Schedule: in.Schedule, Open: in.Open, Before: before, Limit: in.Limit + 1}, now)
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = found[in.Limit-1].ID.String()
	}
	return route.Items(each(found, func(q *oncall.Request) CoverRequest { return requestOf(q, name, now) }), next), nil
}
