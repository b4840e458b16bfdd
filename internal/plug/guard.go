package plug

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrForbidden is in the chain of every error the Guard refuses an address
// with. Trying again does not help; only --allow-outbound does.
var ErrForbidden = errors.New("outbound address is not allowed")

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Guard decides where this process may connect to. The check happens on the
// very address that is dialled, so a name that resolves differently the second
// time gains nothing. Safe for concurrent use.
type Guard struct {
	// Resolver looks names up; net.DefaultResolver when nil.
	Resolver Resolver
	// DialIP connects to an address that passed the check; nil means a plain
	// dialer with a second check in Control. Tests put a pipe here.
	DialIP func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout bounds lookup and connect together; 5 s when zero.
	Timeout time.Duration

	allow []netip.Prefix
}

// NewGuard returns a guard that refuses every address that is not public,
// except those in allow (the --allow-outbound flag).
func NewGuard(allow ...netip.Prefix) *Guard {
	g := &Guard{}
	for _, p := range allow {
		g.allow = append(g.allow, p.Masked())
	}
	return g
}

// denied lists what lies inside the public ranges and is not public. Sources:
// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890); 168.63.129.16
// is the host-only platform address of Azure.
var denied = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
	"169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// public6 is all of IPv6 that is handed out for the Internet. Loopback, ULA,
// link-local, multicast, v4-mapped and both NAT64 prefixes lie outside.
var public6 = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Check refuses addresses that are neither public nor allowed. A v4-mapped or
// zoned address is refused always: nothing legitimate is written that way.
func (g *Guard) Check(a netip.Addr) error {
	if !a.IsValid() || a.Is4In6() || a.Zone() != "" {
		return fmt.Errorf("connect to %v: %w", a, ErrForbidden)
	}
	if g.Names(a) {
		return nil
	}
	if a.Is6() && !public6.Contains(a) {
		return fmt.Errorf("connect to %v: %w", a, ErrForbidden)
	}
	for _, p := range denied {
		if p.Contains(a) {
			return fmt.Errorf("connect to %v: %w", a, ErrForbidden)
		}
	}
	return nil
}

// Names reports whether the allow list names the address, as opposed to an
// address that is let through because it is public.
func (g *Guard) Names(a netip.Addr) bool {
	return slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

// DialContext resolves the host, drops the addresses that fail Check and
// connects to the first of the others that answers. The error wraps ErrForbidden
// when every address was refused.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	timeout := g.Timeout
	if timeout <= 0 {
		timeout = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var fails []error
	for i, a := range addrs {
		conn, err := g.dialOne(ctx, network, net.JoinHostPort(a.String(), port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		fails = append(fails, err)
	}
	return nil, errors.Join(fails...)
}

// dialOne gives one address its share of the time left, so that a silent first
// address does not starve the rest.
func (g *Guard) dialOne(ctx context.Context, network, address string, left int) (net.Conn, error) {
	if end, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(left))
		defer cancel()
	}
	if g.DialIP != nil {
		return g.DialIP(ctx, network, address)
	}
	d := net.Dialer{Control: g.control}
	return d.DialContext(ctx, network, address)
}

// control is the second wall: it sees the address the kernel is about to
// connect to.
func (g *Guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read dialled address: %w", ErrForbidden)
	}
	return g.Check(ap.Addr())
}

func (g *Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if err := checkHost(host); err != nil {
		return nil, err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, g.Check(a)
	}
	var r Resolver = net.DefaultResolver
	if g.Resolver != nil {
		r = g.Resolver
	}
	found, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", host, err)
	}
	var good []netip.Addr
	var refusal error
	for _, a := range found {
		a = a.Unmap() // the stdlib resolver writes IPv4 answers as v4-mapped
		if err := g.Check(a); err != nil {
			refusal = fmt.Errorf("%s: %w", host, err)
			continue
		}
		good = append(good, a)
	}
	if len(good) == 0 && refusal != nil {
		return nil, refusal
	}
	if len(good) == 0 {
		return nil, fmt.Errorf("look up %s: no addresses", host)
	}
	return good, nil
}

// checkHost refuses hosts that are neither a plain address nor a name. A last
// label made of digits or 0x-hex is an address in decimal, octal, hex or short
// form to some resolvers (WHATWG URL, "ends in a number"), and no real top-level
// domain is a number.
func checkHost(host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	h := strings.TrimSuffix(host, ".")
	if h == "" || len(h) > 253 || strings.ContainsAny(h, "%:[]/\\@ ") {
		return fmt.Errorf("host %q is not a name: %w", host, ErrForbidden)
	}
	last := strings.ToLower(h[strings.LastIndexByte(h, '.')+1:])
	digits := strings.TrimLeft(last, "0123456789") == ""
	hex := strings.HasPrefix(last, "0x") && strings.TrimLeft(last[2:], "0123456789abcdef") == ""
	if digits || hex {
		return fmt.Errorf("host %q is an address in disguise: %w", host, ErrForbidden)
	}
	for i := range len(h) {
		if h[i] <= ' ' || h[i] >= 0x7f {
			return fmt.Errorf("host %q: write international names in punycode: %w", host, ErrForbidden)
		}
	}
	return nil
}
