package datadog

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

const defaultSite = "datadoghq.com"

// source is the open plug-in; without both keys it only hears.
type source struct {
	http        *plug.HTTP
	base        string
	console     string // where people see a monitor
	key         secret.String
	application secret.String
	service     string
	handle      string
}

var siteShape = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	s := source{
		base: base, key: secret.String(cfg.Text("api_key")), application: secret.String(cfg.Text("application_key")),
		service: cfg.Text("service"), handle: plug.First(cfg.Text("handle"), defaultHandle),
	}
	// The console of the first site, of Europe and of the government is at app.<site>.
	site := strings.TrimPrefix(plug.First(cfg.Text("site"), defaultSite), "app.")
	if !siteShape.MatchString(site) {
		return nil, fault.New(fault.Invalid, "open Datadog: settings are wrong").With("site", "must be a host such as datadoghq.eu")
	}
	if s.base == "" {
		s.base = "https://api." + site
	}
	if s.console = "https://" + site; strings.Count(site, ".") == 1 {
		s.console = "https://app." + site
	}
	if (s.key == "") != (s.application == "") {
		return nil, fault.New(fault.Invalid, "open Datadog: settings are not complete").With("application_key", "and the API key are needed together")
	}
	if s.Queries() {
		s.http = cfg.Puller()
	}
	return s, nil
}

func (s source) header() http.Header {
	return http.Header{"Dd-Api-Key": {s.key.Reveal()}, "Dd-Application-Key": {s.application.Reveal()}, "Accept": {"application/json"}}
}

// Queries implements plug.Querier.
func (s source) Queries() bool { return s.key != "" }

// Query implements plug.Querier: a metric query such as
// avg:system.cpu.user{env:prod} by {host}.
func (s source) Query(ctx context.Context, text string, from, to time.Time) ([]metric.Series, error) {
	q := url.Values{"query": {text}, "from": {strconv.FormatInt(from.Unix(), 10)}, "to": {strconv.FormatInt(to.Unix(), 10)}}
	ans, err := s.http.Ask(ctx, "Datadog", plug.Request{
		Method: http.MethodGet, URL: s.base + "/api/v1/query?" + q.Encode(), Secrets: []secret.String{s.key, s.application},
		Header: s.header(),
	})
	if err != nil {
		return nil, err
	}
	doc, err := plug.ReadDoc(ans.Body)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "Datadog: the answer is not what its API documents")
	}
	if why := doc.Text("error"); why != "" || doc.Text("status") == "error" {
		return nil, fault.New(fault.Invalid, "Datadog refuses the query: %s", plug.Clean(plug.First(why, "it says no reason"), s.key, s.application))
	}
	var out []metric.Series
	for _, d := range doc.List("series") {
		out = append(out, series(d))
	}
	return out, plug.CheckSeries(out)
}

const latest = 4e12 // milliseconds: the year 2096, beyond any clock that is right

// series is one group of the answer. Where Datadog has no value for an interval,
// there is no point.
func series(d plug.Doc) metric.Series {
	tags := strings.Split(d.Text("scope"), ",")
	if list := d.List("tag_set"); len(list) > 0 {
		tags = tags[:0]
		for _, t := range list {
			tags = append(tags, t.Text())
		}
	}
	s := metric.Series{Name: plug.Line(cmp.Or(d.Text("expression"), d.Text("metric"), d.Text("display_name")), plug.MaxWord)}
	for k, v := range plug.Tags(tags) {
		if k != "*" {
			s.Labels = plug.AddLabel(s.Labels, k, v)
		}
	}
	for _, p := range d.List("pointlist") {
		pair := p.List()
		if len(pair) != 2 {
			continue
		}
		// Milliseconds, which the API has as a number with a fraction.
		if at := pair[0].Number(); pair[1].Has() && at > 0 && at < latest {
			s.Points = append(s.Points, metric.Point{At: time.UnixMilli(int64(at)).UTC(), Value: pair[1].Number()})
		}
	}
	return s
}
