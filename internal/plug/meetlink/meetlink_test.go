package meetlink

import (
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

func open2(t *testing.T, values map[string]string) (*link, error) {
	t.Helper()
	reg, err := plug.NewRegistry(Plugin())
	if err != nil {
		t.Fatal(err)
	}
	v, err := reg.Open("meetlink", plugtest.Config(values))
	l, _ := v.(*link)
	return l, err
}

// The link is the same every time, another for each room, and cannot be guessed from
// the number.
//
// WAR-VIRT-ZOOM (static links).
func TestLink(t *testing.T) {
	l, err := open2(t, map[string]string{"url": "https://meet.example/a-{{number}}-{{secret}}", "secret": "pepper"})
	if err != nil {
		t.Fatal(err)
	}
	at := func(key string) string {
		p, err := l.OpenMeeting(t.Context(), plug.RoomSpec{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return p.URL
	}
	one, again, other := at("INC-1"), at("INC-1"), at("INC-2")
	if one != again || one == other || at("INC-1/Data base") == one {
		t.Errorf("%s %s %s", one, again, other)
	}
	m, err := open2(t, map[string]string{"url": "https://meet.example/a-{{number}}-{{secret}}", "secret": "salt"})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := m.OpenMeeting(t.Context(), plug.RoomSpec{Key: "INC-1"}); p.URL == one {
		t.Error("the secret is in no link")
	}
}

func TestSettings(t *testing.T) {
	for _, bad := range []map[string]string{{"url": "meet.example"}, {"url": "javascript:x"}, {"url": "https://meet.example/{{secret}}"}, {}} {
		if _, err := open2(t, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
