// Package view lays out events and reports for people: each event as a line (Text), as
// a row (Table), or within its session and turn (Tree), and what was counted (Stats).
// What a log holds is escaped in all of them, so that it cannot drive a terminal, and
// a hostile log does not make a view hold ever more of it. Where lines come from and
// where the text goes is the caller's business.
package view

import "time"

// Options are what the views have in common.
type Options struct {
	Color bool
	Width int            // of lines, in columns of the terminal; 0: as wide as they must be
	Zone  *time.Location // of the times that are shown
}
