package hooks

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/edge/middleware"
	"allclear/internal/flow/mirror"
	"allclear/internal/flow/paging"
	"allclear/internal/plug"
)

// hear serves a call of a provider that calls back: what opens alerts is kept
// first, then every answer is taken or refused, then what became of messages is
// noted, and only then does the provider learn anything. Whatever fails is
// called again, and all of it may come twice.
func (h *Hooks) hear(c *call) {
	heard, results, err := h.hold(c)
	h.count(c.place, c.src.Name, err, c.now)
	if err != nil {
		c.refuse(err)
		return
	}
	a := c.src.Callback.Respond(heard, results)
	if a.Status == 0 {
		c.w.Header().Set("Cache-Control", "no-store")
		c.w.WriteHeader(http.StatusNoContent)
		return
	}
	c.w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	reply(c.w, a)
	h.tell(c, heard, results)
}

// hold makes durable what was heard.
func (h *Hooks) hold(c *call) (heard plug.Heard, results []plug.Result, err error) {
	ctx, service := c.r.Context(), c.place.service
	body, err := read(c.w, c.r, c.src.MaxBody)
	if err != nil {
		return heard, nil, err
	}
	in := inbound(c.r, c.endpoint, body, c.place, c.now, h.NewID())
	in.URL = h.PublicURL + c.r.URL.RequestURI()
	if heard, err = c.src.Callback.Hear(in); err != nil {
		h.reject(ctx, c.src.Name, service, body, c.now, err)
		return heard, nil, err
	}
	if len(heard.Signals) > 0 {
		got := plug.Received{Signals: heard.Signals}
		if err := h.keep(ctx, c.src.Name, service, body, &got, c.now); err != nil {
			return heard, nil, err
		}
	}
	results, err = h.answers(c, &heard)
	if err == nil {
		err = h.receipts(c, &heard)
	}
	if err == nil {
		err = h.wishes(c, &heard)
	}
	if err == nil {
		err = h.words(c, &heard)
	}
	if err == nil {
		err = h.rooms(c, &heard)
	}
	if err == nil {
		h.orders(c, &heard)
	}
	return heard, results, err
}

// rooms passes on what was said in channels and who is in meetings.
func (h *Hooks) rooms(c *call, heard *plug.Heard) error {
	if h.Rooms == nil {
		return nil
	}
	for _, s := range heard.Sayings {
		if err := h.Rooms.Listen(c.r.Context(), c.src.Manifest.Name, s, c.now); err != nil {
			return err
		}
	}
	for _, s := range heard.Seen {
		if err := h.Rooms.Watch(c.r.Context(), c.src.Manifest.Name, s, c.now); err != nil {
			return err
		}
	}
	return nil
}

// orders carries out what was asked for. A refusal is an answer too.
func (h *Hooks) orders(c *call, heard *plug.Heard) {
	for _, o := range heard.Orders {
		a := plug.Answered{Text: "Nothing can be asked for here."}
		if h.Orders != nil {
			a = h.Orders.Carry(c.r.Context(), c.src.Manifest.Name, o, c.now)
		}
		heard.Answered = append(heard.Answered, a)
	}
}

// tellTime is what a provider has to show what became of an answer.
const tellTime = 5 * time.Second

// tell is for providers that want a call of their own to show what became of an
// answer. They have the whole reply by then, and the answer stands whatever
// comes of this.
func (h *Hooks) tell(c *call, heard plug.Heard, results []plug.Result) {
	t, ok := c.src.Callback.(plug.Teller)
	if !ok || len(results)+len(heard.Answered) == 0 {
		return
	}
	if err := http.NewResponseController(c.w).Flush(); err != nil {
		h.Log.WarnContext(c.r.Context(), "reply not flushed", "source", c.src.Name, "error", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.r.Context()), tellTime)
	defer cancel()
	if err := t.Tell(ctx, heard, results); err != nil {
		h.Log.WarnContext(ctx, "answer not shown", "source", c.src.Name, "error", err)
	}
}

// answers takes each answer. A refusal is a result; what is not the person's
// fault is an error, so that the provider calls again.
func (h *Hooks) answers(c *call, heard *plug.Heard) ([]plug.Result, error) {
	if len(heard.Answers) > 0 && h.Answers == nil {
		return nil, fault.New(fault.Unavailable, "nobody takes answers here")
	}
	out := make([]plug.Result, 0, len(heard.Answers))
	for _, a := range heard.Answers {
		done, err := h.Answers.Answer(c.r.Context(), paging.Answer{
			Channel: a.Channel, From: a.From, Token: a.Token, Code: a.Code, By: a.By, Unavailable: a.Choice == plug.Unavailable,
		}, c.now)
		if err != nil && middleware.SenderStatus(err) >= 500 && !fault.Is(err, fault.Conflict) {
			return nil, err
		}
		out = append(out, plug.Result{Incident: done.Incident, Title: done.Title, Err: err})
	}
	return out, nil
}

// receipts notes what became of messages. One about a message that is not
// known is left: the provider would repeat it for nothing.
func (h *Hooks) receipts(c *call, heard *plug.Heard) error {
	if h.Answers == nil {
		return nil
	}
	for _, r := range heard.Receipts {
		err := h.Answers.Confirm(c.r.Context(), paging.Confirmation{Delivery: r.Delivery, Delivered: r.Delivered, Detail: r.Detail}, c.now)
		if err == nil && h.Outside != nil {
			err = h.outside(c, r)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// outside tells what a receipt means for the address of a customer's contact.
func (h *Hooks) outside(c *call, r plug.Confirmation) error {
	id, err := ident.Parse(r.Delivery)
	switch {
	case err != nil:
		return nil //nolint:nilerr // of a delivery that is not ours: nobody knows it
	case r.Delivered:
		return h.Outside.Arrived(c.r.Context(), id, c.now)
	}
	return h.Outside.Failed(c.r.Context(), id, c.src.Manifest.Name, r.Detail, r.Gone, c.now)
}

// wishes passes on what customers said of being told.
func (h *Hooks) wishes(c *call, heard *plug.Heard) error {
	if h.Outside == nil {
		return nil
	}
	for _, x := range heard.Wishes {
		if err := h.Outside.Heard(c.r.Context(), x.Channel, x.Address, c.src.Manifest.Name, x.Out, c.now); err != nil {
			return err
		}
	}
	return nil
}

// words passes on what was done to copies of incidents. One about a copy that is
// not known is left, like a receipt.
func (h *Hooks) words(c *call, heard *plug.Heard) error {
	if h.Mirror == nil {
		return nil
	}
	for _, w := range heard.Words {
		number, err := strconv.ParseInt(strings.TrimPrefix(w.Incident, "INC-"), 10, 64)
		if err != nil {
			continue
		}
		err = h.Mirror.Tell(c.r.Context(), c.src.Name, mirror.Word{Incident: number, Acked: w.Acked, By: w.By, Text: w.Text}, c.now)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}
