package cmd

import (
	"errors"
	"os"
	"path/filepath"
)

// defaultLog returns where events are recorded if no destination is named:
// $AUDITCTL_LOG, or else auditctl/audit.jsonl in $XDG_STATE_HOME, by default
// ~/.local/state. The directory is created with mode 0700, and those above it as well.
func defaultLog() (string, error) {
	if path := os.Getenv(EnvVar("LOG")); path != "" {
		return path, nil
	}
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // its specification says to ignore others
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return "", errors.New("no home directory: add --output DEST, or set $" + EnvVar("LOG"))
		}
		state = filepath.Join(home, ".local", "state")
	}
	dir := filepath.Join(state, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, "audit.jsonl"), nil
}
