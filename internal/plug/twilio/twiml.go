package twilio

import (
	"encoding/xml"
	"net/http"
	"strings"

	"allclear/internal/plug"
)

// The verbs of TwiML that are spoken here.
// https://www.twilio.com/docs/voice/twiml
type (
	response struct {
		XMLName xml.Name `xml:"Response"`
		Verbs   []any
	}
	say struct {
		XMLName  xml.Name `xml:"Say"`
		Language string   `xml:"language,attr,omitempty"`
		Text     string   `xml:",chardata"`
	}
	pause struct {
		XMLName xml.Name `xml:"Pause"`
		Length  int      `xml:"length,attr"`
	}
	gather struct {
		XMLName     xml.Name `xml:"Gather"`
		Input       string   `xml:"input,attr"`
		NumDigits   int      `xml:"numDigits,attr,omitempty"`
		FinishOnKey string   `xml:"finishOnKey,attr,omitempty"`
		Timeout     int      `xml:"timeout,attr"`
		Action      string   `xml:"action,attr"`
		Method      string   `xml:"method,attr"`
		Verbs       []any
	}
	record struct {
		XMLName     xml.Name `xml:"Record"`
		MaxLength   int      `xml:"maxLength,attr"`
		Timeout     int      `xml:"timeout,attr"`
		FinishOnKey string   `xml:"finishOnKey,attr"`
		Beep        bool     `xml:"playBeep,attr"`
		Action      string   `xml:"action,attr"`
		Method      string   `xml:"method,attr"`
	}
	redirect struct {
		XMLName xml.Name `xml:"Redirect"`
		Method  string   `xml:"method,attr"`
		URL     string   `xml:",chardata"`
	}
	dial struct {
		XMLName    xml.Name `xml:"Dial"`
		Conference conference
	}
	conference struct {
		XMLName xml.Name `xml:"Conference"`
		Start   bool     `xml:"startConferenceOnEnter,attr"`
		End     bool     `xml:"endConferenceOnExit,attr"`
		Beep    bool     `xml:"beep,attr"`
		Name    string   `xml:",chardata"`
	}
	hangup struct {
		XMLName xml.Name `xml:"Hangup"`
	}
	reply struct {
		XMLName xml.Name `xml:"Message"`
		Text    string   `xml:",chardata"`
	}
)

// twiml writes verbs as a document.
func twiml(verbs ...any) string {
	doc, err := xml.Marshal(response{Verbs: verbs})
	if err != nil {
		return xml.Header + "<Response></Response>" // the verbs are ours: not reached
	}
	return xml.Header + string(doc)
}

func speak(verbs ...any) plug.Reply {
	return plug.Reply{Status: http.StatusOK, Type: "text/xml; charset=utf-8", Body: []byte(twiml(verbs...))}
}

func (s *service) say(text string) say { return say{Language: s.language, Text: text} }

// Limits of a call.
const (
	maxScript = 3900 // characters of TwiML; the API takes 4,000
	maxSpoken = 600  // characters of a page that are read out
	times     = 2    // it is read out, because the first words are slept through
)

// script is what a page says when it calls. The key that acknowledges is spoken
// and differs from page to page, so that neither a voicemail nor a key pressed
// in the dark acknowledges.
func (s *service) script(m plug.Message) string {
	for room := maxSpoken; ; room /= 2 {
		doc := twiml(s.call(m, spoken(m, room))...)
		if len(doc) <= maxScript || room < 20 {
			return doc
		}
	}
}

func (s *service) call(m plug.Message, text string) []any {
	action := s.back("page", m.Token)
	if m.Kind != plug.Page || m.Token == "" || m.Digit == "" || action == "" {
		return []any{s.say(text), pause{Length: 1}, s.say(text)}
	}
	keys := "To acknowledge, press " + m.Digit + "."
	if m.Join {
		keys = "To join, press " + m.Digit + ". If you cannot, press 0."
	}
	var verbs []any
	for range times {
		verbs = append(verbs, gather{
			Input: "dtmf", NumDigits: 1, Timeout: 6, Action: action, Method: http.MethodPost,
			Verbs: []any{s.say(text), s.say(keys)},
		})
	}
	return append(verbs, s.say("No key was pressed. We will try another way."), hangup{})
}

// spoken is the page in words for the ear.
func spoken(m plug.Message, room int) string {
	text := strings.TrimSpace(m.Subject)
	if body := strings.TrimSpace(m.Text); body != "" && body != text {
		text = strings.TrimSuffix(text, ".") + ". " + body
	}
	var words []string
	for _, w := range strings.Fields(text) {
		if strings.HasPrefix(w, "http://") || strings.HasPrefix(w, "https://") {
			w = "(a link)"
		}
		words = append(words, w)
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == '<' || r == '>' || r == '\ufffd' {
			return ' '
		}
		return r
	}, strings.Join(words, " "))
	if r := []rune(text); len(r) > room {
		return string(r[:room]) + " ..."
	}
	return text
}
