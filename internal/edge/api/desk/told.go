package desk

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/sheet"
	domain "allclear/internal/domain/told"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/told"
)

// ToldReport says who was told of an incident in time.
type ToldReport struct {
	Incident   string         `json:"incident" example:"INC-42"`
	Severity   string         `json:"severity" enum:"P1,P2,P3,P4"`
	DeclaredAt time.Time      `json:"declared_at,omitzero"`
	PostDue    time.Time      `json:"post_due_at,omitzero" doc:"By when the first status post was promised."`
	PostedAt   time.Time      `json:"posted_at,omitzero"`
	Post       string         `json:"post,omitempty" enum:"in_time,late,waiting,missed"`
	NextUpdate time.Time      `json:"next_update_at,omitzero" doc:"When the next update was promised."`
	Judged     int            `json:"judged" doc:"Customers whose time is over, or who were told."`
	InTime     int            `json:"in_time"`
	Percent    float64        `json:"percent" doc:"Rounded down to one decimal; 100 if nobody is judged."`
	Customers  []ToldCustomer `json:"customers" doc:"First those of whom something is to be done."`
}

// ToldCustomer is one affected customer.
type ToldCustomer struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	DueAt    time.Time `json:"due_at"`
	Contract bool      `json:"contract" doc:"The time is the contract's; else the procedure's."`
	ToldAt   time.Time `json:"told_at,omitzero" doc:"When the first mail or text message was accepted."`
	By       string    `json:"by,omitempty" doc:"The channel of it."`
	State    string    `json:"state" enum:"in_time,late,waiting,missed"`
	Contacts int       `json:"contacts" doc:"Who can be told one by one."`
	Accepted int       `json:"accepted"`
	Failed   int       `json:"failed" doc:"Refused or bounced."`
}

// ToldMonth is how well customers were told of a month's P1 and P2.
type ToldMonth struct {
	From      time.Time    `json:"from"`
	To        time.Time    `json:"to"`
	Posts     ToldShare    `json:"posts" doc:"First status posts."`
	Customers ToldShare    `json:"customers" doc:"Customers told by mail or text message."`
	Incidents []ToldReport `json:"incidents" doc:"Without their customers."`
}

// ToldShare counts promises.
type ToldShare struct {
	InTime  int     `json:"in_time"`
	Judged  int     `json:"judged"`
	Percent float64 `json:"percent"`
}

func shareOf(s domain.Share) ToldShare { return ToldShare{s.InTime, s.Kept, s.Percent()} }

func reportOf(r *told.Report) ToldReport {
	return ToldReport{
		Incident: incident.Ref(r.Number), Severity: r.Severity, DeclaredAt: r.DeclaredAt, PostDue: r.Post.Due, PostedAt: r.Post.At, Post: string(r.PostState), NextUpdate: r.Next,
		Judged: r.Share.Kept, InTime: r.Share.InTime, Percent: r.Share.Percent(),
		Customers: wire.Each(r.Customers, func(c domain.Customer) ToldCustomer {
			return ToldCustomer{ID: c.ID, Name: c.Name, DueAt: c.Due, Contract: c.Contract, ToldAt: c.At, By: c.By, State: string(c.State), Contacts: c.Contacts, Accepted: c.Accepted, Failed: c.Failed}
		}),
	}
}

type monthInput struct {
	Month string `query:"month" maxLength:"7" example:"2026-03" doc:"In UTC; the present one if absent."`
}

func monthOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	at, err := time.Parse("2006-01", text)
	if err != nil {
		return at, fault.New(fault.Invalid, "%q is no month", text).With("query.month", "give year and month, such as 2026-03")
	}
	return at, nil
}

func toldRoutes(t *route.Table, flow *told.Told) {
	const tag = "reports"
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/told", Summary: "Report who was told of it in time", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[ToldReport], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			r, err := flow.Of(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(reportOf(r)), nil
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/told", Summary: "Report for a month who was told in time", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *monthInput) (*route.Reply[ToldMonth], error) {
			at, err := monthOf(in.Month, c.Now)
			if err != nil {
				return nil, err
			}
			m, err := flow.Month(ctx, c.Actor, at, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(ToldMonth{From: m.From, To: m.To, Posts: shareOf(m.Posts), Customers: shareOf(m.Customers), Incidents: wire.Each(m.Incidents, reportOf)}), nil
		})
	route.Raw(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/told.csv", Summary: "The same as a table, a line for each customer", Tag: tag}, route.Needs(authz.ReadCustomers), "text/csv", func(c route.Call, w http.ResponseWriter, r *http.Request) {
		n, err := route.IncidentPath{Ref: r.PathValue("id")}.Number()
		if err == nil {
			var rep *told.Report
			if rep, err = flow.Of(r.Context(), c.Actor, n, c.Now); err == nil {
				table(w, "told-"+incident.Ref(n), customerLines(rep))
				return
			}
		}
		t.Refuse(w, r, err)
	})
	route.Raw(t, route.Route{Method: http.MethodGet, Path: "/told.csv", Summary: "The same as a table, a line for each incident, for month in the query", Tag: tag}, route.Needs(authz.ReadCustomers), "text/csv", func(c route.Call, w http.ResponseWriter, r *http.Request) {
		at, err := monthOf(r.URL.Query().Get("month"), c.Now)
		if err == nil {
			var m *told.Month
			if m, err = flow.Month(r.Context(), c.Actor, at, c.Now); err == nil {
				table(w, "told-"+m.From.Format("2006-01"), monthLines(m))
				return
			}
		}
		t.Refuse(w, r, err)
	})
}

func table(w http.ResponseWriter, name string, lines [][]string) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	for _, l := range lines {
		_ = c.Write(sheet.Row(l...)) // a buffer takes everything
	}
	c.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	_, _ = w.Write(b.Bytes())
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func customerLines(r *told.Report) [][]string {
	out := [][]string{{"customer", "name", "due_at", "by_contract", "told_at", "channel", "state", "contacts", "accepted", "failed"}}
	for _, c := range r.Customers {
		out = append(out, []string{c.ID, c.Name, instant(c.Due), strconv.FormatBool(c.Contract), instant(c.At), c.By, string(c.State), strconv.Itoa(c.Contacts), strconv.Itoa(c.Accepted), strconv.Itoa(c.Failed)})
	}
	return out
}

func monthLines(m *told.Month) [][]string {
	out := [][]string{{"incident", "severity", "declared_at", "post_due_at", "posted_at", "post", "customers_judged", "customers_in_time", "percent"}}
	for _, r := range m.Incidents {
		out = append(out, []string{incident.Ref(r.Number), r.Severity, instant(r.DeclaredAt), instant(r.Post.Due), instant(r.Post.At), string(r.PostState), strconv.Itoa(r.Share.Kept), strconv.Itoa(r.Share.InTime), strconv.FormatFloat(r.Share.Percent(), 'f', 1, 64)})
	}
	return out
}
