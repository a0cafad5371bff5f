// Package view lays out events and reports for people: each event as a line ([Text]), as a
// row ([Table]), or within its session and turn ([Tree]), and what was counted ([Stats]).
// All of these escape what is in a log, so that it cannot control a terminal, and keep
// only a bounded part of it. The caller decides where lines come from and where the text
// goes.
//
// Others are for programs, and escape values only if that is asked for: rows of values
// ([Delimited]), a JSON array ([Array]), and what a template makes of events ([Template]).
package view

import "time"

// Options are what the views have in common.
type Options struct {
	Color bool
	Width int            // of lines, in columns of the terminal; 0: as wide as needed
	Wrap  bool           // lines of text that are too long, instead of cutting them
	Zone  *time.Location // of the times that are shown

	// Now is when the ages of events are counted from that are shown in place of their
	// times; nil: times are shown. It may be called by several goroutines.
	Now func() time.Time
}
