package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
)

// What all entities of the catalogue have in common: the same routes, versions
// and paging. A family differs in its documents and its filters only.

// Stamp says which state of an entity this is.
type Stamp = wire.Stamp

// EntityPath names an entity of the catalogue.
type EntityPath struct {
	ID string `path:"id" maxLength:"64" doc:"Such as david.kim or auth."`
}

// Versioned is embedded in inputs that change an entity.
type Versioned struct {
	Tag string `header:"If-Match" maxLength:"100" doc:"Change only while the entity has this ETag. Optional."`
}

// version is what the flow takes; without a tag any version will do.
func (v Versioned) version() (int64, error) {
	tag := strings.TrimSpace(v.Tag)
	if tag == "" || tag == "*" {
		return admin.Whatever, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), 10, 64)
	if err != nil || n <= 0 {
		return 0, changed("no version has this ETag")
	}
	return n, nil
}

func changed(why string) error {
	return &wire.Problem{Status: http.StatusPreconditionFailed, Detail: why + ": read it again"}
}

// family is how one kind of entity is served: W is its document, In what is
// sent to make or replace one.
type family[W, In any] struct {
	kind catalog.Kind
	path string
	tag  string
	noun string
	show func(ctx context.Context, c route.Call, i admin.Item) (W, error)
	read func(in *In, id string) (catalog.Entity, error)
	// may is the verb that changing one takes; the flow looks closer.
	may authz.Verb
}

type entityInput[In any] struct {
	EntityPath
	Versioned
	Body In
}

type newEntityInput[In any] struct{ Body In }

type deleteInput struct {
	EntityPath
	Versioned
}

// changes adds the routes that every family has for making, replacing and
// deleting; lists and shows have parameters of their own.
func (f family[W, In]) changes(a *API) {
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: f.path, Summary: "Create " + f.noun, Tag: f.tag, Status: http.StatusCreated, Detail: "409 when the id is taken."},
		route.Needs(authz.ManageCatalog), func(ctx context.Context, c route.Call, in *newEntityInput[In]) (*route.Tagged[W], error) {
			return f.put(ctx, a, c, &in.Body, "", admin.Absent)
		})
	route.Register(a.table, route.Route{Method: http.MethodPut, Path: f.path + "/{id}", Summary: "Make or replace " + f.noun, Tag: f.tag, Detail: "As a whole: what is left out is removed."},
		route.Needs(f.may), func(ctx context.Context, c route.Call, in *entityInput[In]) (*route.Tagged[W], error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return f.put(ctx, a, c, &in.Body, in.ID, version)
		})
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: f.path + "/{id}", Summary: "Delete " + f.noun, Tag: f.tag, Detail: "409 with what refers to it."},
		route.Needs(authz.ManageCatalog), func(ctx context.Context, c route.Call, in *deleteInput) (*struct{}, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return nil, stale(a.opt.Admin.Delete(ctx, c.Actor, f.kind, in.ID, version, c.Now))
		})
}

// one adds the route that shows one entity.
func (f family[W, In]) one(a *API) {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path + "/{id}", Summary: "Show " + f.noun, Tag: f.tag},
		route.Needs(authz.Read), func(ctx context.Context, c route.Call, in *EntityPath) (*route.Tagged[W], error) {
			item, err := a.opt.Admin.Get(ctx, c.Actor, f.kind, in.ID)
			return f.tagged(ctx, c, item, err)
		})
}

func (f family[W, In]) put(ctx context.Context, a *API, c route.Call, in *In, id string, version int64) (*route.Tagged[W], error) {
	e, err := f.read(in, id)
	if err != nil {
		return nil, err
	}
	item, err := a.opt.Admin.Put(ctx, c.Actor, e, version, c.Now)
	return f.tagged(ctx, c, item, inBody(stale(err)))
}

func (f family[W, In]) tagged(ctx context.Context, c route.Call, item admin.Item, err error) (*route.Tagged[W], error) {
	if err != nil {
		return nil, err
	}
	doc, err := f.show(ctx, c, item)
	if err != nil {
		return nil, err
	}
	return &route.Tagged[W]{ETag: etag(item.Version), Body: doc}, nil
}

func etag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

// page lists the entities that the filter matches.
func (f family[W, In]) page(ctx context.Context, a *API, c route.Call, p route.Page, filter admin.Filter) (*route.Reply[route.List[W]], error) {
	if _, err := route.FromCursor(p.Cursor, &filter.After); err != nil {
		return nil, err
	}
	filter.Limit = p.Limit
	found, err := a.opt.Admin.List(ctx, c.Actor, f.kind, filter)
	if err != nil {
		return nil, err
	}
	items := make([]W, len(found.Items))
	for i, item := range found.Items {
		if items[i], err = f.show(ctx, c, item); err != nil {
			return nil, err
		}
	}
	next := ""
	if found.Next != "" {
		next = route.ToCursor(found.Next)
	}
	return route.Items(items, next), nil
}

// stale turns the flow's "it has changed" into the status for it.
func stale(err error) error {
	if errors.Is(err, admin.ErrChanged) {
		return changed(err.Error())
	}
	return err
}

// entity reads a document of the catalogue from the wire's; both have the same
// names. The id of the path goes before the body's.
func entity[In any](kind catalog.Kind, in *In, bodyID, pathID string) (catalog.Entity, error) {
	id, err := oneID(bodyID, pathID)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kind, err)
	}
	return catalog.Decode(kind, id, doc)
}

func oneID(bodyID, pathID string) (string, error) {
	switch {
	case pathID == "" && bodyID == "":
		return "", fault.New(fault.Invalid, "validation failed").With("body.id", "is missing")
	case pathID == "":
		return bodyID, nil
	case bodyID != "" && bodyID != pathID:
		return "", fault.New(fault.Invalid, "validation failed").With("body.id", "is another than in the path")
	}
	return pathID, nil
}

// document writes an entity as the wire has it.
func document[W any](i admin.Item, stamp func(w *W, s Stamp)) (W, error) {
	var w W
	doc, err := catalog.Encode(i.Entity)
	if err == nil {
		err = json.Unmarshal(doc, &w)
	}
	if err != nil {
		return w, fmt.Errorf("write %s %s: %w", i.Entity.Kind(), i.Entity.Key(), err)
	}
	stamp(&w, Stamp{Version: i.Version, UpdatedAt: i.UpdatedAt.UTC()})
	return w, nil
}

var index = regexp.MustCompile(`/(\d+)`)

// inBody says of a JSON pointer where in the request's body it points.
func inBody(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return err
	}
	c := *f
	c.Details = nil
	for _, d := range f.Details {
		if strings.HasPrefix(d.Where, "/") {
			d.Where = "body" + strings.ReplaceAll(index.ReplaceAllString(d.Where, "[$1]"), "/", ".")
		}
		c.Details = append(c.Details, d)
	}
	return &c
}
