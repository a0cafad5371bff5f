// Package crashtest finds out what a crash of the machine may leave of files. What
// is done to them is recorded on a [Disk], which then makes the states that a crash
// at any time can leave: what was synced by then is there, and of the rest anything
// may be there or not, whatever came first.
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

// A Disk records what is done to files and directories. It is safe for concurrent
// use.
type Disk struct {
	mu    sync.Mutex
	start tree
	live  tree
	ops   []op
	nodes int
}

// A tree is what files and directories there are.
type tree struct {
	names map[string]int // which node a name leads to: 0 for a directory
	texts map[int]string // of the nodes that are files
}

func (t tree) clone() tree { return tree{maps.Clone(t.names), maps.Clone(t.texts)} }

// An op is something that was done.
type op struct {
	what   string
	file   int    // the node whose text it changed
	dir    string // or the directory whose names
	do     func(tree)
	torn   func(tree) // does half of it; nil if there is no half
	synced int        // after how many ops it is sure to be there; 0: never
}

// New returns a disk on which there are some files, and the directories that they
// are in.
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

// sync has all that was done up to now, and that is meant, be there for good.
func (d *Disk) sync(is func(op) bool) {
	for i := range d.ops {
		if o := &d.ops[i]; o.synced == 0 && is(*o) {
			o.synced = len(d.ops)
		}
	}
}

// A File is a file on a Disk, whatever name it has.
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

// Open returns a file that is there, or nil.
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

// Truncate cuts a file.
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

// Mkdir makes a directory, if it is not there.
func (d *Disk) Mkdir(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.live.names[name]; ok {
		return
	}
	d.record(op{what: "mkdir " + name, dir: path.Dir(name), do: func(t tree) { t.names[name] = 0 }})
}

// Rename renames a file, in the directory that it is in.
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

// Mark returns how many things were done up to now.
func (d *Disk) Mark() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// Unsynced returns what was done that a crash may undo.
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
	What  string            // what was done, and what of it is there
	After int               // how many things were done: see [Disk.Mark]
	Files map[string]string // what is in each file; a directory has a slash at its end
}

// Crashes returns the states that a crash can leave, each once: at any time, and of
// what was not synced by then nothing or all, all but one thing, only one thing, or
// half of one.
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

// files returns what can be reached.
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
