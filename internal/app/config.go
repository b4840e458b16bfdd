// Package app wires the product: configuration, plug-ins, handlers, and the
// programs the binary can be. It is the only place that knows everything, and
// it must not hold rules of its own.
package app

import (
	"io"
	"time"
)

// Database says where the data is. Without a URL it is SQLite in Dir.
type Database struct {
	Dir string
	URL string // postgres://...
}

// Config is how the server runs.
type Config struct {
	Database
	Version       string
	Listen        string // console and API
	PageListen    string // public status page
	PublicURL     string // of the console as people reach it; empty: from Listen
	PagePublicURL string // of the status page; empty: from PageListen
	MailIn        MailIn // emergency addresses
	Procedure     string // file; empty: the built-in one
	Demo          bool
	InAppOrigins  []string      // of the product's pages that show notices
	InAppLasting  time.Duration // of a resolved notice; 0: two hours
	CustomerSMS   int           // text messages to customers that one incident sends at most; 0: comms.DefaultSMS
	AllowOutbound []string      // CIDRs that outbound calls may reach although private
	Runner        string        // allow-list of a runner of this server's own; empty: none
	Scripts       string        // folder of programs that checks may run; empty: none
	Heartbeats    []string      // dead-man's switches
	LogFormat     string        // text or json
	Out           io.Writer
	Log           io.Writer
}

// PageConfig is how the status page is served alone.
type PageConfig struct {
	Dir    string // data directory with the last snapshot
	Listen string
	Log    io.Writer
}

// MailIn is how mail to the emergency addresses comes in.
type MailIn struct {
	Listen    string   // empty: not at all
	Domains   []string // after the @
	Service   string   // of the catalogue, that the mail is about
	Cert, Key string   // PEM files for STARTTLS; none: it is not offered
}
