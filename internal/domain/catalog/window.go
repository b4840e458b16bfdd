package catalog

import "allclear/internal/base/recur"

// hours checks a window of the day and its days.
func (c *checker) hours(where string, days []string, from, to string) {
	if _, err := recur.ParseClock(from); err != nil {
		c.add(where+"/from", "%v", err)
	}
	if _, err := recur.ParseClock(to); err != nil {
		c.add(where+"/to", "%v", err)
	}
	c.weekdays(where+"/days", days)
}

func (c *checker) weekdays(where string, days []string) {
	c.each(where, days, func(at, d string) {
		if _, err := recur.ParseWeekday(d); err != nil {
			c.add(at, "%v", err)
		}
	})
}
