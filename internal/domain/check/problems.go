package check

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/recur"
)

// Limits on one check.
const (
	MaxProbes  = 20
	MaxRetries = 10
	maxList    = 20
	maxTarget  = 2048
	maxText    = 500
	maxDays    = 365
)

// Records are the record types that can be looked up.
var Records = []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT"}

// Methods are the methods a check may use.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"}

// Problems tells what is wrong with a check by itself. Whether its service is
// there, the catalogue tells.
func (c *Check) Problems(add func(where, format string, args ...any)) {
	if !slices.Contains(Types, c.Type) {
		add("/type", "%q is not one of %s", c.Type, strings.Join(Types, ", "))
	}
	between(add, "/every", c.Every, MinEvery, MaxEvery)
	if !c.Timeout.IsZero() {
		between(add, "/timeout", c.Timeout, MinTimeout, MaxTimeout)
		if t := c.Timeout.Elapsed(); t > c.Every.Elapsed() && t <= MaxTimeout {
			add("/timeout", "must not be longer than every")
		}
	}
	if c.Retries < 0 || c.Retries > MaxRetries {
		add("/retries", "must be from 0 to %d", MaxRetries)
	}
	if len(c.Probes) > MaxProbes {
		add("/probes", "at most %d places are allowed", MaxProbes)
	}
	if n := len(c.Places()); c.Quorum < 0 || c.Quorum > n {
		add("/quorum", "must be from 1 to %d, the number of places it is made from", n)
	}
	c.target(add)
	c.foreign(add)
	c.request(add)
	c.lookup(add)
	c.arguments(add)
}

func between(add func(where, format string, args ...any), where string, s recur.Span, from, to time.Duration) {
	switch {
	case s.Business():
		add(where, "use elapsed time, such as 1m")
	case s.Elapsed() < from || s.Elapsed() > to:
		add(where, "must be from %s to %s", from, to)
	}
}

func (c *Check) target(add func(where, format string, args ...any)) {
	const where = "/target"
	if len(c.Target) > maxTarget || !printable(c.Target) {
		add(where, "is longer than %d bytes or has characters that cannot be shown", maxTarget)
		return
	}
	switch c.Type {
	case HTTP:
		u, err := url.Parse(c.Target)
		switch {
		case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
			add(where, "must be an http or https address")
		case u.User != nil:
			add(where, "must not carry user:password@: everybody who may read the catalogue would see it")
		case u.Fragment != "":
			add(where, "must not have a fragment")
		}
	case TCP, TLS:
		hostPort(add, where, c.Target)
	case DNS:
		if !domainName(c.Target) {
			add(where, "must be a name to look up, such as www.example.com")
		}
	case Script:
		if !FileName(c.Target) {
			add(where, "must be the name of a file in the scripts folder, without a path: letters, digits, dot, underscore and hyphen")
		}
	}
}

// FileName reports whether s names a file and nothing above or below it.
func FileName(s string) bool {
	const most = 100
	if s == "" || len(s) > most || s[0] == '.' || s[0] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

func hostPort(add func(where, format string, args ...any), where, s string) {
	i := strings.LastIndexByte(s, ':')
	host, port := s[:max(i, 0)], s[i+1:]
	n, bad := strconv.Atoi(port)
	if in, ok := strings.CutPrefix(host, "["); ok { // an address of IPv6
		host, ok = strings.CutSuffix(in, "]")
		if !ok || !strings.Contains(host, ":") {
			host = ""
		}
	} else if strings.Contains(host, ":") {
		host = ""
	}
	if host == "" || bad != nil || n < 1 || n > 65535 || strings.ContainsAny(host, "/@[] ") {
		add(where, "must be host:port, such as db.example.com:5432")
	}
}

func domainName(s string) bool {
	const most = 253
	s = strings.TrimSuffix(s, ".")
	return s != "" && len(s) <= most && !strings.HasPrefix(s, ".") && !strings.Contains(s, "..") &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// foreign refuses what another type of check asks for: it would be passed over.
func (c *Check) foreign(add func(where, format string, args ...any)) {
	of := func(where string, set bool, types ...string) {
		if set && !slices.Contains(types, c.Type) {
			add(where, "is for checks of type %s", strings.Join(types, " and "))
		}
	}
	of("/method", c.Method != "", HTTP)
	of("/headers", len(c.Headers) > 0, HTTP)
	of("/status", len(c.Status) > 0, HTTP)
	of("/contains", len(c.Has) > 0, HTTP)
	of("/not_contains", len(c.Lacks) > 0, HTTP)
	of("/record", c.Record != "", DNS)
	of("/answers", len(c.Answers) > 0, DNS)
	of("/server", c.Server != "", DNS)
	of("/min_days", c.MinDays != 0, TLS, HTTP)
	of("/arguments", len(c.Args) > 0, Script)
	if c.MinDays < 0 || c.MinDays > maxDays {
		add("/min_days", "must be from 0 to %d", maxDays)
	}
}

func (c *Check) request(add func(where, format string, args ...any)) {
	if c.Method != "" && !slices.Contains(Methods, c.Method) {
		add("/method", "%q is not one of %s", c.Method, strings.Join(Methods, ", "))
	}
	if len(c.Headers) > maxList || len(c.Status) > maxList {
		add("/headers", "at most %d headers and ranges of status are allowed", maxList)
		return
	}
	for i, h := range c.Headers {
		if why := headerWrong(h); why != "" {
			add(fmt.Sprintf("/headers/%d", i), "%s", why)
		}
	}
	for i, s := range c.Status {
		if _, _, ok := statusRange(s); !ok {
			add(fmt.Sprintf("/status/%d", i), `%q is not a status or a range, such as "200" or "200-299"`, s)
		}
	}
	texts(add, "/contains", c.Has)
	texts(add, "/not_contains", c.Lacks)
}

// secretWords are in the names of headers that carry credentials.
var secretWords = []string{"auth", "token", "secret", "password", "passwd", "cookie", "key", "signature", "credential", "session"}

// ownHeaders are the client's to set.
var ownHeaders = []string{"host", "content-length", "connection", "transfer-encoding", "te", "trailer", "upgrade", "user-agent"}

func headerWrong(h Header) string {
	name := strings.ToLower(h.Name)
	const token = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	switch {
	case name == "" || len(name) > 100 || strings.Trim(name, token) != "":
		return "the name of a header is letters, digits and hyphens"
	case slices.Contains(ownHeaders, name):
		return fmt.Sprintf("the header %s is set by the client", h.Name)
	case slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) }):
		return fmt.Sprintf("the header %s looks like a credential: a check holds no secrets, everybody who may read the catalogue sees it", h.Name)
	case len(h.Value) > maxText || !printable(h.Value):
		return fmt.Sprintf("the value of a header is at most %d printable characters", maxText)
	}
	return ""
}

func (c *Check) lookup(add func(where, format string, args ...any)) {
	if c.Record != "" && !slices.Contains(Records, c.Record) {
		add("/record", "%q is not one of %s", c.Record, strings.Join(Records, ", "))
	}
	if c.Server != "" {
		hostPort(add, "/server", c.Server)
	}
	texts(add, "/answers", c.Answers)
}

func (c *Check) arguments(add func(where, format string, args ...any)) {
	texts(add, "/arguments", c.Args)
}

func texts(add func(where, format string, args ...any), where string, all []string) {
	if len(all) > maxList {
		add(where, "at most %d entries are allowed", maxList)
		return
	}
	for i, s := range all {
		if s == "" || len(s) > maxText || strings.ContainsRune(s, 0) {
			add(fmt.Sprintf("%s/%d", where, i), "must have 1 to %d bytes", maxText)
		}
	}
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
