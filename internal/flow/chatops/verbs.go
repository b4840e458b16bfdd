package chatops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/tasks"
)

func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }

func private(format string, args ...any) (plug.Answered, error) {
	return plug.Answered{Text: fmt.Sprintf(format, args...)}, nil
}

func usage(name string) error {
	for _, v := range verbs() {
		if v.name == name {
			return fault.New(fault.Invalid, "write /incident %s", strings.TrimSpace(v.name+" "+v.args))
		}
	}
	return fault.New(fault.Invalid, "write /incident help")
}

func declare(ctx context.Context, o *order) (plug.Answered, error) {
	words := strings.Fields(o.Text)
	var s procedure.Severity
	if len(words) > 0 {
		if p, err := procedure.ParseSeverity(strings.ToUpper(words[0])); err == nil {
			s, words = p, words[1:]
		}
	}
	if len(words) < 2 {
		return plug.Answered{}, usage("declare")
	}
	cat, err := o.catalog(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	service, ok := serviceOf(cat, words[0])
	if !ok {
		known := slices.Sorted(maps.Keys(cat.Services))
		return plug.Answered{}, fault.New(fault.Invalid, "there is no service %q; there are %s", words[0], strings.Join(known[:min(len(known), 30)], ", "))
	}
	if s == 0 {
		return plug.Answered{}, fault.New(fault.Invalid, "say how severe it is: /incident declare P1 %s", strings.Join(words, " "))
	}
	inc, err := o.c.o.Acts.Declare(ctx, o.actor, service, strings.Join(words[1:], " "), s, o.now)
	if err != nil {
		return plug.Answered{}, err
	}
	text := inc.Severity.String() + " declared: " + inc.Ref()
	if o.c.o.URL != "" {
		text += " " + o.c.o.URL + inc.Ref()
	}
	return plug.Answered{Text: text + ". Its channel follows."}, nil
}

func serviceOf(cat *catalog.Catalog, word string) (string, bool) {
	if _, ok := cat.Services[word]; ok {
		return word, true
	}
	for id, s := range cat.Services {
		if strings.EqualFold(id, word) || strings.EqualFold(s.Name, word) {
			return id, true
		}
	}
	return "", false
}

func status(ctx context.Context, o *order) (plug.Answered, error) {
	inc, cat, err := o.look(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	open, err := o.open(ctx, inc)
	if err != nil {
		return plug.Answered{}, err
	}
	title := inc.Title
	if inc.Restricted { // a chat keeps what it shows
		title = message.RestrictedTitle
	}
	lines := []string{fmt.Sprintf("%s %s: %s", inc.Ref(), inc.Severity, title), fmt.Sprintf("It is %s, since %s.", inc.Status, inc.DetectedAt.UTC().Format("2006-01-02 15:04 UTC"))}
	for _, r := range incident.RoleNames {
		lines = append(lines, strings.ReplaceAll(r, "_", " ")+": "+nameOf(cat, inc.Roles[r]))
	}
	lines = append(lines, fmt.Sprintf("%d tasks are open.", len(open)))
	if o.c.o.URL != "" {
		lines = append(lines, o.c.o.URL+inc.Ref())
	}
	return private("%s", strings.Join(lines, "\n"))
}

func nameOf(cat *catalog.Catalog, person string) string {
	if person == "" {
		return "nobody yet"
	}
	if p, ok := cat.People[person]; ok {
		return p.Name
	}
	return person
}

func update(ctx context.Context, o *order) (plug.Answered, error) {
	if o.Text == "" {
		return plug.Answered{}, usage("update")
	}
	channels, err := o.c.o.Acts.Update(ctx, o.actor, o.number, o.Text, o.now)
	if err != nil {
		return plug.Answered{}, err
	}
	return private("%s: the update goes out over %s.", o.ref(), strings.ReplaceAll(strings.Join(channels, ", "), "_", " "))
}

// roles are the words for the roles of a war room.
var roles = map[string]string{
	"commander": incident.Commander, "ic": incident.Commander, "incident_commander": incident.Commander,
	"tech": incident.TechLead, "tl": incident.TechLead, "technical_lead": incident.TechLead,
	"comms": incident.CommsLead, "ccl": incident.CommsLead, "customer_communications_lead": incident.CommsLead,
	"scribe": incident.Scribe,
}

func role(ctx context.Context, o *order) (plug.Answered, error) {
	word, who, _ := strings.Cut(o.Text, " ")
	r, ok := roles[strings.ToLower(word)]
	if !ok || strings.TrimSpace(who) == "" {
		return plug.Answered{}, usage("role")
	}
	cat, err := o.catalog(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	person, err := o.person(ctx, cat, who)
	if err != nil {
		return plug.Answered{}, err
	}
	if err := o.c.o.Acts.Role(ctx, o.actor, o.number, r, person, o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("%s: %s is %s.", o.ref(), nameOf(cat, person), strings.ReplaceAll(r, "_", " "))
}

// person is somebody by id, name, mail address or as the chat mentions them; "me" is
// whoever asks.
func (o *order) person(ctx context.Context, cat *catalog.Catalog, word string) (string, error) {
	word = strings.TrimSpace(word)
	if strings.EqualFold(word, "me") {
		return o.actor.ID, nil
	}
	if handle, ok := strings.CutPrefix(word, "@"); ok {
		if _, known := cat.People[handle]; known {
			return handle, nil
		}
		id, _, err := o.c.o.Who(ctx, o.provider, handle, o.now)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return id, err
		}
		word = handle
	}
	if _, ok := cat.People[word]; ok {
		return word, nil
	}
	if id, ok := cat.Named(word); ok {
		return id, nil
	}
	return "", fault.New(fault.Invalid, "nobody in the catalogue is %q: give an id, a whole name or a mail address", word)
}

func page(ctx context.Context, o *order) (plug.Answered, error) {
	word, why, _ := strings.Cut(o.Text, " ")
	if word == "" {
		return plug.Answered{}, usage("page")
	}
	cat, err := o.catalog(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	target := word
	if !strings.Contains(word, ":") {
		person, err := o.person(ctx, cat, word)
		if err != nil {
			return plug.Answered{}, err
		}
		target = "person:" + person
	}
	if err := o.c.o.Acts.Page(ctx, o.actor, o.number, []string{target}, strings.TrimSpace(why), o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("%s: %s is paged.", o.ref(), target)
}

// onCall says who is on call; it is told outside of an incident's channel too.
func onCall(ctx context.Context, o *order) (plug.Answered, error) {
	if err := authz.Can(o.actor, authz.Read, authz.Resource{Kind: "schedule"}); err != nil {
		return plug.Answered{}, err
	}
	cat, err := o.catalog(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(cat.Schedules)) {
		who, err := cat.Resolve("schedule:"+id, catalog.TargetContext{At: o.now})
		names := make([]string, len(who))
		for i, p := range who {
			names[i] = nameOf(cat, p)
		}
		if err != nil || len(names) == 0 {
			names = []string{"nobody"}
		}
		lines = append(lines, id+": "+strings.Join(names, ", "))
	}
	if len(lines) == 0 {
		return private("There is no schedule.")
	}
	return private("On call now:\n%s", strings.Join(lines, "\n"))
}

func note(ctx context.Context, o *order) (plug.Answered, error) {
	if o.Text == "" {
		return plug.Answered{}, usage("note")
	}
	if err := o.c.o.Acts.Note(ctx, o.actor, o.number, o.Text, o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("On the timeline of %s.", o.ref())
}

func resolve(ctx context.Context, o *order) (plug.Answered, error) {
	if err := o.c.o.Acts.Resolve(ctx, o.actor, o.number, o.Text, o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("%s is resolved.", o.ref())
}

func join(ctx context.Context, o *order) (plug.Answered, error) {
	if err := o.c.o.Acts.Join(ctx, o.actor, o.number, "joined", o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("You have joined %s.", o.ref())
}

func command(ctx context.Context, o *order) (plug.Answered, error) {
	if err := o.c.o.Acts.Role(ctx, o.actor, o.number, incident.Commander, o.actor.ID, o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("You command %s.", o.ref())
}

// open are the tasks of an incident that wait, in the order in which they opened.
func (o *order) open(ctx context.Context, inc *incident.Incident) (out []*checklist.Task, err error) {
	err = o.c.db.View(ctx, func(tx *store.Tx) error {
		all, err := tasks.Of(tx, inc.ID)
		out = slices.DeleteFunc(all, func(t *checklist.Task) bool { return t.State != checklist.Open })
		return err
	})
	return out, err
}

const shownTasks = 40

// task lists what is open, numbered, or ends one by its number.
func task(ctx context.Context, o *order) (plug.Answered, error) {
	inc, _, err := o.look(ctx)
	if err != nil {
		return plug.Answered{}, err
	}
	open, err := o.open(ctx, inc)
	if err != nil {
		return plug.Answered{}, err
	}
	words := strings.Fields(o.Text)
	if len(words) == 0 {
		return listed(o, open)
	}
	if len(words) < 2 || words[0] != "done" && words[0] != "skip" {
		return plug.Answered{}, usage("task")
	}
	t, ok := picked(open, words[1])
	if !ok {
		return plug.Answered{}, fault.New(fault.Invalid, "%q is none of the open tasks: /incident task lists them", words[1])
	}
	text := strings.Join(words[2:], " ")
	end, word := o.c.o.Acts.Done, "done"
	if words[0] == "skip" {
		end, word = o.c.o.Acts.Skip, "not applicable"
	}
	if err := end(ctx, o.actor, t.ID, text, o.now); err != nil {
		return plug.Answered{}, err
	}
	return private("%s: %s, %s.", o.ref(), t.Title, word)
}

func listed(o *order, open []*checklist.Task) (plug.Answered, error) {
	if len(open) == 0 {
		return private("%s has no open task.", o.ref())
	}
	lines := []string{o.ref() + ", open tasks:"}
	for _, t := range open[:min(len(open), shownTasks)] {
		line := short(t) + "  " + t.Title
		if !t.DueAt.IsZero() {
			line += ", due " + t.DueAt.UTC().Format("15:04 UTC")
		}
		if t.Late(o.now) {
			line += " (late)"
		}
		lines = append(lines, line)
	}
	if n := len(open) - shownTasks; n > 0 {
		lines = append(lines, "and "+strconv.Itoa(n)+" more in the console")
	}
	return private("%s", strings.Join(lines, "\n"))
}

// short names a task: its id is the same tomorrow, a place in the list is not.
func short(t *checklist.Task) string { return t.ID.String() }

func picked(open []*checklist.Task, word string) (*checklist.Task, bool) {
	i := slices.IndexFunc(open, func(t *checklist.Task) bool { return t.ID.String() == word })
	if i < 0 {
		return nil, false
	}
	return open[i], true
}
