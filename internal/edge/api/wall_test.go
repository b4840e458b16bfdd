package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/wall"
)

// A screen shows an incident by an address that needs no account, changes nothing
// and ends by itself; nobody can guess or change one, and a restricted incident is
// on no screen.
//
// WAR-PHY-SCREEN. Reading 18
func TestWallBoard(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.house()
		w.as(authz.Responder, "POST", "/incidents", `{"service":"auth","severity":"P1","title":"logins fail"}`).status(http.StatusCreated, "declared")
		w.as(authz.Stakeholder, "POST", "/incidents/1/wall", "").status(http.StatusForbidden, "a stakeholder")
		w.as(authz.Responder, "POST", "/incidents/1/wall", `{"for":"200h"}`).status(http.StatusUnprocessableEntity, "too long")
		w.as(authz.Responder, "POST", "/incidents/7/wall", "").status(http.StatusNotFound, "no incident")
		a := decode[wall.WallAddress](w.as(authz.Responder, "POST", "/incidents/1/wall", `{"for":"2h"}`).status(http.StatusCreated, "an address"))
		if a.URL != "https://console.example/wall/"+a.Token || !a.Until.Equal(w.now.Add(2*time.Hour)) {
			t.Errorf("%+v", a)
		}
		get := func(token string) got { return w.do("GET", "/api/v1/wall/"+token, "") }
		shown := decode[wall.Wall](get(a.Token).status(http.StatusOK, "the board"))
		if shown.Incident.Number != 1 || len(shown.Clocks) == 0 || len(shown.Tasks) == 0 || len(shown.Timeline) == 0 || shown.Timeline[0].At.Before(shown.Timeline[len(shown.Timeline)-1].At) {
			t.Errorf("%+v", shown)
		}
		w.as(authz.Responder, "POST", "/incidents/1/notes", `{"text":"The PIN of the call is 4711."}`).status(http.StatusCreated, "a note")
		if g := get(a.Token); strings.Contains(g.Body.String(), "4711") || !strings.Contains(g.Body.String(), "incident.noted") {
			t.Errorf("the screen shows what a note says, or not that there is one: %s", g.Body)
		}
		for name, token := range map[string]string{
			"another end": a.Token[:12] + "AAAA" + a.Token[16:], "another incident": "AAAAAAAAAAc" + a.Token[11:], "cut": a.Token[:len(a.Token)-2], "empty mac": a.Token[:22], "nonsense": "x", "long": strings.Repeat("A", 100),
		} {
			if token != a.Token {
				get(token).status(http.StatusNotFound, name)
			}
		}
		w.now = w.now.Add(2*time.Hour - time.Second)
		get(a.Token).status(http.StatusOK, "a second before its end")
		w.now = w.now.Add(time.Second)
		get(a.Token).status(http.StatusNotFound, "at its end")

		again := decode[wall.WallAddress](w.as(authz.Responder, "POST", "/incidents/1/wall", "").status(http.StatusCreated, "another"))
		w.as(authz.Responder, "POST", "/incidents/1/restrict", "").status(http.StatusOK, "restricted")
		get(again.Token).status(http.StatusNotFound, "it is restricted now")
		w.as(authz.Responder, "POST", "/incidents/1/wall", "").status(http.StatusConflict, "on no wall")
	})
}
