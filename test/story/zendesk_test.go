package story

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/ticket"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/zendesk"
)

// helpdesk is a Zendesk Support account: tickets with priority, tags, internal
// comments, and audits that show what an update was marked with.
type helpdesk struct {
	mu       sync.Mutex
	priority map[string]string
	tags     map[string][]string
	comments map[string][]string
	marks    map[string][]string
	set      []string // ticket and status of each update that set one
	public   int      // comments the customer would see
	torn     int      // so many updates are made, and their answers lost
	busy     int      // so many calls are refused for their rate
	token    string   // that it wants
	refused  int
}

var ticketPath = regexp.MustCompile(`^/api/v2/tickets/([0-9]+)(\.json|/tags\.json|/audits\.json)$`)

func (h *helpdesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := ticketPath.FindStringSubmatch(r.URL.Path)
	user, pass, ok := r.BasicAuth()
	switch {
	case m == nil:
		http.Error(w, `{"error":"InvalidEndpoint"}`, http.StatusNotFound)
		return
	case !ok || user != "agent@example.net/token" || pass != h.token:
		h.refused++
		http.Error(w, `{"error":"Couldn't authenticate you"}`, http.StatusUnauthorized)
		return
	case h.busy > 0:
		h.busy--
		w.Header().Set("Retry-After", "40")
		http.Error(w, `{"error":"TooManyRequests"}`, http.StatusTooManyRequests)
		return
	}
	id, what := m[1], m[2]
	if r.Method == http.MethodGet && what == "/audits.json" {
		list := []string{}
		for _, mark := range h.marks[id] {
			list = append(list, fmt.Sprintf(`{"metadata":{"system":{},"custom":{"allclear":%q}}}`, mark))
		}
		_, _ = fmt.Fprintf(w, `{"audits":[%s]}`, strings.Join(list, ","))
		return
	}
	if what == "/tags.json" {
		var u struct {
			Tags []string `json:"tags"`
		}
		if json.NewDecoder(r.Body).Decode(&u) != nil || r.Method != http.MethodPut {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		for _, tag := range u.Tags {
			if !slices.Contains(h.tags[id], tag) {
				h.tags[id] = append(h.tags[id], tag)
			}
		}
		_, _ = w.Write([]byte(`{"tags":[]}`))
		return
	}
	var u struct {
		Ticket struct {
			Priority string
			Status   string
			Comment  *struct {
				Body   string
				Public *bool
			}
			Metadata map[string]string
		}
	}
	if json.NewDecoder(r.Body).Decode(&u) != nil || r.Method != http.MethodPut {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	if u.Ticket.Priority != "" {
		h.priority[id] = u.Ticket.Priority
	}
	if u.Ticket.Status != "" {
		h.set = append(h.set, id+" "+u.Ticket.Status)
	}
	if c := u.Ticket.Comment; c != nil {
		h.comments[id] = append(h.comments[id], c.Body)
		h.marks[id] = append([]string{u.Ticket.Metadata["allclear"]}, h.marks[id]...)
		if c.Public == nil || *c.Public {
			h.public++
		}
	}
	if h.torn > 0 {
		h.torn--
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write([]byte(`{"ticket":{}}`))
}

// about counts the comments of a ticket with the words.
func (h *helpdesk) about(id, words string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.comments[id] {
		if strings.Contains(c, words) {
			n++
		}
	}
	return n
}

const helpdeskToken = "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj9"

// besideZendesk tells a story with the real plug-in and a faithful account.
func besideZendesk(t *testing.T, tell func(w *World, h *helpdesk), setup ...Setup) {
	t.Helper()
	Tell(t, func(w *World) {
		h := &helpdesk{priority: map[string]string{}, tags: map[string][]string{}, comments: map[string][]string{}, marks: map[string][]string{}, token: helpdeskToken}
		srv := httptest.NewServer(h)
		w.Cleanup(srv.Close)
		w.Through("zendesk", plugtest.Open(w, zendesk.Plugin(), plugtest.Config(map[string]string{"base_url": srv.URL, "email": "agent@example.net", "api_token": helpdeskToken})))
		tell(w, h)
	}, append([]Setup{Writing("zendesk")}, setup...)...)
}

func came(id, from, subject string) ticket.Report {
	return ticket.Report{ExternalID: id, Event: "created-" + id, Subject: subject, Status: "new", Priority: "low", Tags: []string{"sso"}, Email: from}
}

// What a ticket is taken for is written on it: priority, tags beside its own, and
// why, for agents only. A priority that people gave is not lowered.
//
// Clauses: CRI-ZD-CLASS, INT-ZENDESK
func TestATicketIsWrittenBack(t *testing.T) {
	besideZendesk(t, func(w *World, h *helpdesk) {
		h.tags["1"] = []string{"sso"}
		w.Ticket("api", came("1", "cfo@customer-0007.example", "The site is DOWN"))
		urgent := came("2", "cfo@customer-0007.example", "A question")
		urgent.Priority = "urgent"
		w.Ticket("api", urgent)
		w.After(time.Second)
		if h.priority["1"] != "high" || !slices.Equal(h.tags["1"], []string{"sso", "allclear", "allclear_p2", "inc_1"}) {
			w.Errorf("priority %q, tags %q", h.priority["1"], h.tags["1"])
		}
		if h.about("1", `says "down" (3)`) != 1 || h.about("1", "customer is an enterprise account") != 1 || h.public != 0 {
			w.Errorf("comments %q, %d public", h.comments["1"], h.public)
		}
		if h.priority["2"] != "" {
			w.Errorf("urgent by people, written as %q", h.priority["2"])
		}
		if row := w.TicketOf("1"); row.Written != row.Version {
			w.Errorf("version %d of %d is there", row.Written, row.Version)
		}
		// What we wrote comes back as an event and changes nothing.
		w.Ticket("api", ticket.Report{ExternalID: "1", Event: "tags", Tags: h.tags["1"], Priority: "high"})
		w.After(time.Hour / 60)
		if n := len(h.comments["1"]); n != 1 {
			w.Errorf("%d comments: %q", n, h.comments["1"])
		}
	})
}

// Every linked ticket hears once that its incident was declared and once that it is
// over, although answers get lost, the rate is refused and we are restarted.
//
// Clauses: INT-ZENDESK
func TestLinkedTicketsHearOfTheirIncidentOnce(t *testing.T) {
	besideZendesk(t, func(w *World, h *helpdesk) {
		ids := []string{"1", "2", "3", "4", "5"}
		for _, id := range ids {
			w.Ticket("api", came(id, "cfo@customer-0007.example", "The site is DOWN"))
		}
		w.Ticket("reporting", came("9", "cfo@customer-0007.example", "A report has an error"))
		w.After(time.Second)
		h.mu.Lock()
		h.torn, h.busy = 2, 2
		h.mu.Unlock()
		w.About(1)
		w.Confirm("ana")
		w.Restart()
		w.At(20 * time.Minute)
		h.mu.Lock()
		if h.torn+h.busy != 0 {
			w.Errorf("%d answers were to be lost and %d calls refused", h.torn, h.busy)
		}
		h.torn, h.busy = 3, 1
		h.mu.Unlock()
		w.Resolve("fixed")
		w.Restart()
		w.At(2 * time.Hour)
		for _, id := range ids {
			if n, m := h.about(id, "INC-1 on API was declared"), h.about(id, "that you wrote to us about is over"); n != 1 || m != 1 {
				w.Errorf("ticket %s: %d and %d comments: %q", id, n, m, h.comments[id])
			}
		}
		if n := h.about("9", "INC-1"); n != 0 || h.torn+h.busy != 0 {
			w.Errorf("a ticket about something else heard of it: %q", h.comments["9"])
		}
		// FUP-IMM-TICKETS: the customer reads it, and each ticket is set to pending, once.
		slices.Sort(h.set)
		if want := []string{"1 pending", "2 pending", "3 pending", "4 pending", "5 pending"}; h.public != len(ids) || !slices.Equal(h.set, want) {
			w.Errorf("%d comments for customers, set %q", h.public, h.set)
		}
	})
}

// An account that refuses us is asked once for each update, and it is heard of.
//
// Clauses: INT-ZENDESK
func TestZendeskRefusesOurToken(t *testing.T) {
	besideZendesk(t, func(w *World, h *helpdesk) {
		h.token = "another one"
		w.Ticket("api", came("1", "cfo@customer-0007.example", "The site is DOWN"))
		w.After(time.Minute)
		w.Entries(event.Undelivered).About("ALLCLEAR_ZENDESK_API_TOKEN").Some()
		w.Pages("primary").At(0)
		if h.refused != 1 {
			w.Errorf("asked %d times", h.refused)
		}
	})
}

// A restricted incident leaves no word elsewhere (reading 18).
func TestARestrictedIncidentLeavesNoTraceOnTickets(t *testing.T) {
	besideZendesk(t, func(w *World, h *helpdesk) {
		w.Alert("api", "critical", "Keys leaked")
		w.Restrict()
		w.Ticket("api", came("1", "cfo@customer-0007.example", "The site is DOWN"))
		w.Confirm("ana")
		w.After(time.Minute)
		w.Resolve("over")
		w.After(time.Hour)
		if h.about("1", "INC-") != 0 || slices.Contains(h.tags["1"], "inc_1") {
			w.Errorf("comments %q, tags %q", h.comments["1"], h.tags["1"])
		}
	})
}

// All tickets of an incident are answered together, once each, whatever breaks on
// the way: customers read it unless it is for agents. Solved ones are left alone.
//
// Clauses: WAR-CCL-TICKETS, INT-ZENDESK
func TestTicketsAreAnsweredTogether(t *testing.T) {
	besideZendesk(t, func(w *World, h *helpdesk) {
		w.Ticket("api", came("1", "cfo@customer-0007.example", "The site is DOWN"))
		w.Ticket("api", came("2", "it@customer-0003.example", "Everything is DOWN for all"))
		w.Ticket("api", ticket.Report{ExternalID: "3", Event: "solved-3", Subject: "DOWN", Status: "solved", Ended: true, Email: "it@customer-0003.example"})
		w.After(time.Minute)
		h.torn = 1 // the first update is made and its answer lost
		n, err := w.e.Tickets.Reply(w.Context(), as("ana"), w.number(), "We are working on it and write again at four.", false, w.now)
		w.tick()
		if err != nil || n != 2 {
			t.Fatalf("%d tickets, %v", n, err)
		}
		w.After(10 * time.Minute)
		for _, id := range []string{"1", "2"} {
			if got := h.about(id, "write again at four"); got != 1 {
				t.Errorf("ticket %s has the answer %d times", id, got)
			}
		}
		if h.about("3", "write again") != 0 || h.public != 2 {
			t.Errorf("%d public comments", h.public)
		}
		if _, err := w.e.Tickets.Reply(w.Context(), as("ana"), w.number(), "For agents: ask for the tenant.", true, w.now); err != nil {
			t.Error(err)
		}
		w.After(time.Minute)
		if h.about("1", "For agents") != 1 || h.public != 2 {
			t.Errorf("an internal answer is public: %d", h.public)
		}
		w.Restrict()
		if _, err := w.e.Tickets.Reply(w.Context(), as("ana"), w.number(), "Data is out.", false, w.now); err == nil {
			t.Error("a restricted incident answered its tickets")
		}
	})
}
