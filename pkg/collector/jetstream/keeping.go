package jetstream

import (
	"fmt"
	"strings"

	api "github.com/nats-io/nats.go/jetstream"
)

// shortcomings returns a warning, in one line, if a stream does not keep lines as one would
// expect, and otherwise nothing.
func shortcomings(a Address, info *api.StreamInfo) string {
	cfg := info.Config
	var parts []string
	say := func(so bool, format string, args ...any) {
		if so {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	discards := cfg.Discard == api.DiscardOld
	say(cfg.Retention == api.InterestPolicy && info.State.Consumers == 0, "keeps no line, since it has no consumers (retention interest)")
	say(cfg.Retention == api.InterestPolicy && info.State.Consumers > 0, "deletes a line when its consumers have acknowledged it (retention interest)")
	say(cfg.Retention == api.WorkQueuePolicy, "deletes a line when a consumer has acknowledged it (retention workqueue)")
	say(cfg.Storage == api.MemoryStorage, "loses all lines at a restart (storage memory)")
	say(cfg.MaxAge > 0, "deletes lines after %v (max_age)", cfg.MaxAge)
	say(cfg.MaxMsgs > 0 && discards, "deletes the oldest beyond %d lines (max_msgs)", cfg.MaxMsgs)
	say(cfg.MaxBytes > 0 && discards, "deletes the oldest beyond %d bytes (max_bytes)", cfg.MaxBytes)
	say(cfg.MaxMsgsPerSubject > 0 && (discards || !cfg.DiscardNewPerSubject), "keeps the last %d of each session and type (max_msgs_per_subject)", cfg.MaxMsgsPerSubject)
	say(cfg.NoAck, "does not acknowledge lines, so that they are looked for in it (no_ack)")
	say(cfg.PersistMode == api.AsyncPersistMode, "acknowledges lines before they are in a file (persist_mode async)")
	say(cfg.SubjectTransform != nil, "changes subjects, so that lines sent before are not found (subject_transform)")
	say(a.Replicas > cfg.Replicas, "already existed with %d replicas, not %d", cfg.Replicas, a.Replicas)
	if parts == nil {
		return ""
	}
	last := len(parts) - 1
	text := parts[last]
	if last > 0 {
		text = strings.Join(parts[:last], ", ") + " and " + text
	}
	return fmt.Sprintf("stream %s %s", a.Stream, text)
}
