package wire_test

import (
	"testing"

	"allclear/internal/edge/api/wire"
)

func TestNoTextIsAFormula(t *testing.T) {
	for in, want := range map[string]string{
		"Acme": "Acme", "": "", "a=b": "a=b", "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1+1": "'-1+1", "@SUM(1)": "'@SUM(1)",
		" =1": "' =1", "\t=1": "'\t=1", "\r\n=1": "'\r\n=1", "\tx": "'\tx", "\ufeff=1": "'\ufeff=1", "＝1": "'＝1", "'=1": "'=1",
	} {
		if got := wire.Cell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
