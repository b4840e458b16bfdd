package admin_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/flow/admin"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

const files = `# people and how they are reached
kind: person
id: cy
name: Cy Young
level: 1
time_zone: America/Chicago
contacts:
  - channel: sms
    address: "+15550100042"
    verified: true
absent:
  - {from: 2026-03-02T00:00:00Z, until: 2026-03-03T00:00:00+01:00}
---
kind: team
id: night
spec:
  name: Night shift
  lead: cy
  description: |
    The ones who
    are awake.
---
kind: service
id: search
name: Search
owner_team: night
restoration_rank: 5
critical_function: true
max_severity: P2
---
kind: customer
id: acme
name: Acme
tier: enterprise
vip: true
contract: {uptime_percent: 99.95, notify_within: 15m}
arr_usd: 120000
---
kind: schedule
id: nights
time_zone: America/Chicago
layers:
  - members: [cy]
    start: "2026-01-05T09:00"
    every: 1
    unit: week
`

func one(text string) []admin.File { return []admin.File{{Name: "a.yaml", Text: text}} }

func (h *house) apply(t *testing.T, text string, o admin.Options) admin.Plan {
	t.Helper()
	plan, err := h.Apply(bg, boss, one(text), o, now)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// brief writes a plan as "create person cy 2, ...".
func brief(p admin.Plan) string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, fmt.Sprintf("%s %s %s %d", s.Action, s.Kind, s.ID, s.Line))
	}
	return strings.Join(out, ", ")
}

func TestApplyMakesWhatTheFilesSay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const want = "create person cy 2, create team night 14, create service search 23, create customer acme 31, create schedule nights 39"
		if got := brief(h.apply(t, files, admin.Options{})); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		c := h.catalog(t)
		cy, acme, search := c.People["cy"], c.Customers["acme"], c.Services["search"]
		if cy.Name != "Cy Young" || cy.Contacts[0].Address != "+15550100042" || !cy.Absent[0].Until.Equal(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)) ||
			c.Teams["night"].Description != "The ones who\nare awake.\n" || search.MaxSeverity != 2 || !search.CriticalFunction ||
			acme.Contract.NotifyWithin.Duration != 15*time.Minute || acme.ARR != 120000 || !slices.Equal(c.Schedules["nights"].At(now), []string{"cy"}) {
			t.Errorf("%+v %+v %+v", cy, acme, search)
		}
	})
}

func TestApplyTellsWhichFieldsChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.apply(t, files, admin.Options{})
		text := strings.NewReplacer("level: 1", "level: 2\nroles: [cto]", `"+15550100042"`, `"+15550100043"`, "vip: true", "vip: false").Replace(files)
		plan := h.apply(t, text, admin.Options{DryRun: true})
		got := map[string]string{}
		for _, s := range plan.Steps {
			for _, f := range s.Fields {
				got[s.ID+f.Path] = string(f.Before) + " -> " + string(f.After)
			}
		}
		want := map[string]string{
			"cy/level": "1 -> 2", "cy/roles": `null -> ["cto"]`, "cy/contacts/0/address": `"+15550100042" -> "+15550100043"`, "acme/vip": "true -> false",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || plan.Count(admin.Update) != 2 || plan.Count(admin.Unchanged) != 3 {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		if h.catalog(t).People["cy"].Level != 1 {
			t.Error("a dry run changed something")
		}
	})
}

func TestWhatPeopleChangeThemselvesStaysUnlessTheFileSaysOtherwise(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.apply(t, files, admin.Options{})
		o := oncall.Override{From: now, Until: now.Add(time.Hour), Person: "ana"}
		if _, err := h.Cover(bg, responder, "nights", o, now); err != nil {
			t.Fatal(err)
		}
		const noContacts = "kind: person\nid: cy\nname: Cy Young\nlevel: 1\ntime_zone: America/Chicago\n"
		rota := files[strings.Index(files, "kind: schedule"):]
		if got := brief(h.apply(t, noContacts+"---\n"+rota, admin.Options{})); got != "unchanged person cy 1, unchanged schedule nights 7" {
			t.Errorf("got %s", got)
		}
		plan := h.apply(t, noContacts+"contacts: []\nabsent:\n---\n"+rota+"overrides: []\n", admin.Options{})
		c := h.catalog(t)
		if plan.Count(admin.Update) != 2 || len(c.People["cy"].Contacts)+len(c.People["cy"].Absent)+len(c.Schedules["nights"].Overrides) != 0 {
			t.Errorf("%s: %+v", brief(plan), c.People["cy"])
		}
	})
}

func TestPruneDeletesOfTheKindsInTheFilesOnly(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.put(t, catalog.Customer{ID: "acme", Name: "Acme", Tier: catalog.Standard})
		plan := h.apply(t, "kind: customer\nid: acme\nname: Acme\ntier: standard\n", admin.Options{Prune: true})
		c := h.catalog(t)
		if plan.Count(admin.Remove) != 40 || len(c.Customers) != 1 || len(c.People) != count(world(0), catalog.KindPerson) || len(c.Services) != 6 {
			t.Errorf("%d deleted, %d customers, %d people", plan.Count(admin.Remove), len(c.Customers), len(c.People))
		}
		_, err := h.Apply(bg, boss, one("kind: person\nid: cy\nname: Cy\n"), admin.Options{Prune: true}, now)
		wantKind(t, err, fault.Conflict, "schedule/primary")
		if len(h.catalog(t).People) != len(c.People) {
			t.Error("something was deleted all the same")
		}
		if plan := h.apply(t, "# nothing\n", admin.Options{Prune: true}); len(plan.Steps) != 0 {
			t.Errorf("no files delete nothing: %s", brief(plan))
		}
	})
}

// What is pruned and what refers to it may go together.
func TestPruneTakesAGroupAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.apply(t, "kind: service\nid: a\nname: A\nrestoration_rank: 1\n---\nkind: service\nid: b\nname: B\nrestoration_rank: 1\ndepends_on: [a]\n", admin.Options{})
		keep := ""
		for _, e := range world(0) {
			if e.Kind() != catalog.KindService {
				continue
			}
			doc, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			keep += "---\nkind: service\nid: " + e.Key() + "\nspec: " + string(doc) + "\n"
		}
		if plan := h.apply(t, keep, admin.Options{Prune: true}); plan.Count(admin.Remove) != 2 || plan.Count(admin.Unchanged) != 6 {
			t.Errorf("%s", brief(plan))
		}
	})
}

func TestApplySaysWhereSomethingIsWrong(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"not YAML", "kind: person\n  id: [", "a.yaml:1:7: "},
		{"a list", "- kind: person\n", "a.yaml:1:1: want a mapping"},
		{"no kind", "id: x\nname: X\n", "a.yaml:1:1: kind is missing"},
		{"no id", "kind: person\nname: X\n", "a.yaml:1:1: id is missing"},
		{"a kind nobody knows", "\nkind: persons\nid: x\n", "a.yaml:2:7: kind \"persons\": want person"},
		{"an id that is a number", "kind: person\nid: 42\nname: X\n", "a.yaml:2:5: id: want text; put it in quotes"},
		{"an id that cannot be one", "kind: person\nname: X\nid: Ä b\n", "a.yaml:3:5: /id:"},
		{"a field nobody knows", "kind: person\nid: x\nname: X\nnmae: Y\n", "a.yaml:4:1: unknown field \"nmae\""},
		{"a field given twice", "kind: person\nid: x\nname: X\nname: Y\n", "a.yaml:4:"},
		{"a phone number without quotes", "kind: person\nid: x\nname: X\ncontacts:\n  - {channel: sms, address: +15550100001}\n", "a.yaml:5:29: address: want text; put it in quotes"},
		{"text for a number", "kind: person\nid: x\nname: X\nlevel: high\n", "a.yaml:4:8: level: want a whole number"},
		{"text for a truth", "kind: customer\nid: x\nname: X\ntier: standard\nvip: sometimes\n", "a.yaml:5:6: vip: want true or false"},
		{"a number for a list", "kind: team\nid: x\nname: X\nmembers: 3\n", "a.yaml:4:10: members: want a list"},
		{"an empty entry", "kind: team\nid: x\nname: X\nmembers: [ana, ]\n", ""},
		{"a bad severity", "kind: service\nid: x\nname: X\nrestoration_rank: 1\nmax_severity: P9\n", "a.yaml:5:15: max_severity: severity \"P9\""},
		{"a bad instant", "kind: person\nid: x\nname: X\nabsent: [{from: yesterday, until: 2026-01-01T00:00:00Z}]\n", "a.yaml:4:17: from:"},
		{"a reference to nobody", "kind: team\nid: x\nname: X\nmembers:\n  - ana\n  - nobody\n", "a.yaml:6:5: /members/1: there is no person \"nobody\""},
		{"below spec", "kind: team\nid: x\nspec:\n  name: X\n  lead: nobody\n", "a.yaml:5:9: /lead: there is no person"},
		{"missing below spec", "kind: team\nid: x\nspec:\n  lead: ana\n", "a.yaml:4:3: /name: is missing"},
		{"spec and fields beside it", "kind: team\nid: x\nname: X\nspec: {name: X}\n", "a.yaml:3:1: \"name\": with spec"},
		{"spec that is none", "kind: team\nid: x\nspec: 7\n", "a.yaml:3:7: spec: want a mapping"},
		{"another id below", "kind: team\nid: x\nspec: {name: X, id: y}\n", "a.yaml:3:21: id: is \"x\" above"},
		{"declared twice", "kind: team\nid: x\nname: X\n---\nkind: team\nid: x\nname: Y\n", "a.yaml:5:1: team x is declared at a.yaml:1 already"},
		{"a schedule's unit", "kind: schedule\nid: x\ntime_zone: UTC\nlayers:\n  - {members: [ana], start: \"2026-01-05T09:00\", every: 1, unit: fortnight}\n", "a.yaml:5:65: /layers/0/unit:"},
		{"a schedule's field", "kind: schedule\nid: x\ntime_zone: UTC\nlayer: []\n", "a.yaml:4:1: /layer: unknown key"},
		{"a schedule's member", "kind: schedule\nid: x\ntime_zone: UTC\nlayers:\n  - members: [ana, ghost]\n    start: \"2026-01-05T09:00\"\n    every: 1\n    unit: week\n", "a.yaml:5:20: /layers/0/members/1: there is no person \"ghost\""},
		{"an anchor", "kind: team\nid: &x x\nname: X\n", "a.yaml:2:5: \"&\""},
		{"an alias", "kind: team\nid: x\nname: *x\n", "a.yaml:3:7: \"*\""},
		{"a tag", "kind: team\nid: !!str 3\n", "a.yaml:2:5:"},
		{"too many keys", "kind: team\nid: x\n" + strings.Repeat("a: b\n", 300), "more than 200 keys"},
		{"after dots", "kind: team\nid: x\nname: X\n...\n# next\n--- \nkind: team\nid: y\nname: 3\n", "a.yaml:9:7: name: want text"},
		{"in the second schedule", "---\r\nkind: schedule\r\nid: x\r\ntime_zone: UTC\r\n---\r\nkind: schedule\r\nid: y\r\ntime_zone: Mars\r\n", "a.yaml:8:12: /time_zone"},
		{"nested too deep", "kind: team\nid: x\nname: " + strings.Repeat("[", 10000), "nested too deep"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := open(storetest.Memory(t))
			h.load(t, world(40)...)
			_, err := h.Apply(bg, boss, one(tc.text), admin.Options{}, now)
			if tc.want == "" {
				if err != nil && !fault.Is(err, fault.Invalid) {
					t.Errorf("got %v", err)
				}
				return
			}
			wantKind(t, err, fault.Invalid)
			if err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestEveryProblemIsNamedAtOnceAndNothingIsStored(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		before := h.catalog(t)
		_, err := h.Apply(bg, boss, []admin.File{
			{Name: "good.yaml", Text: "kind: team\nid: good\nname: Good\n"},
			{Name: "bad.yaml", Text: "kind: team\nid: one\nlead: nobody\n---\nkind: person\nid: two\nname: Two\nlevel: 9\n"},
		}, admin.Options{}, now)
		wantKind(t, err, fault.Invalid, "bad.yaml:1:1", "/name: is missing", "bad.yaml:3:7", "bad.yaml:8:8", "(and 2 more)")
		if h.catalog(t) != before {
			t.Error("something was stored")
		}
		_, err = h.Apply(bg, boss, one(strings.Repeat("#", admin.MaxBytes+1)), admin.Options{}, now)
		wantKind(t, err, fault.TooLarge)
	})
}

// Applying twice changes nothing the second time, and a dry run answers what
// applying then does, whatever the files and whatever stands.
func TestApplyIsIdempotentAndForeseen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(t *rapid.T) {
			h := open(db)
			text := drawFiles(t)
			o := admin.Options{Prune: rapid.Bool().Draw(t, "prune")}
			dry := o
			dry.DryRun = true
			foreseen, err1 := h.Apply(bg, boss, one(text), dry, now)
			done, err2 := h.Apply(bg, boss, one(text), o, now)
			if fmt.Sprint(err1) != fmt.Sprint(err2) {
				t.Fatalf("foreseen %v, done %v", err1, err2)
			}
			if err1 != nil {
				return
			}
			if fmt.Sprint(foreseen.Steps) != fmt.Sprint(done.Steps) {
				t.Fatalf("foreseen %v\ndone     %v", foreseen.Steps, done.Steps)
			}
			again, err := h.Apply(bg, boss, one(text), o, now)
			if err != nil || again.Count(admin.Unchanged) != len(again.Steps) || again.Version != done.Version {
				t.Fatalf("the second time: %v %s", err, brief(again))
			}
		})
	})
}

// drawFiles writes documents of a small world, in which references often fit.
func drawFiles(t *rapid.T) string {
	var b strings.Builder
	person := rapid.SampledFrom([]string{"p1", "p2", "p3"})
	for _, id := range rapid.SliceOfNDistinct(person, 0, 3, rapid.ID).Draw(t, "people") {
		fmt.Fprintf(&b, "---\nkind: person\nid: %s\nname: %s\nlevel: %d\n", id, rapid.SampledFrom([]string{"Ana", `"7"`, "'O''Neil'"}).Draw(t, "name"), rapid.IntRange(0, 3).Draw(t, "level"))
		if rapid.Bool().Draw(t, "contacts") {
			fmt.Fprintf(&b, "contacts: [{channel: email, address: %s@firm.example}]\n", id)
		}
	}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"t1", "t2"}), 0, 2, rapid.ID).Draw(t, "teams") {
		fmt.Fprintf(&b, "---\nkind: team\nid: %s\nspec:\n  name: Team\n  members: [%s]\n", id, strings.Join(rapid.SliceOfNDistinct(person, 0, 2, rapid.ID).Draw(t, "members"), ", "))
	}
	if rapid.Bool().Draw(t, "schedule") {
		fmt.Fprintf(&b, "---\nkind: schedule\nid: s1\ntime_zone: UTC\nlayers:\n- members: [%s]\n  start: \"2026-01-05T09:00\"\n  every: %d\n  unit: day\n", person.Draw(t, "member"), rapid.IntRange(1, 3).Draw(t, "every"))
		if rapid.Bool().Draw(t, "override") {
			fmt.Fprintf(&b, "overrides: [{from: 2026-01-06T10:00:00Z, until: 2026-01-06T12:00:00+01:00, person: %s}]\n", person.Draw(t, "cover"))
		}
	}
	return b.String()
}

// What is exported as files says the same when it is applied.
func TestFilesCanSayEverythingACatalogueHolds(t *testing.T) {
	h := open(storetest.Memory(t))
	all := world(40)
	h.load(t, all...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var b strings.Builder
	for _, e := range all {
		doc, err := catalog.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "---\nkind: %s\nid: %s\nspec: %s\n", e.Kind(), e.Key(), doc)
	}
	plan, err := h.Apply(bg, authz.Actor{ID: "boss", Role: authz.Admin}, one(b.String()), admin.Options{Prune: true}, now)
	if err != nil || plan.Count(admin.Unchanged) != len(all) || len(plan.Steps) != len(all) {
		t.Errorf("%v, %d of %d unchanged", err, plan.Count(admin.Unchanged), len(plan.Steps))
	}
}

func FuzzApply(f *testing.F) {
	f.Add(files)
	f.Add("kind: person\nid: x\nspec: {name: [}")
	f.Add("{\"kind\": \"team\", \"id\": \"x\", \"name\": \"\\u0041\"}")
	f.Add("---\n---\n? a\n: b\n")
	h := open(storetest.Memory(f))
	f.Fuzz(func(t *testing.T, text string) {
		_, err := h.Apply(bg, boss, one(text), admin.Options{DryRun: true}, now)
		if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
