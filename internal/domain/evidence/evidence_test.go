package evidence

import "testing"

func TestNamesAreSafeToSaveUnder(t *testing.T) {
	for in, want := range map[string]string{
		"app.log": "app.log", "../../etc/passwd": "passwd", `C:\tmp\a.txt`: "a.txt", "..": "", ".": "", "": "", "  ": "", "a\x00b\nc": "a_b_c",
		"con:aux|x?.txt": "con_aux_x_.txt", "evil\u202etxt.exe": "evil_txt.exe", ".hidden": "hidden", "ü 1.log": "ü 1.log", "/": "_",
	} {
		if got := Name(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "application/octet-stream", "text": "application/octet-stream", "text/html; charset=utf-8; x=y": "text/html; charset=utf-8", "a/b\r\nSet-Cookie: x": "application/octet-stream"} {
		if got := MediaType(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add("../a\\b")
	f.Fuzz(func(t *testing.T, s string) {
		n := Name(s)
		if Name(n) != n {
			t.Errorf("%q becomes %q and then %q", s, n, Name(n))
		}
	})
}
