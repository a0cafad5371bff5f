package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
)

const (
	rowHeight = 62
	boxHeight = 26
	margin    = 20
)

// draw writes the picture of rows of nodes.
func draw(w io.Writer, rows [][]*node) error {
	left, right := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		for _, n := range row {
			left, right = min(left, n.x-n.width/2), max(right, n.x+n.width/2)
		}
	}
	x := func(n *node) float64 { return n.x - left + margin }
	y := func(n *node) float64 { return float64(len(rows)-1-n.row)*rowHeight + margin }
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>
<rect width="100%%" height="100%%" fill="#ffffff"/>
`, right-left+2*margin, len(rows)*rowHeight-rowHeight+boxHeight+2*margin)
	for _, row := range rows {
		for _, n := range row {
			if n.name == "" {
				continue
			}
			for _, to := range n.below {
				fmt.Fprintf(out, `<path d="M%.0f %.0f`, x(n), y(n)+boxHeight)
				at, bottom := x(n), y(n)+boxHeight
				for ; ; to = to.below[0] {
					fmt.Fprintf(out, "C%.0f %.0f %.0f %.0f %.0f %.0f", at, bottom+18, x(to), y(to)-18, x(to), y(to))
					if to.name != "" {
						break
					}
					at, bottom = x(to), y(to)+boxHeight
					fmt.Fprintf(out, "L%.0f %.0f", at, bottom)
				}
				fmt.Fprintln(out, `" fill="none" stroke="#57606a" marker-end="url(#tip)"/>`)
			}
		}
	}
	for _, row := range rows {
		for _, n := range row {
			if n.name == "" {
				continue
			}
			fill := "#ddf4ff"
			if isCmd(n.name) {
				fill = "#fff8c5"
			}
			fmt.Fprintf(out, `<rect x="%.0f" y="%.0f" width="%.0f" height="%d" rx="5" fill="%s" stroke="#57606a"/>`, x(n)-n.width/2, y(n), n.width, boxHeight, fill)
			fmt.Fprintf(out, `<text x="%.0f" y="%.0f" text-anchor="middle" fill="#1f2328">%s</text>`+"\n", x(n), y(n)+17, n.name)
		}
	}
	fmt.Fprintln(out, "</svg>")
	return out.Flush()
}
