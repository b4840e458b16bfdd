package plug

import "allclear/internal/base/secret"

// Push is a Channel to the devices of people: a browser hands out a
// subscription for the installation's public key, and its address carries
// messages to that browser alone.
type Push interface {
	Channel
	// PublicKey is what a browser subscribes with: base64url of the
	// uncompressed point (RFC 8292, section 3.2).
	PublicKey() string
	// Subscription checks what a browser handed out and returns the address to
	// send to. Whoever has it may send to the device, so it is kept sealed. The
	// error is of kind fault.Invalid.
	Subscription(endpoint, p256dh, auth string) (secret.String, error)
}

// PushOf finds what subscribes browsers in a channel, also behind a failover.
func PushOf(c Channel) (Push, bool) {
	if f, ok := c.(*failover); ok {
		for _, p := range f.providers {
			if push, ok := p.Channel.(Push); ok {
				return push, true
			}
		}
		return nil, false
	}
	p, ok := c.(Push)
	return p, ok
}
