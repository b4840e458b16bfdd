package page

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

func tenantDir(dir string) string { return filepath.Join(dir, "page", "tenants") }

func tenantFile(dir, hash string) string { return filepath.Join(tenantDir(dir), hash+".json") }

// TenantFiles keeps private pages below DIR/page/tenants, each under the hash
// of its token: the folder tells neither an address nor a customer. It is safe
// for concurrent use.
type TenantFiles struct {
	dir  string
	mu   sync.Mutex
	kept map[string][sha256.Size]byte // what this process has written
}

// NewTenantFiles keeps private pages in a data directory.
func NewTenantFiles(dir string) *TenantFiles {
	return &TenantFiles{dir: dir, kept: map[string][sha256.Size]byte{}}
}

// Save writes the pages that have changed, and removes those that are not
// among them. A nil page shows the public one, whose file has its content.
func (f *TenantFiles) Save(pages map[string]*status.Snapshot) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	errs := []error{f.sweep(pages)}
	for hash, s := range pages {
		errs = append(errs, f.save(hash, s))
	}
	return fault.Wrap(fault.Unavailable, errors.Join(errs...), "save private pages")
}

// sweep removes files of pages that are no more, and forgets having written
// what is not there.
func (f *TenantFiles) sweep(pages map[string]*status.Snapshot) error {
	files, err := os.ReadDir(tenantDir(f.dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var errs []error
	there := map[string]bool{}
	for _, e := range files {
		hash, ok := strings.CutSuffix(e.Name(), ".json")
		if _, open := pages[hash]; ok && open {
			there[hash] = true
			continue
		}
		errs = append(errs, os.Remove(filepath.Join(tenantDir(f.dir), e.Name())))
	}
	for hash := range f.kept {
		if !there[hash] {
			delete(f.kept, hash)
		}
	}
	return errors.Join(errs...)
}

// save writes one page when it is another than before. The seconds of the
// heartbeat are no change: a reader takes them from the public page. What is
// told to one customer is no business of other users of the machine.
func (f *TenantFiles) save(hash string, s *status.Snapshot) error {
	var key [sha256.Size]byte
	if s != nil {
		if err := s.Validate(); err != nil {
			return err
		}
		var err error
		if key, err = keyOf(s); err != nil {
			return err
		}
	}
	if old, ok := f.kept[hash]; ok && old == key {
		return nil
	}
	b, err := json.Marshal(envelope{Version: fileVersion, Snapshot: s})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(tenantDir(f.dir), 0o750); err != nil {
		return err
	}
	if err := replace(tenantFile(f.dir, hash), b, 0o640); err != nil {
		return err
	}
	f.kept[hash] = key
	return nil
}

// tenantReader serves private pages from their files. A page is read when it is
// asked for, so an ended one is gone with its file.
type tenantReader struct {
	dir    string
	public func() *status.Snapshot
	mu     sync.Mutex
	pages  map[string]tenantRead
}

// tenantRead is what a file said, and what is shown for it beside the public
// page it was joined with.
type tenantRead struct {
	info              os.FileInfo
	own, with, joined *status.Snapshot
}

func newTenantReader(dir string, public func() *status.Snapshot) *tenantReader {
	return &tenantReader{dir: dir, public: public, pages: map[string]tenantRead{}}
}

// read returns the page of a hash. One that cannot be read any more is shown as
// it was; one that never could is not there.
func (t *tenantReader) read(hash string) (*status.Snapshot, bool) {
	info, err := os.Stat(tenantFile(t.dir, hash))
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		delete(t.pages, hash)
		return nil, false
	}
	r, ok := t.pages[hash]
	if !ok || !same(r.info, info) {
		e, err := open(tenantFile(t.dir, hash))
		if err != nil {
			return r.joined, ok
		}
		r = tenantRead{info: info, own: e.Snapshot}
	}
	if public := t.public(); r.own != nil && (r.joined == nil || public != r.with) {
		r.with, r.joined = public, join(r.own, public)
	}
	t.pages[hash] = r
	return r.joined, true
}

// join brings a private page up to what the public one has had since: its
// heartbeat, and what was posted to it by hand.
func join(own, public *status.Snapshot) *status.Snapshot {
	if public == nil {
		return own
	}
	s := status.Carry(own, status.Handmade(public, own))
	if public.GeneratedAt.After(s.GeneratedAt) {
		s.GeneratedAt = public.GeneratedAt
	}
	return s
}
