package jetstream_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/internal/logtest"
)

// awaitDelivered waits until everything in a spool was delivered.
func awaitDelivered(t testing.TB, dir string) {
	t.Helper()
	eventually(t, "all of the spool is delivered", func() bool {
		segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
		if err != nil || len(segments) != 1 {
			return false
		}
		st, err := os.Stat(segments[0])
		if err != nil {
			return false
		}
		if st.Size() == 0 {
			return filepath.Base(segments[0]) == "00000001.spool"
		}
		var position struct{ Offset int64 }
		text, err := os.ReadFile(filepath.Join(dir, "position"))
		return err == nil && json.Unmarshal(text, &position) == nil && position.Offset == st.Size()
	})
}

func openWithSpool(t testing.TB, a jetstream.Address, dir string) (*jetstream.Writer, *warnings) {
	t.Helper()
	logged := new(warnings)
	w := open(t, a, &jetstream.Options{Spool: dir, Stall: patience, Logger: logtest.New(logged.add)})
	return w, logged
}

// warnings is the text of what was logged.
type warnings struct {
	mu   sync.Mutex
	text string
}

func (n *warnings) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text += text + "\n"
}

func (n *warnings) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text
}

// Lines of runs without a server stay in the spool, and a later run delivers them before
// its own.
func TestSpoolServerAway(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	a := n.address("AUDIT")
	n.stop()
	dir := filepath.Join(t.TempDir(), "spool")
	lines := numberedTo(3000)
	for i := range 2 {
		w, logged := openWithSpool(t, a, dir)
		emitLines(t, w, joined(lines[1000*i:1000*(i+1)]))
		flush(t, w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(logged.String(), "lines are left in "+dir) {
			t.Errorf("logged %q", logged)
		}
	}
	n.start()
	w, logged := openWithSpool(t, a, dir)
	emitLines(t, w, joined(lines[2000:]))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(logged.String(), "lines are") { // kept, or left
		t.Errorf("logged %q", logged)
	}
	sameLines(t, linesOf(readBack(t, a)), lines)
}

// Emitting is not affected when a server goes away and comes back.
func TestSpoolServerRestart(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	a := n.address("AUDIT")
	dir := filepath.Join(t.TempDir(), "spool")
	w, _ := openWithSpool(t, a, dir)
	lines := numberedTo(4000)
	emitLines(t, w, joined(lines[:1000]))
	flush(t, w)
	n.stop()
	emitLines(t, w, joined(lines[1000:3000]))
	flush(t, w)
	n.start()
	emitLines(t, w, joined(lines[3000:]))
	flush(t, w)
	awaitDelivered(t, dir)
	sameLines(t, linesOf(readBack(t, a)), lines)
}

func TestSpoolRefused(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	dir := filepath.Join(t.TempDir(), "spool")
	w, _ := openWithSpool(t, n.address("AUDIT"), dir)
	for _, test := range []struct{ stream, dir, want string }{
		{"AUDIT", dir, "in use: give each process a directory of its own"},
		{"OTHER", dir, "holds lines for stream AUDIT: use another directory"},
	} {
		_, err := jetstream.Open(t.Context(), n.address(test.stream), &jetstream.Options{Spool: test.dir})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Lines that are too long for the stream are set aside and reported; the others are
// delivered, and so are those of the next run.
func TestSpoolSetsAside(t *testing.T) {
	t.Parallel()
	n := startNode(t, func(o *server.Options) { o.MaxPayload = 10 << 10 })
	dir := filepath.Join(t.TempDir(), "spool")
	long := strings.Repeat("x", 20<<10)
	lines := numberedTo(20)
	w, _ := openWithSpool(t, n.address("AUDIT"), dir)
	emitLines(t, w, joined(lines[:10])+long+"\n"+joined(lines[10:15]))
	if err, want := w.Close(), "lines too long for the stream: 1, in "; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	w, _ = openWithSpool(t, n.address("AUDIT"), dir)
	emitLines(t, w, joined(lines[15:]))
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
	if aside, err := os.ReadFile(filepath.Join(dir, "too-long.jsonl")); err != nil || string(aside) != long+"\n" {
		t.Errorf("%d bytes are set aside: %v", len(aside), err)
	}
}

// Why lines stay in the spool is reported, as an error if somebody must fix it. Lines are
// accepted nevertheless.
func TestSpoolReasons(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		server func(*server.Options)
		stream api.StreamConfig
		want   string
	}{
		{"wrong password", func(o *server.Options) { o.Username, o.Password = "u", "p" }, api.StreamConfig{}, "the server does not let us in: check the user and password"},
		{"may not write", func(o *server.Options) {
			o.Users = []*server.User{{Username: "u", Password: "p"}, {Username: "guest", Password: "p", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"$JS.API.>"}}}}}
			o.NoAuthUser = "guest"
		}, api.StreamConfig{}, "the user may not publish to $JS.API.STREAM.INFO.AUDIT"},
		{"full", nil, api.StreamConfig{Name: "AUDIT", Subjects: []string{"audit.>"}, MaxMsgs: 1, Discard: api.DiscardNew, AllowAtomicPublish: true}, "the stream is full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, test.server)
			if test.stream.Name != "" {
				makeAnyStream(t, n, test.stream)
			}
			dir := filepath.Join(t.TempDir(), "spool")
			w, logged := openWithSpool(t, n.address("AUDIT"), dir)
			emitLines(t, w, joined(numberedTo(3)))
			flush(t, w)
			eventually(t, "the warning", func() bool { return strings.Contains(logged.String(), test.want) })
			emitLines(t, w, joined(numberedTo(3)))
			flush(t, w)
			err := w.Close()
			if want := ": lines are left in " + dir + ", and delivered by the next run"; err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q and %q", err, test.want, want)
			}
		})
	}
}
