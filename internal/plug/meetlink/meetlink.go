// Package meetlink makes the link of an incident's video room from a pattern, for
// services that need no call to open one: Jitsi, a standing Meet or Webex room, a
// bridge. It must not call anybody: the link is there at once, and the same after a
// restart.
package meetlink

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "meetlink", Title: "Meeting link", Rooms: []string{plug.RoomMeeting}, Docs: "docs/integrations/meeting-link.md",
			Fields: []plug.Field{
				{Key: "url", Title: "Link", Required: true, Help: "Such as https://meet.jit.si/acme-{{number}}-{{secret}}. {{number}} is INC-42, and the workstream of a breakout room; {{secret}} cannot be guessed."},
				{Key: "secret", Title: "Secret", Secret: true, Help: "What {{secret}} is made from: any long text of your own."},
				{Key: "dial_in", Title: "Number to dial", Help: "Of its telephone conference; may be empty."},
				{Key: "pin", Title: "PIN", Help: "To type there; may be empty."},
			},
		},
		Open: open,
	}
}

type link struct {
	pattern, dialIn, pin string
	key                  secret.String
}

var (
	_ plug.Opener  = (*link)(nil)
	_ plug.Meeting = (*link)(nil)
)

func open(cfg plug.Config) (any, error) {
	l := &link{pattern: cfg.Text("url"), dialIn: cfg.Text("dial_in"), pin: cfg.Text("pin"), key: cfg.Secret("secret")}
	if plug.WebURL(l.fill("INC-1")) == "" {
		return nil, fault.New(fault.Invalid, "settings are wrong").With("url", "must be an http or https address")
	}
	if strings.Contains(l.pattern, "{{secret}}") && l.key == "" {
		return nil, fault.New(fault.Invalid, "settings are wrong").With("secret", "is needed for {{secret}}")
	}
	return l, nil
}

// Opens is plug.Opener.
func (l *link) Opens(part string) bool { return part == plug.RoomMeeting }

// secretLength is enough that nobody finds a room by trying.
const secretLength = 16

func (l *link) fill(key string) string {
	m := hmac.New(sha256.New, []byte(l.key.Reveal()))
	m.Write([]byte(key))
	return strings.NewReplacer("{{number}}", url.PathEscape(strings.ReplaceAll(key, "/", "-")), "{{secret}}", hex.EncodeToString(m.Sum(nil))[:secretLength]).Replace(l.pattern)
}

// OpenMeeting is plug.Meeting.
func (l *link) OpenMeeting(_ context.Context, s plug.RoomSpec) (plug.Place, error) {
	p := plug.Place{Ref: s.Key, URL: l.fill(s.Key), PIN: l.pin}
	if l.dialIn != "" {
		p.DialIn = []string{l.dialIn}
	}
	return p, nil
}

// CloseMeeting is plug.Meeting: nobody has to be told.
func (l *link) CloseMeeting(context.Context, string) error { return nil }
