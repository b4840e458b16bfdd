// Command allclear carries an incident from the first alert to the all-clear.
// It declares flags and subcommands; what they do is in internal/app.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // a machine may have no zones of its own

	"github.com/alecthomas/kong"

	"allclear/internal/app/cli"
)

// version is set by the linker: -X main.version=v1.2.3.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], cli.Standard(version))
	stop()
	os.Exit(code)
}

// commands is everything the binary can be told.
type commands struct {
	Serve    serveCmd    `cmd:"" group:"run" help:"Run the server: console, API, intake, paging and the status page."`
	Page     pageCmd     `cmd:"" group:"run" help:"Serve or publish the status page alone."`
	Migrate  migrateCmd  `cmd:"" group:"run" help:"Bring the database to this version's schema and end."`
	Doctor   doctorCmd   `cmd:"" group:"run" help:"Check an installation and say what is amiss."`
	Backup   backupCmd   `cmd:"" group:"run" help:"Write a consistent copy of the database to a file."`
	Restore  restoreCmd  `cmd:"" group:"run" help:"Make a database from a backup."`
	Audit    auditCmd    `cmd:"" group:"run" help:"The audit log."`
	Export   exportCmd   `cmd:"" group:"run" help:"Write catalogue and procedure as declarative files."`
	Import   importCmd   `cmd:"" group:"run" help:"Make catalogue and procedure say what exported files, or a PagerDuty account, say."`
	Simulate simulateCmd `cmd:"" group:"try" help:"Put a procedure on trial in virtual time; one JSON object a line."`

	Procedure procedureCmd `cmd:"" group:"try" help:"Check, show and compare procedure files."`
	Schedule  scheduleCmd  `cmd:"" group:"ask" help:"On-call schedules: who is on call by a file, or by the server."`

	Incident incidentCmd `cmd:"" aliases:"incidents" group:"ask" help:"List, show, declare and work incidents."`
	Snooze   snoozeCmd   `cmd:"" group:"ask" help:"Hold back the pages of an incident for a while."`
	Wake     wakeCmd     `cmd:"" group:"ask" help:"End a snooze now; the chain pages anew."`
	Alert    alertCmd    `cmd:"" aliases:"alerts" group:"ask" help:"List, show, acknowledge and resolve alerts."`
	Credit   creditCmd   `cmd:"" aliases:"credits" group:"ask" help:"Service credits: list and show."`
	Review   reviewCmd   `cmd:"" aliases:"reviews" group:"ask" help:"Reviews of incidents: list and show."`
	KPI      kpiCmd      `cmd:"" name:"kpi" aliases:"kpis" group:"ask" help:"Key figures of a period, with their targets."`
	Action   actionCmd   `cmd:"" aliases:"actions,action-item,action-items" group:"ask" help:"Action items: list, show, say how one stands, verify."`
	Ticket   ticketCmd   `cmd:"" aliases:"tickets" group:"ask" help:"Customers' tickets: list, show, escalate and dismiss."`
	Oncall   oncallCmd   `cmd:"" group:"ask" help:"Who is on call."`
	Service  serviceCmd  `cmd:"" aliases:"services" group:"ask" help:"Services of the catalogue."`
	Person   personCmd   `cmd:"" aliases:"people" group:"ask" help:"People of the catalogue."`
	Team     teamCmd     `cmd:"" aliases:"teams" group:"ask" help:"Teams of the catalogue."`
	Policy   policyCmd   `cmd:"" aliases:"policies" group:"ask" help:"Escalation policies: check files, list, show and apply."`
	Customer customerCmd `cmd:"" aliases:"customers" group:"ask" help:"Customers of the catalogue."`
	Delivery deliveryCmd `cmd:"" aliases:"deliveries" group:"ask" help:"What was sent to whom, and what became of it."`
	Send     sendCmd     `cmd:"" group:"ask" help:"Send an event to the intake, as a monitoring tool would."`
	Check    checkCmd    `cmd:"" aliases:"checks" group:"ask" help:"Synthetic checks of the catalogue, and how they stand."`
	Probe    probeCmd    `cmd:"" group:"ask" help:"Make the synthetic checks from here, and report what they find."`
	Runner   runnerCmd   `cmd:"" group:"ask" help:"Run here what was agreed to in incidents, as far as an allow-list has it."`
	Apply    applyCmd    `cmd:"" group:"ask" help:"Make the catalogue say what declarative files say."`

	Version    versionCmd    `cmd:"" help:"Print the version."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Complete   completeCmd   `cmd:"" hidden:"" name:"__complete" passthrough:"" help:"Answer a completion script."`
}

var groups = kong.ExplicitGroups([]kong.Group{
	{Key: "run", Title: "Run an installation"},
	{Key: "try", Title: "Try a procedure, without a server"},
	{Key: "ask", Title: "Ask a running server (--server, --token)"},
})

// ended stops parsing where the library would end the process, after --help.
type ended int

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, t *cli.Terminal) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(ended)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	parser, err := newParser(t)
	if err != nil {
		t.Report(err)
		return cli.ExitFailed
	}
	if len(args) > 0 && args[0] == "help" { // `help incident`, as other tools have it
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(t.Err, "allclear: %v\n", err)
		var p *kong.ParseError
		if errors.As(err, &p) && p.Context != nil {
			fmt.Fprintf(t.Err, "Run \"%s --help\" for what it takes.\n", path(p.Context))
		}
		return cli.ExitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(t, parser)
	t.Report(err)
	return cli.ExitCode(err)
}

func newParser(t *cli.Terminal) (*kong.Kong, error) {
	return kong.New(&commands{},
		kong.Name("allclear"),
		kong.Description("Incidents from the first alert to the all-clear. Every flag can be given as ALLCLEAR_<FLAG>; "+
			"exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused."),
		kong.Writers(t.Out, t.Err),
		kong.Exit(func(code int) { panic(ended(code)) }),
		kong.DefaultEnvars("ALLCLEAR"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 120}),
		groups,
	)
}

// path is the command as far as it was understood.
func path(c *kong.Context) string {
	if n := c.Selected(); n != nil {
		return n.FullPath()
	}
	return c.Model.Name
}
