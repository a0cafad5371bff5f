// Package testdata holds the log that the tests, the README and the examples in the
// help of the commands read.
package testdata

import _ "embed"

// Session is a log as calute wrote it: some sessions of several agents, with calls
// that failed or were denied.
//
//go:embed session.jsonl
var Session string
