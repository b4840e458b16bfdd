package story

import (
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/letter"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/mirror"
)

// What people and sources do. Everything happens at the story's present instant
// and takes effect at once.

// Alert is a source reporting trouble; the summary is the alert's key.
func (w *World) Alert(service, severity, summary string) {
	w.Helper()
	w.signal(service, alert.Signal{Source: "events", Action: alert.Trigger, DedupKey: summary, Summary: summary, Severity: severity})
}

// Recovered is a source reporting that an alert is over.
func (w *World) Recovered(service, summary string) {
	w.Helper()
	w.signal(service, alert.Signal{Source: "events", Action: alert.Resolve, DedupKey: summary, Summary: summary})
}

// AckedAtSource is somebody acknowledging the alert where it came from.
func (w *World) AckedAtSource(service, summary string) {
	w.Helper()
	w.signal(service, alert.Signal{Source: "events", Action: alert.Acknowledge, DedupKey: summary, Summary: summary})
}

func (w *World) signal(service string, s alert.Signal) {
	w.Helper()
	w.must(w.e.Intake.AcceptNow(w.Context(), intake.Arrival{ServiceID: service, Source: s.Source, Raw: []byte("{}"), Signals: []alert.Signal{s}, Now: w.now}))
}

// Write is somebody writing to emergency addresses; the mail is about a service
// when it is about nothing else. It returns why the mail was only kept.
func (w *World) Write(service string, l letter.Letter, to ...string) string {
	w.Helper()
	l.To, l.Raw = to, []byte("raw mail")
	if l.MessageID == "" {
		l.MessageID = l.Subject + "@mail.example"
	}
	if l.ReturnPath == "" {
		l.ReturnPath = l.From
	}
	got, err := w.e.Intake.Mail(w.Context(), service, &l, w.now)
	w.must(err)
	return got.Kept
}

func (w *World) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("at %s: %v", w.Since(), err)
	}
	w.tick()
}

func as(who string) authz.Actor {
	return authz.Actor{ID: person(who), Role: authz.Responder, Via: "api"}
}

// Declaration is what a person declares.
type Declaration = command.Declaration

// Declare is ana declaring an incident; it returns its number.
func (w *World) Declare(d Declaration) int64 {
	w.Helper()
	return w.DeclareBy("ana", d)
}

// DeclareBy is somebody declaring an incident.
func (w *World) DeclareBy(person string, d Declaration) int64 {
	w.Helper()
	if d.Title == "" {
		d.Title = "Something is broken"
	}
	if d.Service == "" {
		d.Service = "auth"
	}
	inc, err := w.e.Command.Declare(w.Context(), as(person), d, w.now)
	w.must(err)
	return inc.Number
}

// Ack is somebody saying "I have it".
func (w *World) Ack(person string) {
	w.Helper()
	_, err := w.e.Command.Acknowledge(w.Context(), as(person), w.number(), w.now)
	w.must(err)
}

// Engage is somebody starting to work on it.
func (w *World) Engage(person string) {
	w.Helper()
	_, err := w.e.Command.Engage(w.Context(), as(person), w.number(), w.now)
	w.must(err)
}

// Confirm is somebody declaring a suspicion.
func (w *World) Confirm(person string) {
	w.Helper()
	_, err := w.e.Command.Confirm(w.Context(), as(person), w.number(), w.now)
	w.must(err)
}

// Dismiss is ana calling it a false positive.
func (w *World) Dismiss(reason string) {
	w.Helper()
	_, err := w.e.Command.Dismiss(w.Context(), as("ana"), w.number(), reason, w.now)
	w.must(err)
}

// Severity is ana changing the severity.
func (w *World) Severity(to procedure.Severity, reason string) {
	w.Helper()
	w.must(w.TrySeverity(to, reason))
}

// TrySeverity is Severity where a refusal is part of the story.
func (w *World) TrySeverity(to procedure.Severity, reason string) error {
	w.Helper()
	_, err := w.e.Command.SetSeverity(w.Context(), as("ana"), w.number(), to, reason, w.now)
	return err
}

// Preview is ana looking at what a change of severity would mean.
func (w *World) Preview(to procedure.Severity) command.Preview {
	w.Helper()
	p, err := w.e.Command.Preview(w.Context(), as("ana"), w.number(), to, w.now)
	w.must(err)
	return p
}

// Mitigate is ana noting that the impact is reduced.
func (w *World) Mitigate() {
	w.Helper()
	_, err := w.e.Command.Mitigate(w.Context(), as("ana"), w.number(), w.now)
	w.must(err)
}

// Hand gives a role of the war room to somebody.
func (w *World) Hand(role, person string) {
	w.Helper()
	_, err := w.e.Command.AssignRole(w.Context(), as("ana"), w.number(), role, person, "", w.now)
	w.must(err)
}

// Restrict is ana hiding the incident.
func (w *World) Restrict() {
	w.Helper()
	_, err := w.e.Command.Restrict(w.Context(), as("ana"), w.number(), w.now)
	w.must(err)
}

// PageByHand is ana calling somebody.
func (w *World) PageByHand(target, text string) {
	w.Helper()
	_, err := w.e.Command.Escalate(w.Context(), as("ana"), w.number(), []string{target}, text, w.now)
	w.must(err)
}

// Answer is somebody saying "joined" or "unavailable" in the console.
func (w *World) Answer(person, state string) {
	w.Helper()
	_, err := w.e.Command.Respond(w.Context(), as(person), w.number(), state, w.now)
	w.must(err)
}

// FollowLink is somebody pressing the button behind the link in a page.
func (w *World) FollowLink(url, answer string) {
	w.Helper()
	code := url[len("https://allclear.example/ack/"):]
	_, err := w.e.Paging.AckNow(w.Context(), code, answer, w.now)
	w.must(err)
}

// Resolve is ana ending the impact; a reason waives gates that are open.
func (w *World) Resolve(reason string) {
	w.Helper()
	w.must(w.TryResolve(reason, time.Time{}))
}

// ResolveAt is ana setting the end of impact back.
func (w *World) ResolveAt(reason string, offset time.Duration) {
	w.Helper()
	w.must(w.TryResolve(reason, w.start.Add(offset)))
}

// TryResolve is Resolve where a refusal is part of the story.
func (w *World) TryResolve(reason string, at time.Time) error {
	w.Helper()
	_, err := w.e.Command.Resolve(w.Context(), as("ana"), w.number(), command.Resolution{Reason: reason, At: at}, w.now)
	return err
}

// Update is somebody telling an audience.
func (w *World) Update(person, audience, text string) {
	w.Helper()
	w.must(w.TryUpdate(person, audience, text))
}

// TryUpdate is Update where a refusal is part of the story.
func (w *World) TryUpdate(person, audience, text string) error {
	w.Helper()
	_, err := w.e.Comms.Update(w.Context(), as(person), w.number(), message.Content{Audience: audience, Text: text}, true, w.now)
	return err
}

// MaySee reports whether somebody can read the incident.
func (w *World) MaySee(person string) bool {
	w.Helper()
	_, err := w.e.Command.Preview(w.Context(), as(person), w.number(), procedure.P1, w.now)
	return err == nil
}

// Severity is P1 to P4.
type Severity = procedure.Severity

// SaidAbroad is what a keeper of copies tells of the incident.
func (w *World) SaidAbroad(channel string, word mirror.Word) error {
	w.Helper()
	word.Incident = w.number()
	err := w.e.Mirror.Tell(w.Context(), channel, word, w.now)
	w.tick()
	return err
}

// Snooze is somebody wanting to be left alone for a while.
func (w *World) Snooze(person string, d time.Duration) { w.Helper(); w.must(w.TrySnooze(person, d)) }

// TrySnooze is Snooze where a refusal is part of the story.
func (w *World) TrySnooze(person string, d time.Duration) error {
	w.Helper()
	_, err := w.e.Command.Snooze(w.Context(), as(person), w.number(), d, "", w.now)
	return err
}

// TryWake ends a snooze before its time; the refusal is part of the story.
func (w *World) TryWake(person string) error {
	w.Helper()
	_, err := w.e.Command.Wake(w.Context(), as(person), w.number(), w.now)
	return err
}

// Wake is TryWake where nothing speaks against it.
func (w *World) Wake(person string) { w.Helper(); w.must(w.TryWake(person)) }

// Keep makes the catalogue say something else, while the story goes on.
func (w *World) Keep(entities ...catalog.Entity) {
	w.Helper()
	_, err := w.e.Admin.Load(w.Context(), boss, entities, w.now)
	w.must(err)
}

// Forget deletes an entity of the catalogue.
func (w *World) Forget(kind catalog.Kind, id string) {
	w.Helper()
	w.must(w.e.Admin.Delete(w.Context(), boss, kind, id, 0, w.now))
}

var boss = authz.Actor{ID: "boss", Role: authz.Admin, Via: "api"}

// Entity is what the catalogue says now.
func (w *World) Entity(kind catalog.Kind, id string) (e catalog.Entity) {
	w.Helper()
	item, err := w.e.Admin.Get(w.Context(), boss, kind, id)
	if err != nil {
		w.Fatal(err)
	}
	return item.Entity
}
