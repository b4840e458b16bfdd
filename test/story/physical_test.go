package story

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/room"
	"allclear/internal/plug/twilio"
)

func conferenceRooms() []Setup {
	return []Setup{
		With(catalog.Room{ID: "blue", Name: "Blue", Site: "London, 3rd floor", Capacity: 8, Bridge: "+442079460000", PIN: "4711", Email: "blue@rooms.techflow.example"}),
		With(catalog.Room{ID: "red", Name: "Red", Site: "Leeds", Capacity: 20, Bridge: "+441132960000", Email: "red@rooms.techflow.example"}),
	}
}

// A P1 has a free conference room by itself, a second one another, a third is told
// that none is free. The room's mailbox and who is at work get a calendar invitation
// with the number to dial; at the resolution it is taken back and the room is free.
//
// Clauses: WAR-PHY-ROOM, WAR-PHY-PHONE, WAR-SCOPE
func TestConferenceRooms(t *testing.T) {
	Tell(t, func(w *World) {
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		w.After(time.Second)
		p := w.Part(room.Physical)
		if p == nil || p.State != room.Open || p.Called != "Blue, London, 3rd floor" || p.DialIn[0] != "+442079460000" || p.PIN != "4711" {
			w.Fatalf("room %+v", p)
		}
		if got := w.taskState("room-physical", "WAR-PHY-ROOM"); got != "done" {
			w.Errorf("the task is %s", got)
		}
		if v := w.Rooms(); v.Bridge != "+442079460000, PIN 4711" {
			w.Errorf("bridge %q", v.Bridge)
		}
		mails := w.invitations("METHOD:REQUEST")
		if len(mails) != 2 || mails["blue@rooms.techflow.example"] == "" || mails[w.personOf("ana").Email] == "" {
			w.Fatalf("invited %v", mails)
		}
		for _, want := range []string{"UID:" + p.ID.String() + "@allclear", "DTSTART:20260302T030000Z", "DTEND:20260302T070000Z", "LOCATION:Blue\\, London\\, 3rd floor", "+442079460000\\, PIN 4711", "STATUS:CONFIRMED"} {
			if !strings.Contains(strings.ReplaceAll(mails["blue@rooms.techflow.example"], "\r\n ", ""), want) {
				w.Errorf("the invitation has no %q:\n%s", want, mails["blue@rooms.techflow.example"])
			}
		}
		second := w.Declare(Declaration{Service: "ingestion", Title: "Nothing comes in", Severity: procedure.P1})
		third := w.Declare(Declaration{Service: "reporting", Title: "Reports fail", Severity: procedure.P1})
		w.About(second)
		if p := w.Part(room.Physical); p.Place != "red" {
			w.Errorf("the second has %+v", p)
		}
		w.About(third)
		if p := w.Part(room.Physical); p.State != room.Fallback || !strings.Contains(p.Problem, "every conference room is taken") {
			w.Errorf("the third has %+v", p)
		}
		w.About(1)
		w.Resolve("fixed")
		w.After(time.Second)
		if p := w.Part(room.Physical); p.State != room.Closed || len(w.Lines(event.RoomClosed, "Given back: Blue")) != 1 {
			w.Errorf("after the end %+v", p)
		}
		if gone := w.invitations("METHOD:CANCEL"); len(gone) != 2 || !strings.Contains(gone["blue@rooms.techflow.example"], "SEQUENCE:1") {
			w.Errorf("taken back %v", gone)
		}
		w.About(third)
		if _, err := w.e.Room.Reserve(w.Context(), as("ana"), third, "", w.now); err != nil {
			w.Errorf("the free room: %v", err)
		}
		if p := w.Part(room.Physical); p.Place != "blue" || p.State != room.Open {
			w.Errorf("the third has %+v", p)
		}
	}, conferenceRooms()...)
}

// invitations are the calendar entries that went out by mail, by address.
func (w *World) invitations(method string) map[string]string {
	out := map[string]string{}
	for _, s := range w.sent {
		if s.Channel == "email" && strings.Contains(s.Calendar, method) {
			out[s.To] = s.Calendar
		}
	}
	return out
}

// A P2 gets a conference room when somebody asks for one.
//
// Clauses: WAR-SCOPE, WAR-PHY-ROOM
func TestAP2HasARoomOnRequest(t *testing.T) {
	Tell(t, func(w *World) {
		w.Declare(Declaration{Service: "reporting", Title: "Reports are late", Severity: procedure.P2})
		if p := w.Part(room.Physical); p != nil {
			w.Fatalf("unasked: %+v", p)
		}
		_, err := w.e.Room.Reserve(w.Context(), as("bo"), 1, "red", w.now)
		w.must(err)
		if p := w.Part(room.Physical); p.Place != "red" || p.By != "bo" {
			w.Errorf("room %+v", p)
		}
	}, conferenceRooms()...)
}

// exchange is the Calls resource of Twilio's API.
type exchange struct {
	mu    sync.Mutex
	calls []url.Values
	wrong []string
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	user, pass, _ := r.BasicAuth()
	err := r.ParseForm()
	var doc struct {
		XMLName xml.Name `xml:"Response"`
		Say     string   `xml:"Say"`
		Dial    struct {
			Conference struct {
				Name  string `xml:",chardata"`
				Start bool   `xml:"startConferenceOnEnter,attr"`
				End   bool   `xml:"endConferenceOnExit,attr"`
			} `xml:"Conference"`
		} `xml:"Dial"`
	}
	if err != nil || user != "AC123456" || pass != "tok" || r.URL.Path != "/2010-04-01/Accounts/AC123456/Calls.json" || xml.Unmarshal([]byte(r.Form.Get("Twiml")), &doc) != nil ||
		doc.Dial.Conference.Name == "" || doc.Dial.Conference.End || !doc.Dial.Conference.Start || !strings.Contains(doc.Say, "War room") {
		x.wrong = append(x.wrong, r.URL.Path+" "+r.Form.Encode())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Form.Set("conference", doc.Dial.Conference.Name)
	x.calls = append(x.calls, r.Form)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(`{"sid":"CA1","status":"queued"}`))
}

// Who asks to be called is called into the incident's conference, once.
//
// Clauses: WAR-PHY-PHONE
func TestCallMe(t *testing.T) {
	Tell(t, func(w *World) {
		x := &exchange{}
		srv := httptest.NewServer(x)
		w.Cleanup(srv.Close)
		w.Sets(twilio.Plugin(), map[string]string{"account_sid": "AC123456", "auth_token": "tok", "from": "+15550100", "base_url": srv.URL})
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		for range 2 { // pressed twice
			if _, err := w.e.Room.CallMe(w.Context(), as("ana"), 1, "+15550177", w.now); err != nil {
				w.Fatal(err)
			}
		}
		w.After(2 * time.Second)
		if len(x.wrong) > 0 || len(x.calls) != 1 || x.calls[0].Get("To") != "+15550177" || x.calls[0].Get("conference") != "INC-1" {
			w.Errorf("calls %v, wrong %v", x.calls, x.wrong)
		}
		if got := w.Lines(event.RoomOpened, "calls Ana into the telephone conference"); len(got) != 1 {
			w.Errorf("the record: %+v", w.Lines(event.RoomOpened, ""))
		}
		if _, err := w.e.Room.CallMe(w.Context(), as("ana"), 1, "not a number", w.now); err == nil {
			w.Error("called nobody")
		}
	}, conferenceRooms()...)
}

// Nobody can call: the number to dial is said.
func TestCallMeWithoutAService(t *testing.T) {
	Tell(t, func(w *World) {
		w.Alert("auth", "critical", "Sign-in fails")
		w.Engage("ana")
		_, err := w.e.Room.CallMe(w.Context(), as("ana"), 1, "+15550177", w.now)
		if err == nil || !strings.Contains(err.Error(), "dial +442079460000, PIN 4711") {
			w.Errorf("said %v", err)
		}
	}, conferenceRooms()...)
}
