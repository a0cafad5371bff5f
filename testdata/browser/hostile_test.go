package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostile has texts that would set pwned, load something or hide the page, if a browser
// took them for more than text.
var hostile = []string{
	`<script>window.pwned=1</script>`,
	`</script><script>window.pwned=1</script>`,
	`</SCRIPT ><svg/onload=window.pwned=1>`,
	`<!--<script>`,
	`--><script>window.pwned=1</script>`,
	`<!--<script></script><script>window.pwned=1</script>-->`,
	`]]><![CDATA[<script>window.pwned=1</script>]]>`,
	`<img src=x onerror=window.pwned=1>`,
	`"><img src=x onerror=window.pwned=1>`,
	`'><img src=x onerror=window.pwned=1>`,
	`" autofocus tabindex=0 onfocus="window.pwned=1" onmouseover="window.pwned=1`,
	`' autofocus onfocus='window.pwned=1' x='`,
	`<details open ontoggle=window.pwned=1>`,
	`<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>`,
	`<svg><script>window.pwned=1</script></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=window.pwned=1>">`,
	`<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
	`<object data="data:text/html,<script>parent.pwned=1</script>"></object>`,
	`<video><source onerror=window.pwned=1>`,
	`<a href="javascript:window.pwned=1" id=query>here</a>`,
	`javascript:window.pwned=1`,
	"java\tscript:window.pwned=1",
	`data:text/html,<script>opener.pwned=1</script>`,
	`<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">`,
	`<base href="http://127.0.0.1:9/">`,
	`<link rel=stylesheet href="http://127.0.0.1:9/x.css">`,
	`<form action="http://127.0.0.1:9/"><input autofocus onfocus=window.pwned=1>`,
	`<style>@import "http://127.0.0.1:9/y.css"; * { display: none }</style>`,
	`</style><script>window.pwned=1</script>`,
	`</title></textarea></template></noscript><script>window.pwned=1</script>`,
	`x; background: url(http://127.0.0.1:9/z.png); width: expression(window.pwned=1)`,
	`\3c script\3e window.pwned=1\3c/script\3e`,
	`{{constructor.constructor("window.pwned=1")()}}`,
	"${window.pwned=1}`;window.pwned=1;//",
	`';window.pwned=1;//`,
	`\";window.pwned=1;//`,
	`\u003cscript\u003ewindow.pwned=1\u003c/script\u003e`,
	`&lt;script&gt;window.pwned=1&lt;/script&gt;`,
	`&#60;img src=x onerror=window.pwned=1&#62;`,
	"\u2028window.pwned=1\u2029//",
	"\u202e<script>window.pwned=1</script>\u2066",
	"\x00\x1b]0;title\x07<b>\ufeff",
	"\\\"}]</script>\r\n<script>window.pwned=1</script>",
	`__proto__`,
	`constructor`,
	strings.Repeat("<b>", 1_000),
	strings.Repeat("W", 5_000),
}

// hostileLog writes events with these texts wherever a log has texts, and returns the path,
// which is hostile too, and how many events it has.
func hostileLog(t *testing.T) (path string, events int) {
	t.Helper()
	var log strings.Builder
	write := func(keys ...any) {
		log.WriteByte('{')
		for i := 0; i < len(keys); i += 2 {
			fmt.Fprintf(&log, "%s: %s, ", inJSON(t, keys[i]), inJSON(t, keys[i+1]))
		}
		fmt.Fprintf(&log, `"sent": true}`+"\n")
		events++
	}
	for _, text := range hostile {
		type keys = []any
		at := func(eventType string, more ...any) {
			write(append(keys{
				"event_type", eventType, "timestamp", fmt.Sprintf("2026-03-09T08:%02d:%02dZ", events/60%60, events%60),
				"agent_id", text, "turn_id", text, "session_id", text, "severity", "error",
				"metadata", map[string]any{text: text, "model": text, "input_tokens": 3, "output_tokens": 4},
			}, more...)...)
		}
		at("turn_start", "prompt_preview", text)
		at("tool_policy_decision", "tool_name", text, "action", "deny", "policy_source", text)
		at("tool_call_failure", "tool_name", text, "error_type", text, "error_message", text)
		at("tool_call_attempt", "tool_name", text+"!", "arguments_preview", text)
		at(text, text, text, "list", []string{text})
		write("event_type", text, "timestamp", text, "severity", text, text, map[string]string{text: text})
	}
	path = filepath.Join(t.TempDir(), `"><img src=x onerror=window.pwned=1>&lt;{{.}}'.jsonl`)
	if err := os.WriteFile(path, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, events
}

// inJSON returns a value as JSON, in which only what must be is escaped.
func inJSON(t *testing.T, value any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\n", "", `\u2028`, "\u2028", `\u2029`, "\u2029").Replace(b.String())
}

// A text of a log is only ever a text.
func TestHostile(t *testing.T) {
	log, events := hostileLog(t)
	page := report(t, "--title", hostile[0], "-T", hostile[0]+"?", log)
	p := open(t, page, "#e7")
	p.wait(`document.querySelector(".full.shown")?.id === "e7"`)
	p.do(chromedp.SendKeys(chromedp.CSS("#query"), "pwned"))
	p.wait(`/^\d+ of \d+ events/.test(document.getElementById("found").textContent.replaceAll(",", ""))`)
	p.do(chromedp.Click(chromedp.CSS("#results .hit > summary")))
	p.wait(`document.querySelector("#results .full")`)
	p.do(chromedp.SendKeys(chromedp.CSS("#query"), "\u001b"))
	p.wait(`!document.getElementById("list").hidden`)
	eval[bool](p, `(dispatchEvent(new Event("beforeprint")), true)`)
	p.openAll()
	p.wait(fmt.Sprintf(`document.querySelectorAll("#list .full").length === %d`, events))

	is(p, `typeof window.pwned`, "undefined")
	is(p, `[...document.scripts].filter((s) => s.type !== "application/json").length`, 1)
	is(p, `document.querySelectorAll("[src], [href]:not([href^='#']), [srcdoc], [action], [style], img, iframe, object, video, form, base, link, math, animate, b").length`, 0)
	is(p, `[...document.querySelectorAll("*")].filter((e) => e.getAttributeNames().some((name) => name.startsWith("on"))).length`, 0)
	is(p, `getComputedStyle(document.querySelector("h1")).display`, "block")
	visible := slices.DeleteFunc(slices.Clone(hostile), func(text string) bool {
		return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
	})
	is(p, fmt.Sprintf(`((shown) => %s.filter((text) => !shown.includes(text)).join("\n"))(document.getElementById("list").textContent)`, inJSON(t, visible)), "")
	p.fits(1280, false, "")
	p.fits(360, true, "")
	p.fits(794, false, "print")
}
