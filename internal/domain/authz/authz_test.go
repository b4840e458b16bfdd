package authz_test

import (
	"testing"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
)

var verbs = []authz.Verb{
	authz.Read, authz.ReadProcedure, authz.ReadCustomers, authz.ReadAudit, authz.Respond, authz.Declare, authz.Command,
	authz.Communicate, authz.Review, authz.Cover, authz.EditContacts, authz.Escalate, authz.ManageCatalog,
	authz.ManageProcedure, authz.ManageAccess, authz.Export, authz.Run,
}

// y allowed, n refused, s only on oneself; columns follow verbs.
var want = map[authz.Role]string{
	authz.Admin:       "yyyyyyyyyyyyyyyyn",
	authz.Responder:   "yyynyyyyyysynnnnn",
	authz.Stakeholder: "yynnnynnnnsynnnnn",
	authz.Auditor:     "yyyynnnnnnnnnnnyn",
	authz.System:      "yyynyyyyynnynnnny",
	authz.Runner:      "nnnnnnnnnnnnnnnny",
	"":                "nnnnnnnnnnnnnnnnn",
	"root":            "nnnnnnnnnnnnnnnnn",
}

func TestCanFollowsTheTable(t *testing.T) {
	for role, row := range want {
		for i, verb := range verbs {
			actor := authz.Actor{ID: "ana", Role: role, Via: "session"}
			other := authz.Can(actor, verb, authz.Resource{Kind: "person", ID: "bo"})
			own := authz.Can(actor, verb, authz.Resource{Kind: "person", ID: "ana"})
			if got := other == nil; got != (row[i] == 'y') {
				t.Errorf("%s %s: %v", role, verb, other)
			}
			if got := own == nil; got != (row[i] != 'n') {
				t.Errorf("%s %s on oneself: %v", role, verb, own)
			}
			if other != nil && !fault.Is(other, fault.Refused) {
				t.Errorf("%s %s: kind %v, want refused", role, verb, fault.KindOf(other))
			}
		}
	}
}

func TestAnUnknownVerbIsRefusedToEverybody(t *testing.T) {
	for role := range want {
		if err := authz.Can(authz.Actor{ID: "ana", Role: role}, "fly", authz.Resource{}); !fault.Is(err, fault.Refused) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// Clauses: SEV-P1-EX3
func TestARestrictedResourceLooksMissingOutsideItsCircle(t *testing.T) {
	circle := []string{"security.one", "rachel.torres"}
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom(authz.Roles).Draw(t, "role")
		verb := rapid.SampledFrom(verbs).Draw(t, "verb")
		actor := authz.Actor{ID: rapid.SampledFrom([]string{"", "ana", "admin"}).Draw(t, "id"), Role: role}
		hidden := authz.Can(actor, verb, authz.Resource{Kind: "incident", ID: "INC-7", Restricted: true, Circle: circle})
		if !fault.Is(hidden, fault.NotFound) || hidden.Error() != authz.NotFound("incident", "INC-7").Error() {
			t.Fatalf("%s %s: %v", role, verb, hidden)
		}
		actor.ID = "rachel.torres"
		if err := authz.Can(actor, authz.Read, authz.Resource{Kind: "incident", ID: "INC-7", Restricted: true, Circle: circle}); err != nil {
			t.Fatalf("a member of the circle: %v", err)
		}
	})
	if err := authz.Can(authz.Software("clock"), authz.Command, authz.Resource{Restricted: true}); err != nil {
		t.Errorf("the product itself: %v", err)
	}
}

func TestParseRoleKnowsOnlyAccountRoles(t *testing.T) {
	for _, r := range authz.Roles {
		if got, err := authz.ParseRole(string(r)); err != nil || got != r {
			t.Errorf("%s: %v, %v", r, got, err)
		}
	}
	for _, s := range []string{"", "system", "Admin", "owner"} {
		if _, err := authz.ParseRole(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
