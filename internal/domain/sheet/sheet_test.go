package sheet_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/sheet"
)

func TestFormulasBecomeText(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"Acme":                           "Acme",
		"=HYPERLINK(\"http://x\",\"a\")": "'=HYPERLINK(\"http://x\",\"a\")",
		"+15550100001":                   "'+15550100001",
		"-1":                             "'-1",
		"@SUM(1)":                        "'@SUM(1)",
		"\t=1":                           "'\t=1",
		"＝1":                             "'＝1",
		"'=1":                            "''=1",
		"''":                             "'''",
		"'quoted'":                       "'quoted'",
		"<script>alert(1)</script>":      "<script>alert(1)</script>", // a cell is no page: whoever draws it escapes it
	} {
		if got := sheet.Guard(in); got != want {
			t.Errorf("Guard(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzGuardedTextComesBack(f *testing.F) {
	for _, s := range []string{"", "'", "''=", "=1", "'@", "a'=", "＠x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := sheet.Guard(s)
		if got := sheet.Plain(cell); got != s {
			t.Errorf("%q became %q and came back as %q", s, cell, got)
		}
		if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
			t.Errorf("%q is a formula", cell)
		}
	})
}
