package subscribe_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/flow/subscribe"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

// PLT-SP-SUBS: double opt-in; a confirmed subscriber gets an update, one who has
// unsubscribed does not.
func TestAConfirmedSubscriberIsToldAndAnEndedOneIsNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.enter(subscription.Email, "ana@x.example", t0)
		letters := w.tick(t0)
		if len(letters) != 1 || letters[0].Headers.Target.Reveal() != "ana@x.example" || letters[0].Address != "a…@x.example" {
			t.Fatalf("%+v", letters)
		}
		w.publish(notice("u0"), t0)
		if out := w.tick(t0); len(out) != 0 {
			t.Fatalf("told before it was confirmed: %+v", out)
		}
		confirm := w.link(letters[0], subscription.ToConfirm)
		if h, err := w.s.Look(t.Context(), subscription.ToConfirm, confirm); err != nil || h.State != subscription.Pending {
			t.Fatalf("looking confirms nothing: %+v, %v", h, err)
		}
		for range 2 { // twice is once
			if h, err := w.s.Confirm(t.Context(), confirm, t0); err != nil || h.State != subscription.Confirmed {
				t.Fatalf("%+v, %v", h, err)
			}
		}
		w.publish(notice("u1"), t0)
		out := w.tick(t0)
		if len(out) != 1 || !strings.Contains(out[0].Body, "We look into it.") || out[0].Headers.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
			t.Fatalf("%+v", out)
		}
		end := w.link(out[0], subscription.ToEnd)
		for range 2 {
			w.must(w.s.End(t.Context(), subscription.ToEnd, end, t0))
		}
		w.publish(notice("u2"), t0)
		if out := w.tick(t0.Add(time.Minute)); len(out) != 0 {
			t.Errorf("told after the end: %+v", out)
		}
		if _, err := w.s.Confirm(t.Context(), confirm, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("an ended one is not confirmed again by its old link: %v", err)
		}
		for _, e := range w.seen {
			if strings.Contains(fmt.Sprintf("%+v", e), "x.example") {
				t.Errorf("an address is on the record: %+v", e)
			}
		}
		if dump := storetest.Dump(t, w.db); strings.Contains(dump, "ana@x.example") || strings.Contains(dump, confirm) || strings.Contains(dump, end) {
			t.Error("an address or a link is left in the database")
		}
	})
}

func TestAForgedLinkDoesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("ana@x.example", t0)
		w.publish(notice("u1"), t0)
		end := w.link(w.tick(t0)[0], subscription.ToEnd)
		other := "b" + end[1:]
		if end[0] == 'b' {
			other = "c" + end[1:]
		}
		for _, token := range []string{"", "x", other, strings.ToUpper(end), end + "a"} {
			if err := w.s.End(t.Context(), subscription.ToEnd, token, t0); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", token, err)
			}
		}
		if err := w.s.End(t.Context(), subscription.ToManage, end, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a link for another purpose: %v", err)
		}
		w.publish(notice("u2"), t0)
		if out := w.tick(t0); len(out) != 1 {
			t.Errorf("still told: %+v", out)
		}
	})
}

// S13: nobody learns whether an address is known. What is known, what waits, what
// is paused and what was never seen get the same answer and cause the same work.
func TestEnteringAnAddressTellsNothingOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("known@x.example", t0)
		w.reader("paused@x.example", t0)
		w.enter(subscription.Email, "waits@x.example", t0)
		w.fail["paused@x.example"] = jobsGone
		w.publish(notice("u1"), t0)
		w.tick(t0)
		delete(w.fail, "paused@x.example")
		later := t0.Add(25 * time.Hour)
		w.enter(subscription.Email, "first@x.example", later) // opens the counters that all of them share
		w.tick(later)
		var shapes []string
		for _, address := range []string{"known@x.example", "waits@x.example", "paused@x.example", "fresh@x.example"} {
			before := rows(t, w.db)
			w.enter(subscription.Email, address, later, func(a *subscribe.Ask) { a.From = "198.51.100." + address })
			after := rows(t, w.db)
			shapes = append(shapes, fmt.Sprintf("%d letters, %d counters", after["deliveries"]-before["deliveries"], after["allowances"]-before["allowances"]))
		}
		for i, s := range shapes[1:] {
			if s != shapes[0] {
				t.Errorf("%d: %s, else %s", i+1, s, shapes[0])
			}
		}
		out := w.tick(later)
		if len(out) != 4 {
			t.Fatalf("every one of them gets one letter: %v", to(out))
		}
		for _, d := range out { // what is known is changed by its holder alone
			known := d.Headers.Target.Reveal() == "known@x.example"
			if known != strings.Contains(d.Body, "/subscriptions/manage/") || known == strings.Contains(d.Body, "/subscriptions/confirm/") {
				t.Errorf("%s: %s", d.Headers.Target.Reveal(), d.Body)
			}
		}
	})
}

func rows(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	n := map[string]int{}
	for l := range strings.Lines(storetest.Dump(t, db)) {
		for _, table := range []string{"deliveries", "allowances"} {
			if strings.HasPrefix(l, table) {
				n[table]++
			}
		}
	}
	return n
}

func TestAStrangerCannotChangeWhatIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("ana@x.example", t0, func(a *subscribe.Ask) { a.Components = []string{"api"} })
		w.enter(subscription.Email, "ana@x.example", t0, func(a *subscribe.Ask) { a.Components = []string{"web"} })
		w.tick(t0)
		w.publish(notice("u1", "api"), t0)
		out := w.tick(t0)
		if len(out) != 1 {
			t.Fatalf("%v", to(out))
		}
		h, err := w.s.Change(t.Context(), w.link(out[0], subscription.ToManage), subscription.Choice{Components: []string{"web"}}, t0)
		if err != nil || !slices.Equal(h.Choice.Components, []string{"web"}) {
			t.Fatalf("%+v, %v", h, err)
		}
		w.publish(notice("u2", "api"), t0)
		if out := w.tick(t0); len(out) != 0 {
			t.Errorf("told of another component: %v", to(out))
		}
	})
}

// Many subscribers: each is told exactly once, in batches, and a second
// publication of the same update tells nobody.
func TestThousandsAreToldOnceEach(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var csv strings.Builder
		csv.WriteString("email\n")
		const many = 620 // more than two batches
		for i := range many {
			fmt.Fprintf(&csv, "r%d@x.example\n", i)
		}
		got, err := w.s.Import(t.Context(), office, strings.NewReader(csv.String()), true, t0)
		if err != nil || got.Added != many || len(got.Problems) != 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		for range 2 {
			w.publish(notice("u1"), t0)
		}
		out := to(w.tick(t0))
		slices.Sort(out)
		if len(out) != many || len(slices.Compact(out)) != many {
			t.Errorf("%d letters", len(out))
		}
		if out := w.tick(t0.Add(time.Hour)); len(out) != 0 {
			t.Errorf("told again: %d", len(out))
		}
	})
}

var jobsGone = jobs.Carried{Err: errors.New("550"), Permanent: true, Gone: true}

func TestTriesAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 5 { // an address: two letters an hour, and the answer is as ever
			w.enter(subscription.Email, "victim@x.example", t0, func(a *subscribe.Ask) { a.From = fmt.Sprint(len(a.Address)) })
		}
		if out := w.tick(t0); len(out) != 2 {
			t.Errorf("%d letters to one address", len(out))
		}
		for i := range 9 { // pumping: a day's text messages are five here, whoever asks and whatever the number
			w.enter(subscription.SMS, fmt.Sprintf("+4912345670%d", i), t0, func(a *subscribe.Ask) { a.From = fmt.Sprint("198.51.100.", i) })
		}
		if out := w.tick(t0); len(out) != 5 {
			t.Errorf("%d text messages", len(out))
		}
		var err error
		n := 0
		for ; n < 30 && err == nil; n++ {
			err = w.s.Enter(t.Context(), subscribe.Ask{Channel: subscription.Email, Address: fmt.Sprintf("a%d@x.example", n), From: "203.0.113.9"}, t0)
		}
		if !fault.Is(err, fault.Busy) || n != 13 {
			t.Errorf("one caller: %d tries, %v", n, err)
		}
	})
}

func TestANumberIsConfirmedByItsCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.enter(subscription.SMS, "+1 555 0100 200", t0)
		text := w.tick(t0)[0].Body
		code := text[strings.Index(text, "code is ")+8:][:6]
		enter := func(number, code string, now time.Time) error {
			_, err := w.s.EnterCode(t.Context(), subscribe.Enters{Address: number, Code: code, From: "192.0.2.7"}, now)
			return err
		}
		wrong, unknown := enter("+15550100200", "000000", t0), enter("+15550100201", code, t0)
		if !fault.Is(wrong, fault.Refused) || fmt.Sprint(wrong) != fmt.Sprint(unknown) {
			t.Errorf("a wrong code: %v, an unknown number: %v", wrong, unknown)
		}
		if err := enter("+15550100200", code, t0.Add(31*time.Minute)); !fault.Is(err, fault.Refused) {
			t.Errorf("an old code: %v", err)
		}
		w.must(enter("+15550100200", code, t0))
		if err := enter("+15550100200", code, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a code twice: %v", err)
		}
		w.publish(notice("u1"), t0)
		if out := w.tick(t0); len(out) != 1 || out[0].Channel != message.SMS {
			t.Errorf("%+v", out)
		}
		w.enter(subscription.SMS, "+1 555 0100 300", t0)
		w.tick(t0)
		for range 8 {
			_ = enter("+15550100300", "111111", t0)
		}
		if out := enter("+15550100300", codeOf(t, w, "+15550100300"), t0); !fault.Is(out, fault.Refused) {
			t.Errorf("after many guesses the right one counts: %v", out)
		}
	})
}

func codeOf(t *testing.T, w *world, number string) string {
	t.Helper()
	all, err := w.s.List(t.Context(), office, subscribe.Filter{Address: number})
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return subscription.Signer{Key: []byte("a key for tests")}.Code(all[0].ID, all[0].Asks)
}

func TestAnUnconfirmedOneIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.enter(subscription.Email, "ana@x.example", t0)
		link := w.link(w.tick(t0)[0], subscription.ToConfirm)
		w.enter(subscription.Email, "ana@x.example", t0.Add(2*time.Hour)) // starts the days anew
		w.tick(t0.Add(subscription.ConfirmWithin))
		if _, err := w.s.Look(t.Context(), subscription.ToConfirm, link); err != nil {
			t.Fatal(err)
		}
		w.tick(t0.Add(subscription.ConfirmWithin + 2*time.Hour))
		if h, err := w.s.Look(t.Context(), subscription.ToConfirm, link); err != nil || h.State != "" {
			t.Errorf("%+v, %v", h, err)
		}
		if _, err := w.s.Confirm(t.Context(), link, t0); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestADeadEndpointIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const url = "https://hooks.x.example/in?secret=1"
		w.enter(subscription.Webhook, url, t0)
		verify := w.tick(t0)
		if len(verify) != 1 || verify[0].Channel != "status_webhook" || !strings.HasPrefix(verify[0].Headers.Sign.Reveal(), "whsec_") || strings.Contains(verify[0].Address, "secret") {
			t.Fatalf("%+v", verify)
		}
		h, err := w.s.Confirm(t.Context(), w.link(verify[0], subscription.ToConfirm), t0)
		if err != nil || h.Secret != verify[0].Headers.Sign {
			t.Fatalf("%+v, %v", h, err)
		}
		w.publish(notice("u0"), t0)
		if out := w.tick(t0); len(out) != 1 || !strings.Contains(out[0].Body, `"incident_updates"`) || strings.Contains(out[0].Body, "clauses") {
			t.Fatalf("%+v", out)
		}
		w.fail[url] = refused
		for i := range 7 {
			w.publish(notice(fmt.Sprint("u", i+1)), t0)
			w.tick(t0)
		}
		all, err := w.s.List(t.Context(), office, subscribe.Filter{State: subscription.Paused, Limit: 5})
		if err != nil || len(all) != 1 || all[0].Failures != 5 {
			t.Fatalf("%+v, %v", all, err)
		}
		if !slices.ContainsFunc(w.seen, func(e event.Event) bool { return e.Kind == event.SubscriberSet && e.Data.Outcome == "paused" }) {
			t.Error("nobody hears of it")
		}
	})
}

// A private page's subscribers belong to it: they are told what it shows, nobody
// else is, and they end with its address.
func TestAPrivatePageHasSubscribersOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("all@x.example", t0)
		w.reader("own@x.example", t0, func(a *subscribe.Ask) { a.Token = "acme-token" })
		err := w.s.Enter(t.Context(), subscribe.Ask{Token: "guessed", Channel: subscription.Email, Address: "a@x.example"}, t0)
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a page that is not there: %v", err)
		}
		private := notice("u1")
		private.Page = "acme"
		w.publish(private, t0)
		if out := to(w.tick(t0)); !slices.Equal(out, []string{"own@x.example"}) {
			t.Errorf("private: %v", out)
		}
		w.publish(notice("u2"), t0)
		if out := to(w.tick(t0)); !slices.Equal(out, []string{"all@x.example", "own@x.example"}) {
			t.Errorf("public: %v", out)
		}
		w.update(func(tx *store.Tx) error {
			return w.bus.Emit(tx, t0, event.Event{Kind: event.TenantPageSet, Data: event.Data{Subject: "acme", Outcome: "renewed"}})
		})
		w.publish(private, t0)
		if out := to(w.tick(t0)); len(out) != 0 {
			t.Errorf("after the address was renewed: %v", out)
		}
	})
}

func TestOperatorsFindExportAndErase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("ana@x.example", t0)
		got, err := w.s.Import(t.Context(), office, strings.NewReader("channel,address,components\nsms,'+15550100200,api\nemail,nonsense,\nemail,\"=cmd@x.example\",\nemail,ana@x.example,\nemail,b@x.example,nope\n"), true, t0)
		if err != nil || got.Added != 2 || got.Known != 1 || len(got.Problems) != 2 || got.Problems[0].Where != "line 3" {
			t.Fatalf("%+v, %v", got, err)
		}
		var out strings.Builder
		if err := w.s.Export(t.Context(), ana, &out, t0); !fault.Is(err, fault.Refused) || out.Len() != 0 {
			t.Errorf("a responder exports: %v", err)
		}
		w.must(w.s.Export(t.Context(), audit, &out, t0))
		for _, want := range []string{"\nsms,'+15550100200,confirmed,,api,", "\nemail,'=cmd@x.example,", "\nemail,ana@x.example,"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in %s", want, out.String())
			}
		}
		if _, err := w.s.List(t.Context(), reader, subscribe.Filter{Limit: 5}); !fault.Is(err, fault.Refused) {
			t.Errorf("a stakeholder lists: %v", err)
		}
		w.publish(notice("u1"), t0)
		w.tick(t0)
		all, err := w.s.List(t.Context(), ana, subscribe.Filter{Address: " ANA@x.example"})
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		if sent, err := w.s.Sent(t.Context(), ana, all[0].ID); err != nil || len(sent) != 2 || sent[0].Kind != message.KindUpdate {
			t.Errorf("%v, %v", sent, err)
		}
		if _, err := w.s.Erase(t.Context(), ana, "ana@x.example", t0); !fault.Is(err, fault.Refused) {
			t.Errorf("a responder erases: %v", err)
		}
		if n, err := w.s.Erase(t.Context(), office, "ana@x.example", t0); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		if dump := storetest.Dump(t, w.db); strings.Contains(dump, "ana@") || strings.Contains(dump, "a…@x.example") {
			t.Error("the address is left somewhere")
		}
	})
}

// PLT-SP-SUBS: planned maintenance is told to whoever wants it, and to nobody else.
func TestMaintenanceIsToldToWhoWantsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reader("all@x.example", t0)
		w.reader("incidents@x.example", t0, func(a *subscribe.Ask) { a.Kinds = []subscription.Kind{subscription.Incidents} })
		n := notice("u1", "api")
		n.Kind, n.From, n.Until = subscription.Maintenance, t0.Add(time.Hour), t0.Add(2*time.Hour)
		w.works["work1"] = n
		w.update(func(tx *store.Tx) error {
			return w.bus.Emit(tx, t0, event.Event{Kind: event.MaintenanceTold, Data: event.Data{Ref: "work1"}})
		})
		out := w.tick(t0)
		if len(out) != 1 || out[0].Headers.Target.Reveal() != "all@x.example" || !strings.Contains(out[0].Body, "2 Mar 2026, 11:00 UTC - 2 Mar 2026, 12:00 UTC") {
			t.Errorf("%+v", out)
		}
	})
}
