package story

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/room"
)

// A P1 has a Google document from the template, shared with the domain, its link on
// the incident; the timeline flows into it. The task to open it ends by itself.
//
// Clauses: WAR-VIRT-DOC, INT-GOOGLE-DOCS, PLT-DOC-GWS
func TestAP1HasItsDocument(t *testing.T) {
	Tell(t, func(w *World) {
		g := w.withGoogle("template", "tmpl1", "folder", "fold1", "share_domain", "techflow.example")
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		p := w.Part(room.Notes)
		if p == nil || p.State != room.Open || p.URL != "https://docs.google.com/document/d/doc1/edit" || p.Note != "" {
			w.Fatalf("document %+v", p)
		}
		d := g.Docs[0]
		if d.From != "tmpl1" || strings.Join(d.Parents, "") != "fold1" || d.Title != "INC-1: Sign-in fails (2026-03-02)" || !strings.HasPrefix(d.Text, "Notes of INC-1: INC-1: Sign-in fails\n") {
			w.Errorf("made %+v", d)
		}
		if len(d.Permissions) != 1 || d.Permissions[0]["type"] != "domain" || d.Permissions[0]["domain"] != "techflow.example" || d.Permissions[0]["role"] != "writer" {
			w.Errorf("shared %v", d.Permissions)
		}
		if got := w.taskState("room-notes", "WAR-VIRT-DOC"); got != "done" {
			w.Errorf("the task is %s", got)
		}
		w.Notes("ana", "Restarted the pool")
		w.Hand("scribe", "bo")
		w.After(5 * time.Second)
		for _, want := range []string{"P1 declared", "2026-03-02 03:00:05Z  Ana: Restarted the pool", "Scribe: Bo"} {
			if strings.Count(d.Text, want) != 1 {
				w.Errorf("%q stands %d times in\n%s", want, strings.Count(d.Text, want), d.Text)
			}
		}
		if len(g.wrong) > 0 {
			w.Errorf("Google would have refused: %v", g.wrong)
		}
	})
}

// Google fails in each way it can: the incident goes on with notes of its own, within
// seconds, and no line of the timeline is lost or stands twice where it mends.
//
// Clauses: WAR-VIRT-DOC, INT-GOOGLE-DOCS
func TestGoogleFails(t *testing.T) {
	cases := []struct {
		name, part string
		f          SlackFailure
		key        bool // the key is not taken any more
		first      room.State
		then       room.State
	}{
		{name: "it does not answer", f: SlackFailure{Hang: true}, first: room.Fallback, then: room.Open},
		{name: "it asks to wait", part: "/v1/documents", f: SlackFailure{Status: 429, After: "20"}, first: room.Fallback, then: room.Open},
		{name: "it is down", f: SlackFailure{Status: 503}, first: room.Fallback, then: room.Open},
		{name: "the key is revoked", key: true, first: room.Failed, then: room.Failed},
		{name: "it made the document and did not say so", part: "POST /v1/documents", f: SlackFailure{Late: true, Times: 1}, first: room.Open, then: room.Open},
		{name: "it wrote the lines and did not say so", part: "doc1:batchUpdate", f: SlackFailure{Late: true, Times: 2}, first: room.Open, then: room.Open},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			Tell(t, func(w *World) {
				g := w.withGoogle("share_group", "oncall@techflow.example")
				g.invalid = c.key
				if !c.key {
					g.Fail(c.part, c.f)
				}
				w.Alert("auth", "critical", "Sign-in fails")
				w.Engage("ana")
				w.After(5 * time.Second)
				p := w.Part(room.Notes)
				if p.State != c.first {
					w.Fatalf("document %+v", p)
				}
				if c.first != room.Open {
					seen := w.Lines(event.RoomFailed, "the incident's own notes https://allclear.example/incidents/INC-1")
					if len(seen) != 1 || seen[0].RecordedAt.Sub(w.start) > 5*time.Second {
						w.Errorf("the record says %+v", w.Lines(event.RoomFailed, ""))
					}
				}
				if got := w.taskState("room-notes", "WAR-VIRT-DOC"); got != "done" {
					w.Errorf("nobody has notes: the task is %s", got)
				}
				if _, err := w.e.Room.WriteNotes(w.Context(), as("ana"), 1, 0, "what we know", w.now); err != nil {
					w.Errorf("our own notes: %v", err)
				}
				w.Notes("ana", "Restarted the pool")
				g.Mend()
				w.After(2 * time.Minute)
				if p = w.Part(room.Notes); p.State != c.then {
					w.Errorf("mended: %+v", p)
				}
				if c.then != room.Open {
					return
				}
				if len(g.Docs) != 1 {
					w.Fatalf("%d documents", len(g.Docs))
				}
				for _, want := range []string{"P1 declared", "Restarted the pool"} {
					if n := strings.Count(g.Docs[0].Text, want); n != 1 {
						w.Errorf("%q stands %d times in\n%s", want, n, g.Docs[0].Text)
					}
				}
			})
		})
	}
}

// The notes of an incident are there without any service; two who write at once do not
// overwrite each other, and every version stays.
//
// Clauses: WAR-VIRT-DOC
func TestNotesOfOurOwn(t *testing.T) {
	Tell(t, func(w *World) {
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		if p := w.Part(room.Notes); p.State != room.Fallback || p.Instead.What != "the incident's own notes" || w.taskState("room-notes", "WAR-VIRT-DOC") != "done" {
			w.Errorf("notes %+v", p)
		}
		write := func(who string, over int64, text string) error {
			_, err := w.e.Room.WriteNotes(w.Context(), as(who), 1, over, text, w.now)
			w.tick()
			return err
		}
		w.must(write("ana", 0, "one"))
		w.must(write("bo", 1, "one\ntwo"))
		if err := write("ana", 1, "one\nthree"); !fault.Is(err, fault.Conflict) {
			w.Errorf("written over: %v", err)
		}
		got, err := w.e.Room.ReadNotes(w.Context(), as("ana"), 1, 0)
		if err != nil || got.Version != 2 || got.Body != "one\ntwo" || got.Author != "bo" {
			w.Errorf("now %+v, %v", got, err)
		}
		if old, err := w.e.Room.ReadNotes(w.Context(), as("ana"), 1, 1); err != nil || old.Body != "one" {
			w.Errorf("then %+v, %v", old, err)
		}
		all, err := w.e.Room.NotesHistory(w.Context(), as("ana"), 1, 0, 10)
		if err != nil || len(all) != 2 || len(w.Lines(event.NotesSaved, "")) != 2 {
			w.Errorf("versions %+v, %v", all, err)
		}
	})
}
