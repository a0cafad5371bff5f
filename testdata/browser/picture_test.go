package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "write the pictures of the README into this `directory`")

// TestPictures makes the pictures of the README, if -pictures is given.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures")
	}
	for name, page := range map[string]struct{ log, scroll string }{
		"report.png":       {session, "body"},
		"report-turns.png": {"../claude-code.jsonl", "#sessions"},
	} {
		p := open(t, report(t, page.log), "")
		size := emulation.SetDeviceMetricsOverrideParams{Width: 1000, Height: 880, DeviceScaleFactor: 1}
		if _, err := chromedp.Call(p.tab, emulation.SetDeviceMetricsOverride, size); err != nil {
			t.Fatal(err)
		}
		p.scrollTo("#sessions")
		p.wait(`document.querySelector(".row.denied, .row.failed")`)
		p.scrollTo(page.scroll)
		png, err := chromedp.Run(p.tab, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*pictures, name), png, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
