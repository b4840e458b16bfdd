package duty

import (
	"time"

	"allclear/internal/domain/reach"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
)

// DeadEnd is a stretch of time in which a place leads to nobody.
type DeadEnd struct {
	Where  string         `json:"where" example:"schedule:primary" doc:"schedule:ID, chain/step N, policy:ID/step N, service:ID/P1 (no step at all reaches anybody), or fallback."`
	What   string         `json:"what" enum:"nobody,unreachable,away,same_person" doc:"Nobody is behind it; no contact on a channel with a provider; absent without a deputy; primary and secondary in one."`
	Target string         `json:"target,omitempty"`
	People []record.Named `json:"people"`
	From   time.Time      `json:"from"`
	Until  time.Time      `json:"until" doc:"Fourteen days from now: it goes on for longer than is looked."`
}

// Key names it among the others.
func (d DeadEnd) Key() string {
	return d.Where + " " + d.What + " " + d.Target + " " + d.From.String()
}

// DeadEndOf shows a dead end, with what people are called.
func DeadEndOf(n record.Names) func(reach.Finding) DeadEnd {
	return func(f reach.Finding) DeadEnd {
		return DeadEnd{Where: f.Where, What: f.What, Target: f.Target, People: wire.Each(f.People, n.Person), From: f.From, Until: f.Until}
	}
}
