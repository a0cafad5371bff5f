package browser

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

const session = "../session.jsonl"

// The page opens, and shows what is in the log.
func TestOpens(t *testing.T) {
	p := open(t, report(t, session), "")
	is(p, "document.title", "Audit report")
	is(p, `document.querySelector(".figures dd").textContent`, "39")
	p.scrollTo("#sessions") // what is far below is made when it comes nearer
	p.wait(`document.querySelectorAll(".turn").length === 4`)
}

// The box and the severities filter the events.
func TestFilters(t *testing.T) {
	p := open(t, report(t, session), "")
	p.do(chromedp.SendKeys(chromedp.CSS("#query"), "error_type:HTTPError"))
	p.wait(`document.getElementById("found").textContent === "3 of 39 events"`)
	is(p, `document.querySelectorAll("#results .hit").length`, 3)
	is(p, `document.getElementById("list").hidden`, true)
	p.do(chromedp.SendKeys(chromedp.CSS("#query"), " 503"))
	p.wait(`document.getElementById("found").textContent === "1 of 39 events"`)
	p.do(chromedp.SendKeys(chromedp.CSS("#query"), "\u001b")) // Escape
	p.wait(`!document.getElementById("list").hidden`)
	is(p, `document.getElementById("query").value`, "")
	p.do(chromedp.Click(chromedp.CSS("#severities .error")))
	p.wait(`document.getElementById("found").textContent === "5 of 39 events"`)
}

// A link leads to its event, in the page and from elsewhere.
func TestLinks(t *testing.T) {
	path := report(t, session)
	p := open(t, path, "")
	p.do(chromedp.Click(chromedp.CSS("section[aria-labelledby=failures] .links a")))
	p.wait(`location.hash !== "" && document.querySelector(".full.shown")?.id === location.hash.slice(1)`)
	is(p, `document.querySelector(".full.shown").textContent.includes("429 Too Many Requests")`, true)
	p.wait(`(({ top, bottom }) => bottom > 0 && top < innerHeight)(document.querySelector(".full.shown").getBoundingClientRect())`)

	p = open(t, path, "#e7")
	for _, n := range []int{7, 39, 1} {
		eval[bool](p, fmt.Sprintf(`(location.hash = "e%d", true)`, n))
		p.wait(fmt.Sprintf(`document.querySelector(".full.shown")?.id === "e%d"`, n))
		is(p, fmt.Sprintf(`document.querySelector(".full.shown .place").textContent.endsWith("session.jsonl:%d")`, n), true)
	}
	eval[bool](p, `(location.hash = "e40", true)`) // there is none
}

// An event is shown in full when somebody opens it, and not before.
func TestExpands(t *testing.T) {
	p := open(t, report(t, session), "")
	p.scrollTo("#sessions")
	p.wait(`document.querySelector(".row.failed")`)
	is(p, `document.querySelectorAll(".full").length`, 0)
	p.do(chromedp.Click(chromedp.CSS(".row.failed > summary")))
	p.wait(`document.querySelector(".row.failed .full")`)
	is(p, `[...document.querySelectorAll(".row.failed .full:last-child th")].map((th) => th.textContent).join(" ")`,
		"event_type timestamp agent_id turn_id session_id severity metadata tool_name error_type error_message")
}

// The page follows the colours that the reader prefers, with dark on light or the reverse.
func TestColours(t *testing.T) {
	p := open(t, report(t, session), "")
	const brightness = `((c) => c.match(/\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 765)(getComputedStyle(document.body).%s)`
	for scheme, dark := range map[string]bool{"light": false, "dark": true} {
		p.media("", "prefers-color-scheme="+scheme)
		back, text := eval[float64](p, fmt.Sprintf(brightness, "backgroundColor")), eval[float64](p, fmt.Sprintf(brightness, "color"))
		if back < text != dark || max(back, text)-min(back, text) < 0.5 {
			t.Errorf("%s: brightness %v on %v", scheme, text, back)
		}
	}
}

// Paper shows the turns, whatever was seen on the screen.
func TestPrints(t *testing.T) {
	p := open(t, report(t, session), "")
	pdf, err := chromedp.Run(p.tab, chromedp.PrintToPDF())
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("printing: %d bytes, %v", len(pdf), err)
	}
	is(p, `document.querySelectorAll(".turn .row.failed").length`, 5)
}

// Nothing is wider than a screen, a phone or paper.
func TestFits(t *testing.T) {
	for _, log := range []string{session, "../claude-code.jsonl"} {
		p := open(t, report(t, log), "")
		p.openAll()
		p.fits(1280, false, "")
		p.fits(360, true, "")
		p.fits(794, false, "print")
	}
}
