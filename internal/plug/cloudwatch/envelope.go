package cloudwatch

import (
	"strings"

	"allclear/internal/plug"
)

// The types of an envelope.
const (
	kindNotification = "Notification"
	kindSubscription = "SubscriptionConfirmation"
	kindUnsubscribe  = "UnsubscribeConfirmation"
)

// envelope is what SNS puts around a message.
type envelope struct {
	kind, id, topic, message, subject, timestamp string
	hasSubject                                   bool
	token, subscribeURL                          string
	version, signature, certURL                  string
}

// readEnvelope answers nil for a JSON object that is no envelope.
func readEnvelope(body []byte) (*envelope, error) {
	doc, err := plug.ReadDoc(body)
	if err != nil {
		return nil, err
	}
	e := &envelope{
		kind: doc.Exact("Type"), id: doc.Exact("MessageId"), topic: doc.Exact("TopicArn"), message: doc.Exact("Message"), subject: doc.Exact("Subject"),
		timestamp: doc.Exact("Timestamp"), token: doc.Exact("Token"), subscribeURL: either(doc, "SubscribeURL", "SubscribeUrl"),
		version: doc.Exact("SignatureVersion"), signature: doc.Exact("Signature"), certURL: either(doc, "SigningCertURL", "SigningCertUrl"),
	}
	e.hasSubject = doc.Has("Subject")
	switch {
	case e.kind == "" && e.signature == "" && e.certURL == "":
		return nil, nil
	case e.kind != kindNotification && e.kind != kindSubscription && e.kind != kindUnsubscribe:
		return nil, plug.Unusable("/Type", "must be Notification, SubscriptionConfirmation or UnsubscribeConfirmation")
	case e.id == "":
		return nil, plug.Unusable("/MessageId", "is missing")
	case e.topic == "":
		return nil, plug.Unusable("/TopicArn", "is missing")
	}
	return e, nil
}

// either reads a member that functions and queues spell in another way.
func either(doc plug.Doc, name, other string) string {
	if v := doc.Exact(name); v != "" {
		return v
	}
	return doc.Exact(other)
}

// canonical is the text a signature is made over: names and values of the signed
// members in order of their names, each in a line of its own.
func (e *envelope) canonical() string {
	var b strings.Builder
	line := func(name, value string) {
		b.WriteString(name + "\n" + value + "\n")
	}
	line("Message", e.message)
	line("MessageId", e.id)
	if e.kind == kindNotification {
		if e.hasSubject {
			line("Subject", e.subject)
		}
		line("Timestamp", e.timestamp)
	} else {
		line("SubscribeURL", e.subscribeURL)
		line("Timestamp", e.timestamp)
		line("Token", e.token)
	}
	line("TopicArn", e.topic)
	line("Type", e.kind)
	return b.String()
}
