//go:build unix

package follow_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"auditctl/pkg/follow"
	"auditctl/pkg/internal/logtest"
)

// When the writer of a FIFO closes it, the file is over, and then the FIFO is read again.
func TestFIFO(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.do(syscall.Mkfifo(r.path("log"), 0o600))
		r.do(r.Next())
		r.began = true
		for _, text := range []string{"one\n", "two", "three\nfour\n"} {
			written := make(chan error)
			go func() {
				w, err := os.OpenFile(r.path("log"), os.O_WRONLY, 0)
				if err == nil {
					_, err = w.WriteString(text)
					w.Close()
				}
				written <- err
			}()
			r.want(text)
			r.do(<-written)
			r.want("|")
			time.AfterFunc(10*time.Millisecond, func() { // most likely while Read waits
				w, err := os.OpenFile(r.path("log"), os.O_WRONLY, 0)
				if err == nil {
					w.WriteString(".")
					w.Close()
				}
			})
			r.want(".")
			r.wantEnd()
		}
		r.do(os.Remove(r.path("log")))
		r.add("log", "a file\n")
		r.want("|a file\n")
	})
}

// wantEnd reads on until the file is over.
func (r *reading) wantEnd() {
	r.t.Helper()
	if n, err := r.Read(make([]byte, 1)); n > 0 || err == nil {
		r.t.Fatalf("%d bytes, %v", n, err)
	}
	r.do(r.Next())
}

// An unnamed pipe ends.
func TestPipe(t *testing.T) {
	if _, err := os.Stat("/dev/fd/0"); err != nil {
		t.Skip(err)
	}
	w := follow.NewWatcher()
	defer w.Close()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	fmt.Fprint(out, "one\n")
	out.Close()
	r := &reading{File: w.Follow(fmt.Sprintf("/dev/fd/%d", in.Fd())), t: t, size: 100}
	defer r.Close()
	r.want("one\n")
	if n, err := r.Read(make([]byte, 1)); n > 0 || err == nil || !r.Ends() {
		t.Errorf("%d bytes, %v, %v", n, err, r.Ends())
	}
}

// A file that may not be read is tried again.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\n")
		r.do(os.Chmod(r.path("log"), 0))
		r.Logger = logtest.New(func(text string) {
			r.notices = append(r.notices, text)
			r.do(os.Chmod(r.path("log"), 0o600))
		})
		r.want("one\n")
		r.wantNotices("permission denied: trying again")
	})
}
