package registry_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/registry"
)

func acme() catalog.Customer {
	return catalog.Customer{
		ID: "acme", External: "001A0", Name: "=Acme & \"Sons\"", Tier: catalog.Enterprise, Status: "leaving", ChurnRisk: "high", VIP: true, MajorAccount: true,
		Region: "eu", Products: []string{"dashboards", "reports"}, Services: []string{"api"}, Domains: []string{"acme.example"}, Code: "0012", Slack: "C024BE7LR", Teams: "acme", AccountManager: "kim", ARR: 48000,
		Contract: catalog.Contract{UptimePercent: 99.95, NotifyWithin: recur.Span{Duration: 15 * time.Minute}, Custom: true, Regimes: []string{"gdpr", "dora"}},
		Contacts: []catalog.CustomerContact{
			{Name: "'@Ops", Email: "ops@acme.example", Phone: "+15550100001", Channels: []string{"email", "sms"}},
			{Name: "Boss", Email: "boss@acme.example"},
		},
	}
}

// INT-CRM: what is exported is imported again as it was, also where a cell begins like a formula.
func TestAnExportIsImportedAsItWas(t *testing.T) {
	all := []catalog.Customer{acme(), {ID: "plain", Name: "Plain", Tier: catalog.Standard}}
	body, err := registry.Write(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, formula := range []string{"\n=", ",=", ",+", ",@", ",\"="} {
		if strings.Contains(string(body), formula) {
			t.Errorf("a spreadsheet would calculate %q in\n%s", formula, body)
		}
	}
	table, err := registry.ReadCSV(body)
	if err != nil {
		t.Fatal(err)
	}
	accounts, refused := table.Accounts()
	if len(accounts) != 2 || len(refused) != 0 {
		t.Fatalf("%d accounts, refused %+v", len(accounts), refused)
	}
	for i, a := range accounts {
		for _, stands := range []catalog.Customer{all[i], {ID: all[i].ID}} {
			if got, bad := a.Onto(stands); len(bad) > 0 || !reflect.DeepEqual(got, all[i]) {
				t.Errorf("came back as %+v (%v), want %+v", got, bad, all[i])
			}
		}
	}
}

func TestOneBrokenLineIsNamedAndTheOthersStand(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		at     int
		column string
		says   string
	}{
		"a quote that is never closed": {`x,"Broken,enterprise,true`, 3, "", "cannot be read"},
		"too few cells":                {`x,Broken`, 3, "", "has 2 cells"},
		"not UTF-8":                    {"x,Br\xffken,enterprise,true", 3, "", "UTF-8"},
		"nobody":                       {`,Broken,enterprise,true`, 3, "external_id", "is empty"},
		"another word for the same":    {`a,Other,enterprise,true`, 3, "name", "in line 2"},
		"too long":                     {"x," + strings.Repeat("n", 9000) + ",enterprise,true", 3, "name", "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := registry.ReadCSV([]byte("external_id,name,tier,vip\na,First,enterprise,true\n" + c.line + "\nb,Last,standard,no\n"))
			if err != nil {
				t.Fatal(err)
			}
			accounts, refused := table.Accounts()
			if len(refused) != 1 || refused[0].Line != c.at || refused[0].Column != c.column || !strings.Contains(refused[0].Reason, c.says) {
				t.Errorf("refused %+v", refused)
			}
			if last := accounts[len(accounts)-1]; last.External != "b" || last.Line() != 4 {
				t.Errorf("the last account is %+v", last)
			}
		})
	}
}

func TestACellThatIsNoValueNamesItsColumn(t *testing.T) {
	table, err := registry.ReadCSV([]byte("id;vip;arr_usd;notify_within;uptime_percent;colour\na;perhaps;1,5;soon;much;red\n"))
	if err != nil {
		t.Fatal(err)
	}
	accounts, _ := table.Accounts()
	_, bad := accounts[0].Onto(catalog.Customer{ID: "a"})
	var columns []string
	for _, b := range bad {
		columns = append(columns, b.Column)
	}
	if want := []string{"vip", "arr_usd", "uptime_percent", "notify_within"}; !reflect.DeepEqual(columns, want) {
		t.Errorf("wrong are %v, want %v", columns, want)
	}
	if !reflect.DeepEqual(table.Ignored, []string{"colour"}) {
		t.Errorf("ignored %v", table.Ignored)
	}
}

func TestWhatAFileDoesNotSayStays(t *testing.T) {
	table, err := registry.ReadCSV([]byte("\xef\xbb\xbfExternal ID\tRegion\tProducts\n001A0\tUS\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	accounts, _ := table.Accounts()
	got, bad := accounts[0].Onto(acme())
	want := acme()
	want.Region, want.Products = "us", nil
	if len(bad) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, bad)
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	table, err := registry.ReadJSON([]byte(`[
		{"external_id": "001A0", "name": "Acme", "vip": true, "arr_usd": 48000, "products": ["dashboards"], "colour": "red",
		 "contacts": [{"name": "Ops", "email": "ops@acme.example", "channels": ["email"]}, {"email": "b@acme.example"}]},
		{"external_id": "2", "contacts": []}, 7, {"external_id": "3", "name": {}}]`))
	if err != nil {
		t.Fatal(err)
	}
	accounts, refused := table.Accounts()
	if len(accounts) != 2 || len(refused) != 2 || refused[0].Line != 3 || refused[1].Column != "name" || len(table.Ignored) != 1 {
		t.Fatalf("%+v refused %+v ignored %v", accounts, refused, table.Ignored)
	}
	got, _ := accounts[0].Onto(catalog.Customer{ID: "acme"})
	if !got.VIP || got.ARR != 48000 || len(got.Contacts) != 2 || got.Contacts[1].Name != "b@acme.example" {
		t.Errorf("got %+v", got)
	}
	if got, _ := accounts[1].Onto(acme()); len(got.Contacts) != 0 || got.Name != acme().Name {
		t.Errorf("an empty list of contacts left %+v", got)
	}
}

func TestWhatIsNoTable(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "a picture": "\x89PNG\r\n", "no key": "name,tier\n", "a column twice": "id,name,name\n", "a wide one": "id" + strings.Repeat(",x", 101) + "\n",
		"a page": "<html><script>alert(1)</script></html>",
	} {
		if _, err := registry.ReadCSV([]byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := registry.ReadCSV([]byte("id\n" + strings.Repeat("a\n", registry.MaxLines+1))); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many lines: %v", err)
	}
	if _, err := registry.ReadJSON([]byte(`{"external_id": "1"}`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("an object: %v", err)
	}
}

func TestIDsAreMadeOfTheExternalOnes(t *testing.T) {
	for external, want := range map[string]string{"001A00xB": "001a00xb", "A/B  C": "a-b-c", "日本": "name", "taken": "taken-2"} {
		a := registry.Account{External: external}
		if got := a.NewID("Name", func(id string) bool { return id == "taken" }); got != want || !catalog.IsSlug(got) {
			t.Errorf("%q became %q, want %q", external, got, want)
		}
	}
}

func FuzzATableIsReadOrRefused(f *testing.F) {
	body, err := registry.Write([]catalog.Customer{acme()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(body))
	f.Add("id,name\na,\"b\n")
	f.Add("external_id;products\n1;a;b\n")
	f.Add(`[{"id":"a","contacts":[{"name":"x"}]}]`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, read := range []func([]byte) (*registry.Table, error){registry.ReadCSV, registry.ReadJSON} {
			table, err := read([]byte(body))
			if err != nil {
				if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
					t.Fatalf("%q: %v", body, err)
				}
				continue
			}
			accounts, refused := table.Accounts()
			lines := 0
			for _, a := range accounts {
				a.Onto(acme())
				lines += len(a.Lines)
				if id := a.NewID("n", func(string) bool { return false }); a.ID == "" && !catalog.IsSlug(id) {
					t.Fatalf("%q makes the id %q", a.External, id)
				}
			}
			if lines > len(table.Lines) || lines+len(refused) == 0 && len(table.Lines) > 0 {
				t.Fatalf("%d lines in accounts of %d, %d refused", lines, len(table.Lines), len(refused))
			}
			_ = fmt.Sprint(registry.Problems(refused))
		}
	})
}
