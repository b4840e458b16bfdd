package main

import (
	"context"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/cli"
	"allclear/internal/app/simulate"
)

// databaseFlags say where the data of an installation is.
type databaseFlags struct {
	Data        string `default:"./data" type:"path" placeholder:"DIR" help:"Folder of the embedded SQLite database and of the status page's snapshot."`
	DatabaseURL string `placeholder:"URL" help:"PostgreSQL instead: postgres://user:password@host/database."`
}

func (f databaseFlags) database() app.Database { return app.Database{Dir: f.Data, URL: f.DatabaseURL} }

type serveCmd struct {
	databaseFlags
	Listen        string        `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where console and API listen (${default})."`
	PageListen    string        `default:"127.0.0.1:8081" placeholder:"ADDRESS" help:"Where the status page listens (${default})."`
	PublicURL     string        `placeholder:"URL" help:"Address at which people reach the console; for links in pages and mail."`
	PagePublicURL string        `placeholder:"URL" help:"Address at which customers reach the status page."`
	SMTP          string        `name:"smtp" env:"ALLCLEAR_SMTP_LISTEN" placeholder:"ADDRESS" help:"Where mail to the emergency addresses comes in, such as :25; absent: not at all."`
	SMTPDomains   []string      `name:"smtp-domains" env:"ALLCLEAR_SMTP_DOMAINS" placeholder:"DOMAIN" help:"Domains of the emergency addresses; mail for others is refused."`
	SMTPService   string        `name:"smtp-service" env:"ALLCLEAR_SMTP_SERVICE" placeholder:"ID" help:"Service of the catalogue that this mail is about."`
	SMTPTLSCert   string        `name:"smtp-tls-cert" env:"ALLCLEAR_SMTP_TLS_CERT" type:"path" placeholder:"FILE" help:"Certificate (PEM) with which STARTTLS is offered; read again when it changes."`
	SMTPTLSKey    string        `name:"smtp-tls-key" env:"ALLCLEAR_SMTP_TLS_KEY" type:"path" placeholder:"FILE" help:"Its key."`
	Procedure     string        `placeholder:"FILE" help:"Procedure to follow instead of the built-in one."`
	InAppOrigin   []string      `name:"in-app-origin" env:"ALLCLEAR_IN_APP_ORIGINS" placeholder:"ORIGIN" help:"Where the product's pages that show notices come from, such as https://app.example.com."`
	InAppLasting  time.Duration `name:"in-app-lasting" env:"ALLCLEAR_IN_APP_LASTING" default:"2h" placeholder:"TIME" help:"How long a resolved notice is shown in the product (${default})."`
	CustomerSMS   int           `name:"customer-sms" env:"ALLCLEAR_CUSTOMER_SMS" default:"500" placeholder:"N" help:"Text messages to customers that one incident sends at most (${default})."`
	Demo          bool          `help:"Start with demonstration data and write DIR/demo.json."`
	AllowOutbound []string      `placeholder:"CIDR" help:"Private addresses that outbound calls may reach."`
	Scripts       string        `type:"existingdir" placeholder:"DIR" help:"Folder of the programs that synthetic checks of type script may run; absent: none are run."`
	Runner        string        `type:"existingfile" placeholder:"FILE" help:"Allow-list of a runner that is part of this server: what runbook actions may run here; absent: none."`
	HeartbeatURL  []string      `placeholder:"URL" env:"ALLCLEAR_HEARTBEAT_URL" help:"Dead-man's switch to call every 30 seconds while pages go out; one or two."`
	LogFormat     string        `enum:"text,json" default:"text" help:"How the log is written: ${enum}."`
}

func (c *serveCmd) config(t *cli.Terminal) app.Config {
	return app.Config{
		Database: c.database(), Version: t.Version, Listen: c.Listen, PageListen: c.PageListen,
		PublicURL: c.PublicURL, PagePublicURL: c.PagePublicURL, Procedure: c.Procedure, Demo: c.Demo, CustomerSMS: c.CustomerSMS, InAppOrigins: c.InAppOrigin, InAppLasting: c.InAppLasting,
		MailIn:        app.MailIn{Listen: c.SMTP, Domains: c.SMTPDomains, Service: c.SMTPService, Cert: c.SMTPTLSCert, Key: c.SMTPTLSKey},
		AllowOutbound: c.AllowOutbound, Scripts: c.Scripts, Runner: c.Runner, Heartbeats: c.HeartbeatURL, LogFormat: c.LogFormat, Out: t.Out, Log: t.Err,
	}
}

func (c *serveCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Serve(ctx, c.config(t))
}

type simulateCmd struct {
	File string `arg:"" help:"Scenario in YAML; - is standard input."`
}

func (c *simulateCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return simulate.Run(ctx, c.File, t.Out)
}

type migrateCmd struct{ databaseFlags }

func (c *migrateCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Migrate(ctx, c.database(), t.Out)
}

type doctorCmd struct{ serveCmd }

func (c *doctorCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Doctor(ctx, c.config(t), t.Tables, t.Out)
}

type backupCmd struct {
	databaseFlags
	File           string   `arg:"" type:"path" help:"File to write; it must not be there yet."`
	Recipient      []string `sep:"none" placeholder:"AGE1..." help:"Encrypt to an age recipient; may be given more than once. The installation's key goes in."`
	PassphraseFile string   `type:"path" placeholder:"FILE" help:"Encrypt with the passphrase in a file instead."`
	WithKeys       bool     `help:"Put the installation's key in although the backup is not encrypted."`
}

func (c *backupCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Backup(ctx, c.database(), c.File, app.BackupOptions{Version: t.Version, Recipients: c.Recipient, PassphraseFile: c.PassphraseFile, WithKeys: c.WithKeys}, t.Out)
}

type restoreCmd struct {
	databaseFlags
	File           string `arg:"" type:"path" help:"What backup wrote."`
	IdentityFile   string `type:"path" placeholder:"FILE" help:"File with the age identity that opens an encrypted backup."`
	PassphraseFile string `type:"path" placeholder:"FILE" help:"File with the passphrase that opens it."`
}

func (c *restoreCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Restore(ctx, c.database(), c.File, app.RestoreOptions{IdentityFile: c.IdentityFile, PassphraseFile: c.PassphraseFile}, t.Out)
}

type auditCmd struct {
	Verify     auditVerifyCmd     `cmd:"" help:"Check that nothing in the record was changed, removed, put in or moved."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Print the newest signed checkpoint, for keeping on another machine."`
}

type auditVerifyCmd struct {
	databaseFlags
	Checkpoint string `type:"path" placeholder:"FILE" help:"Checkpoint that was kept elsewhere: only it shows a record that was cut off or written anew."`
	Key        string `placeholder:"KEY" help:"Public key that checkpoints are signed by, where the installation's secret is not at hand."`
}

func (c *auditVerifyCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.VerifyAudit(ctx, c.database(), app.AuditOptions{Checkpoint: c.Checkpoint, Key: c.Key}, t.Tables, t.Out)
}

type auditCheckpointCmd struct{ databaseFlags }

func (c *auditCheckpointCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.AuditCheckpoint(ctx, c.database(), t.Out, t.Err)
}

type exportCmd struct {
	databaseFlags
	To string `arg:"" type:"path" help:"Empty folder to write to."`
}

func (c *exportCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Export(ctx, c.database(), c.To, t.Out)
}

type importCmd struct {
	Folder    importFolderCmd    `cmd:"" default:"withargs" help:"Take in a folder that export wrote (import DIR does the same)."`
	Pagerduty importPagerDutyCmd `cmd:"" help:"Take over people, teams, schedules, escalation policies and services of a PagerDuty account."`
}

type importFolderCmd struct {
	databaseFlags
	From   string `arg:"" type:"path" help:"Folder that export wrote."`
	DryRun bool   `help:"Print the plan and change nothing."`
	Prune  bool   `help:"Delete what the files do not name, of the kinds they do name."`
}

func (c *importFolderCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.Import(ctx, c.database(), c.From, app.ImportOptions{DryRun: c.DryRun, Prune: c.Prune}, t.Out)
}

type importPagerDutyCmd struct {
	databaseFlags
	TokenFile     string   `required:"" type:"path" placeholder:"FILE" help:"File with a REST API key; one that only reads is enough."`
	Region        string   `enum:"us,eu" default:"us" help:"Service region of the account: ${enum}."`
	BaseURL       string   `placeholder:"URL" help:"Address of the REST API instead of the region's."`
	DryRun        bool     `help:"Print the plan and change nothing."`
	Out           string   `type:"path" placeholder:"DIR" help:"Write the declarative files to an empty folder too."`
	AllowOutbound []string `placeholder:"CIDR" help:"Private addresses that may be reached."`
}

func (c *importPagerDutyCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.ImportPagerDuty(ctx, c.database(), app.PagerDutyOptions{
		TokenFile: c.TokenFile, Region: c.Region, BaseURL: c.BaseURL, DryRun: c.DryRun, Dir: c.Out, AllowOutbound: c.AllowOutbound, Version: t.Version,
	}, t.Out)
}
