package telegram

import (
	"net/http"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// Keys of Heard.Data.
const dataQuery = "callback_query_id"

// Hear reads an update. Telegram proves it by the secret alone, which the
// connection protects: there is no signature over the body.
func (t *telegram) Hear(in plug.Inbound) (plug.Heard, error) {
	given := in.Sole("X-Telegram-Bot-Api-Secret-Token")
	if t.hook == "" || given == "" || !t.hook.Equal(given) {
		return plug.Heard{}, fault.New(fault.Unauthenticated, "the secret token of the webhook is missing or wrong")
	}
	var h plug.Heard
	j := plug.ReadJSON(in.Body)
	j.Object(func(name []byte) {
		if string(name) == "callback_query" {
			h = pressed(j)
		}
	})
	if err := j.End(); err != nil {
		return plug.Heard{}, err
	}
	return h, nil
}

func pressed(j *plug.JSON) plug.Heard {
	var id, from, data string
	j.Object(func(name []byte) {
		switch string(name) {
		case "id":
			id = j.Text()
		case "data":
			data = j.Text()
		case "from":
			j.Object(func(name []byte) {
				if string(name) == "id" && j.Kind() == '0' {
					from = string(j.Raw())
				}
			})
		}
	})
	if j.Err() != nil || id == "" {
		return plug.Heard{}
	}
	h := plug.Heard{Data: map[string]string{dataQuery: id}}
	for choice, prefix := range choices {
		if token, ok := strings.CutPrefix(data, prefix); ok && token != "" {
			h.Answers = append(h.Answers, plug.PageAnswer{Channel: channel, From: from, Token: token, Choice: choice})
		}
	}
	return h
}

// Respond calls a method by the reply, as the Bot API allows: the one who pressed
// sees what became of it. Everything else only has to be a 200, or Telegram
// sends it again.
func (t *telegram) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	id := h.Data[dataQuery]
	if id == "" {
		return plug.Reply{Status: http.StatusOK, Type: "text/plain; charset=utf-8"}
	}
	out := map[string]any{"method": "answerCallbackQuery", dataQuery: id}
	if len(results) > 0 && len(h.Answers) > 0 {
		out["text"] = plug.Line(results[0].Says(h.Answers[0].Choice), toastLimit)
		out["show_alert"] = true
	}
	return plug.JSONReply(out)
}
