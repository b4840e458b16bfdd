// Package paging owns asking people: the escalation chain, pages until they
// are answered, notices, and the ladder of channels to one person. It must not
// judge incidents; it reacts to their record and tells the record what became
// of each page.
package paging

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
)

// TimerChain moves the chain of an incident; its ref is the incident's id.
const TimerChain = "chain"

// Options are what paging needs beside the store.
type Options struct {
	AckKey []byte   // signs the links in pages
	AckURL string   // of the page with the button, without a trailing slash: https://host/ack
	Ends   []string // channels on which a page stands until it is ended
}

// Paging asks people. Make it with New and wire it before use.
type Paging struct {
	db      *store.DB
	bus     *jobs.Bus
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)
	o       Options
	guesses guesses
}

// New returns a paging.
func New(db *store.DB, bus *jobs.Bus, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error), o Options) *Paging {
	return &Paging{db: db, bus: bus, shelf: shelf, catalog: cat, o: o}
}

// Wire hangs the flow on the bus and the timers.
func (p *Paging) Wire(timers *jobs.Timers) {
	p.bus.On(event.Opened, p.onOpened)
	p.bus.On(event.SeverityChanged, p.onSeverity)
	p.bus.On(event.Acknowledged, p.onAcknowledged)
	p.bus.On(event.Engaged, p.onAcknowledged)
	p.bus.On(event.Snoozed, p.onSnoozed)
	p.bus.On(event.Unsnoozed, p.onUnsnoozed)
	p.bus.On(event.Retriggered, p.onRetriggered)
	p.bus.On(event.Reopened, p.onReopened)
	p.bus.On(event.Joined, p.onJoined)
	p.bus.On(event.ResolvedKind, p.onEnded)
	p.bus.On(event.Dismissed, p.onEnded)
	p.bus.On(event.Merged, p.onEnded)
	p.bus.On(event.PageWanted, p.onPageWanted)
	p.bus.On(event.NoticeWanted, p.onNoticeWanted)
	p.bus.On(event.DeadlineBreached, p.onBreached)
	timers.Handle(TimerChain, p.chainDue)
	timers.Handle(TimerConfirm, p.confirmDue)
	timers.Handle(TimerRung, p.rungDue)
	timers.Handle(TimerAckExpires, p.ackExpires)
}

// scene is an incident as paging sees it, at one instant.
type scene struct {
	p    *Paging
	tx   *store.Tx
	inc  *incident.Incident
	proc *procedure.Procedure
	cat  *catalog.Catalog
	now  time.Time
}

func (p *Paging) scene(tx *store.Tx, id ident.ID, now time.Time) (*scene, error) {
	inc, err := incidents.Peek(tx, id)
	if err != nil {
		return nil, err
	}
	proc, err := p.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return nil, err
	}
	cat, err := p.catalog(tx)
	if err != nil {
		return nil, err
	}
	return &scene{p: p, tx: tx, inc: inc, proc: proc, cat: cat, now: now}, nil
}

func (s *scene) emit(k event.Kind, d event.Data) error {
	if d.Severity == "" {
		d.Severity = s.inc.Severity.String()
	}
	d.Number = s.inc.Number
	return s.p.bus.Emit(s.tx, s.now, event.Event{IncidentID: s.inc.ID, Kind: k, Source: "paging", Restricted: s.inc.Restricted, Data: d})
}

// people resolves targets in their order; a target that names nobody is told
// in missing.
func (s *scene) people(targets []string) (ids, chats, missing []string) {
	at := catalog.TargetContext{ServiceID: s.inc.ServiceID, At: s.now, OutOfHours: !s.proc.Calendar().Open(s.now), Commander: s.inc.Commander(), TechLead: s.inc.Roles[incident.TechLead], Standby: s.proc.Standby(s.inc.Restricted)}
	for _, r := range s.inc.Responders {
		if r.State == "joined" {
			at.Responders = append(at.Responders, r.Person)
		}
	}
	seen := map[string]bool{}
	for _, t := range targets {
		if name, ok := strings.CutPrefix(t, "chat:"); ok {
			if !s.inc.Restricted {
				chats = append(chats, "#"+name)
			}
			continue
		}
		found, err := s.cat.Resolve(t, at)
		if err != nil || len(found) == 0 {
			missing = append(missing, t)
		}
		for _, id := range found {
			if !seen[id] && s.inc.VisibleTo(id) { // nobody outside the circle is told (reading 18)
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, chats, missing
}

func (s *scene) name(person string) string {
	if p, ok := s.cat.People[person]; ok {
		return p.Name
	}
	return person
}

// placeName stays in a text until it is known whom it goes to.
const placeName = "{{name}}"

// text fills a named text of the procedure.
func (s *scene) text(name string, more map[string]string) (subject, body string) {
	service := s.inc.ServiceID
	if svc, ok := s.cat.Services[s.inc.ServiceID]; ok {
		service = svc.Name
	}
	commander := "nobody yet"
	if c := s.inc.Commander(); c != "" {
		commander = s.name(c)
	}
	w := map[string]string{
		"title": s.inc.Title, "service": service, "severity": s.inc.Severity.String(), "number": s.inc.Ref(),
		"status": string(s.inc.Status), "commander": commander, "reason": s.inc.Reason, "name": placeName,
	}
	for k, v := range more {
		w[k] = v
	}
	if s.inc.Restricted {
		w["title"], w["service"], w["reason"] = message.RestrictedTitle, message.RestrictedService, ""
	}
	subject, body = s.proc.Texts[name].Fill(w)
	if subject == "" && body == "" {
		// A page goes out even where the procedure has lost its words.
		subject = fmt.Sprintf("%s %s: %s", s.inc.Severity, s.inc.Ref(), w["title"])
		body = subject
	}
	return subject, body
}

// Wanted reports whether a page or notice still has to go out, and gives a
// page its link. The sender asks inside the transaction that claims it.
func (p *Paging) Wanted(tx *store.Tx, d *message.Delivery, now time.Time) (ok bool, why string, err error) {
	s, err := p.scene(tx, d.IncidentID, now)
	if err != nil {
		return false, "", err
	}
	inc := s.inc
	if d.Kind == message.KindEnd {
		return s.endWanted(d)
	}
	if !inc.VisibleTo(d.Recipient) {
		return false, "the incident is restricted", nil // since it was written
	}
	if d.Kind == message.KindNotice {
		if inc.FalsePositive {
			return false, "the incident was a false positive", nil
		}
		if inc.MergedInto != 0 {
			return false, "the incident is part of another", nil
		}
		return true, "", nil
	}
	page, err := p.page(tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	if !page.Waiting() {
		if d.Attempts > 1 { // an attempt before this one may have arrived
			err = s.end(d)
		}
		return false, "the page is " + string(page.State), err
	}
	d.Headers.AckURL, d.Headers.Answer = p.link(page), s.ticket(page)
	return true, "", nil
}

// AckNow answers the page a link names. It is idempotent: an answered page
// stays answered (the link works once).
func (p *Paging) AckNow(ctx context.Context, code, answer string, now time.Time) (View, error) {
	var v View
	id, err := p.pageOf(code)
	if err != nil {
		return v, err
	}
	err = p.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		page, err := p.page(tx, id)
		if err != nil {
			return err
		}
		s, err := p.scene(tx, page.IncidentID, now)
		if err != nil {
			return err
		}
		v = s.view(page)
		return s.take(page, page.To, answer == "unavailable" && s.asksToJoin(page), "link")
	})
	return v, err
}

// View is what the page behind a link shows. It says little, since a link can
// be forwarded.
type View struct {
	Incident string // INC-42
	Title    string
	Severity string
	Person   string
	Waiting  bool
	Join     bool // asks who joins instead of an acknowledgement
}

func (s *scene) view(page *message.Page) View {
	return View{
		Incident: s.inc.Ref(), Title: s.inc.Title, Severity: s.inc.Severity.String(), Person: s.name(page.To),
		Waiting: page.Answerable() && s.inc.Holds(procedure.Unresolved), Join: s.asksToJoin(page),
	}
}

// Look shows the page a link names and changes nothing.
func (p *Paging) Look(ctx context.Context, code string, now time.Time) (v View, err error) {
	id, err := p.pageOf(code)
	if err != nil {
		return v, err
	}
	err = p.db.View(store.Urgent(ctx), func(tx *store.Tx) error {
		page, err := p.page(tx, id)
		if err != nil {
			return err
		}
		s, err := p.scene(tx, page.IncidentID, now)
		if err != nil {
			return err
		}
		v = s.view(page)
		return nil
	})
	return v, err
}
