package generic

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

func FuzzGeneric(f *testing.F) {
	for _, s := range []string{riemann, oncall, aForm, eventsV1, graylog3, graylogA, `{"check_result":{},"stream":{}}`, `{"event_definition_id":{},"event":{"priority":[]},"contexts":[{}],"links":7}`, `[{"title":"\u0000"},{"id":1e300,"message":"\ud800"}]`, `{"timestamp":-1e300,"title":"x"}`, `{"status":"ok","alert":{"id":"x"}}`, "a=\xff&b=%00"} {
		f.Add([]byte(s), "application/json")
		f.Add([]byte(s), "application/x-www-form-urlencoded")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := (&source{}).Parse(plug.Inbound{Body: body, ContentType: contentType, ID: "made"})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}

// FuzzMapping looks for an expression that panics, runs long or makes a signal
// that intake cannot store.
func FuzzMapping(f *testing.F) {
	payload := []byte(`{"s":"text: with, parts","n":7,"f":1.5,"t":true,"z":null,"list":[{"a":1,"tags":["x","y"]},{"a":"b"}],"m":{"k":"v"}}`)
	for _, s := range []string{
		"body.s", "body.list[0].a + body.n", "join(map(body.list, .a), ',')", "split(body.s, ':')[1]", "body.s matches '^t'", "body.m.k ?? 'x'", "filter(body.list, .a == 1)", "upper(body.s)[1:3]",
		"{a: body.n / 0}", "0/0", "body.n > 3 ? 'critical' : 'info'", "-body.n ** 99", "keys(body.m)", "get(body, 's')", "body.list | map(.tags) | first()", "all(body.list, len(.tags) > 1)", "index % 0", "header['x'] ?? query.y", "float('1e999')", "[body, body]", "int(body.s)", "'\x00'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		fm, err := compileOne(src)
		if err != nil {
			return
		}
		p := &program{by: map[string]*formula{}}
		for _, name := range fields {
			p.by[name] = fm
		}
		pay, err := decode(plug.Inbound{Body: payload})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		got, err := read(pay, p, "made")
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("%q took %v", src, took)
		}
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, plug.Received{Signals: got.signals})
	})
}
