package plug

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// eachTime is what a provider has while another waits its turn: a page is with
// the second one well within ten seconds of its start.
const eachTime = 5 * time.Second

// Provider is one way out of a channel that has several.
type Provider struct {
	Name    string // of the plug-in
	Channel Channel
	breaker breaker
	pace    *pace
}

// failover is a channel over several providers.
type failover struct{ providers []*Provider }

// Failover makes one channel of several providers, tried in their order. Within
// one send the next one takes over when a provider certainly or possibly did not
// take the message, or refuses us; a provider that refuses the address speaks
// for all. One that keeps failing is passed over, until a single send finds out
// that it works again. Passing over never means not sending: where all are
// passed over, all are tried.
//
// A provider that did not answer in time may have taken the message: the person
// may get it twice, which is better than not at all.
//
// A provider that is Paced makes messages to customers wait their turn, before
// its time begins.
func Failover(providers ...*Provider) Channel {
	for _, p := range providers {
		p.pace = paceOf(p.Channel)
	}
	return &failover{providers: providers}
}

// Send is Channel. The receipt names the provider that took the message.
func (f *failover) Send(ctx context.Context, m Message) (Receipt, error) {
	var passed []*Provider
	var failed []error
	for i, p := range f.providers {
		if !p.breaker.allow(time.Now()) {
			passed = append(passed, p)
			continue
		}
		r, err := p.send(ctx, m, i == len(f.providers)-1 && len(passed) == 0)
		if err == nil || !elsewhere(err) {
			return r, err
		}
		failed = append(failed, err)
	}
	for i, p := range passed {
		if len(failed) > 0 && ctx.Err() != nil {
			break
		}
		r, err := p.send(ctx, m, i == len(passed)-1)
		if err == nil || !elsewhere(err) {
			return r, err
		}
		failed = append(failed, err)
	}
	return Receipt{}, worst(failed)
}

// send tries one provider, which has all the time that is left only when nobody
// waits behind it.
func (p *Provider) send(ctx context.Context, m Message, last bool) (Receipt, error) {
	if err := p.pace.wait(ctx, &m); err != nil {
		p.breaker.unused() // it was not asked
		return Receipt{}, err
	}
	if !last {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, eachTime)
		defer cancel()
	}
	r, err := p.Channel.Send(ctx, m)
	if errors.Is(ctx.Err(), context.Canceled) {
		p.breaker.unused() // the program ends: nobody's fault
	} else {
		p.breaker.done(err == nil || !elsewhere(err), time.Now())
	}
	if err != nil {
		f := *FailureOf(err)
		f.Err = fmt.Errorf("%s: %w", p.Name, f.Unwrap())
		return Receipt{}, &f
	}
	r.Provider = p.Name
	return r, nil
}

// elsewhere reports whether another provider may do better: not where the
// address itself is refused.
func elsewhere(err error) bool {
	f := FailureOf(err)
	return f.Kind != Permanent || f.Ours
}

// worst is the failure that stands for all: unknown where the message may be
// out, retry where it may go out later, with the shortest wait anybody asked for.
func worst(failed []error) error {
	out := &Failure{Kind: Permanent, Ours: true}
	var texts []string
	for _, err := range failed {
		f := FailureOf(err)
		texts = append(texts, f.Error())
		switch {
		case f.Kind == Unknown:
			out.Kind = Unknown
		case f.Kind == Retry && out.Kind != Unknown:
			if out.Kind != Retry || f.RetryAfter < out.RetryAfter {
				out.RetryAfter = f.RetryAfter
			}
			out.Kind = Retry
		}
	}
	if out.Kind == Unknown {
		out.RetryAfter = 0
	}
	out.Ours = out.Kind == Permanent
	out.Err = joined{text: strings.Join(texts, "; "), causes: failed}
	return out
}

// joined is several errors on one line.
type joined struct {
	text   string
	causes []error
}

func (j joined) Error() string   { return j.text }
func (j joined) Unwrap() []error { return j.causes }

// Close ends the connections providers hold.
func (f *failover) Close() error {
	var errs []error
	for _, p := range f.providers {
		if c, ok := p.Channel.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
