package view

import (
	"strings"

	"github.com/fatih/color"
)

// A style is the sequences that switch a colour on and off.
type style struct{ on, off string }

// append appends text, which must be escaped already, in the style.
func (st style) append(dst, text []byte) []byte {
	return append(append(append(dst, st.on...), text...), st.off...)
}

// reset switches all colours off.
const reset = "\x1b[0m"

func newStyle(attributes ...color.Attribute) style {
	c := color.New(attributes...)
	c.EnableColor() // package color decides by os.Stdout, which is not our stream
	on, _, _ := strings.Cut(c.Sprint("|"), "|")
	return style{on, reset}
}
