package spool

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditctl/pkg/internal/osfile"
)

// A Spool is a directory with a [Queue] for each destination. It is safe for concurrent
// use, also by several processes.
type Spool struct {
	dir  *osfile.Dir
	disk disk
	warn func(format string, args ...any)
}

// A disk is what a Spool needs of its directory: an [*osfile.Dir], or in tests one that
// records what is changed.
type disk interface {
	Open(name string, flag int) (osfile.File, error)
	Rename(name, base string) error
	Remove(name string) error
	ReadDir(name string, do func(fs.DirEntry) error) error
	Sync(dir string) error
}

// Open opens the spool in a directory, which it creates with mode 0700 if there is none.
// It must belong to the user or root, and others may not write to it, though its group
// may. warn is called with warnings for the user that are not errors.
func Open(path string, warn func(format string, args ...any)) (*Spool, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return OpenExisting(path, warn)
}

// OpenExisting is Open for a directory that exists; else the error is [fs.ErrNotExist].
func OpenExisting(path string, warn func(format string, args ...any)) (*Spool, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	dir, err := osfile.OpenDir(target)
	if err != nil {
		return nil, err
	}
	if err := dir.CheckPrivate(0o002); err != nil {
		dir.Close()
		return nil, fmt.Errorf("spool %w, or use another directory", err)
	}
	return &Spool{dir: dir, disk: dir, warn: warn}, nil
}

// Close closes the directory. The queues must not be used any more.
func (s *Spool) Close() error { return s.dir.Close() }

// path returns the path of a file, for messages.
func (s *Spool) path(name string) string { return filepath.Join(s.dir.Path(), name) }

// Queue returns the queue of a destination. The name distinguishes it from all others and
// may be secret: only shown, which stands for it in messages, gets into the spool.
func (s *Spool) Queue(name, shown string) *Queue {
	sum := sha256.Sum256([]byte(name))
	return &Queue{spool: s, prefix: prefix + hex.EncodeToString(sum[:hashSize]), shown: shown}
}

const (
	prefix   = "to-"
	hashSize = 8 // bytes
)

// Others returns the destinations for which lines wait, except those of the given queues,
// in the order of their names: as shown, and if that is not known, the name of a file.
func (s *Spool) Others(known ...*Queue) (shown []string, err error) {
	others, err := s.others(known)
	for queue := range others {
		shown = append(shown, s.shownName(queue))
	}
	slices.Sort(shown)
	return shown, err
}

// Neglected is Others for the lines that have waited for a time. It returns a destination
// again only after that time.
func (s *Spool) Neglected(since time.Duration, known ...*Queue) (shown []string, err error) {
	others, err := s.others(known)
	for queue, first := range others {
		if s.unchanged(segmentName(queue, first), since) && s.unchanged(queue, since) {
			shown = append(shown, s.shownName(queue))
			s.touch(queue)
		}
	}
	slices.Sort(shown)
	return shown, err
}

// others returns the first segments of all queues except the given ones.
func (s *Spool) others(known []*Queue) (first map[string]int, err error) {
	first = make(map[string]int)
	err = s.disk.ReadDir(".", func(entry fs.DirEntry) error {
		if queue, n, ok := parseSegment(entry.Name()); ok && (first[queue] == 0 || n < first[queue]) {
			first[queue] = n
		}
		return nil
	})
	for _, q := range known {
		delete(first, q.prefix)
	}
	return first, err
}

// unchanged reports whether a file was not modified for a time.
func (s *Spool) unchanged(name string, since time.Duration) bool {
	f, err := s.dir.Open(name, os.O_RDONLY|osfile.NoFollow)
	if err != nil {
		return false
	}
	defer f.Close()
	st, err := f.Stat()
	return err == nil && time.Since(st.ModTime()) > since
}

// touch modifies the file with the name of a destination without changing it.
func (s *Spool) touch(queue string) {
	f, err := s.dir.Open(queue, os.O_RDWR|osfile.NoFollow)
	if err != nil {
		return
	}
	defer f.Close()
	var first [1]byte
	if _, err := f.ReadAt(first[:], 0); err == nil {
		f.WriteAt(first[:], 0)
	}
}

// shownName returns the name of the destination of a queue as it is shown.
func (s *Spool) shownName(queue string) string {
	if f, err := s.dir.Open(queue, os.O_RDONLY|osfile.NoFollow); err == nil {
		defer f.Close()
		name := make([]byte, maxShown)
		n, _ := f.ReadAt(name, 0)
		if first, _, ok := strings.Cut(string(name[:n]), "\n"); ok {
			return first
		}
	}
	return s.path(queue)
}

const maxShown = 4096 // bytes of a name

// segments returns the numbers of the segments of a queue, in order.
func (s *Spool) segments(queue string) (numbers []int, err error) {
	err = s.disk.ReadDir(".", func(entry fs.DirEntry) error {
		if of, n, ok := parseSegment(entry.Name()); ok && of == queue {
			numbers = append(numbers, n)
		}
		return nil
	})
	slices.Sort(numbers)
	return numbers, err
}

func segmentName(queue string, n int) string { return fmt.Sprintf("%s.%08d", queue, n) }

// parseSegment returns of which queue a file is a segment, and its number.
func parseSegment(name string) (queue string, n int, ok bool) {
	queue, digits, _ := strings.Cut(name, ".")
	hash, ours := strings.CutPrefix(queue, prefix)
	if n, err := strconv.Atoi(digits); ours && err == nil && len(hash) == 2*hashSize && segmentName(queue, n) == name {
		return queue, n, true
	}
	return "", 0, false
}
