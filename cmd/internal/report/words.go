package report

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"auditctl/cmd/internal/terminal"
)

// Counted returns a number and a noun, which gets an s unless the number is 1.
func Counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Named adds the operation and the name of a file to an error that lacks them.
func Named(op, name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("%s %s: %w", op, name, err)
}

// Shortened returns the beginning of a text that may be long, marked with … if it is.
func Shortened(text string) string {
	const limit = 300 // bytes
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// Brief returns a text if it has at most so many characters, else its beginning with … for
// the last of them.
func Brief(text string, most int) string {
	if characters := []rune(text); len(characters) > most {
		return string(characters[:most-1]) + "…"
	}
	return text
}

// Readable returns a name from a log for a message, in quotes if it is not one word.
func Readable(text string) string {
	text = Shortened(text)
	if quote := terminal.Quote([]byte(text)); quote != 0 {
		return string(quote) + text + string(quote)
	}
	return text
}

// Size formats a number of bytes exactly, in the largest unit that allows that.
func Size(n int64) string {
	for _, unit := range []string{"", "KiB", "MiB"} {
		if n == 0 || n%1024 != 0 {
			return strconv.FormatInt(n, 10) + unit
		}
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + "GiB"
}
