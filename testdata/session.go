// Package testdata has the log that the tests, the README and the examples in help texts
// read.
package testdata

import _ "embed"

// Session is a log written by calute: sessions of several agents, with calls that failed
// or were denied.
//
//go:embed session.jsonl
var Session string
