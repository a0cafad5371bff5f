// Package crashtest simulates crashes of the machine, for tests. Changes to files are
// recorded on a [Disk], which then generates the states that a crash at any time can
// leave: whatever was synced by then is there, and any of the other changes may be there
// or not, regardless of their order.
package crashtest

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// A Disk records changes to files and directories. It is safe for concurrent use.
type Disk struct {
	mu    sync.Mutex
	start tree
	live  tree
	ops   []op
	nodes int
}

// A tree is a state of the files and directories.
type tree struct {
	names map[string]int // the node of each path; 0 is any directory
	texts map[int]string // the content of each node that is a file
}

func (t tree) clone() tree { return tree{maps.Clone(t.names), maps.Clone(t.texts)} }

// An op is a recorded change.
type op struct {
	what   string
	file   int    // the node whose content it changed
	dir    string // or the directory whose names it changed
	do     func(tree)
	torn   func(tree) // does half of it; nil if it cannot be half done
	synced int        // after this many ops it is sure to survive a crash; 0: never
}

// New returns a Disk with these files and the directories they are in, all synced.
func New(files map[string]string) *Disk {
	d := &Disk{start: tree{map[string]int{".": 0}, map[int]string{}}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			d.start.names[dir] = 0
		}
		d.nodes++
		d.start.names[name] = d.nodes
		d.start.texts[d.nodes] = files[name]
	}
	d.live = d.start.clone()
	return d
}

func (d *Disk) record(o op) {
	o.do(d.live)
	d.ops = append(d.ops, o)
}

// sync marks the ops up to now that match as synced.
func (d *Disk) sync(matches func(op) bool) {
	for i := range d.ops {
		if o := &d.ops[i]; o.synced == 0 && matches(*o) {
			o.synced = len(d.ops)
		}
	}
}

// A File is an open file on a Disk. It stays the same file when its name changes.
type File struct {
	disk *Disk
	node int
	name string // that it was opened as
}

// Create makes an empty file.
func (d *Disk) Create(name string) *File {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nodes++
	node := d.nodes
	d.record(op{what: "create " + name, dir: path.Dir(name), do: func(t tree) {
		t.names[name] = node
	}})
	return &File{d, node, name}
}

// Open returns an existing file, nil if there is none.
func (d *Disk) Open(name string) *File {
	d.mu.Lock()
	defer d.mu.Unlock()
	if node := d.live.names[name]; node > 0 {
		return &File{d, node, name}
	}
	return nil
}

// WriteAt writes to a file.
func (f *File) WriteAt(data []byte, offset int64) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	written := string(data)
	write := func(t tree, text string) {
		old := t.texts[f.node]
		if gap := int(offset) - len(old); gap > 0 {
			old += strings.Repeat("\x00", gap)
		}
		rest := old[min(len(old), int(offset)+len(text)):]
		t.texts[f.node] = old[:offset] + text + rest
	}
	f.disk.record(op{
		what: fmt.Sprintf("write %d bytes to %s", len(data), f.name),
		file: f.node,
		do:   func(t tree) { write(t, written) },
		torn: func(t tree) { write(t, written[:len(written)/2]) },
	})
}

// Truncate cuts a file to a size.
func (f *File) Truncate(size int64) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.record(op{what: "truncate " + f.name, file: f.node, do: func(t tree) {
		t.texts[f.node] = t.texts[f.node][:min(int(size), len(t.texts[f.node]))]
	}})
}

// Sync syncs what was written to a file, but not its name.
func (f *File) Sync() {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.sync(func(o op) bool { return o.file == f.node })
}

// Mkdir makes a directory unless it exists.
func (d *Disk) Mkdir(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.live.names[name]; ok {
		return
	}
	d.record(op{what: "mkdir " + name, dir: path.Dir(name), do: func(t tree) { t.names[name] = 0 }})
}

// Rename renames a file within its directory.
func (d *Disk) Rename(from, to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	node := d.live.names[from]
	if node == 0 || path.Dir(from) != path.Dir(to) {
		panic("crashtest: cannot rename " + from + " to " + to)
	}
	d.record(op{what: "rename " + from + " to " + to, dir: path.Dir(to), do: func(t tree) {
		if t.names[from] == node {
			delete(t.names, from)
		}
		t.names[to] = node
	}})
}

// Remove removes a file, or a directory with all that is in it.
func (d *Disk) Remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record(op{what: "remove " + name, dir: path.Dir(name), do: func(t tree) {
		maps.DeleteFunc(t.names, func(other string, _ int) bool {
			return other == name || strings.HasPrefix(other, name+"/")
		})
	}})
}

// SyncDir syncs the names in a directory.
func (d *Disk) SyncDir(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sync(func(o op) bool { return o.dir == name })
}

// SyncAll syncs everything.
func (d *Disk) SyncAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sync(func(op) bool { return true })
}

// Mark returns the number of changes so far.
func (d *Disk) Mark() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// Unsynced returns the changes that a crash may still undo.
func (d *Disk) Unsynced() (done []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.ops {
		if o.synced == 0 {
			done = append(done, o.what)
		}
	}
	return done
}

// A Crash is a state that a crash may leave.
type Crash struct {
	What  string            // the last change before it, and which changes survived
	After int               // the number of changes before it, see [Disk.Mark]
	Files map[string]string // the content of each file; directories end with a slash
}

// Crashes returns the states that a crash can leave, each once: after any number of
// changes, with none of those that were not synced by then, with all, all but one, only
// one, or one of them half done.
func (d *Disk) Crashes() iter.Seq[Crash] {
	return func(yield func(Crash) bool) {
		seen := make(map[string]bool)
		for after := range len(d.ops) + 1 {
			for what, files := range d.crashesAfter(after) {
				id := fmt.Sprint(after == len(d.ops), files)
				if seen[id] {
					continue
				}
				seen[id] = true
				if !yield(Crash{fmt.Sprintf("a crash after %q, with %s", d.last(after), what), after, files}) {
					return
				}
			}
		}
	}
}

func (d *Disk) last(after int) string {
	if after == 0 {
		return "nothing"
	}
	return d.ops[after-1].what
}

func (d *Disk) crashesAfter(after int) iter.Seq2[string, map[string]string] {
	const not, whole, torn = 0, 1, 2
	return func(yield func(string, map[string]string) bool) {
		var unsynced []int
		for i, o := range d.ops[:after] {
			if o.synced == 0 || o.synced > after {
				unsynced = append(unsynced, i)
			}
		}
		try := func(what string, rest int, one, oneIs int) bool {
			t := d.start.clone()
			for i, o := range d.ops[:after] {
				is := whole
				if slices.Contains(unsynced, i) {
					is = rest
				}
				if i == one {
					is = oneIs
				}
				switch is {
				case whole:
					o.do(t)
				case torn:
					o.torn(t)
				}
			}
			return yield(what, t.files())
		}
		if !try("all that was not synced", whole, -1, not) || !try("nothing that was not synced", not, -1, not) {
			return
		}
		for _, i := range unsynced {
			what := d.ops[i].what
			if !try("all that was not synced but "+what, whole, i, not) || !try("only "+what, not, i, whole) {
				return
			}
			if d.ops[i].torn != nil && (!try("half of "+what, whole, i, torn) || !try("only half of "+what, not, i, torn)) {
				return
			}
		}
	}
}

// files returns what can be reached through directories that exist.
func (t tree) files() map[string]string {
	files := make(map[string]string)
	for name, node := range t.names {
		reached := true
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if node, ok := t.names[dir]; !ok || node != 0 {
				reached = false
			}
		}
		switch {
		case !reached || name == ".":
		case node == 0:
			files[name+"/"] = ""
		default:
			files[name] = t.texts[node]
		}
	}
	return files
}
