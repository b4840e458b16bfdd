//go:build unix

package synthetic_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allclear/internal/domain/check"
	"allclear/internal/plug/synthetic"
)

func folder(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// gone waits until no process has the id; one that was killed and that nobody has
// collected yet is as good as gone.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 100 {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

func pids(t *testing.T, file string) []int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, w := range strings.Fields(string(text)) {
		n, err := strconv.Atoi(w)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

// Clauses: PLT-INF-CUSTOM
func TestScriptsMeasure(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		args       []string
		why        string
		samples    int
	}{
		{"says nothing", "exit 0", nil, "", 0},
		{"says values", "echo looking; echo 'orders_open{shop=\"a\"} 12'; echo 'orders_late 3'", nil, "", 2},
		{"says JSON", `echo '{"metric":"orders_open","value":12}'`, nil, "", 1},
		{"fails", "echo no database >&2; exit 3", nil, "c.sh ended with exit status 3: no database", 0},
		{"takes its arguments, and no shell looks at them", `[ "$#" = 2 ] && [ "$1" = '$(id)' ] && [ "$2" = 'a b' ]`, []string{"$(id)", "a b"}, "", 0},
		{"says what is no value", `echo 'orders{shop="a"} many'`, nil, "c.sh: line 1 of the output", 0},
		{"says too much", "head -c 70000 /dev/zero | tr '\\0' 'x'", nil, "c.sh writes more than 65536 bytes", 0},
		{"knows nothing of the server", `[ -z "$ALLCLEAR_SECRET" ] && [ -z "$HOME" ] && [ "$ALLCLEAR_CHECK" = c ]`, nil, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("ALLCLEAR_SECRET", "s")
			r := try(t, synthetic.Options{Scripts: folder(t, "c.sh", "#!/bin/sh\n"+tt.text+"\n")}, check.Check{ID: "c", Type: check.Script, Target: "c.sh", Args: tt.args, Timeout: span(t, "10s")})
			wants(t, tt.name, r, tt.why)
			if len(r.Samples) != tt.samples || r.Idle {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A script that never ends is killed with what it has started, and told of.
//
// Clauses: PLT-INF-CUSTOM
func TestHungScriptIsKilled(t *testing.T) {
	dir := folder(t, "hung.sh", "#!/bin/sh\nsleep 300 &\necho $$ $! > pids\nwait\n")
	start := time.Now()
	r := try(t, synthetic.Options{Scripts: dir}, check.Check{ID: "c", Type: check.Script, Target: "hung.sh"})
	wants(t, "hung", r, "hung.sh did not end within 1s: it was killed, with all that it had started")
	if d := time.Since(start); d > 4*time.Second {
		t.Errorf("it took %v", d)
	}
	all := pids(t, filepath.Join(dir, "pids"))
	if len(all) != 2 {
		t.Fatalf("%d processes", len(all))
	}
	for _, pid := range all {
		gone(t, pid)
	}
}

// What a script leaves behind when it ends is ended, and its result counts.
func TestWhatAScriptLeavesBehind(t *testing.T) {
	dir := folder(t, "left.sh", "#!/bin/sh\nsleep 300 &\necho $! > pids\necho orders 1\n")
	r := try(t, synthetic.Options{Scripts: dir}, check.Check{ID: "c", Type: check.Script, Target: "left.sh", Timeout: span(t, "30s")})
	wants(t, "left", r, "")
	if len(r.Samples) != 1 || r.Took > 10*time.Second {
		t.Errorf("%+v", r)
	}
	gone(t, pids(t, filepath.Join(dir, "pids"))[0])
}

// What cannot be run says nothing about the target, and why.
func TestScriptsThatAreNotRun(t *testing.T) {
	dir := folder(t, "text", "no program")
	if err := os.Chmod(filepath.Join(dir, "text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ dir, file, why string }{
		{"", "text", "scripts are not run here: start with --scripts"},
		{dir, "none", "there is no file none in the scripts folder"},
		{dir, "../text", "without a path"},
		{dir, "text", "text cannot be started: permission denied"},
	} {
		r := try(t, synthetic.Options{Scripts: tt.dir}, check.Check{ID: "c", Type: check.Script, Target: tt.file})
		if !r.Idle || r.Up || !strings.Contains(r.Why, tt.why) {
			t.Errorf("%s: %+v", tt.file, r)
		}
	}
}
