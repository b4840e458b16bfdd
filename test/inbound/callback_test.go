package inbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/paging"
	"allclear/internal/plug"
)

// bell is a provider that calls back: a line of its body is "answer CODE",
// "arrived ID", "failed ID", "alert KEY", "forged" or "bad".
type bell struct{}

func (bell) Hear(in plug.Inbound) (h plug.Heard, err error) {
	h.Data = map[string]string{"url": in.URL}
	for line := range strings.Lines(string(in.Body)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "answer":
			h.Answers = append(h.Answers, plug.PageAnswer{Channel: "sms", From: "+15550100001", Code: rest, Choice: plug.Acknowledge})
		case "arrived", "failed":
			h.Receipts = append(h.Receipts, plug.Confirmation{Delivery: rest, Delivered: word == "arrived"})
		case "alert":
			h.Signals = append(h.Signals, alert.Signal{Source: "bell", Action: alert.Trigger, DedupKey: rest, Summary: "it rang", Severity: "critical"})
		case "forged":
			return h, fault.New(fault.Unauthenticated, "the signature is wrong")
		default:
			return h, fault.New(fault.Invalid, "this is no call")
		}
	}
	return h, nil
}

func (bell) Respond(h plug.Heard, results []plug.Result) plug.Reply {
	if len(results) == 0 {
		return plug.Reply{}
	}
	return plug.Reply{Status: http.StatusOK, Type: "text/plain", Body: fmt.Appendf(nil, "%s %s %v", h.Data["url"], results[0].Incident, results[0].Err)}
}

// teller is a bell that is told what became of an answer.
type teller struct {
	bell
	tell func(context.Context, []plug.Result) error
}

func (t *teller) Tell(ctx context.Context, _ plug.Heard, results []plug.Result) error {
	return t.tell(ctx, results)
}

func (w *world) Answer(_ context.Context, a paging.Answer, _ time.Time) (paging.Answered, error) {
	w.heard = append(w.heard, "answer "+a.Channel+" "+a.From+" "+a.Code)
	return paging.Answered{Incident: "INC-42"}, w.wrong
}

func (w *world) Confirm(_ context.Context, c paging.Confirmation, _ time.Time) error {
	w.heard = append(w.heard, fmt.Sprint("confirm ", c.Delivery, " ", c.Delivered))
	return w.wrong
}

// What a call says is taken in the order alert, answer, receipt; the provider
// is told afterwards, in its own words.
//
// Clauses: RSP-S1-ACK
// INV-I1
func TestAProviderCallsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.accept = func(ctx context.Context, a intake.Arrival) error {
			w.heard = append(w.heard, "alert "+string(a.Raw[:6])+" "+a.ServiceID)
			return w.in.Accept(ctx, a)
		}
		got := w.post("/hooks/bell/"+hookKey+"?a=b%20c", "answer 123456\nfailed 77\nalert k1\n")
		if got.status != 200 || !strings.HasPrefix(got.body, "https://allclear.example/base/hooks/bell/"+hookKey+"?a=b%20c INC-42 ") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if want := []string{"alert answer api", "answer sms +15550100001 123456", "confirm 77 false"}; !slices.Equal(w.heard, want) {
			t.Errorf("heard %q", w.heard)
		}
		if got := w.post("/hooks/bell/"+hookKey, "arrived 77"); got.status != 204 {
			t.Errorf("a receipt alone: %d %s", got.status, got.body)
		}
	})
}

// A refusal is for the person, a failure of ours for the provider, and what
// proves no right to be here changes nothing.
//
// INV-A6, INV-I6, B40
func TestACallThatGoesWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			body   string
			wrong  error
			status int
			heard  int
		}{
			{"answer 1", fault.New(fault.NotFound, "wrong"), 200, 1},
			{"answer 1", fault.New(fault.Conflict, "late"), 200, 1},
			{"answer 1", fault.New(fault.Busy, "too many"), 200, 1},
			{"answer 1", errors.New("disk"), 500, 1},
			{"arrived 1", fault.New(fault.NotFound, "unknown"), 204, 1},
			{"arrived 1", errors.New("disk"), 500, 1},
			{"answer 1\nforged", nil, 401, 0},
			{"nonsense", nil, 400, 0},
			{strings.Repeat("answer 1\n", 1000), nil, 413, 0},
		} {
			w.heard, w.wrong = nil, c.wrong
			if got := w.post("/hooks/bell/"+hookKey, c.body); got.status != c.status || len(w.heard) != c.heard {
				t.Errorf("%.20q with %v: %d after %q", c.body, c.wrong, got.status, w.heard)
			}
		}
		w.accept = func(context.Context, intake.Arrival) error { return errors.New("disk") }
		w.heard, w.wrong = nil, nil
		if got := w.post("/hooks/bell/"+hookKey, "alert k\nanswer 1"); got.status != 500 || len(w.heard) != 0 {
			t.Errorf("an alert that is not durable: %d after %q", got.status, w.heard)
		}
		if got := w.post("/hooks/bell/nobody", "answer 1"); got.status != 404 || len(w.heard) != 0 {
			t.Errorf("an unknown key: %d after %q", got.status, w.heard)
		}
	})
}

// A provider that wants a call of its own has the whole reply before it gets
// one, also when it hung up; what comes of that call changes nothing.
func TestAProviderIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		srv := httptest.NewServer(w.mux)
		defer srv.Close()
		replied := make(chan struct{})
		told := make(chan error, 1)
		w.teller.tell = func(ctx context.Context, results []plug.Result) error {
			<-replied
			told <- ctx.Err()
			if len(results) != 1 || results[0].Incident != "INC-42" {
				t.Errorf("results %+v", results)
			}
			return errors.New("gone")
		}
		resp, err := http.Post(srv.URL+"/hooks/teller/"+hookKey, "text/plain", strings.NewReader("answer 1"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		srv.CloseClientConnections()
		close(replied)
		if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), "INC-42") {
			t.Errorf("%d %s, %v", resp.StatusCode, body, err)
		}
		if err := <-told; err != nil {
			t.Errorf("told with %v", err)
		}
	})
}
