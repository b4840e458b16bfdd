package plug_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

type mute struct{}

func (mute) Send(context.Context, plug.Message) (plug.Receipt, error) { return plug.Receipt{}, nil }

func plugin(name string, open any, fields ...plug.Field) plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{Name: name, Title: name, Docs: "docs/integrations/" + name + ".md", Fields: fields},
		Open:     func(plug.Config) (any, error) { return open, nil },
	}
}

func TestRegistryRefusesBadManifests(t *testing.T) {
	ok := plugin("mute", mute{})
	noOpen, noDocs := ok, ok
	noOpen.Open = nil
	noDocs.Manifest.Docs = ""
	for name, list := range map[string][]plug.Plugin{
		"twice":                 {ok, ok},
		"bad name":              {plugin("Mute", mute{})},
		"no Open":               {noOpen},
		"no docs":               {noDocs},
		"field twice":           {plugin("mute", mute{}, plug.Field{Key: "a", Title: "A"}, plug.Field{Key: "a", Title: "A"})},
		"bad field":             {plugin("mute", mute{}, plug.Field{Key: "A b", Title: "A"})},
		"no title":              {plugin("mute", mute{}, plug.Field{Key: "a"})},
		"secret with a default": {plugin("mute", mute{}, plug.Field{Key: "a", Title: "A", Secret: true, Default: "x"})},
	} {
		if _, err := plug.NewRegistry(list...); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRegistryOpen(t *testing.T) {
	var seen plug.Config
	p := plugin("mute", nil, plug.Field{Key: "host", Title: "Host", Required: true}, plug.Field{Key: "port", Title: "Port", Default: "25"})
	p.Open = func(c plug.Config) (any, error) { seen = c; return mute{}, nil }
	reg, err := plug.NewRegistry(p, plugin("other", 7))
	if err != nil {
		t.Fatal(err)
	}
	if all := reg.All(); len(all) != 2 || all[0].Manifest.Name != "mute" {
		t.Errorf("order: %v", all)
	}
	if _, err := reg.OpenChannel("mute", plug.Config{Values: map[string]secret.String{"host": " a ", "port": ""}}); err != nil {
		t.Fatal(err)
	}
	if seen.Text("host") != "a" || seen.Int("port", 0) != 25 || seen.Duration("none", time.Second) != time.Second {
		t.Errorf("settings: %q %d", seen.Text("host"), seen.Int("port", 0))
	}
	_, err = reg.Open("mute", plug.Config{Values: map[string]secret.String{"colour": "red"}})
	var fe *fault.Error
	if !errors.As(err, &fe) || fe.Kind != fault.Invalid || len(fe.Details) != 2 || fe.Details[0].Where != "host" || fe.Details[1].Where != "colour" {
		t.Errorf("got %v", err)
	}
	if _, err := reg.Open("nobody", plug.Config{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := reg.OpenChannel("other", plug.Config{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func TestConfigPrintsNothing(t *testing.T) {
	c := plug.Config{Values: map[string]secret.String{"password": "correct-horse-battery"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, c); strings.Contains(s, "correct-horse") {
			t.Errorf("%s shows the secret: %s", verb, s)
		}
	}
}

func TestFailureOf(t *testing.T) {
	if plug.FailureOf(nil) != nil {
		t.Error("nil is no failure")
	}
	plain := errors.New("x")
	if f := plug.FailureOf(plain); f.Kind != plug.Unknown || !errors.Is(f, plain) {
		t.Errorf("an unclassified error is %v, want unknown", f.Kind)
	}
	if f := plug.FailureOf(fmt.Errorf("send page: %w", plug.Fail(plug.Permanent, "no: %w", plain))); f.Kind != plug.Permanent || !errors.Is(f, plain) {
		t.Errorf("a wrapped failure is %v", f.Kind)
	}
}

// A channel that has no settings hears nothing, and does not keep the rest from
// being served.
func TestHooksWithoutSettings(t *testing.T) {
	chat := plugin("chat", mute{}, plug.Field{Key: "token", Title: "Token", Required: true})
	chat.Manifest.Source, chat.Manifest.Channels = "chat", []string{"chat"}
	r, err := plug.NewRegistry(chat)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Hooks(r.Bare); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
