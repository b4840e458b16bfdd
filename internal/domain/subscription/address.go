package subscription

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"allclear/internal/base/fault"
)

// Limits of addresses in bytes.
const (
	maxMail = 254 // RFC 5321, 4.5.3.1.3, without the angle brackets
	maxURL  = 2048
)

// e164 is a telephone number as in ITU-T E.164.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// Normalise puts an address into the one form in which it is kept, so that one
// mailbox, number or endpoint is one subscriber. It answers fault.Invalid for
// what cannot be written to. Whether a name leads to a private address is seen
// when it is dialled (plug.Guard); here only what shows it in its text is
// refused, so that the answer says nothing about our network.
func Normalise(c Channel, s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxURL || strings.ContainsFunc(s, unicode.IsControl) {
		return "", bad("it is too long or has control characters")
	}
	switch c {
	case Email:
		return mailbox(s)
	case SMS:
		return number(s)
	case Webhook:
		return endpoint(s)
	}
	return "", fault.New(fault.Invalid, "subscribe: there is no such way").With("channel", "use email, sms or webhook")
}

func bad(why string) error {
	return fault.New(fault.Invalid, "subscribe: this address cannot be used").With("address", why)
}

func mailbox(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > maxMail {
		return "", bad("write one mail address, such as ana@example.com")
	}
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(s, "\"()<>[],;: \\") {
		return "", bad("write one mail address, such as ana@example.com")
	}
	return strings.ToLower(s), nil
}

func number(s string) (string, error) {
	s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(s)
	if !e164.MatchString(s) {
		return "", bad("write the number with its country, such as +1 555 0100 200")
	}
	return s, nil
}

func endpoint(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return "", bad("write an address that begins with https://, without a user name")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil && !public(ip) || host == "localhost" || strings.HasSuffix(host, ".localhost") || !strings.ContainsAny(host, ".:") {
		return "", bad("write an address that can be reached on the Internet")
	}
	u.Host = strings.ToLower(u.Host)
	return u.String(), nil
}

func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}

// Masked is an address as it may stand in a list of what was sent: enough to
// recognise, too little to write to.
func (s *Subscriber) Masked() string {
	switch s.Channel {
	case Email:
		local, domain, _ := strings.Cut(s.Address, "@")
		return first(local) + "…@" + domain
	case SMS:
		return s.Address[:min(3, len(s.Address))] + "…" + s.Address[max(0, len(s.Address)-2):]
	case Webhook:
		if u, err := url.Parse(s.Address); err == nil {
			return "https://" + u.Host + "/…"
		}
	}
	return "…"
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// Group is what an address shares a budget with, beside its own: the country
// of a number, which is what pumping of text messages aims at, and the host of an
// endpoint, which somebody else may own.
func Group(c Channel, address string) string {
	switch c {
	case SMS:
		return "sms " + address[:min(4, len(address))]
	case Webhook:
		if u, err := url.Parse(address); err == nil {
			return "host " + u.Hostname()
		}
	case Email:
		_, domain, _ := strings.Cut(address, "@")
		return "domain " + domain
	}
	return string(c)
}
