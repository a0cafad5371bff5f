package follow_test

import (
	"os"
	"testing"

	"auditctl/pkg/follow"
)

// A File knows the files that it reads or has read under other names, and copies that
// rotations made of them.
func TestReads(t *testing.T) {
	run(t, "", follow.NewPoller, func(t *testing.T, r *reading) {
		reads := func(name string, want bool) {
			t.Helper()
			if have := r.Reads(r.path(name)); have != want {
				t.Errorf("reads %s: %v, want %v", name, have, want)
			}
		}
		r.add("log", "one\n")
		r.want("one\n")
		r.do(r.Look())
		r.do(os.Link(r.path("log"), r.path("link")))
		r.add("log-20260310", "one\n")
		r.do(os.WriteFile(r.path("log-20260311.gz"), []byte(gzipped("one\n")), 0o600))
		r.add("copy", "one\n")
		r.add("log-20260312", "two\n")
		reads("link", true)
		reads("log-20260310", true)
		reads("log-20260311.gz", true)
		reads("copy", false)
		reads("log-20260312", false)
		reads("none", false)
		for _, name := range []string{"log-20260310", "log-20260311.gz", "log-20260312"} {
			r.do(os.Remove(r.path(name)))
		}
		for _, name := range []string{"first", "second", "third"} { // of which one stays open
			r.rename("log", name)
			r.add("log", name+"\n")
			r.want("|" + name + "\n")
		}
		reads("first", true)
		reads("third", true)
		r.add("log-20260313", "one\n")
		reads("log-20260313", true)
	})
}
