package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"allclear/internal/app/outbound"
	"allclear/internal/edge/health"
	"allclear/internal/flow/watch"
	"allclear/internal/plug"
)

// maxHeartbeats is how many dead-man's switches make sense: a second one watches
// the first.
const maxHeartbeats = 2

const probePrefix = "ALLCLEAR_SYNTHETIC_"

// watchOptions are what the watch needs of the world outside the engine.
func (s *server) watchOptions() (watch.Options, error) {
	node, err := os.Hostname()
	if err != nil {
		node = "this node"
	}
	dir := s.c.Dir
	o := watch.Options{Node: node, Disk: func() (watch.Disk, error) { return diskOf(dir) }, Clock: s.timeOfDay, Heartbeats: s.c.Heartbeats, Probes: probesIn(os.Environ())}
	if s.c.Demo {
		o.Probes = nil // a demonstration disturbs nobody
	}
	if len(o.Heartbeats) > maxHeartbeats {
		return o, fmt.Errorf("--heartbeat-url: %d addresses, want at most %d", len(o.Heartbeats), maxHeartbeats)
	}
	for channel := range o.Probes {
		if _, ok := s.channels.get(channel); !ok {
			return o, fmt.Errorf("%s%s: the channel %s has no provider", probePrefix, strings.ToUpper(channel), channel)
		}
	}
	guard, err := outbound.Guard(s.c.AllowOutbound)
	if err != nil {
		return o, err
	}
	client := plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: s.c.Version})
	o.Call = func(ctx context.Context, url string) error {
		ans, err := client.Do(ctx, plug.Request{Method: http.MethodGet, URL: url})
		if err != nil {
			return err
		}
		return ans.Failure()
	}
	return o, nil
}

// probesIn reads the addresses of test pages: ALLCLEAR_SYNTHETIC_SMS=+15550199.
func probesIn(environ []string) map[string]string {
	out := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if channel, ok := strings.CutPrefix(name, probePrefix); ok && channel != "" && value != "" {
			out[strings.ToLower(channel)] = value
		}
	}
	return out
}

// register has the watch look after every loop of the server.
func (s *server) register(ctx context.Context, now time.Time) {
	e := s.engine
	e.Register(now)
	s.board.Beat = e.Watch.Loop("board", "the status page does not change", loopLimit, now)
	s.redrawn = e.Watch.Loop("page", "the status page does not grow older", loopLimit, now)
	for name, beat := range map[string]*func(time.Time){
		"timers": &e.Timers.Beat, "pager": &e.Pager.Beat, "mailer": &e.Mailer.Beat, "detection": &e.Detect.Beat, "checks": &e.Checks.Beat, "board": &s.board.Beat, "page": &s.redrawn,
	} {
		*beat = stalled(ctx, name, *beat)
	}
}

// figures are what the metrics page shows beside the runtime's own.
func (s *server) figures() []health.Figure {
	all := s.engine.Watch.Figures(s.time.Now())
	out := make([]health.Figure, 0, len(all)+3)
	for _, f := range all {
		out = append(out, health.Figure(f))
	}
	for _, p := range s.engine.Pull.States() {
		out = append(out, health.Figure{Name: "allclear_pull_failures", Help: "How often in a row a source that is asked for its state could not be asked.", Label: "source", Value: p.Source, Number: float64(p.Failures)})
	}
	accepted, refused := s.engine.Intake.Totals()
	return append(out,
		health.Figure{Name: "allclear_dead_ends", Help: "Places where nobody can be reached, now or within 14 days.", Number: float64(len(s.engine.Lookout.Standing(s.time.Now())))},
		health.Figure{Name: "allclear_schedule_weaknesses", Help: "Gaps and other weaknesses of schedules within 14 days, when last looked.", Number: float64(s.engine.Rota.Weak())},
		health.Figure{Name: "allclear_writers_waiting", Help: "Transactions that wait for the writer.", Number: float64(s.engine.DB.Waiting())},
		health.Figure{Name: "allclear_intake_payloads_total", Help: "Payloads of sources, by what became of them.", Label: "result", Value: "accepted", Number: float64(accepted), Counter: true},
		health.Figure{Name: "allclear_intake_payloads_total", Help: "Payloads of sources, by what became of them.", Label: "result", Value: "refused", Number: float64(refused), Counter: true},
	)
}
