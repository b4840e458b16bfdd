package newrelic

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// regions are the addresses of NerdGraph by where the data is.
var regions = map[string]string{"us": "https://api.newrelic.com", "eu": "https://api.eu.newrelic.com"}

// pages are the addresses that issues have in webhooks.
var pages = map[string]string{"us": "https://radar-api.service.newrelic.com", "eu": "https://radar-api.service.eu.newrelic.com"}

// source is the open plug-in; without a key it only hears.
type source struct {
	http    *plug.HTTP
	base    string
	pages   string // of issues, for people; empty: unknown
	key     secret.String
	account int64
	service string
}

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	bad := fault.New(fault.Invalid, "open New Relic: settings are not complete")
	s := source{base: base, key: secret.String(cfg.Text("api_key")), service: cfg.Text("service")}
	if s.base == "" {
		known, region := false, plug.First(cfg.Text("region"), "us")
		if s.base, known = regions[region]; !known {
			return nil, bad.With("region", "must be us or eu")
		}
		s.pages = pages[region]
	}
	if s.key == "" {
		return s, nil
	}
	if s.account, err = strconv.ParseInt(cfg.Text("account_id"), 10, 64); err != nil || s.account <= 0 {
		return nil, bad.With("account_id", "is needed with a key, and is a number")
	}
	s.http = cfg.Puller()
	return s, nil
}

// Queries implements plug.Querier.
func (s source) Queries() bool { return s.key != "" }

// document is the query of NerdGraph. The NRQL is a variable: nothing in it can
// change what is asked of NerdGraph.
const document = `query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql, timeout: 15) { results } } } }`

var (
	quoted = regexp.MustCompile(`'[^']*'|"[^"]*"|` + "`[^`]*`")
	spans  = regexp.MustCompile(`(?i)\b(since|until)\b`)
)

// within adds the time asked for, unless the query says one itself.
func within(nrql string, from, to time.Time) string {
	if spans.MatchString(quoted.ReplaceAllString(nrql, "''")) {
		return nrql
	}
	return fmt.Sprintf("%s SINCE %d UNTIL %d", nrql, from.UnixMilli(), to.UnixMilli())
}

// Query implements plug.Querier: NRQL such as SELECT average(duration) FROM
// Transaction FACET appName TIMESERIES.
func (s source) Query(ctx context.Context, text string, from, to time.Time) ([]metric.Series, error) {
	doc, err := s.nerdgraph(ctx, document, map[string]any{"account": s.account, "nrql": within(text, from, to)}, "")
	if err != nil {
		return nil, err
	}
	nrql := doc.At("data", "actor", "account", "nrql")
	if !nrql.IsObject() {
		return nil, fault.New(fault.Unavailable, "New Relic: the answer has no result; may the key read account %d?", s.account)
	}
	out := results(nrql.List("results"), to)
	return out, plug.CheckSeries(out)
}

// nerdgraph asks, and opts in to a part that may change where there is one.
func (s source) nerdgraph(ctx context.Context, query string, variables map[string]any, part string) (plug.Doc, error) {
	body, err := plug.EncodeJSON(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return plug.Doc{}, err
	}
	header := http.Header{"Api-Key": {s.key.Reveal()}, "Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if part != "" {
		header.Set("Nerd-Graph-Unsafe-Experimental-Opt-In", part)
	}
	ans, err := s.http.Ask(ctx, "New Relic", plug.Request{URL: s.base + "/graphql", Body: body, Secrets: []secret.String{s.key}, Header: header})
	if err != nil {
		return plug.Doc{}, err
	}
	doc, err := plug.ReadDoc(ans.Body)
	if err != nil {
		return plug.Doc{}, fault.New(fault.Unavailable, "New Relic: the answer is not what NerdGraph documents")
	}
	if errs := doc.List("errors"); len(errs) > 0 {
		return plug.Doc{}, s.refused(errs[0])
	}
	return doc, nil
}

// refused says what is wrong: NerdGraph answers 200 to what it cannot do.
func (s source) refused(e plug.Doc) error {
	why := plug.Clean(cmp.Or(e.Text("message"), "it says no reason"), s.key)
	switch e.Text("extensions", "errorClass") {
	case "TIMEOUT", "SERVER_ERROR", "TOO_MANY_REQUESTS", "INTERNAL_SERVER_ERROR":
		return fault.New(fault.Unavailable, "New Relic cannot answer: %s", why)
	case "UNAUTHORIZED", "FORBIDDEN", "ACCESS_DENIED":
		return fault.New(fault.Unavailable, "New Relic refuses the credentials of the settings: %s", why)
	}
	return fault.New(fault.Invalid, "New Relic refuses the query: %s", why)
}
