package browser

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience only ends a test that hangs.
const patience = 2 * time.Minute

// A page is a page in a tab of its own.
type page struct {
	t      *testing.T
	tab    context.Context
	url    string
	cancel func()

	mu       sync.Mutex
	troubles []string
}

// open opens a page, at an event if fragment names one. When the test ends, nothing must
// have gone wrong in the page, and it must have requested nothing.
func open(t *testing.T, path, fragment string) *page {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // which opens the tab
		t.Fatal(err)
	}
	p := &page{t: t, url: "file://" + path}
	p.tab, p.cancel = context.WithTimeout(tab, patience)
	t.Cleanup(p.cancel)
	if err := chromedp.Listen(p.tab, p.heard); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(p.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Navigate(p.url + fragment))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, trouble := range p.troubles {
			t.Error(trouble)
		}
	})
	return p
}

// heard notes what must not happen.
func (p *page) heard(event any) {
	trouble := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelVerbose && e.Entry.Level != log.EntryLevelInfo {
			trouble = fmt.Sprintf("the browser says: %s: %s", e.Entry.Level, e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		trouble = fmt.Sprintf("the page says: %s", e.Type)
	case *runtime.EventExceptionThrown:
		trouble = fmt.Sprintf("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *cdp.EventJavascriptDialogOpening:
		trouble = "dialog: " + e.Message
		p.cancel() // nothing goes on until it is closed
	case *cdp.EventWindowOpen:
		trouble = "window: " + e.URL
	case *cdp.EventFrameNavigated:
		if e.Frame.URL != p.url {
			trouble = "goes to " + e.Frame.URL
		}
	case *network.EventRequestWillBeSent:
		if e.Request.URL != p.url {
			trouble = "requests " + e.Request.URL
		}
	}
	if trouble != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.troubles = append(p.troubles, trouble)
	}
}

// do does what somebody at the browser does.
func (p *page) do(action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.tab, action); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until a condition holds.
func (p *page) wait(condition string) {
	p.t.Helper()
	_, err := chromedp.Run(p.tab, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingInterval(10*time.Millisecond), chromedp.WithPollingTimeout(0)))
	if err != nil {
		p.t.Fatalf("waiting for %s: %v", condition, err)
	}
}

// eval returns the value of an expression in the page.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.300s: %v", expression, err)
	}
	return value
}

// is checks the value of an expression in the page.
func is[T comparable](p *page, expression string, want T) {
	p.t.Helper()
	if have := eval[T](p, expression); have != want {
		p.t.Errorf("%s is %v, want %v", expression, have, want)
	}
}

// scrollTo scrolls to an element.
func (p *page) scrollTo(selector string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf("(document.querySelector(%q).scrollIntoView(), true)", selector))
}

// media makes the page one for a medium and features such as prefers-color-scheme=dark.
func (p *page) media(medium string, features ...string) {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{Media: medium}
	for _, feature := range features {
		name, value, _ := strings.Cut(feature, "=")
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	if _, err := chromedp.Call(p.tab, emulation.SetEmulatedMedia, params); err != nil {
		p.t.Fatal(err)
	}
}

// fits checks that nothing is wider than a page of so many columns of pixels: on a phone,
// on paper, or on a screen.
func (p *page) fits(width int64, mobile bool, medium string) {
	p.t.Helper()
	p.media(medium)
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: mobile}
	if _, err := chromedp.Call(p.tab, emulation.SetDeviceMetricsOverride, size); err != nil {
		p.t.Fatal(err)
	}
	if have := eval[int64](p, "document.documentElement.scrollWidth"); have > width {
		widest := eval[string](p, `(() => {
			let widest = document.body;
			let most = 0;
			const visit = (e) => {
				const { right } = e.getBoundingClientRect();
				if (right > most) [widest, most] = [e, right];
				if (getComputedStyle(e).overflowX === "visible") [...e.children].forEach(visit);
			};
			visit(widest);
			const path = [];
			for (let e = widest; e; e = e.parentElement) path.unshift(e.tagName + "." + e.className);
			return path.join(" ");
		})()`)
		p.t.Errorf("%q of %d pixels: the page is %d wide: %s", medium, width, have, widest)
	}
}

// openAll opens everything that can be opened, and returns when that is done.
func (p *page) openAll() {
	p.t.Helper()
	eval[bool](p, `(async () => {
		for (;;) {
			const closed = document.querySelectorAll("details:not([open])");
			const more = [...document.querySelectorAll(".more")].filter((b) => !b.hidden);
			if (closed.length + more.length === 0) return true;
			for (const d of closed) d.open = true;
			for (const b of more) b.click();
			await new Promise((done) => setTimeout(done));
		}
	})()`)
}
