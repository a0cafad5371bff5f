// Package testdata has the logs that the tests, the README and the examples in help texts
// read.
package testdata

import _ "embed"

// Session is a log written by calute: sessions of several agents, with calls that failed
// or were denied.
//
//go:embed session.jsonl
var Session string

// ClaudeCode is a transcript in the form of Claude Code's: a turn with calls that ran
// together, a subagent and a call that was denied, and another turn.
//
//go:embed claude-code.jsonl
var ClaudeCode string

// Hooks is what hooks recorded of the session in ClaudeCode, without the call toolu_05.
//
//go:embed hooks.jsonl
var Hooks string
