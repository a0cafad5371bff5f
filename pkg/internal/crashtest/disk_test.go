package crashtest_test

import (
	"fmt"
	"slices"
	"testing"

	"auditctl/pkg/internal/crashtest"
)

// A crash leaves what was synced and any part of the rest.
func TestCrashes(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(d *crashtest.Disk)
		last []string // what a crash may leave after all changes
	}{
		{"nothing", func(*crashtest.Disk) {}, []string{"map[a:old]"}},
		{"written in place", func(d *crashtest.Disk) {
			d.Open("a").WriteAt([]byte("news"), 1)
		}, []string{"map[a:old]", "map[a:onews]", "map[a:one]"}},
		{"replaced without a sync", func(d *crashtest.Disk) {
			d.Create("b").WriteAt([]byte("new"), 0)
			d.Rename("b", "a")
		}, []string{"map[a:]", "map[a:n]", "map[a:new]", "map[a:old b:]", "map[a:old b:new]", "map[a:old]"}},
		{"replaced and synced", func(d *crashtest.Disk) {
			f := d.Create("b")
			f.WriteAt([]byte("new"), 0)
			f.Sync()
			d.Rename("b", "a")
			d.SyncDir(".")
		}, []string{"map[a:new]"}},
		{"in a directory that is not synced", func(d *crashtest.Disk) {
			d.Mkdir("dir")
			f := d.Create("dir/b")
			f.WriteAt([]byte("new"), 0)
			f.Sync()
			d.SyncDir("dir")
		}, []string{"map[a:old dir/: dir/b:new]", "map[a:old]"}},
		{"cut, removed and all synced", func(d *crashtest.Disk) {
			d.Open("a").Truncate(1)
			d.Create("b")
			d.Remove("b")
			d.SyncAll()
		}, []string{"map[a:o]"}},
	} {
		d := crashtest.New(map[string]string{"a": "old"})
		c.do(d)
		var last []string
		for crash := range d.Crashes() {
			if crash.After == d.Mark() {
				last = append(last, fmt.Sprint(crash.Files))
			}
		}
		slices.Sort(last)
		slices.Sort(c.last)
		if !slices.Equal(last, c.last) {
			t.Errorf("%s: left %q, want %q", c.name, last, c.last)
		}
	}
}
