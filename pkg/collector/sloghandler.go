package collector

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"auditctl/pkg/events"
)

// SlogOptions are options for [NewSlogHandler]. The zero value has the defaults.
type SlogOptions struct {
	// Level is the lowest level that is recorded, slog.LevelInfo by default.
	Level slog.Leveler

	// AddSource adds the source position of the log call to metadata, as source.
	AddSource bool

	// Buffered leaves it to the caller to flush the collector. Otherwise it is flushed
	// after each record, so that none is lost if the program crashes.
	Buffered bool
}

// eventTypeLog is the default type of records.
const eventTypeLog = "log"

// NewSlogHandler returns a handler that makes an event of each log record and emits it to
// c. The caller still has to close c. The options may be nil.
//
// The attribute event_type is the type of the event, "log" by default. Other attributes
// outside groups whose key is in the envelope or belongs to that type become those keys;
// a time.Duration for a key that takes a number is written in milliseconds. All other
// attributes become metadata, groups as objects. If any of the keys has a value of the
// wrong kind, all attributes become metadata. The level becomes the severity, which is
// critical from slog.LevelError+4, and the message becomes the key message.
func NewSlogHandler(c Collector, opts *SlogOptions) slog.Handler {
	h := &slogHandler{to: c, scopes: make([]slogScope, 1)}
	if opts != nil {
		h.opts = *opts
	}
	return h
}

type slogHandler struct {
	to     Collector
	opts   SlogOptions
	scopes []slogScope // the first is that outside all groups
}

// A slogScope is a group that WithGroup opened, and the attributes that WithAttrs
// added to it.
type slogScope struct {
	group string
	attrs []slog.Attr
}

func (h *slogHandler) Enabled(_ context.Context, level slog.Level) bool {
	least := slog.LevelInfo
	if h.opts.Level != nil {
		least = h.opts.Level.Level()
	}
	return level >= least
}

func (h *slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.scopes = slices.Clone(h.scopes)
	last := &next.scopes[len(next.scopes)-1]
	last.attrs = slices.Concat(last.attrs, attrs)
	return &next
}

func (h *slogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	next := *h
	next.scopes = append(slices.Clip(h.scopes), slogScope{group: name})
	return &next
}

func (h *slogHandler) Handle(_ context.Context, r slog.Record) error {
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for i, scope := range slices.Backward(h.scopes) {
		attrs = slices.Concat(scope.attrs, attrs)
		if i > 0 {
			attrs = []slog.Attr{{Key: scope.group, Value: slog.GroupValue(attrs...)}}
		}
	}
	draft := newSlogDraft(r)
	if source := r.Source(); h.opts.AddSource && source != nil {
		draft.metadata.Set("source", source)
	}
	e, err := draft.event(attrs)
	if err != nil {
		return err
	}
	if err := h.to.Emit(e); err != nil || h.opts.Buffered {
		return err
	}
	return h.to.Flush()
}

// A slogDraft is the event that a record becomes.
type slogDraft struct {
	keys, metadata events.Metadata
}

func newSlogDraft(r slog.Record) (d slogDraft) {
	d.keys.Set("event_type", eventTypeLog)
	if !r.Time.IsZero() {
		d.keys.Set("timestamp", r.Time)
	}
	d.keys.Set("severity", slogSeverity(r.Level))
	if r.Message != "" {
		d.keys.Set("message", r.Message)
	}
	return d
}

func slogSeverity(level slog.Level) events.Severity {
	switch {
	case level < slog.LevelInfo:
		return events.SeverityDebug
	case level < slog.LevelWarn:
		return events.SeverityInfo
	case level < slog.LevelError:
		return events.SeverityWarning
	case level < slog.LevelError+4:
		return events.SeverityError
	}
	return events.SeverityCritical
}

// event returns the event with the attributes in their keys, or if their values do not
// fit, all in metadata.
func (d slogDraft) event(attrs []slog.Attr) (events.Event, error) {
	all := attrsOf(attrs)
	if e, err := d.with(all, true).complete(); err == nil {
		return e, nil
	}
	return d.with(all, false).complete()
}

// with returns the draft with attributes. If keyed is set, attributes named like a key of
// the event become that key.
func (d slogDraft) with(attrs events.Metadata, keyed bool) slogDraft {
	d.keys, d.metadata = slices.Clone(d.keys), slices.Clone(d.metadata)
	if eventType, _ := attrs.Lookup("event_type"); keyed && eventType != nil {
		d.keys.Set("event_type", eventType)
	}
	eventType, _ := d.keys.Lookup("event_type")
	name, _ := eventType.(string)
	own := events.Keys(name)
	for _, a := range attrs {
		i := slices.IndexFunc(own, func(k events.Key) bool { return k.Name == a.Key })
		nested, isObject := a.Value.(events.Metadata)
		switch {
		case !keyed:
			d.metadata.Set(a.Key, a.Value)
		case i >= 0:
			d.keys.Set(a.Key, inUnit(own[i], a.Value))
		case a.Key == "metadata" && isObject:
			for _, a := range nested {
				d.metadata.Set(a.Key, a.Value)
			}
		case a.Key != "metadata" && events.IsEnvelopeKey(a.Key):
			d.keys.Set(a.Key, a.Value)
		default:
			d.metadata.Set(a.Key, a.Value)
		}
	}
	return d
}

func (d slogDraft) complete() (events.Event, error) {
	d.keys.Set("metadata", d.metadata)
	line, err := d.keys.MarshalJSON()
	if err != nil {
		return events.Event{}, err
	}
	return events.Complete(line)
}

// attrsOf returns attributes with their values resolved and groups as Metadata. Groups
// without a name are inlined.
func attrsOf(attrs []slog.Attr) (m events.Metadata) {
	for _, a := range attrs {
		switch v := a.Value.Resolve(); {
		case a.Equal(slog.Attr{}):
		case v.Kind() != slog.KindGroup:
			m.Set(a.Key, v.Any())
		case a.Key == "":
			for _, a := range attrsOf(v.Group()) {
				m.Set(a.Key, a.Value)
			}
		default:
			if group := attrsOf(v.Group()); len(group) > 0 {
				m.Set(a.Key, group)
			}
		}
	}
	return m
}

// inUnit returns a value in the unit of its key.
func inUnit(k events.Key, value any) any {
	if d, ok := value.(time.Duration); ok && k.Kind == events.FloatKey {
		return float64(d) / float64(time.Millisecond)
	}
	return value
}
