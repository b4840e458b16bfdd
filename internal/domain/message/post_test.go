package message

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"allclear/internal/domain/status"
)

func minutes(n int) time.Time { return t0.Add(time.Duration(n) * time.Minute) }

func update(at int, word status.IncidentStatus, impact status.Impact, body string) Turn {
	return Turn{At: minutes(at), Status: word, Impact: impact, Body: body, UpdateID: "u" + body}
}

func post(turns ...Turn) *Post {
	p := &Post{ID: "p1", Title: "Problem", CreatedAt: minutes(10), StartedAt: t0, NextUpdateAt: minutes(60)}
	for _, t := range turns {
		p.Tell(t)
	}
	return p
}

func TestPostBecomesAnIncidentOfThePage(t *testing.T) {
	p := post(update(10, status.Investigating, status.ImpactMajor, "a"))
	if !p.Move(status.ImpactCritical, minutes(15)) || p.Move(status.ImpactCritical, minutes(16)) {
		t.Error("a change of impact is one turn")
	}
	p.Tell(update(20, status.Identified, status.ImpactCritical, "b"))
	p.Tell(update(30, status.Monitoring, status.ImpactCritical, "c"))
	if p.State() != status.MajorOutage || !p.Open() {
		t.Errorf("the component is %s", p.State())
	}
	end := update(40, status.Resolved, status.ImpactCritical, "d")
	end.Ended = minutes(35)
	p.Tell(end)
	p.Tell(update(90, status.Postmortem, status.ImpactCritical, "e"))
	i, ok := p.Public([]Component{{ID: "c1", Name: "Storage"}}, false)
	if !ok || i.Status != status.Postmortem || i.Impact != status.ImpactCritical || len(i.Updates) != 5 {
		t.Fatalf("%+v", i)
	}
	if !i.StartedAt.Equal(t0) || !i.MonitoringAt.Equal(minutes(30)) || !i.ResolvedAt.Equal(minutes(35)) || i.NextUpdateAt != nil || !i.UpdatedAt.Equal(minutes(90)) {
		t.Errorf("times: %+v", i)
	}
	var moves []string
	for _, u := range i.Updates {
		for _, a := range u.Affected {
			moves = append(moves, string(a.OldStatus+">"+a.NewStatus))
		}
	}
	want := []string{"operational>partial_outage", "partial_outage>major_outage", "major_outage>operational"}
	if !reflect.DeepEqual(moves, want) {
		t.Errorf("components move %v, want %v", moves, want)
	}
	if p.State() != status.Operational || p.Move(status.ImpactMinor, minutes(99)) {
		t.Error("a closed post moves components")
	}
}

// Clauses: PLT-SP-HIST
func TestSpansOfAPost(t *testing.T) {
	span := func(from, to int, s status.ComponentStatus) status.Span {
		return status.Span{Start: minutes(from), End: minutes(to), Status: s}
	}
	moved := post(update(10, status.Investigating, status.ImpactMinor, "a"))
	moved.Move(status.ImpactCritical, minutes(20))
	end := update(40, status.Resolved, status.ImpactCritical, "b")
	end.Ended = minutes(35)
	moved.Tell(end)
	late := update(30, status.Resolved, status.ImpactMajor, "a")
	late.Ended = minutes(25)
	again := post(update(10, status.Investigating, status.ImpactMajor, "a"), update(20, status.Resolved, status.ImpactMajor, "b"), update(30, status.Investigating, status.ImpactMinor, "c"))
	false1 := post(update(10, status.Investigating, status.ImpactMajor, "a"))
	false1.Retracted = true
	tenant := post(update(10, status.Investigating, status.ImpactMajor, "a"))
	tenant.Turns[0].Private = true
	for name, tc := range map[string]struct {
		p    *Post
		want []status.Span
	}{
		"from the impact, and set back to its end": {moved, []status.Span{span(0, 20, status.DegradedPerformance), span(20, 35, status.MajorOutage)}},
		"told when it was over":                    {post(late), []status.Span{span(0, 25, status.PartialOutage)}},
		"comes again":                              {again, []status.Span{span(0, 20, status.PartialOutage), {Start: minutes(30), Status: status.DegradedPerformance}}},
		"false alarm":                              {false1, nil},
		"one tenant's":                             {tenant, nil},
	} {
		if got := tc.p.Spans(false); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if len(tenant.Spans(true)) != 1 {
		t.Error("the tenant sees its own outage")
	}
}

func TestPrivatePostsAndTurnsAreNotPublic(t *testing.T) {
	p := post(update(10, status.Investigating, status.ImpactMajor, "a"))
	p.Turns[0].Private, p.Private, p.Tenant = true, true, "acme"
	if _, ok := p.Public(nil, false); ok {
		t.Error("a private post is public")
	}
	if i, ok := p.Public(nil, true); !ok || len(i.Updates) != 1 {
		t.Error("the tenant does not see its own post")
	}
	p.Private = false // it turned out to be wider
	if _, ok := p.Public(nil, false); ok {
		t.Error("a post without public updates is shown")
	}
	p.Tell(update(20, status.Identified, status.ImpactMajor, "b"))
	i, ok := p.Public(nil, false)
	if !ok || len(i.Updates) != 1 || i.Updates[0].Body != "b" {
		t.Errorf("public: %+v", i)
	}
}

func TestPostSurvivesStorage(t *testing.T) {
	p := post(update(10, status.Investigating, status.ImpactMajor, "a"), update(20, status.Resolved, status.ImpactMajor, "b"))
	doc, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Post
	if err := json.Unmarshal(doc, &back); err != nil || !reflect.DeepEqual(*p, back) {
		t.Errorf("stored %+v, read %+v, %v", *p, back, err)
	}
}
