package api

import (
	"net/http"
	"strings"
	"testing"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/registry"
)

// A file and a JSON list are taken row by row; a dry run shows what would change,
// field by field; the export is the same table.
//
// Clauses: INT-CRM, OBJ-CTX-CUST.
func TestCustomersFromAFile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const file = "external_id,name,tier,vip,region,contact_name,contact_email,contact_channels,notes\n" +
			"A1,Acme,enterprise,yes,eu,Ops,ops@acme.example,email;sms,x\n" +
			"A1,,,,,Boss,boss@acme.example,,\n" +
			"B1,=cmd|' /C calc'!A0,standard,no,us,,,,\n" +
			"C1,\"Never closed,standard,no,us,,,,\n" +
			"D1,Bad Mail,standard,no,us,Ops,nobody,,\n"
		send := func(role authz.Role, query, body, kind string) got {
			return w.as(role, "POST", "/customers/import"+query, body, header("Content-Type", kind))
		}
		read := func(g got) registry.CustomerImport {
			return decode[registry.CustomerImport](g.status(http.StatusOK, "a file"))
		}
		send(authz.Responder, "", file, "text/csv").status(http.StatusForbidden, "a responder")
		dry := read(send(authz.Admin, "?dry_run=true", file, "text/csv"))
		if !dry.DryRun || dry.Rows != 5 || dry.Created != 2 || dry.Refused != 2 || len(dry.Ignored) != 1 {
			t.Fatalf("%+v", dry)
		}
		w.as(authz.Admin, "GET", "/customers/a1", "").status(http.StatusNotFound, "a dry run makes nobody")
		done := read(send(authz.Admin, "", file, "text/csv"))
		if done.Created != 2 || len(done.Problems) != 2 || done.Problems[0].Line != 5 || done.Problems[1] != (registry.ImportProblem{Line: 6, Column: "contact_email", Reason: `"nobody" is not a mail address`}) {
			t.Fatalf("%+v", done)
		}
		again := read(send(authz.Admin, "", file, "text/csv"))
		if again.Unchanged != 2 || again.Created+again.Changed != 0 {
			t.Errorf("again: %+v", again)
		}
		more := read(send(authz.Admin, "?dry_run=true", `[{"external_id":"A1","region":"us","churn_risk":"high"}]`, "application/json"))
		if more.Changed != 1 || len(more.Customers) != 1 || len(more.Customers[0].Fields) != 2 || more.Customers[0].Fields[1].Before != "eu" {
			t.Errorf("%+v", more)
		}
		for _, bad := range []string{"\n", "name,tier\nx,standard\n", "\xff\xfe"} {
			send(authz.Admin, "", bad, "text/csv").status(http.StatusUnprocessableEntity, bad)
		}
		send(authz.Admin, "", `{"a":1}`, "application/json").status(http.StatusUnprocessableEntity, "an object")

		out := w.as(authz.Admin, "GET", "/customers.csv?tier=standard", "").status(http.StatusOK, "exported").Body.String()
		if !strings.Contains(out, ",'=cmd|' /C calc'!A0,standard,") || strings.Contains(out, "Acme") {
			t.Errorf("exported\n%s", out)
		}
		back := read(send(authz.Admin, "", w.as(authz.Admin, "GET", "/customers.csv", "").Body.String(), "text/csv"))
		if back.Unchanged < 2 || back.Created+back.Changed+back.Refused != 0 {
			t.Errorf("an export changed %+v", back)
		}
		w.as(authz.Stakeholder, "GET", "/customers.csv", "").status(http.StatusForbidden, "not for everybody")
	})
}
