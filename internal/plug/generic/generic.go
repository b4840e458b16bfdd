// Package generic reads any JSON object, list of objects or form: by itself
// from the names monitoring tools commonly use, or by a mapping of expressions
// that the owner of the hook wrote. It must not let an expression read anything
// but the payload, or cost more than a bounded amount of time and memory.
package generic

import (
	"bytes"
	"strings"
	"sync"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "generic"

const (
	maxValues = 20_000 // JSON values in a payload
	maxEvents = 1_000  // events in a payload
)

const sample = `{
  "summary": "The disk of db-1 is full", "dedup_key": "db-1/disk", "severity": "critical", "action": "trigger",
  "host": "db-1", "service": "postgres", "link": "https://runbook.example.net/disk"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Generic webhook", Source: Name, Docs: "docs/integrations/generic.md", Sample: sample,
			Setup: []string{
				"In your tool add a webhook: POST {url}, with JSON or a form as its body.",
				"Where the hook has a secret, add a header: Authorization: Bearer {secret}",
				"Send what the problem is called (summary), what identifies it (dedup_key, the same when it is over), how bad it is (severity: critical, error, warning or info) and, when it is over, action: resolve.",
				"Where your tool cannot choose the names of its fields, give the key a mapping: it says by an expression where each of them is.",
			},
		},
		Open: func(plug.Config) (any, error) { return &source{}, nil },
	}
}

// source keeps compiled mappings; a mapping is its own key.
type source struct {
	mu       sync.Mutex
	compiled map[string]*program
}

// Parse implements plug.Source.
func (s *source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := in.CheckShared(); err != nil {
		return plug.Received{}, err
	}
	pay, err := decode(in)
	if err != nil {
		return plug.Received{}, err
	}
	// A mapping is checked when it is saved. Should one not compile any more,
	// the common names have to do: an alert is not lost to a setting.
	p, _ := s.program(in.Mapping)
	t, err := read(pay, p, in.ID)
	if err != nil {
		return plug.Received{}, err
	}
	return plug.Received{Signals: t.signals, Refused: t.refused}, nil
}

// program compiles a mapping once.
func (s *source) program(mapping string) (*program, error) {
	if strings.TrimSpace(mapping) == "" {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.compiled[mapping]; ok {
		return p, nil
	}
	p, err := compile(mapping)
	if err != nil {
		return nil, err
	}
	const kept = 256
	if s.compiled == nil || len(s.compiled) >= kept {
		s.compiled = map[string]*program{}
	}
	s.compiled[mapping] = p
	return p, nil
}

// CheckMapping implements plug.Mapper.
func (s *source) CheckMapping(mapping string) error {
	if strings.TrimSpace(mapping) == "" {
		return nil
	}
	_, err := compile(mapping)
	return err
}

// TestMapping implements plug.Mapper.
func (s *source) TestMapping(mapping string, body []byte) (plug.Trial, error) {
	if len(body) > plug.MaxBody {
		return plug.Trial{}, fault.New(fault.TooLarge, "the payload has more than %d bytes", plug.MaxBody)
	}
	pay, err := decode(plug.Inbound{Body: body})
	if err != nil {
		return plug.Trial{}, err
	}
	var p *program
	if strings.TrimSpace(mapping) != "" {
		if p, err = compile(mapping); err != nil {
			return plug.Trial{}, err
		}
	}
	t, err := read(pay, p, "generated")
	if err != nil {
		return plug.Trial{}, err
	}
	return plug.Trial{Signals: t.signals, Skipped: t.skipped, Notes: append(t.notes, t.refused...)}, nil
}

// payload is a decoded call.
type payload struct {
	body    any
	header  map[string]any
	query   map[string]any
	size    int // bytes of the body
	longest int // bytes of its longest text, as expressions see it
}

func decode(in plug.Inbound) (*payload, error) {
	p := &payload{size: len(in.Body), header: map[string]any{}, query: map[string]any{}}
	for name, v := range in.Header {
		if name = strings.ToLower(name); len(v) > 0 && !secretHeader(name) {
			p.header[name] = p.clip(v[0])
		}
	}
	for name, v := range in.Query {
		if len(v) > 0 {
			p.query[name] = p.clip(v[0])
		}
	}
	if len(bytes.TrimLeft(in.Body, " \t\r\n\xef\xbb\xbf")) == 0 {
		return nil, fault.New(fault.Invalid, "the body is empty")
	}
	if fields, ok := in.Form(); ok {
		if len(fields) > maxValues {
			return nil, fault.New(fault.Invalid, "the form has more than %d fields", maxValues)
		}
		p.body = plug.FormDoc(fields).Any()
		return p, nil
	}
	j, budget := in.JSON(), maxValues
	if k := j.Kind(); k != '{' && k != '[' {
		j.Fail("must be a JSON object or an array of objects")
	} else {
		p.body = j.Any(&budget)
	}
	return p, j.End()
}

// secretHeader keeps credentials out of reach of a mapping.
func secretHeader(name string) bool {
	return name == "authorization" || name == "cookie" || name == "proxy-authorization" || strings.Contains(name, "signature") || strings.Contains(name, "token") || strings.Contains(name, "secret") || strings.Contains(name, "api-key")
}

// reading is what became of a payload.
type reading struct {
	signals []alert.Signal
	skipped int
	notes   []fault.Detail
	refused []fault.Detail
}
