package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

func (x *examination) database(ctx context.Context) {
	const check = "database"
	db, err := openAsIs(ctx, x.c.Database)
	if fault.Is(err, fault.NotFound) {
		x.say(check, warning, "none yet: the first start makes it")
		return
	}
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	defer func() { _ = db.Close() }() // nothing was written
	began, have := clock(), int64(0)
	err = db.View(ctx, func(tx *store.Tx) error {
		have, err = store.SchemaVersion(tx)
		return err
	})
	if err != nil {
		x.say(check, wrong, "%s: %s", db.Engine(), err)
		return
	}
	x.say(check, fine, "%s answers in %s", db.Engine(), clock().Sub(began).Round(10*time.Microsecond))
	if !x.schema(have) {
		return
	}
	x.clock(ctx, db)
	e := offline(db)
	x.procedure(ctx, e)
	x.duty(ctx, e)
	x.mailboxes(ctx, e)
	x.backlog(ctx, e)
}

func (x *examination) schema(have int64) (usable bool) {
	const check = "schema"
	switch newest := store.NewestSchema(); {
	case have > newest:
		x.say(check, wrong, "%d is newer than this program, which knows %d", have, newest)
	case have < newest:
		x.say(check, warning, "%d; the next start brings it to %d: take a backup first", have, newest)
	default:
		x.say(check, fine, "%d", have)
		return true
	}
	return false
}

// clock compares this machine with the database's, where that is another one:
// nodes that disagree page at different times.
func (x *examination) clock(ctx context.Context, db *store.DB) {
	const check = "clock"
	before := clock()
	theirs, another, err := db.Clock(ctx)
	after := clock()
	if !another {
		return
	}
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	off := theirs.Sub(before.Add(after.Sub(before) / 2)).Abs()
	state := fine
	const noticeable, harmful = time.Second, 10 * time.Second
	if off > noticeable {
		state = warning
	}
	if off > harmful {
		state = wrong
	}
	x.say(check, state, "%s away from the database's", off.Round(time.Millisecond))
}

func (x *examination) procedure(ctx context.Context, e *Engine) {
	const check = "procedure"
	v, err := e.Procedures.Show(ctx, setup().Actor, "", clock())
	if fault.Is(err, fault.Conflict) {
		x.say(check, warning, "none in force yet: the first start takes the built-in one")
		return
	}
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	errs := procedure.Errors(v.Findings)
	state := fine
	if errs > 0 {
		state = wrong
	}
	x.say(check, state, "%s version %s is in force; lint: %d errors, %d warnings with this catalogue", v.Name, v.Version, errs, len(v.Findings)-errs)
}

// duty says who would be paged now, and who of them could not be reached.
func (x *examination) duty(ctx context.Context, e *Engine) {
	now := clock()
	duties, err := e.Admin.OnCall(ctx, setup().Actor, now)
	if err != nil {
		x.say("on call", wrong, "%s", err)
		return
	}
	if len(duties) == 0 {
		x.say("on call", warning, "there is no schedule")
	}
	var mute []string
	for _, d := range duties {
		if len(d.OnCall) == 0 {
			x.say("on call: "+d.Schedule, wrong, "nobody")
			continue
		}
		x.say("on call: "+d.Schedule, fine, "%s", strings.Join(d.OnCall, ", "))
		for _, id := range d.OnCall {
			if !e.reachable(ctx, id) {
				mute = append(mute, id)
			}
		}
	}
	if slices.Sort(mute); len(mute) > 0 {
		x.say("dead ends", wrong, "on call without a contact: %s", strings.Join(slices.Compact(mute), ", ")) // B34
	}
}

func (e *Engine) reachable(ctx context.Context, id string) bool {
	item, err := e.Admin.Get(ctx, setup().Actor, catalog.KindPerson, id)
	p, ok := item.Entity.(catalog.Person)
	return err == nil && ok && (len(p.Contacts) > 0 || p.Email != "")
}

// backlog finds work that is overdue: the sign of a server that does not run.
func (x *examination) backlog(ctx context.Context, e *Engine) {
	const check, late = "backlog", time.Minute
	at, ok, err := e.Next(ctx)
	switch now := clock(); {
	case err != nil:
		x.say(check, wrong, "%s", err)
	case ok && now.Sub(at) > late:
		x.say(check, wrong, "something was due %s ago and is not done: does the server run?", now.Sub(at).Round(time.Second))
	default:
		x.say(check, fine, "nothing is overdue")
	}
}
