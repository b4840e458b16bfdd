// Package recur owns the arithmetic of clocks on walls: when a wall-clock time
// happens in a zone, stepping by days and months, business time, and the short
// spans a procedure is written in ("45m", "8bh", "5bd"). It must not know
// schedules, deadlines or the procedure, and never asks what time it is.
//
// Every interval is half-open: an opening instant is open, a closing one is not.
package recur

import "time"

// Never is what an addition of business time answers when the calendar does not
// open again within ten years, for instance because no day is a business day.
// It sorts after every real due time. Check a calendar with Validate so that
// nobody waits for it.
var Never = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// patience is how many closed days in a row are looked at before Never.
const patience = 3660
