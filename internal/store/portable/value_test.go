package portable

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Whatever a column can hold comes back as it was, also text that is not UTF-8.
func TestValuesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Just[any](nil), rapid.Map(rapid.Int64(), func(v int64) any { return v }), rapid.Map(rapid.Bool(), func(v bool) any { return v }),
			rapid.Map(rapid.String(), func(v string) any { return v }), rapid.Map(rapid.SliceOf(rapid.Byte()), func(v []byte) any { return string(v) }),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(v []byte) any { return append([]byte{}, v...) }), rapid.Map(rapid.Float64(), func(v float64) any { return v }),
		)
		row := rapid.SliceOf(value).Draw(t, "row")
		line, err := encode(nil, row)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(line, len(row))
		if err != nil || len(got) != len(row) || len(row) > 0 && !reflect.DeepEqual(got, row) {
			t.Fatalf("%s: %#v, %v", line, got, err)
		}
	})
	for _, v := range []any{int64(math.MinInt64), int64(math.MaxInt64), "", "\x00", []byte{}} {
		line, err := encode(nil, []any{v})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(line, 1); err != nil || !reflect.DeepEqual(got[0], v) {
			t.Errorf("%#v: %#v, %v", v, got, err)
		}
	}
}

func TestBrokenRowsAreRefused(t *testing.T) {
	for _, line := range []string{``, `[`, `[1,2]`, `{}`, `[1]x`, `[1.5]`, `[[1]]`, `[{"b":"!"}]`, `[{"x":"y"}]`, `[{"b":1}]`, `[{"b":"","t":""}]`} {
		if row, err := decode([]byte(line), 1); err == nil {
			t.Errorf("%s is %#v", line, row)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`[1,"a",{"b":"AA=="},null,true]`))
	f.Fuzz(func(_ *testing.T, line []byte) { _, _ = decode(line, 5) })
}
