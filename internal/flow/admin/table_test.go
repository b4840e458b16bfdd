package admin_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/registry"
	"allclear/internal/flow/admin"
)

func tableOf(t *testing.T, body string) *registry.Table {
	t.Helper()
	table, err := registry.ReadCSV([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// crm is a file of n customers, one line each.
func crm(n int) string {
	var b strings.Builder
	b.WriteString("external_id,name,tier,vip,region,products,account_manager,arr_usd,uptime_percent,notify_within,regimes,contact_name,contact_email,contact_channels\n")
	for i := range n {
		fmt.Fprintf(&b, "CRM-%05d,Account %05d,enterprise,%t,eu,dashboard-product;reporting-product,account-manager-1,48000,99.95,15m,gdpr,Operations,ops@account-%05d.example,email;in_app\n", i, i, i%33 == 0, i)
	}
	return b.String()
}

// INT-CRM: re-importing changes nothing, the broken row of 10,000 is reported and the
// others are imported; a dry run says so and changes nothing.
func TestATableOfTenThousandWithOneBrokenRow(t *testing.T) {
	each(t, func(t *testing.T, w *house) {
		good := crm(10_000)
		body := strings.Replace(good, "CRM-04711,Account 04711,enterprise,false,eu,", "CRM-04711,Account 04711,enterprise,false,Old Europe,", 1)
		want := []registry.Problem{{Line: 4713, Column: "region", Reason: `"old europe": use 1 to 64 of a-z, 0-9, dot, underscore and hyphen`}}

		dry, err := w.Import(bg, boss, tableOf(t, body), true, now)
		if err != nil || dry.Created != 9_999 || dry.Changed+dry.Unchanged != 0 || !reflect.DeepEqual(dry.Refused, want) {
			t.Fatalf("dry run: %d created, refused %+v, %v", dry.Created, dry.Refused, err)
		}
		if n := len(w.catalog(t).Customers); n != 40 {
			t.Fatalf("the dry run left %d customers", n)
		}
		began := time.Now()
		done, err := w.Import(bg, boss, tableOf(t, body), false, now)
		if err != nil || done.Created != 9_999 || done.Lines != 10_000 || !reflect.DeepEqual(done.Refused, want) || len(w.catalog(t).Customers) != 10_039 {
			t.Fatalf("%d created, refused %+v, %v", done.Created, done.Refused, err)
		}
		t.Logf("10,000 rows in %s", time.Since(began).Round(time.Millisecond))

		version := w.catalog(t).Version
		part := strings.Join(strings.SplitAfter(good, "\n")[:1001], "")
		again, err := w.Import(bg, boss, tableOf(t, part), false, now)
		if err != nil || again.Created+again.Changed != 0 || again.Unchanged != 1000 || w.catalog(t).Version != version {
			t.Errorf("again: %d created, %d changed, %d unchanged, %v", again.Created, again.Changed, again.Unchanged, err)
		}
	})
}

func TestACustomerIsFoundByItsExternalID(t *testing.T) {
	each(t, func(t *testing.T, w *house) {
		one := func(body string) admin.Imported {
			t.Helper()
			got, err := w.Import(bg, boss, tableOf(t, body), false, now)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		// One that stands is given its external id; contacts and contract stay.
		before := w.catalog(t).Customers["customer-0001"]
		if got := one("id,external_id\ncustomer-0001,A-1\n"); got.Changed != 1 || len(got.Steps[0].Fields) != 1 || got.Steps[0].Fields[0].Path != "/external_id" {
			t.Fatalf("%+v", got)
		}
		before.External = "A-1"
		if got := w.catalog(t).Customers["customer-0001"]; !reflect.DeepEqual(got, before) {
			t.Errorf("got %+v, want %+v", got, before)
		}
		// From then on it is found by it, whatever it is called.
		if got := one("external_id,name\nA-1,Renamed\n"); got.Changed != 1 || got.Steps[0].ID != "customer-0001" {
			t.Errorf("%+v", got)
		}
		for body, says := range map[string]string{
			"external_id,id\nA-1,customer-0002\n":                                      `the customer with this external_id is "customer-0001"`,
			"external_id,id\nA-9,customer-0001\n":                                      "has another",
			"external_id,name,tier\nB-1,New,gold\n":                                    `"gold" is not one of enterprise, standard`,
			"external_id,id,name\nA-1,,One\n,customer-0001,Other\n":                    "is in line 2 already",
			"external_id,name,tier,account_manager\nB-1,N,standard,nobody\n":           `there is no person "nobody"`,
			"external_id,contact_name,contact_email\nA-1,X,x@x.example\nA-1,Y,\"y\"\n": `"y" is not a mail address`,
		} {
			got := one(body)
			if len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, says) {
				t.Errorf("%q: refused %+v, want %q", body, got.Refused, says)
			}
		}
	})
}

func TestAnExportOfAllCustomersChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *house) {
		if _, err := w.Put(bg, boss, catalog.Customer{ID: "odd", External: "=1+1", Name: "@odd \"one\", Ltd", Tier: catalog.Standard, Status: catalog.Lost}, admin.Whatever, now); err != nil {
			t.Fatal(err)
		}
		body, err := w.Table(bg, boss, admin.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Import(bg, boss, tableOf(t, string(body)), false, now)
		if err != nil || got.Unchanged != 41 || got.Created+got.Changed+len(got.Refused) != 0 {
			t.Errorf("%d unchanged, steps %+v, refused %+v, %v", got.Unchanged, got.Steps, got.Refused, err)
		}
		vip := true
		some, err := w.Table(bg, boss, admin.Filter{VIP: &vip, Product: "dashboard-product"})
		if n := len(tableOf(t, string(some)).Lines); err != nil || n != 2 {
			t.Errorf("%d VIP customers, %v", n, err)
		}
	})
}

func TestOnlyWhoManagesTheCatalogueImports(t *testing.T) {
	each(t, func(t *testing.T, w *house) {
		for _, dry := range []bool{true, false} {
			if _, err := w.Import(bg, responder, tableOf(t, crm(1)), dry, now); !fault.Is(err, fault.Refused) {
				t.Errorf("imported: %v", err)
			}
		}
		if _, err := w.Table(bg, follower, admin.Filter{}); !fault.Is(err, fault.Refused) {
			t.Errorf("exported: %v", err)
		}
	})
}
