package story

import (
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/message"
)

// What people write to customers and the public.

// Messages are all of the incident.
func (w *World) Messages() (out []message.Message) {
	w.Helper()
	found, err := w.e.Comms.List(w.Context(), boss, w.number())
	w.must(err)
	for _, v := range found {
		out = append(out, v.Message)
	}
	return out
}

// Draft is somebody writing a message that waits.
func (w *World) Draft(by authz.Actor, c message.Content) (ident.ID, error) {
	w.Helper()
	v, err := w.e.Comms.Draft(w.Context(), by, w.number(), c, w.now)
	w.tick()
	if err != nil {
		return 0, err
	}
	return v.ID, nil
}

// EditMessage is somebody changing one that waits.
func (w *World) EditMessage(by authz.Actor, id ident.ID, c message.Content) error {
	w.Helper()
	_, err := w.e.Comms.Edit(w.Context(), by, id, c, w.now)
	return err
}

// Approve is somebody approving one.
func (w *World) Approve(by authz.Actor, id ident.ID) error {
	w.Helper()
	_, err := w.e.Comms.Approve(w.Context(), by, id, "", w.now)
	w.tick()
	return err
}
