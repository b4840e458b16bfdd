package ntfy

import (
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// reply is what the app posts when a button is pressed: what compose put there.
type reply struct {
	Token  string `json:"token"`
	Choice string `json:"choice"`
}

// Hear reads a pressed button. It comes from the phone, not from the server, and
// nothing signs it: the token in it is all its proof, so it can carry no receipt
// and no answer without one (B40).
func (n *ntfy) Hear(in plug.Inbound) (plug.Heard, error) {
	var r reply
	j := plug.ReadJSON(in.Body)
	j.Object(func(name []byte) {
		switch string(name) {
		case "token":
			r.Token = j.Text()
		case "choice":
			r.Choice = j.Text()
		}
	})
	if err := j.End(); err != nil {
		return plug.Heard{}, err
	}
	if r.Token == "" || r.Choice != plug.Acknowledge && r.Choice != plug.Unavailable {
		return plug.Heard{}, fault.New(fault.Invalid, "the body is no answer to a page").With("/token", "is needed, with choice acknowledge or unavailable")
	}
	return plug.Heard{Answers: []plug.PageAnswer{{Channel: channel, Token: r.Token, Choice: r.Choice}}}, nil
}

// Respond has the app show an error when the answer was not taken: it looks at
// the status alone.
func (n *ntfy) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	r := plug.Reply{Status: http.StatusOK, Type: "text/plain; charset=utf-8"}
	for i, res := range results {
		if i >= len(h.Answers) {
			break
		}
		r.Body = []byte(res.Says(h.Answers[i].Choice))
		if res.Err != nil {
			r.Status = http.StatusConflict
		}
	}
	return r
}
