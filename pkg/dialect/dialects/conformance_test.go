package dialects_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

var update = flag.Bool("update", false, "write the events that the samples are decoded to")

// sample returns the records of a dialect in testdata, one on each line.
func sample(t testing.TB, d *dialect.Dialect) []byte {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("testdata", d.Name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// decode decodes the lines of a log that are JSON objects, and returns the events and how
// many lines are none of the dialect.
func decode(t testing.TB, decoder dialect.Decoder, log []byte) (decoded []byte, refused int) {
	t.Helper()
	var s events.Scanner
	n := int64(0)
	for line := range bytes.Lines(log) {
		n++
		if s.Scan(bytes.TrimSuffix(line, []byte("\n"))) != nil {
			continue
		}
		before := len(decoded)
		var err error
		decoded, err = decoder.Decode(decoded, dialect.Record{Scanner: &s, Line: n})
		switch {
		case err != nil && len(decoded) > before:
			t.Fatalf("line %d: %v, and events: %s", n, err, decoded[before:])
		case err != nil:
			refused++
		case len(decoded) == before || decoded[len(decoded)-1] != '\n':
			t.Fatalf("line %d: no event: %s", n, line)
		}
	}
	return decoded, refused
}

// TestConformance checks what every dialect promises, with the records in testdata.
func TestConformance(t *testing.T) {
	for _, d := range dialects.All() {
		t.Run(d.Name, func(t *testing.T) {
			log := sample(t, d)
			decoded, refused := decode(t, d.Begin()(), log)
			if refused > 0 {
				t.Errorf("%d records of the sample are refused", refused)
			}
			golden := filepath.Join("testdata", d.Name+".events.jsonl")
			if *update {
				if err := os.WriteFile(golden, decoded, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(decoded, want) {
				t.Errorf("not as in %s (after a change that is right: go test -update)", golden)
			}
			areEvents(t, d, decoded)
			if d.Knows != nil {
				known(t, d, log)
			}
		})
	}
}

// areEvents checks that every line is an event as the reference writer spells it, but for
// the time, which is null where the record has none.
func areEvents(t testing.TB, d *dialect.Dialect, lines []byte) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if _, err := events.Parse(line); err == nil && d.Name == "otlp" && !bytes.Contains(line, []byte(`"source"`)) {
			continue // auditctl sent it, and it is as it was
		}
		line = bytes.Replace(line, []byte(`"timestamp": null, "agent_id"`), []byte(`"timestamp": "2026-03-09T08:15:00+00:00", "agent_id"`), 1)
		again, err := events.Complete(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if !bytes.Equal(again.Line(), line) {
			t.Fatalf("not as the reference writer spells it:\n%s\nwant\n%s", line, again.Line())
		}
		envelope, err := again.Envelope()
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if events.Severity(envelope.Severity).Rank() == 0 {
			t.Fatalf("unknown severity: %s", line)
		}
		if !strings.Contains(string(line), `"source": {"dialect": "`+d.Name+`", "line": `) {
			t.Fatalf("no source: %s", line)
		}
	}
}

// known checks that the dialect is known by one of its records at least, and that those
// of others are not taken for it.
func known(t *testing.T, d *dialect.Dialect, log []byte) {
	var s events.Scanner
	some := false
	for line := range bytes.Lines(log) {
		if s.Scan(line) == nil {
			is := dialects.Of(&s)
			some = some || is == d
			if is != nil && is != d {
				t.Errorf("taken for %s: %s", is.Name, line)
			}
		}
	}
	if !some {
		t.Error("no record is known")
	}
}

// Whatever is damaged, records are decoded to events or refused, and none is lost.
func TestDamaged(t *testing.T) {
	const variants = 300
	for _, d := range dialects.All() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			log := sample(t, d)
			random := rand.New(rand.NewPCG(1, 2))
			for n := range variants {
				damaged := damage(random, log)
				decoded, _ := decode(t, d.Begin()(), damaged)
				if len(decoded) > 100*len(damaged)+10_000 {
					t.Fatalf("%d bytes become %d", len(damaged), len(decoded))
				}
				areEvents(t, d, decoded)
				if n%10 == 0 {
					noneLost(t, d, damaged)
				}
			}
		})
	}
}

// noneLost checks that a Reader tells of each line once, in order.
func noneLost(t *testing.T, d *dialect.Dialect, log []byte) {
	var have, want []byte
	r := dialect.NewReader(bytes.NewReader(log), dialect.Lines, d, d.Begin()(), len(log))
	var b dialect.Block
	for r.ReadBlock(&b) == nil {
		for _, o := range b.Origins {
			have = append(append(have, o.Text...), '\n')
		}
	}
	for line := range bytes.Lines(log) {
		if line = bytes.TrimSuffix(line, []byte("\n")); !events.Blank(line) {
			want = append(append(want, line...), '\n')
		}
	}
	if !bytes.Equal(have, want) {
		t.Fatalf("%d bytes of %d are left of\n%s", len(have), len(want), want)
	}
}

// damage returns log with changes: of values to those of other kinds, of bytes, of the
// order of lines.
func damage(random *rand.Rand, log []byte) []byte {
	damaged := bytes.Clone(log)
	for range 1 + random.IntN(20) {
		if len(damaged) == 0 {
			return log
		}
		i := random.IntN(len(damaged))
		switch random.IntN(4) {
		case 0: // a value becomes another
			if at := bytes.Index(damaged[i:], []byte(`":`)); at >= 0 {
				at += i + 2
				end := min(at+1, len(damaged))
				if at < len(damaged) && damaged[at] == '"' {
					if n := bytes.IndexByte(damaged[at+1:], '"'); n >= 0 {
						end = at + 1 + n + 1
					}
				} else if n := bytes.IndexAny(damaged[at:], ",}]\n"); n >= 0 {
					end = at + n
				}
				values := []string{`null`, `""`, `"\ud83d\ude00\u0000\u001b[2J"`, `-1e400`, `12345678901234567890`, `[]`, `{}`, `true`, `[{"type":null}]`, `"` + strings.Repeat(`é\\`, 150) + `"`}
				damaged = append(damaged[:at:at], append([]byte(values[random.IntN(len(values))]), damaged[end:]...)...)
			}
		case 1: // a byte becomes another
			damaged[i] = byte(random.IntN(256))
		case 2: // a piece is missing
			end := min(len(damaged), i+random.IntN(50))
			damaged = append(damaged[:i:i], damaged[end:]...)
		case 3: // a line comes twice
			start := bytes.LastIndexByte(damaged[:i], '\n') + 1
			if n := bytes.IndexByte(damaged[start:], '\n'); n >= 0 {
				line := bytes.Clone(damaged[start : start+n+1])
				damaged = append(damaged, line...)
			}
		}
	}
	return damaged
}
