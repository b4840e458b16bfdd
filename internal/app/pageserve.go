package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"allclear/internal/base/fault"
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

// PublishPage writes the status page as static files into a folder.
func PublishPage(_ context.Context, c PageConfig, to string) error {
	snap, err := page.Load(c.Dir)
	if err != nil {
		return err
	}
	return page.Export(to, page.Options{Dir: c.Dir, Now: clock}, snap)
}
