package catalog

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"allclear/internal/base/fault"
)

// Limits on one entity. They bound what a mistaken document costs.
const (
	MaxLevel = 3
	MaxText  = 500  // bytes of a name, title or label
	MaxProse = 8000 // bytes of a description
	MaxList  = 200
)

// Lookup answers what a check needs to know about the other entities.
type Lookup interface {
	// Exists reports whether the entity is in the catalogue.
	Exists(kind Kind, id string) bool
	// DependsOn lists what the service depends on; none when it is unknown.
	DependsOn(service string) []string
}

// Check reports everything that is wrong with the entity as one error of kind
// fault.Invalid whose details hold JSON pointers, or nil. References must
// exist in look or be the entity itself: a schedule with somebody unknown in
// it would page nobody.
func Check(e Entity, look Lookup) error {
	var c checker
	c.slug("/id", e.Key())
	e.check(&c, look)
	if len(c.wrong) == 0 {
		return nil
	}
	more := ""
	if n := len(c.wrong); n > 1 {
		more = fmt.Sprintf(" (and %d more)", n-1)
	}
	err := fault.New(fault.Invalid, "check %s %s: %s: %s%s", e.Kind(), e.Key(), c.wrong[0].Where, c.wrong[0].What, more)
	err.Details = c.wrong
	return err
}

// IsSlug reports whether id can name an entity: 1 to 64 of a-z 0-9 . _ -.
func IsSlug(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" &&
		strings.Trim(id, "._") != ""
}

type checker struct{ wrong []fault.Detail }

func (c *checker) add(where, format string, args ...any) {
	c.wrong = append(c.wrong, fault.Detail{Where: where, What: fmt.Sprintf(format, args...)})
}

func (c *checker) slug(where, id string) {
	if !IsSlug(id) {
		c.add(where, "%q: use 1 to 64 of a-z, 0-9, dot, underscore and hyphen", id)
	}
}

func (c *checker) optionalSlug(where, id string) {
	if id != "" {
		c.slug(where, id)
	}
}

func (c *checker) slugs(where string, ids []string) {
	c.each(where, ids, c.slug)
}

// each checks a list: its length, that nothing is in it twice, and each entry.
func (c *checker) each(where string, list []string, check func(where, v string)) {
	if len(list) > MaxList {
		c.add(where, "at most %d entries are allowed, this has %d", MaxList, len(list))
		return
	}
	for i, v := range list {
		at := fmt.Sprintf("%s/%d", where, i)
		if slices.Contains(list[:i], v) {
			c.add(at, "%q is given twice", v)
			continue
		}
		check(at, v)
	}
}

func (c *checker) text(where, s string, required bool) {
	switch {
	case s == "" && required:
		c.add(where, "is missing")
	case len(s) > MaxText:
		c.add(where, "is longer than %d bytes", MaxText)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.add(where, "has characters that cannot be shown")
	case strings.TrimSpace(s) != s:
		c.add(where, "starts or ends with a space")
	}
}

// prose is text that may have lines.
func (c *checker) prose(where, s string) {
	if len(s) > MaxProse || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		c.add(where, "is longer than %d bytes or not UTF-8 text", MaxProse)
	}
}

func (c *checker) ref(look Lookup, kind Kind) func(where, id string) {
	return func(where, id string) {
		if !look.Exists(kind, id) {
			c.add(where, "there is no %s %q", kind, id)
		}
	}
}

func (c *checker) optionalRef(look Lookup, kind Kind, where, id string) {
	if id != "" {
		c.ref(look, kind)(where, id)
	}
}

func (c *checker) oneOf(where, v string, allowed []string) {
	if !slices.Contains(allowed, v) {
		c.add(where, "%q is not one of %s", v, strings.Join(allowed, ", "))
	}
}

func (c *checker) address(where, address string) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > 254 {
		c.add(where, "%q is not a mail address", address)
	}
}

func (c *checker) phone(where, number string) {
	digits, plus := strings.CutPrefix(number, "+")
	if !plus || len(digits) < 7 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" || digits[0] == '0' {
		c.add(where, "%q is not a number in E.164 form, such as +15550100001", number)
	}
}

func (c *checker) zone(where, name string) {
	if name == "" {
		return
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		c.add(where, "%q is not a time zone; use an IANA name such as Europe/Berlin or UTC", name)
	}
}

func (c *checker) link(where, raw string) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		c.add(where, "%q is not an http or https address", raw)
	}
}
