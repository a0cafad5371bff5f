package htmlreport

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
)

// The script gets the events as JSON, in elements that no browser runs. encoding/json
// escapes <, > and &, so that no text of a log ends the element.

// linesPerElement is how many lines an element has. The script reads an element when it
// needs one of its lines.
const linesPerElement = 1000

// data is what the script gets besides the lines. The names are short: there are many.
type data struct {
	Files    []string   `json:"files"`
	Names    []string   `json:"names"` // of types, agents and tools, which others refer to by number
	Zone     [][2]int64 `json:"zone"`  // from when on, in ms since 1970, clocks are so many seconds ahead of UTC
	Base     int64      `json:"base"`  // that all other times are relative to, in ms since 1970
	Per      int        `json:"per"`   // linesPerElement
	LeftOut  int64      `json:"leftOut"`
	Events   columns    `json:"events"`
	Sessions []session  `json:"sessions"`
}

// columns has what is asked about all events at once, in the order of the log.
type columns struct {
	At       []moment `json:"at"`
	Severity []int    `json:"severity"` // rank, 0 if unknown
	Alarm    []alarm  `json:"alarm"`
	Type     []int    `json:"type"` // number of a name
	File     []int    `json:"file"` // of data.Files
	Line     []int64  `json:"line"`
}

type session struct {
	ID    string `json:"id"`
	Turns []turn `json:"turns"`
}

// A turn has either Loose, the number of an event that belongs to no turn, or the rest.
type turn struct {
	Loose *int   `json:"l,omitempty"`
	ID    string `json:"i,omitempty"`
	Agent *int   `json:"a,omitempty"`
	Start *int   `json:"s,omitempty"`
	End   *int   `json:"e,omitempty"`
	From  moment `json:"x"`
	To    moment `json:"y"`
	Nodes []node `json:"n,omitempty"`
}

// A node is a call, or the number of an event.
type node struct {
	call  *call
	event int
}

type call struct {
	Tool    int    `json:"t"`
	Outcome string `json:"o"`
	From    moment `json:"x"`
	To      moment `json:"y"`
	Took    *took  `json:"d,omitempty"`
	Events  []int  `json:"e"`
	Below   []turn `json:"b,omitempty"`
}

func (n node) MarshalJSON() ([]byte, error) {
	if n.call == nil {
		return strconv.AppendInt(nil, int64(n.event), 10), nil
	}
	return json.Marshal(n.call)
}

// A moment is milliseconds since data.Base.
type moment struct {
	ms    float64
	known bool
}

func (m moment) MarshalJSON() ([]byte, error) {
	if !m.known {
		return []byte("null"), nil
	}
	return took(m.ms).MarshalJSON()
}

// took is milliseconds, of which the script gets those and microseconds.
type took float64

func (t took) MarshalJSON() ([]byte, error) {
	ms := float64(t)
	if math.Abs(ms) < 1e15 {
		ms = math.Round(ms*1000) / 1000
	}
	return json.Marshal(ms)
}

// write writes the elements with the data.
func (a *arrangement) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	encode := func(attributes string, value any) error {
		out.WriteString(`<script type="application/json" ` + attributes + ">")
		if err := json.NewEncoder(out).Encode(value); err != nil {
			return err
		}
		_, err := out.WriteString("</script>\n")
		return err
	}
	if err := encode(`id="data"`, a.data); err != nil {
		return err
	}
	for chunk := range slices.Chunk(a.events, linesPerElement) {
		lines := make([]string, len(chunk))
		for i, e := range chunk {
			lines[i] = e.String()
		}
		if err := encode(`class="lines"`, lines); err != nil {
			return err
		}
	}
	return out.Flush()
}
