package catalog

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/recur"
)

// Vendor is somebody else's service that ours stand on, and where its state can
// be read (INV-TRI-3P).
type Vendor struct {
	ID         string   `json:"id" yaml:"id"`
	Name       string   `json:"name" yaml:"name"`
	Feed       string   `json:"feed" yaml:"feed"`                         // see VendorFeeds
	URL        string   `json:"url" yaml:"url"`                           // of the document that is read
	Components []string `json:"components,omitempty" yaml:"components"`   // of theirs that we use, by name or id; none: all
	Services   []string `json:"services,omitempty" yaml:"services"`       // of ours that depend on it
	Homepage   string   `json:"status_page,omitempty" yaml:"status_page"` // for people
	Support    string   `json:"support_url,omitempty" yaml:"support_url"` // where to open a case with them
	Failover   string   `json:"failover,omitempty" yaml:"failover"`       // what takes its place, for whoever is on call
	Primary    string   `json:"primary,omitempty" yaml:"primary"`         // provider that serves as a rule
	Backup     string   `json:"backup,omitempty" yaml:"backup"`           // provider that can stand in
	Over       string   `json:"failover_action,omitempty" yaml:"failover_action"`
	Back       string   `json:"failback_action,omitempty" yaml:"failback_action"`
}

// VendorFeeds are the forms in which vendors publish their state: the summary of
// Statuspage, the incidents of Google Cloud, the current events of AWS, and RSS or
// Atom.
var VendorFeeds = []string{"statuspage", "gcp", "aws", "rss"}

// Kind is KindVendor.
func (Vendor) Kind() Kind { return KindVendor }

// Key is the vendor's id.
func (v Vendor) Key() string { return v.ID }

func (v Vendor) check(c *checker, look Lookup) {
	c.text("/name", v.Name, true)
	c.oneOf("/feed", v.Feed, VendorFeeds)
	c.read("/url", v.URL)
	c.each("/components", v.Components, func(where, s string) { c.text(where, s, true) })
	c.each("/services", v.Services, c.ref(look, KindService))
	for where, address := range map[string]string{"/status_page": v.Homepage, "/support_url": v.Support} {
		if address != "" {
			c.link(where, address)
		}
	}
	c.prose("/failover", v.Failover)
	c.text("/primary", v.Primary, false)
	c.text("/backup", v.Backup, v.Over != "")
	c.optionalRef(look, KindAction, "/failover_action", v.Over)
	c.optionalRef(look, KindAction, "/failback_action", v.Back)
	if v.Back != "" && (v.Over == "" || v.Over == v.Back) {
		c.add("/failback_action", "takes back what another action did")
	}
}

// Feed is a place in public where people may write about us (CRI-SOC-*).
type Feed struct {
	ID       string     `json:"id" yaml:"id"`
	Name     string     `json:"name" yaml:"name"`
	Form     string     `json:"form" yaml:"form"`                                 // see FeedForms
	URL      string     `json:"url" yaml:"url"`                                   // of the document that is read
	Query    string     `json:"query,omitempty" yaml:"query"`                     // of a search, in its own language
	Keywords []string   `json:"keywords,omitempty" yaml:"keywords"`               // an entry must have one of these words; none: every entry
	Words    []FeedWord `json:"complaint_words,omitempty" yaml:"complaint_words"` // beside those the product knows
	Service  string     `json:"service,omitempty" yaml:"service"`                 // on which a spike raises its alert; none: no alert
	Spike    int        `json:"spike,omitempty" yaml:"spike"`                     // complaints; 0: DefaultSpike
	Within   recur.Span `json:"spike_within,omitzero" yaml:"spike_within"`        // of each other; zero: DefaultSpikeWithin
	Every    recur.Span `json:"every,omitzero" yaml:"every"`                      // between readings; zero: DefaultEvery
}

// FeedWord is a word that makes an entry a complaint, with its weight; one that
// speaks for the contrary weighs less than nothing.
type FeedWord struct {
	Word   string `json:"word" yaml:"word"`
	Weight int    `json:"weight" yaml:"weight"`
}

// Forms of a feed. Of searches each has its own.
const (
	FormRSS       = "rss" // or Atom
	FormJSON      = "json"
	FormDiscourse = "discourse"
	FormX         = "x"
)

// FeedForms lists the forms.
var FeedForms = []string{FormRSS, FormJSON, FormDiscourse, FormX}

// What a feed does when it says nothing else.
const (
	DefaultSpike       = 10
	DefaultSpikeWithin = 5 * time.Minute
	DefaultEvery       = 2 * time.Minute
)

// Limits of a feed.
const (
	MaxSpike     = 1000
	MinEvery     = time.Minute
	MaxEvery     = 24 * time.Hour
	maxQuery     = 1024
	maxWeight    = 10
	maxFeedWords = 50
)

// Kind is KindFeed.
func (Feed) Kind() Kind { return KindFeed }

// Key is the feed's id.
func (f Feed) Key() string { return f.ID }

// SpikeAt is how many complaints within how long are a spike.
func (f Feed) SpikeAt() (n int, within time.Duration) {
	n, within = f.Spike, f.Within.Duration
	if n == 0 {
		n = DefaultSpike
	}
	if within == 0 {
		within = DefaultSpikeWithin
	}
	return n, within
}

// Pause is how long after a reading the next one is due.
func (f Feed) Pause() time.Duration {
	if f.Every.Duration == 0 {
		return DefaultEvery
	}
	return f.Every.Duration
}

func (f Feed) check(c *checker, look Lookup) {
	c.text("/name", f.Name, true)
	c.oneOf("/form", f.Form, FeedForms)
	c.read("/url", f.URL)
	if len(f.Query) > maxQuery || (f.Form == FormX) != (f.Query != "") {
		c.add("/query", "a search of the form %s has one of up to %d bytes, other forms have none", FormX, maxQuery)
	}
	c.each("/keywords", f.Keywords, func(where, s string) { c.text(where, s, true) })
	if len(f.Words) > maxFeedWords {
		c.add("/complaint_words", "at most %d entries are allowed", maxFeedWords)
		return
	}
	for _, w := range f.Words {
		c.text("/complaint_words", w.Word, true)
		if w.Weight < -maxWeight || w.Weight > maxWeight {
			c.add("/complaint_words", "%q: a weight is from %d to %d", w.Word, -maxWeight, maxWeight)
		}
	}
	c.optionalRef(look, KindService, "/service", f.Service)
	if f.Spike < 0 || f.Spike > MaxSpike {
		c.add("/spike", "must be from 1 to %d, or absent", MaxSpike)
	}
	c.between("/spike_within", f.Within, MinEvery, MaxEvery)
	c.between("/every", f.Every, MinEvery, MaxEvery)
}

// between checks an elapsed time; none is good.
func (c *checker) between(where string, s recur.Span, least, most time.Duration) {
	if s.IsZero() {
		return
	}
	if s != (recur.Span{Duration: s.Duration}) || s.Duration < least || s.Duration > most {
		c.add(where, "must be a time from %s to %s", least, most)
	}
}

// read checks an address that is read again and again. It is no secret and stands
// in exports, so there is nothing in it to sign in with.
func (c *checker) read(where, raw string) {
	u, err := url.Parse(raw)
	const longest = 2048
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || len(raw) > longest {
		c.add(where, "want an address that begins with https:// and has no user name in it")
	}
}

// Bounds of a service's links and of what may be measured.
const (
	maxLinks  = 30
	maxProbes = 20
)

// checkWays checks the links of a service and what may be measured of it.
func (s *Service) checkWays(c *checker) {
	if len(s.Links) > maxLinks {
		c.add("/links", "at most %d", maxLinks)
	}
	seen := map[string]bool{}
	for i, l := range s.Links {
		at := fmt.Sprintf("/links/%d", i)
		c.text(at+"/name", l.Name, true)
		if seen[l.Name] {
			c.add(at+"/name", "stands twice")
		}
		seen[l.Name] = true
		filled := l.At(s.ID, time.Unix(0, 0), time.Unix(1, 0))
		c.link(at+"/url", filled)
		if strings.Contains(filled, "{{") {
			c.add(at+"/url", "knows {{service}}, and {{from}} and {{until}} with nothing, _s or _ms behind them")
		}
	}
	if len(s.Probes) > maxProbes {
		c.add("/probes", "at most %d", maxProbes)
	}
	c.each("/probes", s.Probes, func(where, address string) {
		if strings.Contains(address, "://") {
			c.link(where, address)
			return
		}
		if u, err := url.Parse("//" + address); err != nil || u.Host != address || u.Hostname() == "" || u.Port() == "" {
			c.add(where, "must be a URL or host:port")
		}
	})
}

// At is the address for a service and a time.
func (l ServiceLink) At(service string, from, until time.Time) string {
	var pairs []string
	for name, t := range map[string]time.Time{"from": from.UTC(), "until": until.UTC()} {
		pairs = append(pairs, "{{"+name+"}}", url.QueryEscape(t.Format(time.RFC3339)),
			"{{"+name+"_s}}", strconv.FormatInt(t.Unix(), 10), "{{"+name+"_ms}}", strconv.FormatInt(t.UnixMilli(), 10))
	}
	return strings.NewReplacer(append(pairs, "{{service}}", url.QueryEscape(service))...).Replace(l.URL)
}
