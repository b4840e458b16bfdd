package credits

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/sheet"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/credit"
)

const tag = "credits"

type listCredits struct {
	route.Page
	Month    string `query:"month" maxLength:"7" doc:"Such as 2026-03."`
	State    string `query:"state" enum:"calculated,pending,approved,processed,exported,void"`
	Customer string `query:"customer" maxLength:"64"`
	Incident string `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
}

func (in *listCredits) wish() (w flow.Wish, err error) {
	w = flow.Wish{State: credit.State(in.State), Customer: in.Customer, Limit: in.Limit}
	if in.Month != "" {
		if w.Month, err = credit.ParseMonth(in.Month); err != nil {
			return w, err
		}
	}
	if in.Incident != "" {
		if w.Incident, err = record.ParseNumber(in.Incident); err != nil {
			return w, err
		}
	}
	_, err = route.FromCursor(in.Cursor, &w.Before)
	return w, err
}

// MemoPath names a memo, or a row of a ledger.
type MemoPath struct {
	Memo string `path:"memo" maxLength:"40"`
}

type memoBody[B any] struct {
	MemoPath
	Body B
}

type incidentBody[B any] struct {
	route.IncidentPath
	Body B
}

// GiveWord is an executive's or Legal's word for a memo.
type GiveWord struct {
	Note string `json:"note,omitempty" maxLength:"2000"`
}

// VoidCredit ends a memo.
type VoidCredit struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// BookCredit notes that somebody has entered a memo at billing.
type BookCredit struct {
	Reference string `json:"reference" minLength:"1" maxLength:"200"`
}

// NewGoodwill asks for an amount that no formula gives.
type NewGoodwill struct {
	Customer string `json:"customer" maxLength:"64"`
	Cents    int64  `json:"amount_cents" minimum:"1" maximum:"10000000000"`
	Currency string `json:"currency,omitempty" maxLength:"3" doc:"Absent: the contract's."`
	Reason   string `json:"reason" minLength:"1" maxLength:"2000"`
}

// NewVerdict says what an incident did to availability.
type NewVerdict struct {
	Impact string    `json:"impact" enum:"outage,degradation,none"`
	Reason string    `json:"reason" minLength:"1" maxLength:"2000" doc:"With the evidence."`
	From   time.Time `json:"from,omitzero" doc:"Proven start of the impact; absent: as the incident says."`
	Until  time.Time `json:"until,omitzero" doc:"Proven end."`
}

// NewLedgerEntry is a row for the ledger of an incident.
type NewLedgerEntry struct {
	Type      string `json:"type" enum:"refund,lost_revenue,billing_adjustment,cost"`
	Cents     int64  `json:"amount_cents" minimum:"-10000000000" maximum:"10000000000" doc:"Negative: it lessens the cost."`
	Currency  string `json:"currency" minLength:"3" maxLength:"3"`
	Text      string `json:"text" minLength:"1" maxLength:"2000"`
	Reference string `json:"reference,omitempty" maxLength:"200"`
}

// ConfirmSchedule lets memos be processed by a schedule.
type ConfirmSchedule struct {
	Hash string `json:"hash" maxLength:"64" doc:"Of what was read."`
}

// SchedulePath names a schedule of the procedure.
type SchedulePath struct {
	Schedule string `path:"schedule" maxLength:"64"`
}

type confirmInput struct {
	SchedulePath
	Body ConfirmSchedule
}

type uptimeInput struct {
	route.Page
	Month    string `query:"month" maxLength:"7" doc:"Such as 2026-03; absent: this one, UTC."`
	Customer string `query:"customer" maxLength:"64" doc:"Absent: those who had downtime, the worst first."`
}

// Routes registers service credits.
func Routes(t *route.Table, c *flow.Credits) {
	list(t, c)
	memos(t, c)
	ledger(t, c)
	schedules(t, c)
}

func list(t *route.Table, c *flow.Credits) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/credits", Summary: "List service credits, the newest first", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, k route.Call, in *listCredits) (*route.Reply[route.List[CreditMemo]], error) {
			w, err := in.wish()
			if err != nil {
				return nil, err
			}
			all, next, err := c.List(ctx, k.Actor, w, k.Now)
			if err != nil {
				return nil, err
			}
			return route.Items(wire.Each(all, memoOf), cursorOf(next)), nil
		})
	route.Raw(t, route.Route{Method: http.MethodGet, Path: "/credits.csv", Summary: "Export the processed memos of a month as a table, as billing gets them", Detail: "Takes month=2026-03. Every text is kept from being a formula.", Tag: tag}, route.Needs(authz.Read), "text/csv",
		func(k route.Call, w http.ResponseWriter, req *http.Request) {
			m, err := credit.ParseMonth(req.URL.Query().Get("month"))
			if err != nil {
				t.Refuse(w, req, err)
				return
			}
			body, err := table(req.Context(), c, k, m)
			if err != nil {
				t.Refuse(w, req, err)
				return
			}
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="credits-`+string(m)+`.csv"`)
			_, _ = w.Write(body) // whoever went away needs no answer
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/availability", Summary: "Show how customers' months stand against what was promised", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, k route.Call, in *uptimeInput) (*route.Reply[route.List[CustomerUptime]], error) {
			m := credit.MonthOf(k.Now, time.UTC)
			if in.Month != "" {
				var err error
				if m, err = credit.ParseMonth(in.Month); err != nil {
					return nil, err
				}
			}
			all, err := c.Availability(ctx, k.Actor, in.Customer, m, k.Now)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, uptimeOf), in.Page, func(u CustomerUptime) string { return u.Customer })
		})
}

func cursorOf(next ident.ID) string {
	if next == 0 {
		return ""
	}
	return route.ToCursor(next)
}

// pageSize is how many memos are read at once for a table.
const pageSize = 500

// table writes the rows that billing gets, with where each stands.
func table(ctx context.Context, c *flow.Credits, k route.Call, m credit.Month) ([]byte, error) {
	rows := [][]string{{"idempotency_key", "type", "customer_id", "customer_name", "month", "amount", "currency", "incidents", "processed_at", "state", "reference"}}
	for w := (flow.Wish{Month: m, Limit: pageSize}); ; {
		all, next, err := c.List(ctx, k.Actor, w, k.Now)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			if v.State.Settled() {
				rows = append(rows, []string{
					v.Key(), string(v.Sort), sheet.Guard(v.Customer), sheet.Guard(v.Name), string(v.Month), credit.Decimal(v.Cents), v.Currency, strings.Join(v.Outward, " "),
					v.SettledAt.UTC().Format(time.RFC3339), string(v.State), sheet.Guard(v.Reference),
				})
			}
		}
		if next == 0 {
			break
		}
		w.Before = next
	}
	var out bytes.Buffer
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}

// on registers something done to a memo.
func on[B any](t *route.Table, path, summary string, p route.Policy, do func(context.Context, route.Call, ident.ID, B) (flow.View, error)) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/credits/{memo}/" + path, Summary: summary, Tag: tag, Status: http.StatusOK}, p,
		func(ctx context.Context, k route.Call, in *memoBody[B]) (*route.Reply[CreditDetail], error) {
			id, err := route.ParseID("credit memo", in.Memo)
			if err != nil {
				return nil, err
			}
			v, err := do(ctx, k, id, in.Body)
			if err != nil {
				return nil, err
			}
			return route.One(detailOf(v)), nil
		})
}

func memos(t *route.Table, c *flow.Credits) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/credits/{memo}", Summary: "Show a service credit with everything its amount comes from", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, k route.Call, in *MemoPath) (*route.Reply[CreditDetail], error) {
			id, err := route.ParseID("credit memo", in.Memo)
			if err != nil {
				return nil, err
			}
			v, err := c.Show(ctx, k.Actor, id, k.Now)
			if err != nil {
				return nil, err
			}
			return route.One(detailOf(v)), nil
		})
	on(t, "approve", "Approve an amount as an executive", route.Needs(authz.Read), func(ctx context.Context, k route.Call, id ident.ID, b *GiveWord) (flow.View, error) {
		return c.Say(ctx, k.Actor, id, credit.Executive, noteOf(b), k.Now)
	})
	on(t, "sign", "Sign an amount off for Legal", route.Needs(authz.Read), func(ctx context.Context, k route.Call, id ident.ID, b *GiveWord) (flow.View, error) {
		return c.Say(ctx, k.Actor, id, credit.Legal, noteOf(b), k.Now)
	})
	on(t, "void", "Make a memo void that is not processed", route.Needs(authz.Read), func(ctx context.Context, k route.Call, id ident.ID, b VoidCredit) (flow.View, error) {
		return c.Void(ctx, k.Actor, id, b.Reason, k.Now)
	})
	on(t, "recompute", "Compute a memo of a month anew", route.Needs(authz.Compensate), func(ctx context.Context, k route.Call, id ident.ID, _ *record.Nothing) (flow.View, error) {
		return c.Recompute(ctx, k.Actor, id, k.Now)
	})
	on(t, "send", "Send a processed memo to billing again, under the same key", route.Needs(authz.Compensate), func(ctx context.Context, k route.Call, id ident.ID, _ *record.Nothing) (flow.View, error) {
		return c.Send(ctx, k.Actor, id, k.Now)
	})
	on(t, "booked", "Note that a processed memo was entered at billing by hand", route.Needs(authz.Compensate), func(ctx context.Context, k route.Call, id ident.ID, b BookCredit) (flow.View, error) {
		return c.Booked(ctx, k.Actor, id, b.Reference, k.Now)
	})
}

func noteOf(b *GiveWord) string {
	if b == nil {
		return ""
	}
	return b.Note
}

func ledger(t *route.Table, c *flow.Credits) {
	const path = "/incidents/{id}/ledger"
	show := func(ctx context.Context, k route.Call, number int64) (*route.Reply[IncidentLedger], error) {
		l, err := c.Ledger(ctx, k.Actor, number, k.Now)
		if err != nil {
			return nil, err
		}
		return route.One(ledgerOf(l)), nil
	}
	route.Register(t, route.Route{Method: http.MethodGet, Path: path, Summary: "Show what an incident costs, row by row", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, k route.Call, in *route.IncidentPath) (*route.Reply[IncidentLedger], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			return show(ctx, k, n)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: path, Summary: "Write a row into the ledger of an incident", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Compensate),
		func(ctx context.Context, k route.Call, in *incidentBody[NewLedgerEntry]) (*route.Reply[IncidentLedger], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			b := in.Body
			if _, err := c.Write(ctx, k.Actor, n, credit.EntryRecord{Sort: credit.EntrySort(b.Type), Cents: b.Cents, Currency: b.Currency, Text: b.Text, Reference: b.Reference}, k.Now); err != nil {
				return nil, err
			}
			return show(ctx, k, n)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/ledger-entries/{memo}/withdraw", Summary: "Withdraw a row of a ledger; it stays to be read", Tag: tag, Status: http.StatusNoContent}, route.Needs(authz.Compensate),
		func(ctx context.Context, k route.Call, in *memoBody[VoidCredit]) (*struct{}, error) {
			id, err := route.ParseID("entry", in.Memo)
			if err != nil {
				return nil, err
			}
			return nil, c.Strike(ctx, k.Actor, id, in.Body.Reason, k.Now)
		})
	route.Register(t, route.Route{Method: http.MethodPut, Path: "/incidents/{id}/availability", Summary: "Say what an incident did to availability, and when its impact was", Tag: tag}, route.Needs(authz.Compensate),
		func(ctx context.Context, k route.Call, in *incidentBody[NewVerdict]) (*route.Reply[IncidentLedger], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			if err := c.Judge(ctx, k.Actor, n, credit.Verdict{Kind: credit.Kind(in.Body.Impact), Reason: in.Body.Reason, From: in.Body.From, Until: in.Body.Until}, k.Now); err != nil {
				return nil, err
			}
			return show(ctx, k, n)
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/goodwill", Summary: "Ask for an amount that no formula gives", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Compensate),
		func(ctx context.Context, k route.Call, in *incidentBody[NewGoodwill]) (*route.Reply[CreditDetail], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			v, err := c.Goodwill(ctx, k.Actor, flow.Gift{Customer: in.Body.Customer, Incident: n, Cents: in.Body.Cents, Currency: in.Body.Currency, Reason: in.Body.Reason}, k.Now)
			if err != nil {
				return nil, err
			}
			return route.One(detailOf(v)), nil
		})
}

func schedules(t *route.Table, c *flow.Credits) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/credit-schedules", Summary: "Show the credit schedules, and whether anything is processed by them", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, k route.Call, _ *struct{}) (*route.Reply[CreditStanding], error) {
			s, err := c.Standing(ctx, k.Actor, k.Now)
			return route.One(standingOf(s)), err
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/credit-schedules/{schedule}/confirm", Summary: "Let memos be processed by a schedule, exactly as it is", Tag: tag, Status: http.StatusOK}, route.Needs(authz.ManageProcedure),
		func(ctx context.Context, k route.Call, in *confirmInput) (*route.Reply[CreditStanding], error) {
			if err := c.Confirm(ctx, k.Actor, in.Schedule, in.Body.Hash, k.Now); err != nil {
				return nil, err
			}
			s, err := c.Standing(ctx, k.Actor, k.Now)
			return route.One(standingOf(s)), err
		})
	route.Register(t, route.Route{Method: http.MethodDelete, Path: "/credit-schedules/{schedule}/confirm", Summary: "Process nothing more by a schedule that was confirmed here", Tag: tag}, route.Needs(authz.ManageProcedure),
		func(ctx context.Context, k route.Call, in *SchedulePath) (*struct{}, error) {
			return nil, c.Withdraw(ctx, k.Actor, in.Schedule, k.Now)
		})
}
