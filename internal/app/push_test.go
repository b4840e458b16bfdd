package app

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/app/outbound"
	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/internal/flow/reach"
	"allclear/internal/plug"
	"allclear/internal/plug/webpush"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

var pushStart = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// pushWorld is the whole engine with a push service beside it that counts what
// comes for each device and answers as told.
type pushWorld struct {
	*Engine
	t    *testing.T
	url  string
	ana  reach.Me
	sms  *lines
	mu   sync.Mutex
	came map[string]int
	says map[string]int
}

// lines is a provider that remembers what it carried.
type lines struct {
	mu  sync.Mutex
	got []plug.Message
}

func (l *lines) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, m)
	return plug.Receipt{Detail: "202 queued"}, nil
}

func newPushWorld(t *testing.T, db *store.DB) *pushWorld {
	t.Helper()
	w := &pushWorld{t: t, sms: &lines{}, came: map[string]int{}, says: map[string]int{}}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.came[r.URL.Path]++
		if status := w.says[r.URL.Path]; status != 0 {
			rw.WriteHeader(status)
			return
		}
		rw.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	ks, err := openKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	guard, err := outbound.Guard([]string{"127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := webpush.Plugin().Open(plug.Config{Values: settingsOf(webpush.Plugin().Manifest, ks), Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	push, ok := opened.(plug.Channel)
	if !ok {
		t.Fatal("Web Push is no channel")
	}
	all := map[string]plug.Channel{"push": push, "sms": w.sms, "voice": w.sms, "email": w.sms}
	w.Engine = NewEngine(db, EngineOptions{
		Channels: func(name string) (plug.Channel, bool) { ch, ok := all[name]; return ch, ok },
		AckKey:   ks.ack, AckURL: "https://allclear.test/ack", Box: ks.box, Ends: []string{"push"},
	})
	if _, err := w.Admin.Load(t.Context(), setup().Actor, company(), pushStart); err != nil {
		t.Fatal(err)
	}
	if err := w.procedureInForce(t.Context(), "", pushStart); err != nil {
		t.Fatal(err)
	}
	w.primary()
	return w
}

func (w *pushWorld) say(path string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.says[path] = status
}

func (w *pushWorld) count(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.came[path]
}

// primary makes the one on call the owner of the devices.
func (w *pushWorld) primary() {
	w.t.Helper()
	err := w.DB.View(w.t.Context(), func(tx *store.Tx) error {
		cat, err := w.Admin.Catalog(tx)
		if err != nil {
			return err
		}
		who, err := cat.Resolve("schedule:primary", catalog.TargetContext{At: pushStart})
		if err == nil && len(who) > 0 {
			w.ana = reach.Me{Actor: authz.Actor{ID: who[0], Role: authz.Responder, Via: "session"}, Person: who[0]}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// device subscribes a browser at the push service.
func (w *pushWorld) device(path string) reach.Device {
	w.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := w.Reach.Subscribe(w.t.Context(), w.ana, reach.NewDevice{
		Endpoint: w.url + path, P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: "c2l4dGVlbiBieXRlcyAxNg", Label: "Chrome on Android",
	}, pushStart)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *pushWorld) contacts() (out []string) {
	w.t.Helper()
	cs, err := w.Reach.Contacts(w.t.Context(), w.ana, pushStart)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range cs {
		out = append(out, c.Channel+" "+c.Address)
	}
	return out
}

func (w *pushWorld) deliveries() (out []*message.Delivery) {
	w.t.Helper()
	err := w.DB.View(w.t.Context(), func(tx *store.Tx) (err error) {
		out, err = deliveries.List(tx, deliveries.Filter{Limit: 500})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *pushWorld) declare() {
	w.t.Helper()
	_, err := w.Command.Declare(w.t.Context(), authz.Actor{ID: "somebody", Role: authz.Responder}, command.Declaration{Service: "auth", Severity: procedure.P1, Title: "Sign-in fails"}, pushStart)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Tick(w.t.Context(), pushStart); err != nil {
		w.t.Fatal(err)
	}
}

// pages lists channel and state of what was sent to the owner as a page.
func (w *pushWorld) pages() (out []string) {
	for _, d := range w.deliveries() {
		if d.Kind == message.KindPage && d.Recipient == w.ana.Person {
			out = append(out, d.Channel+" "+string(d.State))
		}
	}
	slices.Reverse(out)
	return out
}

// A page goes to the devices first, all at once, and what the database keeps of
// them opens nothing.
//
// Clauses: INT-PUSH, PLT-RT-MSG
func TestPageGoesToTheDevice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		again := w.device("/two")
		w.declare()
		if got := w.pages(); !slices.Equal(got, []string{"push sent", "push sent"}) {
			t.Errorf("pages %v", got)
		}
		if w.count("/one") == 0 || w.count("/two") == 0 {
			t.Error("nothing came to a device")
		}
		for _, x := range w.deliveries() {
			if strings.Contains(x.Address, w.url) || strings.Contains(x.Receipt+x.LastError, "c2l4dGVlbiBieXRlcyAxNg") {
				t.Errorf("delivery %d shows how to reach the device", x.ID)
			}
		}
		if err := w.Reach.Unsubscribe(t.Context(), w.ana, again.ID, pushStart); err != nil {
			t.Fatal(err)
		}
		ds, err := w.Reach.Devices(t.Context(), w.ana)
		if err != nil || len(ds) != 1 || ds[0].ID != d.ID || !ds[0].SucceededAt.Equal(pushStart) {
			t.Errorf("devices %+v, %v", ds, err)
		}
		if slices.Contains(w.contacts(), "push "+again.ID.String()) {
			t.Error("a forgotten device is a contact")
		}
	})
}

// B34: a device that its push service has forgotten is no contact any more, the
// page goes on to every contact that is left, none passed over, and the person
// is told.
//
// Clauses: INT-PUSH
func TestDeviceThatIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		w.say("/one", http.StatusGone)
		w.declare()
		if got := w.pages(); !slices.Equal(got, []string{"push failed", "sms sent"}) {
			t.Errorf("pages %v", got)
		}
		if w.count("/one") != 1 {
			t.Errorf("%d calls for a device that is gone", w.count("/one"))
		}
		if slices.Contains(w.contacts(), "push "+d.ID.String()) {
			t.Error("it is a contact still")
		}
		ds, err := w.Reach.Devices(t.Context(), w.ana)
		if err != nil || len(ds) != 1 || ds[0].GoneAt.IsZero() {
			t.Errorf("devices %+v, %v", ds, err)
		}
		told := slices.ContainsFunc(w.sms.got, func(m plug.Message) bool { return strings.Contains(m.Subject, "Chrome on Android takes no more pages") })
		if !told {
			t.Error("the person was not told")
		}
		// Unanswered, the page climbs to the call, which stands where the text
		// message stood before the device went.
		for range 400 {
			at, ok, err := w.Next(t.Context())
			if err != nil || !ok || at.After(pushStart.Add(10*time.Minute)) {
				break
			}
			if err := w.Tick(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.pages(); !slices.Contains(got, "voice sent") {
			t.Errorf("pages after ten minutes: %v", got)
		}
	})
}

// When somebody has it, no device shows the page any more.
//
// Clauses: INT-PUSH
func TestAnAnsweredPageIsTakenBackFromDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		w.device("/one")
		w.device("/two")
		w.declare()
		one, two := w.count("/one"), w.count("/two")
		if _, err := w.Command.Acknowledge(t.Context(), w.ana.Actor, 1, pushStart); err != nil {
			t.Fatal(err)
		}
		if err := w.Tick(t.Context(), pushStart); err != nil {
			t.Fatal(err)
		}
		ends := 0
		for _, d := range w.deliveries() {
			if d.Kind == message.KindEnd && d.State == message.Accepted {
				ends++
			}
		}
		if ends != 2 || w.count("/one") == one || w.count("/two") == two {
			t.Errorf("%d ends, %d and %d pushes before, %d and %d after", ends, one, two, w.count("/one"), w.count("/two"))
		}
	})
}

// Notices about being on call and about dead ends find the device too.
//
// Clauses: INT-PUSH
func TestNoticesOfNoIncidentGoToTheDevice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		before := w.count("/one")
		for i, kind := range []string{message.KindDuty, message.KindDeadEnd} {
			err := w.DB.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
				return deliveries.Queue(tx, &message.Delivery{
					Key: "test/" + kind, Kind: kind, Recipient: w.ana.Person, Channel: "push", Address: d.ID.String(), Subject: "Handover", Body: "at eight",
					Priority: 1, DueAt: pushStart, CreatedAt: pushStart,
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Tick(t.Context(), pushStart); err != nil {
				t.Fatal(err)
			}
			if got := w.count("/one") - before; got != i+1 {
				t.Errorf("%s: %d pushes", kind, got)
			}
		}
	})
}

// One of two devices is gone: the other has the page.
//
// Clauses: INT-PUSH
func TestOneOfTwoDevicesIsGone(t *testing.T) {
	for _, gone := range []string{"/one", "/two"} {
		t.Run(gone[1:], func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := newPushWorld(t, db)
				w.device("/one")
				w.device("/two")
				w.say(gone, http.StatusGone)
				w.declare()
				got := w.pages()
				slices.Sort(got)
				if want := []string{"push failed", "push sent"}; !slices.Equal(got, want) {
					t.Errorf("pages %v, want %v", got, want)
				}
			})
		})
	}
}

// A busy push service is asked again, and keeps the contact.
func TestBusyPushServiceIsAskedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		w.say("/one", http.StatusServiceUnavailable)
		w.declare()
		w.say("/one", 0)
		if err := w.Tick(t.Context(), pushStart.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got := w.pages(); !slices.Contains(got, "push sent") || !slices.Contains(w.contacts(), "push "+d.ID.String()) {
			t.Errorf("pages %v, contacts %v", got, w.contacts())
		}
	})
}

// B43, INV-A3: nobody sees or forgets the device of somebody else, nor tests a
// contact that is not theirs; and a device that changes hands goes along.
func TestDevicesAreOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		owner := w.ana
		other := reach.Me{Actor: authz.Actor{ID: "sarah.liu", Role: authz.Responder}, Person: "sarah.liu"}
		nobody := reach.Me{Actor: authz.Actor{ID: "token:x", Role: authz.Admin}}
		auditor := reach.Me{Actor: authz.Actor{ID: owner.Person, Role: authz.Auditor}, Person: owner.Person}
		if err := w.Reach.Unsubscribe(t.Context(), other, d.ID, pushStart); !fault.Is(err, fault.NotFound) {
			t.Errorf("forget a foreign device: %v", err)
		}
		if _, err := w.Reach.Test(t.Context(), other, "push", d.ID.String(), pushStart); !fault.Is(err, fault.NotFound) {
			t.Errorf("test a foreign device: %v", err)
		}
		for _, me := range []reach.Me{nobody, auditor} {
			if _, err := w.Reach.Contacts(t.Context(), me, pushStart); !fault.Is(err, fault.Refused) {
				t.Errorf("contacts as %+v: %v", me, err)
			}
		}
		if n := w.count("/one"); n != 0 {
			t.Errorf("%d pushes went out", n)
		}
		w.ana = other
		w.device("/one")
		w.ana = owner
		if slices.Contains(w.contacts(), "push "+d.ID.String()) {
			t.Error("a device that somebody else signed in on is still the owner's")
		}
	})
}

// A test page says what the provider said, and finds out that a device is gone.
//
// Clauses: PLT-CFG-MOBILE
func TestTestPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		d := w.device("/one")
		a, err := w.Reach.Test(t.Context(), w.ana, "push", d.ID.String(), pushStart)
		if err != nil || !a.Accepted || !strings.HasPrefix(a.Text, "201") {
			t.Errorf("got %+v, %v", a, err)
		}
		w.say("/one", http.StatusTooManyRequests)
		if a, err = w.Reach.Test(t.Context(), w.ana, "push", d.ID.String(), pushStart.Add(time.Second)); err != nil || a.Accepted || !a.Again || a.Gone {
			t.Errorf("busy: %+v, %v", a, err)
		}
		w.say("/one", http.StatusGone)
		if a, err = w.Reach.Test(t.Context(), w.ana, "push", d.ID.String(), pushStart.Add(2*time.Second)); err != nil || !a.Gone || slices.Contains(w.contacts(), "push "+d.ID.String()) {
			t.Errorf("gone: %+v, %v, contacts %v", a, err, w.contacts())
		}
		for i := range 20 {
			_, err = w.Reach.Test(t.Context(), w.ana, "email", w.mail(), pushStart.Add(time.Duration(i)*time.Second))
		}
		if !fault.Is(err, fault.Busy) {
			t.Errorf("test pages without end: %v", err)
		}
	})
}

func (w *pushWorld) mail() string {
	for _, c := range w.contacts() {
		if address, ok := strings.CutPrefix(c, "email "); ok {
			return address
		}
	}
	w.t.Fatal("no e-mail")
	return ""
}

var sixDigits = regexp.MustCompile(`[0-9]{6}`)

// A contact is verified by the code that went there, and by nothing else.
//
// Clauses: PLT-CFG-MOBILE
func TestContactIsVerifiedByCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newPushWorld(t, db)
		const number = "+15550109999"
		at := pushStart
		add := func() error {
			_, err := w.Reach.Add(t.Context(), w.ana, catalog.Contact{Channel: "sms", Address: number, Verified: true}, at)
			return err
		}
		verify := func(code string) error { return w.Reach.Verify(t.Context(), w.ana, "sms", number, code, at) }
		if err := add(); err != nil {
			t.Fatal(err)
		}
		if w.verified(number) {
			t.Fatal("verified before the code was entered")
		}
		sent := w.sms.got[len(w.sms.got)-1]
		code := sixDigits.FindString(sent.Text)
		if sent.To != number || code == "" {
			t.Fatalf("sent %+v", sent)
		}
		for _, d := range w.deliveries() {
			if strings.Contains(d.Body, code) {
				t.Error("the code can be read in the outbox")
			}
		}
		wrong := "000000"
		if wrong == code {
			wrong = "000001"
		}
		for range 5 {
			if err := verify(wrong); !fault.Is(err, fault.Invalid) {
				t.Fatalf("a wrong code: %v", err)
			}
		}
		if err := verify(code); !fault.Is(err, fault.Conflict) || w.verified(number) {
			t.Fatalf("the right code after five wrong ones: %v", err)
		}
		if err := add(); !fault.Is(err, fault.Busy) {
			t.Errorf("another code at once: %v", err)
		}
		at = at.Add(time.Minute)
		if err := add(); err != nil {
			t.Fatal(err)
		}
		old, code := code, sixDigits.FindString(w.sms.got[len(w.sms.got)-1].Text)
		if old != code {
			if err := verify(old); !fault.Is(err, fault.Invalid) {
				t.Errorf("the code before: %v", err)
			}
		}
		sentAt := at
		at = sentAt.Add(10 * time.Minute)
		if err := verify(code); !fault.Is(err, fault.Conflict) {
			t.Errorf("a code of ten minutes ago: %v", err)
		}
		at = sentAt.Add(10*time.Minute - time.Microsecond)
		if err := verify(code); err != nil || !w.verified(number) {
			t.Errorf("the right code: %v", err)
		}
		if err := verify(code); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same code again: %v", err)
		}
		if err := w.Reach.Remove(t.Context(), w.ana, "sms", number, at); err != nil || slices.Contains(w.contacts(), "sms "+number) {
			t.Errorf("remove: %v", err)
		}
	})
}

func (w *pushWorld) verified(address string) bool {
	cs, err := w.Reach.Contacts(w.t.Context(), w.ana, pushStart)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(cs, func(c reach.Contact) bool { return c.Address == address && c.Verified })
}

// The key of Web Push comes from the installation's secret: a restart and a
// second node sign alike, another installation does not.
func TestPushKeyIsTheInstallations(t *testing.T) {
	dir := t.TempDir()
	one, err := openKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := openKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if one.push == "" || one.push != again.push || one.push == other.push {
		t.Error("the key of Web Push is not the installation's own")
	}
}
