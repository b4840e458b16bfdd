package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	types    = "../../domain/procedure"
	schema   = "../../../procedures/techflow.schema.json"
	techflow = "../../../procedures/techflow.yaml"
)

func TestTheCommittedSchemaIsFresh(t *testing.T) {
	want, err := generate(types)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("procedures/techflow.schema.json is stale: run go generate ./procedures")
	}
}

func TestTheBuiltInProcedureSatisfiesTheSchema(t *testing.T) {
	text, err := os.ReadFile(techflow)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, string(text)); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaRefusesMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":      "schema: 1\nname: x\nrulse: []",
		"no name":          "schema: 1",
		"bad span":         "schema: 1\nname: x\nsuspicion: {declare_after: 8 minutes}",
		"bad severity":     "schema: 1\nname: x\nseverities: {P5: {name: x}}",
		"unknown trigger":  "schema: 1\nname: x\nrules: [{id: a, on: never, note: x}]",
		"unknown fact":     "schema: 1\nname: x\nrules: [{id: a, on: opened, when: [raining], note: x}]",
		"two actions":      "schema: 1\nname: x\nrules: [{id: a, on: opened, note: x, task: {title: t, owner: commander}}]",
		"no action":        "schema: 1\nname: x\nrules: [{id: a, on: opened}]",
		"target of no one": "schema: 1\nname: x\npaging: {fallback: somebody}",
		"malformed clause": "schema: 1\nname: x\nlevels: [{level: 1, members: [], response: {}, clause: esc}]",
	} {
		if err := validate(t, text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	ok := "schema: 1\nname: x\nbusiness_hours:\nrules: [{id: a, on: opened, when: [not restricted], note: x}]"
	if err := validate(t, ok); err != nil {
		t.Errorf("a small procedure is refused: %v", err)
	}
}

// Somebody who writes a procedure in an editor sees a sentence at every key.
func TestEveryKeyIsDescribed(t *testing.T) {
	text, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Properties map[string]property                                 `json:"properties"`
		Defs       map[string]struct{ Properties map[string]property } `json:"$defs"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]property{}
	for k, p := range doc.Properties {
		all[k] = p
	}
	for name, d := range doc.Defs {
		for k, p := range d.Properties {
			all[name+"."+k] = p
		}
	}
	if len(all) < 100 {
		t.Errorf("only %d keys found", len(all))
	}
	for k, p := range all {
		if strings.TrimSpace(p.Description) == "" {
			t.Errorf("%s has no description", k)
		}
	}
}

type property struct{ Description string }

func validate(t *testing.T, text string) error {
	t.Helper()
	raw, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("procedure.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("procedure.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// docs/procedure.md is written by hand; a new key must not be forgotten there.
func TestEveryKeyIsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../../docs/procedure.md")
	if err != nil {
		t.Fatal(err)
	}
	src, err := readSource(types)
	if err != nil {
		t.Fatal(err)
	}
	for name, st := range src.types {
		for _, f := range st.Fields.List {
			k := key(f)
			if k != "" && !strings.Contains(string(manual), "`"+k+"`") && !strings.Contains(string(manual), k+":") && !strings.Contains(string(manual), "`"+k+":") {
				t.Errorf("%s.%s is not in docs/procedure.md", name, k)
			}
		}
	}
	for _, list := range []string{"Triggers", "Facts", "Moments", "Starts", "Pers", "Gates", "Conditions", "Flags", "Reviews", "WarRooms", "Impacts", "Audiences", "Statuses", "PublicChannels", "PersonChannels", "Placeholders"} {
		for _, w := range src.words[list] {
			if !strings.Contains(string(manual), w) {
				t.Errorf("%s: %q is not in docs/procedure.md", list, w)
			}
		}
	}
}
