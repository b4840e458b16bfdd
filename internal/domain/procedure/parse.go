package procedure

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/goccy/go-yaml"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
)

const maxBytes = 2 << 20

// Parse reads a procedure file strictly: an unknown field or a duplicate key
// is an error with its line and column. It checks form only; Lint judges sense.
func Parse(data []byte) (*Procedure, error) {
	if len(data) > maxBytes {
		return nil, fault.New(fault.TooLarge, "procedure has %d bytes, the limit is %d", len(data), maxBytes)
	}
	var p Procedure
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.UseJSONUnmarshaler()).Decode(&p); err != nil {
		return nil, fault.New(fault.Invalid, "read procedure: %s", yaml.FormatError(err, false, false))
	}
	if p.Schema != 1 {
		return nil, fault.New(fault.Invalid, "read procedure: schema is %d, this version reads 1", p.Schema)
	}
	if p.BusinessHours != nil {
		cal, err := p.BusinessHours.calendar()
		if err != nil {
			return nil, fault.New(fault.Invalid, "read procedure: business_hours: %s", err)
		}
		p.calendar = cal
	}
	return &p, nil
}

// Hash names a version of a procedure by its content.
func Hash(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data))[:16] }

var weekdays = map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

func (b *BusinessHours) calendar() (*recur.Calendar, error) {
	loc, err := time.LoadLocation(b.TimeZone)
	if err != nil || b.TimeZone == "" {
		return nil, fmt.Errorf("time_zone %q is not known", b.TimeZone)
	}
	c := &recur.Calendar{Location: loc, Holidays: map[recur.Date]bool{}}
	for _, d := range b.Days {
		w, ok := weekdays[d]
		if !ok {
			return nil, fmt.Errorf("day %q: want mon, tue, wed, thu, fri, sat or sun", d)
		}
		c.Days[w] = true
	}
	start, err1 := recur.ParseClock(b.Start)
	end, err2 := recur.ParseClock(b.End)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	c.Start, c.End = start/60, end/60
	for _, h := range b.Holidays {
		d, err := recur.ParseDate(h)
		if err != nil {
			return nil, err
		}
		c.Holidays[d] = true
	}
	return c, c.Validate()
}
