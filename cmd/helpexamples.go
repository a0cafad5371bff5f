package cmd

import (
	"strings"
	"unicode/utf8"
)

// exampleWidth is the most columns of a line of an example. A terminal of 80 columns shows
// it in the man page too, where it is indented and the last two columns are not used.
const exampleWidth = helpWidth - 11

// firstExamples is how many examples help shows before the flags.
const firstExamples = 3

// splitExamples returns the first examples of a text, with how to get their log, and the
// others.
func splitExamples(text string) (first, more string) {
	all := strings.Split(text, "\n\n")
	n := firstExamples
	if strings.HasPrefix(strings.TrimSpace(text), exampleLog) {
		n++
	}
	n = min(n, len(all))
	return strings.Join(all[:n], "\n\n"), strings.Join(all[n:], "\n\n")
}

// exampleLog says how to get the log that examples read.
const exampleLog = "# The log of these examples\n"

// settledExamples returns the examples of a command with two blanks before each line, and
// long lines broken where the shell joins them again. Those that read session.jsonl begin
// with how to get it.
func settledExamples(text, name string) string {
	text = strings.TrimSpace(text)
	if strings.Contains(text, " session.jsonl") && !strings.Contains(text, "> session.jsonl") {
		text = exampleLog + name + " example > session.jsonl\n\n" + text
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		switch comment, isComment := strings.CutPrefix(line, "# "); {
		case isComment:
			b.WriteString("  # " + filled(comment, exampleWidth-len("# "), "  # "))
		case line != "":
			b.WriteString("  " + brokenCommand(line, exampleWidth))
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// brokenCommand breaks a command that is longer than room, between words that are not in
// quotes.
func brokenCommand(line string, room int) string {
	if utf8.RuneCountInString(line) <= room {
		return line
	}
	column, end := 0, -1 // of the last word that ends on this line
	var quote rune
	for i, r := range line {
		switch {
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0 && r == ' ' && column+len(` \`) <= room:
			end = i
		}
		column++
	}
	if end < 0 {
		return line
	}
	return line[:end] + " \\\n      " + brokenCommand(line[end+1:], exampleWidth-4)
}
