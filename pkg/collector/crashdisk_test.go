package collector_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/collector"
)

// A crashDisk is a real disk that records all changes, to generate every state that a
// crash of the machine may leave:
//
//   - What was synced is there.
//   - Of the later changes to a directory, any number is there, in order: journaling
//     file systems preserve it.
//   - Of what was written to a file later, any number of bytes is there, in order,
//     whatever is there of other files or of its directory.
type crashDisk struct {
	collector.RealDisk
	t *testing.T

	mu      sync.Mutex // held during each change, so that they are ordered
	names   map[string]int
	changes []change
}

// A change is a change of the disk, a sync, or a promise.
type change struct {
	dir string // whose names it changes
	do  func(names map[string]int)

	file  int // which is written to, 0 for none
	write func(content string) string

	syncsDir, syncsFile bool
	promise             promise
}

// A promise is the lines that must be there from now on.
type promise struct {
	kept   string // if the machine does not crash
	synced string // after a crash
}

func newCrashDisk(t *testing.T) *crashDisk {
	return &crashDisk{t: t, names: make(map[string]int)}
}

// record makes a change and, if it succeeds, records it.
func (d *crashDisk) record(c change, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := do(); err != nil {
		return err
	}
	if c.do != nil {
		c.do(d.names)
	}
	d.changes = append(d.changes, c)
	return nil
}

func (d *crashDisk) Open(path string, flag int) (h collector.Handle, err error) {
	name := path
	if target, err := os.Readlink(path); err == nil {
		name = filepath.Join(filepath.Dir(path), target)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if h, err = d.RealDisk.Open(path, flag); err != nil {
		return nil, err
	}
	id := d.names[name]
	if id == 0 {
		id = len(d.changes) + 1
		d.names[name] = id
		d.changes = append(d.changes, change{dir: filepath.Dir(name), do: func(names map[string]int) { names[name] = id }})
	}
	return &crashFile{h, d, id}, nil
}

func (d *crashDisk) RenameNew(from, to string) error {
	return d.record(move(from, to), func() error { return d.RealDisk.RenameNew(from, to) })
}

func move(from, to string) change {
	return change{dir: filepath.Dir(from), do: func(names map[string]int) {
		names[to] = names[from]
		delete(names, from)
	}}
}

func (d *crashDisk) Remove(path string) error {
	return d.record(change{dir: filepath.Dir(path), do: func(names map[string]int) { delete(names, path) }},
		func() error { return d.RealDisk.Remove(path) })
}

func (d *crashDisk) SyncDir(path string) error {
	return d.record(change{dir: path, syncsDir: true}, func() error { return nil })
}

// promise records a promise.
func (d *crashDisk) promise(p promise) {
	d.record(change{promise: p}, func() error { return nil })
}

type crashFile struct {
	collector.Handle
	disk *crashDisk
	id   int
}

func (f *crashFile) Write(p []byte) (n int, err error) {
	text := string(p)
	err = f.disk.record(change{file: f.id, write: func(content string) string { return content + text }},
		func() error {
			n, err = f.Handle.Write(p)
			return err
		})
	return n, err
}

func (f *crashFile) Truncate(size int64) error {
	return f.disk.record(change{file: f.id, write: func(content string) string { return content[:min(len(content), int(size))] }},
		func() error { return f.Handle.Truncate(size) })
}

func (f *crashFile) Sync() error {
	return f.disk.record(change{file: f.id, syncsFile: true}, func() error { return nil })
}

// A state is the content of all files, by path.
type state map[string]string

// states calls see with every state that a crash of the machine may leave and the promise
// at that time, and with crashed unset, with those that a crash of the process leaves.
func (d *crashDisk) states(see func(s state, p promise, crashed bool)) {
	for end := range len(d.changes) + 1 {
		changes := d.changes[:end]
		var promised promise
		for _, c := range changes {
			if c.promise != (promise{}) {
				promised = c.promise
			}
		}
		names, files := namesOf(changes), filesOf(changes)
		last := func(all map[int][]string) (latest map[int]string) {
			latest = make(map[int]string)
			for id, contents := range all {
				latest[id] = contents[len(contents)-1]
			}
			return latest
		}
		see(newState(names[len(names)-1], last(files)), promised, false)
		for _, names := range names {
			each(files, slices.Sorted(maps.Keys(files)), map[int]string{}, func(contents map[int]string) {
				see(newState(names, contents), promised, true)
			})
		}
	}
}

// namesOf returns the sets of names that a crash may leave, the most recent last.
func namesOf(changes []change) (all []map[string]int) {
	synced := make(map[string]int) // the index of each directory's last sync
	for i, c := range changes {
		if c.syncsDir {
			synced[c.dir] = i
		}
	}
	names := make(map[string]int)
	var pending []change
	for i, c := range changes {
		switch {
		case c.do == nil:
		case i < synced[c.dir]:
			c.do(names)
		default:
			pending = append(pending, c)
		}
	}
	all = []map[string]int{maps.Clone(names)}
	for _, c := range pending {
		c.do(names)
		all = append(all, maps.Clone(names))
	}
	return all
}

// filesOf returns the contents that a crash may leave in each file, the most recent last.
func filesOf(changes []change) map[int][]string {
	synced := make(map[int]int)
	for i, c := range changes {
		if c.syncsFile {
			synced[c.file] = i
		}
	}
	files := make(map[int][]string)
	for i, c := range changes {
		if c.write == nil {
			continue
		}
		contents := files[c.file]
		before := ""
		if len(contents) > 0 {
			before = contents[len(contents)-1]
		}
		after := c.write(before)
		switch {
		case i < synced[c.file]:
			contents = []string{after}
		case len(contents) == 0:
			contents = []string{""}
			fallthrough
		default:
			if strings.HasPrefix(after, before) && len(after) > len(before)+1 {
				contents = append(contents, after[:(len(before)+len(after))/2]) // torn
			}
			contents = append(contents, after)
		}
		files[c.file] = contents
	}
	return files
}

// each calls do with every combination of contents.
func each(files map[int][]string, ids []int, chosen map[int]string, do func(map[int]string)) {
	if len(ids) == 0 {
		do(chosen)
		return
	}
	for _, content := range files[ids[0]] {
		chosen[ids[0]] = content
		each(files, ids[1:], chosen, do)
	}
}

func newState(names map[string]int, contents map[int]string) state {
	s := make(state)
	for name, id := range names {
		s[name] = contents[id]
	}
	return s
}
