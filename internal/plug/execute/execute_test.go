//go:build unix

package execute_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"allclear/internal/domain/remedy"
	"allclear/internal/plug/execute"
)

// heard collects what a job writes.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) say(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.WriteString(s)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func script(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	return file
}

func executor(t *testing.T, list string, env map[string]string) *execute.Executor {
	t.Helper()
	l, err := execute.Parse([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	return &execute.Executor{List: l, Env: func(k string) (string, bool) { v, ok := env[k]; return v, ok }}
}

func job(command string, values map[string]string) execute.Job {
	return execute.Job{ID: "r1", Commands: []string{command}, Values: values, Timeout: 30 * time.Second}
}

// The exit code and what was written come back; of the runner's environment a program
// has what the list passes on, and nothing else.
func TestAProgramIsRun(t *testing.T) {
	file := script(t, "echo \"$1|$MODE|$TOKEN|$HOME|$OTHER\"\necho wrong >&2\nexit 3\n")
	e := executor(t, "commands:\n  roll:\n    run: ["+file+", \"${VERSION}\"]\n    env: {MODE: \"${MODE}\"}\n    pass: [TOKEN]\n    secrets: [TOKEN]\n", map[string]string{"TOKEN": "s3cr3t-t0ken", "OTHER": "x", "HOME": "/root"})
	var h heard
	res := e.Do(t.Context(), job("roll", map[string]string{"VERSION": "v41", "MODE": "soft"}), h.say)
	if res.State != remedy.Failed || res.Code == nil || *res.Code != 3 {
		t.Errorf("%+v", res)
	}
	if got := h.String(); !strings.HasPrefix(got, "v41|soft|") || strings.Contains(got, "s3cr3t") || strings.Contains(got, "/root") || !strings.Contains(got, "||\nwrong\n") {
		t.Errorf("wrote %q", got)
	}
	if res := e.Do(t.Context(), job("other", nil), h.say); res.State != remedy.Failed || !strings.Contains(res.Why, "has no other") {
		t.Errorf("what the list does not have: %+v", res)
	}
	dry := job("roll", nil)
	dry.Dry = true
	if res := e.Do(t.Context(), dry, h.say); res.State != remedy.Failed || !strings.Contains(res.Why, "dry") {
		t.Errorf("run dry without a way to: %+v", res)
	}
}

// What a shell would take for commands reaches the program as the text it is.
func TestMetacharactersAreText(t *testing.T) {
	dir := t.TempDir()
	marker := filepath.Join(dir, "marker")
	file := script(t, "printf '%s\\n' \"$#\" \"$1\" \"$VALUE\"\n")
	e := executor(t, "commands:\n  echo:\n    run: ["+file+", \"${VALUE}\"]\n    env: {VALUE: \"${VALUE}\"}\n", nil)
	for _, v := range []string{"$(touch " + marker + ")", "`touch " + marker + "`", "; touch " + marker, "&& touch " + marker, "| tee " + marker, "a b  c", "*", "'\"\\", "${HOME}", "", "\t"} {
		var h heard
		if res := e.Do(t.Context(), job("echo", map[string]string{"VALUE": v}), h.say); res.State != remedy.Succeeded {
			t.Errorf("%q: %+v", v, res)
		}
		if want := "1\n" + v + "\n" + v + "\n"; h.String() != want {
			t.Errorf("%q: wrote %q", v, h.String())
		}
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a parameter was run")
	}
}

// A hung program is ended with everything it has started, when its time is over and
// when somebody wants it.
func TestHungProgramsAreKilledWithTheirChildren(t *testing.T) {
	for name, want := range map[string]remedy.State{"time": remedy.TimedOut, "wish": remedy.Killed} {
		t.Run(name, func(t *testing.T) {
			pids := filepath.Join(t.TempDir(), "pids")
			file := script(t, "trap '' TERM\nsleep 300 &\necho $! >>"+pids+"\n(trap '' TERM; sleep 301 & echo $! >>"+pids+"; wait) &\necho $! >>"+pids+"\necho started\nwait\nsleep 302\n")
			e := executor(t, "commands:\n  hang:\n    run: ["+file+"]\n", nil)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var h heard
			j := job("hang", nil)
			if name == "time" {
				j.Timeout = time.Second
			} else {
				time.AfterFunc(time.Second, func() { cancel(execute.ErrKilled) })
			}
			began := time.Now()
			res := e.Do(ctx, j, h.say)
			if res.State != want || time.Since(began) > 20*time.Second {
				t.Errorf("%s after %s", res.State, time.Since(began))
			}
			text, err := os.ReadFile(pids)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range strings.Fields(string(text)) {
				pid, err := strconv.Atoi(s)
				if err != nil {
					t.Fatal(err)
				}
				if !gone(pid) {
					t.Errorf("process %d lives on", pid)
				}
			}
		})
	}
}

// gone waits for a process that was killed to be collected.
func gone(pid int) bool {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for range 100 {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		if s, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(s), ") Z ") {
			return true
		}
		<-look.C
	}
	return false
}

// A program that leaves children behind when it ends does not keep the run open.
func TestWhatIsLeftBehindGoes(t *testing.T) {
	file := script(t, "sleep 300 &\necho $!\nexit 0\n")
	e := executor(t, "commands:\n  fork:\n    run: ["+file+"]\n", nil)
	var h heard
	began := time.Now()
	res := e.Do(t.Context(), job("fork", nil), h.say)
	pid, err := strconv.Atoi(strings.TrimSpace(h.String()))
	if err != nil || res.State != remedy.Succeeded || time.Since(began) > 15*time.Second || !gone(pid) {
		t.Errorf("%+v after %s, %q %v", res, time.Since(began), h.String(), err)
	}
}

// However much a program writes, a bounded part is passed on, and the program is not
// kept waiting; a secret is hidden wherever it falls.
func TestHugeOutputIsBounded(t *testing.T) {
	file := script(t, "i=0\nwhile [ $i -lt 2000 ]; do echo \"$i $TOKEN yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"; i=$((i+1)); done\nhead -c 30000000 /dev/zero | tr '\\0' x\n")
	e := executor(t, "commands:\n  flood:\n    run: ["+file+"]\n    max_output: 400000\n    pass: [TOKEN]\n    secrets: [TOKEN]\n", map[string]string{"TOKEN": "hunter2hunter2"})
	var h heard
	res := e.Do(t.Context(), job("flood", nil), h.say)
	got := h.String()
	if res.State != remedy.Succeeded || len(got) < 300_000 || len(got) > 410_000 || !strings.Contains(got, "left out") {
		t.Errorf("%+v, %d bytes", res, len(got))
	}
	if strings.Contains(got, "hunter2") || strings.Count(got, "yyyy ") > 0 {
		t.Error("the secret was passed on")
	}
}

// Of a plan the whole output is hashed, also what is not shown.
func TestAPlanIsHashed(t *testing.T) {
	one, other := script(t, "echo plan\n"), script(t, "echo Plan\n")
	e := executor(t, "commands:\n  one: {run: ["+one+"]}\n  two: {run: ["+one+"]}\n  other: {run: ["+other+"]}\n", nil)
	hash := func(c string) string {
		j := job(c, nil)
		j.Plan = true
		var h heard
		return e.Do(t.Context(), j, h.say).PlanHash
	}
	if a, b, c := hash("one"), hash("two"), hash("other"); len(a) != 64 || a != b || a == c {
		t.Errorf("%s %s %s", a, b, c)
	}
}

func TestListsAreRefused(t *testing.T) {
	for why, list := range map[string]string{
		"nothing":                "commands: {}\n",
		"unknown key":            "commands:\n  a: {run: [/bin/true], shell: true}\n",
		"relative":               "commands:\n  a: {run: [true]}\n",
		"a parameter as program": "commands:\n  a: {run: [\"${X}\"]}\n",
		"part of an argument":    "commands:\n  a: {run: [/bin/echo, \"--v=${X}\"]}\n",
		"a shell's text":         "commands:\n  a: {run: [/bin/sh, -c, \"${X}\"]}\n",
		"two ways":               "commands:\n  a: {run: [/bin/true], git: {remote: r, branch: b}}\n",
		"git that runs":          "commands:\n  a: {git: {remote: \"ext::sh -c id\", branch: main}}\n",
		"secret not passed":      "commands:\n  a: {run: [/bin/true], secrets: [X]}\n",
		"name":                   "commands:\n  \"A b\": {run: [/bin/true]}\n",
		"timeout":                "commands:\n  a: {run: [/bin/true], timeout: 9h}\n",
	} {
		if _, err := execute.Parse([]byte(list)); err == nil {
			t.Errorf("%s: was taken", why)
		}
	}
	open := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(open, []byte("commands:\n  a: {run: [/bin/true]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := execute.Read(open); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(open, 0o666); err != nil { //nolint:gosec // that is what is refused
		t.Fatal(err)
	}
	if _, err := execute.Read(open); err == nil {
		t.Error("a list that everybody may write to was taken")
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// A commit of a real repository is taken back by one that undoes it; nothing that was
// pushed is rewritten, and what came after stays.
//
// Clauses: RES-RB-CFG
func TestConfigurationIsTakenBackInGit(t *testing.T) {
	bare, work := t.TempDir(), t.TempDir()
	git(t, bare, "init", "-q", "--bare", "-b", "main")
	git(t, work, "clone", "-q", bare, ".")
	write := func(file, text string) string {
		if err := os.WriteFile(filepath.Join(work, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		git(t, work, "add", ".")
		git(t, work, "commit", "-qm", file+" "+text)
		git(t, work, "push", "-q", "origin", "HEAD:main")
		return git(t, work, "rev-parse", "HEAD")
	}
	write("pool.conf", "size=100\n")
	bad := write("pool.conf", "size=1\n")
	later := write("other.conf", "x=1\n")
	e := executor(t, "commands:\n  revert:\n    git: {remote: "+bare+", branch: main, author: \"Allclear <ops@example.com>\", link: \"https://git.example.com/c\"}\n", nil)
	var h heard
	dry := job("revert", map[string]string{"COMMIT": bad[:12]})
	dry.Dry = true
	if res := e.Do(t.Context(), dry, h.say); res.State != remedy.Succeeded || git(t, bare, "rev-parse", "main") != later {
		t.Errorf("dry: %+v", res)
	}
	res := e.Do(t.Context(), job("revert", map[string]string{"COMMIT": bad[:12]}), h.say)
	if head := git(t, bare, "rev-parse", "main"); res.State != remedy.Succeeded || res.Ref != head || res.Link != "https://git.example.com/c/"+head || git(t, bare, "rev-parse", "main~1") != later {
		t.Fatalf("%+v\n%s", res, h.String())
	}
	if got := git(t, bare, "show", "main:pool.conf"); got != "size=100" {
		t.Errorf("pool.conf is %q", got)
	}
	if got := git(t, bare, "log", "-1", "--format=%an %ae %b", "main"); !strings.Contains(got, "Allclear ops@example.com") || !strings.Contains(got, bad) {
		t.Errorf("the commit says %q", got)
	}
	tip := git(t, bare, "rev-parse", "main")
	for _, commit := range []string{"--exec=id", "deadbeefdeadbeef", "HEAD", "", bad} { // the last cannot be taken back twice
		if res := e.Do(t.Context(), job("revert", map[string]string{"COMMIT": commit}), h.say); res.State != remedy.Failed {
			t.Errorf("%q: %+v", commit, res)
		}
	}
	if git(t, bare, "rev-parse", "main") != tip {
		t.Error("a refused commit changed the branch")
	}
}
