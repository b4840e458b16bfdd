package sim

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/plug"
)

// ledger is what the providers saw: the only witness of what went out.
type ledger struct {
	w    *world
	sent map[string]*tries
	keys []string // in the order they first came

	links []link // of pages, as people got them
}

// link is the way to answer that came with a page.
type link struct {
	page pageKey
	code string
}

// tries are the calls with one key.
type tries struct {
	key      string
	what     pageKey // of a page
	kind     string
	to       string // address
	at       []time.Time
	outcome  []string // ok | retry | unknown | permanent
	accepted int
	late     int // calls after the first accepted one
	excused  int // crashes with the message in flight
}

// pageKey is one page to one person, whatever the channel.
type pageKey struct {
	incident    int64
	reason      string
	step, round int
	person      string
}

func (k pageKey) String() string {
	return fmt.Sprintf("INC-%d %s step %d round %d to %s", k.incident, k.reason, k.step, k.round, k.person)
}

// parseKey reads the key of a page's send: INC-1/chain/step1/round0/ana/push/1.
func parseKey(key string) (k pageKey, channel string, rung int, err error) {
	f := strings.Split(key, "/")
	if len(f) != 7 {
		return k, "", 0, fmt.Errorf("key %q has %d parts", key, len(f))
	}
	k.reason, k.person, channel = f[1], f[4], f[5]
	var errs [4]error
	k.incident, errs[0] = strconv.ParseInt(strings.TrimPrefix(f[0], "INC-"), 10, 64)
	k.step, errs[1] = strconv.Atoi(strings.TrimPrefix(f[2], "step"))
	k.round, errs[2] = strconv.Atoi(strings.TrimPrefix(f[3], "round"))
	rung, errs[3] = strconv.Atoi(f[6])
	for _, e := range errs {
		if e != nil {
			return k, channel, rung, e
		}
	}
	return k, channel, rung, nil
}

// wire is a provider with the faults of the seed.
type wire struct {
	w    *world
	name string
}

// Send notes the call and answers as the seed says.
func (c *wire) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	w := c.w
	if w.bug.lose(m) {
		return plug.Receipt{Arrived: true, ProviderRef: "r"}, nil
	}
	fails := w.fault(c.name)
	w.led.note(c.name, m, fails)
	switch fails {
	case "permanent":
		return plug.Receipt{}, plug.Fail(plug.Permanent, "the address is refused")
	case "retry":
		return plug.Receipt{}, plug.Fail(plug.Retry, "the provider answered 503")
	case "unknown":
		return plug.Receipt{}, plug.Fail(plug.Unknown, "no answer in time")
	}
	return plug.Receipt{Arrived: !slices.Contains(w.c.unheard, c.name), ProviderRef: "r"}, nil
}

func (w *world) fault(channel string) string {
	at := w.now.Sub(w.c.start)
	for _, o := range w.c.outages {
		if o.channel == channel && at >= o.from && at < o.until {
			return o.fails
		}
	}
	return "ok"
}

// note writes down one send. A bundle is a send of each page it carries, and
// has the link of each in its text, in the order of the pages.
func (l *ledger) note(channel string, m plug.Message, outcome string) {
	if len(m.Bundled) == 0 {
		l.noteOne(channel, m, outcome, true)
		return
	}
	links := linksIn(m.Text)
	if m.AckURL != "" || len(links) != len(m.Bundled) {
		l.w.fail("INV-P2", "bundle %s of %d pages has %d links, and answers all with %q", m.Key, len(m.Bundled), len(links), m.AckURL)
		return
	}
	for i, k := range m.Bundled {
		m.Key, m.AckURL = k, links[i]
		l.noteOne(channel, m, outcome, i == 0)
	}
}

// linksIn are the lines of a text that are an address.
func linksIn(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "https://") {
			out = append(out, line)
		}
	}
	return out
}

func (l *ledger) noteOne(channel string, m plug.Message, outcome string, alone bool) {
	w := l.w
	t := l.sent[m.Key]
	if t == nil {
		t = &tries{key: m.Key, kind: m.Kind, to: m.To}
		l.sent[m.Key] = t
		l.keys = append(l.keys, m.Key)
	}
	if t.accepted > 0 {
		t.late++
	}
	t.at = append(t.at, w.now)
	t.outcome = append(t.outcome, outcome)
	if outcome == "ok" {
		t.accepted++
	}
	w.say("send %s %s %s", m.Kind, m.Key, outcome)
	if m.Kind != "page" {
		return
	}
	k, ch, rung, err := parseKey(m.Key)
	if err != nil || ch != channel {
		w.fail("INV-P2", "key of a page: %s on %s: %v", m.Key, channel, err)
		return
	}
	t.what = k
	l.links = append(l.links, link{page: k, code: linkOf(m.AckURL)})
	w.model.called(k, rung, channel, m.To, outcome, alone)
}

func (l *ledger) excused(key string) {
	t := l.sent[key]
	if t == nil {
		t = &tries{key: key}
		l.sent[key] = t
	}
	t.excused++
}
