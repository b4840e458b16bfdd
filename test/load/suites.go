package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// seeds is how many seeds R01 tries, configs how many configurations R16.
var (
	seeds   = 100_000
	configs = 100_000
)

// suite is a row whose figure is a test with more turns than `make test` gives
// it: that the test passes is the target, what it says of itself the value.
type suite struct {
	row, what string
	pkg, run  string
	args      func() []string // after -args
	says      *regexp.Regexp  // its groups are put into what; the last is the value
	target    string
}

func none() []string { return nil }

var suites = []suite{
	{
		row: "R01", pkg: "./test/sim", run: "^TestSeeds$", args: func() []string { return []string{"-sim.seeds=" + strconv.Itoa(seeds)} },
		says: regexp.MustCompile(`(\d+) seeds, (\d+) crashes, (\d+) messages`), what: "%s seeds with %s crashes: messages sent, none lost, none beyond the bound", target: "0 lost, 0 over",
	},
	{
		row: "R01", pkg: "./test/sim", run: "^TestASeedRepeats$", args: none,
		says: regexp.MustCompile(`(\d+) seeds took the same course twice`), what: "  seeds that repeat", target: "all",
	},
	{
		row: "R02", pkg: "./test/sim", run: "^TestPlantedBugsAreFound$", args: none,
		says: regexp.MustCompile(`(\d+) of \d+ planted bugs were found`), what: "planted bugs found", target: ">= 39 of 40",
	},
	{
		row: "P9", pkg: "./test/e2e", run: "^TestAMailingIsKilledInTheMiddle$/^sqlite$", args: none,
		says: regexp.MustCompile(`(\d+) distinct recipients, (\d+) lost, (\d+) doubled, (\S+) in all`), what: "1,200 customers x 3 contacts by SMTP, killed in the middle: %s recipients, %s lost, %s doubled", target: "<= 60 s, 0 lost",
	},
	{
		row: "R09", pkg: "./test/e2e", run: "^TestClocksThatAreSet$/^one_node$", args: none,
		says: regexp.MustCompile(`(\d+) steps, the worst (\S+) from when it was due`), what: "the time of day set by 1 h, 1 d and 30 s, the process frozen, %s steps: the worst is off by", target: "<= 5 s",
	},
	{
		row: "R09", pkg: "./test/e2e", run: "^TestClocksThatAreSet$/^two_nodes$", args: none,
		says: regexp.MustCompile(`(\d+) steps, the worst (\S+) from when it was due`), what: "  two nodes on PostgreSQL, 5 min and then 1 h apart, one killed, %s steps: the worst is off by", target: "<= 5 s",
	},
	{
		row: "R10", pkg: "./internal/domain/oncall", run: "^TestSweepOfZones$", args: func() []string { return []string{"-oncall.instants=10000000"} },
		says: regexp.MustCompile(`(\d+) instants`), what: "schedules against an oracle, instants without a mismatch", target: ">= 10^7",
	},
	{
		row: "R10", pkg: "./internal/domain/oncall", run: "^TestSweepOfTransitionsB29$", args: func() []string { return []string{"-oncall.stride=1"} },
		says: regexp.MustCompile(`(\d+) of (\d+) transitions, (\d+) instants`), what: "  around the transitions of every zone, %s of %s: instants", target: "0 mismatches",
	},
	{
		row: "R11", pkg: "./internal/plug", run: "^TestAnotherProviderTakesOver$", args: none,
		says: regexp.MustCompile(`the slowest message took (\S+), the breaker opened after \d+ failures`), what: "a provider that hangs, fails or refuses: the slowest message", target: "<= 10 s, breaker after <= 5",
	},
	{
		row: "R11", pkg: "./internal/jobs", run: "^TestAHangingChannelHoldsUpNoOther$/^sqlite$", args: func() []string { return []string{"-letters=3000"} },
		says: regexp.MustCompile(`p99 of another channel: (\S+) alone, (\S+) beside`), what: "  p99 of another channel, %s alone; beside three that hang", target: "<= 1 s",
	},
	{
		row: "R11", pkg: "./test/story", run: "^TestWhat(IsNotConfirmed|NobodyCanConfirm)GoesOn$", args: none,
		says: regexp.MustCompile(`ok`), what: "  unconfirmed after 60 s: the next channel", target: "stories pass",
	},
	{
		row: "R15", pkg: "./test/sim", run: "^TestSeeds$", args: func() []string { return []string{"-sim.seeds=2000"} },
		says: regexp.MustCompile(`seeds, \d+ crashes, (\d+) messages`), what: "simulated, acknowledgements race steps and crashes: messages, none of them after", target: "0 after",
	},
	{
		row: "R16", pkg: "./internal/domain/reach", run: "^TestDeadEndsAreWhatTheOracleFinds$", args: func() []string { return []string{"-configs=" + strconv.Itoa(configs)} },
		says: regexp.MustCompile(`(\d+) configurations, (\d+) dead ends`), what: "%s random configurations: dead ends found, none missed, none made up", target: "recall 100 %, precision >= 99 %",
	},
	{
		row: "R16", pkg: "./test/story", run: "^TestADeadEndIsToldOnce$", args: none,
		says: regexp.MustCompile(`ok`), what: "  the fallback contact is told and a banner shown within 60 s", target: "stories pass",
	},
	{
		row: "R17", pkg: "./test/story", run: "^(TestEditsNeverStickARunningEscalation|TestAPersonIsDeletedUnderARunningEscalation)$", args: none,
		says: regexp.MustCompile(`ok`), what: "person, step, schedule, contact edited or deleted at every step: nothing stuck, nothing lost", target: "stories pass",
	},
}

// suiteFigures returns the parts that are tests, one for each row.
func suiteFigures() (out []part) {
	for _, s := range suites {
		out = append(out, part{s.row, s.measure})
	}
	return out
}

func (s suite) measure(r *report) error {
	args := append([]string{"test", "-tags", "planted", "-count=1", "-timeout", "3h", "-v", "-run", s.run, s.pkg}, "-args")
	cmd := exec.Command("go", append(args, s.args()...)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, io.MultiWriter(&said, os.Stderr)
	err := cmd.Run()
	text := said.String()
	ran := strings.Contains(text, "--- PASS: ") || strings.Contains(text, "--- FAIL: ")
	values := s.says.FindAllStringSubmatch(text, -1)
	if !ran || len(values) == 0 {
		return fmt.Errorf("%s %s said nothing: %w; the end of it: %s", s.pkg, s.run, err, text[max(0, len(text)-1000):])
	}
	last := values[len(values)-1]
	groups := make([]any, 0, len(last))
	for _, g := range last[1:max(1, len(last)-1)] {
		groups = append(groups, g)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", s.row, text[max(0, len(text)-4000):])
	}
	value, unit := figureOf(last[len(last)-1])
	r.add(s.row, fmt.Sprintf(s.what, groups...), value, unit, s.target, err == nil)
	return nil
}

// figureOf reads a number or a duration; a word that is neither is 1.
func figureOf(text string) (value float64, unit string) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, ""
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d.Seconds(), "s"
	}
	return 1, ""
}
