package page

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// fileVersion is the layout of the snapshot file. A reader refuses a newer one
// rather than show half of it.
const fileVersion = 1

const maxFile = 64 << 20

type envelope struct {
	Version  int              `json:"version"`
	Snapshot *status.Snapshot `json:"snapshot,omitempty"` // none: a private page that shows the public one
}

func file(dir string) string { return filepath.Join(dir, "page", "snapshot.json") }

// Save writes the snapshot to DIR/page/snapshot.json so that a reader sees the
// old file or the new one, never a part, also after a power cut. The content
// is public, so the file is world-readable for a page server of another user.
func Save(dir string, s *status.Snapshot) error {
	if err := s.Validate(); err != nil {
		return err
	}
	b, err := json.Marshal(envelope{Version: fileVersion, Snapshot: s})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "encode page snapshot")
	}
	path := file(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // public content
		return fault.Wrap(fault.Unavailable, err, "make page directory")
	}
	return fault.Wrap(fault.Unavailable, replace(path, b, 0o644), "save page snapshot")
}

// replace writes a file next to path, flushes it and renames it over path.
func replace(path string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".snapshot-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Load reads what Save wrote. It answers fault.NotFound when there is no file
// and fault.Invalid for one that is damaged or of a newer version. Fields it
// does not know are dropped.
func Load(dir string) (*status.Snapshot, error) {
	e, err := open(file(dir))
	if err != nil {
		return nil, err
	}
	if e.Snapshot == nil {
		return nil, fault.New(fault.Invalid, "decode page snapshot: it is empty")
	}
	return e.Snapshot, nil
}

// open reads one file; the snapshot in it is sound, if there is one.
func open(path string) (*envelope, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(fault.NotFound, err, "load page snapshot")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "load page snapshot")
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "read page snapshot")
	}
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "decode page snapshot")
	}
	if e.Version != fileVersion {
		return nil, fault.New(fault.Invalid, "decode page snapshot: version %d, want %d", e.Version, fileVersion)
	}
	if e.Snapshot != nil {
		err = e.Snapshot.Validate()
	}
	return &e, err
}

// NewID makes an opaque ID for a public incident or update: twelve random
// characters, which say nothing about how many there were before.
func NewID() string { return strings.ToLower(rand.Text()[:12]) }

// Export writes the whole page as static files under dir (index.html,
// history.html, incidents/ID.html, feeds, api/v2/...), for a plain file
// server. Links are absolute paths without .html: the server needs to try
// that suffix.
func Export(dir string, opt Options, s *status.Snapshot) error {
	d := newDrawer(opt)
	site, err := d.draw(s, d.empty())
	if err != nil {
		return err
	}
	for _, e := range site.assets {
		if err := write(dir, e); err != nil {
			return fault.Wrap(fault.Unavailable, err, "export page")
		}
	}
	for _, e := range site.missing {
		if err := write(dir, e); err != nil {
			return fault.Wrap(fault.Unavailable, err, "export page")
		}
	}
	return nil
}

func write(dir string, e *entry) error {
	path := filepath.Join(dir, filepath.FromSlash(e.file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // public content
		return err
	}
	return replace(path, e.asset().body, 0o644)
}
