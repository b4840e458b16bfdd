package story_test

import (
	"fmt"
	"testing"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
	"allclear/test/story"
)

func span(text string) recur.Span {
	s, err := recur.ParseSpan(text)
	if err != nil {
		panic(err)
	}
	return s
}

func rise(after string, to ...string) escalation.Rise {
	return escalation.Rise{After: span(after), To: to}
}

// own gives the service auth a policy of its own.
func own(p catalog.Policy) []story.Setup {
	p.ID, p.Name = "own", "Sign-in"
	return []story.Setup{story.With(p), story.Service("auth", func(s *catalog.Service) { s.EscalationPolicy = "own" })}
}

func withTimes(p catalog.Policy, every string, times int) catalog.Policy {
	p.Repeat = escalation.Repeat{Every: span(every), Times: times}
	return p
}

// A service with a policy climbs it instead of the chain, as often as it says;
// at its end the fallback contact hears that nobody has answered.
//
// Clauses: PLT-CFG-POL
// B18
func TestAPolicyClimbsInPlaceOfTheChain(t *testing.T) {
	p := withTimes(catalog.Policy{Steps: []escalation.Rise{rise("0s", "person:bo"), rise("7m", "person:ana", "role:cto")}}, "5m", 2)
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Entries(event.PolicyTaken).About("policy own (Sign-in), version 1").At(0)
		w.JustBefore(7 * min)
		w.Pages("ana").None()
		w.At(55 * min)
		w.Pages("bo").Because("chain").At(0, 12*min, 17*min)
		w.Pages("ana").Because("chain").At(7*min, 12*min, 17*min).Citing("PLT-CFG-POL")
		w.Pages("michael.chen").Because("chain").At(7*min, 12*min, 17*min)
		w.Pages("rachel.torres").Because("chain").None()
		w.Entries(event.PageFailed).About("policy own is at its end").At(22 * min)
		w.Pages("").Because("fallback:policy:own").At(22 * min)
	}, own(p)...)
}

// Another service keeps the chain's five times.
//
// Clauses: ESC-CHAIN-2
func TestAPolicyOfOneServiceMovesNoOther(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("dashboard", "critical", "dashboards hang")
		w.At(11 * min)
		w.Pages("primary").At(0)
		w.Pages("secondary").At(10 * min)
		w.Entries(event.PolicyTaken).None()
	}, own(catalog.Policy{Steps: []escalation.Rise{rise("0s", "person:bo")}})...)
}

// A step without anybody is passed over at once, and loudly.
func TestAStepWithoutAnybodyDoesNotWait(t *testing.T) {
	p := catalog.Policy{Steps: []escalation.Rise{rise("0s", "schedule:empty"), rise("30m", "person:bo"), rise("40m", "person:ana")}}
	empty := catalog.Schedule{ID: "empty", Document: &oncall.Schedule{TimeZone: "UTC"}}
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Entries(event.PageFailed).About("nobody is behind schedule:empty").At(0)
		w.Pages("bo").Because("chain").At(0)
		w.At(41 * min)
		w.Pages("bo").Because("chain").At(0)
		w.Pages("ana").Because("chain").At(40 * min)
	}, append(own(p), story.With(empty))...)
}

// Steps for a severity or for a time of the week page then and not otherwise.
func TestAStepPagesOnlyWhenItSays(t *testing.T) {
	office, night, p2 := rise("0s", "person:ana"), rise("0s", "person:bo"), rise("1m", "role:cto")
	yes, no := true, false
	office.Only.BusinessHours, night.Only.BusinessHours = &yes, &no
	night.Only.Days, night.Only.Hours = []string{"sun", "mon"}, escalation.Hours{From: "22:00", To: "07:00", TimeZone: "Europe/Berlin"}
	p2.Only.Severity = []procedure.Severity{P2}
	story.Tell(t, func(w *story.World) { // three in the morning
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * min)
		w.Pages("bo").Because("chain").At(0)
		w.Pages("ana").Because("chain").None()
		w.Pages("michael.chen").Because("chain").None()
	}, own(catalog.Policy{Steps: []escalation.Rise{office, night, p2}})...)
}

// Whatever is changed or deleted while a run climbs, at whichever step: the run
// goes on by what it froze, nobody is lost and nothing is stuck.
//
// Clauses: PLT-CFG-POL
// B05, B33
func TestEditsNeverStickARunningEscalation(t *testing.T) {
	p := withTimes(catalog.Policy{Steps: []escalation.Rise{rise("0s", "schedule:primary"), rise("5m", "person:bo"), rise("10m", "schedule:spare")}}, "5m", 1)
	spare := catalog.Schedule{ID: "spare", Document: &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: []string{"sarah.liu"}, Start: "2026-01-01T00:00", Every: 1, Unit: "week"}}}}
	unhook := func(w *story.World) {
		auth, _ := w.Entity(catalog.KindService, "auth").(catalog.Service)
		auth.EscalationPolicy = ""
		w.Keep(auth)
	}
	edits := map[string]func(w *story.World){
		"policy replaced": func(w *story.World) {
			q := catalog.Policy{ID: "own", Name: "Other", Steps: []escalation.Rise{rise("99m", "role:ceo")}}
			w.Keep(q)
		},
		"policy deleted": func(w *story.World) { unhook(w); w.Forget(catalog.KindPolicy, "own") },
		"schedule deleted": func(w *story.World) {
			unhook(w)
			w.Forget(catalog.KindPolicy, "own")
			w.Forget(catalog.KindSchedule, "spare")
		},
		"contact replaced": func(w *story.World) {
			bo, _ := w.Entity(catalog.KindPerson, "bo").(catalog.Person)
			bo.Contacts = []catalog.Contact{{Channel: "sms", Address: "+15550109999"}}
			w.Keep(bo)
		},
		"contacts deleted": func(w *story.World) {
			bo, _ := w.Entity(catalog.KindPerson, "bo").(catalog.Person)
			bo.Contacts, bo.Email = nil, ""
			w.Keep(bo)
		},
	}
	for name, edit := range edits {
		for _, at := range []time.Duration{0, 5 * min, 10 * min, 15 * min} {
			t.Run(fmt.Sprintf("%s at %s", name, at), func(t *testing.T) {
				story.Tell(t, func(w *story.World) {
					w.Alert("auth", "critical", "logins fail")
					w.At(at)
					edit(w)
					w.Restart()
					w.At(40 * min)
					w.Entries(event.PolicyTaken).About("policy own (Sign-in), version 1").At(0)
					w.Pages("primary").Because("chain").From(0).Some()
					w.Pages("bo").Because("chain").At(5*min, 15*min)
					gone := name == "schedule deleted" && at < 15*min
					if gone && at < 10*min {
						w.Entries(event.PageFailed).About("nobody is behind schedule:spare").Some()
					} else if !gone {
						w.Pages("sarah.liu").Because("chain").At(10*min, 15*min)
					}
					w.Entries(event.PageFailed).About("policy own is at its end").At(20 * min)
					w.Pages("").Because("fallback:policy:own").Some()
				}, append(own(p), story.With(spare))...)
			})
		}
	}
}

// A person leaves the catalogue while a run counts on them: their step is
// passed over at once and loudly, the others keep theirs.
//
// B05, B33
func TestAPersonIsDeletedUnderARunningEscalation(t *testing.T) {
	steps := []escalation.Rise{rise("0s", "schedule:primary"), rise("5m", "person:temp"), rise("10m", "person:sarah.liu")}
	temp := catalog.Person{ID: "temp", Name: "Temporary engineer", Email: "temp@example.com", Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550109998", Verified: true}}}
	for _, at := range []time.Duration{0, 5 * min, 10 * min, 15 * min} {
		t.Run(at.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Alert("auth", "critical", "logins fail")
				w.At(at)
				w.Keep(catalog.Policy{ID: "own", Name: "Sign-in", Steps: steps[:1]}) // nobody deletes whom a policy names
				w.Forget(catalog.KindPerson, "temp")
				w.Restart()
				w.At(40 * min)
				again, end := 15*min, 20*min
				if at == 0 { // the step after it came five minutes early, and the round ended so
					again, end = 10*min, 15*min
				}
				w.Pages("primary").Because("chain").At(0, again)
				w.Entries(event.PageFailed).About("policy own is at its end").At(end)
				switch missed := w.Entries(event.PageFailed).About("nobody is behind person:temp"); at {
				case 0:
					w.Pages("temp").Because("chain").None()
					w.Pages("sarah.liu").Because("chain").At(5*min, again)
					missed.At(5*min, again)
				case 15 * min:
					w.Pages("temp").Because("chain").At(5*min, 15*min)
					w.Pages("sarah.liu").Because("chain").At(10*min, 15*min)
					missed.None()
				default:
					w.Pages("temp").Because("chain").At(5 * min)
					w.Pages("sarah.liu").Because("chain").At(10*min, 15*min)
					missed.At(15 * min)
				}
			}, append(own(withTimes(catalog.Policy{Steps: steps}, "5m", 1)), story.With(temp))...)
		})
	}
}

// After a snooze nobody has it, and the chain pages anew: as a round of its
// own, once each.
//
// B16, B17
func TestASnoozeEndsInAFreshStart(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * min)
		w.Ack("primary")
		w.Refused(w.TrySnooze("marcus.johnson", 30*min))
		w.Refused(w.TrySnooze("primary", 4*min))
		w.Refused(w.TrySnooze("primary", 25*hour))
		w.Snooze("primary", 40*min)
		w.Restart()
		w.JustBefore(42 * min)
		w.Pages("primary").At(0)
		w.Pages("secondary").None()
		w.Pages("david.kim").At(30 * min) // what the procedure demands while unresolved is not held
		w.At(53 * min)
		w.Entries(event.Retriggered).At(42 * min)
		w.Pages("primary").At(0, 42*min)
		w.Pages("secondary").At(52 * min)
		w.Pages("david.kim").At(30 * min)
		w.Ack("secondary")
		w.At(4 * hour)
		w.Pages("primary").At(0, 42*min)
		w.Pages("rachel.torres").At(45 * min)
	})
}

// Somebody who was paged may snooze before anybody has acknowledged; whoever
// acknowledges then ends it.
func TestAnUnacknowledgedIncidentIsSnoozed(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(5 * min)
		w.Snooze("primary", 30*min)
		w.At(34 * min)
		w.Pages("secondary").None()
		w.Pages("sarah.liu").None()
		w.At(36 * min)
		w.Pages("primary").At(0, 35*min)
		w.Ack("primary")
		w.Snooze("primary", 10*min)
		w.After(min)
		w.Engage("secondary")
		w.Entries(event.Unsnoozed).At(37 * min)
		w.At(3 * hour)
		w.Pages("primary").At(0, 35*min)
	})
}

// Waking before the end is the end: the chain pages anew at once, and the end
// that was set does nothing any more.
//
// Clauses: PLT-CFG-POL
func TestASnoozeIsEndedBeforeItsTime(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(2 * min)
		w.Ack("primary")
		w.Refused(w.TryWake("primary"))
		w.Snooze("primary", 40*min)
		w.At(12 * min)
		w.Wake("marcus.johnson") // who is not asked for may ask for more people
		w.Refused(w.TryWake("marcus.johnson"))
		w.At(13 * min)
		w.Entries(event.Retriggered).At(12 * min)
		w.Pages("primary").At(0, 12*min)
		w.Ack("primary")
		w.At(3 * hour)
		w.Entries(event.Retriggered).At(12 * min)
		w.Pages("primary").At(0, 12*min)
	})
}

// An acknowledgement that nobody follows by engaging expires, where the policy
// says so.
func TestAnAcknowledgementExpires(t *testing.T) {
	p := catalog.Policy{Steps: []escalation.Rise{rise("0s", "person:bo"), rise("15m", "person:ana")}, AckExpires: span("30m")}
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(5 * min)
		w.Ack("bo")
		w.Restart()
		w.At(34 * min)
		w.Pages("bo").Because("chain").At(0)
		w.At(36 * min)
		w.Entries(event.AckExpired).At(35 * min)
		w.Pages("bo").Because("chain").At(0, 35*min)
		w.Engage("bo")
		w.At(4 * hour)
		w.Pages("bo").Because("chain").At(0, 35*min)
		w.Pages("ana").Because("chain").None()
	}, own(p)...)
}

// Without such a setting it never does; and trouble that comes back after the
// end is an incident of its own, with pages of its own.
//
// B19
func TestTroubleThatComesBackIsANewRun(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(5 * min)
		w.Ack("primary")
		w.At(29 * min)
		w.Resolve("restarted")
		w.At(2 * hour)
		w.Pages("primary").At(0)
		w.Alert("auth", "critical", "logins fail")
		w.About(2)
		w.Pages("primary").At(2 * hour)
	})
}

// Who knows about databases is called in by that name, and is a responder once
// the page is answered.
//
// Clauses: TEAM-SME, ESC-L1-PLATFORM
func TestAnExpertIsCalledIn(t *testing.T) {
	skilled := story.Person("platform-engineer-2", func(p *catalog.Person) { p.Skills = []string{"database"} })
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Engage("primary")
		w.At(15 * min)
		w.Entries(event.TaskOpened).For("TEAM-SME").At(15 * min)
		w.PageByHand("sme:database", "the replica lags")
		w.Pages("platform-engineer-2").About("replica lags").At(15 * min)
		w.FollowLink(w.Phone("platform-engineer-2").Got("replica lags").AckURL, "")
		w.Joined("platform-engineer-2")
	}, skilled)
}

// Clauses: TEAM-SME
func TestAnExpertOnCallGoesBeforeTheOthers(t *testing.T) {
	skilled := story.Person("platform-engineer-2", func(p *catalog.Person) { p.Skills = []string{"database"} })
	duty := catalog.Schedule{ID: "sme-database", Document: &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: []string{"platform-engineer-3"}, Start: "2026-01-01T00:00", Every: 1, Unit: "week"}}}}
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.PageByHand("sme:database", "the replica lags")
		w.Pages("platform-engineer-3").At(0)
		w.Pages("platform-engineer-2").None()
	}, skilled, story.With(duty))
}
