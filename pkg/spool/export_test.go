package spool

import "auditctl/pkg/internal/crashtest"

// Record records on a Disk what changes of the lines in a spool.
func (s *Spool) Record(on *crashtest.Disk) { s.disk = crashtest.Dir{Dir: s.dir, Disk: on, Name: "."} }

// Added makes a queue call do once lines were added to it.
func Added(q *Queue, do func()) *Queue {
	q.spool.disk = syncing{q.spool.disk, do}
	return q
}

type syncing struct {
	disk
	do func()
}

func (s syncing) Sync(dir string) error {
	defer s.do()
	return s.disk.Sync(dir)
}
