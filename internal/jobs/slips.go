package jobs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// Slips notes in a file what a provider has accepted, the moment it has, and before
// the database does. A process that is killed between the two finds there, when it
// starts again, what it need not send once more: what was written to a file outlives
// the process, though not the machine, so no slip waits for the disk. The database
// stays the truth; a slip that is lost or torn is a message that is sent again (ADR
// 0012). A nil *Slips keeps none.
type Slips struct {
	mu   sync.Mutex
	file *os.File
	size int64
	open int // accepted, and not yet in the database
}

// mostSlips is the size from which the file begins anew when nothing of it is needed.
const mostSlips = 1 << 20

// OpenSlips opens the file, or makes it.
func OpenSlips(path string) (*Slips, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open slips: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Slips{file: f, size: st.Size()}, nil
}

// Close closes the file; slips are kept.
func (s *Slips) Close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}

// note writes down that an attempt was accepted. One write is one line, so that
// lines of several workers never mix.
func (s *Slips) note(d *message.Delivery) error {
	if s == nil {
		return nil
	}
	body := fmt.Sprintf("%d %d %s", int64(d.ID), d.Fence, strconv.Quote(d.Receipt))
	line := fmt.Sprintf("%08x %s\n", crc32.ChecksumIEEE([]byte(body)), body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	n, err := s.file.WriteString(line)
	s.size += int64(n)
	return err
}

// done forgets n slips that the database knows now.
func (s *Slips) done(n int) {
	if s == nil || n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open -= n; s.open == 0 && s.size > mostSlips && s.file.Truncate(0) == nil {
		s.size = 0
	}
}

// slip is one line of the file.
type slip struct {
	id      ident.ID
	fence   int64
	receipt string
}

// read returns the slips of a file; torn lines are passed over.
func read(b []byte) (out []slip) {
	in := bufio.NewScanner(bytes.NewReader(b))
	in.Buffer(nil, mostSlips)
	for in.Scan() {
		sum, body, ok := strings.Cut(in.Text(), " ")
		want, err := strconv.ParseUint(sum, 16, 32)
		if !ok || err != nil || uint32(want) != crc32.ChecksumIEEE([]byte(body)) {
			continue
		}
		parts := strings.SplitN(body, " ", 3)
		if len(parts) != 3 {
			continue
		}
		id, err1 := strconv.ParseInt(parts[0], 10, 64)
		fence, err2 := strconv.ParseInt(parts[1], 10, 64)
		receipt, err3 := strconv.Unquote(parts[2])
		if errors.Join(err1, err2, err3) == nil {
			out = append(out, slip{ident.ID(id), fence, receipt})
		}
	}
	return out
}

// Settle brings the database up to what the slips say, before anything is sent, and
// forgets them. It returns how many deliveries were settled.
func (s *Slips) Settle(ctx context.Context, db *store.DB, mind Mind, now time.Time) (n int, err error) {
	if s == nil {
		return 0, nil
	}
	b, err := os.ReadFile(s.file.Name())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read slips: %w", err)
	}
	all := read(b)
	const batch = 100 // bounded, so that a page does not wait for all of them
	for len(all) > 0 {
		part := all[:min(batch, len(all))]
		all = all[len(part):]
		err := db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
			for _, x := range part {
				settled, err := settle(tx, x, mind, now)
				if err != nil {
					return err
				}
				if settled {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("settle slips: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size = 0
	return n, s.file.Truncate(0)
}

func settle(tx *store.Tx, x slip, mind Mind, now time.Time) (bool, error) {
	d, err := deliveries.Attempt(tx, x.id, x.fence)
	if err != nil || d == nil {
		return false, err // it was written down, or is in other hands by now
	}
	d.State, d.DoneAt, d.LastError, d.Receipt = message.Accepted, now, "", x.receipt
	if held, err := deliveries.Finish(tx, d); err != nil || !held {
		return false, err
	}
	return true, mind.Outcome(tx, d, now)
}
