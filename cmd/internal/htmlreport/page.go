// Package htmlreport makes a page of what is in audit logs, for readers who do not have
// auditctl: one file that needs nothing else, and does nothing but show itself. All texts
// of a log are escaped for HTML and JSON, and have control and invisible characters escaped
// as package terminal does. A policy in the page forbids browsers any request, and any
// script and style but those that are in it by their hashes.
package htmlreport

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"time"

	"auditctl/pkg/stats"
)

// A Page is what a report says.
type Page struct {
	Title    string
	Program  string // that made the page, with its version
	Made     time.Time
	Zone     *time.Location // of all times
	Files    []File
	Selected []string // what events had to be, in words; empty: all events
	Stats    *stats.Report
	Kept     *Kept
}

// A File is a log that was read.
type File struct {
	Name     string
	Lines    int64
	Events   int64
	Selected int64 // of the events
	Invalid  int64
	Dialect  string // that it was decoded from; empty: it has events
	Problem  string // why it could not be read to its end; empty: it could
	Seal     Seal
}

// A Seal says what is known about whether a log was changed since it was sealed.
type Seal struct {
	State SealState
	Text  string // what verify says of it
}

// A SealState is what is known about a seal.
type SealState string

const (
	NotSealed  SealState = ""
	Unverified SealState = "unverified" // nobody asked
	Intact     SealState = "intact"
	Broken     SealState = "broken" // the log is not as it was sealed, or that could not be found out
)

//go:embed page.html style.css script
var assets embed.FS

// scripts are the parts of the script, in order.
var scripts = [...]string{"data.js", "text.js", "detail.js", "turns.js", "search.js", "page.js"}

// Write writes the page. It calls k.End before.
func (p *Page) Write(w io.Writer) error {
	page, err := template.New("page.html").Funcs(p.functions()).ParseFS(assets, "page.html")
	if err != nil {
		return err
	}
	p.Kept.End()
	a := p.Kept.arrange(p.Files, p.Zone)
	v, err := p.view(a)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := page.ExecuteTemplate(out, "top", v); err != nil {
		return err
	}
	if err := a.write(out); err != nil {
		return err
	}
	if err := page.ExecuteTemplate(out, "bottom", v); err != nil {
		return err
	}
	return out.Flush()
}

// code returns the style and the script of the page, in their elements, and the policy that
// allows no others.
func code() (policy, style, script template.HTML, err error) {
	css, err := assets.ReadFile("style.css")
	if err != nil {
		return
	}
	js := []byte("\"use strict\";\n")
	for _, name := range scripts {
		part, err := assets.ReadFile("script/" + name)
		if err != nil {
			return "", "", "", err
		}
		js = append(js, part...)
	}
	hash := func(text []byte) string {
		sum := sha256.Sum256(text)
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy = template.HTML(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ` + hash(js) +
		`; style-src ` + hash(css) + `; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'">`)
	return policy, template.HTML("<style>" + string(css) + "</style>"), template.HTML("<script>" + string(js) + "</script>"), nil
}
