package story_test

import (
	"testing"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
	"allclear/test/story"
)

func after(channel, span string) catalog.ContactRule {
	s, err := recur.ParseSpan(span)
	if err != nil {
		panic(err)
	}
	return catalog.ContactRule{Channel: channel, After: s}
}

// wants gives ana rules of her own.
func wants(rules ...catalog.ContactRule) story.Setup {
	return story.Person("ana", func(p *catalog.Person) { p.Rules.High = rules })
}

// Ana wants a text message at once and a call after two minutes; the call comes
// unless she has answered.
//
// Clauses: PLT-CFG-POL, ESC-L1-PRIMARY
func TestAnasOwnRulesAreHonoured(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").On("sms").At(0)
		w.JustBefore(2 * min)
		w.Phone("primary").On("voice").Silent()
		w.Restart() // the two minutes are durable
		w.At(4 * min)
		w.Phone("primary").Pages().On("sms").At(0)
		w.Phone("primary").Pages().On("voice").At(2 * min)
		w.Mail("primary").Pages().Silent() // the e-mail is spare
	}, wants(after("sms", "0s"), after("voice", "2m")))
}

// B17
func TestAnAnswerEndsTheRules(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(2 * min)
		w.Ack("primary")
		w.At(30 * min)
		w.Phone("primary").Pages().On("sms").At(0)
		w.Phone("primary").Pages().On("voice").Silent()
	}, wants(after("sms", "0s"), after("voice", "2m")))
}

// What fails brings the next rung forward at once, and only once.
//
// INV-P1
// B16
func TestAFailingRungBringsTheNextForward(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").Pages().On("voice").At(0)
		w.JustBefore(5 * min)
		w.Phone("primary").Pages().On("voice").At(0)
	}, wants(after("sms", "0s"), after("voice", "2m")), story.Broken("sms", "ana", 0, 0, plug.Permanent))
}

func twoDevices() story.Setup {
	return story.Person("ana", func(p *catalog.Person) {
		p.Contacts = append([]catalog.Contact{{Channel: "push", Address: "phone", Verified: true}, {Channel: "push", Address: "tablet", Verified: true}}, p.Contacts...)
	})
}

// A page rings on all devices of a person at once.
//
// Clauses: PLT-CFG-MOBILE
func TestAllDevicesOfAPersonRing(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Outbox("push").Pages().At(0, 0)
		w.JustBefore(5 * min)
		w.Outbox("push").Pages().At(0, 0)
		w.Phone("primary").Silent()
		w.Ack("primary")
	}, twoDevices())
}

// Where no device takes it, the next channel has it at once.
func TestDevicesThatRefuseGiveWay(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Outbox("push").Pages().At()
		w.Phone("primary").Pages().On("sms").At(0)
	}, twoDevices(), story.Broken("push", "ana", 0, 0, plug.Permanent))
}

// One device that shows the page is enough.
//
// Clauses: INT-PUSH, PLT-CFG-MOBILE
func TestADeviceSaysThatItShowsThePage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.Shown(w.Outbox("push").Pages().Got("P1"))
		w.JustBefore(5 * min)
		w.Phone("primary").Silent()
		w.At(5 * min)
		w.Phone("primary").Pages().On("sms").At(5 * min) // showing it answers nothing
	}, twoDevices(), story.Confirming("push"))
}

// While no device says that it shows the page, the next channel follows after a
// minute, once.
//
// Clauses: PLT-CFG-MOBILE
func TestNoDeviceSaysThatItShowsThePage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(1 * min)
		w.Phone("primary").Pages().On("sms").At(1 * min)
		w.JustBefore(5 * min)
		w.Phone("primary").Pages().On("voice").Silent()
	}, twoDevices(), story.Confirming("push"))
}

// A second device changes nothing for the channels behind: where nobody can say
// that a text message arrived, the call follows a minute after it.
//
// Clauses: PLT-CFG-MOBILE
func TestTwoDevicesAndAMessageNobodyConfirms(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(3 * min)
		w.Phone("primary").Pages().On("sms").At(1 * min)
		w.Phone("primary").Pages().On("voice").At(2 * min)
	}, twoDevices(), story.Confirming("push"), story.Unheard("sms"))
}

// Devices ring at once also where they come second.
//
// Clauses: PLT-CFG-MOBILE
func TestDevicesRingAtOnceWhereverTheyCome(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(2 * min)
		w.Outbox("push").Pages().At()
		w.At(2 * min)
		w.Outbox("push").Pages().At(2*min, 2*min)
		w.JustBefore(5 * min)
		w.Phone("primary").Pages().At(0)
	}, twoDevices(), wants(after("sms", "0s"), after("push", "2m")))
}

// A device that refuses brings nothing forward while another has the page.
//
// Clauses: PLT-CFG-MOBILE
func TestOneDeviceOfTwoRefuses(t *testing.T) {
	for _, broken := range []string{"phone", "tablet"} {
		t.Run(broken, func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Alert("auth", "critical", "logins fail")
				w.JustBefore(5 * min)
				w.Phone("primary").Silent()
			}, twoDevices(), story.Broken("push", broken, 0, 0, plug.Permanent))
		})
	}
}

// In quiet hours notices wait, and a page does not.
//
// Clauses: PLT-CFG-POL
func TestQuietHoursHoldNoticesAndNeverAPage(t *testing.T) {
	quiet := func(p *catalog.Person) {
		p.QuietHours = catalog.QuietHours{From: "22:00", To: "07:00", TimeZone: "UTC"}
	}
	story.Tell(t, func(w *story.World) { // at three in the morning
		w.Alert("auth", "critical", "logins fail")
		w.Phone("primary").Pages().On("sms").At(0)
		w.Notices("secondary").Some() // written, not sent
		told := func() int {
			return w.Outbox("push").Count() + w.Mail("secondary").Count() + w.Phone("secondary").Count()
		}
		before := told()
		w.Phone("secondary").Silent()
		w.Mail("secondary").Silent()
		w.Engage("primary")
		w.JustBefore(4 * hour)
		w.Mail("secondary").Silent()
		w.At(4 * hour)
		if told() <= before {
			w.Error("what waited for the morning was never sent")
		}
	}, story.Person("ana", quiet), story.Person("bo", quiet))
}
