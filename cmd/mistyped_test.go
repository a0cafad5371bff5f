package cmd_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"auditctl/cmd"
)

// What was typed wrongly is answered in one short line that says what to type. LOG is an
// existing file.
func TestMistyped(t *testing.T) {
	t.Parallel()
	log := "../testdata/session.jsonl"
	for _, test := range []struct {
		args string // separated by blanks; a · is a blank in one
		want string
	}{
		{"flter -t error LOG", `no command "flter": did you mean filter?`},
		{"grep LOG", `no command "grep": did you mean filter?`},
		{"show LOG", `no command "show": did you mean cat?`},
		{"collect LOG", `no command "collect": did you mean tee?`},
		{"version", `no command "version": write auditctl --version`},
		{"LOG", `no command "LOG": write auditctl cat LOG`},
		{"nats://host/AUDIT", `no command "nats://host/AUDIT": write auditctl cat nats://host/AUDIT`},
		{"nonsense", `no command "nonsense"; see 'auditctl --help'`},
		{"-p error LOG", `no flag -p before a command: cat, filter and others have it`},
		{"--format=tree LOG", `no flag --format before a command: cat has it`},
		{"-V", `no flag -V: did you mean -v, --version?`},
		{"emit eror", `no event type "eror": did you mean error?`},
		{"emit deploy", `no event type "deploy": for one of your own, write 'emit custom deploy'`},
		{"emit --type error", `no flag --type: the type is the first argument, as in 'emit error'`},
		{"emit --tool-name=x --stdin", `no flag --tool-name before the type: write 'emit TYPE --tool-name'`},
		{"emit error --message x", `no flag --message: did you mean --error-message?`},
		{"emit error x", `"x": no argument is wanted; see 'auditctl emit error --help'`},

		{"filter --session x LOG", `no flag --session: did you mean --session-id?`},
		{"filter --tool x LOG", `no flag --tool: did you mean --tool-name?`},
		{"filter --agent x LOG", `no flag --agent: did you mean --agent-id?`},
		{"filter --turn x LOG", `no flag --turn: did you mean --turn-id?`},
		{"filter --level error LOG", `no flag --level: did you mean --severity?`},
		{"filter --severity-level error LOG", `no flag --severity-level: did you mean --severity?`},
		{"filter --grep x LOG", `no flag --grep: did you mean --field?`},
		{"filter -g x LOG", `no flag -g: did you mean --field?`},
		{"filter --typ error LOG", `no flag --typ: did you mean --type?`},
		{"filter --se error LOG", `no flag --se: did you mean --session-id or --severity?`},
		{"filter --id x LOG", `no flag --id: did you mean --agent-id, --session-id or --turn-id?`},
		{"filter --sicne 2h LOG", `no flag --sicne: did you mean --since?`},
		{"filter --tail 5 LOG", `filter has no flag --tail: cat has --lines`},
		{"filter -f LOG", `filter has no flag -f: cat and stats have it`},
		{"filter -V LOG", `no flag -V: did you mean -v, --invert?`},
		{"filter -é LOG", `no flag -é; see 'auditctl filter --help'`},
		{"filter --xyzzy LOG", `no flag --xyzzy; see 'auditctl filter --help'`},
		{"cat --output-format=tree LOG", `no flag --output-format: did you mean --format?`},
		{"cat --no-color LOG", `no flag --no-color: did you mean --color=never?`},
		{"cat --json LOG", `no flag --json: did you mean --format=jsonl?`},
		{"stats --format=json LOG", `no flag --format: did you mean --json?`},
		{"stats --group-by type LOG", `no flag --group-by: did you mean --by?`},
		{"tee -t error -q", `tee has no flag -t: cat, filter and others have it`},

		{"filter -type error LOG", `-type: a long flag has two dashes: --type`},
		{"filter -session x LOG", `no flag -session: did you mean --session-id?`},
		{"filter -count LOG", `-count: a long flag has two dashes: --count`},
		{"filter -since=2h LOG", `-since: a long flag has two dashes: --since`},
		{"filter -t", `-t, --type: the value is missing: GLOB,...; see 'auditctl filter --help'`},
		{"cat -n five LOG", `--lines "five": want a number, zero or more; see 'auditctl cat --help'`},
		{"stats --top five LOG", `--top "five": want a whole number; see 'auditctl stats --help'`},
		{"tee -q --rotate-every 1d", `--rotate-every "1d": want a time such as 90s, 5m or 24h; see 'auditctl tee --help'`},
		{"filter --count=5 LOG", `--count "5": want true or false; see 'auditctl filter --help'`},

		{"filter -p eror LOG", `--severity "eror": did you mean error?`},
		{"filter -p info..eror LOG", `--severity "eror": did you mean error?`},
		{"emit error --severity warn1ng", `--severity "warn1ng": did you mean warning?`},
		{"filter --since yesteday LOG", `--since "yesteday": did you mean yesterday?`},
		{"emit error --timestamp nwo", `--timestamp "nwo": did you mean now?`},
		{"filter --since soon LOG", `--since: cannot read the time "soon": want RFC 3339, a date, 08:15, 2h, today, @SECONDS`},
		{"cat --format=json LOG", `--format=json: did you mean jsonl?`},
		{"cat --color=alway LOG", `--color=alway: did you mean always?`},
		{"tee -q --sync=allways", `--sync "allways": did you mean always?`},
		{"tee -q --on-error=dorp", `--on-error=dorp: did you mean drop?`},
		{"filter --invalid=ignore LOG", `--invalid "ignore": want report, skip or fail; see 'auditctl filter --help'`},
		{"filter --from claude LOG", `--from "claude": did you mean claude-code?`},
		{"dialects codx", `no dialect "codx": did you mean codex?`},
		{"completion zs", `no shell "zs": did you mean zsh?`},
		{"example claude", `no example "claude": did you mean claude-code?`},
		{"prove a b", `"b": want only one FILE; see 'auditctl prove --help'`},

		{"filter error LOG", `no file "error": to select a type, write -t error`},
		{"cat tool_* LOG", `no file "tool_*": to select a type, write -t 'tool_*'`},
		{"stats warning LOG", `no file "warning": to select severities, write -p warning`},
		{"filter info..error LOG", `no file "info..error": to select severities, write -p info..error`},
		{"filter duration_ms>100 LOG", `no file "duration_ms>100": to compare a key, write -F 'duration_ms>100'`},
		{"filter tool_name=grep LOG", `no file "tool_name=grep": to compare a key, write -F 'tool_name=grep'`},
		{"filter .a·==·1 LOG", `no file ".a == 1": to select by a jq expression, write -w '.a == 1'`},
		{"filter -w .a == 1 LOG", `no file "==": put the whole expression into quotes: -w '.KEY == "VALUE"'`},
		{"filter yesterday LOG", `no file "yesterday": to select by time, write -S yesterday`},
		{"filter help", `no file "help": write auditctl filter --help`},

		{"filter -w .tool_name·==·grep LOG", `--where: no function grep: a string is written "grep"`},
		{"filter -w duration_ms>100 LOG", `--where: no function duration_ms: a key is written .duration_ms`},
		{"filter -w .a·===·1 LOG", `--where: column 6: unexpected token "=": compare with ==`},
		{"filter -w .a·&&·.b LOG", `--where: column 4: unexpected token "&": write 'and'`},
		{"filter -w .a·==·'b' LOG", `--where: column 7: unexpected token "'": strings are in double quotes`},
		{"filter -F tool_name==grep LOG", `field "tool_name==grep": no operator ==: write key=v; see 'auditctl filter --help'`},
	} {
		args := strings.Fields(strings.ReplaceAll(test.args, "LOG", log))
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "·", " ")
		}
		status, stdout, stderr := run(nil, args...)
		want := "auditctl: " + strings.ReplaceAll(test.want, "LOG", log) + "\n"
		if status != 2 || stdout != "" || stderr != want {
			t.Errorf("%s: status %d, printed %.100q\n%swant %s", test.args, status, stdout, stderr, want)
		}
		if len(stderr) > 101 {
			t.Errorf("%d columns: %s", len(stderr)-1, stderr)
		}
	}
}

// What looks like a mistake but may be meant is taken as it is.
func TestNotMistyped(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, file := range []string{"error", "duration_ms>100", "warning"} {
		writeFile(t, file, lineA)
	}
	for _, args := range []string{
		"filter error", "filter -- duration_ms>100", "cat warning", // files
		"filter -c -F tool_name=-type -", "filter -c --tool-name -type -", "filter -ctbase -", "filter -tc -", // values and letters
		"emit error --error-message -type", "emit error --error-message=--type",
		"tee -q -- -type",
	} {
		if status, _, stderr := run(strings.NewReader(lineA), strings.Fields(args)...); status != 0 {
			t.Errorf("%s: status %d, %s", args, status, stderr)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr syncBuffer // of a command that waits for the file, and may still say so
	cmd.Run(ctx, []string{"cat", "-f", "tool_call_failure"}, cmd.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &stderr})
	if strings.Contains(stderr.String(), "no file") {
		t.Errorf("cat -f: %s", stderr.String())
	}
}
