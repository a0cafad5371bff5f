package fanout

import (
	"io"
	"os"
	"sync"

	"auditctl/pkg/compress"
)

// Add checks destinations for events: paths, - for standard output, and what has a
// scheme. An error is a [UsageError]. The Group is not nil, even of none.
func (s *Set) Add(role Role, dests ...string) (Group, error) {
	all := make(Group, 0, len(dests))
	for _, dest := range dests {
		to, err := s.add(role, dest)
		if err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}

// AddRejects checks a destination for invalid lines; if it is empty, there is none. It
// does not count as a destination for events, nor among those that must be left.
func (s *Set) AddRejects(dest string) (Group, error) {
	if dest == "" {
		return nil, nil
	}
	to, err := s.add(Role{Share: "rejects"}, dest)
	if err != nil {
		return nil, err
	}
	to.rejects = true
	return Group{to}, nil
}

// AddWriter adds a Writer, which the caller closes.
func (s *Set) AddWriter(name string, w io.Writer) (Group, error) {
	to := &destination{name: name, path: name, fd: unopened, out: w}
	return Group{to}, s.join(to)
}

func (s *Set) add(role Role, dest string) (*destination, error) {
	to := &destination{name: dest, path: dest, fd: unopened, role: role}
	switch {
	case dest == "":
		return nil, usagef("a destination without a name")
	case dest == "-":
		to.name, to.fd, to.out = "stdout", stdout, s.options.Out
	case hasScheme(dest):
		if err := s.reach(to); err != nil {
			return nil, err
		}
		if role.Text {
			return nil, usagef("%s takes only events as they are: write another format to a file", to.name)
		}
	case s.options.Files.Rotate.Compress != compress.None && compress.ByName(dest) != compress.None:
		return nil, usagef("%s is compressed as it is written: drop --rotate-compress", dest)
	default:
		to.fd = descriptorOf(dest)
	}
	return to, s.join(to)
}

// join adds a destination to the set, if it is allowed.
func (s *Set) join(to *destination) error {
	to.writer.limits = s.limits
	if err := s.refuse(to, s.all); err != nil {
		return err
	}
	s.takeTurns(to)
	s.all = append(s.all, to)
	return nil
}

// takeTurns makes a destination and another one of the same stream, as standard output
// and /dev/stderr are on a terminal, write one after the other.
func (s *Set) takeTurns(to *destination) {
	for _, other := range s.all {
		if to.file != nil && other.file != nil && os.SameFile(to.file, other.file) {
			if other.turn == nil {
				other.turn = new(sync.Mutex)
			}
			to.turn = other.turn
			return
		}
	}
}

// refuse returns an error for a destination that is also an input, which would feed
// itself, or one of the others, which would overwrite it.
func (s *Set) refuse(to *destination, others []*destination) error {
	for _, in := range s.options.Inputs {
		if to.remote != nil && reaches(to.name, in.Path()) {
			return usagef("%s is also an input: send to another address", to.name)
		}
	}
	if to.remote == nil {
		to.file = to.stat()
		for _, in := range s.options.Inputs {
			if sameFile(in.Path(), in.Stat(), to.path, to.file) {
				return usagef("%s is also an input: write to another file", to.name)
			}
		}
		for _, d := range s.options.Directories {
			if to.byPath() && d.Reads(to.path) {
				return usagef("%s would be a log below %s, which is an input: write to another place", to.name, d.Path())
			}
		}
	}
	for _, other := range others {
		if other.path == to.path || other.fd == to.fd && to.fd != unopened {
			return usagef("%s is already a destination", to.name)
		}
		if to.remote == nil && other.remote == nil && sameFile(other.path, other.file, to.path, to.file) {
			return usagef("%s and %s are the same file: name it once", other.name, to.name)
		}
	}
	return nil
}
