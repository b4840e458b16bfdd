// Package declared owns the shapes of declarative files and of what applying them
// does, as the API shows them. It holds no routes, and must not read the files.
package declared

import (
	"encoding/json"

	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
)

// ApplyFiles are declarative files to apply.
type ApplyFiles struct {
	Files  []ApplyFile `json:"files" maxItems:"200"`
	DryRun bool        `json:"dry_run,omitempty" doc:"Answer the plan and change nothing."`
	Prune  bool        `json:"prune,omitempty" doc:"Delete what the files do not name, of the kinds they do name."`
}

// ApplyFile is one file: YAML documents with kind, id and the fields.
type ApplyFile struct {
	Name string `json:"name" maxLength:"1000" doc:"As it shall stand in messages."`
	Text string `json:"text"`
}

// ApplyPlan is what applying did or, after a dry run, would do.
type ApplyPlan struct {
	DryRun    bool        `json:"dry_run"`
	Version   int64       `json:"version" doc:"Of the catalogue afterwards; after a dry run, of the one planned against."`
	Created   int         `json:"created"`
	Updated   int         `json:"updated"`
	Deleted   int         `json:"deleted"`
	Unchanged int         `json:"unchanged"`
	Steps     []ApplyStep `json:"steps" doc:"In the order of the files, deletions last."`
}

// ApplyStep is what applying does to one entity.
type ApplyStep struct {
	Action admin.Action `json:"action" enum:"create,update,delete,unchanged"`
	Kind   catalog.Kind `json:"kind" enum:"person,team,service,schedule,policy,check,customer,vendor,feed,room,partner"`
	ID     string       `json:"id"`
	File   string       `json:"file,omitempty"`
	Line   int          `json:"line,omitempty"`
	Fields []ApplyField `json:"fields,omitempty" doc:"What an update changes."`
}

// ApplyField is one difference.
type ApplyField struct {
	Path   string          `json:"path" doc:"JSON pointer."`
	Before json.RawMessage `json:"before" doc:"Null: absent."`
	After  json.RawMessage `json:"after" doc:"Null: removed."`
}

// Of turns files into the flow's.
func (a ApplyFiles) Of() []admin.File {
	return wire.Each(a.Files, func(f ApplyFile) admin.File { return admin.File{Name: f.Name, Text: f.Text} })
}

// PlanOf is a plan as it is shown.
func PlanOf(plan admin.Plan) ApplyPlan {
	return ApplyPlan{
		DryRun: plan.DryRun, Version: plan.Version, Created: plan.Count(admin.Create), Updated: plan.Count(admin.Update),
		Deleted: plan.Count(admin.Remove), Unchanged: plan.Count(admin.Unchanged),
		Steps: wire.Each(plan.Steps, func(s admin.Step) ApplyStep {
			return ApplyStep{
				Action: s.Action, Kind: s.Kind, ID: s.ID, File: s.File, Line: s.Line,
				Fields: wire.Each(s.Fields, func(f admin.Field) ApplyField { return ApplyField(f) }),
			}
		}),
	}
}
