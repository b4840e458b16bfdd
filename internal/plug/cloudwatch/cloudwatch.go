// Package cloudwatch reads what Amazon SNS posts over HTTPS: alarms of CloudWatch,
// events of EventBridge and plain messages; and, where it has an access key, reads
// values from CloudWatch. It owns the proof that a message comes from SNS, and the
// confirmation of a subscription. It must not believe an envelope whose signature it
// has not verified, and must not call any address but those of SNS that address.go
// admits, those of the authorities that issue its certificates, and the API of the
// settings.
//
// Sources: Amazon SNS Developer Guide, "HTTP/HTTPS subscription confirmation /
// notification / unsubscribe confirmation JSON format", "Verifying the signatures of
// Amazon SNS messages", "Raw message delivery"; Amazon CloudWatch User Guide,
// "Notifying users on alarm changes" and "Alarm events and EventBridge"; Amazon
// CloudWatch API Reference, "GetMetricData".
package cloudwatch

import (
	"bytes"
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "cloudwatch"

// Plugin describes the integration. It has no sample: what is not signed by SNS is
// refused, and nobody else can sign one.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Amazon CloudWatch (SNS)", Source: Name, Docs: "docs/integrations/cloudwatch.md",
			Fields: append([]plug.Field{{Key: "topics", Title: "Topics", Help: "ARNs of the topics whose messages are taken, separated by spaces. Empty takes every topic whose messages SNS has signed."}}, storeFields()...),
			Setup: []string{
				"In the AWS console open Amazon SNS, Topics, and choose the topic your alarms notify, or create a standard one.",
				"Under Subscriptions choose Create subscription, protocol HTTPS, endpoint {url}. Leave raw message delivery off. Allclear confirms the subscription by itself; reload until its status is Confirmed.",
				"If the hook has a secret, write the endpoint with it as the password, such as https://sns:{secret}@ in front of the host.",
				"In CloudWatch open each alarm, Edit, Configure actions, and send In alarm and OK to the topic: without OK an alert is never resolved.",
				"Write severity: critical (or error, warning, info) into the description of an alarm that is not P3.",
			},
		},
		Open: open,
	}
}

// source verifies by the certificates it has fetched, and remembers what came.
type source struct {
	http   *plug.HTTP
	roots  *x509.CertPool
	topics []string
	certs  certificates
	seen   memory
	store
}

func open(cfg plug.Config) (any, error) {
	s := &source{http: cfg.HTTP, roots: cfg.RootCAs, topics: strings.FieldsFunc(cfg.Text("topics"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })}
	for _, t := range s.topics {
		if !strings.HasPrefix(t, "arn:") || strings.Count(t, ":") != 5 {
			return nil, fault.New(fault.Invalid, "open CloudWatch: settings are wrong").With("topics", "want ARNs such as arn:aws:sns:eu-west-1:123456789012:alarms, separated by spaces")
		}
	}
	st, err := openStore(cfg)
	if err != nil {
		return nil, err
	}
	s.store = st
	if s.http == nil {
		s.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard, RootCAs: cfg.RootCAs})
	}
	return s, nil
}

// Prepare implements plug.Preparer: it fetches the certificate the message names,
// unless it is known.
func (s *source) Prepare(ctx context.Context, in plug.Inbound) error {
	e, err := s.admit(in)
	if err != nil || e == nil {
		return err
	}
	return s.fetch(ctx, e, in.Now)
}

// admit reads the envelope and refuses what needs no certificate to be refused. A
// body that is no envelope is none.
func (s *source) admit(in plug.Inbound) (*envelope, error) {
	if err := in.CheckShared(); err != nil {
		return nil, err
	}
	if in.Secret != "" && isText(in.Body) {
		return nil, nil
	}
	e, err := readEnvelope(in.Body)
	if err != nil || e == nil {
		return nil, err
	}
	if _, err := certificateURL(e.certURL); err != nil {
		return nil, forged("the certificate is not one of Amazon SNS", "/SigningCertURL", err.Error())
	}
	if len(s.topics) > 0 && !slices.Contains(s.topics, e.topic) {
		return nil, fault.New(fault.Refused, "messages of this topic are not taken here").With("/TopicArn", "is not among the topics of the setting")
	}
	return e, nil
}

// Parse implements plug.Source.
func (s *source) Parse(in plug.Inbound) (plug.Received, error) {
	e, err := s.admit(in)
	if err != nil {
		return plug.Received{}, err
	}
	if e == nil {
		return s.raw(in)
	}
	if err := s.verify(e, in.Now); err != nil {
		return plug.Received{}, err
	}
	switch e.kind {
	case kindNotification:
		if s.seen.message(scope(in), e.id) {
			return plug.Told("duplicate: this MessageId was taken before"), nil
		}
		got, err := read(e.subject, e.message, e.id, e.topic)
		if err != nil {
			return plug.Received{}, err
		}
		return s.fresh(scope(in), got), nil
	case kindSubscription:
		if _, err := subscribeURL(e); err != nil {
			return plug.Received{}, fault.New(fault.Invalid, "this subscription is not confirmed").With("/SubscribeURL", err.Error())
		}
		return plug.Told("the subscription to " + plug.Line(e.topic, plug.MaxWord) + " is confirmed"), nil
	case kindUnsubscribe:
		return plug.Told("noted: the subscription to " + plug.Line(e.topic, plug.MaxWord) + " has ended, and is not taken up again by itself"), nil
	}
	return plug.Received{}, plug.Unusable("/Type", "must be Notification, SubscriptionConfirmation or UnsubscribeConfirmation")
}

// raw reads a message without the envelope that carries the signature: raw
// message delivery, and API destinations of EventBridge. Only the hook's secret
// can vouch for one.
func (s *source) raw(in plug.Inbound) (plug.Received, error) {
	if in.Secret == "" {
		return plug.Received{}, forged("only messages signed by Amazon SNS are taken: switch raw message delivery off, or give the hook a secret that the sender shows", "/Signature", "is missing")
	}
	topic := in.Header.Get("X-Amz-Sns-Topic-Arn")
	if isText(in.Body) {
		return read("", plug.Storable(string(in.Body)), plug.First(in.Header.Get("X-Amz-Sns-Message-Id"), in.ID), topic)
	}
	doc, err := plug.ReadDoc(in.Body)
	if err != nil {
		return plug.Received{}, err
	}
	if inner := doc.At("Message"); inner.IsObject() {
		return readDoc(inner, in.ID, "")
	}
	subject, message := "", string(in.Body)
	if text := doc.Exact("Message"); text != "" && !doc.Has("AlarmName") {
		subject, message = doc.Exact("Subject"), text
	}
	return read(subject, message, in.ID, topic)
}

// isText tells a message that somebody published by hand, or a service that writes
// text, from JSON.
func isText(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && body[0] != '{' && body[0] != '['
}

// fresh leaves out an OK that was overtaken: SNS keeps no order, and an OK from
// before the last ALARM ends nothing.
func (s *source) fresh(scope string, got plug.Received) plug.Received {
	kept := got.Signals[:0]
	for _, g := range got.Signals {
		if g.Action != alert.Resolve || !s.seen.overtaken(scope, g.DedupKey, g.StartedAt) {
			kept = append(kept, g)
		}
	}
	if len(kept) == 0 && len(got.Signals) > 0 {
		return plug.Told("stale: a newer ALARM of this alarm was taken before")
	}
	got.Signals = kept
	return got
}

// Finish implements plug.Finisher: it remembers what is durable by now, and confirms
// a subscription.
func (s *source) Finish(ctx context.Context, in plug.Inbound) error {
	if isText(in.Body) {
		return nil
	}
	e, err := readEnvelope(in.Body)
	if err != nil || e == nil {
		return err
	}
	switch e.kind {
	case kindNotification:
		got, err := read(e.subject, e.message, e.id, e.topic)
		if err != nil {
			return err
		}
		s.seen.remember(scope(in), e.id, got.Signals)
		return nil
	case kindSubscription:
		return s.confirm(ctx, e)
	}
	return nil
}

// confirm follows the address that was checked in Parse, and no redirect from it.
func (s *source) confirm(ctx context.Context, e *envelope) error {
	address, err := subscribeURL(e)
	if err != nil {
		return fault.New(fault.Invalid, "this subscription is not confirmed").With("/SubscribeURL", err.Error())
	}
	ans, err := s.http.Do(ctx, plug.Request{Method: http.MethodGet, URL: address, Still: true, Secrets: []secret.String{secret.String(e.token)}})
	switch {
	case err != nil:
		return fault.Wrap(fault.Unavailable, err, "confirm subscription")
	case ans.OK():
		return nil
	case ans.Status >= 500 || ans.Status == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "confirm subscription: Amazon SNS answers %d", ans.Status)
	}
	return fault.New(fault.Invalid, "Amazon SNS refuses the confirmation with %d: request a new one in its console", ans.Status)
}

// scope is the hook a message came to: two hooks may be subscribed to one topic.
func scope(in plug.Inbound) string {
	path, _, _ := strings.Cut(in.URL, "?")
	return path
}

// forged is the refusal of what is not proven to come from SNS.
func forged(what, where, detail string) error {
	return fault.New(fault.Unauthenticated, "%s", what).With(where, detail)
}
