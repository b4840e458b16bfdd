package app

import (
	"net/http"

	"allclear/internal/edge/inapp"
	"allclear/internal/edge/middleware"
	"allclear/internal/edge/optout"
)

// pageRoutes puts what is for customers on the page's listener: the page itself,
// and beside it what needs an answer of ours.
func (s *server) pageRoutes() http.Handler {
	own := http.NewServeMux()
	optout.New(s.engine.Consent, s.log, s.time.now).Register(own)
	inapp.New(inapp.Options{Notices: s.engine.InApp, Origins: s.c.InAppOrigins, Now: s.time.now}).Register(own)
	safe := middleware.Stack(own, middleware.Identify(), middleware.Log(s.log, s.time.now), middleware.Recover(s.log))
	mux := http.NewServeMux()
	mux.Handle("/u/", safe)
	mux.Handle("/in-app/", safe)
	mux.Handle("/", s.page)
	return mux
}
