package view

// columnGap is the number of blanks between two columns.
const columnGap = 2

// squeeze makes the widest columns narrower, of equal ones the last first, until all fit
// into room or none is wider than narrowest. It returns how much room is left, negative
// if they do not fit.
func squeeze(widths []*int, room, narrowest int) (free int) {
	for _, w := range widths {
		room -= *w
	}
	for ; room < 0; room++ {
		var widest *int
		for _, w := range widths {
			if *w > narrowest && (widest == nil || *w >= *widest) {
				widest = w
			}
		}
		if widest == nil {
			break
		}
		*widest--
	}
	return room
}

func appendBlanks(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
