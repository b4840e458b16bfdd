package zoom

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// window is how old a signed call may be, and how far ahead its clock.
const window = 5 * time.Minute

// plainToken is the key of Heard.Data with what Zoom wants back, made with the secret.
const plainToken = "plain_token"

// Hear reads a webhook. Only who enters and leaves a meeting is of interest.
func (z *zoom) Hear(in plug.Inbound) (plug.Heard, error) {
	if !z.signed(in) {
		return plug.Heard{}, fault.New(fault.Unauthenticated, "the signature of Zoom is missing, wrong or too old")
	}
	d, err := plug.ReadDoc(in.Body)
	if err != nil {
		return plug.Heard{}, err
	}
	kind := d.Text("event")
	switch kind {
	case "endpoint.url_validation":
		return plug.Heard{Data: map[string]string{plainToken: plug.Line(d.Exact("payload", "plainToken"), plug.MaxWord)}}, nil
	case "meeting.participant_joined", "meeting.participant_left":
	default:
		return plug.Heard{}, nil
	}
	m := d.At("payload", "object")
	who := m.At("participant")
	s := plug.Presence{Room: m.Word("id"), Name: who.Word("user_name"), Email: strings.ToLower(who.Word("email")), Present: kind == "meeting.participant_joined"}
	s.At = who.Time("leave_time")
	if s.Present {
		s.At = who.Time("join_time")
	}
	if s.Room == "" {
		return plug.Heard{}, nil
	}
	s.ID = strings.Join([]string{kind, s.Room, who.Word("participant_uuid"), who.Word("user_id"), s.Name, s.At.Format(time.RFC3339), d.Word("event_ts")}, "/")
	return plug.Heard{Seen: []plug.Presence{s}}, nil
}

// signed checks x-zm-signature: v0= and the hex HMAC-SHA256 of v0:timestamp:body
// (https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events).
func (z *zoom) signed(in plug.Inbound) bool {
	stamp := in.Sole("X-Zm-Request-Timestamp")
	given, ok := strings.CutPrefix(in.Sole("X-Zm-Signature"), "v0=")
	if !ok || z.signing == "" {
		return false
	}
	want, err := hex.DecodeString(given)
	if err != nil {
		return false
	}
	if !hmac.Equal(want, z.mac("v0:"+stamp+":"+string(in.Body))) {
		return false
	}
	unix, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && in.Now.Sub(time.Unix(unix, 0)).Abs() <= window
}

func (z *zoom) mac(text string) []byte {
	m := hmac.New(sha256.New, []byte(z.signing.Reveal()))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Respond proves to Zoom that we hold the secret, or says that the call arrived.
func (z *zoom) Respond(h plug.Heard, _ []plug.Result) plug.Reply {
	if t := h.Data[plainToken]; t != "" {
		return plug.JSONReply(map[string]string{"plainToken": t, "encryptedToken": hex.EncodeToString(z.mac(t))})
	}
	return plug.Reply{Status: http.StatusOK, Type: "text/plain; charset=utf-8"}
}
