package plug_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/plug"
)

// names is a resolver with fixed answers; a name with several entries gives
// another one each time.
type names map[string][][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	host = strings.ToLower(host)
	answers := n[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	var out []netip.Addr
	for _, a := range answers[0] {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

var errDialled = errors.New("dialled")

// trap is a guard whose every dial is recorded and fails.
func trap(n names, allow ...netip.Prefix) (*plug.Guard, *[]string) {
	var dialled []string
	g := plug.NewGuard(allow...)
	g.Resolver = n
	g.DialIP = func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errDialled
	}
	return g, &dialled
}

var hosts = names{
	"good.example":         {{"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"}},
	"mapped-good.example":  {{"::ffff:93.184.215.14"}}, // how the stdlib resolver writes IPv4
	"loop.example":         {{"127.0.0.1"}},
	"loop6.example":        {{"::1"}},
	"mapped.example":       {{"::ffff:127.0.0.1"}},
	"imds.example":         {{"169.254.169.254"}},
	"private.example":      {{"10.1.2.3", "192.168.1.1", "172.16.0.1"}},
	"nat64.example":        {{"64:ff9b::7f00:1"}},
	"ula.example":          {{"fd12:3456::1"}},
	"localhost":            {{"127.0.0.1", "::1"}},
	"localhost.":           {{"127.0.0.1"}},
	"metadata.google.com":  {{"169.254.169.254"}},
	"127.0.0.1.nip.io":     {{"127.0.0.1"}},
	"a.b.localtest.me":     {{"127.0.0.1"}},
	"metadata":             {{"169.254.169.254"}},
	"azure-wire.example":   {{"168.63.129.16"}},
	"sixtofour.example":    {{"2002:7f00:1::"}},
	"teredo.example":       {{"2001:0:4136:e378:8000:63bf:3fff:fdd2"}},
	"xn--mnchen-3ya.xn--x": {{"127.0.0.1"}},
}

// forbidden are ways to write an address that must not be reached. Each is also
// tried as the target of a redirect.
var forbidden = []string{
	// loopback, in every spelling
	"http://127.0.0.1/", "http://127.0.0.1:8080/", "https://127.0.0.1/", "http://127.255.255.254/", "http://127.1/", "http://127.0.1/",
	"http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7F.0x0.0x0.0x1/", "http://0177.0.0.1/", "http://0177.0.0.01/",
	"http://127.0.0.01/", "http://127.0.0.0x1/", "http://0/", "http://0.0.0.0/", "http://0.0.0.0:80/", "http://127.0.0.1./", "http://00000177.1/",
	"http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::127.0.0.1]/", "http://[::1%25lo]/",
	"http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://loop.example/", "http://loop6.example/", "http://127.0.0.1.nip.io/", "http://a.b.localtest.me/",
	// v4-mapped and translated
	"http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/", "http://[::ffff:93.184.215.14]/", "http://mapped.example/",
	"http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::7f00:1]/", "http://nat64.example/",
	"http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::]/", "http://sixtofour.example/", "http://teredo.example/", "http://[2001::1]/",
	// private, shared and local
	"http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://100.64.0.1/", "http://100.127.255.255/",
	"http://167772161/", "http://0xc0a80001/", "http://192.168.257/", "http://private.example/",
	"http://[fc00::1]/", "http://[fd12:3456:789a::1]/", "http://ula.example/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fec0::1]/",
	// metadata services
	"http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0xA9.0xFE.0xA9.0xFE/", "http://0251.0376.0251.0376/", "http://169.254.43518/",
	"http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/", "http://100.100.100.200/", "http://192.0.0.192/", "http://168.63.129.16/", "http://azure-wire.example/",
	"http://imds.example/", "http://metadata/", "http://metadata.google.com/",
	// documentation, benchmark, multicast, reserved, broadcast
	"http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://198.18.0.1/", "http://192.88.99.1/", "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/", "http://255.255.255.255/",
	"http://[ff02::1]/", "http://[2001:db8::1]/", "http://[100::1]/", "http://[3fff::1]/", "http://[4000::1]/",
	// parser games
	"http://good.example@127.0.0.1/", "http://user:pass@good.example/", "http://127.0.0.1:80@good.example/", "http://good.example%40127.0.0.1/", "http://good.example\\@127.0.0.1/",
	"http://127.0.0.1#@good.example/", "http://127.0.0.1?@good.example/", "http:///127.0.0.1/", "http://", "//127.0.0.1/", "http:127.0.0.1", "127.0.0.1", "",
	"http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://loc\tal/", "http://xn--mnchen-3ya.xn--x/", "http://[::1", "http://::1/", "http://%31%32%37.0.0.1/",
	// other schemes
	"file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://good.example/", "unix:///var/run/docker.sock", "dict://127.0.0.1:11211/", "javascript:alert(1)", "data:text/plain,x", "ws://good.example/",
}

// spellings writes an IPv4 address in the ways that resolvers, browsers and kernels
// have been known to read.
func spellings(a string) []string {
	b := netip.MustParseAddr(a).As4()
	n := binary.BigEndian.Uint32(b[:])
	hosts := []string{
		a, a + ".", fmt.Sprint(n), fmt.Sprintf("%#x", n), fmt.Sprintf("%#o", n), fmt.Sprintf("%011o", n),
		fmt.Sprintf("%#x.%#x.%#x.%#x", b[0], b[1], b[2], b[3]), fmt.Sprintf("%#o.%#o.%#o.%#o", b[0], b[1], b[2], b[3]), fmt.Sprintf("%d.%#x.%d.%#o", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("%d.%d", b[0], n&0xffffff), fmt.Sprintf("%d.%d.%d", b[0], b[1], n&0xffff),
		"[::ffff:" + a + "]", fmt.Sprintf("[::ffff:%x:%x]", n>>16, n&0xffff), "[::" + a + "]", "[64:ff9b::" + a + "]", fmt.Sprintf("[2002:%x:%x::]", n>>16, n&0xffff),
	}
	urls := make([]string, len(hosts))
	for k, h := range hosts {
		urls[k] = "http://" + h + "/"
	}
	return urls
}

// TestForbiddenURLs proves B42 and S05: whatever the spelling, nothing is dialled.
func TestForbiddenURLs(t *testing.T) {
	all := slices.Clone(forbidden)
	for _, a := range []string{"127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "168.63.129.16"} {
		all = append(all, spellings(a)...)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) < 200 {
		t.Fatalf("only %d URLs", len(all))
	}
	for _, u := range all {
		t.Run(u, func(t *testing.T) {
			g, dialled := trap(hosts)
			_, err := plug.NewHTTP(plug.HTTPOptions{Guard: g}).Do(t.Context(), plug.Request{URL: u})
			if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
				t.Errorf("got %v, want a permanent refusal", err)
			}
			if len(*dialled) > 0 {
				t.Errorf("dialled %v", *dialled)
			}
		})
	}
}

func TestPublicURLsAreDialled(t *testing.T) {
	for _, u := range []string{
		"http://93.184.215.14/", "https://93.184.215.14:8443/x", "http://[2606:2800:21f::1]/", "http://good.example/", "https://GOOD.example/",
		"http://mapped-good.example/", "http://172.15.255.255/", "http://172.32.0.1/", "http://100.63.255.255/", "http://100.128.0.1/", "http://11.0.0.1/", "http://[2a00::1]/",
	} {
		g, dialled := trap(names{"good.example": hosts["good.example"], "mapped-good.example": hosts["mapped-good.example"]})
		_, err := plug.NewHTTP(plug.HTTPOptions{Guard: g}).Do(t.Context(), plug.Request{URL: u})
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Retry || !errors.Is(err, errDialled) {
			t.Errorf("%s: got %v, want it to be dialled", u, err)
		}
		if len(*dialled) == 0 {
			t.Errorf("%s: nothing was dialled", u)
		}
	}
}

// TestRedirectsAreCheckedAgain uses a real server on loopback, which is allowed,
// and redirects to each forbidden address that can stand in a Location.
//
// INV-A7
func TestRedirectsAreCheckedAgain(t *testing.T) {
	var target string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	own := netip.MustParseAddrPort(strings.TrimPrefix(srv.URL, "http://")).Addr()
	var dialled []string
	g := plug.NewGuard(netip.PrefixFrom(own, own.BitLen())) // this one address, so that 127.1.1.1 stays forbidden
	g.Resolver = hosts
	g.DialIP = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	h := plug.NewHTTP(plug.HTTPOptions{Guard: g})
	tried := 0
	for _, u := range forbidden {
		if !strings.Contains(u, "//") || strings.HasPrefix(u, "//") || strings.Contains(u, own.String()) || strings.ContainsAny(u, "\t\\") || strings.HasPrefix(u, "http:///") || u == "http://" {
			continue // relative, or the allowed address itself
		}
		switch u {
		case "http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://loop.example/", "http://mapped.example/", "http://127.0.0.1.nip.io/", "http://a.b.localtest.me/", "http://xn--mnchen-3ya.xn--x/":
			continue // names of the allowed address
		}
		tried++
		target, dialled = u, nil
		_, err := h.Do(t.Context(), plug.Request{URL: srv.URL, Body: []byte("x")})
		if err == nil {
			t.Errorf("redirect to %s was followed", u)
		}
		for _, a := range dialled {
			if a != strings.TrimPrefix(srv.URL, "http://") {
				t.Errorf("redirect to %s dialled %s", u, a)
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d redirects were tried", tried)
	}
}

// TestRebinding: the name is public when first asked and private afterwards. One
// lookup feeds check and dial, so the second answer is judged like the first.
func TestRebinding(t *testing.T) {
	g, dialled := trap(names{"rebind.example": {{"93.184.215.14"}, {"127.0.0.1"}}})
	h := plug.NewHTTP(plug.HTTPOptions{Guard: g})
	for i, want := range []error{errDialled, plug.ErrForbidden, plug.ErrForbidden} {
		if _, err := h.Do(t.Context(), plug.Request{URL: "http://rebind.example/"}); !errors.Is(err, want) {
			t.Errorf("call %d: got %v, want %v", i+1, err, want)
		}
	}
	if len(*dialled) != 1 || (*dialled)[0] != "93.184.215.14:80" {
		t.Errorf("dialled %v", *dialled)
	}
}

// TestMixedAnswer: an answer with a public and a private address reaches the
// public one only.
func TestMixedAnswer(t *testing.T) {
	g, dialled := trap(names{"mixed.example": {{"10.0.0.1", "93.184.215.14", "::1"}}})
	_, err := g.DialContext(t.Context(), "tcp", "mixed.example:443")
	if !errors.Is(err, errDialled) || len(*dialled) != 1 || (*dialled)[0] != "93.184.215.14:443" {
		t.Errorf("got %v, dialled %v", err, *dialled)
	}
}

// TestSecondWall reaches the kernel's dialer: Control sees the address again.
func TestSecondWall(t *testing.T) {
	g := plug.NewGuard(netip.MustParsePrefix("127.0.0.1/32"))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := g.DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatalf("allowed address: %v", err)
	}
	_ = c.Close()
	if _, err := plug.NewGuard().DialContext(t.Context(), "tcp", ln.Addr().String()); !errors.Is(err, plug.ErrForbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
}

func TestAllowListIsExact(t *testing.T) {
	g := plug.NewGuard(netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32"))
	for a, ok := range map[string]bool{
		"10.1.0.1": true, "10.1.255.255": true, "10.2.0.1": false, "10.0.255.255": false,
		"fd00:1::5": true, "fd00:2::5": false, "::ffff:10.1.0.1": false, "127.0.0.1": false,
	} {
		if got := g.Check(netip.MustParseAddr(a)) == nil; got != ok {
			t.Errorf("%s: allowed %v, want %v", a, got, ok)
		}
	}
}

// TestNothingLocalPasses is the property behind the tables: an address that the
// standard library calls local in any way never passes, nor does its mapped form.
func TestNothingLocalPasses(t *testing.T) {
	g := plug.NewGuard()
	rapid.Check(t, func(rt *rapid.T) {
		var a netip.Addr
		if rapid.Bool().Draw(rt, "v4") {
			b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(rt, "bytes"))
			if rapid.Bool().Draw(rt, "likely") {
				b[0] = rapid.SampledFrom([]byte{0, 10, 100, 127, 169, 172, 192, 198, 224, 255}).Draw(rt, "first")
			}
			a = netip.AddrFrom4(b)
			if g.Check(netip.AddrFrom16(a.As16())) == nil {
				rt.Fatalf("the mapped form of %v passes", a)
			}
		} else {
			a = netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "bytes")))
		}
		local := a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || !a.IsGlobalUnicast() || a.Is4In6()
		if local && g.Check(a) == nil {
			rt.Fatalf("%v passes", a)
		}
	})
}

func TestDeadFirstAddressLeavesTimeForTheSecond(t *testing.T) {
	g := plug.NewGuard()
	g.Resolver = names{"two.example": {{"93.184.215.14", "93.184.215.15"}}}
	g.Timeout = 200 * time.Millisecond
	a, b := net.Pipe()
	defer b.Close()
	g.DialIP = func(ctx context.Context, _, address string) (net.Conn, error) {
		if address == "93.184.215.14:80" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return a, nil
	}
	c, err := g.DialContext(t.Context(), "tcp", "two.example:80")
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}
