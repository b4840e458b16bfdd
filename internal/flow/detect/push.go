package detect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/store"
	"allclear/internal/store/samples"
)

// MaxSamples is how many samples one push may carry.
const MaxSamples = 20_000

// write is one push on its way to the database.
type write struct {
	samples []metric.Sample
	now     time.Time
}

// problem is a sample of a push that was not kept.
type problem struct {
	at   int
	what string
}

// Push keeps samples, which are durable when it returns. Those that are no use are
// left out and told of as fault.Invalid, with their place; the others are kept.
// The caller has authorised the services.
func (d *Detect) Push(ctx context.Context, all []metric.Sample, now time.Time) error {
	if len(all) > MaxSamples {
		return fault.New(fault.TooLarge, "more than %d samples in one push", MaxSamples)
	}
	bad := fault.New(fault.Invalid, "some samples could not be used; the others are kept")
	good := make([]metric.Sample, 0, len(all))
	places := make([]int, 0, len(all))
	for i := range all {
		s := all[i]
		s.Labels = maps.Clone(s.Labels)
		if s.At.IsZero() {
			s.At = now
		}
		s.At = s.At.UTC().Truncate(time.Millisecond)
		if err := s.Check(now); err != nil {
			bad = place(bad, i, err)
			continue
		}
		good, places = append(good, s), append(places, i)
	}
	if len(good) > 0 {
		left, err := d.writes.Submit(ctx, write{good, now})
		if err != nil {
			return err
		}
		for _, p := range left {
			bad = bad.With(fmt.Sprintf("/%d", places[p.at]), p.what)
		}
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

// PushAs is Push for a person or token, who may name every service.
func (d *Detect) PushAs(ctx context.Context, a authz.Actor, all []metric.Sample, now time.Time) error {
	if err := authz.Can(a, authz.Respond, authz.Resource{Kind: "metric"}); err != nil {
		return err
	}
	known := map[string]bool{}
	err := d.db.View(ctx, func(tx *store.Tx) error {
		cat, err := d.o.Catalog(tx)
		if err != nil {
			return err
		}
		for id := range cat.Services {
			known[id] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "some samples could not be used; the others are kept")
	good := make([]metric.Sample, 0, len(all))
	for i := range all {
		if known[all[i].Service] {
			good = append(good, all[i])
		} else if len(bad.Details) < maxTold {
			bad = bad.With(fmt.Sprintf("/%d/service", i), "is no service of the catalogue")
		}
	}
	if len(good) == len(all) {
		return d.Push(ctx, all, now)
	}
	if err := d.Push(ctx, good, now); err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	return bad
}

const maxTold = 20 // bad samples told of by their place

func place(bad *fault.Error, i int, err error) *fault.Error {
	var f *fault.Error
	if len(bad.Details) >= maxTold || !errors.As(err, &f) {
		return bad
	}
	for _, x := range f.Details {
		bad = bad.With(fmt.Sprintf("/%d%s", i, x.Where), x.What)
	}
	return bad
}

// write keeps several pushes in one transaction.
func (d *Detect) write(tx *store.Tx, batch []write) ([][]problem, error) {
	ids, err := d.known(tx, batch)
	if err != nil {
		return nil, err
	}
	out := make([][]problem, len(batch))
	told, newest := map[ident.ID]bool{}, map[ident.ID]bool{}
	values := map[ident.ID]map[int64]samples.Value{} // a series may have one value of an instant in a statement
	for b := range batch {
		for i := range batch[b].samples {
			s := &batch[b].samples[i]
			known, ok := ids[s.Key()]
			id := known.ID
			if !ok {
				if len(out[b]) < maxTold {
					out[b] = append(out[b], problem{i, fmt.Sprintf("would be one series more than the %d that %s may have: use fewer label values", metric.MaxSeries, s.Service)})
				}
				continue
			}
			if values[id] == nil {
				values[id] = map[int64]samples.Value{}
			}
			if s.Kind != known.Kind && !told[id] {
				told[id] = true
				if err := samples.SetKind(tx, id, s.Kind); err != nil {
					return nil, err
				}
				tx.AfterCommit(func() { d.remember(map[string]samples.Known{s.Key(): {ID: id, Kind: s.Kind}}) })
			}
			newest[id] = s.Kind == metric.Newest
			at := store.Micros(s.At)
			v := samples.Value{Series: id, Point: metric.Point{At: s.At, Value: s.Value}}
			if old, twice := values[id][at]; twice && s.Kind == metric.Count {
				v.Value += old.Value // two senders of one count at one instant add up
			}
			values[id][at] = v
		}
	}
	var flat []samples.Value
	for _, id := range slices.Sorted(maps.Keys(values)) {
		for _, at := range slices.Sorted(maps.Keys(values[id])) {
			flat = append(flat, values[id][at])
		}
	}
	if err := samples.Put(tx, flat); err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		if newest[id] {
			if err := samples.OnlyNewest(tx, id); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// known finds the series of a batch, and makes those that are new while their
// service may have more.
func (d *Detect) known(tx *store.Tx, batch []write) (map[string]samples.Known, error) {
	need := map[string]*metric.Sample{}
	ids := map[string]samples.Known{}
	d.mu.Lock()
	for b := range batch {
		for i := range batch[b].samples {
			s := &batch[b].samples[i]
			k := s.Key()
			if id, ok := d.series[k]; ok {
				ids[k] = id
			} else {
				need[k] = s
			}
		}
	}
	d.mu.Unlock()
	if len(need) == 0 {
		return ids, nil
	}
	found, err := samples.Ids(tx, slices.Sorted(maps.Keys(need)))
	if err != nil {
		return nil, err
	}
	made, err := d.add(tx, need, found, batch[0].now)
	if err != nil {
		return nil, err
	}
	maps.Copy(found, made)
	maps.Copy(ids, found)
	tx.AfterCommit(func() { d.remember(found) })
	return ids, nil
}

// add makes the series that need has and found has not.
func (d *Detect) add(tx *store.Tx, need map[string]*metric.Sample, found map[string]samples.Known, now time.Time) (map[string]samples.Known, error) {
	room := map[string]int{}
	var fresh []*metric.Sample
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(need)) {
		s := need[k]
		if _, ok := found[k]; ok {
			continue
		}
		left, asked := room[s.Service]
		if !asked {
			n, err := samples.Number(tx, s.Service)
			if err != nil {
				return nil, err
			}
			left = metric.MaxSeries - n
		}
		room[s.Service] = left - 1
		if left > 0 {
			fresh, keys = append(fresh, s), append(keys, k)
		}
	}
	if err := samples.Add(tx, fresh, now); err != nil {
		return nil, err
	}
	return samples.Ids(tx, keys)
}

func (d *Detect) remember(found map[string]samples.Known) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.series)+len(found) > maxKnown {
		clear(d.series)
	}
	maps.Copy(d.series, found)
}
