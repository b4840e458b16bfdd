package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"allclear/internal/domain/catalog"
)

// Account is what a file says of one customer, in one line or several.
type Account struct {
	External, ID string
	Lines        []Line
}

// Line is where it begins in the file.
func (a *Account) Line() int { return a.Lines[0].Number }

// Accounts puts the lines together that speak of the same customer, in the order of
// the file, and says what is wrong with those that do not fit together. An account
// of which a line is broken is left out as a whole: half of its contacts would
// replace all of them.
func (t *Table) Accounts() (out []Account, refused []Problem) {
	at := map[string]int{}
	var all []Account
	for _, l := range t.Lines {
		external, id := l.Cells["external_id"], strings.ToLower(l.Cells["id"])
		key := "external " + external
		if external == "" {
			key = "id " + id
		}
		if external == "" && id == "" {
			refused = append(refused, Problem{l.Number, "external_id", "is empty, and so is id: nobody knows whom the line is about"})
			continue
		}
		i, there := at[key]
		if !there {
			at[key] = len(all)
			all = append(all, Account{External: external, ID: id, Lines: []Line{l}})
			continue
		}
		all[i].Lines = append(all[i].Lines, l)
	}
	for _, a := range all {
		if bad := a.torn(); len(bad) > 0 {
			refused = append(refused, bad...)
			continue
		}
		out = append(out, a)
	}
	return out, append(refused, t.Broken...)
}

// torn says in which columns a further line says something else than the first.
func (a *Account) torn() (bad []Problem) {
	first := a.Lines[0]
	for _, l := range a.Lines[1:] {
		for i := range columns {
			name := columns[i].name
			if v := l.Cells[name]; v != "" && !strings.EqualFold(v, first.Cells[name]) {
				bad = append(bad, Problem{l.Number, name, fmt.Sprintf("is %q, and %q in line %d, for the same customer", clip(v), clip(first.Cells[name]), first.Number)})
			}
		}
	}
	return bad
}

// Onto is the customer after the account was written over what stands; a column
// that the file does not have stays as it is, an empty cell empties it.
func (a *Account) Onto(stands catalog.Customer) (next catalog.Customer, bad []Problem) {
	next = stands
	first := a.Lines[0]
	for i := range columns {
		c := &columns[i]
		cell, there := first.Cells[c.name]
		if !there {
			continue
		}
		if err := c.set(&next, cell); err != nil {
			bad = append(bad, Problem{first.Number, c.name, err.Error()})
		}
	}
	if contacts, said := a.contacts(); said {
		next.Contacts = contacts
	}
	return next, bad
}

// contacts are those the lines name; said is false when the file does not speak of
// contacts.
func (a *Account) contacts() (out []catalog.CustomerContact, said bool) {
	for _, l := range a.Lines {
		c := catalog.CustomerContact{Name: l.Cells[contactName], Email: l.Cells[contactEmail], Phone: l.Cells[contactPhone], Channels: entries(l.Cells[contactChannels])}
		for _, name := range contactColumns {
			_, there := l.Cells[name]
			said = said || there
		}
		if c.Name+c.Email+c.Phone == "" {
			continue
		}
		c.Name = cmp.Or(c.Name, c.Email, c.Phone)
		out = append(out, c)
	}
	return out, said
}

// Where finds the line and column that a JSON pointer into the customer stands for.
func (a *Account) Where(pointer string) (line int, column string) {
	if rest, ok := strings.CutPrefix(pointer, "/contacts/"); ok {
		place, field, _ := strings.Cut(rest, "/")
		field, _, _ = strings.Cut(field, "/")
		return a.contactLine(place), "contact_" + cmp.Or(field, "email")
	}
	for i := range columns {
		if w := columns[i].where; pointer == w || strings.HasPrefix(pointer, w+"/") {
			return a.Line(), columns[i].name
		}
	}
	return a.Line(), strings.TrimPrefix(pointer, "/")
}

func (a *Account) contactLine(place string) int {
	n, err := strconv.Atoi(place)
	for _, l := range a.Lines {
		if err == nil && l.Cells[contactName]+l.Cells[contactEmail]+l.Cells[contactPhone] != "" {
			if n == 0 {
				return l.Number
			}
			n--
		}
	}
	return a.Line()
}

// NewID makes an id of the external one, or of the name, that is not taken.
func (a *Account) NewID(name string, taken func(id string) bool) string {
	if a.ID != "" {
		return a.ID
	}
	base := slug(a.External)
	if base == "" {
		base = cmp.Or(slug(name), "customer")
	}
	id := base
	for n := 2; taken(id); n++ {
		id = base[:min(len(base), 56)] + "-" + strconv.Itoa(n)
	}
	return id
}

// slug writes text as an id; empty where nothing is left.
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-")
	out = strings.TrimRight(out[:min(len(out), 60)], "-")
	if !catalog.IsSlug(out) {
		return ""
	}
	return out
}

// Problems puts problems in the order of the file.
func Problems(all []Problem) []Problem {
	slices.SortStableFunc(all, func(x, y Problem) int { return cmp.Compare(x.Line, y.Line) })
	return all
}
