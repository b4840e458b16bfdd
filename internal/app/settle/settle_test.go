package settle_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"allclear/internal/app/settle"
)

// resident is how much of the program's own file is in memory, in kB.
func resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "RssFile:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Pages that are dropped come back when they are needed, and the program goes on.
func TestDown(t *testing.T) {
	settle.Down()
	if runtime.GOOS != "linux" {
		return
	}
	before := resident(t)
	if !strings.Contains(strings.Repeat("still here ", 1000), "still") || before <= 0 {
		t.Errorf("%d kB", before)
	}
	settle.Down()
	if after := resident(t); after > before+2048 {
		t.Errorf("%d kB are resident after giving back, %d before", after, before)
	}
}
