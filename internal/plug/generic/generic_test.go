package generic

import (
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

func TestSmoke(t *testing.T) {
	s := &source{}
	tr, err := s.TestMapping(`{"items":"body.alerts","summary":"item.a + ' on ' + item.host","dedup_key":"item.id","severity":"item.lvl > 3 ? 'critical' : 'info'","details":"{x: 1/0}", "group":"join(map(item.tags, upper(#)), \",\")", "when":"item?.skip != true"}`, []byte(`{"alerts":[{"a":"x","host":"h","id":12345678901234567,"lvl":4,"tags":["p","q"]},{"a":"y","skip":true}]}`))
	t.Logf("%+v %#v", tr, err)
	for _, m := range []string{`{"summary":"let a = body.x; a+a"}`, `{"summary":"map(1..1000, #)"}`, `{"summary":"repeat('x', 10)"}`, `{"summary":"nope.x"}`, `{"summary":"all(body.a, all(body.b, true))"}`, `{"summary":"any(body.a, # == body.x)"}`, `{"summary":"now()"}`, `{"x":"1"}`, `{"summary":"body.("}`, `{"summary":"body.x matches body.y"}`} {
		t.Logf("%s %+v", m, s.CheckMapping(m).(*fault.Error).Details)
	}
	_ = plug.MaxBody
}
