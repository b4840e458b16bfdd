package route

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/wire"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
)

// Route describes one operation. Path is relative to Prefix, such as
// "/incidents/{id}".
type Route struct {
	Method  string
	Path    string
	Summary string // one line, imperative
	Detail  string // more, where a reader needs it
	Tag     string // the resource family, for the document
	Status  int    // of success; 0 is 200, or 204 without a body
	// Secret marks an answer that shows a secret once: it is never kept for
	// a repeated Idempotency-Key.
	Secret bool
	Body   int64 // largest request body in bytes; 0 is 1 MiB
	// Upload marks a body that is a file: the handler reads it, as it comes, from
	// RequestOf, bounds it, and takes its time. There is no repeated answer for it.
	Upload bool
}

// Policy says who may call a route at all; what the actor may do with the
// particular thing is the flow's first line. The zero value is not a policy.
type Policy struct {
	verb authz.Verb
	kind policyKind
}

type policyKind uint8

const (
	undeclared policyKind = iota
	public
	signedIn
	needs
)

// Public lets everybody call the route, also without credentials.
func Public() Policy { return Policy{kind: public} }

// SignedIn lets whoever has a valid session or token call the route.
func SignedIn() Policy { return Policy{kind: signedIn} }

// Needs lets those call the route whose role has the verb.
func Needs(v authz.Verb) Policy { return Policy{kind: needs, verb: v} }

// String names the policy for tests and the document.
func (p Policy) String() string {
	switch p.kind {
	case public:
		return "public"
	case signedIn:
		return "signed in"
	case needs:
		return string(p.verb)
	case undeclared:
	}
	return "undeclared"
}

// Open reports whether everybody may call the route.
func (p Policy) Open() bool { return p.kind == public }

// Admits decides for a known caller. A verb about one's own person is allowed
// here for oneself; the flow sees whose person it really is.
func (p Policy) Admits(a authz.Actor) error {
	if p.kind != needs {
		return nil
	}
	return authz.Can(a, p.verb, authz.Resource{Kind: "person", ID: a.ID})
}

// Call is what every handler is told besides its input: who asks and the one
// instant at which the request happens.
type Call struct {
	Actor authz.Actor
	Now   time.Time
	// Who is the account, session or token behind the actor; the zero value on
	// public routes.
	Who access.Identity
}

// Entry is a registered route.
type Entry struct {
	Route
	Policy  Policy
	Pattern string // of the mux: "GET /api/v1/incidents/{id}"
	Stream  bool   // answers for as long as the client listens
}

// Register adds an operation. I is huma's input struct (path, query and header
// fields, Body), O its output struct (Body and header fields); an optional body
// is a pointer. Reply, Created and List fit most answers.
func Register[I, O any](t *Table, r Route, p Policy, handle func(ctx context.Context, c Call, in *I) (*O, error)) {
	e := t.declare(r, p, false)
	if err := checkInput(reflect.TypeFor[I](), r.Path); err != nil {
		panic("api: " + e.Pattern + ": " + err.Error())
	}
	op := t.operation(e)
	huma.Register(t.huma, op, func(ctx context.Context, in *I) (*O, error) {
		c, ok := callOf(ctx)
		if !ok {
			return nil, errors.New("request reached a handler without passing the gate")
		}
		out, err := handle(ctx, c, in)
		if err != nil {
			return nil, t.toProblem(ctx, err)
		}
		return out, nil
	})
}

// Raw adds a route whose answer is not one JSON document: a stream or a file.
// The handler writes problems with t.Refuse.
func Raw(t *Table, r Route, p Policy, mediaType string, handle func(c Call, w http.ResponseWriter, req *http.Request)) {
	e := t.declare(r, p, true)
	op := t.operation(e)
	kind := huma.TypeString
	if mediaType == "application/json" {
		kind = huma.TypeObject
	}
	op.Responses["200"] = &huma.Response{
		Description: r.Summary,
		Content:     map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: kind}}},
	}
	for _, g := range pathField.FindAllStringSubmatch(r.Path, -1) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: g[1], In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	t.huma.OpenAPI().AddOperation(&op)
	t.mux.HandleFunc(e.Pattern, func(w http.ResponseWriter, req *http.Request) {
		c, ok := callOf(req.Context())
		if !ok {
			t.Refuse(w, req, errors.New("request reached a handler without passing the gate"))
			return
		}
		handle(c, w, req)
	})
}

func (t *Table) declare(r Route, p Policy, stream bool) *Entry {
	e := &Entry{Route: r, Policy: p, Pattern: r.Method + " " + Prefix + r.Path, Stream: stream}
	switch {
	case p.kind == undeclared:
		panic("api: " + e.Pattern + " has no policy")
	case r.Summary == "" || r.Tag == "":
		panic("api: " + e.Pattern + " has no summary or tag")
	case t.routes[e.Pattern] != nil:
		panic("api: " + e.Pattern + " is registered twice")
	}
	t.routes[e.Pattern] = e
	t.order = append(t.order, e)
	return e
}

func (t *Table) operation(e *Entry) huma.Operation {
	op := huma.Operation{
		OperationID:   operationID(e.Method, e.Path),
		Method:        e.Method,
		Path:          Prefix + e.Path,
		Summary:       e.Summary,
		Description:   e.Detail,
		Tags:          []string{e.Tag},
		DefaultStatus: e.Status,
		// The gate has read the body already; a deadline left on the connection
		// would cancel a handler that takes longer.
		MaxBodyBytes:    -1,
		BodyReadTimeout: -1,
		Responses: map[string]*huma.Response{"default": {
			Description: "A problem",
			Content:     map[string]*huma.MediaType{wire.ProblemType: {Schema: t.problem}},
		}},
		Extensions: map[string]any{"x-policy": e.Policy.String()},
	}
	if e.Policy.kind == public {
		op.Security = []map[string][]string{}
	} else {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	if e.Upload {
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file, as it is.", Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	if e.Method == http.MethodPost && e.Policy.kind != public && !e.Upload {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: IdempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "Repeating a request with the same key and body answers as the first time and does nothing again.",
		})
	}
	return op
}

// checkInput finds inputs that huma would silently leave empty: an embedded
// struct whose own name is not exported, and a path without its fields.
func checkInput(of reflect.Type, path string) error {
	bound := map[string]bool{}
	var walk func(t reflect.Type) error
	walk = func(t reflect.Type) error {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous && f.Type.Kind() == reflect.Struct {
				if !f.IsExported() {
					return fmt.Errorf("embedded %s must have an exported name", f.Name)
				}
				if err := walk(f.Type); err != nil {
					return err
				}
			}
			if name := f.Tag.Get("path"); name != "" && f.IsExported() {
				bound[name] = true
			}
		}
		return nil
	}
	if err := walk(of); err != nil {
		return err
	}
	for _, g := range pathField.FindAllStringSubmatch(path, -1) {
		if !bound[g[1]] {
			return fmt.Errorf("no field for {%s}", g[1])
		}
		delete(bound, g[1])
	}
	if len(bound) > 0 {
		return fmt.Errorf("fields for %v, which the path does not have", slices.Sorted(maps.Keys(bound)))
	}
	return nil
}

var pathField = regexp.MustCompile(`\{([a-z_]+)\}`)

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

func operationID(method, path string) string {
	return strings.ToLower(method) + strings.TrimRight("-"+strings.Trim(notWord.ReplaceAllString(strings.ToLower(path), "-"), "-"), "-")
}

func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token."},
		"session": {Type: "apiKey", In: "cookie", Name: authn.Cookie, Description: "The console's session."},
	}
}

type callKey struct{}

type requestKey struct{}

// RequestOf returns the HTTP request of an operation's context, for cookies.
func RequestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

func withCall(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callOf(ctx context.Context) (Call, bool) {
	c, ok := ctx.Value(callKey{}).(Call)
	return c, ok
}
