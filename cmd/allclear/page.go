package main

import (
	"context"
	"io"
	"os"
	"strings"

	"allclear/internal/app"
	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
)

type pageCmd struct {
	Serve   pageServeCmd   `cmd:"" help:"Serve the last snapshot, with neither application nor database alive."`
	Publish pagePublishCmd `cmd:"" help:"Post an update to the last snapshot, with neither application nor database alive."`
	Export  pageExportCmd  `cmd:"" help:"Write the last snapshot as static files, for any web host."`
}

type pageFlags struct {
	Data string `default:"./data" type:"path" placeholder:"DIR" help:"Folder with the last snapshot."`
}

type pageServeCmd struct {
	pageFlags
	PageListen string `default:"127.0.0.1:8081" placeholder:"ADDRESS" help:"Where the status page listens (${default})."`
}

func (c *pageServeCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.ServePage(ctx, app.PageConfig{Dir: c.Data, Listen: c.PageListen, Log: t.Err})
}

type pagePublishCmd struct {
	pageFlags
	Text      string            `required:"" placeholder:"TEXT" help:"What customers should know: plain text or a small Markdown subset; - reads it from standard input."`
	Incident  string            `placeholder:"ID" help:"Incident on the page, from its address. Without one: the only open one, or with --title a new one."`
	Title     string            `placeholder:"TEXT" help:"Opens a new incident of this name, or renames --incident."`
	Status    string            `default:"investigating" enum:"investigating,identified,monitoring,resolved,postmortem" help:"The page's word (${enum})."`
	Impact    string            `default:"" enum:",none,minor,major,critical" help:"How bad it is (none, minor, major or critical). A new incident is minor."`
	Component map[string]string `placeholder:"NAME=STATE" help:"State of a component from now on: operational, under_maintenance, degraded_performance, partial_outage or major_outage."`
}

// maxTextIn bounds what is read from standard input.
const maxTextIn = 1 << 20

func (c *pagePublishCmd) Run(ctx context.Context, t *cli.Terminal) error {
	text := c.Text
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(os.Stdin, maxTextIn))
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "read the text")
		}
		text = strings.TrimSpace(string(b))
	}
	return app.PostPage(ctx, app.PageConfig{Dir: c.Data, Log: t.Err}, app.PagePost{
		Incident: c.Incident, Title: c.Title, Status: c.Status, Impact: c.Impact, Text: text, Components: c.Component,
	}, t.Out)
}

type pageExportCmd struct {
	pageFlags
	To string `arg:"" type:"path" help:"Folder to write to."`
}

func (c *pageExportCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return app.ExportPage(ctx, app.PageConfig{Dir: c.Data, Log: t.Err}, c.To)
}
