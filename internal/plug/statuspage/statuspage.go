// Package statuspage keeps a copy of our public status page at Statuspage.io
// (https://developer.statuspage.io, version 1): one incident there for each post
// here, a maintenance there for each that is announced, an update for each update, and
// the state of the components that are mapped.
// It must not say anything that the built-in page does not, nor read anything but
// what it wrote.
package statuspage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "statuspage", Title: "Statuspage", Pages: "statuspage", Docs: "docs/integrations/statuspage.md",
			Fields: []plug.Field{
				{Key: "page_id", Title: "Page ID", Required: true, Help: "Of the page, under API info."},
				{Key: "api_key", Title: "API key", Secret: true, Required: true, Help: "Of a user who may manage incidents and maintenance, under API info."},
				{Key: "components", Title: "Components", Help: "Which component there is which here, such as: Sign-in=kctbh9vrtdwd, Dashboards=8kbf7d35c070. What is not named keeps its state there."},
				{Key: "notify", Title: "Tell its subscribers", Default: "yes", Help: "yes: Statuspage tells those who subscribed there. no: it stays silent."},
				{Key: "base_url", Title: "API URL", Default: "https://api.statuspage.io"},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	s := &statuspage{key: cfg.Secret("api_key"), http: cfg.Client(), now: time.Now, notify: !strings.EqualFold(cfg.Text("notify"), "no")}
	s.base = base + "/v1/pages/" + url.PathEscape(cfg.Text("page_id")) + "/incidents"
	if s.components, err = readMap(cfg.Text("components")); err != nil {
		return nil, err
	}
	return s, nil
}

// readMap reads "Sign-in=abc, API=def".
func readMap(text string) (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		k := strings.LastIndexByte(part, '=') // an id has none; a name may
		if k < 0 {
			return nil, fmt.Errorf("components: %q is not NAME=ID", plug.Line(part, 60))
		}
		name, id := strings.TrimSpace(part[:k]), strings.TrimSpace(part[k+1:])
		if name == "" || !status.SafeID(id) || out[name] != "" {
			return nil, fmt.Errorf("components: %q names no component and its ID, or one twice", plug.Line(part, 60))
		}
		out[name] = id
	}
	return out, nil
}

type statuspage struct {
	base       string
	key        secret.String
	components map[string]string // our public name -> id there
	notify     bool
	http       *plug.HTTP
	now        func() time.Time

	mu    sync.Mutex  // one post at a time, so that two updates never make two incidents
	calls []time.Time // of the last minute
}

var _ plug.Channel = (*statuspage)(nil)

// An API key may make 60 calls in any 60 seconds; beyond it Statuspage answers 420
// or 429 (developer.statuspage.io, "Rate Limiting").
const (
	burst  = 60
	window = time.Minute
)

// pages of incidents that are looked through for a post, newest first; a page has
// a hundred.
const (
	pages   = 3
	perPage = 100
)

// Send brings the incident there to what the post says. What is there already is
// known by a mark in its metadata and is not made again, so that any attempt can be
// repeated, and an update that was overtaken is made up for in order.
func (s *statuspage) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	if m.Posted == nil || len(m.Posted.Incident.Updates) == 0 {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "copy to Statuspage: there is no post to copy")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	there, err := s.find(ctx, m)
	if err != nil {
		return plug.Receipt{}, err
	}
	todo := missing(m.Posted.Incident.Updates, there)
	if len(todo) == 0 && s.same(m.Posted, there) {
		return plug.Receipt{ProviderRef: there.ID, Detail: "was there already"}, nil
	}
	if len(todo) == 0 {
		todo = []status.Update{{}} // the impact or the window alone has changed
	}
	var last plug.Answer
	for n, u := range todo {
		if there, last, err = s.tell(ctx, m, there, u, n == len(todo)-1); err != nil {
			return plug.Receipt{}, err
		}
	}
	return plug.Receipt{ProviderRef: plug.Clean(there.ID, s.key), Detail: last.Brief()}, nil
}

// incident is what Statuspage says of one.
type incident struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"`
	Impact     string          `json:"impact"`
	Metadata   json.RawMessage `json:"metadata"`
	For        string          `json:"scheduled_for"`
	Until      string          `json:"scheduled_until"`
	Components []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"components"`
}

// mark ties an incident there to a post here.
type mark struct {
	Post string `json:"post"`
	Last string `json:"last"` // the newest update that was copied
}

func (i *incident) mark() mark {
	var m struct{ Allclear mark }
	_ = json.Unmarshal(i.Metadata, &m) // another's metadata may be of any shape
	return m.Allclear
}

// find looks for the post among the newest incidents there; nil when it has none. A
// maintenance may have been announced long before, so those have a list of their own.
func (s *statuspage) find(ctx context.Context, m plug.Message) (there *incident, err error) {
	if m.Posted.Scheduled() {
		there, err = s.among(ctx, m, "/scheduled?per_page=%d&page=%d")
	}
	if there == nil && err == nil {
		there, err = s.among(ctx, m, "?limit=%d&page=%d")
	}
	return there, err
}

func (s *statuspage) among(ctx context.Context, m plug.Message, list string) (*incident, error) {
	for page := 1; page <= pages; page++ {
		ans, err := s.call(ctx, m, http.MethodGet, s.base+fmt.Sprintf(list, perPage, page), nil)
		if err != nil {
			return nil, before(err)
		}
		if err := ans.Failure(); err != nil {
			return nil, before(judged(ans, err))
		}
		var list []incident
		if err := json.Unmarshal(ans.Body, &list); err != nil {
			return nil, plug.Fail(plug.Retry, "look for the post at Statuspage: the answer is not Statuspage's: %s", ans.Brief())
		}
		// The oldest that has the mark: a copy that was made twice stays as it was left.
		for n := len(list) - 1; n >= 0; n-- {
			if list[n].mark().Post == m.Posted.Incident.ID {
				return &list[n], nil
			}
		}
		if len(list) < perPage {
			break
		}
	}
	return nil, nil
}

// missing are the updates that are not there yet, oldest first.
func missing(all []status.Update, there *incident) []status.Update {
	if there == nil {
		return all
	}
	last := there.mark().Last
	at := slices.IndexFunc(all, func(u status.Update) bool { return u.ID == last })
	return all[at+1:]
}

// states are the mapped components by their ids there.
func (s *statuspage) states(p *status.Posted) map[string]string {
	out := map[string]string{}
	for _, c := range p.Components {
		if id := s.components[c.Name]; id != "" {
			out[id] = string(c.Status)
		}
	}
	return out
}

// same reports whether components and impact, or the window, are there as they are
// here.
func (s *statuspage) same(p *status.Posted, there *incident) bool {
	want := s.states(p)
	for _, c := range there.Components {
		if state, ours := want[c.ID]; ours && state == c.Status {
			delete(want, c.ID)
		}
	}
	if p.Scheduled() {
		return len(want) == 0 && there.Name == p.Incident.Name && at(there.For, p.ScheduledFor) && at(there.Until, p.ScheduledUntil)
	}
	return len(want) == 0 && there.Impact == string(p.Incident.Impact)
}

// at reports whether a time there is ours, which is told to the second.
func at(there string, t time.Time) bool {
	got, err := time.Parse(time.RFC3339, there)
	return err == nil && got.Truncate(time.Second).Equal(t.Truncate(time.Second))
}

// fields are the body of an incident that is made or changed.
type fields struct {
	Name       string            `json:"name,omitempty"`
	Status     string            `json:"status,omitempty"`
	Body       string            `json:"body,omitempty"`
	Impact     string            `json:"impact_override,omitempty"`
	Metadata   map[string]mark   `json:"metadata,omitempty"`
	Components map[string]string `json:"components,omitempty"`
	IDs        []string          `json:"component_ids,omitempty"`
	Deliver    bool              `json:"deliver_notifications"`
	*schedule                    // of announced work alone
}

// schedule is when announced work takes place. Nothing of it happens there by itself:
// that it begins and ends is told from here, where people may move it.
type schedule struct {
	For       string `json:"scheduled_for"`
	Until     string `json:"scheduled_until"`
	Begins    bool   `json:"scheduled_auto_in_progress"`
	Ends      bool   `json:"scheduled_auto_completed"`
	Reminds   bool   `json:"scheduled_remind_prior"`
	Takes     bool   `json:"auto_transition_to_maintenance_state"`
	Returns   bool   `json:"auto_transition_to_operational_state"`
	TellBegin bool   `json:"auto_transition_deliver_notifications_at_start"`
	TellEnd   bool   `json:"auto_transition_deliver_notifications_at_end"`
}

// tell makes one update there; components move with the last one, so that catching
// up does not make them flap.
func (s *statuspage) tell(ctx context.Context, m plug.Message, there *incident, u status.Update, last bool) (*incident, plug.Answer, error) {
	p := m.Posted
	f := fields{Body: u.Body, Status: string(u.Status), Deliver: s.notify && u.Body != ""}
	if u.ID != "" {
		f.Metadata = map[string]mark{"allclear": {Post: p.Incident.ID, Last: u.ID}}
	}
	if u.Status == status.Postmortem && there != nil {
		if err := s.report(ctx, m, there, u); err != nil {
			return nil, plug.Answer{}, err
		}
		f.Body, f.Status, f.Deliver = "", "", false
	} else if u.Status == status.Postmortem {
		f.Status = string(status.Resolved) // a report on what was never copied
	}
	if p.Scheduled() {
		f.Name = p.Incident.Name
		f.schedule = &schedule{For: p.ScheduledFor.UTC().Format(time.RFC3339), Until: p.ScheduledUntil.UTC().Format(time.RFC3339)}
	}
	if last {
		f.Components = s.states(p)
		if !p.Scheduled() { // that of a maintenance is Statuspage's own
			f.Impact = string(p.Incident.Impact)
		}
		for id := range f.Components {
			f.IDs = append(f.IDs, id)
		}
		slices.Sort(f.IDs)
	}
	method, to := http.MethodPost, s.base
	if there != nil {
		method, to = http.MethodPatch, s.base+"/"+url.PathEscape(there.ID)
	} else {
		f.Name = p.Incident.Name
	}
	ans, err := s.call(ctx, m, method, to, map[string]fields{"incident": f})
	if err != nil {
		return nil, ans, err
	}
	if err := ans.Failure(); err != nil {
		return nil, ans, judged(ans, err)
	}
	var got incident
	if err := json.Unmarshal(ans.Body, &got); err != nil || got.ID == "" {
		return nil, ans, plug.Fail(plug.Unknown, "copy to Statuspage: the answer is not Statuspage's: %s", ans.Brief())
	}
	return &got, ans, nil
}

// report writes and publishes the postmortem of a resolved incident; doing it again
// changes nothing.
func (s *statuspage) report(ctx context.Context, m plug.Message, there *incident, u status.Update) error {
	at := s.base + "/" + url.PathEscape(there.ID) + "/postmortem"
	steps := []struct {
		to   string
		body any
	}{
		{at, map[string]any{"postmortem": map[string]string{"body_draft": u.Body}}},
		{at + "/publish", map[string]any{"postmortem": map[string]bool{"notify_subscribers": s.notify, "notify_twitter": false}}},
	}
	for _, step := range steps {
		ans, err := s.call(ctx, m, http.MethodPut, step.to, step.body)
		if err != nil {
			return err
		}
		if err := ans.Failure(); err != nil {
			return judged(ans, err)
		}
	}
	return nil
}

func (s *statuspage) call(ctx context.Context, m plug.Message, method, to string, body any) (plug.Answer, error) {
	if wait := s.wait(s.now()); wait > 0 {
		return plug.Answer{}, &plug.Failure{Kind: plug.Retry, RetryAfter: wait, Err: fmt.Errorf("copy to Statuspage: %d calls in a minute are what it takes", burst)}
	}
	r := plug.Request{Method: method, URL: to, Secrets: m.Secrets(s.key), Header: http.Header{"Authorization": {"OAuth " + s.key.Reveal()}, "Accept": {"application/json"}}}
	if body != nil {
		b, err := plug.EncodeJSON(body)
		if err != nil {
			return plug.Answer{}, plug.Fail(plug.Permanent, "copy to Statuspage: %w", err)
		}
		r.Body = b
		r.Header.Set("Content-Type", "application/json")
		// No Idempotency-Key: Statuspage knows none.
	}
	return s.http.Do(ctx, r)
}

// wait counts a call, or says how long until one may be made.
func (s *statuspage) wait(now time.Time) time.Duration {
	s.calls = slices.DeleteFunc(s.calls, func(t time.Time) bool { return now.Sub(t) >= window })
	if len(s.calls) >= burst {
		return window - now.Sub(s.calls[0])
	}
	s.calls = append(s.calls, now)
	return 0
}

// before classifies what failed before anything was written: nothing arrived.
func before(err error) error {
	f := plug.FailureOf(err)
	if f != nil && f.Kind == plug.Unknown {
		f.Kind = plug.Retry
	}
	return f
}

// judged reads Statuspage's own code for too many calls, and whose fault a refusal
// is.
func judged(ans plug.Answer, err error) error {
	const enhanceYourCalm = 420
	f := plug.FailureOf(err)
	if ans.Status == enhanceYourCalm {
		f.Kind = plug.Retry
	}
	if (ans.Status == enhanceYourCalm || ans.Status == http.StatusTooManyRequests) && f.RetryAfter == 0 {
		f.RetryAfter = window
	}
	f.Ours = ans.Status == http.StatusUnauthorized || ans.Status == http.StatusForbidden
	return f
}

// Close lets the connections go.
func (s *statuspage) Close() error { return s.http.Close() }
