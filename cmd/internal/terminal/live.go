package terminal

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Canvas is where something is drawn in place, as on a [StatusLine].
type Canvas interface {
	Size() (columns, lines int)
	Shown() bool
	Draw(text string)
	Erase()
}

// When something is drawn: as soon as there may be something to see, and then once a
// second.
const (
	firstDrawn = 100 * time.Millisecond
	drawnEvery = time.Second
)

// KeepDrawn draws a text once a second until ctx ends, and then erases it. It is drawn
// again if it changed, by then or since, or if the canvas did. text returns its lines, none
// of which is wider than so many columns; of these as many are drawn as there is room for.
func KeepDrawn(ctx context.Context, on Canvas, changed func() bool, text func(columns int) string) {
	defer on.Erase()
	next := time.NewTimer(firstDrawn)
	defer next.Stop()
	var columns, lines int
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		next.Reset(drawnEvery)
		oldColumns, oldLines := columns, lines
		columns, lines = on.Size()
		same := columns == oldColumns && lines == oldLines && on.Shown()
		if news := changed(); columns > 1 && lines > 0 && (news || !same) {
			on.Draw(fit(text(columns-1), columns-1, lines))
		}
	}
}

// fit returns as many lines of a text as there is room for. If these are not all, the last
// one says so.
func fit(text string, columns, lines int) string {
	all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if more := len(all) - lines; more > 0 {
		note := []rune(fmt.Sprintf("… %d more lines", more+1))
		all = append(all[:lines-1:lines-1], string(note[:min(len(note), columns)]))
	}
	return strings.Join(all, "\n")
}
