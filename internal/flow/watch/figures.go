package watch

import (
	"maps"
	"slices"
	"time"

	"allclear/internal/store/deliveries"
)

// numbers are what the last look counted.
type numbers struct {
	timersOverdue, timersFailing int64
	backlog                      []laneBacklog
	pagesFailed, pagesAdrift     int64
	chainsAdrift                 int64
	diskUsed                     float64
	clockOff                     time.Duration
	probes                       map[string]probe
	heartbeats                   struct{ sent, failed, withheld int64 }
}

type laneBacklog struct {
	lane string
	deliveries.Backlog
}

// Figure is one number for a metrics page.
type Figure struct {
	Name, Help   string
	Label, Value string // one label, or none
	Number       float64
	Counter      bool
}

// Figures are the numbers of the last look, in a steady order. They cost no
// query, so that whoever scrapes cannot load the database.
func (w *Watch) Figures(now time.Time) (out []Figure) {
	silences := w.silences(now)
	w.mu.Lock()
	defer w.mu.Unlock()
	add := func(name, help string, number float64) {
		out = append(out, Figure{Name: name, Help: help, Number: number})
	}
	with := func(name, help, label, value string, number float64) {
		out = append(out, Figure{Name: name, Help: help, Label: label, Value: value, Number: number})
	}
	n := w.numbers
	add("allclear_watch_last_look_seconds", "Age of the auditor's last finished look.", since(w.looked.Load(), now))
	for _, f := range sorted(w.standing) {
		with("allclear_watch_finding", "What the auditor finds wrong: 2 is critical, 1 a warning.", "finding", f.Key, grade(f))
	}
	critical := 0.0
	for _, f := range w.standing {
		critical += b2f(f.Critical)
	}
	add("allclear_watch_findings_critical", "Findings that withhold the heartbeat.", critical)
	for _, name := range slices.Sorted(maps.Keys(silences)) {
		with("allclear_watch_loop_silence_seconds", "Time since a loop was last on its way round.", "loop", name, silences[name].Seconds())
	}
	add("allclear_timers_overdue", "Timers that are late by more than ten seconds.", float64(n.timersOverdue))
	add("allclear_timers_failing", "Timers whose handler fails again and again.", float64(n.timersFailing))
	w.backlogFigures(now, with)
	add("allclear_pages_failed", "Sends of pages that were given up in the last day.", float64(n.pagesFailed))
	add("allclear_pages_adrift", "Pages that wait although nothing is being sent.", float64(n.pagesAdrift))
	add("allclear_chains_adrift", "Escalations with a step to come and no timer.", float64(n.chainsAdrift))
	add("allclear_disk_used_ratio", "How full the disk with the data is.", n.diskUsed)
	add("allclear_clock_offset_seconds", "The program's time minus the time of day, of the database's server where there is one.", n.clockOff.Seconds())
	for _, channel := range slices.Sorted(maps.Keys(n.probes)) {
		p := n.probes[channel]
		with("allclear_probe_success", "Whether the last test page was accepted.", "channel", channel, b2f(p.ok))
		with("allclear_probe_latency_seconds", "Queued to accepted, of the last test page.", "channel", channel, p.latency.Seconds())
	}
	for _, h := range []struct {
		result string
		n      int64
	}{{"failed", n.heartbeats.failed}, {"sent", n.heartbeats.sent}, {"withheld", n.heartbeats.withheld}} {
		out = append(out, Figure{Name: "allclear_heartbeats_total", Help: "Heartbeats to dead-man's switches, by what became of them.", Label: "result", Value: h.result, Number: float64(h.n), Counter: true})
	}
	return out
}

// backlogFigures tell what waits, by lane and state. w.mu is held.
func (w *Watch) backlogFigures(now time.Time, with func(name, help, label, value string, number float64)) {
	for _, b := range w.numbers.backlog {
		with("allclear_deliveries_"+b.lane, "Unfinished sends, by state.", "state", string(b.State), float64(b.N))
		if b.State == "queued" {
			with("allclear_oldest_due_seconds", "How long the oldest send has been due; negative: it is to come.", "lane", b.lane, now.Sub(b.OldestDue).Seconds())
		}
	}
}

func since(us int64, now time.Time) float64 {
	if us == 0 {
		return -1
	}
	return now.Sub(time.UnixMicro(us)).Seconds()
}

func grade(f Finding) float64 { return 1 + b2f(f.Critical) }

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
