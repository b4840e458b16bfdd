package sources

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/accounts"
)

// eventsKey is the kind of keys that stand in the payload: they have one source.
const eventsKey = "events"

// Sent is a test event that was taken in.
type Sent struct {
	Alert   *alert.Alert
	Source  string
	Problem string // why the key would not read the source's own sample; empty: it would
}

// Test sends an event by a key, for whoever wants to see that it arrives: the
// source's own sample as the key reads it, marked as a test. A sample that the key
// cannot read is told, and the test goes in all the same: what the sender writes
// may be something else.
func (s *Sources) Test(ctx context.Context, a authz.Actor, id ident.ID, source string, now time.Time) (Sent, error) {
	if err := authz.Can(a, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return Sent{}, err
	}
	var key *accounts.Key
	if err := s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		key, err = accounts.GetKey(tx, id)
		return err
	}); err != nil {
		return Sent{}, err
	}
	if key == nil {
		return Sent{}, authz.NotFound("integration key", id.String())
	}
	if key.Kind == eventsKey && source == "" {
		source = eventsKey
	}
	h, ok := s.find(source)
	if !ok || (Source{Manifest: h.Manifest}).KeyKind() != key.Kind {
		return Sent{}, fault.New(fault.Invalid, "there is nothing to test this key by").With("body.source", "want a source that takes keys of the kind "+key.Kind)
	}
	out := Sent{Source: h.Name}
	sample, problem := sampled(h, key.Mapping, now)
	out.Problem = problem
	g := alert.Signal{
		Source: h.Name, DedupKey: "allclear-test/" + id.String() + "/" + h.Name, Summary: "Test from Allclear", Severity: "info", Origin: sample.Origin, Component: sample.Component,
		Class: "test", Labels: map[string]string{"test": "allclear"}, Details: map[string]any{"test": true, "source": h.Manifest.Title, "sample_reads": sample.Summary}, Client: "Allclear",
	}
	al, err := s.o.Test(ctx, a, id, key.ServiceID, g, now)
	out.Alert = al
	return out, err
}

// sampled is the first event that the key makes of the source's sample.
func sampled(h plug.Hook, mapping string, now time.Time) (alert.Signal, string) {
	if !tryable(h) || h.Manifest.Sample == "" {
		return alert.Signal{}, ""
	}
	got, err := read(h, Trial{Payload: []byte(h.Manifest.Sample), Mapping: mapping}, now)
	if err != nil {
		return alert.Signal{}, Reason(err)
	}
	if len(got.Signals) == 0 {
		return alert.Signal{}, ""
	}
	return got.Signals[0], ""
}
