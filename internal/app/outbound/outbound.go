// Package outbound opens the guarded ways out of the product that are no channel:
// to absence calendars, and to what synthetic checks ask. It must not decide what
// an answer means, nor let anything past the guard.
package outbound

import (
	"fmt"
	"net/netip"

	"allclear/internal/plug"
)

// Guard lets the networks through that are named, beside what is public.
func Guard(cidrs []string) (*plug.Guard, error) {
	var allow []netip.Prefix
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return nil, fmt.Errorf("--allow-outbound %q: want a network such as 10.0.0.0/8", c)
		}
		allow = append(allow, p)
	}
	return plug.NewGuard(allow...), nil
}
