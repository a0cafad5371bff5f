package spool

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/osfile"
)

// maxAsideWarnings is for how many lines that are set aside there is a warning; Close
// reports the number of all.
const maxAsideWarnings = 10

func (s *Spool) asidePath() string { return filepath.Join(s.dir, "too-long.jsonl") }

func (s *Spool) setAside(line []byte) error {
	s.aside++
	f, err := osfile.OpenRegular(s.asidePath(), os.O_RDWR|os.O_CREATE|osfile.NoFollow, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	out, err := collector.OpenJSONL(s.asidePath(), &collector.JSONLOptions{Sync: collector.SyncOnClose})
	if err != nil {
		return err
	}
	return cmp.Or(out.EmitLines(append(bytes.Clone(line), '\n')), out.Close())
}
