// Command load measures the product beside a bare loop, in one run on one
// machine: `bench` prints the table of figures, `score` also writes score.json.
// It owns no rule of the product. Absolute figures of a shared machine drift;
// the ratios decide.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one measured value beside its target.
type figure struct {
	ID     string  `json:"id"`
	What   string  `json:"what"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Target string  `json:"target"`
	Met    bool    `json:"met"`
}

// report is the whole run.
type report struct {
	Seed    int64    `json:"seed"`
	Commit  string   `json:"commit"`
	Host    string   `json:"host"`
	Load    string   `json:"load"`
	FsyncUS float64  `json:"fsync_us"`
	Seconds float64  `json:"seconds"`
	Figures []figure `json:"figures"`
}

const seed = 1

func main() {
	if len(os.Args) == 3 && os.Args[1] == "bare" {
		die(bare(os.Args[2]))
		return
	}
	if len(os.Args) == 4 && os.Args[1] == "memory" {
		die(fromMemory(os.Args[2], os.Args[3]))
		return
	}
	if len(os.Args) < 2 || os.Args[1] != "bench" && os.Args[1] != "score" {
		fmt.Fprintln(os.Stderr, "usage: load bench | load score [-only R03,R20] [-kills 20] [-restarts 100] [-storm 100000] [-seeds 100000] [-configs 100000] [-requests 1000000]")
		os.Exit(2)
	}
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	only := flags.String("only", "", "rows to measure, separated by commas; all when empty")
	flags.IntVar(&kills, "kills", kills, "how often R03 kills the program")
	flags.IntVar(&restarts, "restarts", restarts, "how often R19 starts the program again")
	flags.IntVar(&stormDistinct, "storm", stormDistinct, "how many distinct events R12 has")
	flags.IntVar(&seeds, "seeds", seeds, "how many seeds R01 tries")
	flags.IntVar(&configs, "configs", configs, "how many configurations R16 draws")
	flags.IntVar(&pageRequests, "requests", pageRequests, "how many requests R24 makes")
	die(flags.Parse(os.Args[2:]))
	began := time.Now()
	r := &report{Seed: seed, Commit: commit(), Host: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), Load: loadAverage()}
	die(measure(r, os.Args[1] == "score", *only))
	r.Seconds = time.Since(began).Seconds()
	r.print()
	if os.Args[1] == "score" {
		b, err := json.MarshalIndent(r, "", "  ")
		die(err)
		die(os.WriteFile("score.json", append(b, '\n'), 0o644))
	}
}

func die(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func (r *report) add(id, what string, value float64, unit, target string, met bool) {
	r.Figures = append(r.Figures, figure{id, what, value, unit, target, met})
}

func (r *report) print() {
	fmt.Printf("commit %s, %s, load %s, fsync %.0f µs, %.0f s\n\n", r.Commit, r.Host, r.Load, r.FsyncUS, r.Seconds)
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tfigure\tvalue\ttarget\t")
	for _, f := range r.Figures {
		word := "met"
		if !f.Met {
			word = "MISSED"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%.2f %s\t%s\t%s\n", f.ID, f.What, f.Value, f.Unit, f.Target, word)
	}
	_ = w.Flush()
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// measure takes every figure in turn. The bare loop and the product are loaded
// by the same clients, one after the other.
func measure(r *report, all bool, only string) error {
	us, err := fsync()
	if err != nil {
		return err
	}
	r.FsyncUS = us
	parts := []part{{"P1 P2 P3 P7", intakeFigures}, {"P4", pagingFigures}, {"P5", timerFigures}, {"P5", stepFigures}, {"P11", simulateFigures}, {"LIVE", streamFigures}, {"P6", pageFigures}}
	if all {
		parts = append(parts, part{"R03", killFigures}, part{"DET", detectFigures}, part{"R12", stormFigures}, part{"R13", acceptFigures}, part{"R14", dedupFigures}, part{"R15", ackedFigures}, part{"R18", backlogFigures}, part{"R19", restartFigures}, part{"R20", stallFigures}, part{"R24", deadFigures})
		parts = append(parts, suiteFigures()...)
	}
	for _, p := range parts {
		if only != "" && !p.wanted(only) {
			continue
		}
		if err := p.run(r); err != nil {
			return fmt.Errorf("%s: %w", p.rows, err)
		}
	}
	return nil
}

// part measures some rows of the scoreboard.
type part struct {
	rows string
	run  func(*report) error
}

func (p part) wanted(only string) bool {
	for _, row := range strings.Split(only, ",") {
		if slices.Contains(strings.Fields(p.rows), row) {
			return true
		}
	}
	return false
}

// fsync is how long this disk takes to keep 4 KiB, on average of 50.
func fsync() (float64, error) {
	f, err := os.CreateTemp("", "fsync")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	block := make([]byte, 4096)
	const n = 50
	began := time.Now()
	for range n {
		if _, err := f.WriteAt(block, 0); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(began).Microseconds()) / n, f.Close()
}
