package procedure_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
)

// small is a procedure without any finding; every case below breaks one thing.
const small = `schema: 1
name: small
document:
  next_review: "2027-01-01"
  owner: role:boss
  approved_by: The boss
  approval_status: approved
business_hours:
  time_zone: UTC
  days: [mon]
  start: "09:00"
  end: "17:00"
  holidays: ["2026-12-25"]
severities:
  P1: {name: One, meaning: All is down, clause: SEV-P1-DEF, review: required, war_room: full, impact: critical, scenarios: [{id: down, text: Down, clause: SEV-P1-EX1, flags: [security]}]}
  P2: {name: Two, meaning: Much is down, clause: SEV-P2-DEF, review: optional, war_room: virtual, impact: major}
  P3: {name: Three, meaning: Little is down, clause: SEV-P3-DEF, review: none, war_room: none, impact: minor}
  P4: {name: Four, meaning: Nothing is down, clause: SEV-P4-DEF, review: none, war_room: none, impact: none}
matrix:
  impact: [big, little]
  urgency: [now, later]
  cells:
    big: {now: P1, later: P2}
    little: {now: P3, later: P4}
hints:
  bad: {critical_function: P1, other: P2}
suspicion: {declare_after: 8m}
clocks:
  - id: acknowledge
    name: Acknowledgement
    from: began
    until: acknowledged
    by:
      P1: {within: 15m, warn_at: [5m, 10m], clauses: [SEV-P1-ACK]}
      P3: {within: 8bh, warn_at: [6bh], clauses: [SEV-P3-ACK]}
  - id: resolution
    name: Resolution
    from: began
    until: resolved
    by:
      P1: {within: 45m, clauses: [SEV-P1-RESOLVE]}
  - id: status_page
    name: Status page
    from: declared
    until: status_posted
    by:
      P1: {within: 15m, clauses: [SEV-P1-CUST]}
  - id: bosses
    name: Bosses told
    from: declared
    until: executives_told
    by:
      P1: {within: 15m, clauses: [SEV-P1-EXEC]}
chain:
  repeat_every: 10m
  text: page
  notice_text: notice
  steps:
    - clause: ESC-CHAIN-1
      target: schedule:first
      after: 0m
      by: {P1: {while: always}, P2: {while: always}}
    - clause: ESC-CHAIN-2
      target: schedule:second
      after: 10m
      by: {P1: {while: unacknowledged}, P2: {while: unacknowledged, else: notice}}
levels:
  - {level: 1, name: Hands, members: [schedule:first, schedule:second], response: {P1: 5m, P2: 15m}, clause: ESC-L1-TIME}
roles: [{id: boss, title: Boss}]
schedules: [first, second]
teams: [all]
areas: [platform]
paging:
  channels: [sms, voice]
  notices: [email]
  fallback: role:boss
  fallback_text: page
  level_text: notice
  overdue_text: notice
rules:
  - id: tell-boss
    clauses: [SEV-P1-EXEC]
    on: declared
    severities: [P1]
    notice: {to: [role:boss], text: notice, reaches: executives_told}
  - id: call-all
    on: declared
    severities: [P1]
    when: [not restricted]
    page: {to: [team:all], text: page, answer: join}
  - id: chat
    on: declared
    when: [not restricted]
    notice: {to: [chat:incidents], text: notice}
  - id: post
    on: declared
    after: 10m
    while: unresolved
    severities: [P1]
    when: [not restricted]
    message: {audience: public, channels: [status_page], text: public, status: investigating, unless: status_posted, private: [single_tenant]}
  - id: nag
    on: warned
    clock: resolution
    severities: [P1]
    notice: {to: [commander], text: notice}
  - id: look
    on: opened
    severities: [P1]
    phase: LOOK
    task: {title: Look, owner: responders, due: 30m, warn_at: [20m], overdue: [manager:area]}
  - id: review
    on: resolved
    after: 1h
    severities: [P1]
    task: {title: Review, owner: lead:owner, due: 24h, gate: close}
texts:
  page: {subject: Page, body: "Please acknowledge {{number}}"}
  notice: {subject: Notice, body: "For your information: {{number}} {{title}}"}
  public: {subject: Problem, body: "A problem with {{service}}"}
kpis:
  - {id: mttr, name: Time to resolution, clause: KPI-MTTRESOLVE, unit: min, target: 45, better: "<", population: [P1], from: detected, to: resolved, method: Mean.}
`

var today = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func TestTheSmallProcedureHasNoFinding(t *testing.T) {
	p, findings := procedure.Check([]byte(small), procedure.Surroundings{Today: today})
	if p == nil || len(findings) > 0 {
		t.Errorf("%+v", findings)
	}
}

// flaw replaces one text of the small procedure and says what lint must find,
// at the first place of the text `at` behind the replacement's beginning.
type flaw struct {
	code     string
	old, new string
	at       string
	level    string // error where empty
}

var flaws = []flaw{
	// Form.
	{code: "unreadable", old: "hints:", new: "hint:", at: "hint:"},
	{code: "unreadable", old: "level: 1,", new: "level: one,", at: "one"},
	{code: "unreadable", old: "repeat_every: 10m", new: "repeat_every: ten minutes", at: "ten"},
	{code: "unreadable", old: "after: 10m\n      by", new: "after: -10m\n      by", at: "-10m"},
	{code: "unreadable", old: "within: 15m, warn_at", new: "within: 1h8bh, warn_at", at: "1h8bh"},
	{code: "unreadable", old: "teams: [all]", new: "teams: [all]\nteams: [all]", at: "teams: [all]\nare"},
	{code: "unreadable", old: "schema: 1", new: "schema: 2", at: "2"},
	{code: "unreadable", old: "time_zone: UTC", new: "time_zone: Mars", at: "Mars"},

	// Control sheet and severities.
	{code: "no-id", old: "name: small", new: "name: ''", at: "''"},
	{code: "review-overdue", old: "2027-01-01", new: "2026-03-01", at: `"2026`, level: "warning"},
	{code: "bad-date", old: "2027-01-01", new: "soon", at: `"soon`},
	{code: "no-review-date", old: "  next_review: \"2027-01-01\"\n", new: "", at: "document:", level: "warning"},
	{code: "not-approved", old: "approval_status: approved", new: "approval_status: draft", at: "draft", level: "warning"},
	{code: "not-approved", old: "  approved_by: The boss\n", new: "", at: "approved\n", level: "warning"},
	{code: "no-owner", old: "  owner: role:boss\n", new: "", at: "document:", level: "warning"},
	{code: "unknown-role", old: "owner: role:boss", new: "owner: role:bos", at: "role:bos"},
	{code: "no-business-hours", old: small[strings.Index(small, "business_hours:"):strings.Index(small, "severities:")], new: "", at: "schema", level: "warning"},
	{code: "no-holidays", old: `["2026-12-25"]`, new: "[]", at: "holidays", level: "warning"},
	{code: "no-severity", old: small[strings.Index(small, "  P4: {name"):strings.Index(small, "matrix:")], new: "", at: "severities:\n  P1"},
	{code: "unknown-severity", old: "  P4: {name", new: "  P5: {name", at: "P5"},
	{code: "unknown-word", old: "war_room: full", new: "war_room: ful", at: "ful,"},
	{code: "unknown-word", old: "review: optional", new: "review: maybe", at: "maybe"},
	{code: "unknown-word", old: "impact: major", new: "impact: mayor", at: "mayor"},
	{code: "unknown-flag", old: "flags: [security]", new: "flags: [secret]", at: "secret"},
	{code: "duplicate-id", old: "flags: [security]}]", new: "flags: [security]}, {id: down, text: Down, clause: SEV-P1-EX2}]", at: "down, text: Down, clause: SEV-P1-EX2"},
	{code: "bad-clause", old: "clause: SEV-P2-DEF", new: "clause: sev_p2", at: "sev_p2"},
	{code: "matrix-gap", old: "big: {now: P1, later: P2}", new: "big: {now: P1}", at: "big"},
	{code: "unknown-word", old: "    little: {now", new: "    litle: {now", at: "litle"},
	{code: "half-hint", old: "{critical_function: P1, other: P2}", new: "{critical_function: P1}", at: "bad"},
	{code: "no-suspicion", old: "declare_after: 8m", new: "declare_after: 0m", at: "0m", level: "warning"},

	// Clocks.
	{code: "unknown-start", old: "from: began", new: "from: begun", at: "begun"},
	{code: "unknown-moment", old: "until: acknowledged", new: "until: acknowledge", at: "acknowledge\n"},
	{code: "duplicate-id", old: "- id: resolution", new: "- id: acknowledge", at: "acknowledge\n"},
	{code: "reserved-id", old: "- id: bosses", new: "- id: level_response", at: "level_response"},
	{code: "no-time", old: "within: 45m", new: "within: 0m", at: "P1"},
	{code: "no-clause", old: ", clauses: [SEV-P1-RESOLVE]", new: "", at: "P1", level: "warning"},
	{code: "late-warning", old: "warn_at: [5m, 10m]", new: "warn_at: [5m, 15m]", at: "15m], c"},
	{code: "warning-order", old: "warn_at: [5m, 10m]", new: "warn_at: [10m, 5m]", at: "5m], c"},
	{code: "mixed-spans", old: "warn_at: [6bh]", new: "warn_at: [6h]", at: "6h"},
	{code: "unreachable-clock", old: "    by:\n      P1: {within: 45m, clauses: [SEV-P1-RESOLVE]}", new: "    by: {}", at: "id: resolution", level: "warning"},
	{code: "clock-unmet", old: ", reaches: executives_told", new: "", at: "P1: {within: 15m, clauses: [SEV-P1-EXEC]}", level: "warning"},
	{code: "clock-late", old: "    after: 10m\n    while: unresolved", new: "    after: 15m\n    while: unresolved", at: "P1: {within: 15m, clauses: [SEV-P1-CUST]}", level: "warning"},

	// Chain, levels, paging.
	{code: "chain-late", old: "by:\n      P1: {within: 15m, warn_at: [5m, 10m]", new: "by:\n      P1: {within: 5m, warn_at: [4m]", at: "10m\n      by: {P1: {while: unack", level: "warning"},
	{code: "late-start", old: "after: 0m", new: "after: 1m", at: "1m", level: "warning"},
	{code: "chain-order", old: "after: 10m\n      by", new: "after: 0m\n      by", at: "0m"},
	{code: "chain-business-time", old: "after: 10m\n      by", new: "after: 1bh\n      by", at: "1bh"},
	{code: "unknown-schedule", old: "target: schedule:second", new: "target: schedule:secnd", at: "schedule:secnd"},
	{code: "bad-target", old: "target: schedule:second", new: "target: scheduel:second", at: "scheduel"},
	{code: "unknown-level", old: "target: schedule:second", new: "target: level:2", at: "level:2"},
	{code: "unknown-area", old: "target: schedule:second", new: "target: manager:moon", at: "manager"},
	{code: "person-named", old: "target: schedule:second", new: "target: person:bo", at: "person", level: "warning"},
	{code: "mixed-tracks", old: "target: schedule:second", new: "target: chat:incidents", at: "chat"},
	{code: "no-response-time", old: "target: schedule:second", new: "target: role:boss", at: "role:boss", level: "warning"},
	{code: "unreachable-step", old: "by: {P1: {while: unacknowledged}", new: "by: {P3: {while: unacknowledged}, P1: {while: unacknowledged}", at: "P3"},
	{code: "unreachable-step", old: "by: {P1: {while: unacknowledged}, P2: {while: unacknowledged, else: notice}}", new: "by: {}", at: "clause: ESC-CHAIN-2"},
	{code: "unreachable-step", old: "{P1: {while: unacknowledged}", new: "{P1: {while: undeclared}", at: "undeclared"},
	{code: "unreachable-step", old: "target: schedule:second", new: "target: schedule:first", at: "P1: {while: unack", level: "warning"},
	{code: "unreachable-notice", old: "P2: {while: always}", new: "P2: {while: always, else: notice}", at: "notice", level: "warning"},
	{code: "unknown-condition", old: "{P1: {while: unacknowledged}", new: "{P1: {while: unacked}", at: "unacked"},
	{code: "no-chain", old: small[strings.Index(small, "  steps:"):strings.Index(small, "levels:")], new: "", at: "chain:"},
	{code: "no-repeat", old: "  repeat_every: 10m\n", new: "", at: "chain:", level: "warning"},
	{code: "no-time", old: "response: {P1: 5m,", new: "response: {P1: 0m,", at: "0m"},
	{code: "duplicate-id", old: "levels:\n", new: "levels:\n  - {level: 1, name: Copy, members: [], response: {}, clause: ESC-L1-TIME}\n", at: "1, name: Hands"},
	{code: "unknown-channel", old: "channels: [sms, voice]", new: "channels: [smss, voice]", at: "smss", level: "warning"},
	{code: "mixed-tracks", old: "channels: [sms, voice]", new: "channels: [sms, queue]", at: "channels"},
	{code: "no-channel", old: "channels: [sms, voice]", new: "channels: []", at: "channels"},
	{code: "no-fallback", old: "  fallback: role:boss\n", new: "", at: "paging:"},
	{code: "duplicate-id", old: "schedules: [first, second]", new: "schedules: [first, second, first]", at: "first]"},

	// Rules.
	{code: "duplicate-id", old: "- id: chat", new: "- id: post", at: "post\n    on: declared\n    after"},
	{code: "no-id", old: "- id: chat\n    on", new: "- on", at: "on: declared"},
	{code: "unknown-trigger", old: "on: resolved\n    after", new: "on: solved\n    after", at: "solved"},
	{code: "unknown-fact", old: "when: [not restricted]\n    page", new: "when: [not restrictd]\n    page", at: "not restrictd"},
	{code: "unknown-clock", old: "clock: resolution", new: "clock: resolutoin", at: "resolutoin"},
	{code: "useless-clock", old: "on: warned", new: "on: opened", at: "resolution"},
	{code: "unreachable-rule", old: "clock: resolution\n    severities: [P1]", new: "clock: resolution\n    severities: [P2]", at: "severities"},
	{code: "unreachable-rule", old: "on: resolved\n    after: 1h", new: "on: resolved\n    while: unresolved", at: "unresolved"},
	{code: "unreachable-rule", old: "when: [not restricted]\n    page", new: "when: [not restricted, restricted]\n    page", at: "restricted]\n    page"},
	{code: "unreachable-rule", old: "after: 10m\n    while: unresolved", new: "after: 10m\n    while: undeclared", at: "undeclared"},
	{code: "no-action", old: "    notice: {to: [chat:incidents], text: notice}\n", new: "", at: "id: chat"},
	{code: "many-actions", old: "    notice: {to: [chat:incidents], text: notice}\n", new: "    notice: {to: [chat:incidents], text: notice}\n    note: Also\n", at: "id: chat"},
	{code: "endless", old: "    while: unresolved\n    severities: [P1]\n    when: [not restricted]\n    message", new: "    every: 10m\n    severities: [P1]\n    when: [not restricted]\n    message", at: "10m"},
	{code: "unknown-text", old: "{to: [chat:incidents], text: notice}", new: "{to: [chat:incidents], text: notise}", at: "notise"},
	{code: "unknown-team", old: "{to: [team:all]", new: "{to: [team:al]", at: "team:al]"},
	{code: "nobody", old: "{to: [commander], text: notice}", new: "{to: [], text: notice}", at: "to:"},
	{code: "duplicate-target", old: "{to: [commander], text: notice}", new: "{to: [commander, commander], text: notice}", at: "commander]", level: "warning"},
	{code: "unknown-moment", old: "reaches: executives_told", new: "reaches: executives", at: "executives}"},

	// Pages and notices.
	{code: "mixed-tracks", old: "{to: [chat:incidents], text: notice}", new: "{to: [chat:incidents], text: notice, answer: join}", at: "join"},
	{code: "mixed-tracks", old: "{to: [chat:incidents], text: notice}", new: "{to: [chat:incidents], text: page}", at: "page}", level: "warning"},
	{code: "mixed-tracks", old: "{to: [commander], text: notice}", new: "{to: [commander], text: notice, channels: [voice]}", at: "channels", level: "warning"},
	{code: "mixed-tracks", old: "page: {to: [team:all]", new: "page: {to: [chat:incidents]", at: "chat:"},
	{code: "mixed-tracks", old: "text: page, answer: join", new: "text: page, channels: [queue]", at: "channels"},
	{code: "mixed-tracks", old: "text: page, answer: join", new: "text: page, reaches: leads_told", at: "leads_told", level: "warning"},
	{code: "mixed-tracks", old: "    severities: [P1]\n    when: [not restricted]\n    page", new: "    severities: [P3]\n    when: [not restricted]\n    page", at: "page:"},
	{code: "before-declaration", old: "- id: chat\n    on: declared", new: "- id: chat\n    on: opened", at: "notice:", level: "warning"},
	{code: "restricted-leak", old: "    when: [not restricted]\n    message", new: "    message", at: "message:", level: "warning"},
	{code: "tenant-in-public", old: ", private: [single_tenant]", new: "", at: "message:", level: "warning"},

	// Messages and tasks.
	{code: "unknown-audience", old: "audience: public", new: "audience: everyone", at: "everyone"},
	{code: "unknown-status", old: "status: investigating", new: "status: working", at: "working"},
	{code: "no-channel", old: "channels: [status_page]", new: "channels: []", at: "message:"},
	{code: "no-title", old: "{title: Look, ", new: "{", at: "task:"},
	{code: "bad-target", old: "owner: responders", new: "owner: somebody", at: "somebody"},
	{code: "late-warning", old: "warn_at: [20m]", new: "warn_at: [30m]", at: "30m], o"},
	{code: "born-late", old: "due: 24h", new: "due: 1h", at: "1h, gate"},
	{code: "unreachable-notice", old: "due: 30m, warn_at: [20m], ", new: "", at: "overdue"},
	{code: "unreachable-gate", old: "gate: close", new: "gate: resolve", at: "resolve}"},
	{code: "unknown-word", old: "gate: close", new: "gate: shut", at: "shut"},
	{code: "unreachable-review", old: "gate: close", new: "gate: close, until: review_signed", at: "review_signed"},
	{code: "no-review", old: ", gate: close", new: "", at: "required", level: "warning"},
	{code: "late-phase", old: "due: 30m", new: "due: 60m", at: "60m", level: "warning"},

	// Texts and figures.
	{code: "empty-text", old: `body: "A problem with {{service}}"`, new: `body: ""`, at: "public: {subject"},
	{code: "no-subject", old: "public: {subject: Problem, ", new: "public: {", at: "public:", level: "warning"},
	{code: "unused-text", old: "texts:\n", new: "texts:\n  spare: {subject: Spare, body: Spare}\n", at: "spare", level: "warning"},
	{code: "unknown-placeholder", old: "{{service}}", new: "{{servise}}", at: `"A problem`},
	{code: "open-placeholder", old: "{{service}}", new: "{{service}", at: `"A problem`},
	{code: "internal-detail", old: "{{service}}", new: "{{title}}", at: `"A problem`, level: "warning"},
	{code: "unknown-word", old: `better: "<"`, new: `better: less`, at: "less"},
	{code: "half-span", old: "from: detected, ", new: "", at: "{id: mttr"},
	{code: "no-method", old: ", method: Mean.", new: "", at: "{id: mttr", level: "warning"},
}

func TestLintFindsEachFlawWhereItStands(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.code, func(t *testing.T) {
			i := strings.Index(small, f.old)
			if i < 0 || strings.Count(small, f.old) > 1 && f.old != "from: began" {
				t.Fatalf("%q stands %d times in the small procedure", f.old, strings.Count(small, f.old))
			}
			text := small[:i] + f.new + small[i+len(f.old):]
			_, findings := procedure.Check([]byte(text), procedure.Surroundings{Today: today})
			k := slices.IndexFunc(findings, func(x procedure.Finding) bool { return x.Code == f.code })
			if k < 0 {
				t.Fatalf("not found; there is %+v", findings)
			}
			got := findings[k]
			level := f.level
			if level == "" {
				level = procedure.LintError
			}
			if got.Level != level || got.Help == "" || got.Message == "" {
				t.Errorf("%+v", got)
			}
			if want := placeOf(t, text, i, f.at); got.Place != want {
				t.Errorf("at %s, want %s: %s", got.Place, want, got.Message)
			}
		})
	}
}

// placeOf is where `at` stands: the first one from the replacement on, else the
// last one before it.
func placeOf(t *testing.T, text string, from int, at string) procedure.Place {
	t.Helper()
	start := max(strings.LastIndex(text[:from], "\n"), 0)
	i := strings.Index(text[start:], at)
	if i >= 0 {
		i += start
	} else if i = strings.LastIndex(text[:from], at); i < 0 {
		t.Fatalf("%q is not in the text", at)
	}
	line := 1 + strings.Count(text[:i], "\n")
	column := i - strings.LastIndex(text[:i], "\n")
	return procedure.Place{Line: line, Column: column}
}

// Spans below zero cannot be written in a file; a procedure built by a program
// is checked all the same.
func TestLintFindsNegativeSpans(t *testing.T) {
	p, err := procedure.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	p.Chain.Steps[1].After = recur.Span{Duration: -time.Minute}
	p.Rules[3].After = recur.Span{BusinessDays: -1}
	p.Rules[5].Task.Due = recur.Span{Days: -1}
	var at []string
	for _, f := range procedure.Lint(p, nil, procedure.Surroundings{}) {
		if f.Code == "negative-span" {
			at = append(at, f.Path)
		}
	}
	if want := []string{"chain.steps[1].after", "rules[3].after", "rules[5].task.due"}; !slices.Equal(at, want) {
		t.Errorf("got %v, want %v", at, want)
	}
}

func TestLintJudgesRotationsRolesAndTeamsWhenGiven(t *testing.T) {
	week := func(from string, people ...string) *oncall.Schedule {
		s := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: people, Start: from, Every: 1, Unit: "week"}}}
		if err := s.Prepare(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	empty := &oncall.Schedule{TimeZone: "UTC"}
	full := map[string]*oncall.Schedule{"first": week("2026-01-05T09:00", "ana", "bo"), "second": week("2026-01-05T09:00", "bo", "ana")}
	people := map[string]int{"boss": 1, "engineering-manager": 2}
	for name, c := range map[string]struct {
		around procedure.Surroundings
		want   []string
	}{
		"all is well":       {procedure.Surroundings{Schedules: full, Holders: people, Members: map[string]int{"all": 3}}, nil},
		"missing schedule":  {procedure.Surroundings{Schedules: map[string]*oncall.Schedule{"first": full["first"]}}, []string{"error no-rotation schedules[1]"}},
		"empty schedule":    {procedure.Surroundings{Schedules: map[string]*oncall.Schedule{"first": full["first"], "second": empty}}, []string{"error empty-rotation schedules[1]"}},
		"gap":               {procedure.Surroundings{Schedules: map[string]*oncall.Schedule{"first": full["first"], "second": week("2026-03-09T09:00", "bo")}}, []string{"error rotation-gap schedules[1]", "warning same-person-twice chain.steps[1].target"}},
		"twice the same":    {procedure.Surroundings{Schedules: map[string]*oncall.Schedule{"first": full["first"], "second": full["first"]}}, []string{"warning same-person-twice chain.steps[1].target"}},
		"nobody is boss":    {procedure.Surroundings{Holders: map[string]int{"engineering-manager": 1}}, []string{"error role-without-holder roles[0].id"}},
		"no manager at all": {procedure.Surroundings{Holders: map[string]int{"boss": 1}}, []string{"warning role-without-holder areas"}},
		"empty team":        {procedure.Surroundings{Members: map[string]int{}}, []string{"error empty-team teams[0]"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.around.Today = today
			var got []string
			_, findings := procedure.Check([]byte(small), c.around)
			for _, f := range findings {
				got = append(got, f.Level+" "+f.Code+" "+f.Path)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAFindingReadsLikeACompiler(t *testing.T) {
	_, findings := procedure.Check([]byte("schema: 1\nname: x\nrulse: []\n"), procedure.Surroundings{})
	if len(findings) != 1 || procedure.Errors(findings) != 1 {
		t.Fatalf("%+v", findings)
	}
	if got := findings[0].In("mine.yaml"); !strings.HasPrefix(got, "mine.yaml:3:1: error unreadable: unknown key \"rulse\"; did you mean \"rules\"?\n    ") {
		t.Errorf("%q", got)
	}
}
