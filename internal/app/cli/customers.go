package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ImportCustomers sends a CSV file, or a JSON list where the name ends in .json, and
// prints what it changed, or would after a dry run.
func (s *Session) ImportCustomers(ctx context.Context, name string, dryRun bool) error {
	body, err := s.ReadFile(name)
	if err != nil {
		return err
	}
	kind := "text/csv"
	if strings.HasSuffix(name, ".json") {
		kind = "application/json"
	}
	query := url.Values{}
	if dryRun {
		query.Set("dry_run", "true")
	}
	doc, err := s.Server.send(ctx, http.MethodPost, apiPrefix+"/customers/import", query, kind, body)
	if err != nil {
		return err
	}
	return s.print(doc, importTable)
}

// ExportCustomers prints the customers as a table that can be imported again.
func (s *Session) ExportCustomers(ctx context.Context, query url.Values) error {
	body, err := s.Server.call(ctx, http.MethodGet, apiPrefix+"/customers.csv", query, nil)
	if err != nil {
		return err
	}
	_, err = s.Out.Write(body)
	return err
}

// importTable prints the outcome of an import as a person reads it: what is refused
// last, where it is seen.
func importTable(w io.Writer, doc []byte) error {
	var got struct {
		DryRun                               bool `json:"dry_run"`
		Created, Changed, Unchanged, Refused int
		Customers                            []struct {
			ID, Action string
			Line       int
			Fields     []struct {
				Path          string
				Before, After json.RawMessage
			}
		}
		Problems []struct {
			Line           int
			Column, Reason string
		}
		Ignored []string `json:"ignored_columns"`
	}
	if err := json.Unmarshal(doc, &got); err != nil {
		return fmt.Errorf("the answer is not an import: %w", err)
	}
	var b strings.Builder
	for _, c := range got.Customers {
		fmt.Fprintf(&b, "%-7s line %-6d %s\n", c.Action, c.Line, printable(c.ID))
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "          %s: %s -> %s\n", printable(strings.TrimPrefix(f.Path, "/")), printable(string(f.Before)), printable(string(f.After)))
		}
	}
	for _, p := range got.Problems {
		where := fmt.Sprintf("line %d", p.Line)
		if p.Column != "" {
			where += ", " + printable(p.Column)
		}
		fmt.Fprintf(&b, "refused %s: %s\n", where, printable(p.Reason))
	}
	if len(got.Ignored) > 0 {
		fmt.Fprintf(&b, "ignored columns: %s\n", printable(strings.Join(got.Ignored, ", ")))
	}
	would := ""
	if got.DryRun {
		would = "would be "
	}
	fmt.Fprintf(&b, "%d %screated, %d changed, %d unchanged, %d refused\n", got.Created, would, got.Changed, got.Unchanged, got.Refused)
	_, err := io.WriteString(w, b.String())
	return err
}
