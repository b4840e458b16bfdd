package route

import (
	"strconv"
	"testing"
)

// A short list comes whole, or in pages that leave nothing out and repeat
// nothing.
func TestOfCutsPagesOutOfAWholeList(t *testing.T) {
	all := []int{3, 1, 4, 15, 9, 2, 6}
	show := func(n int) string { return strconv.Itoa(n) }
	key := func(s string) string { return s }
	whole, err := Of(Whole{}, all, show, key)
	if err != nil || len(whole.Body.Items) != len(all) || whole.Body.NextCursor != "" {
		t.Fatalf("%v %+v", err, whole)
	}
	for limit := 1; limit <= len(all)+1; limit++ {
		var got []string
		for w := (Whole{Limit: limit}); ; {
			page, err := Of(w, all, show, key)
			if err != nil || len(page.Body.Items) > limit {
				t.Fatalf("%v %+v", err, page)
			}
			got = append(got, page.Body.Items...)
			if w.Cursor = page.Body.NextCursor; w.Cursor == "" {
				break
			}
		}
		if len(got) != len(all) || got[0] != "3" || got[6] != "6" {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
	if none, err := Of[int, string](Whole{}, nil, show, key); err != nil || none.Body.Items == nil || len(none.Body.Items) != 0 {
		t.Errorf("%v %+v", err, none)
	}
	if _, err := Of(Whole{Cursor: "zzz"}, all, show, key); err == nil {
		t.Error("a cursor of another list was taken")
	}
}
