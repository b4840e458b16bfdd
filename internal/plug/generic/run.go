package generic

import (
	"encoding/json"
	"strings"

	"github.com/expr-lang/expr/vm"

	"allclear/internal/base/fault"
)

// run is one payload under one mapping.
type run struct {
	p     *program // nil: the common names alone
	setUp bool     // the hook has a mapping, whether it is used or not
	t     *reading
	env   map[string]any
	vm    vm.VM
	list  []any // the events of the payload
	item  any   // the present one, as it came
	names names
	where string
}

// start prepares a run. Events that would cost too much under the mapping are
// read by the common names alone.
func (p *program) start(pay *payload, t *reading) *run {
	r := &run{p: p, setUp: p != nil, t: t, list: []any{pay.body}}
	if list, ok := pay.body.([]any); ok {
		r.list = list
	}
	if p == nil {
		return r
	}
	r.env = map[string]any{"body": pay.view(pay.body), "item": nil, "index": 0, "header": pay.header, "query": pay.query}
	r.vm.MemoryBudget = maxMemory
	work := 0
	for _, f := range p.by {
		work += f.cost.flat*(pay.longest+1) + f.cost.deep*pay.size
	}
	if work <= maxWork { // even once is enough to look for the items
		r.mapItems()
	}
	if work*max(len(r.list), 1) > maxWork {
		r.p = nil
		r.note("", "the payload is too large for this mapping; it was read by common names")
	}
	return r
}

// mapItems takes the list of events from where the mapping says.
func (r *run) mapItems() {
	if r.p.by["items"] == nil {
		return
	}
	switch v := r.eval("items").(type) {
	case []any:
		r.list = v
	case nil:
		r.note("items", "came out empty; the body is read instead")
	default:
		r.note("items", "is no list; the body is read instead")
	}
}

// view copies a value with its texts cut to what an expression may see.
func (p *payload) view(v any) any {
	switch v := v.(type) {
	case string:
		return p.clip(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = p.view(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = p.view(e)
		}
		return out
	}
	return v
}

func (p *payload) clip(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	p.longest = max(p.longest, len(s))
	return s
}

func (r *run) next(item any, i int, where string) {
	r.item, r.where, r.names = item, where, nameless(known(item))
	if r.env != nil {
		clipped := payload{}
		r.env["item"], r.env["index"] = clipped.view(item), i
	}
}

func (r *run) note(field, what string) {
	const most = 100
	if len(r.t.notes) < most {
		r.t.notes = append(r.t.notes, fault.Detail{Where: strings.TrimSuffix(r.where+"/"+field, "/"), What: what})
	}
}

// eval answers nil for a field without an expression and for one that fails.
func (r *run) eval(field string) any {
	if r.p == nil || r.p.by[field] == nil {
		return nil
	}
	v, err := r.vm.Run(r.p.by[field].prog, r.env)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		r.note(field, first)
		return nil
	}
	return v
}

// wanted evaluates when. Only a clear no leaves an event out.
func (r *run) wanted() bool {
	return r.eval("when") != false
}

// text is the mapped field, else what the common names give.
func (r *run) text(field string, common func() string) string {
	if r.p != nil && r.p.by[field] != nil {
		if s := strings.TrimSpace(text(r.eval(field))); s != "" {
			return s
		}
		r.note(field, "came out empty; read by common names")
	}
	return strings.TrimSpace(common())
}

func (r *run) value(field string, otherwise any) any {
	if v := r.eval(field); v != nil {
		return v
	}
	return otherwise
}

// details is what the mapping keeps, as JSON: what cannot be written as JSON,
// such as 1/0, cannot be kept.
func (r *run) details() any {
	v := r.eval("details")
	if v == nil {
		return withoutKeys(r.item)
	}
	doc, err := json.Marshal(v)
	if err != nil {
		r.note("details", "cannot be kept as JSON; the event is kept instead")
		return r.item
	}
	return json.RawMessage(doc)
}
