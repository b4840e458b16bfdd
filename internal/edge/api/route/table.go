// Package route owns the table of operations below /api/v1 and the gate in front
// of it: policies, bodies and their limits, kept answers, problems, and the
// OpenAPI document made from what is registered. It must not know any resource;
// the packages beside it register theirs with Register and Raw, and nothing else
// registers operations.
package route

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"allclear/internal/edge/api/wire"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
)

// Prefix is where all routes live.
const Prefix = "/api/v1"

// revision is the version of the interface itself, not of the binary, so that
// the committed document changes only when the interface does.
const revision = "1.0.0"

// Options are what the gate stands on. With nothing in them a table is fit for
// writing the document and for nothing else.
type Options struct {
	Log    *slog.Logger
	Now    func() time.Time // stamps each request once
	Authn  *authn.Authn     // says who asks
	Access *access.Access   // keeps answers for repeated keys
}

// Table is the handler of everything below Prefix. Make it with New, register,
// and Finish it.
type Table struct {
	o        Options
	mux      *http.ServeMux
	huma     huma.API
	routes   map[string]*Entry // by mux pattern
	order    []*Entry          // as registered
	document func() []byte
	problem  *huma.Schema
}

// sameCase makes a name in another case an unknown one: the document knows it in
// one only. huma has one switch for the whole program.
var sameCase = sync.OnceFunc(func() { huma.ValidateStrictCasing = true })

// New returns a table without routes.
func New(o Options) *Table {
	sameCase()
	t := &Table{o: o, mux: http.NewServeMux(), routes: map[string]*Entry{}}
	config := huma.DefaultConfig("Allclear", revision)
	config.Info.Description = "Incidents from the first alert to the all-clear. Errors are application/problem+json (RFC 9457)."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema links in bodies
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{wire.PlainProblem}
	config.Formats = map[string]huma.Format{"application/json": wire.Strict(), "json": wire.Strict()}
	config.Components.SecuritySchemes = securitySchemes()
	t.huma = humago.New(t.mux, config)
	t.problem = wire.ProblemSchema(t.huma.OpenAPI().Components.Schemas)
	return t
}

// Entries returns what is registered, in that order.
func (t *Table) Entries() []*Entry { return t.order }

func (t *Table) toProblem(ctx context.Context, err error) *wire.Problem {
	return wire.ProblemOf(ctx, t.o.Log, err)
}

// Refuse answers with the problem of an error, outside an operation.
func (t *Table) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	t.toProblem(r.Context(), err).Write(w, r)
}
