package remedy

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// offer is a deed of an integration that is set up.
type offer struct {
	doer plug.Doer
	name string // of the integration
	deed plug.Deed
}

// offer finds a deed by its name, such as cloudflare.point_dns_record.
func (f *Remedy) offer(name string) (o offer, ok bool) {
	of, deed, _ := strings.Cut(name, ".")
	doer, ok := f.o.Doers[of]
	if !ok {
		return o, false
	}
	all := doer.Deeds()
	i := slices.IndexFunc(all, func(d plug.Deed) bool { return d.Name == deed })
	if i < 0 {
		return o, false
	}
	return offer{doer, of, all[i]}, true
}

// offers are the deeds of all integrations that are set up, as actions.
func (f *Remedy) offers() (out []remedy.Action) {
	for _, name := range slices.Sorted(maps.Keys(f.o.Doers)) {
		for _, d := range f.o.Doers[name].Deeds() {
			out = append(out, offer{f.o.Doers[name], name, d}.action())
		}
	}
	return out
}

// action is the deed as an action that needs no entry in the catalogue.
func (o offer) action() remedy.Action {
	id := o.name + "." + o.deed.Name
	a := remedy.Action{ID: id, Name: o.deed.Title, Text: o.deed.Effect, Type: remedy.Custom, Deed: id}
	if o.deed.Assures {
		a.Type, a.Proves = remedy.Check, remedy.Security
	}
	return o.whole(a)
}

// whole adds to an action what its deed needs: parameters, people who must agree, and
// whether it can be rehearsed. What the action says of a parameter stays, so that the
// catalogue can leave less to choose.
func (o offer) whole(a remedy.Action) remedy.Action {
	a.Params = slices.Clone(a.Params)
	for _, p := range o.deed.Params {
		name := strings.ToUpper(p.Key)
		if !slices.ContainsFunc(a.Params, func(q remedy.Param) bool { return q.Name == name }) {
			a.Params = append(a.Params, remedy.Param{Name: name, Label: p.Title, Default: p.Default, Required: p.Required})
		}
	}
	a.Approvals, a.Clauses = max(a.Approvals, o.deed.Approvals), o.deed.Clauses
	_, rehearses := o.doer.(plug.Rehearser)
	a.DryRun = rehearses && !o.deed.Assures
	return a
}

// named is the action of an id, whole: of the catalogue, or a deed that is offered. A
// deed whose integration is not set up is done by hand where the action says how.
func (f *Remedy) named(cat *catalog.Catalog, id string) (remedy.Action, error) {
	entry, ok := cat.Actions[id]
	if !ok {
		o, ok := f.offer(id)
		if !ok {
			return remedy.Action{}, fault.New(fault.Invalid, "there is no action %q", id).With("action", "see GET /incidents/{id}/actions")
		}
		return o.action(), nil
	}
	a := remedy.Action(entry)
	if a.Deed == "" {
		return a, nil
	}
	if o, ok := f.offer(a.Deed); ok {
		return o.whole(a), nil
	}
	if len(a.Guide) == 0 {
		of, _, _ := strings.Cut(a.Deed, ".")
		return a, fault.New(fault.Invalid, "%s cannot be run: the integration %s is not set up here, and the action has no guide for people", a.Name, of).With("action", "set the integration up, or give the action a guide")
	}
	a.Deed = ""
	return a, nil
}

// Choice is an action that can be run in an incident.
type Choice struct {
	remedy.Action
	Helps   bool   // a service of the incident
	Problem string // why it cannot be run here; empty: it can
}

// Choices lists what can be run in an incident: what helps its services, then the rest
// of the catalogue, then what integrations offer.
func (f *Remedy) Choices(ctx context.Context, a authz.Actor, number int64) (out []Choice, err error) {
	err = f.db.View(ctx, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		touched, err := services(tx, inc)
		if err != nil {
			return err
		}
		for id := range cat.Actions {
			c := Choice{}
			if c.Action, err = f.named(cat, id); err != nil {
				c.Problem = err.Error()
			}
			c.Helps = c.Service != "" && slices.Contains(touched, c.Service)
			out = append(out, c)
		}
		rank := func(c Choice) int {
			if c.Helps {
				return 0
			}
			return 1
		}
		slices.SortFunc(out, func(a, b Choice) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
		for _, o := range f.offers() {
			out = append(out, Choice{Action: o})
		}
		return nil
	})
	return out, err
}

// margin is how long before an incident intruders are looked for.
const margin = 24 * time.Hour

// since fills in from when on a deed looks, where nobody says another instant.
func since(inc *incident.Incident, a *remedy.Action, given map[string]string) map[string]string {
	name := strings.ToUpper(plug.Since)
	if a.Proves != remedy.Security || given[name] != "" {
		return given
	}
	out := maps.Clone(given)
	if out == nil {
		out = map[string]string{}
	}
	out[name] = inc.Hurt(inc.DetectedAt)[0].From.Add(-margin).UTC().Format(time.RFC3339)
	return out
}

// told are the values of a run in the words of the plug-in.
func told(values map[string]string) map[string]string {
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[strings.ToLower(name)] = v
	}
	return out
}

// perform does a deed, once. Also where we are being stopped it is not broken off: what
// is on its way to a vendor cannot be called back.
func (f *Remedy) perform(ctx context.Context, r *remedy.Run, now func() time.Time) error {
	ctx = context.WithoutCancel(ctx)
	o, ok := f.offer(r.Action.Deed)
	if !ok {
		return f.Finish(ctx, here, r.ID, r.Fence, remedy.Result{State: remedy.Failed, Why: "the integration is not set up here any more; nothing was done"}, now())
	}
	res, _, _ := f.attended(ctx, r, now, func(ctx context.Context, say func(string)) remedy.Result {
		if r.Dry {
			return o.rehearse(ctx, r, say)
		}
		return o.do(ctx, r, say)
	})
	return f.Finish(ctx, here, r.ID, r.Fence, res, now())
}

func (o offer) rehearse(ctx context.Context, r *remedy.Run, say func(string)) remedy.Result {
	re, ok := o.doer.(plug.Rehearser)
	if !ok {
		return remedy.Result{State: remedy.Failed, Why: "it cannot be rehearsed"}
	}
	is, err := re.Rehearse(ctx, o.deed.Name, told(r.Values))
	if err != nil {
		return remedy.Result{State: remedy.Failed, Why: err.Error()}
	}
	say(is.Detail + "\n")
	return remedy.Result{State: remedy.Succeeded, Why: is.Detail}
}

// do does it. What the vendor has certainly not done is asked for once more; where
// nobody knows, the vendor is asked how it is now, and nothing is done again.
func (o offer) do(ctx context.Context, r *remedy.Run, say func(string)) remedy.Result {
	key := incident.Ref(r.Number) + "/deed/" + r.ID.String()
	params := told(r.Values)
	done, err := o.doer.Do(ctx, o.deed.Name, key, params)
	if f := plug.FailureOf(err); f != nil && f.Kind == plug.Retry && f.RetryAfter == 0 && ctx.Err() == nil {
		say("not done: " + err.Error() + "; asked once more\n")
		done, err = o.doer.Do(ctx, o.deed.Name, key, params)
	}
	first, _, _ := strings.Cut(done.Detail, "\n")
	res := remedy.Result{State: remedy.Succeeded, Why: first, Before: done.Before}
	switch f := plug.FailureOf(err); {
	case f == nil:
		say(done.Detail + "\n")
	case f.Kind == plug.Unknown:
		res = o.unknown(ctx, r, err, say)
		res.Before = done.Before
	default:
		res = remedy.Result{State: remedy.Failed, Why: err.Error()}
		if !o.deed.Assures {
			res.Why += "; nothing was changed"
		}
		return res
	}
	if done.Before != "" {
		say("before: " + done.Before + "\n")
	}
	if done.Ref != "" {
		say("reference: " + done.Ref + "\n")
	}
	if done.Found != "" {
		return remedy.Result{State: remedy.Failed, Why: done.Found, Found: true}
	}
	if res.State == remedy.Succeeded {
		res.Undo = o.undo(r, done.Before)
	}
	return res
}

// unknown is the result of a deed whose answer was lost.
func (o offer) unknown(ctx context.Context, r *remedy.Run, why error, say func(string)) remedy.Result {
	say("the answer is lost: " + why.Error() + "\n")
	res := remedy.Result{State: remedy.Lost, Why: why.Error() + ". Nobody knows whether it was done, and it is not done again by itself: look at the vendor"}
	re, ok := o.doer.(plug.Rehearser)
	if !ok || o.deed.Assures {
		return res
	}
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	is, err := re.Rehearse(ctx, o.deed.Name, told(r.Values))
	switch {
	case err != nil:
		say("nor does it say how it is: " + err.Error() + "\n")
	case is.Is:
		say("asked how it is: " + is.Detail + "\n")
		return remedy.Result{State: remedy.Succeeded, Why: "the answer was lost, and it was done: " + is.Detail}
	default:
		say("asked how it is: " + is.Detail + "\n")
		res.Why += ". A moment later: " + is.Detail
	}
	return res
}

// undo is what takes the deed back.
func (o offer) undo(r *remedy.Run, before string) *remedy.Undo {
	if o.deed.Undo == "" || o.deed.Restores != "" && before == "" {
		return nil
	}
	u := &remedy.Undo{Action: o.name + "." + o.deed.Undo, Values: map[string]string{}}
	for _, p := range o.deed.Params {
		name := strings.ToUpper(p.Key)
		if v, ok := r.Values[name]; ok {
			u.Values[name] = v
		}
	}
	if o.deed.Restores != "" {
		name := strings.ToUpper(o.deed.Restores)
		if u.Values[name] == before {
			return nil // it was so already
		}
		u.Values[name] = before
	}
	return u
}

// kept is what a run is as evidence: who asked for it and agreed, what it was told,
// how it ended, and all that it wrote.
func (s *step) kept(output string) []byte {
	r := s.run
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)%s\n", s.inc.Ref(), r.Action.Name, r.Action.ID, s.told())
	fmt.Fprintf(&b, "asked for by %s at %s\n", r.By, r.At.UTC().Format(time.RFC3339))
	for _, a := range r.Approvals {
		fmt.Fprintf(&b, "agreed to by %s (%s) at %s\n", a.By, a.Role, a.At.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(&b, "run by %s from %s to %s\n", r.Runner, r.StartedAt.UTC().Format(time.RFC3339), r.EndedAt.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "%s", r.State)
	if r.Code != nil {
		fmt.Fprintf(&b, ", exit code %d", *r.Code)
	}
	if r.Why != "" {
		fmt.Fprintf(&b, ": %s", r.Why)
	}
	fmt.Fprintf(&b, "\n\n%s", output)
	return []byte(b.String())
}
