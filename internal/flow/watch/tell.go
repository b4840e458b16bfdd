package watch

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/findings"
)

// recipient is one address of the contact of last resort.
type recipient struct{ name, channel, address string }

const (
	tellTimeout = 20 * time.Second
	tellAgain   = 30 * time.Second // when no provider took it
	maxShort    = 160              // of a subject
)

// learn notes whom the alarm goes to, so that it is known when the database is
// what has failed.
func (w *Watch) learn(tx *store.Tx, now time.Time) error {
	hash, err := w.shelf.Active(tx)
	if err != nil {
		return err
	}
	proc, err := w.shelf.Get(tx, hash)
	if err != nil {
		return err
	}
	cat, err := w.catalog(tx)
	if err != nil {
		return err
	}
	// A fallback that names nobody is the linter's to find; here it only means
	// that the log and the banner are all there is.
	ids, _ := cat.Resolve(proc.Paging.Fallback, catalog.TargetContext{At: now})
	var whom []recipient
	for _, id := range ids {
		for _, c := range catalog.ContactsFor(cat.People[id], proc.Paging.Channels) {
			whom = append(whom, recipient{cat.People[id].Name, c.Channel, c.Address})
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whom = whom
	return nil
}

// tell sends what was found to every address of the contact of last resort,
// straight through the plug-ins: the queue may be what stands still. One finding
// is told at most once in ten minutes, on all nodes together.
func (w *Watch) tell(ctx context.Context, standing []Finding, now time.Time) {
	var loud []Finding
	for _, f := range standing {
		if w.claim(ctx, f.Key, now) {
			loud = append(loud, f)
		}
	}
	if len(loud) == 0 {
		return
	}
	w.mu.Lock()
	whom := w.whom
	w.mu.Unlock()
	if len(whom) == 0 {
		w.o.Log.Error("watch: nobody can be told; the procedure's fallback names nobody with a contact")
		return
	}
	var wg sync.WaitGroup
	var taken atomic.Int64
	for _, to := range whom {
		wg.Go(func() {
			if w.send(ctx, to, loud, now) {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() == 0 {
		w.again(ctx, loud, now)
	}
}

// again lets an alarm that no provider took be told once more soon.
func (w *Watch) again(ctx context.Context, loud []Finding, now time.Time) {
	then := now.Add(tellAgain - tellEvery)
	w.mu.Lock()
	for _, f := range loud {
		w.told[f.Key] = then
	}
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := w.db.Update(ctx, store.PriorityPage, func(tx *store.Tx) error {
		for _, f := range loud {
			if err := findings.Told(tx, f.Key, then); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.o.Log.Error("watch: put the alarm off", "error", err)
	}
}

// claim takes the telling of a finding. When the database cannot say, this
// process's own memory decides: told twice is better than not told.
func (w *Watch) claim(ctx context.Context, key string, now time.Time) bool {
	w.mu.Lock()
	last, told := w.told[key]
	if told && now.Sub(last) < tellEvery {
		w.mu.Unlock()
		return false
	}
	w.told[key] = now
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ok := false
	err := w.db.Update(ctx, store.PriorityPage, func(tx *store.Tx) (err error) {
		ok, err = findings.Claim(tx, key, now.Add(-tellEvery), now)
		return err
	})
	if err != nil {
		w.o.Log.Error("watch: claim the alarm", "finding", key, "error", err)
		return true
	}
	return ok
}

func (w *Watch) send(ctx context.Context, to recipient, loud []Finding, now time.Time) bool {
	ch, ok := w.o.Channels(to.channel)
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
	defer cancel()
	subject, text := words(loud)
	key := fmt.Sprintf("watch/%s/%d/%s", loud[0].Key, now.Unix(), to.channel)
	_, err := ch.Send(ctx, plug.Message{
		Channel: to.channel, Key: key, Kind: plug.Page, To: to.address, Name: to.name, Subject: subject, Text: text, At: now,
		Data: map[string]any{"key": key, "kind": "watch", "subject": subject, "text": text},
	})
	if err != nil {
		w.o.Log.Error("watch: the alarm was not taken", "channel", to.channel, "error", err)
	}
	return err == nil
}

func words(loud []Finding) (subject, text string) {
	subject = "Allclear itself needs attention: " + loud[0].Text
	if len(loud) > 1 {
		subject = fmt.Sprintf("Allclear itself needs attention: %s (and %d more)", loud[0].Text, len(loud)-1)
	}
	if r := []rune(subject); len(r) > maxShort {
		subject = string(r[:maxShort-1]) + "…"
	}
	var b strings.Builder
	b.WriteString("Allclear has found trouble in itself. Pages may be late: look at the console and at the log of the server.\n")
	for _, f := range loud {
		fmt.Fprintf(&b, "\n- %s", f.Text)
	}
	return subject, b.String()
}
