package outreach

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/outreach"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	rows "allclear/internal/store/outreach"
	"allclear/internal/store/tasks"
)

// onTask makes the list of a duty that is one per account and has a script.
func (o *Outreach) onTask(tx *store.Tx, e *event.Event) error {
	id, err := ident.Parse(e.Data.Ref)
	if err != nil || e.Data.Rule == "" {
		return nil //nolint:nilerr // a card that a person added has no rule and no list
	}
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	proc, err := o.o.Shelf.Get(tx, inc.Procedure)
	if err != nil {
		return err
	}
	r, ok := listing(proc, e.Data.Rule)
	if !ok {
		return nil
	}
	t, err := tasks.Peek(tx, id)
	if err != nil {
		return err
	}
	return o.list(tx, inc, proc, r, t, e.RecordedAt)
}

// listing finds a rule that wants a list.
func listing(proc *procedure.Procedure, rule string) (procedure.Rule, bool) {
	at := slices.IndexFunc(proc.Rules, func(r procedure.Rule) bool { return r.ID == rule })
	if at < 0 || proc.Rules[at].Task == nil || proc.Rules[at].Task.Calls == "" {
		return procedure.Rule{}, false
	}
	return proc.Rules[at], true
}

// list opens a contact for each affected account that the duty is about and that is on
// no list for the same clauses yet: who is VIP and a named account is called once.
func (o *Outreach) list(tx *store.Tx, inc *incident.Incident, proc *procedure.Procedure, r procedure.Rule, t *checklist.Task, now time.Time) error {
	cat, err := o.o.Catalog(tx)
	if err != nil {
		return err
	}
	there, err := rows.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, c := range there {
		// One that was ended with the duty of an earlier turn does not count for this one.
		if slices.Equal(c.Clauses, r.Clauses) && (c.Task == t.ID || !c.Done || c.Last().Outcome != outreach.Ended) {
			known[c.Party] = true
		}
	}
	var fresh []*outreach.Contact
	affected := message.Affected(cat, inc)
	for i := range affected {
		k := &affected[i]
		if about(t, r, k) && !known[k.ID] {
			fresh = append(fresh, account(cat, inc, proc, r, t, k, now))
		}
	}
	if len(fresh) > 0 {
		return rows.Insert(tx, fresh, now)
	}
	if len(there) == 0 {
		return nil
	}
	return o.finished(tx, inc, t.ID, event.System, now)
}

// about reports whether the duty is about an account. A task that a version before
// opened names none: it is about all of them.
func about(t *checklist.Task, r procedure.Rule, k *catalog.Customer) bool {
	return outreach.Belongs(r.Task.Per, k) && (len(t.Accounts) == 0 || slices.Contains(t.Accounts, k.ID))
}

func account(cat *catalog.Catalog, inc *incident.Incident, proc *procedure.Procedure, r procedure.Rule, t *checklist.Task, k *catalog.Customer, now time.Time) *outreach.Contact {
	c := &outreach.Contact{
		Incident: inc.ID, Task: t.ID, Owner: t.Owner, DueAt: t.DueAt, Kind: outreach.Account, List: r.ID, Party: k.ID, Name: k.Name, Clauses: r.Clauses, OpenedAt: now,
	}
	if _, ok := cat.People[k.AccountManager]; ok {
		c.Owner = k.AccountManager
	}
	for _, p := range k.Contacts {
		if c.Person == "" || c.Phone == "" && p.Phone != "" {
			c.Person, c.Phone, c.Email = p.Name, p.Phone, p.Email
		}
	}
	_, c.Script = proc.Texts[r.Task.Calls].Fill(map[string]string{
		"name": c.Person, "service": message.ComponentName(cat, inc.ServiceID), "started": inc.DetectedAt.UTC().Format("15:04 UTC"), "status": string(inc.Status),
	})
	return c
}

// finished ends a duty whose contacts are all done.
func (o *Outreach) finished(tx *store.Tx, inc *incident.Incident, task ident.ID, by string, now time.Time) error {
	all, err := rows.OfTask(tx, task)
	if err != nil {
		return err
	}
	told := 0
	for _, c := range all {
		if !c.Done {
			return nil
		}
		if out := c.Last().Outcome; out == outreach.Reached || out == outreach.LeftMessage {
			told++
		}
	}
	text := fmt.Sprintf("%d of %d reached or left a message", told, len(all))
	if len(all) == 1 && all[0].Last().URL != "" {
		text = all[0].Last().URL
	}
	if len(all) == 0 {
		text = "each of them is on another list"
	}
	return o.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.OutreachDone, Actor: by, Source: "outreach", Restricted: inc.Restricted,
		Data: event.Data{Ref: task.String(), Text: text, Number: int64(told)},
	})
}

// onTaskOver ends the contacts of a duty that somebody ended.
func (o *Outreach) onTaskOver(tx *store.Tx, e *event.Event) error {
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return nil //nolint:nilerr // as in onTask
	}
	all, err := rows.OfTask(tx, id)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Done {
			continue
		}
		c.End(e.Actor, "the task was ended: "+e.Data.Subject, e.RecordedAt)
		if err := rows.Save(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// onScoped has the lists of the open duties follow what the incident touches now.
// Accounts that are new to it come with a task of their own, see onTask.
func (o *Outreach) onScoped(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	proc, err := o.o.Shelf.Get(tx, inc.Procedure)
	if err != nil {
		return err
	}
	cat, err := o.o.Catalog(tx)
	if err != nil {
		return err
	}
	all, err := tasks.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	affected := map[string]bool{}
	for _, k := range message.Affected(cat, inc) {
		affected[k.ID] = true
	}
	for _, t := range all {
		r, ok := listing(proc, t.Rule)
		if !ok || t.State != checklist.Open {
			continue
		}
		if len(t.Accounts) == 0 {
			err = o.list(tx, inc, proc, r, t, e.RecordedAt)
		} else {
			err = o.spare(tx, inc, t, affected, e.RecordedAt)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spare ends the calls of a duty to accounts that are not affected any more. A duty of
// which none is left ends itself, with the reason, and its calls with it.
func (o *Outreach) spare(tx *store.Tx, inc *incident.Incident, t *checklist.Task, affected map[string]bool, now time.Time) error {
	if !slices.ContainsFunc(t.Accounts, func(id string) bool { return affected[id] }) {
		return nil
	}
	all, err := rows.OfTask(tx, t.ID)
	if err != nil {
		return err
	}
	spared := false
	for _, c := range all {
		if c.Done || affected[c.Party] {
			continue
		}
		c.End(event.System, "not affected any more", now)
		if err := rows.Save(tx, c); err != nil {
			return err
		}
		spared = true
	}
	if !spared {
		return nil
	}
	return o.finished(tx, inc, t.ID, event.System, now)
}

// byHand is how long a person has to post what no integration posts.
const byHand = 30 * time.Minute

// onPublished asks for a post by hand where no integration serves a channel that the
// message goes out on: the address of the post is the evidence.
func (o *Outreach) onPublished(tx *store.Tx, e *event.Event) error {
	if e.Data.Private || o.o.Serves == nil {
		return nil
	}
	var fresh []*outreach.Contact
	for _, ch := range e.Data.Channels {
		if !slices.Contains(message.OpenChannels, ch) || o.o.Serves(ch) {
			continue
		}
		id, err := ident.Parse(e.Data.Ref)
		if err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		m, err := messages.Peek(tx, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		text := m.Words("")
		if o.o.PageURL != "" {
			text += "\n" + o.o.PageURL
		}
		if ch == "social" {
			text = message.FitPost(text)
		}
		if m.Subject != "" && ch != "social" {
			text = m.Headed(m.Subject) + "\n\n" + text
		}
		fresh = append(fresh, &outreach.Contact{
			Incident: e.IncidentID, Owner: author(m), DueAt: e.RecordedAt.Add(byHand), Kind: outreach.Post, List: id.String(), Party: ch, Name: places[ch], Script: text,
			Clauses: m.Clauses, OpenedAt: e.RecordedAt,
		})
	}
	if len(fresh) == 0 {
		return nil
	}
	return rows.Insert(tx, fresh, e.RecordedAt)
}

var places = map[string]string{"social": "Post on X", "forum": "Post in the community forum", "press": "Issue to the press"}

// author is who let the message out, or whoever answers for messages.
func author(m *message.Message) string {
	if m.PublishedBy == "" || m.PublishedBy == event.System || strings.HasPrefix(m.PublishedBy, "source:") {
		return "schedule:communications"
	}
	return m.PublishedBy
}

// onMerged hands the lists on with everything else.
func (o *Outreach) onMerged(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || inc.MergedInto == 0 {
		return err
	}
	return rows.Move(tx, inc.ID, inc.MergedInto)
}
