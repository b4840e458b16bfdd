package admin_test

import (
	"bytes"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/flow/admin"
	"allclear/procedures"
)

func TestActivate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := admin.NewProcedures(h.db, nil, h.Admin)
		_, err := p.Show(bg, boss, "", now)
		wantKind(t, err, fault.Conflict)
		for _, a := range []authz.Actor{{}, responder, follower, auditor, authz.Software("start")} {
			_, err := p.Activate(bg, a, procedures.TechFlow, now)
			wantKind(t, err, fault.Refused)
		}
		_, err = p.Show(bg, authz.Actor{}, "", now)
		wantKind(t, err, fault.Refused)
		_, err = p.Versions(bg, authz.Actor{}, "", 10)
		wantKind(t, err, fault.Refused)
		first, err := p.Activate(bg, boss, procedures.TechFlow, now)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Activate(bg, boss, []byte("schema: 1\nfoo: 2\n"), now)
		wantKind(t, err, fault.Invalid, "2:1", "foo")
		if same, err := p.Activate(bg, boss, procedures.TechFlow, now); err != nil || same != first {
			t.Errorf("%s, %v; want %s", same, err, first)
		}
		second, err := p.Activate(bg, boss, bytes.Replace(procedures.TechFlow, []byte(`"3.2"`), []byte(`"3.3"`), 1), now)
		if err != nil || second == first {
			t.Fatalf("%s, %v", second, err)
		}
		view, err := p.Show(bg, follower, "", now)
		if err != nil || view.Hash != second || !view.Active || view.Procedure == nil || view.Version != "3.3" {
			t.Errorf("%+v, %v", view.ProcedureVersion, err)
		}
		var told []event.Data
		for _, e := range h.record(t) {
			if e.Kind == event.ProcedureChanged {
				told = append(told, e.Data)
			}
		}
		if len(told) != 2 || told[1].From != first || told[1].Ref != second {
			t.Errorf("%+v", told)
		}
	})
}
