package execute

import (
	"strings"
	"sync"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

const (
	piece = 16 << 10    // told of at once
	soon  = time.Second // after which less is told of as well
)

// capture passes on what a program writes, in pieces, without secrets and up to a
// limit; the rest is read and thrown away, so that the program does not wait.
type capture struct {
	out     func(string)
	secrets []secret.String
	back    int // bytes kept back: a secret may begin in them

	mu    sync.Mutex
	room  int64
	buf   []byte
	told  time.Time
	cut   bool
	ended bool
}

func newCapture(room int64, secrets []secret.String, out func(string)) *capture {
	c := &capture{out: out, room: room, told: time.Now()}
	for _, s := range secrets {
		// A secret of several lines is one secret, and its lines are, too.
		c.secrets = append(c.secrets, s)
		const telling = 8
		for _, line := range strings.Split(s.Reveal(), "\n") {
			if line = strings.TrimSpace(line); len(line) >= telling && line != s.Reveal() {
				c.secrets = append(c.secrets, secret.String(line))
			}
		}
		c.back = max(c.back, len(s.Reveal())-1)
	}
	return c
}

// Write implements io.Writer.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keep := p
	if int64(len(keep)) > c.room {
		keep, c.cut = keep[:c.room], true
	}
	c.room -= int64(len(keep))
	c.buf = append(c.buf, keep...)
	if len(c.buf)-c.back >= piece || len(c.buf) > c.back && time.Since(c.told) >= soon {
		c.tell(false)
	}
	return len(p), nil
}

func (c *capture) say(line string) { _, _ = c.Write([]byte(line + "\n")) }

// flush tells of what is there.
func (c *capture) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.buf) > c.back {
		c.tell(false)
	}
}

func (c *capture) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		c.buf = append(c.buf, "\n[the rest is left out]\n"...)
	}
	c.tell(true)
	c.ended = true
}

func (c *capture) tell(all bool) {
	if c.ended {
		return
	}
	text := plug.Redact(string(c.buf), c.secrets...)
	end := len(text)
	if !all {
		end = max(len(text)-c.back, 0)
		for end > 0 && end < len(text) && text[end]&0xC0 == 0x80 { // not within a letter
			end--
		}
	}
	c.buf = append(c.buf[:0], text[end:]...)
	c.told = time.Now()
	for text = text[:end]; text != ""; {
		n := min(len(text), piece)
		for n < len(text) && n > 1 && text[n]&0xC0 == 0x80 {
			n--
		}
		c.out(text[:n])
		text = text[n:]
	}
}
