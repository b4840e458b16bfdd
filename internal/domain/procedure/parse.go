package procedure

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
)

const maxBytes = 2 << 20

// Parse reads a procedure file strictly: an unknown or repeated key is an error
// with its line and column. It checks form only; Lint judges sense. The error is
// fault.Invalid with one detail for each problem, or fault.TooLarge.
func Parse(data []byte) (*Procedure, error) {
	if len(data) > maxBytes {
		return nil, fault.New(fault.TooLarge, "procedure has %d bytes, the limit is %d", len(data), maxBytes)
	}
	p, _, problems := read(data)
	if len(problems) > 0 {
		return nil, refuse(problems)
	}
	return p, nil
}

// read parses and tells where in the file every value stands.
func read(data []byte) (*Procedure, map[string]Place, []problem) {
	root, bad := tree(data)
	if bad != nil {
		return nil, nil, []problem{*bad}
	}
	var p Procedure
	d := decoder{places: map[string]Place{}}
	d.value(root, reflect.ValueOf(&p).Elem(), "")
	if p.Schema != 1 && len(d.problems) == 0 {
		d.problems = append(d.problems, problem{at: d.places["schema"], path: "schema", what: fmt.Sprintf("schema is %d, this version reads 1", p.Schema)})
	}
	if p.BusinessHours != nil {
		cal, err := p.BusinessHours.calendar()
		if err != nil {
			d.problems = append(d.problems, d.hours(err))
		}
		p.calendar = cal
	}
	return &p, d.places, d.problems
}

// hours places an error of the business hours at the key it begins with.
func (d *decoder) hours(err error) problem {
	const path = "business_hours"
	key, _, _ := strings.Cut(err.Error(), " ")
	if at, ok := d.places[join(path, key)]; ok {
		return problem{at: at, path: join(path, key), what: err.Error()}
	}
	return problem{at: d.places[path], path: path, what: err.Error()}
}

// refuse makes one error of what could not be read.
func refuse(ps []problem) error {
	first := ps[0]
	err := fault.New(fault.Invalid, "read procedure: %s: %s", first.at, first.what)
	for _, p := range ps {
		err = err.With(p.at.String()+" "+p.path, p.what)
	}
	return err
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
