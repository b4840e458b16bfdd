package inquiry

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
)

// Probe measures the way to some targets (INV-RCA-NET).
type Probe struct {
	Stamp
	Targets []Target  `json:"targets"`
	Times   int       `json:"times"`
	DoneAt  time.Time `json:"done_at,omitzero"`
	Results []Measure `json:"results,omitempty"`
}

// How often each step is made.
const (
	DefaultTimes = 5
	MaxTimes     = 20
	MaxTargets   = 10
)

// Target is an address that may be measured.
type Target struct {
	Service string `json:"service"` // it is of
	Address string `json:"address"` // URL or host:port
}

// Measure is one step towards a target, made some times.
type Measure struct {
	Address string        `json:"address"`
	Step    string        `json:"step"` // dns, tcp, tls or http
	Times   int           `json:"times"`
	Failed  int           `json:"failed"`
	Why     string        `json:"why,omitempty"` // of the last failure
	Min     time.Duration `json:"min"`           // of those that did not fail
	Median  time.Duration `json:"median"`
	P95     time.Duration `json:"p95"`
	Max     time.Duration `json:"max"`
	Until   time.Time     `json:"until,omitzero"` // end of the certificate
}

// Targets lists what may be measured for the services: the targets of their
// synthetic checks, and those that the catalogue allows each of them. Nothing else
// is: a probe must not become a way to look around in a network.
func Targets(cat *catalog.Catalog, services []string) (out []Target) {
	add := func(service, address string) {
		t := Target{Service: service, Address: address}
		if _, _, ok := split(address); ok && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, id := range services {
		for _, key := range slices.Sorted(maps.Keys(cat.Checks)) {
			c := cat.Checks[key]
			if c.Service == id && (c.Type == check.HTTP || c.Type == check.TCP || c.Type == check.TLS) {
				add(id, c.Target)
			}
		}
		for _, address := range cat.Services[id].Probes {
			add(id, address)
		}
	}
	return out
}

// split is the host and port of an address.
func split(address string) (host, port string, ok bool) {
	if !strings.Contains(address, "://") {
		u, err := url.Parse("//" + address)
		if err != nil || u.Host != address {
			return "", "", false
		}
		return u.Hostname(), u.Port(), u.Hostname() != "" && u.Port() != ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", false
	}
	port = u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return u.Hostname(), port, true
}

// perTry bounds one try.
const perTry = 5 * time.Second

// Steps are what is asked of a target, in order: the name, the connection, the
// certificate, the answer.
func (t Target) Steps() (out []check.Check) {
	host, port, ok := split(t.Address)
	if !ok {
		return nil
	}
	add := func(kind, target string) {
		c := check.Check{ID: "probe", Service: t.Service, Type: kind, Target: target}
		c.Timeout.Duration, c.Every.Duration = perTry, perTry
		if kind == check.HTTP {
			c.Status = []string{"100-599"} // an answer is an answer: what it says others judge
		}
		out = append(out, c)
	}
	if _, err := netip.ParseAddr(host); err != nil {
		add(check.DNS, host)
	}
	at := host + ":" + port
	if strings.Contains(host, ":") { // an IPv6 address
		at = "[" + host + "]:" + port
	}
	add(check.TCP, at)
	if strings.HasPrefix(t.Address, "https://") || port == "443" {
		add(check.TLS, at)
	}
	if strings.Contains(t.Address, "://") {
		add(check.HTTP, t.Address)
	}
	return out
}

// Gather makes a measure of tries.
func Gather(address, step string, tries []check.Result) Measure {
	m := Measure{Address: address, Step: step, Times: len(tries)}
	var took []time.Duration
	for _, r := range tries {
		if !r.Up {
			m.Failed, m.Why = m.Failed+1, r.Why
			continue
		}
		took = append(took, r.Took)
		if !r.Until.IsZero() {
			m.Until = r.Until
		}
	}
	if len(took) == 0 {
		return m
	}
	slices.Sort(took)
	const ninetyFive, hundred = 95, 100
	m.Min, m.Max, m.Median = took[0], took[len(took)-1], took[(len(took)-1)/2]
	m.P95 = took[(len(took)*ninetyFive+hundred-1)/hundred-1]
	return m
}

// Sentence is a measure in words.
func (m *Measure) Sentence() string {
	out := m.Address + " " + m.Step + ": "
	switch {
	case m.Times == 0:
		return out + "not tried"
	case m.Failed == m.Times:
		return out + "failed (" + m.Why + ")"
	}
	out += "median " + m.Median.Round(time.Microsecond).String() + ", slowest " + m.Max.Round(time.Microsecond).String()
	if m.Failed > 0 {
		out += ", some failed (" + m.Why + ")"
	}
	if !m.Until.IsZero() {
		out += ", certificate until " + m.Until.UTC().Format("2006-01-02")
	}
	return out
}
