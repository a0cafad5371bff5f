package table

import "fmt"

// A KeysError says what is wrong with a text that [ParseKeys] reads.
type KeysError struct {
	Name         string // of the text
	Line, Column int    // from 1, in bytes
	Reason       string
}

// Error returns "NAME:LINE:COLUMN: reason".
func (e *KeysError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Reason)
}
