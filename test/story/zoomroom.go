package story

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"allclear/internal/plug/zoom"
)

// Zoom is an account as its API shows it (https://developers.zoom.us/docs/api/).
type Zoom struct {
	Peer
	Meetings []*ZoomMeeting
	Sharing  string // who may share a screen, as the host has it set
	tokens   int    // that were given out
	revoked  bool   // the present one is not taken
	made     int64
}

// ZoomMeeting is one meeting.
type ZoomMeeting struct {
	ID     int64
	Topic  string
	Fields object // as they were sent
	Ended  bool
	Gone   bool
	at     string
}

const zoomSecret = "zoom-secret-token"

func (w *World) withZoom() *Zoom {
	w.Helper()
	z := &Zoom{Sharing: "host"}
	z.answer = func(r *http.Request, body []byte) (int, any) { return z.do(w, r, body) }
	url := w.peer(&z.Peer)
	w.Sets(zoom.Plugin(), map[string]string{
		"account_id": "acc", "client_id": "cid", "client_secret": "client-secret-1", "user": "rooms@techflow.example", "secret_token": zoomSecret,
		"oauth_url": url, "base_url": url + "/v2",
	})
	return z
}

func (z *Zoom) do(w *World, r *http.Request, body []byte) (int, any) {
	if r.URL.Path == "/oauth/token" {
		q := r.URL.Query()
		if r.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("cid:client-secret-1")) || q.Get("grant_type") != "account_credentials" || q.Get("account_id") != "acc" {
			return http.StatusBadRequest, object{"reason": "Invalid client_id or client_secret", "error": "invalid_client"}
		}
		z.tokens, z.revoked = z.tokens+1, false
		return http.StatusOK, object{"access_token": fmt.Sprintf("token-%d", z.tokens), "token_type": "bearer", "expires_in": 3599}
	}
	if z.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", z.tokens) {
		return http.StatusUnauthorized, object{"code": 124, "message": "Invalid access token."}
	}
	user := "/v2/users/rooms@techflow.example"
	switch path := r.Method + " " + r.URL.Path; {
	case path == "POST "+user+"/meetings":
		in := readJSON(body)
		if in == nil || textOf(in, "topic") == "" {
			return http.StatusBadRequest, object{"code": 300, "message": "Validation Failed."}
		}
		z.made++
		m := &ZoomMeeting{ID: 85000000000 + z.made, Topic: textOf(in, "topic"), Fields: in, at: w.wall.Load().UTC().Format("2006-01-02T15:04:05Z")}
		z.Meetings = append(z.Meetings, m)
		return http.StatusCreated, m.show()
	case path == "GET "+user+"/meetings":
		list := []any{}
		for _, m := range z.Meetings {
			if !m.Gone {
				list = append(list, m.show())
			}
		}
		return http.StatusOK, object{"meetings": list}
	case path == "GET "+user+"/settings":
		return http.StatusOK, object{"in_meeting": object{"screen_sharing": true, "who_can_share_screen": z.Sharing}}
	case path == "PATCH "+user+"/settings":
		z.Sharing = textOf(readJSON(body), "in_meeting", "who_can_share_screen")
		return http.StatusNoContent, nil
	}
	for _, m := range z.Meetings {
		at := fmt.Sprintf("/v2/meetings/%d", m.ID)
		if m.Gone || !strings.HasPrefix(r.URL.Path, at) {
			continue
		}
		switch r.Method {
		case http.MethodGet:
			return http.StatusOK, m.show()
		case http.MethodPut:
			m.Ended = true
			return http.StatusNoContent, nil
		case http.MethodDelete:
			m.Gone = true
			return http.StatusNoContent, nil
		}
	}
	return http.StatusNotFound, object{"code": 3001, "message": "Meeting does not exist."}
}

func (m *ZoomMeeting) show() object {
	return object{
		"id": m.ID, "topic": m.Topic, "type": m.Fields["type"], "agenda": m.Fields["agenda"], "created_at": m.at, "join_url": fmt.Sprintf("https://zoom.example/j/%d?pwd=x", m.ID),
		"pstn_password": "4711", "settings": object{"global_dial_in_numbers": []any{object{"country": "US", "number": "+1 555 0100 999", "type": "toll"}}},
	}
}
