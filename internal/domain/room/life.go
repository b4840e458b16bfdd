package room

import (
	"time"
)

const (
	// giveUp is how long a part that cannot be opened is tried.
	giveUp = 30 * time.Minute
	// tries is how often something is tried on a part that is open, before it is left
	// until something new happens.
	tries = 8
	// longest is the longest wait between tries, unless the vendor asks for more.
	longest = time.Minute
)

// Failure is why something could not be done.
type Failure struct {
	Text       string
	Final      bool          // it will not mend by itself
	RetryAfter time.Duration // the vendor's wish
}

// Opened notes that the part can be used.
func (p *Part) Opened(now time.Time) {
	p.State, p.OpenedAt, p.Instead = Open, now, nil
	p.worked()
	p.DueAt = now // there is more to do: invite, pin
}

// Worked notes that everything was done.
func (p *Part) Worked() {
	p.worked()
	p.DueAt = time.Time{}
}

func (p *Part) worked() { p.Attempts, p.Problem, p.FailedAt, p.Rests = 0, "", time.Time{}, false }

// Fail notes a failed attempt; loud reports whether people must learn of it: the
// first one of a row, and the one with which it is given up. A part that is not
// open has something instead of it from the first failure on.
func (p *Part) Fail(f Failure, instead Instead, now time.Time) (loud bool) {
	loud = p.Attempts == 0
	if loud {
		p.FailedAt = now
	}
	p.Attempts++
	p.Problem = f.Text
	next := now.Add(max(Wait(p.Attempts), f.RetryAfter))
	switch p.State {
	case Wanted, Fallback:
		p.Instead = &instead
		if f.Final || next.Sub(p.WantedAt) > giveUp {
			p.State, p.DueAt = Failed, time.Time{}
			return true
		}
		p.State, p.DueAt = Fallback, next
	case Open:
		if f.Final || p.Attempts >= tries {
			p.Rests, p.DueAt = true, time.Time{}
			return true
		}
		p.DueAt = next
	case Closing:
		if f.Final || p.Attempts >= tries {
			p.State, p.ClosedAt, p.DueAt = Closed, now, time.Time{}
			return true
		}
		p.DueAt = next
	case Failed, Closed:
	}
	return loud
}

// Wait is how long after n failures in a row something is tried again: two seconds,
// doubled each time, at most a minute.
func Wait(n int) time.Duration {
	return min(2*time.Second<<min(max(n-1, 0), 10), longest)
}

// Without notes that nobody can open the part: something else serves.
func (p *Part) Without(instead Instead, why string) {
	p.State, p.Instead, p.Problem, p.DueAt = Fallback, &instead, why, time.Time{}
}

// Again wants a part anew that was given up, or that nothing could open.
func (p *Part) Again(now time.Time) bool {
	if p.State != Failed && (p.State != Fallback || !p.DueAt.IsZero()) {
		return false
	}
	p.worked()
	p.State, p.WantedAt, p.DueAt = Wanted, now, now
	return true
}

// Stir has whoever works on the part look at it now, unless a vendor asked for
// time.
func (p *Part) Stir(now time.Time) {
	if p.State != Open || p.Attempts > 0 && !p.Rests {
		return
	}
	p.Rests, p.Attempts, p.DueAt = false, 0, now
}

// End closes the part; it reports whether there is a vendor to be told.
func (p *Part) End(now time.Time) bool {
	switch p.State {
	case Closing, Closed:
		return p.State == Closing
	case Wanted, Open, Fallback, Failed:
	}
	p.Attempts, p.Rests, p.Present = 0, false, nil
	if p.Ref == "" || p.Provider == "" {
		// One that is being opened right now is found closed by whoever opens it.
		p.State, p.ClosedAt, p.DueAt = Closed, now, time.Time{}
		return false
	}
	p.State, p.DueAt = Closing, now
	return true
}

// Ended notes that the vendor was told.
func (p *Part) Ended(now time.Time) {
	p.worked()
	p.State, p.ClosedAt, p.DueAt = Closed, now, time.Time{}
}
