package collector_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"auditctl/pkg/collector"
)

// The header begins a file that is empty, however that came to be, and no other.
func TestHeader(t *testing.T) {
	t.Parallel()
	const header, line = "a,b\r\n", `{"event_type":"x"}` + "\n"
	emit := func(t *testing.T, j *collector.JSONL) {
		if err := errors.Join(j.EmitLines([]byte(line)), j.Flush()); err != nil {
			t.Error(err)
		}
	}
	for name, test := range map[string]struct {
		name, before string
		options      collector.JSONLOptions
		do           func(t *testing.T, path string, j *collector.JSONL)
		want         string // of the file and those that were rotated
	}{
		"new":         {do: func(t *testing.T, _ string, j *collector.JSONL) { emit(t, j); emit(t, j) }, want: header + line + line},
		"no events":   {want: header},
		"continued":   {before: header + line, do: func(t *testing.T, _ string, j *collector.JSONL) { emit(t, j) }, want: header + line + line},
		"torn":        {before: header + "1,", want: header + "1,\n"},
		"nothing new": {before: header + line, want: header + line},
		"nothing new, full": {
			before: header + line, options: collector.JSONLOptions{Rotate: collector.Rotation{Size: 10}}, want: header + line,
		},
		"truncated":  {before: line, options: collector.JSONLOptions{Truncate: true}, want: header},
		"compressed": {name: "log.gz", do: func(t *testing.T, _ string, j *collector.JSONL) { emit(t, j) }, want: header + line},
		"rotated": {
			options: collector.JSONLOptions{Rotate: collector.Rotation{Size: 30}},
			do:      func(t *testing.T, _ string, j *collector.JSONL) { emit(t, j); emit(t, j) },
			want:    header + line + header + line,
		},
		"moved": {
			do: func(t *testing.T, path string, j *collector.JSONL) {
				emit(t, j)
				os.Rename(path, path+".1")
				emit(t, j)
			},
			want: header + line + header + line,
		},
		"reopened": {
			do: func(t *testing.T, path string, j *collector.JSONL) {
				emit(t, j)
				os.Rename(path, path+".1")
				j.Reopen()
			},
			want: header + line + header,
		},
		"shared": {
			do: func(t *testing.T, path string, j *collector.JSONL) {
				other, err := collector.OpenJSONL(path, &collector.JSONLOptions{Header: []byte(header)})
				if err != nil {
					t.Fatal(err)
				}
				defer other.Close()
				emit(t, other)
				emit(t, j)
			},
			want: header + line + line,
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log"+test.name)
			if test.before != "" {
				os.WriteFile(path, []byte(test.before), 0o600)
			}
			test.options.Header = []byte(header)
			j, err := collector.OpenJSONL(path, &test.options)
			if err != nil {
				t.Fatal(err)
			}
			if test.do != nil {
				test.do(t, path, j)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if have := readRotated(t, path); have != test.want {
				t.Errorf("have %q, want %q", have, test.want)
			}
		})
	}
}

// New refuses a file that exists, and keeps to its own.
func TestNew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	options := &collector.JSONLOptions{New: true}
	j, err := collector.OpenJSONL(path, options)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte("{}\n")
	err = errors.Join(j.EmitLines(line), j.Flush(), os.Rename(path, path+".1"), j.Reopen(), j.EmitLines(line), j.Close())
	if have := readRotated(t, path); err != nil || have != "{}\n{}\n" {
		t.Errorf("have %q, %v", have, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is another file now")
	}
	os.Rename(path+".1", path)
	if _, err := collector.OpenJSONL(path, options); !errors.Is(err, fs.ErrExist) {
		t.Errorf("have %v, want %v", err, fs.ErrExist)
	}
}
