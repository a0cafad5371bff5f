package cmd

import (
	"context"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/compress"
	"auditctl/pkg/seal"
)

// recordSealOptions are the flags for sealing what is recorded.
type recordSealOptions struct {
	keyFile string
	every   time.Duration
}

// apply checks the options and sets them in opts.
func (o *recordSealOptions) apply(opts *fanout.Options, files []string) error {
	switch {
	case o.keyFile == "" && o.every != 0:
		return usagef("--seal-every: with which key? Add --seal KEYFILE")
	case o.keyFile == "":
		return nil
	case o.every < 0:
		return usagef("--seal-every %v: want more than zero", o.every)
	case opts.Files.Truncate:
		return usagef("--truncate would take away what was sealed: drop it, or --seal")
	case len(files) == 0:
		return usagef("--seal: which file? Add a DEST")
	}
	for _, dest := range files {
		if compress.ByName(dest) != compress.None || holdsCompressed(dest) {
			return usagef("%s is compressed as it is written, which cannot be sealed piece by piece: use --rotate-compress", dest)
		}
	}
	key, err := seal.ReadKeyFile(o.keyFile)
	if err != nil {
		return err
	}
	opts.Seal = &fanout.Seal{
		Files: files,
		Every: o.every,
		Seal: func(ctx context.Context, path string, so seal.Options) (seal.Sealed, error) {
			so.DefaultOrigin = originOf(key, path, len(files))
			sealed, err := seal.Log{Path: path}.Seal(ctx, key, so)
			if err != nil {
				err = aboutLog("seal", path, err)
			}
			return sealed, err
		},
	}
	return nil
}

// holdsCompressed reports whether the file at a path is compressed.
func holdsCompressed(path string) bool {
	f, err := openRegular(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [compress.HeadSize]byte
	n, _ := f.ReadAt(head[:], 0)
	format, _ := compress.Detect(head[:n])
	return format != compress.None
}
