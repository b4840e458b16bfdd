package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
	"allclear/internal/edge/middleware"
	"allclear/internal/edge/page"
)

// ServePage serves the status page from the last snapshot, with neither
// application nor database alive.
func ServePage(ctx context.Context, c PageConfig) error {
	h := page.New(page.Options{Dir: c.Dir, Now: clock})
	log := newLog(Config{Log: c.Log})
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fault.New(fault.Unavailable, "listen on %s: %s", c.Listen, err)
	}
	srv := middleware.Server(h)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	log.Info("ready", "page", "http://"+l.Addr().String(), "from", c.Dir)
	return watchPage(ctx, h, srv, failed, log)
}

func watchPage(ctx context.Context, h *page.Handler, srv *http.Server, failed <-chan error, log *slog.Logger) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-tick.C:
			if err := h.Tick(clock()); err != nil && err.Error() != last {
				last = err.Error()
				log.Error("read the snapshot", "error", err)
			}
		case err := <-failed:
			return err
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
			defer cancel()
			if err := srv.Shutdown(end); err != nil {
				return errors.Join(err, srv.Close())
			}
			return nil
		}
	}
}

// PagePost is an update that is posted by hand.
type PagePost struct {
	Incident   string // id on the page; empty: the only open one, or a new one with Title
	Title      string
	Status     string
	Impact     string
	Text       string
	Components map[string]string // state by name or id
}

// PostPage posts an update to the last snapshot, with neither application nor
// database alive, and says where it is.
func PostPage(_ context.Context, c PageConfig, p PagePost, out io.Writer) error {
	snap, err := page.Load(c.Dir)
	if err != nil {
		return err
	}
	post := status.Post{
		IncidentID: p.Incident, UpdateID: page.NewID(), Name: p.Title, Status: status.IncidentStatus(p.Status), Impact: status.Impact(p.Impact), Body: p.Text,
		Components: map[string]status.ComponentStatus{},
	}
	if post.IncidentID == "" {
		if post.IncidentID, err = meant(snap, p.Title); err != nil {
			return err
		}
	}
	for name, state := range p.Components {
		at := slices.IndexFunc(snap.Components, func(x status.Component) bool { return !x.Group && (x.ID == name || strings.EqualFold(x.Name, name)) })
		if at < 0 {
			return fault.New(fault.NotFound, "there is no component %q on the page", name)
		}
		post.Components[snap.Components[at].ID] = status.ComponentStatus(state)
	}
	// The application, should it live, writes the file every few seconds: look
	// again after it had a turn.
	if snap, err = page.PostByHand(c.Dir, post, clock(), func() { time.Sleep(time.Second) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "posted: %s/incidents/%s\n", strings.TrimSuffix(snap.Page.URL, "/"), post.IncidentID)
	return err
}

// meant is the incident an update without an id is for.
func meant(s *status.Snapshot, title string) (string, error) {
	if title != "" {
		return page.NewID(), nil
	}
	var open []string
	for _, i := range s.Incidents {
		if i.Active() {
			open = append(open, i.ID)
		}
	}
	if len(open) == 1 {
		return open[0], nil
	}
	err := fault.New(fault.Invalid, "%d incidents are open on the page: name one with --incident, or open one with --title", len(open))
	for _, i := range s.Incidents {
		if i.Active() {
			err = err.With(i.ID, i.Name)
		}
	}
	return "", err
}

// ExportPage writes the status page as static files into a folder.
func ExportPage(_ context.Context, c PageConfig, to string) error {
	snap, err := page.Load(c.Dir)
	if err != nil {
		return err
	}
	return page.Export(to, page.Options{Dir: c.Dir, Now: clock}, snap)
}
