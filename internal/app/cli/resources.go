package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Resource is a family of the API that can be listed and shown.
type Resource struct {
	path    string
	columns []column
	first   []string // fields that a single one begins with
}

// The resources of the command line.
var (
	Incidents = Resource{
		"/incidents",
		[]column{{"INCIDENT", "ref"}, {"SEVERITY", "severity"}, {"STATUS", "status"}, {"SERVICE", "service.id"}, {"TITLE", "title"}, {"DETECTED", "detected_at"}, {"DECLARED", "declared_at"}},
		[]string{"ref", "number", "severity", "status", "title"},
	}
	Alerts = Resource{
		"/alerts",
		[]column{{"ID", "id"}, {"STATUS", "status"}, {"SEVERITY", "severity"}, {"SERVICE", "service.id"}, {"INCIDENT", "incident"}, {"COUNT", "count"}, {"SUMMARY", "summary"}},
		[]string{"id", "status", "severity", "summary"},
	}
	Tickets = Resource{
		"/tickets",
		[]column{{"ID", "id"}, {"TICKET", "external_id"}, {"QUEUE", "queue"}, {"STATE", "state"}, {"SEVERITY", "severity"}, {"CUSTOMER", "customer"}, {"INCIDENT", "incident"}, {"SUBJECT", "subject"}},
		[]string{"id", "external_id", "queue", "state", "severity", "confidence", "reasons", "subject"},
	}
	Deliveries = Resource{
		"/deliveries",
		[]column{{"ID", "id"}, {"STATE", "state"}, {"CHANNEL", "channel"}, {"TO", "recipient"}, {"INCIDENT", "incident"}, {"SUBJECT", "subject"}, {"AT", "at"}},
		[]string{"id", "state", "channel", "recipient"},
	}
	Actions = Resource{
		"/action-items",
		[]column{{"ID", "id"}, {"STATE", "state"}, {"DUE", "due_at"}, {"OVERDUE", "overdue"}, {"OWNER", "owner.id"}, {"CATEGORY", "category"}, {"INCIDENT", "incident"}, {"TITLE", "title"}},
		[]string{"id", "state", "title", "owner", "category", "due_at", "overdue", "incident"},
	}
	Reviews = Resource{
		"/reviews",
		[]column{{"INCIDENT", "incident"}, {"SEVERITY", "highest_severity"}, {"STATE", "state"}, {"OWNER", "owner.id"}, {"MEETING", "meeting_at"}, {"MISSING", "missing"}, {"ACTIONS", "actions"}, {"TITLE", "title"}},
		[]string{"incident", "state", "title", "highest_severity", "missing"},
	}
	Credits = Resource{
		"/credits",
		[]column{{"ID", "id"}, {"STATE", "state"}, {"CUSTOMER", "customer"}, {"MONTH", "month"}, {"TYPE", "type"}, {"CENTS", "amount_cents"}, {"CURRENCY", "currency"}, {"INCIDENTS", "incidents"}, {"WAITS", "wait"}},
		[]string{"id", "state", "customer", "month", "type", "amount_cents", "currency", "incidents", "wait", "problem"},
	}
	KPIs = Resource{
		"/kpis",
		[]column{{"ID", "id"}, {"VALUE", "value"}, {"UNIT", "unit"}, {"BETTER", "better"}, {"TARGET", "target"}, {"MET", "met"}, {"OF", "count"}, {"NAME", "name"}},
		nil,
	}
	People = Resource{"/people", []column{{"ID", "id"}, {"NAME", "name"}, {"TITLE", "title"}, {"LEVEL", "level"}, {"AREA", "area"}, {"EMAIL", "email"}}, []string{"id", "name", "title"}}
	Teams  = Resource{"/teams", []column{{"ID", "id"}, {"NAME", "name"}, {"LEAD", "lead"}, {"AREA", "area"}, {"MEMBERS", "members"}}, []string{"id", "name"}}
	// Services are listed in order of id; their rank of restoration is beside it.
	Services  = Resource{"/services", []column{{"ID", "id"}, {"NAME", "name"}, {"RANK", "restoration_rank"}, {"CRITICAL", "critical_function"}, {"AREA", "area"}, {"OWNER", "owner_team"}, {"DEPENDS ON", "depends_on"}}, []string{"id", "name"}}
	Customers = Resource{"/customers", []column{{"ID", "id"}, {"NAME", "name"}, {"TIER", "tier"}, {"VIP", "vip"}, {"REGION", "region"}, {"ACCOUNT MANAGER", "account_manager"}}, []string{"id", "name", "tier"}}
	Schedules = Resource{"/schedules", []column{{"ID", "id"}, {"TIME ZONE", "time_zone"}, {"ON CALL", "on_call"}, {"UNTIL", "until"}, {"NEXT", "next.id"}}, []string{"id", "time_zone", "on_call", "until", "next"}}
	Policies  = Resource{"/escalation-policies", []column{{"ID", "id"}, {"SOURCE", "source"}, {"NAME", "name"}, {"REPEAT", "repeat_every"}, {"TIMES", "repeat_times"}, {"ACK EXPIRES", "ack_expires"}}, []string{"id", "source", "name", "steps"}}
	Checks    = Resource{"/checks", []column{{"ID", "id"}, {"SERVICE", "service"}, {"TYPE", "type"}, {"TARGET", "target"}, {"EVERY", "every"}, {"STATE", "state"}}, []string{"id", "state", "service", "type", "target"}}
	Duties    = Resource{"/oncall", []column{{"SCHEDULE", "schedule"}, {"ON CALL", "on_call"}, {"UNTIL", "until"}, {"NEXT", "next.id"}}, nil}
)

// pageSize is how many items one request asks for at most.
const pageSize = 500

// List prints up to limit items (0: all) that the query matches.
func (s *Session) List(ctx context.Context, r Resource, query url.Values, limit int) error {
	return s.list(ctx, r, "", query, limit)
}

func (s *Session) list(ctx context.Context, r Resource, inner string, query url.Values, limit int) error {
	all := struct {
		Items      []json.RawMessage `json:"items"`
		NextCursor string            `json:"next_cursor"`
	}{Items: []json.RawMessage{}}
	for {
		want := pageSize
		if limit > 0 {
			want = min(pageSize, limit-len(all.Items))
		}
		query.Set("limit", strconv.Itoa(want))
		page := all
		page.Items, page.NextCursor = nil, ""
		doc, err := s.Server.call(ctx, http.MethodGet, apiPrefix+r.path, query, nil)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &page); err != nil {
			return fmt.Errorf("the answer is not a list: %w", err)
		}
		all.Items, all.NextCursor = append(all.Items, page.Items...), page.NextCursor
		if page.NextCursor == "" || len(page.Items) == 0 || limit > 0 && len(all.Items) >= limit {
			break
		}
		query.Set("cursor", page.NextCursor)
	}
	doc, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return s.print(doc, rows(r.columns, inner))
}

// Show prints one of a resource.
func (s *Session) Show(ctx context.Context, r Resource, id string) error {
	doc, err := s.Server.call(ctx, http.MethodGet, one(r, id), nil, nil)
	if err != nil {
		return err
	}
	return s.print(doc, fields(r.first...))
}

// Review prints the review of an incident.
func (s *Session) Review(ctx context.Context, incident string) error {
	doc, err := s.Server.call(ctx, http.MethodGet, one(Incidents, incident)+"/review", nil, nil)
	if err != nil {
		return err
	}
	return s.print(doc, fields(Reviews.first...))
}

// Below lists what one of a resource has, such as the deadlines of an incident.
func (s *Session) Below(ctx context.Context, r Resource, id, what string, limit int) error {
	below, ok := subColumns[what]
	if !ok {
		return fmt.Errorf("list %s: nothing says how", what)
	}
	inner := ""
	if what == "checklists" {
		inner = "items" // a list of lists: a row is a task
	}
	return s.list(ctx, Resource{path: one(r, id)[len(apiPrefix):] + "/" + what, columns: below}, inner, url.Values{}, limit)
}

var subColumns = map[string][]column{
	"timeline":   {{"AT", "at"}, {"KIND", "kind"}, {"ACTOR", "actor"}, {"TEXT", "text"}},
	"deadlines":  {{"CLOCK", "clock"}, {"STATE", "state"}, {"DUE", "due_at"}, {"CLAUSES", "clauses"}},
	"checklists": {{"PHASE", "phase"}, {"STATE", "state"}, {"DUE", "due_at"}, {"OWNER", "owner"}, {"TITLE", "title"}},
	"pages":      {{"TO", "to"}, {"REASON", "reason"}, {"CHANNEL", "channel"}, {"STATE", "state"}, {"STEP", "step"}, {"AT", "at"}},
	"messages":   {{"ID", "id"}, {"AUDIENCE", "audience"}, {"STATE", "state"}, {"TEXT", "text"}},
}

// Create posts a new one of a resource and prints it.
func (s *Session) Create(ctx context.Context, r Resource, body map[string]any) error {
	return s.post(ctx, r, apiPrefix+r.path, body)
}

// Do posts an action on one of a resource, such as acknowledge, and prints the
// answer. Empty values of the body are left out.
func (s *Session) Do(ctx context.Context, r Resource, id, action string, body map[string]any) error {
	return s.post(ctx, r, one(r, id)+"/"+action, body)
}

func (s *Session) post(ctx context.Context, r Resource, path string, body map[string]any) error {
	doc, err := s.Server.call(ctx, http.MethodPost, path, nil, given(body))
	if err != nil {
		return err
	}
	return s.print(doc, fields(r.first...))
}

// Remove deletes one of a resource.
func (s *Session) Remove(ctx context.Context, r Resource, id string) error {
	_, err := s.Server.call(ctx, http.MethodDelete, one(r, id), nil, nil)
	return err
}

func one(r Resource, id string) string { return apiPrefix + r.path + "/" + url.PathEscape(id) }

// given leaves out what was not given on the command line.
func given(body map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range body {
		switch v := v.(type) {
		case string:
			if v == "" {
				continue
			}
		case bool:
			if !v {
				continue
			}
		case []string:
			if len(v) == 0 {
				continue
			}
		case Instant:
			if v.Text != "" {
				out[k] = v.Text
			}
			continue
		}
		out[k] = v
	}
	return out
}
