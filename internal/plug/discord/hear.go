package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// Types of an interaction and of the answer to one.
const (
	interactionPing      = 1
	interactionComponent = 3
	replyPong            = 1
	replyMessage         = 4
	replyUpdate          = 7
	flagEphemeral        = 1 << 6
)

// window is how old a signed call may be, and how far ahead its clock.
const window = 5 * time.Minute

// Keys of Heard.Data.
const (
	dataType = "type"
	dataUser = "user"
)

// Hear reads an interaction. Discord tries us with wrong signatures before it
// saves the address, and takes only an endpoint that refuses them.
func (d *discord) Hear(in plug.Inbound) (plug.Heard, error) {
	if !d.signed(in) {
		return plug.Heard{}, fault.New(fault.Unauthenticated, "the signature of Discord is missing, wrong or too old")
	}
	var kind, id, user string
	j := plug.ReadJSON(in.Body)
	j.Object(func(name []byte) {
		switch string(name) {
		case "type":
			kind = strconv.Itoa(int(j.Number()))
		case "data":
			if j.Kind() == '{' {
				id = member(j, "custom_id")
			}
		case "user": // in a direct message
			user = member(j, "id")
		case "member": // in a server
			j.Object(func(name []byte) {
				if string(name) == "user" {
					user = member(j, "id")
				}
			})
		}
	})
	if err := j.End(); err != nil {
		return plug.Heard{}, err
	}
	h := plug.Heard{Data: map[string]string{dataType: kind, dataUser: user}}
	if kind == strconv.Itoa(interactionComponent) {
		h.Answers = pressed(id, user)
	}
	return h, nil
}

// member reads one text of an object and passes over the rest.
func member(j *plug.JSON, key string) (text string) {
	j.Object(func(name []byte) {
		if string(name) == key && j.Kind() == '"' {
			text = j.Text()
		}
	})
	return text
}

func pressed(id, user string) []plug.PageAnswer {
	rest, ours := strings.CutPrefix(id, idPrefix)
	choice, token, _ := strings.Cut(rest, ":")
	if !ours || token == "" || choice != plug.Acknowledge && choice != plug.Unavailable {
		return nil
	}
	return []plug.PageAnswer{{Channel: channel, From: "@" + user, Token: token, Choice: choice}}
}

// signed checks the Ed25519 signature over the timestamp and the body. Discord
// asks for no window; ours keeps a recorded call from being played again.
func (d *discord) signed(in plug.Inbound) bool {
	stamp := in.Sole("X-Signature-Timestamp")
	sig, err := hex.DecodeString(in.Sole("X-Signature-Ed25519"))
	if err != nil || len(sig) != ed25519.SignatureSize || len(d.key) != ed25519.PublicKeySize || stamp == "" {
		return false
	}
	if !ed25519.Verify(d.key, append([]byte(stamp), in.Body...), sig) {
		return false
	}
	unix, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && in.Now.Sub(time.Unix(unix, 0)).Abs() <= window
}

// Respond answers the handshake, replaces the message by what became of the
// answer, or tells the one who pressed alone that it was not taken.
func (d *discord) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	if h.Data[dataType] == strconv.Itoa(interactionPing) {
		return plug.JSONReply(map[string]int{"type": replyPong})
	}
	if h.Data[dataType] == "" {
		return plug.Reply{Status: http.StatusOK, Body: []byte("{}")}
	}
	words, kind, flags := "Allclear knows no such button.", replyMessage, flagEphemeral
	if len(results) > 0 && len(h.Answers) > 0 {
		words = escape.Replace(results[0].Says(h.Answers[0].Choice))
		if results[0].Err == nil {
			kind, flags = replyUpdate, 0
			if u := h.Data[dataUser]; idShape.MatchString(u) {
				words += " (<@" + u + ">)"
			}
		}
	}
	return plug.JSONReply(map[string]any{"type": kind, "data": message{
		Content: words, Embeds: []embed{}, Components: []component{}, Mentions: nobody, Flags: flags,
	}})
}
