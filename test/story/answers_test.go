package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/flow/paging"
	"allclear/internal/plug"
	"allclear/test/story"
)

// wrong is a code of the same length that is not the right one.
func wrong(code string) string {
	return strings.Map(func(r rune) rune { return '1' + (r-'0')%9 }, code)
}

// A text message with the page's code acknowledges and stops the chain.
//
// Clauses: RSP-S1-ACK, PLT-RT-MSG, INT-SMS
func TestAReplyByTextStopsTheChain(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.After(3 * min)
		page := w.Phone("primary").Pages().On("sms").Got("P1")
		w.Reply(page, page.Code)
		w.At(25 * min)
		w.Pages("secondary").None()
		w.Clock("acknowledge").Is("met")
		if err := w.TryReply(page, page.Code); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same reply again: %v", err)
		}
	})
}

// A wrong code, a right code from somebody else and a code of nobody's stop
// nothing; ten wrong ones and the number is not listened to for a while. Paging
// goes on throughout.
//
// INV-P5
func TestAWrongCodeStopsNothing(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		page := w.Phone("primary").Pages().On("sms").Got("P1")
		stranger := page
		stranger.To = "+15550109999"
		for i, err := range []error{
			w.TryReply(page, wrong(page.Code)), w.TryReply(page, ""), w.TryReply(stranger, page.Code), w.TryReply(stranger, ""),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%d: %v", i, err)
			}
		}
		for range 8 {
			_ = w.TryReply(page, wrong(page.Code))
		}
		if err := w.TryReply(page, page.Code); !fault.Is(err, fault.Busy) {
			t.Errorf("after ten wrong codes: %v", err)
		}
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
		w.Clock("acknowledge").Is("breached")
		w.After(6 * min) // the first of the wrong codes is fifteen minutes old
		w.Reply(page, page.Code)
		w.Phone("secondary").Pages().Got("P1")
		w.Clock("response").Is("breached")
	})
}

// The key that was spoken acknowledges; another does not, and neither does a
// voicemail that presses nothing or what it likes.
//
// Clauses: INT-PHONE, PLT-RT-PHONE, COM-INT-PHONE
// B48
func TestOnlyTheSpokenKeyAcknowledgesACall(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(5 * min) // the level's time is over: the next channel is the telephone
		call := w.Phone("primary").Pages().On("voice").Got("P1")
		for _, key := range []string{wrong(call.Digit), "00", "x"} {
			if err := w.Press(call, key); !fault.Is(err, fault.NotFound) {
				t.Errorf("key %q: %v", key, err)
			}
		}
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
		if err := w.Press(call, call.Digit); err != nil {
			t.Fatal(err)
		}
		w.At(25 * min)
		w.Pages("sarah.liu").None()
	})
}

// Who cannot join says so; a page that waits for somebody to have it takes no
// "unavailable".
//
// Clauses: SEV-P1-ALLHANDS
// Reading 15
func TestUnavailableByText(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		first := w.Phone("primary").Pages().On("sms").Got("P1")
		_, err := w.TryAnswer(paging.Answer{Channel: "sms", From: first.To, Code: first.Code, Unavailable: true})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("unavailable to the chain: %v", err)
		}
		w.At(8 * min)
		call := w.Phone("platform-engineer-1").Pages().On("sms").Got("")
		if !call.Join {
			t.Fatalf("no call for all hands: %+v", call)
		}
		if _, err = w.TryAnswer(paging.Answer{Channel: "sms", From: "+1 (555) 010-" + call.To[8:], Code: call.Code, Unavailable: true}); err != nil {
			t.Fatal(err)
		}
		for _, r := range w.Incident().Responders {
			if r.Person == "platform-engineer-1" && r.State != "unavailable" {
				t.Errorf("%+v", r)
			}
		}
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
	})
}

// What goes back to a telephone says nothing of a restricted incident.
//
// Reading 18
func TestAnAnswerRevealsNothingRestricted(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "customer data copied")
		page := w.Phone("primary").Pages().On("sms").Got("P1")
		w.Restrict()
		done, err := w.TryAnswer(paging.Answer{Channel: "sms", From: page.To, Code: page.Code})
		if err != nil || done.Incident == "" || strings.Contains(done.Title, "copied") {
			t.Errorf("%+v %v", done, err)
		}
	})
}

// A provider that says so later has a minute; then the next channel has its
// turn.
//
// Clauses: INT-SMS, INT-PHONE, DRB-BK-COMMS
func TestWhatIsNotConfirmedGoesOn(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(1 * min)
		w.Phone("primary").Pages().On("voice").Silent()
		w.At(1 * min)
		w.Phone("primary").Pages().On("voice").At(1 * min)
		w.At(11 * min)
		w.Phone("primary").Pages().On("sms").At(0)
	}, story.Confirming("sms"))
}

// Where nobody can ever say that a page arrived, it goes on after a minute too,
// once; the level's time brings the channel after that.
//
// Clauses: DRB-BK-COMMS
func TestWhatNobodyCanConfirmGoesOn(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(1 * min)
		w.Phone("primary").Pages().On("voice").Silent()
		w.At(1 * min)
		w.Phone("primary").Pages().On("voice").At(1 * min)
		w.JustBefore(5 * min)
		w.Mail("primary").Pages().Silent()
		w.At(5 * min)
		w.Mail("primary").Pages().At(5 * min)
	}, story.Unheard("sms"))
}

// Somebody who wants the second channel later has it later.
//
// Clauses: DRB-BK-COMMS
func TestAPersonsOwnTimesHold(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.JustBefore(3 * min)
		w.Phone("primary").Pages().On("voice").Silent()
		w.At(3 * min)
		w.Phone("primary").Pages().On("voice").At(3 * min)
	}, wants(after("sms", "0s"), after("voice", "3m")), story.Unheard("sms"))
}

// A page that an answer stopped goes nowhere after its minute.
//
// Clauses: DRB-BK-COMMS
func TestAnAnswerComesBeforeTheMinute(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(50 * time.Second)
		w.Ack("primary")
		w.At(5 * min)
		w.Phone("primary").Pages().On("voice").Silent()
	}, story.Unheard("sms"))
}

// A word that it failed does not wait for the minute.
//
// Clauses: DRB-BK-COMMS
func TestWhatFailedGoesOnAtOnce(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(10 * time.Second)
		w.Told(w.Phone("primary").Pages().On("sms").Got("P1"), false)
		w.Phone("primary").Pages().On("voice").At(10 * time.Second)
		w.At(4 * min)
		w.Phone("primary").Pages().On("voice").At(10 * time.Second)
	}, story.Confirming("sms"))
}

// A word that it arrived stops nothing.
//
// INV-P5, B40
func TestWhatArrivedStopsNothing(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		sms := w.Phone("primary").Pages().On("sms").Got("P1")
		w.Told(sms, true)
		w.Told(sms, false) // late and out of order: what arrived has arrived
		w.At(4 * min)
		w.Phone("primary").Pages().On("voice").Silent()
		w.At(10 * min)
		w.Phone("primary").Pages().On("voice").At(5 * min)
		w.Pages("secondary").At(10 * min)
	}, story.Confirming("sms"))
}

// Where every channel failed on the way, the deputy is asked at once.
//
// INV-P6
func TestNothingArrived(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		for _, channel := range []string{"sms", "voice", "email"} {
			w.Told(w.Outbox(channel).Pages().Got("P1"), false)
		}
		w.Pages("secondary").At(0) // ana's deputy is bo
	}, story.Confirming("sms"), story.Broken("push", "", 0, 0, plug.Permanent))
}
