package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// A mark is a place in the spool.
type mark struct {
	Segment int   `json:"segment"`
	Offset  int64 `json:"offset"`
}

// A position is the end of what was delivered of a spool, and the sequence of the last
// message known to be in the stream.
type position struct {
	mark
	Stream   string `json:"stream"`
	Known    bool   `json:"known"` // whether the sequence is
	Sequence uint64 `json:"sequence"`
}

const positionFile = "position"

// readPosition reads the position of a spool. Without a file, it is the start.
func readPosition(dir, stream string) (position, error) {
	path := filepath.Join(dir, positionFile)
	f, err := osfile.OpenRegular(path, os.O_RDONLY|osfile.NoFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return position{mark: mark{Segment: 1}, Stream: stream}, nil
	}
	if err != nil {
		return position{}, err
	}
	defer f.Close()
	var p position
	if err = json.NewDecoder(f).Decode(&p); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return p, err
}

// keep writes the position to disk. If it is lost, an older one will do: what was delivered
// after that is found in the stream.
func (p position) keep(dir string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return osfile.ReplaceFile(filepath.Join(dir, positionFile), ".new", func(f *os.File) error {
		_, err := f.Write(append(text, '\n'))
		return err
	})
}
