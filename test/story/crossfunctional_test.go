package story_test

import (
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/test/story"
)

// An alert on an application pulls in the application engineers beside those of
// the platform; the page itself goes to whoever is on call.
//
// Clauses: ESC-L1-APP, ESC-L1-PLATFORM
func TestApplicationEngineersArePulledIn(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Notices("application-engineer-1").For("ESC-L1-APP").At(0)
		w.Notices("platform-engineer-2").For("ESC-L1-PLATFORM").At(0)
		w.Pages("primary").At(0)
	})
}

// On a weekday the managers of customer success are told of a P1; at night their
// vice president is, and nobody of the group.
//
// Clauses: ESC-XF-CSM, ESC-XF-CSVP
func TestCustomerSuccessIsToldInItsHours(t *testing.T) {
	declared := func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Engage("primary")
		w.Notices("amanda.rodriguez").For("ESC-XF-CSVP").At(0)
	}
	t.Run("at noon", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			declared(w)
			w.Notices("customer-success-manager-1").For("ESC-XF-CSM").At(0)
			w.Notices("customer-success-manager-3").For("ESC-XF-CSM").At(0)
		}, story.Start(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)))
	})
	t.Run("at night", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			declared(w)
			w.Notices("customer-success-manager-1").For("ESC-XF-CSM").None()
			w.Notices("customer-success-manager-3").For("ESC-XF-CSM").None()
		})
	})
}

// A call of a VIP to the emergency line pages the account manager on call; an
// incident that affects a VIP tells them.
//
// Clauses: ESC-XF-EAM
func TestAVIPReachesTheirAccountManagerOnCall(t *testing.T) {
	onCall := "account-manager-5"
	duty := story.With(catalog.Schedule{ID: "vip-account-managers", Document: &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: []string{onCall}, Start: "2026-01-01T00:00", Every: 1, Unit: "week"}}}})
	t.Run("calls", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Call("auth", alert.EmergencyCall, "CA1", "+15557654321", "")
			w.Pages(onCall).For("ESC-CUST-LINE").At(0)
			w.Pages("account-manager-1").None()
		}, duty)
	})
	t.Run("is affected", func(t *testing.T) {
		story.Tell(t, func(w *story.World) {
			w.Alert("auth", "critical", "logins fail")
			w.Engage("primary")
			w.Notices(onCall).For("ESC-XF-EAM").At(0)
		}, duty)
	})
}

// A P1 that hits a major account tells the sales directors; one without does not.
//
// Clauses: ESC-XF-ESD, ESC-XF-SALESVP
func TestSalesDirectorsHearOfMajorAccounts(t *testing.T) {
	for name, major := range map[string]bool{"major": true, "small": false} {
		t.Run(name, func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Alert("auth", "critical", "logins fail")
				w.Engage("primary")
				told := w.Notices("enterprise-sales-director-2").For("ESC-XF-ESD")
				if major {
					told.At(0)
				} else {
					told.None()
				}
				w.Notices("robert.park").For("ESC-XF-SALESVP").At(0)
			}, story.Without(catalog.KindCustomer), story.With(catalog.Customer{
				ID: "acme", Code: "7001", Name: "Acme", Tier: catalog.Enterprise, MajorAccount: major, Region: "eu", AccountManager: "account-manager-1",
			}))
		})
	}
}

// Each P1 gives the press to public relations, as a task with an owner.
//
// Clauses: ESC-XF-PR, COM-PUB-PRESS
func TestThePressIsATask(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Entries(event.TaskOpened).For("ESC-XF-PR").None()
		w.Engage("primary")
		tasks := w.Tasks("ESC-XF-PR")
		if len(tasks) != 1 || tasks[0].Owner != "team:public-relations" {
			t.Errorf("tasks for the press: %+v", tasks)
		}
	})
}
