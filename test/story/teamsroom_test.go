package story

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/room"
	"allclear/internal/plug/teams"
)

// Graph is one team as Microsoft Graph shows it to an application
// (https://learn.microsoft.com/graph/api/resources/channel).
type Graph struct {
	Peer
	Channels []object
	Members  []string // of the team
	Meetings map[string]object
	archived []string
	wrong    []string
}

func (w *World) withTeams() *Graph {
	w.Helper()
	g := &Graph{Meetings: map[string]object{}}
	g.answer = func(r *http.Request, body []byte) (int, any) { return g.do(w, r, body) }
	at := w.peer(&g.Peer)
	w.Sets(teams.Plugin(), map[string]string{
		"tenant_id": "ten", "client_id": "cid", "client_secret": "teams-secret-1", "team_id": "team1", "owner": "rooms@techflow.example", "login_url": at, "graph_url": at + "/v1.0",
	})
	return g
}

func refusedBy(status int, code, message string) (int, any) {
	return status, object{"error": object{"code": code, "message": message}}
}

func (g *Graph) do(w *World, r *http.Request, body []byte) (int, any) {
	if r.URL.Path == "/ten/oauth2/v2.0/token" {
		form, _ := url.ParseQuery(string(body))
		if form.Get("client_secret") != "teams-secret-1" || form.Get("grant_type") != "client_credentials" || form.Get("scope") != "https://graph.microsoft.com/.default" {
			return http.StatusUnauthorized, object{"error": "invalid_client"}
		}
		return http.StatusOK, object{"access_token": "graph-token", "expires_in": 3599}
	}
	if r.Header.Get("Authorization") != "Bearer graph-token" {
		return refusedBy(http.StatusUnauthorized, "InvalidAuthenticationToken", "")
	}
	in := readJSON(body)
	path := strings.TrimPrefix(r.URL.Path, "/v1.0")
	switch {
	case path == "/teams/team1/channels" && r.Method == http.MethodPost:
		return g.channel(w, in)
	case path == "/teams/team1/channels":
		want := strings.TrimSuffix(strings.TrimPrefix(r.URL.Query().Get("$filter"), "displayName eq '"), "'")
		return http.StatusOK, object{"value": slices.DeleteFunc(slices.Clone(g.Channels), func(c object) bool { return c["displayName"] != want })}
	case path == "/teams/team1/members":
		return g.member(&g.Members, in)
	case strings.HasPrefix(path, "/users/rooms@techflow.example/onlineMeetings"):
		return g.meeting(path, r.Method, in)
	}
	for _, c := range g.Channels {
		at := "/teams/team1/channels/" + c["id"].(string)
		switch {
		case path == at && r.Method == http.MethodGet:
			return http.StatusOK, c
		case path == at && r.Method == http.MethodPatch:
			for k, v := range in {
				c[k] = v
			}
			if len([]rune(textOf(c, "description"))) > 1024 {
				g.wrong = append(g.wrong, "description too long")
			}
			return http.StatusNoContent, nil
		case path == at+"/members":
			list, _ := c["people"].([]string)
			status, v := g.member(&list, in)
			c["people"] = list
			return status, v
		case path == at+"/archive":
			g.archived = append(g.archived, textOf(c, "displayName"))
			return http.StatusAccepted, nil
		}
	}
	g.wrong = append(g.wrong, r.Method+" "+path)
	return refusedBy(http.StatusNotFound, "NotFound", "")
}

func (g *Graph) channel(w *World, in object) (int, any) {
	name := textOf(in, "displayName")
	if name == "" || len(name) > 50 || strings.ContainsAny(name, "~#%&*{}+/\\:<>?|'\".") {
		g.wrong = append(g.wrong, "channel name "+name)
		return refusedBy(http.StatusBadRequest, "BadRequest", "Invalid name")
	}
	for _, c := range g.Channels {
		if c["displayName"] == name {
			return refusedBy(http.StatusBadRequest, "BadRequest", "Channel name already existed, please use other name. NameAlreadyExists")
		}
	}
	if members, _ := in["members"].([]any); textOf(in, "membershipType") == "private" && (len(members) != 1 || !strings.Contains(fmt.Sprint(members[0]), "owner")) {
		g.wrong = append(g.wrong, "a private channel without its owner")
		return refusedBy(http.StatusBadRequest, "BadRequest", "An owner is needed")
	}
	c := object{"id": fmt.Sprintf("19:%d@thread.tacv2", len(g.Channels)+1), "webUrl": "https://teams.example/c", "createdDateTime": w.wall.Load().UTC().Format(time.RFC3339)}
	for _, k := range []string{"displayName", "description", "membershipType"} {
		c[k] = in[k]
	}
	g.Channels = append(g.Channels, c)
	return http.StatusCreated, c
}

func (g *Graph) member(list *[]string, in object) (int, any) {
	_, who, _ := strings.Cut(textOf(in, "user@odata.bind"), "users('")
	who = strings.TrimSuffix(who, "')")
	if textOf(in, "@odata.type") != "#microsoft.graph.aadUserConversationMember" || who == "" {
		g.wrong = append(g.wrong, fmt.Sprint("member ", in))
	}
	if strings.HasPrefix(who, "bo") {
		return refusedBy(http.StatusNotFound, "NotFound", "no such user")
	}
	*list = append(*list, who)
	return http.StatusCreated, object{}
}

func (g *Graph) meeting(path, method string, in object) (int, any) {
	if strings.HasSuffix(path, "/createOrGet") {
		id := textOf(in, "externalId")
		m, ok := g.Meetings[id]
		if !ok {
			m = object{"id": fmt.Sprintf("m%d", len(g.Meetings)+1), "joinWebUrl": "https://teams.example/meet/" + id, "audioConferencing": object{"tollNumber": "+15550199", "conferenceId": "123"}}
			g.Meetings[id] = m
			return http.StatusCreated, m
		}
		return http.StatusOK, m
	}
	for _, m := range g.Meetings {
		if strings.HasSuffix(path, "/"+m["id"].(string)) && method == http.MethodPatch {
			m["allowedPresenters"] = in["allowedPresenters"]
			return http.StatusOK, m
		}
	}
	return refusedBy(http.StatusNotFound, "NotFound", "")
}

// A P1 has a channel and a meeting in Teams where that is set up, made once also when
// an answer was lost; how it goes stands in the channel's description, and it is
// archived. A restricted incident has a private channel.
func TestAP1InTeams(t *testing.T) {
	Tell(t, func(w *World) {
		g := w.withTeams()
		g.Fail("POST /v1.0/teams/team1/channels", SlackFailure{Late: true, Times: 1})
		g.Fail("createOrGet", SlackFailure{Late: true, Times: 1})
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(5 * time.Second)
		c, v := w.Part(room.Chat), w.Part(room.Video)
		if c.State != room.Open || c.Called != "inc-20260302-001-sign-in-fails" || len(g.Channels) != 1 || len(g.Wrong()) != 0 {
			w.Fatalf("channel %+v, %v, wrong %v", c, g.Channels, g.Wrong())
		}
		if v.State != room.Open || len(g.Meetings) != 1 || v.DialIn[0] != "+15550199" || v.PIN != "123#" {
			w.Errorf("meeting %+v, %v", v, g.Meetings)
		}
		for _, m := range g.Meetings {
			if m["allowedPresenters"] != "everyone" {
				w.Errorf("who may present: %v", m)
			}
		}
		if d := textOf(g.Channels[0], "description"); !strings.HasPrefix(d, "[INC-1] P1 INC-1: Sign-in fails | Status: investigating") || !strings.Contains(d, v.URL) {
			w.Errorf("description %q", d)
		}
		if !slices.Contains(g.Members, w.personOf("ana").Email) || !slices.Contains(c.Unknown, "bo") {
			w.Errorf("members %v, unknown %v", g.Members, c.Unknown)
		}
		w.Mitigate()
		w.After(2 * time.Second)
		if d := textOf(g.Channels[0], "description"); !strings.Contains(d, "Status: mitigated") {
			w.Errorf("description %q", d)
		}
		if c = w.Part(room.Chat); len(c.Lines) != 0 || c.Problem != "" {
			w.Errorf("it waits for what cannot be: %+v", c)
		}
		_, err := w.e.Command.Restrict(w.Context(), as("ana"), 1, w.now)
		w.must(err)
		w.After(5 * time.Second)
		if len(g.archived) != 1 || g.archived[0] != "inc-20260302-001-closed" || len(g.Channels) != 2 || g.Channels[1]["membershipType"] != "private" {
			w.Errorf("restricted: archived %v, channels %v, wrong %v", g.archived, g.Channels, g.Wrong())
		}
		if got := w.Lines(event.RoomFailed, "Microsoft Teams"); len(got) != 2 {
			w.Errorf("two answers were lost, the record has %d lines: %+v", len(got), got)
		}
	})
}

// Wrong is what Graph would have refused.
func (g *Graph) Wrong() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.wrong)
}
