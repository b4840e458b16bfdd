// Package partners owns how outside partners and the cases with them look on the
// wire, and the routes of cases. It must not decide anything.
package partners

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/partner"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/partners"
	"allclear/internal/plug"
)

// PartnerFields are what is known of a partner.
type PartnerFields struct {
	Name       string     `json:"name" maxLength:"500"`
	Role       string     `json:"role" enum:"infrastructure,network,security,legal,other"`
	For        string     `json:"for,omitempty" maxLength:"500" doc:"What it is asked for."`
	Vendor     string     `json:"vendor,omitempty" maxLength:"64" doc:"Whose state it has."`
	Desk       string     `json:"desk,omitempty" maxLength:"64" example:"aws_support" doc:"Integration through which a case is opened; absent: by hand."`
	Plan       string     `json:"support_plan,omitempty" maxLength:"500"`
	Contract   string     `json:"contract,omitempty" maxLength:"500" doc:"Number to name."`
	Phone      string     `json:"phone,omitempty" maxLength:"20" example:"+15550100001"`
	Email      string     `json:"email,omitempty" maxLength:"254"`
	Portal     string     `json:"portal_url,omitempty" maxLength:"2048" doc:"Where a case is opened by hand."`
	Hours      string     `json:"hours,omitempty" maxLength:"500"`
	Escalation string     `json:"escalation,omitempty" maxLength:"8000" doc:"How to get somebody higher up."`
	Engage     string     `json:"engage,omitempty" enum:"restricted" doc:"restricted: it is engaged by itself when an incident becomes restricted."`
	Within     recur.Span `json:"within,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s))+$" patternDescription:"a time such as 10m or 1h30m" doc:"In which it must be engaged; absent: 1h."`
	Privy      []string   `json:"privy,omitempty" maxItems:"200" doc:"Targets who read privileged notes on its cases, beside their writer." example:"[\"team:legal-counsel\"]"`
}

// Partner is a company that helps in an incident.
type Partner struct {
	ID string `json:"id"`
	PartnerFields
	Ready bool       `json:"ready" doc:"Its integration is set up: a case can be opened in one step."`
	Takes string     `json:"takes,omitempty" enum:"support,scan" doc:"What its integration opens."`
	Asks  []CaseAsks `json:"asks" doc:"What its integration can be told beside subject, text and urgency."`
	wire.Stamp
}

// CaseAsks is one thing that an integration asks for.
type CaseAsks struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	Help     string `json:"help,omitempty"`
	Required bool   `json:"required"`
	Default  string `json:"default,omitempty"`
}

// NewPartner is what a partner is made or replaced with.
type NewPartner struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	PartnerFields
}

// Show adds what can be done now.
func (p *Partner) Show(c partners.Card) {
	p.Ready, p.Takes = c.Ready, c.Desk.Kind
	p.Asks = wire.Each(c.Desk.Asks, func(f plug.Field) CaseAsks {
		return CaseAsks{Key: f.Key, Title: f.Title, Help: f.Help, Required: f.Required, Default: f.Default}
	})
}

// PartnerCase is a case with a partner.
type PartnerCase struct {
	ID       string            `json:"id"`
	Incident string            `json:"incident" example:"INC-42"`
	Partner  string            `json:"partner"`
	Kind     string            `json:"kind" enum:"support,scan,engagement"`
	State    string            `json:"state" enum:"asked,to_open,open,closed,cancelled" doc:"asked: its integration opens it. to_open: a person has to."`
	Subject  string            `json:"subject"`
	Text     string            `json:"text,omitempty"`
	Urgency  string            `json:"urgency,omitempty" enum:"P1,P2,P3,P4"`
	Desk     string            `json:"desk,omitempty" doc:"Integration that opens it; absent: a person."`
	Params   map[string]string `json:"params,omitempty"`
	Number   string            `json:"number,omitempty" doc:"By which the partner's people know it."`
	Link     string            `json:"link,omitempty"`
	Told     string            `json:"told,omitempty" doc:"Its state in the partner's words."`
	Result   string            `json:"result,omitempty"`
	Problem  string            `json:"problem,omitempty" doc:"Why the integration could not open it, or does not say how it is."`
	Reason   string            `json:"reason,omitempty" doc:"Of its end."`
	AskedBy  string            `json:"asked_by"`
	AskedAt  time.Time         `json:"asked_at"`
	OpenBy   string            `json:"opened_by,omitempty"`
	OpenAt   time.Time         `json:"opened_at,omitzero"`
	EndBy    string            `json:"ended_by,omitempty"`
	EndAt    time.Time         `json:"ended_at,omitzero"`
	DueAt    time.Time         `json:"due_at,omitzero" doc:"By when it must be open."`
	LateAt   time.Time         `json:"late_at,omitzero" doc:"When it was found not to be."`
	Notes    []CaseNote        `json:"notes" doc:"Those that the reader may read."`
}

// CaseNote is what somebody wrote down about a case.
type CaseNote struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Text       string    `json:"text"`
	Privileged bool      `json:"privileged"`
}

// CaseOf is a case as it is shown.
func CaseOf(c partners.Case) PartnerCase {
	return PartnerCase{
		ID: c.ID.String(), Incident: incident.Ref(c.Number), Partner: c.Partner, Kind: string(c.Kind), State: string(c.State), Subject: c.Subject, Text: c.Text,
		Urgency: c.Urgency, Desk: c.Desk, Params: c.Params, Number: c.Case.Number, Link: c.Link, Told: c.Told, Result: c.Result, Problem: c.Problem, Reason: c.Reason,
		AskedBy: c.By, AskedAt: c.At, OpenBy: c.OpenBy, OpenAt: c.OpenAt, EndBy: c.EndBy, EndAt: c.EndAt, DueAt: c.DueAt, LateAt: c.LateAt,
		Notes: wire.Each(c.Notes, func(n partner.Note) CaseNote { return CaseNote(n) }),
	}
}

// AskPartner is what is asked of a partner.
type AskPartner struct {
	Partner string            `json:"partner" maxLength:"64"`
	Kind    string            `json:"kind,omitempty" enum:"support,scan,engagement" doc:"Absent: support."`
	Subject string            `json:"subject,omitempty" maxLength:"200" doc:"Absent: number and title of the incident; of a restricted one the number."`
	Text    string            `json:"text,omitempty" maxLength:"8000"`
	Urgency string            `json:"urgency,omitempty" enum:"P1,P2,P3,P4" doc:"Absent: the severity of the incident."`
	Params  map[string]string `json:"params,omitempty" doc:"What the integration asks for, see the partner."`
	ByHand  bool              `json:"by_hand,omitempty" doc:"A person opens it, though there is an integration."`
	Number  string            `json:"number,omitempty" maxLength:"200" doc:"Of a case that a person has opened already."`
	Link    string            `json:"link,omitempty" maxLength:"2048"`
	DueAt   time.Time         `json:"due_at,omitzero" required:"false" doc:"By when it must be open."`
}

// CaseNumber is what a person who has opened a case writes down.
type CaseNumber struct {
	Number string `json:"number" minLength:"1" maxLength:"200"`
	Link   string `json:"link,omitempty" maxLength:"2048"`
}

// NewCaseNote is what somebody learned.
type NewCaseNote struct {
	Text       string `json:"text" minLength:"1" maxLength:"8000"`
	Privileged bool   `json:"privileged,omitempty" doc:"For its writer, those that the partner names and the circle of a restricted incident."`
}

// CaseEnd is how a case ends.
type CaseEnd struct {
	Reason string `json:"reason" minLength:"1" maxLength:"8000" doc:"What came of it, or why it is not needed."`
}

// CasePath names a case.
type CasePath struct {
	ID string `path:"id" maxLength:"40"`
}

type askInput struct {
	route.IncidentPath
	Body AskPartner
}

type numberInput struct {
	CasePath
	Body CaseNumber
}

type noteInput struct {
	CasePath
	Body NewCaseNote
}

type endInput struct {
	CasePath
	Body CaseEnd
}

type (
	answer = route.Reply[PartnerCase]
	listed = route.Reply[route.List[PartnerCase]]
)

// Routes registers the routes of cases.
func Routes(t *route.Table, flow *partners.Partners) {
	tag := "partners"
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/cases", Summary: "List cases with partners of which something is still to come, newest first", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Page) (*listed, error) {
			all, err := flow.Standing(ctx, c.Actor, c.Now)
			return list(all, err, *in)
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/cases", Summary: "List the cases with partners of an incident", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*listed, error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := flow.Of(ctx, c.Actor, n, c.Now)
			return list(all, err, in.Page)
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/incidents/{id}/cases", Summary: "Ask a partner for help", Tag: tag, Status: http.StatusCreated,
		Detail: "Where the partner has an integration that is set up, it opens the case; else, when that fails, and for a restricted incident, the case waits for a person to open it.",
	}, route.Needs(authz.Respond), func(ctx context.Context, c route.Call, in *askInput) (*answer, error) {
		n, err := in.Number()
		if err != nil {
			return nil, err
		}
		b := in.Body
		urgency, _ := procedure.ParseSeverity(b.Urgency)
		return one(flow.Ask(ctx, c.Actor, n, partners.Ask{
			Partner: b.Partner, Kind: partner.Kind(b.Kind), Subject: b.Subject, Text: b.Text, Urgency: urgency, Params: b.Params, ByHand: b.ByHand, Number: b.Number, Link: b.Link, DueAt: b.DueAt,
		}, c.Now))
	})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/cases/{id}/opened", Summary: "Write down the number of a case that a person has opened", Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *numberInput) (*answer, error) {
			id, err := route.ParseID("case", in.ID)
			if err != nil {
				return nil, err
			}
			return one(flow.Opened(ctx, c.Actor, id, in.Body.Number, in.Body.Link, c.Now))
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/cases/{id}/notes", Summary: "Add a note to a case", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *noteInput) (*answer, error) {
			id, err := route.ParseID("case", in.ID)
			if err != nil {
				return nil, err
			}
			return one(flow.Note(ctx, c.Actor, id, in.Body.Text, in.Body.Privileged, c.Now))
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/cases/{id}/end", Summary: "Close a case, or take the wish back where there is none yet", Tag: tag, Detail: "It is not closed at the partner."}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *endInput) (*answer, error) {
			id, err := route.ParseID("case", in.ID)
			if err != nil {
				return nil, err
			}
			return one(flow.End(ctx, c.Actor, id, in.Body.Reason, c.Now))
		})
}

func list(all []partners.Case, err error, p route.Page) (*listed, error) {
	if err != nil {
		return nil, err
	}
	return route.Slice(wire.Each(all, CaseOf), p, func(c PartnerCase) string { return c.ID })
}

func one(c partners.Case, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return route.One(CaseOf(c)), nil
}
