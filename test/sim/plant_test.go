package sim

import (
	"context"

	"allclear/internal/app"
	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// bug is a fault planted in the product, to see that the checks can fail. The
// zero value plants none.
type bug struct {
	*planted
	n *int
}

// planted is what a bug does, at one or several places.
type planted struct {
	name  string
	class string // of the field's list of faults; empty when it has no number

	rows    []string // SQL on the fresh database: triggers that undo what the product does
	restart []string // SQL that spoils the database under a process that starts again
	engine  func(e *app.Engine)
	swallow func(m plug.Message) bool                  // the first such message is never sent, and called sent
	act     func(kind string) (ignored bool)           // answered, not done
	twice   string                                     // acts of the kind are done twice
	carry   func(d *message.Delivery, c *jobs.Carried) // what the sender makes of an answer
	before  func(d *message.Delivery)                  // what the sender makes of a delivery
	again   bool                                       // the provider is called twice
	forgets bool                                       // the result of a send is lost without a crash
	clings  bool                                       // a restart leaves the leases of the dead process
}

func plant(p *planted) bug { return bug{planted: p, n: new(int)} }

func (b bug) is() bool { return b.planted != nil }

// first reports whether this is the first time.
func (b bug) first() bool {
	*b.n++
	return *b.n == 1
}

// lose says that a page reached its provider that was never asked.
func (b bug) lose(m plug.Message) bool {
	return b.is() && b.swallow != nil && b.swallow(m) && b.first()
}

// afterSend loses the result of a send without a crash to excuse it: what a
// program does that sends before it commits.
func (b bug) afterSend(*world) error {
	if b.is() && b.forgets && b.first() {
		return errFuse
	}
	return nil
}

func (b bug) denies() bool { return b.is() && b.forgets }

// ignores answers an act without doing it.
func (b bug) ignores(a act) bool { return b.is() && b.planted.act != nil && b.planted.act(a.kind) }

func (b bug) doubles(a act) bool { return b.is() && b.twice == a.kind }

func (b bug) keepsLeases() bool { return b.is() && b.clings }

// start puts the bug into a process that has just been made.
func (b bug) start(w *world) {
	if !b.is() {
		return
	}
	if b.engine != nil {
		b.engine(w.e)
	}
	for _, s := range []*jobs.Sender{w.e.Pager, w.e.Mailer} {
		b.wrap(s)
	}
	if !w.now.Equal(w.c.start) {
		w.spoil(b.restart)
	}
}

func (b bug) wrap(s *jobs.Sender) {
	carry := s.Carry
	s.Carry = func(ctx context.Context, d *message.Delivery) jobs.Carried {
		if b.before != nil {
			b.before(d)
		}
		c := carry(ctx, d)
		if b.again {
			c = carry(ctx, d)
		}
		if b.carry != nil {
			b.planted.carry(d, &c)
		}
		return c
	}
}

// ready puts the bug into the database, once it is filled.
func (b bug) ready(w *world) {
	if b.is() {
		w.spoil(b.rows)
	}
}

func (w *world) spoil(queries []string) {
	_ = w.db.Update(context.Background(), store.PriorityRest, func(tx *store.Tx) error {
		for _, q := range queries {
			if _, err := tx.Exec(q); err != nil {
				w.fail("test", "plant %q: %v", q, err)
			}
		}
		return nil
	})
}
