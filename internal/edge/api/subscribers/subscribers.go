// Package subscribers owns how those who subscribed to the status page, and how its
// components follow alerts, look on the wire, and their routes. It must not decide
// anything.
package subscribers

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/following"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/domain/subscription"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/follow"
	"allclear/internal/flow/subscribe"
)

// maxImport bounds a file in bytes.
const maxImport = 4 << 20

// Subscriber is one address that is told of what the page publishes.
type Subscriber struct {
	ID          string              `json:"id"`
	Channel     string              `json:"channel" enum:"email,sms,webhook"`
	Address     string              `json:"address" doc:"Masked, except where it was searched for."`
	State       string              `json:"state" enum:"pending,confirmed,paused" doc:"pending: nobody has shown yet that the address is theirs. paused: it refuses what is sent."`
	Customer    string              `json:"customer,omitempty" doc:"Whose private page; absent: the public one."`
	Components  []string            `json:"components" doc:"Ids on the page; none: all of them."`
	Kinds       []subscription.Kind `json:"kinds" doc:"incidents, maintenance; none: both."`
	Lang        string              `json:"lang,omitempty"`
	CreatedAt   time.Time           `json:"created_at"`
	ConfirmedAt time.Time           `json:"confirmed_at,omitzero"`
	Failures    int                 `json:"failures" doc:"Sends in a row that were given up."`
	Problem     string              `json:"problem,omitempty" doc:"Why it is paused."`
	Imported    bool                `json:"imported"`
}

func of(s *subscription.Subscriber, whole bool) Subscriber {
	out := Subscriber{
		ID: s.ID.String(), Channel: string(s.Channel), Address: s.Masked(), State: string(s.State), Customer: s.Page, Components: []string{}, Kinds: []subscription.Kind{}, Lang: s.Lang,
		CreatedAt: s.CreatedAt, ConfirmedAt: s.ConfirmedAt, Failures: s.Failures, Problem: s.Problem, Imported: s.Imported,
	}
	if whole {
		out.Address = s.Address
	}
	out.Components, out.Kinds = append(out.Components, s.Components...), append(out.Kinds, s.Kinds...)
	return out
}

// SubscriberCount is how many there are.
type SubscriberCount struct {
	Channel string `json:"channel" enum:"email,sms,webhook"`
	State   string `json:"state" enum:"pending,confirmed,paused"`
	Count   int64  `json:"count"`
}

// SubscriberSend is one thing that a subscriber was sent.
type SubscriberSend struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" enum:"update,subscription"`
	Channel  string    `json:"channel"`
	Subject  string    `json:"subject"`
	State    string    `json:"state" enum:"queued,attempting,sent,failed,cancelled"`
	Attempts int       `json:"attempts"`
	At       time.Time `json:"at"`
	DoneAt   time.Time `json:"done_at,omitzero"`
	Error    string    `json:"error,omitempty"`
}

// ListSubscribers narrows the list.
type ListSubscribers struct {
	route.Page
	Address string `query:"address" maxLength:"2048" doc:"Exact, in any spelling; the other filters do not count then."`
	Channel string `query:"channel" enum:"email,sms,webhook"`
	State   string `query:"state" enum:"pending,confirmed,paused"`
}

// EraseSubscriber is whom to forget.
type EraseSubscriber struct {
	Address string `json:"address" minLength:"1" maxLength:"2048"`
}

// ErasedSubscribers is what that ended.
type ErasedSubscribers struct {
	Ended int `json:"ended"`
}

// ImportSubscribers is a file.
type ImportSubscribers struct {
	CSV     string `json:"csv" minLength:"1" maxLength:"4000000" doc:"With a header; columns channel, address (or email, phone, endpoint), components, kinds, language."`
	Consent bool   `json:"consent,omitempty" doc:"Each of them has agreed, and you can show it: they are told from now on. Else each is asked first."`
}

// ImportedSubscribers is what came of it.
type ImportedSubscribers struct {
	Added    int             `json:"added"`
	Known    int             `json:"known"`
	Problems []ImportTrouble `json:"problems"`
}

// ImportTrouble is why a line was left out.
type ImportTrouble struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// SubscriberPath names a subscriber.
type SubscriberPath struct {
	ID string `path:"id" maxLength:"40"`
}

type none struct{}

const tag = "status page"

// Routes registers the routes of subscribers.
func Routes(t *route.Table, flow *subscribe.Subscribe) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/subscribers", Summary: "List who subscribed to the status page, newest first", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *ListSubscribers) (*route.Reply[route.List[Subscriber]], error) {
			f := subscribe.Filter{Address: in.Address, Channel: subscription.Channel(in.Channel), State: subscription.State(in.State), Limit: in.Limit + 1}
			if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
				return nil, err
			}
			all, err := flow.List(ctx, c.Actor, f)
			if err != nil {
				return nil, err
			}
			next := ""
			if len(all) > in.Limit && in.Address == "" {
				all = all[:in.Limit]
				next = route.ToCursor(all[len(all)-1].ID)
			}
			return route.Items(wire.Each(all, func(s *subscription.Subscriber) Subscriber { return of(s, in.Address != "") }), next), nil
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/subscribers/counts", Summary: "Count subscribers by channel and state", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[SubscriberCount]], error) {
			all, err := flow.Counts(ctx, c.Actor)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, func(n subscribe.Count) SubscriberCount {
				return SubscriberCount{string(n.Channel), string(n.State), n.N}
			}), *in, func(n SubscriberCount) string { return n.Channel + " " + n.State })
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/subscribers/{id}/deliveries", Summary: "List what a subscriber was sent, newest first", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *struct {
			SubscriberPath
			route.Page
		},
		) (*route.Reply[route.List[SubscriberSend]], error) {
			id, err := route.ParseID("subscriber", in.ID)
			if err != nil {
				return nil, err
			}
			all, err := flow.Sent(ctx, c.Actor, id)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, sendOf), in.Page, func(s SubscriberSend) string { return s.ID })
		})
	route.Register(t, route.Route{Method: http.MethodDelete, Path: "/subscribers/{id}", Summary: "End a subscription and forget its address", Tag: tag}, route.Needs(authz.ManageCatalog),
		func(ctx context.Context, c route.Call, in *SubscriberPath) (*none, error) {
			id, err := route.ParseID("subscriber", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, flow.Remove(ctx, c.Actor, id, c.Now)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/subscribers/erase", Summary: "Forget an address wherever it subscribed", Tag: tag, Detail: "GDPR, article 17. Where it went is taken from what was sent, too."}, route.Needs(authz.ManageCatalog),
		func(ctx context.Context, c route.Call, in *struct{ Body EraseSubscriber }) (*route.Reply[ErasedSubscribers], error) {
			n, err := flow.Erase(ctx, c.Actor, in.Body.Address, c.Now)
			return route.One(ErasedSubscribers{n}), err
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/subscribers/import", Summary: "Import subscribers of elsewhere", Tag: tag, Body: maxImport}, route.Needs(authz.ManageCatalog),
		func(ctx context.Context, c route.Call, in *struct{ Body ImportSubscribers }) (*route.Reply[ImportedSubscribers], error) {
			got, err := flow.Import(ctx, c.Actor, bytes.NewBufferString(in.Body.CSV), in.Body.Consent, c.Now)
			if err != nil {
				return nil, err
			}
			out := ImportedSubscribers{Added: got.Added, Known: got.Known, Problems: []ImportTrouble{}}
			for _, p := range got.Problems {
				out.Problems = append(out.Problems, ImportTrouble(p))
			}
			return route.One(out), nil
		})
	route.Raw(t, route.Route{
		Method: http.MethodPost, Path: "/subscribers/export", Summary: "Export subscribers with their addresses", Tag: tag,
		Detail: "It is put on the record. Cells that a spreadsheet would calculate begin with an apostrophe, which an import takes away again.",
	}, route.Needs(authz.Export), "text/csv", func(c route.Call, w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		if err := flow.Export(r.Context(), c.Actor, &body, c.Now); err != nil {
			t.Refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="subscribers.csv"`)
		_, _ = w.Write(body.Bytes())
	})
}

func sendOf(d *message.Delivery) SubscriberSend {
	return SubscriberSend{ID: d.ID.String(), Kind: d.Kind, Channel: d.Channel, Subject: d.Subject, State: string(d.State), Attempts: d.Attempts, At: d.CreatedAt, DoneAt: d.DoneAt, Error: d.LastError}
}

// FollowingRules say how components follow alerts.
type FollowingRules struct {
	Mode    string                            `json:"mode" enum:"off,approve,auto"`
	After   recur.Span                        `json:"after" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 2m" doc:"How long alerts must say that a component is worse."`
	Restore recur.Span                        `json:"restore" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 5m" doc:"The same for better."`
	Early   bool                              `json:"early,omitempty" doc:"Follow alerts of incidents that nobody has declared yet too."`
	States  map[string]status.ComponentStatus `json:"states" doc:"What an alert of a severity (critical, error, warning, info) makes of its component."`
}

// FollowedComponent is where the component of one service stands.
type FollowedComponent struct {
	Service string                 `json:"service"`
	Name    string                 `json:"name"`
	Status  status.ComponentStatus `json:"status" doc:"What is shown for it, before posts and maintenance are looked at."`
	Alerts  status.ComponentStatus `json:"alerts" doc:"What alerts say."`
	Draft   status.ComponentStatus `json:"draft,omitempty" doc:"What waits for approval."`
	Since   time.Time              `json:"since,omitzero"`
	SetBy   string                 `json:"set_by,omitempty" doc:"Who has set it by hand; it stands until it is released."`
	Reason  string                 `json:"reason,omitempty"`
}

// Following is how all of them stand.
type Following struct {
	Rules      FollowingRules      `json:"rules"`
	Components []FollowedComponent `json:"components"`
}

// SetComponent is a state that a person sets.
type SetComponent struct {
	Status status.ComponentStatus `json:"status"`
	Reason string                 `json:"reason,omitempty" maxLength:"500"`
}

// AnswerComponent approves what waits, or leaves things as they are.
type AnswerComponent struct {
	Approve bool `json:"approve"`
}

// ComponentPath names the service of a component.
type ComponentPath struct {
	Service string `path:"service" maxLength:"64"`
}

// FollowRoutes registers the routes of components that follow.
func FollowRoutes(t *route.Table, flow *follow.Follow) {
	show := func(ctx context.Context, c route.Call) (*route.Reply[Following], error) {
		r, all, err := flow.Now(ctx, c.Actor)
		if err != nil {
			return nil, err
		}
		return route.One(Following{Rules: FollowingRules{string(r.Mode), r.After, r.Restore, r.Early, r.States}, Components: wire.Each(all, followed)}), nil
	}
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/component-following", Summary: "How components of the status page follow alerts, and where they stand", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, _ *none) (*route.Reply[Following], error) { return show(ctx, c) })
	route.Register(t, route.Route{Method: http.MethodPut, Path: "/component-following", Summary: "Set how components follow alerts", Tag: tag}, route.Needs(authz.ManageCatalog),
		func(ctx context.Context, c route.Call, in *struct{ Body FollowingRules }) (*route.Reply[Following], error) {
			b := in.Body
			if err := flow.SetRules(ctx, c.Actor, following.Rules{Mode: following.Mode(b.Mode), After: b.After, Restore: b.Restore, Early: b.Early, States: b.States}, c.Now); err != nil {
				return nil, err
			}
			return show(ctx, c)
		})
	route.Register(t, route.Route{Method: http.MethodPut, Path: "/component-following/{service}/status", Summary: "Set the state of a service's component by hand", Tag: tag, Detail: "It stands, whatever alerts and posts say, until it is released."}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *struct {
			ComponentPath
			Body SetComponent
		},
		) (*route.Reply[Following], error) {
			if err := flow.Set(ctx, c.Actor, in.Service, in.Body.Status, in.Body.Reason, c.Now); err != nil {
				return nil, err
			}
			return show(ctx, c)
		})
	route.Register(t, route.Route{Method: http.MethodDelete, Path: "/component-following/{service}/status", Summary: "Release the state that a person has set", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *ComponentPath) (*none, error) {
			return nil, flow.Release(ctx, c.Actor, in.Service, c.Now)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/component-following/{service}/answer", Summary: "Approve the state that alerts propose, or leave it", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *struct {
			ComponentPath
			Body AnswerComponent
		},
		) (*route.Reply[Following], error) {
			if err := flow.Answer(ctx, c.Actor, in.Service, in.Body.Approve, c.Now); err != nil {
				return nil, err
			}
			return show(ctx, c)
		})
}

func followed(c follow.Component) FollowedComponent {
	st, _ := c.Status()
	out := FollowedComponent{Service: c.Service, Name: c.Name, Status: st, Alerts: c.Seen, Draft: c.Draft, Since: c.Since}
	if out.Alerts == "" {
		out.Alerts = status.Operational
	}
	if c.Hand != nil {
		out.SetBy, out.Reason, out.Since = c.Hand.By, c.Hand.Reason, c.Hand.At
	}
	return out
}
