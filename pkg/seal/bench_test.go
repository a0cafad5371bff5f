package seal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"auditctl/pkg/seal"
)

// benchLog returns a log of the given size with lines like those of agents. It is in memory
// if possible, so that the speed of the disk is not measured.
func benchLog(b *testing.B, size int) seal.Log {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, `{"event_type": "tool_call_complete", "event_id": "%016x", "n": %d, "result_preview": "%s"}`+"\n",
			r.Uint64(), i, strings.Repeat("x", r.IntN(400)))
	}
	return newLog(b, text.String())
}

const benchSize = 64 << 20

func BenchmarkSeal(b *testing.B) {
	key := newKey(b, "example.com/audit")
	l := benchLog(b, benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(l.Path + ".tlog"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkVerify(b *testing.B) {
	key := newKey(b, "example.com/audit")
	l := benchLog(b, benchSize)
	mustSeal(b, l, key)
	b.SetBytes(benchSize)
	for b.Loop() {
		r, err := l.Verify(context.Background(), seal.VerifyOptions{Verifier: key.Verifier})
		if err != nil || r.Verdict != seal.Intact {
			b.Fatalf("%v, %+v", err, r)
		}
	}
}

// The time to seal another thousand lines does not grow with the log.
func BenchmarkSealNew(b *testing.B) {
	key := newKey(b, "example.com/audit")
	for _, size := range []int{1 << 20, 8 << 20, 64 << 20} {
		b.Run(fmt.Sprintf("%dMiB", size>>20), func(b *testing.B) {
			l := benchLog(b, size)
			mustSeal(b, l, key)
			more := numbered(0, 1000)
			for b.Loop() {
				appendTo(b, l.Path, more)
				if sealed := mustSeal(b, l, key); sealed.New != 1000 {
					b.Fatalf("%+v", sealed)
				}
			}
		})
	}
}

// All lines of a log, into a bundle and out of it.
func BenchmarkBundle(b *testing.B) {
	key := newKey(b, "example.com/audit")
	l := benchLog(b, benchSize)
	sealed := mustSeal(b, l, key)
	bundle, lines := mustBundle(b, l, fmt.Sprintf("1-%d", sealed.Lines())), seal.Lines{{First: 1, Last: sealed.Lines()}}
	b.Run("write", func(b *testing.B) {
		b.SetBytes(benchSize)
		for b.Loop() {
			w, err := l.Bundle(io.Discard)
			if err == nil {
				err = errors.Join(w.AddLines(b.Context(), lines), w.Close())
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(benchSize)
		for b.Loop() {
			r, err := seal.VerifyBundle(strings.NewReader(bundle), nil, seal.VerifyOptions{Verifier: key.Verifier})
			if err != nil || r.Verdict != seal.Intact {
				b.Fatalf("%v, %+v", err, r)
			}
		}
	})
}

// Lines that are erased one by one cost little each, however many follow.
func BenchmarkEraseSecondLines(b *testing.B) {
	key := newKey(b, "example.com/audit")
	text := numbered(0, 200_000)
	o := erasing(b, "")
	for n := int64(1); n < 200_000; n += 2 {
		o.Lines = append(o.Lines, seal.LineRange{First: n, Last: n})
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		b.StopTimer()
		l := newLog(b, text)
		mustSeal(b, l, key)
		b.StartTimer()
		mustErase(b, l, key, o)
	}
}
