package synthetic

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"allclear/internal/domain/check"
)

// lookup asks for a name: as the machine does, or a server of the check's own,
// which the guard must let through.
func (p *Prober) lookup(ctx context.Context, c *check.Check) check.Result {
	resolver := net.DefaultResolver
	if c.Server != "" {
		resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return p.o.Guard.DialContext(ctx, network, c.Server)
		}}
	}
	got, err := answers(ctx, resolver, c.Record, strings.TrimSuffix(c.Target, ".")+".") // the dot: no search list
	var missing *net.DNSError
	if err != nil && !(errors.As(err, &missing) && missing.IsNotFound) {
		if missing != nil {
			return down("%s", reason(ctx, errors.New(missing.Err), c.Limit()))
		}
		return down("%s", reason(ctx, err, c.Limit()))
	}
	slices.Sort(got)
	if wrong := c.AnswersFit(got); wrong != "" {
		if len(got) > 0 {
			wrong += ": got " + strings.Join(got[:min(len(got), 5)], ", ")
		}
		return down("%s", wrong)
	}
	return check.Result{Up: true}
}

func answers(ctx context.Context, r *net.Resolver, record, name string) (out []string, err error) {
	switch record {
	case "", "A", "AAAA":
		network := "ip4"
		if record == "AAAA" {
			network = "ip6"
		}
		found, err := r.LookupNetIP(ctx, network, name)
		for _, a := range found {
			out = append(out, a.Unmap().String())
		}
		return out, err
	case "CNAME":
		s, err := r.LookupCNAME(ctx, name)
		if s == "" || s == name { // the name itself is no alias
			return nil, err
		}
		return []string{s}, err
	case "MX":
		found, err := r.LookupMX(ctx, name)
		for _, m := range found {
			out = append(out, fmt.Sprintf("%d %s", m.Pref, m.Host))
		}
		return out, err
	case "NS":
		found, err := r.LookupNS(ctx, name)
		for _, n := range found {
			out = append(out, n.Host)
		}
		return out, err
	case "TXT":
		return r.LookupTXT(ctx, name)
	}
	return nil, fmt.Errorf("records of type %s cannot be looked up", record)
}
