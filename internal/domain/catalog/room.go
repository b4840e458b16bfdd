package catalog

// Room is a conference room in which a war room can meet (WAR-PHY-ROOM).
type Room struct {
	ID       string `json:"id" yaml:"id"`
	Name     string `json:"name" yaml:"name"`
	Site     string `json:"site,omitempty" yaml:"site"`         // such as London, 3rd floor
	Capacity int    `json:"capacity,omitempty" yaml:"capacity"` // people
	Bridge   string `json:"bridge,omitempty" yaml:"bridge"`     // E.164 number of its telephone conference
	PIN      string `json:"pin,omitempty" yaml:"pin"`           // digits to type there
	Email    string `json:"email,omitempty" yaml:"email"`       // mailbox of the room, which calendar invitations go to
}

const maxCapacity = 10_000

// Kind is KindRoom.
func (Room) Kind() Kind { return KindRoom }

// Key is the room's id.
func (r Room) Key() string { return r.ID }

func (r Room) check(c *checker, _ Lookup) {
	c.text("/name", r.Name, true)
	c.text("/site", r.Site, false)
	if r.Capacity < 0 || r.Capacity > maxCapacity {
		c.add("/capacity", "must be from 1 to %d, or absent", maxCapacity)
	}
	if r.Bridge != "" {
		c.phone("/bridge", r.Bridge)
	}
	const pinDigits = 12
	if len(r.PIN) > pinDigits || !digits(r.PIN) {
		c.add("/pin", "want up to %d digits", pinDigits)
	}
	if r.Email != "" {
		c.address("/email", r.Email)
	}
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
