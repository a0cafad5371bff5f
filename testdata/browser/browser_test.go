// Package browser opens the pages that auditctl report makes in a browser: Chromium, if it
// is there. It is a module of its own, so that what it needs is not what auditctl needs.
package browser

import (
	"context"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// Of all tests: the command, and the browser, nil if there is none.
var (
	auditctl string
	browser  context.Context
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return m.Run() // which skips all
	}
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	auditctl = filepath.Join(dir, "auditctl")
	build := exec.Command("go", "build", "-o", auditctl, ".")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		log.Printf("%v\n%s", err, out)
		return 1
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, end := chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		log.Print(err)
		return 1
	}
	browser = ctx
	return m.Run()
}

// report makes a page of logs and returns its path.
func report(t *testing.T, args ...string) string {
	t.Helper()
	if browser == nil {
		t.Skip("Chromium is not installed")
	}
	path := filepath.Join(t.TempDir(), "report.html")
	p := exec.Command(auditctl, append([]string{"report", "-o", path}, args...)...)
	p.Env = append(os.Environ(), "TZ=UTC")
	if out, err := p.CombinedOutput(); err != nil {
		t.Fatalf("auditctl %q: %v\n%s", args, err, out)
	}
	return path
}
