package app

import (
	"slices"

	"allclear/internal/flow/room"
	"allclear/internal/plug"
)

// rooms opens the plug-ins that can open parts of a war room and have settings in the
// environment.
func (c *channels) rooms(url string) (out room.Options, err error) {
	out = room.Options{URL: url + "/incidents/", From: mailFrom(), Usable: func(name string) bool {
		_, ok := c.get(name)
		return ok
	}}
	for _, p := range c.reg.All() {
		m := p.Manifest
		if len(m.Rooms) == 0 || len(settingsOf(m, c.keys)) == 0 {
			continue
		}
		v, err := c.plugin(m.Name)
		if err != nil {
			return out, err
		}
		if vendor, ok := VendorOf(m, v); ok {
			out.Vendors = append(out.Vendors, vendor)
		}
	}
	return out, nil
}

// VendorOf is what an open plug-in can do for a war room; ok is false when its
// settings let it do nothing.
func VendorOf(m plug.Manifest, v any) (out room.Vendor, ok bool) {
	opens, can := v.(plug.Opener)
	if !can {
		return out, false
	}
	out = room.Vendor{Name: m.Name, Title: m.Title}
	if len(m.Channels) == 1 {
		out.Handles = m.Channels[0]
	}
	does := func(part string) bool { return slices.Contains(m.Rooms, part) && opens.Opens(part) }
	if does(plug.RoomChat) {
		out.Chat, _ = v.(plug.Chat)
	}
	if does(plug.RoomMeeting) {
		out.Meeting, _ = v.(plug.Meeting)
	}
	if does(plug.RoomDocument) {
		out.Document, _ = v.(plug.Document)
	}
	if does(plug.RoomCall) {
		out.Call, _ = v.(plug.Conference)
	}
	return out, out.Chat != nil || out.Meeting != nil || out.Document != nil || out.Call != nil
}
