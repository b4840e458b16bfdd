package admin_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/flow/admin"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

// What is exported is read back as it was, and exported again as the same
// bytes, also where a text looks like something else to YAML.
func TestExportComesBack(t *testing.T) {
	odd := []string{"yes", "0123", "1e3", "null", "~", "12:30", "- a", "a: b", "#x", "'", `"`, "\\", "|", ">", "*a", "&a", "!x", "%", "@", "`", "{}", "[]", "2026-01-05", "ü·日本", "no", "a #b", "--- x"}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		root := authz.Actor{ID: "root", Role: authz.Admin}
		from := admin.New(db, jobs.NewBus())
		doc := &oncall.Schedule{TimeZone: "America/Chicago", Layers: []oncall.Layer{{Members: []string{"p0"}, Start: "2015-01-05T09:00", Every: 1, Unit: "week"}}}
		if err := doc.Prepare(); err != nil {
			t.Fatal(err)
		}
		all := []catalog.Entity{catalog.Schedule{ID: "primary", Document: doc}, catalog.Team{ID: "platform", Name: "Platform", Members: []string{"p0"}, Lead: "p0"}}
		for i, s := range odd {
			all = append(all, catalog.Person{ID: fmt.Sprintf("p%d", i), Name: "N" + s, Title: s, Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550100001", Label: s}}})
		}
		if _, err := from.Load(t.Context(), root, all, now); err != nil {
			t.Fatal(err)
		}
		files, err := from.Export(t.Context(), root)
		if err != nil || len(files) != 3 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		plan, err := from.Apply(t.Context(), root, files, admin.Options{Prune: true}, now)
		if err != nil || plan.Count(admin.Unchanged) != len(all) || len(plan.Steps) != len(all) {
			t.Fatalf("%+v, %v", plan, err)
		}
		into := admin.New(storetest.SQLite(t), jobs.NewBus())
		if plan, err := into.Apply(t.Context(), root, files, admin.Options{}, now); err != nil || plan.Count(admin.Create) != len(all) {
			t.Fatalf("%+v, %v", plan, err)
		}
		again, err := into.Export(t.Context(), root)
		if err != nil || !reflect.DeepEqual(again, files) {
			t.Errorf("another export differs, %v", err)
		}
		if strings.Contains(files[0].Text, "{") && strings.Count(files[0].Text, "kind: person") == 0 {
			t.Error("nothing is written for people to read")
		}
		for _, role := range []authz.Role{authz.Responder, authz.Stakeholder} {
			if _, err := from.Export(t.Context(), authz.Actor{ID: "x", Role: role}); !fault.Is(err, fault.Refused) {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}
