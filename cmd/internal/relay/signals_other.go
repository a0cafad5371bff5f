//go:build !unix

package relay

import "os"

// Signals are none: the console sends them to the program as well.
type Signals struct{}

// CatchSignals does nothing.
func CatchSignals() Signals { return Signals{} }

func (Signals) forward(*os.Process, chan<- struct{}) {}
func (Signals) stop()                                {}
