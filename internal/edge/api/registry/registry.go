// Package registry owns how the customer registry as a table looks on the wire, and
// its routes. It must not decide anything.
package registry

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	table "allclear/internal/domain/registry"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
)

// shown is how many customers and how many refused rows an answer lists.
const shown = 500

// Routes adds the routes.
func Routes(t *route.Table, flow *admin.Admin) {
	const tag = "customers"
	d := &desk{flow}
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/customers/import", Summary: "Import customers from a CSV file or a JSON list", Tag: tag, Body: table.MaxBytes,
		Detail: "Who has the external_id of a row, else who has its id, is changed; anybody else is made. What is good is written; a row that is not is named with line, column and reason. " +
			"Columns that the file does not have stay as they are. The same file again changes nothing. As application/json the body is a list of objects whose keys are the columns; see docs/customers.md.",
	}, route.Needs(authz.ManageCatalog), func(ctx context.Context, c route.Call, in *ImportInput) (*ImportAnswer, error) {
		return d.take(ctx, c.Actor, c.Now, in)
	})
	route.Raw(t, route.Route{
		Method: http.MethodGet, Path: "/customers.csv", Summary: "Export customers as a table that can be imported again", Tag: tag,
		Detail: "Takes the filters of the list: q, region, tier, vip, service, product, status and account_manager. Cells that a spreadsheet would calculate begin with an apostrophe, which an import takes away again.",
	}, route.Needs(authz.ReadCustomers), "text/csv", func(c route.Call, w http.ResponseWriter, r *http.Request) {
		body, err := d.give(r, c.Actor)
		if err != nil {
			t.Refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="customers.csv"`)
		_, _ = w.Write(body)
	})
}

type desk struct{ flow *admin.Admin }

// ImportInput is a file.
type ImportInput struct {
	DryRun  bool   `query:"dry_run" doc:"Only say what the file would change."`
	RawBody []byte `contentType:"text/csv" doc:"UTF-8, with a first line that names the columns."`
}

// CustomerImport is what a file changed.
type CustomerImport struct {
	DryRun    bool             `json:"dry_run" doc:"Nothing was changed."`
	Rows      int              `json:"rows" doc:"Lines of the file, without the first."`
	Created   int              `json:"created" doc:"Customers."`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Refused   int              `json:"refused" doc:"Reasons for which rows were refused."`
	Problems  []ImportProblem  `json:"problems" doc:"What was wrong, in the order of the file, the first 500."`
	Customers []CustomerChange `json:"customers" doc:"What is created and changed, in the order of the file, the first 500."`
	Ignored   []string         `json:"ignored_columns" doc:"Columns that are not of the registry."`
}

// ImportProblem is why a row was refused.
type ImportProblem struct {
	Line   int    `json:"line" doc:"Of the file, from 1; of a JSON list the place of the item."`
	Column string `json:"column,omitempty" doc:"Absent: the line as a whole."`
	Reason string `json:"reason"`
}

// CustomerChange is what a file does to one customer.
type CustomerChange struct {
	ID     string        `json:"id"`
	Line   int           `json:"line"`
	Action string        `json:"action" enum:"create,update"`
	Fields []FieldChange `json:"fields" doc:"Of an update."`
}

// FieldChange is one difference.
type FieldChange struct {
	Path   string `json:"path" doc:"JSON pointer." example:"/region"`
	Before any    `json:"before" doc:"Null: absent."`
	After  any    `json:"after"`
}

// ImportAnswer is an answer of a file.
type ImportAnswer struct{ Body CustomerImport }

func (d *desk) take(ctx context.Context, a authz.Actor, now time.Time, in *ImportInput) (*ImportAnswer, error) {
	read := table.ReadCSV
	if kind, _, _ := mime.ParseMediaType(route.RequestOf(ctx).Header.Get("Content-Type")); kind == "application/json" {
		read = table.ReadJSON
	}
	file, err := read(in.RawBody)
	if err != nil {
		return nil, err
	}
	got, err := d.flow.Import(ctx, a, file, in.DryRun, now)
	if err != nil {
		return nil, err
	}
	return &ImportAnswer{Body: CustomerImport{
		DryRun: got.DryRun, Rows: got.Lines, Created: got.Created, Changed: got.Changed, Unchanged: got.Unchanged, Refused: len(got.Refused),
		Problems:  wire.Each(got.Refused[:min(len(got.Refused), shown)], func(p table.Problem) ImportProblem { return ImportProblem(p) }),
		Customers: wire.Each(got.Steps[:min(len(got.Steps), shown)], change),
		Ignored:   wire.Each(got.Ignored, func(s string) string { return s }),
	}}, nil
}

func change(s admin.ImportStep) CustomerChange {
	return CustomerChange{ID: s.ID, Line: s.Line, Action: string(s.Action), Fields: wire.Each(s.Fields, func(f admin.Field) FieldChange {
		return FieldChange{Path: f.Path, Before: value(f.Before), After: value(f.After)}
	})}
}

// value is raw JSON as it is written again.
func value(raw json.RawMessage) (v any) {
	_ = json.Unmarshal(raw, &v) // it came out of JSON
	return v
}

func (d *desk) give(r *http.Request, a authz.Actor) ([]byte, error) {
	q := r.URL.Query()
	f := admin.Filter{
		Query: q.Get("q"), Region: q.Get("region"), Tier: q.Get("tier"), Service: q.Get("service"),
		AccountManager: q.Get("account_manager"), Product: q.Get("product"), Status: q.Get("status"),
	}
	if q.Has("vip") {
		vip := q.Get("vip") == "true"
		f.VIP = &vip
	}
	return d.flow.Table(r.Context(), a, f)
}
