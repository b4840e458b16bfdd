package slack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"

	"allclear/internal/plug"
)

// web answers each method of the Web API by the test's own words.
func web(t *testing.T, answer func(method string, args map[string]any) string) *slack {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		args := map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&args)
		_, _ = w.Write([]byte(answer(path.Base(r.URL.Path), args)))
	}))
	t.Cleanup(srv.Close)
	return open2(t, srv.URL, nil).(*slack)
}

// A channel whose name tells something is not taken for one that tells nothing: a
// taken name is varied, and one that may not be changed is a failure.
func TestANameThatStaysIsAFailure(t *testing.T) {
	var names []any
	archived, refusal := 0, "name_taken"
	s := web(t, func(method string, args map[string]any) string {
		switch {
		case method == "conversations.archive":
			archived++
		case method == "conversations.rename":
			names = append(names, args["name"])
			if len(names) < 3 || refusal != "name_taken" {
				return `{"ok":false,"error":"` + refusal + `"}`
			}
		}
		return `{"ok":true}`
	})
	if err := s.Archive(t.Context(), "C1", "inc-1-closed"); err != nil || len(names) != 3 || names[2] != "inc-1-closed-3" || archived != 1 {
		t.Errorf("%v, %v, archived %d times", err, names, archived)
	}
	refusal = "not_authorized"
	if err := s.Archive(t.Context(), "C1", "inc-1-closed"); err == nil || plug.FailureOf(err).Kind != plug.Permanent || archived != 2 {
		t.Errorf("%v, archived %d times", err, archived)
	}
}

// A bot, somebody who left and somebody of another workspace are no users of ours.
func TestOnlyOurOwnUsersAreSomebody(t *testing.T) {
	for user, want := range map[string]bool{
		`"team_id":"T1"`: true, `"team_id":"T2"`: false, `"team_id":"T1","deleted":true`: false, `"team_id":"T1","is_bot":true`: false, `"team_id":"T1","is_stranger":true`: false,
	} {
		s := web(t, func(method string, _ map[string]any) string {
			if method == "auth.test" {
				return `{"ok":true,"user_id":"U0","team_id":"T1"}`
			}
			return `{"ok":true,"user":{` + user + `,"profile":{"email":"ana@techflow.example"}}}`
		})
		if g, err := s.Profile(t.Context(), "U1"); (err == nil) != want || (g.Email != "") != want {
			t.Errorf("%s: %+v, %v", user, g, err)
		}
	}
}
