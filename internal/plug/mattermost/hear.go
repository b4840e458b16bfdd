package mattermost

import (
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// dataUser is who pressed, in Heard.Data.
const dataUser = "user"

// Hear reads a pressed button. The server signs nothing: the token that it kept
// in the context of the button is all the proof, so such a call can carry no
// receipt and no answer without a token (B40).
func (c *mattermost) Hear(in plug.Inbound) (plug.Heard, error) {
	var user, token, choice string
	j := plug.ReadJSON(in.Body)
	j.Object(func(name []byte) {
		switch string(name) {
		case "user_name":
			user = j.Text()
		case "context":
			j.Object(func(name []byte) {
				switch string(name) {
				case "token":
					token = j.Text()
				case "choice":
					choice = j.Text()
				}
			})
		}
	})
	if err := j.End(); err != nil {
		return plug.Heard{}, err
	}
	if token == "" || choice != plug.Acknowledge && choice != plug.Unavailable {
		return plug.Heard{}, fault.New(fault.Invalid, "the body is no answer to a page").With("/context", "needs the token and the choice of one of our buttons")
	}
	from := ""
	if user != "" {
		from = "@" + user
	}
	return plug.Heard{
		Answers: []plug.PageAnswer{{Channel: channel, From: from, Token: token, Choice: choice}},
		Data:    map[string]string{dataUser: from},
	}, nil
}

// Respond replaces the post by what became of the answer, or tells the one who
// pressed alone that it was not taken.
func (c *mattermost) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	if len(results) == 0 || len(h.Answers) == 0 {
		return plug.Reply{Status: http.StatusOK, Body: []byte("{}")}
	}
	words := escape.Replace(quiet(results[0].Says(h.Answers[0].Choice)))
	if results[0].Err != nil {
		return plug.JSONReply(map[string]any{"ephemeral_text": words})
	}
	if who := h.Data[dataUser]; who != "" {
		words += " (" + escape.Replace(quiet(plug.Line(who, subjectLimit))) + ")"
	}
	return plug.JSONReply(map[string]any{"update": map[string]any{"message": words, "props": map[string]any{}}})
}
