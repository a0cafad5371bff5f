package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/seal"
)

// A verdict is what verify says about a log or a line.
type verdict struct {
	File string
	seal.Report
	proven     string // what a proof shows; empty for a log
	provenLine int64  // if it is that of a line
	bundle     *seal.BundleReport
}

// print prints a verdict in the format that the flags ask for, what was erased, and what
// was not checked.
func (o *verifyOptions) print(w io.Writer, v verdict) error {
	lines := append([]string{v.String()}, v.details()...)
	switch {
	case o.quiet:
		return nil
	case o.json:
		data, err := json.Marshal(v.fields())
		if err != nil {
			return err
		}
		lines = []string{string(terminal.EscapeJSON(data))}
	default:
		for i := range lines {
			lines[i] = terminal.Escape(lines[i])
		}
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return report.Named("write", "stdout", err)
	}
	return nil
}

// maxErasures is how many erasures are named, the last ones.
const maxErasures = 10

// details returns a line for each of the last erasures, and for each thing that was not
// checked.
func (v verdict) details() (lines []string) {
	more := max(len(v.Erasures)-maxErasures, 0)
	for _, e := range v.Erasures[more:] {
		lines = append(lines, fmt.Sprintf("%s: erased at %s: %s: %s", v.File, e.Time.UTC().Format(time.RFC3339), linesInBrief(e.Lines), e.Reason))
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("%s: erased before that: see --json", v.File))
	}
	return append(lines, v.notChecked()...)
}

// notChecked returns a line for each thing that was not checked.
func (v verdict) notChecked() []string {
	var lines []string
	for _, name := range v.Unverified {
		lines = append(lines, fmt.Sprintf("%s: not verified: the signature of %s", v.File, name))
	}
	for _, name := range v.Strays {
		lines = append(lines, fmt.Sprintf("%s: not checked: %s in its sidecar, which no checkpoint needs", v.File, name))
	}
	if more := v.StrayCount - len(v.Strays); more > 0 {
		lines = append(lines, fmt.Sprintf("%s: not checked: %d more in its sidecar", v.File, more))
	}
	return lines
}

// String returns the verdict in words.
func (v verdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", v.File, v.Verdict)
	if v.Verdict.OK() {
		b.WriteString(v.erased())
	}
	b.WriteString(": ")
	if !v.Verdict.OK() {
		b.WriteString(v.Reason)
	}
	switch {
	case v.proven != "" && v.Verdict.OK():
		b.WriteString(v.proven)
	case v.proven == "" && v.Origin != "":
		if !v.Verdict.OK() {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "sealed up to line %d", v.Lines)
		if !v.Time.IsZero() {
			b.WriteString(" at " + v.Time.UTC().Format(time.RFC3339))
		}
		b.WriteString(", " + v.Origin)
	}
	if !v.Verdict.OK() {
		return b.String()
	}
	switch {
	case v.Verdict == seal.Unanchored:
		b.WriteString("; without a key nothing vouches for that")
	case v.Anchored < v.Lines:
		fmt.Fprintf(&b, "; without a key those from %d on are UNANCHORED", v.Anchored+1)
	}
	if v.Foreign {
		b.WriteString("; another tool made the seal, so that it has no manifest")
	}
	if v.Pruned > 0 {
		fmt.Fprintf(&b, "; the first %s are gone, as is allowed", report.Counted(v.Pruned, "line"))
	}
	if v.Unsealed > 0 {
		fmt.Fprintf(&b, "; then %d unsealed", v.Unsealed)
	}
	if v.Unended {
		b.WriteString("; the last line has no line feed: it is not sealed yet")
	}
	return b.String()
}

// erased says how many lines were erased, and which are not gone.
func (v verdict) erased() (text string) {
	if n := v.Erased(); n > 0 {
		text = fmt.Sprintf(", %s erased", report.Counted(n, "line"))
	}
	switch n := v.StillThere.Count(); {
	case n == 1:
		text += fmt.Sprintf("; line %v is listed as erased and still there", v.StillThere)
	case n > 1:
		text += fmt.Sprintf("; lines %s are listed as erased and still there", linesInBrief(v.StillThere))
	}
	return text
}

// verdictFields is a verdict as --json prints it.
type verdictFields struct {
	File     string       `json:"file"`
	Verdict  seal.Verdict `json:"verdict"`
	Reason   string       `json:"reason,omitempty"`
	Origin   string       `json:"origin,omitempty"`
	Sealed   int64        `json:"sealed"` // lines, as all numbers
	SealedAt *time.Time   `json:"sealed_at,omitempty"`
	Anchored int64        `json:"anchored"`
	Line     int64        `json:"line,omitempty"` // the first that is not as sealed
	Pruned   int64        `json:"pruned,omitempty"`
	Unsealed int64        `json:"unsealed"`
	Unended  bool         `json:"unended,omitempty"`
	Foreign  bool         `json:"foreign,omitempty"`

	Erased     int64           `json:"erased,omitempty"`
	Erasures   []erasureFields `json:"erasures,omitempty"`    // oldest first
	StillThere string          `json:"still_there,omitempty"` // lines that should be erased

	ProvenLine int64 `json:"proven_line,omitempty"` // by a proof

	Proven *linesFields `json:"proven,omitempty"` // by a bundle
	Gone   *linesFields `json:"proven_erased,omitempty"`

	Unverified []string `json:"unverified,omitempty"` // keys whose signatures were not checked
	Strays     []string `json:"strays,omitempty"`     // files in the sidecar, the first ten
	StrayCount int      `json:"stray_count,omitempty"`
}

// erasureFields is an erasure as --json prints it.
type erasureFields struct {
	Lines  string    `json:"lines"` // such as 3,17-20
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (v verdict) fields() verdictFields {
	f := verdictFields{
		File:     v.File,
		Verdict:  v.Verdict,
		Reason:   v.Reason,
		Origin:   v.Origin,
		Sealed:   v.Lines,
		Anchored: v.Anchored,
		Line:     v.Line,
		Pruned:   v.Pruned,
		Unsealed: v.Unsealed,
		Unended:  v.Unended,
		Foreign:  v.Foreign,

		Erased:     v.Erased(),
		StillThere: v.StillThere.String(),

		ProvenLine: v.provenLine,

		Unverified: v.Unverified,
		Strays:     v.Strays,
		StrayCount: v.StrayCount,
	}
	for _, e := range v.Erasures {
		f.Erasures = append(f.Erasures, erasureFields{e.Lines.String(), e.Time.UTC(), e.Reason})
	}
	if !v.Time.IsZero() {
		at := v.Time.UTC()
		f.SealedAt = &at
	}
	if v.bundle != nil && v.Verdict.OK() {
		f.Proven, f.Gone = fieldsOf(v.bundle.Proven), fieldsOf(v.bundle.Gone)
	}
	return f
}
