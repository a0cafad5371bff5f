package view

import (
	"strings"

	"github.com/fatih/color"
)

// A style is what switches a colour on and off.
type style struct{ on, off string }

// append appends text, which is escaped, in the style.
func (st style) append(dst, text []byte) []byte {
	return append(append(append(dst, st.on...), text...), st.off...)
}

func newStyle(attributes ...color.Attribute) style {
	c := color.New(attributes...)
	c.EnableColor() // package color decides by os.Stdout, we by our stream
	on, off, _ := strings.Cut(c.Sprint("|"), "|")
	return style{on, off}
}
