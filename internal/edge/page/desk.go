package page

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
	"allclear/internal/domain/subscription"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/subscribe"
)

// Desk takes what readers send: who wants to be told, and what they see themselves.
// Without it the page can only be read.
type Desk interface {
	Open() []subscription.Channel
	Enter(ctx context.Context, in subscribe.Ask, now time.Time) error
	EnterCode(ctx context.Context, in subscribe.Enters, now time.Time) (secret.String, error)
	Look(ctx context.Context, p subscription.Purpose, token string) (subscribe.Held, error)
	Confirm(ctx context.Context, token string, now time.Time) (subscribe.Held, error)
	Change(ctx context.Context, token string, c subscription.Choice, now time.Time) (subscribe.Held, error)
	End(ctx context.Context, p subscription.Purpose, token string, now time.Time) error
	Feedback(ctx context.Context, in listen.Feedback, now time.Time) error
}

const (
	maxForm     = 32 << 10
	deskTimeout = 10 * time.Second
	retryLater  = "3600"
)

// deskView is what a page with a form shows.
type deskView struct {
	chrome
	Channels []subscription.Channel
	Parts    []choiceView
	Kinds    []choiceView
	Held     subscribe.Held
	Token    string // of the link that was followed
	Channel  string // as it was entered
	Address  string
	Text     string
	Problem  string // what to correct
	Said     string // which of the sentences of "said" to show
}

type choiceView struct {
	ID, Name string
	On       bool
}

// desk is one request for a page with a form.
type desk struct {
	h     *Handler
	w     http.ResponseWriter
	r     *http.Request
	site  *site
	token string // of a private page
	book  *book
	view  deskView
}

// onDesk reports whether a path of a private page has a form.
func (s *site) onDesk(path string) bool {
	_, path = s.spoken(path)
	return path == "/subscribe" || path == "/subscribe/code" || path == "/feedback"
}

// serveDesk answers what is no drawn page; false for every other path. Links in
// letters stand below no language and no private page.
func (h *Handler) serveDesk(w http.ResponseWriter, r *http.Request, s *site, path, token string) bool {
	d := &desk{h: h, w: w, r: r, site: s, token: token}
	lang, path := s.spoken(path)
	var run func()
	switch path {
	case "/subscribe":
		run = d.subscribe
	case "/subscribe/code":
		run = d.code
	case "/feedback":
		run = d.feedback
	default:
		purpose, link, ok := strings.Cut(strings.TrimPrefix(path, "/subscriptions/"), "/")
		if !ok || !strings.HasPrefix(path, "/subscriptions/") || token != "" || lang != "" {
			return false
		}
		switch d.view.Token = link; subscription.Purpose(purpose) {
		case subscription.ToConfirm:
			run = d.confirm
		case subscription.ToManage:
			run = d.manage
		case subscription.ToEnd:
			run = d.end
		default:
			return false
		}
	}
	d.serve(lang, run)
	return true
}

func (d *desk) serve(lang string, run func()) {
	head := d.w.Header()
	head["Cache-Control"] = noStore
	head["X-Robots-Tag"] = noIndex
	switch d.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		head.Set("Allow", "GET, HEAD, POST")
		http.Error(d.w, "This address takes GET and POST.", http.StatusMethodNotAllowed)
		return
	}
	snap := d.site.snapshot
	if snap == nil {
		snap = &status.Snapshot{Page: status.Page{Name: "Status"}}
	}
	d.open(snap, lang)
	if d.h.opt.Desk == nil || d.site.snapshot == nil {
		d.say(http.StatusServiceUnavailable, "closed")
		return
	}
	ctx, cancel := context.WithTimeout(d.r.Context(), deskTimeout)
	defer cancel()
	d.r = d.r.WithContext(ctx)
	if d.posted() {
		d.r.Body = http.MaxBytesReader(d.w, d.r.Body, maxForm)
		if err := d.r.ParseForm(); err != nil {
			d.say(http.StatusBadRequest, "unread")
			return
		}
	}
	run()
}

// open begins a page in the language of its address, or else the reader's.
func (d *desk) open(snap *status.Snapshot, lang string) {
	draw := newDrawer(d.h.opt)
	if d.token != "" {
		draw.root = prefix + d.token
	}
	b := draw.builder(snap)
	d.book = &book{builder: b, l: tongue(b.langs[0])}
	if lang != "" {
		d.book.l, d.book.at = tongue(lang), "/"+lang
	} else if l := d.site.wish(d.r); l != "" {
		d.book.l = tongue(l)
	}
	token := d.view.Token
	d.view = deskView{chrome: d.book.chrome(""), Token: token}
}

func (d *desk) posted() bool { return d.r.Method == http.MethodPost }

func (d *desk) field(name string) string { return strings.TrimSpace(d.r.PostFormValue(name)) }

// show draws a page with a form.
func (d *desk) show(code int, name string) {
	body, _ := d.book.l.render(name, d.view)
	head := d.w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head["Content-Security-Policy"] = []string{strings.Replace(d.book.csp[0], "form-action 'none'", "form-action 'self'", 1)}
	head["Content-Language"] = []string{string(d.book.l)}
	head["Vary"] = varyBoth
	d.w.WriteHeader(code)
	if d.r.Method != http.MethodHead {
		_, _ = d.w.Write(body) // the reader has gone: nothing to do
	}
}

// say answers with one of the sentences of the template.
func (d *desk) say(code int, what string) {
	d.view.Said = what
	d.show(code, "said")
}

// failed answers an error; form is drawn again for what the reader can correct.
func (d *desk) failed(err error, form string) {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Refused, fault.TooLarge:
		d.view.Problem = correction(err)
		d.show(http.StatusBadRequest, form)
	case fault.Busy:
		d.w.Header().Set("Retry-After", retryLater)
		d.say(http.StatusTooManyRequests, "often")
	case fault.NotFound:
		d.say(http.StatusNotFound, "gone")
	default:
		d.say(http.StatusServiceUnavailable, "closed")
	}
}

// choice reads what was ticked. Everything ticked, and nothing, is everything.
func (d *desk) choice() subscription.Choice {
	c := subscription.Choice{Components: d.r.PostForm["component"], Lang: string(d.book.l)}
	for _, k := range d.r.PostForm["kind"] {
		c.Kinds = append(c.Kinds, subscription.Kind(k))
	}
	return c
}

// offer fills the form's boxes, with those of a choice ticked.
func (d *desk) offer(c subscription.Choice) {
	d.view.Channels = d.h.opt.Desk.Open()
	d.view.Parts, d.view.Kinds = nil, nil
	for _, x := range d.site.snapshot.Components {
		if !x.Group {
			d.view.Parts = append(d.view.Parts, choiceView{x.ID, x.Name, len(c.Components) == 0 || slices.Contains(c.Components, x.ID)})
		}
	}
	for _, k := range subscription.Kinds {
		d.view.Kinds = append(d.view.Kinds, choiceView{string(k), "", len(c.Kinds) == 0 || slices.Contains(c.Kinds, k)})
	}
}

func (d *desk) subscribe() {
	c := d.choice()
	d.offer(c)
	if !d.posted() {
		d.show(http.StatusOK, "subscribe")
		return
	}
	d.view.Channel, d.view.Address = d.field("channel"), d.field("address")
	channel := subscription.Channel(d.view.Channel)
	err := d.h.opt.Desk.Enter(d.r.Context(), subscribe.Ask{Token: d.token, Channel: channel, Address: d.view.Address, Choice: c, From: caller(d.r)}, d.h.opt.Now())
	switch {
	case err != nil:
		d.failed(err, "subscribe")
	case channel == subscription.SMS:
		d.show(http.StatusAccepted, "code")
	case channel == subscription.Webhook:
		d.say(http.StatusAccepted, "posted")
	default:
		d.say(http.StatusAccepted, "mailed")
	}
}

func (d *desk) code() {
	d.view.Address = d.field("address")
	if !d.posted() {
		d.show(http.StatusOK, "code")
		return
	}
	manage, err := d.h.opt.Desk.EnterCode(d.r.Context(), subscribe.Enters{Token: d.token, Address: d.view.Address, Code: d.field("code"), From: caller(d.r)}, d.h.opt.Now())
	if err != nil {
		d.failed(err, "code")
		return
	}
	http.Redirect(d.w, d.r, "/subscriptions/manage/"+url.PathEscape(manage.Reveal()), http.StatusSeeOther)
}

func (d *desk) confirm() {
	var err error
	if d.posted() {
		d.view.Held, err = d.h.opt.Desk.Confirm(d.r.Context(), d.view.Token, d.h.opt.Now())
	} else {
		d.view.Held, err = d.h.opt.Desk.Look(d.r.Context(), subscription.ToConfirm, d.view.Token)
	}
	switch {
	case err != nil:
		d.failed(err, "confirm")
	case d.view.Held.State == "":
		d.say(http.StatusNotFound, "gone")
	case d.view.Held.State == subscription.Confirmed:
		d.view.Token, d.view.Said = d.view.Held.Manage.Reveal(), "confirmed"
		d.offer(d.view.Held.Choice)
		d.show(http.StatusOK, "manage")
	default:
		d.show(http.StatusOK, "confirm")
	}
}

func (d *desk) manage() {
	var err error
	switch {
	case !d.posted():
		d.view.Held, err = d.h.opt.Desk.Look(d.r.Context(), subscription.ToManage, d.view.Token)
	case d.field("do") == "end":
		if err = d.h.opt.Desk.End(d.r.Context(), subscription.ToManage, d.view.Token, d.h.opt.Now()); err == nil {
			d.say(http.StatusOK, "ended")
			return
		}
	default:
		d.view.Said = "saved"
		d.view.Held, err = d.h.opt.Desk.Change(d.r.Context(), d.view.Token, d.choice(), d.h.opt.Now())
	}
	if err != nil {
		d.failed(err, "said")
		return
	}
	if d.view.Held.State == "" {
		d.say(http.StatusOK, "ended")
		return
	}
	d.offer(d.view.Held.Choice)
	d.show(http.StatusOK, "manage")
}

// end is the target of List-Unsubscribe: a POST ends at once, whatever is in it
// (RFC 8058, section 3.1); a GET, which programs make too, asks.
func (d *desk) end() {
	if !d.posted() {
		h, err := d.h.opt.Desk.Look(d.r.Context(), subscription.ToEnd, d.view.Token)
		switch d.view.Held = h; {
		case err != nil:
			d.failed(err, "said")
		case h.State == "":
			d.say(http.StatusOK, "ended")
		default:
			d.show(http.StatusOK, "end")
		}
		return
	}
	if err := d.h.opt.Desk.End(d.r.Context(), subscription.ToEnd, d.view.Token, d.h.opt.Now()); err != nil {
		d.failed(err, "said")
		return
	}
	d.say(http.StatusOK, "ended")
}

func (d *desk) feedback() {
	d.offer(subscription.Choice{})
	if !d.posted() {
		d.show(http.StatusOK, "feedback")
		return
	}
	d.view.Text = d.field("text")
	if d.field("website") != "" { // a field that people do not see
		d.say(http.StatusAccepted, "heard")
		return
	}
	err := d.h.opt.Desk.Feedback(d.r.Context(), listen.Feedback{Component: d.field("component"), Text: d.view.Text, Contact: d.field("contact"), From: caller(d.r)}, d.h.opt.Now())
	if err != nil {
		d.failed(err, "feedback")
		return
	}
	d.say(http.StatusAccepted, "heard")
}

// caller is where a request comes from, as far as tries are counted. A proxy in
// front of us stands on our own network and says for whom it asks; what others say
// of that is not believed. Whoever has an IPv6 network has all of its addresses.
func caller(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip.IsLoopback() || ip.IsPrivate() {
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if seen, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
			ip = seen
		}
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// spoken takes the language off a path; empty without one.
func (s *site) spoken(path string) (lang, rest string) {
	first, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if ok && len(s.langs) > 1 && slices.Contains(s.langs, first) {
		return first, "/" + rest
	}
	return "", path
}

// correction is what a reader can correct.
func correction(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Details) > 0 {
		return f.Details[0].What
	}
	return err.Error()
}
