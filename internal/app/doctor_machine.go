package app

import (
	"cmp"
	"context"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"allclear/internal/app/outbound"
	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
)

// folder looks at who can read the data and how fast it becomes durable.
func (x *examination) folder() {
	const check = "data folder"
	i, err := os.Stat(x.c.Dir)
	switch {
	case err != nil:
		x.say(check, wrong, "%s", err)
		return
	case !i.IsDir():
		x.say(check, wrong, "%s is no folder", x.c.Dir)
		return
	case i.Mode().Perm()&0o077 != 0:
		x.say(check, warning, "%s has mode %04o: others can look inside; want 0700", x.c.Dir, i.Mode().Perm())
	default:
		x.say(check, fine, "%s, mode %04o", x.c.Dir, i.Mode().Perm())
	}
	x.sync()
}

// sync measures what every commit on SQLite waits for.
func (x *examination) sync() {
	const check, rounds, block = "sync to disk", 15, 4096
	f, err := os.CreateTemp(x.c.Dir, "doctor.*")
	if err != nil {
		x.say(check, wrong, "nothing can be written: %s", err)
		return
	}
	defer func() { _, _ = f.Close(), os.Remove(f.Name()) }()
	took := make([]time.Duration, rounds)
	for n := range took {
		began := clock()
		if _, err = f.Write(make([]byte, block)); err == nil {
			err = f.Sync()
		}
		if err != nil {
			x.say(check, wrong, "%s", err)
			return
		}
		took[n] = clock().Sub(began)
	}
	slices.Sort(took)
	state, middle := fine, took[rounds/2]
	const slow = 50 * time.Millisecond
	if middle > slow {
		state = warning
	}
	x.say(check, state, "%s in the middle of %d, %s at worst", middle.Round(10*time.Microsecond), rounds, took[rounds-1].Round(10*time.Microsecond))
}

func (x *examination) disk() {
	const check = "free disk"
	const scarce, low = 256 << 20, 2 << 30
	disk, err := diskOf(x.c.Dir)
	state := fine
	switch {
	case err != nil:
		x.say(check, warning, "cannot be asked: %s", err)
		return
	case disk.Free < scarce:
		state = wrong
	case disk.Free < low:
		state = warning
	}
	x.say(check, state, "%d MB", disk.Free>>20)
}

func (x *examination) key() {
	const check = "key"
	b, err := presentKey(x.c.Dir)
	if err != nil {
		x.say(check, warning, "none yet: the first start makes one in %s", filepath.Join(x.c.Dir, keyName))
		return
	}
	if raw, err := hex.DecodeString(strings.TrimSpace(string(b))); err != nil || len(raw) != keyBytes {
		x.say(check, wrong, "want %d hex digits in %s or %s", 2*keyBytes, keyEnv, keyName)
		return
	}
	if os.Getenv(keyEnv) != "" {
		x.say(check, fine, "from %s", keyEnv)
		return
	}
	i, err := os.Stat(filepath.Join(x.c.Dir, keyName))
	if err != nil || i.Mode().Perm()&0o077 != 0 {
		x.say(check, wrong, "%s can be read by others: want mode 0600", keyName)
		return
	}
	x.say(check, fine, "in %s; keep a copy apart from the backups that do not hold it", keyName)
}

func (x *examination) outbound() {
	const check = "outbound guard"
	if _, err := outbound.Guard(x.c.AllowOutbound); err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	for _, c := range x.c.AllowOutbound {
		const wide = 8
		if p, err := netip.ParsePrefix(c); err == nil && p.Bits() < wide {
			x.say(check, warning, "%s opens nearly every address", c)
			return
		}
	}
	x.say(check, fine, "loopback and private addresses are refused%s", strings.Join(append([]string{""}, x.c.AllowOutbound...), ", but "))
}

// channels says which ways out are set up. Without one nobody is reached.
func (x *examination) channels() {
	const check = "channels"
	reg, err := plug.NewRegistry(Plugins()...)
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	cs, err := openChannels(reg, x.c, keys{}) // looking makes no key
	if err != nil {
		x.say(check, wrong, "%s", err)
		return
	}
	defer func() { _ = cs.Close() }()
	var on, off []string
	for _, p := range reg.All() {
		for _, name := range p.Manifest.Channels {
			switch _, open := cs.open[name]; {
			case slices.Contains(inside, name):
			case open:
				on = append(on, name)
			default:
				off = append(off, name)
			}
		}
	}
	slices.Sort(on)
	slices.Sort(off)
	on, off = slices.Compact(on), slices.Compact(off)
	off = slices.DeleteFunc(off, func(name string) bool { return slices.Contains(on, name) })
	state, reached := fine, ""
	if !slices.ContainsFunc(on, func(name string) bool { return slices.Contains(catalog.Channels, name) }) {
		state, reached = warning, "nobody is reached from here; "
	}
	x.say(check, state, "set up by the environment: %s; %snot set up: %s", cmp.Or(strings.Join(on, ", "), "none"), reached, cmp.Or(strings.Join(off, ", "), "none"))
}

func (x *examination) listeners(ctx context.Context) {
	for _, at := range [][2]string{{"console address", x.c.Listen}, {"page address", x.c.PageListen}} {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", at[1])
		if err != nil {
			x.say(at[0], warning, "%s is taken, as it is while the server runs: %s", at[1], err)
			continue
		}
		_ = l.Close()
		x.say(at[0], fine, "%s is free", at[1])
	}
}
