//go:build unix

package index_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"auditctl/pkg/index"
	"auditctl/pkg/internal/crashtest"
)

// Whatever a crash of the machine leaves of a log and its index, the index is void, or is
// compared with the log before it is used, or is right.
func TestKeeperSurvivesCrashes(t *testing.T) {
	path := t.TempDir() + "/audit.jsonl"
	k := keep(t, path)
	disk := crashtest.New(nil)
	log, ix := disk.Create("audit.jsonl"), disk.Create("audit.jsonl.idx")
	k.keeper.Wrap(func(w io.WriterAt) io.WriterAt {
		data, err := os.ReadFile(index.Name(path))
		if err != nil {
			t.Fatal(err)
		}
		ix.WriteAt(data, 0)
		disk.SyncAll()
		return recorded{w, ix}
	})
	var size int64
	for _, text := range []string{line("error", "a", "1"), lines(15_000, 3), line("other", "a", "1")} {
		k.keeper.Begin(k.log)
		if _, err := k.log.WriteString(text); err != nil {
			t.Fatal(err)
		}
		log.WriteAt([]byte(text), size)
		size += int64(len(text))
		k.keeper.End(k.log)
		if len(text) > 1000 {
			log.Sync()
			k.keeper.Synced(k.log)
		}
	}
	sure, states := 0, 0
	for crash := range disk.Crashes() {
		dir := filepath.Join(t.TempDir(), "crash")
		if err := crash.Put(dir); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "audit.jsonl")
		text, has := crash.Files["audit.jsonl"]
		said, synced, err := index.RecordOf(index.Name(path))
		if !has || err != nil {
			continue
		}
		states++
		log := openLog(t, path)
		// The inode and the change time would be those of the record as soon as the size is.
		edit := func(r *index.Record) { r.Size, r.Synced, r.OtherBoot = said, synced, true }
		if err := index.EditRecord(log, index.Name(path), edit); err != nil {
			t.Fatal(err)
		}
		ix, err := open(t, path)
		if err != nil || ix.Grown() {
			continue
		}
		sure++
		if err := ix.Compare(t.Context(), log); err != nil || said != int64(len(text)) {
			t.Errorf("%s: the index is believed: %v", crash.What, err)
		}
	}
	if sure == 0 || states < 10 {
		t.Errorf("%d of %d states are sure", sure, states)
	}
}

// A recorded writer records what is written to an index.
type recorded struct {
	io.WriterAt
	on *crashtest.File
}

func (r recorded) WriteAt(p []byte, at int64) (int, error) {
	n, err := r.WriterAt.WriteAt(p, at)
	r.on.WriteAt(p[:n], at)
	return n, err
}
