package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
)

var t0 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func span(s string) recur.Span {
	out, err := recur.ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestProblemsNameThePlaceAndTheReason(t *testing.T) {
	good := check.Check{ID: "login", Service: "auth", Type: check.HTTP, Target: "https://login.example.com/health", Every: span("1m")}
	for _, tt := range []struct {
		name   string
		change func(c *check.Check)
		want   string // empty: nothing is wrong
	}{
		{"a plain one", func(*check.Check) {}, ""},
		{"everything http has", func(c *check.Check) {
			c.Timeout, c.Retries, c.Probes, c.Quorum = span("5s"), 2, []string{"local", "eu", "us"}, 2
			c.Method, c.Headers, c.Status = "HEAD", []check.Header{{Name: "Accept-Language", Value: "de"}}, []string{"200", "300-308"}
			c.Has, c.Lacks, c.MinDays = []string{"ok"}, []string{"error"}, 20
		}, ""},
		{"no type", func(c *check.Check) { c.Type = "ping" }, `/type: "ping" is not one of http, tcp, dns, tls, script`},
		{"too often", func(c *check.Check) { c.Every = span("9s") }, "/every: must be from 10s to 24h0m0s"},
		{"too rarely", func(c *check.Check) { c.Every = span("25h") }, "/every: must be from"},
		{"by office hours", func(c *check.Check) { c.Every = span("1bh") }, "/every: use elapsed time"},
		{"never", func(c *check.Check) { c.Every = recur.Span{} }, "/every: must be from"},
		{"timeout of an hour", func(c *check.Check) { c.Timeout = span("1h") }, "/timeout: must be from 1s to 1m0s"},
		{"longer than its interval", func(c *check.Check) { c.Every, c.Timeout = span("10s"), span("20s") }, "/timeout: must not be longer than every"},
		{"many retries", func(c *check.Check) { c.Retries = 11 }, "/retries: must be from 0 to 10"},
		{"quorum of more than there are", func(c *check.Check) { c.Probes, c.Quorum = []string{"local", "eu"}, 3 }, "/quorum: must be from 1 to 2"},
		{"no URL", func(c *check.Check) { c.Target = "login.example.com" }, "/target: must be an http or https address"},
		{"a file", func(c *check.Check) { c.Target = "file:///etc/passwd" }, "/target: must be an http or https address"},
		{"a password", func(c *check.Check) { c.Target = "https://a:b@example.com/" }, "/target: must not carry user:password@"},
		{"control characters", func(c *check.Check) { c.Target = "https://example.com/\r\nX: y" }, "/target: is longer than"},
		{"a secret header", func(c *check.Check) { c.Headers = []check.Header{{Name: "X-Api-Key", Value: "v"}} }, "/headers/0: the header X-Api-Key looks like a credential"},
		{"the client's header", func(c *check.Check) { c.Headers = []check.Header{{Name: "Host", Value: "v"}} }, "/headers/0: the header Host is set by the client"},
		{"a split header", func(c *check.Check) { c.Headers = []check.Header{{Name: "A", Value: "v\r\nB: c"}} }, "/headers/0: the value of a header"},
		{"a word for a status", func(c *check.Check) { c.Status = []string{"ok"} }, `/status/0: "ok" is not a status`},
		{"a range from behind", func(c *check.Check) { c.Status = []string{"299-200"} }, "/status/0"},
		{"a method nobody needs", func(c *check.Check) { c.Method = "DELETE" }, "/method"},
		{"what is for dns", func(c *check.Check) { c.Record = "A" }, "/record: is for checks of type dns"},
		{"a port", func(c *check.Check) { c.Type, c.Target = check.TCP, "db.example.com" }, "/target: must be host:port"},
		{"a port too high", func(c *check.Check) { c.Type, c.Target = check.TLS, "db.example.com:70000" }, "/target: must be host:port"},
		{"an address of IPv6", func(c *check.Check) { c.Type, c.Target = check.TCP, "[2001:db8::1]:443" }, ""},
		{"one without brackets", func(c *check.Check) { c.Type, c.Target = check.TCP, "2001:db8::1:443" }, "/target: must be host:port"},
		{"no host", func(c *check.Check) { c.Type, c.Target = check.TCP, ":443" }, "/target: must be host:port"},
		{"brackets around a name", func(c *check.Check) { c.Type, c.Target = check.TCP, "[db]:443" }, "/target: must be host:port"},
		{"tls", func(c *check.Check) { c.Type, c.Target, c.MinDays = check.TLS, "db.example.com:443", 20 }, ""},
		{"dns", func(c *check.Check) {
			c.Type, c.Target, c.Record, c.Answers, c.Server = check.DNS, "www.example.com", "A", []string{"192.0.2.1"}, "192.0.2.53:53"
		}, ""},
		{"dns of a URL", func(c *check.Check) { c.Type, c.Target = check.DNS, "https://example.com" }, "/target: must be a name"},
		{"dns of a record nobody knows", func(c *check.Check) { c.Type, c.Target, c.Record = check.DNS, "example.com", "ANY" }, "/record"},
		{"script", func(c *check.Check) {
			c.Type, c.Target, c.Args = check.Script, "orders.sh", []string{"--all"}
		}, ""},
		{"script elsewhere", func(c *check.Check) { c.Type, c.Target = check.Script, "../orders.sh" }, "/target: must be the name of a file"},
		{"script by a path", func(c *check.Check) { c.Type, c.Target = check.Script, "/bin/sh" }, "/target: must be the name of a file"},
		{"script with a command", func(c *check.Check) { c.Type, c.Target = check.Script, "a; rm -rf" }, "/target: must be the name of a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			var got []string
			c.Problems(func(where, format string, args ...any) { got = append(got, where+": "+fmt.Sprintf(format, args...)) })
			if tt.want == "" && len(got) > 0 {
				t.Errorf("refused: %q", got)
			}
			if tt.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Rounds are an interval apart, spread over it, and the same for every node.
func TestRoundsAreSpread(t *testing.T) {
	seen := map[time.Duration]int{}
	for i := range 60 {
		c := check.Check{ID: fmt.Sprintf("check-%d", i), Every: span("1m")}
		first := c.Next(t0)
		if d := first.Sub(t0); d <= 0 || d > time.Minute {
			t.Fatalf("first round after %v", d)
		}
		if again := c.Next(first); again.Sub(first) != time.Minute {
			t.Errorf("next round after %v", again.Sub(first))
		}
		if again := c.Next(first.Add(-time.Millisecond)); !again.Equal(first) {
			t.Errorf("another node draws %v, not %v", again, first)
		}
		seen[first.Sub(t0)/(10*time.Second)]++
		if d := c.First(t0).Sub(t0); d < 0 || d >= check.MinEvery {
			t.Errorf("a new check is made after %v", d)
		}
	}
	for part, n := range seen {
		if n > 30 {
			t.Errorf("%d of 60 checks in part %d of the minute", n, part)
		}
	}
	c := check.Check{ID: "a", Every: span("1h"), Retries: 2}
	for streak, soon := range map[int]bool{0: false, 1: true, 2: true, 3: false} {
		if at := c.After(streak, t0); at.Sub(t0) == check.RetryAfter != soon {
			t.Errorf("after %d failures: in %v", streak, at.Sub(t0))
		}
	}
}

// When enough places find it wrong, with and without what is not known.
func TestQuorum(t *testing.T) {
	up := func(p string) check.Standing {
		return check.Standing{Probe: p, Up: true, At: t0, ExpectedAt: t0.Add(time.Hour)}
	}
	down := func(p string, streak int) check.Standing {
		return check.Standing{Probe: p, At: t0, Streak: streak, ExpectedAt: t0.Add(time.Hour)}
	}
	silent := func(p string) check.Standing {
		return check.Standing{Probe: p, Streak: 9, At: t0.Add(-time.Hour), ExpectedAt: t0.Add(-time.Minute)}
	}
	three := []string{"local", "eu", "us"}
	for _, tt := range []struct {
		name    string
		probes  []string
		quorum  int
		retries int
		all     []check.Standing
		down    int
		known   bool
	}{
		{"one up", nil, 0, 0, []check.Standing{up("local")}, 0, true},
		{"one down", nil, 0, 0, []check.Standing{down("local", 1)}, 1, true},
		{"a retry is left", nil, 0, 2, []check.Standing{down("local", 2)}, 0, true},
		{"none is left", nil, 0, 2, []check.Standing{down("local", 3)}, 1, true},
		{"nothing yet", nil, 0, 0, []check.Standing{{Probe: "local", ExpectedAt: t0.Add(time.Hour)}}, 0, false},
		{"one of three", three, 0, 0, []check.Standing{down("local", 1), up("eu"), up("us")}, 0, true},
		{"two of three", three, 0, 0, []check.Standing{down("local", 1), up("eu"), down("us", 1)}, 2, true},
		{"two of three, all asked for", three, 3, 0, []check.Standing{down("local", 1), up("eu"), down("us", 1)}, 0, true},
		{"one is enough", three, 1, 0, []check.Standing{up("local"), up("eu"), down("us", 1)}, 1, true},
		{"one down, one silent: it may be two", three, 2, 0, []check.Standing{down("local", 1), silent("eu"), up("us")}, 0, false},
		{"one silent, two up", three, 2, 0, []check.Standing{up("local"), silent("eu"), up("us")}, 0, true},
		{"two down, one silent", three, 2, 0, []check.Standing{down("local", 1), silent("eu"), down("us", 1)}, 2, true},
		{"a place that is not asked", []string{"eu"}, 0, 0, []check.Standing{down("local", 1), up("eu")}, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := check.Check{ID: "a", Every: span("1m"), Probes: tt.probes, Quorum: tt.quorum, Retries: tt.retries}
			n, known := check.Down(&c, tt.all, check.Span{Since: t0.Add(-24 * time.Hour), Now: t0})
			if n != tt.down || known != tt.known {
				t.Errorf("down at %d, known %v, want %d, %v", n, known, tt.down, tt.known)
			}
		})
	}
	c := check.Check{ID: "a", Every: span("1m")}
	old := silent("local")
	if late := old.Overdue(&c, check.Span{Since: t0.Add(-time.Minute), Now: t0}); late != 0 {
		t.Errorf("a minute after a start a result is overdue by %v", late)
	}
	if late := old.Overdue(&c, check.Span{Since: t0.Add(-time.Hour), Now: t0}); late != time.Minute {
		t.Errorf("overdue by %v", late)
	}
}

func TestWhatIsRightOfAnAnswer(t *testing.T) {
	c := check.Check{}
	if !c.StatusFits(204) || c.StatusFits(302) || c.StatusFits(500) {
		t.Error("without a status, 200 to 299 are right")
	}
	c.Status = []string{"401", "500-503"}
	for status, want := range map[int]bool{200: false, 401: true, 499: false, 500: true, 503: true, 504: false} {
		if c.StatusFits(status) != want {
			t.Errorf("%d: %v", status, !want)
		}
	}
	c.Has, c.Lacks = []string{"healthy"}, []string{"unhealthy"}
	for body, want := range map[string]string{"healthy": "", "": `the body lacks "healthy"`, "unhealthy": `the body has "unhealthy"`} {
		if got := c.BodyFits(body); got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
	c.Answers = []string{"Mail.example.com"}
	for _, tt := range []struct {
		got  []string
		want string
	}{{[]string{"mail.example.com.", "other."}, ""}, {[]string{"other."}, `the answers lack "Mail.example.com"`}, {nil, `the answers lack "Mail.example.com"`}} {
		if got := c.AnswersFit(tt.got); got != tt.want {
			t.Errorf("%q: %q", tt.got, got)
		}
	}
	c.Answers = nil
	if got := c.AnswersFit(nil); got != "there is no such record" {
		t.Errorf("%q", got)
	}
}

func TestOutputOfScripts(t *testing.T) {
	for _, tt := range []struct {
		name, text, want, wrong string
	}{
		{"nothing", "", "", ""},
		{"prose", "looking at orders\nall is well\n", "", ""},
		{"a value", "orders_open 12\n", "orders_open{} 12", ""},
		{"labels", `orders_open{shop="berlin",state="a \"b\""} 1.5`, `orders_open{"shop":"berlin","state":"a \"b\""} 1.5`, ""},
		{"comments and prose between", "# HELP orders_open Orders.\nchecked 12 shops\norders_open 3\n", "orders_open{} 3", ""},
		{"JSON", `{"metric": "orders.open", "value": 7, "labels": {"shop": "x"}}`, `orders_open{"shop":"x"} 7`, ""},
		{"JSON lines", "{\"metric\":\"a\",\"value\":1}\n{\"metric\":\"b\",\"value\":0}", "a{} 1 b{} 0", ""},
		{"a list", `[{"metric":"a","value":1},{"metric":"b","value":2}]`, "a{} 1 b{} 2", ""},
		{"no number", `orders{shop="x"} many`, "", `line 1 of the output: orders: "many" is not a number`},
		{"labels without quotes", `orders{shop=x} 1`, "", "line 1 of the output: the value of label shop is not in quotes"},
		{"labels without an end", `orders{shop="x" 1`, "", "line 1 of the output: labels are written"},
		{"the checks' own names", "check_up 1", "", "line 1 of the output: check_up: names that begin with check_"},
		{"half a value", `{"metric":"a"}`, "", "value 1 of the output lacks metric or value"},
		{"broken JSON", `{"metric":"a","value":1} {`, "a{} 1", "the output is no JSON after 1 values"},
		{"text for a value", `{"metric":"a","value":"1"}`, "", "value 1 of the output: want"},
		{"too many", strings.Repeat("a 1\n", check.MaxSamples+1), strings.TrimSpace(strings.Repeat("a{} 1 ", check.MaxSamples)), "line 201 of the output: more than 200 values"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, err := check.Output(tt.text)
			var got []string
			for _, s := range all {
				got = append(got, fmt.Sprintf("%s%s %v", s.Name, canonical(s.Labels), s.Value))
			}
			if joined := strings.Join(got, " "); joined != tt.want {
				t.Errorf("got %s, want %s", joined, tt.want)
			}
			if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.wrong)) {
				t.Errorf("error %v, want %q", err, tt.wrong)
			}
		})
	}
}

func FuzzOutput(f *testing.F) {
	for _, s := range []string{"a 1", `a{b="c"} 1`, `{"metric":"a","value":1}`, "[", `a{b="\x"} 1`, `a{,} 1`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, _ := check.Output(text)
		for i := range all {
			if all[i].Name == "" || strings.HasPrefix(all[i].Name, "check_") {
				t.Errorf("%q gives %+v", text, all[i])
			}
		}
	})
}

func canonical(labels map[string]string) string { return metric.Canonical(labels) }
