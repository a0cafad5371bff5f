package cmd_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A shell is configured to write a line to the FIFO answers at each prompt. On ^G it
// writes its command line there and clears it.
type shell struct {
	args  []string
	files map[string]string // in its home
}

var shells = map[string]shell{
	"bash": {[]string{"--noprofile", "--rcfile", "rc", "-i"}, map[string]string{"rc": `
source <(auditctl completion bash)
bind 'set completion-query-items 0' 'set page-completions off'
show() { printf '%s\n' "$READLINE_LINE" > "$HOME/answers"; READLINE_LINE= READLINE_POINT=0; }
bind -x '"\C-g": show'
bind '"\C-t": menu-complete'
PROMPT_COMMAND='echo ready > "$HOME/answers"'
`}},
	"zsh": {[]string{"-d", "-i"}, map[string]string{".zshrc": `
autoload -Uz compinit
compinit -u -D
source <(auditctl completion zsh)
LISTMAX=10000
show() { print -r -- "$BUFFER" > ~/answers; BUFFER= }
zle -N show
bindkey -e '^G' show '^I' complete-word '^T' menu-complete
precmd() { print ready > ~/answers }
`}},
	"fish": {[]string{"-i"}, map[string]string{".config/fish/config.fish": `
auditctl completion fish | source
function fish_user_key_bindings
	bind \cg 'commandline > ~/answers; commandline -r ""'
	bind \ct 'commandline -f complete complete'
end
function fish_prompt
	echo ready > ~/answers
end
`}},
}

// A terminalShell is a shell on a terminal.
type terminalShell struct {
	t       *testing.T
	home    string
	screen  *os.File
	fifo    *os.File
	answers *bufio.Reader // from the FIFO
	process *exec.Cmd
}

// startShell starts a shell in a new home with some files, or skips the test.
func startShell(t *testing.T, name string, files map[string]string) *terminalShell {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s here", name)
	}
	s := &terminalShell{t: t, home: t.TempDir()}
	for _, files := range []map[string]string{shells[name].files, files} {
		for path, text := range files {
			path = filepath.Join(s.home, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, text)
		}
	}
	fifo := filepath.Join(s.home, "answers")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	answers, err := os.OpenFile(fifo, os.O_RDWR, 0) // so that there is always a reader
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answers.Close() })
	s.fifo, s.answers = answers, bufio.NewReader(answers)

	var tty *os.File
	s.screen, tty = openTerminal(t, 200)
	s.process = exec.Command(program, shells[name].args...)
	s.process.Dir = s.home
	s.process.Stdin, s.process.Stdout, s.process.Stderr = tty, tty, tty
	s.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s.process.Env = environment("HOME="+s.home, "ZDOTDIR="+s.home, "LOGS="+s.home, "TERM=xterm", "LC_ALL=C.UTF-8", "INPUTRC=/dev/null",
		"XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "XDG_RUNTIME_DIR="+s.home, "HISTFILE=")
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		io.Copy(io.Discard, s.screen)
	}()
	t.Cleanup(func() {
		s.process.Process.Kill()
		s.process.Wait()
		<-shown
	})
	if have := s.answer(); have != "ready" {
		t.Fatalf("%s says %q", name, have)
	}
	return s
}

func (s *terminalShell) answer() string {
	s.t.Helper()
	s.fifo.SetReadDeadline(time.Now().Add(patience))
	line, err := s.answers.ReadString('\n')
	if err != nil {
		s.t.Fatalf("no answer: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}

// complete types a line and TAB and returns the completed line.
func (s *terminalShell) complete(line string) string {
	s.t.Helper()
	if _, err := s.screen.WriteString(line + "\t\a"); err != nil {
		s.t.Fatal(err)
	}
	return s.answer()
}

// first types a line and asks for the first completion of it.
func (s *terminalShell) first(line string) string {
	s.t.Helper()
	if _, err := s.screen.WriteString(line + "\x14\a"); err != nil {
		s.t.Fatal(err)
	}
	return s.answer()
}

// end ends the shell.
func (s *terminalShell) end() {
	s.t.Helper()
	s.screen.WriteString("exit\r")
	defer time.AfterFunc(patience, func() { s.process.Process.Kill() }).Stop()
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("the shell ends with %v", err)
	}
}

// hostile are texts that run something if a shell evaluates them.
var hostile = []string{
	`$(touch RUN)`, "`touch RUN`", `x;touch RUN;`, `x|touch RUN`, `x>RUN`, `(touch RUN)`, `\$(touch RUN)`, `"$(touch RUN)"`, `'$(touch RUN)'`, `a[$(touch RUN)]`,
}

// completionFiles are the logs from which values are completed. One of them has hostile
// values, and some have hostile names.
func completionFiles() map[string]string {
	files := map[string]string{
		"own.jsonl":      `{"event_type": "deploy", "session_id": "s-1", "turn_id": "t:1", "replicas": 3, "metadata": {"region": "eu"}}` + "\n",
		"my log.jsonl":   `{"event_type": "deploy", "session_id": "s-2", "turn_id": "t:2"}` + "\n",
		"unlike.jsonl":   "",
		"unique/x.jsonl": "",
		"log.jsonl":      `{"event_type": "own-x", "session_id": "s-1", "own_x": 1, "metadata": {"own_x": 1}}` + "\n",
	}
	for i, text := range hostile {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		files["log.jsonl"] += fmt.Sprintf(`{"event_type": "%[1]s", "session_id": "%[1]s", "tool_name": "%[1]s", "%[1]s": 1, "metadata": {"%[1]s": 1}}`+"\n", quoted)
		files[fmt.Sprintf("f%02d%s", i, text)] = `{"event_type": "x", "session_id": "s-1"}` + "\n"
	}
	return files
}

// Completions reach the command line. Nothing in a log or on the command line is run, and
// only harmless values are offered.
func TestCompletes(t *testing.T) {
	if testing.Short() {
		t.Skip("starts auditctl again and again")
	}
	for name := range shells {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startShell(t, name, completionFiles())
			tests := [][2]string{
				{`true; X=1 auditctl fil`, `true; X=1 auditctl filter `},
				{`auditctl filter --session`, `auditctl filter --session-id `},
				{`auditctl cat --format=tr`, `auditctl cat --format=tree `},
				{`auditctl filter -p info..e`, `auditctl filter -p info..error `},
				{`auditctl filter own.jsonl -t error,dep`, `auditctl filter own.jsonl -t error,deploy `},
				{`auditctl filter own.jsonl --turn-id t:`, `auditctl filter own.jsonl --turn-id t:1 `},
				{`auditctl filter own.jsonl --turn-id=t:`, `auditctl filter own.jsonl --turn-id=t:1 `},
				{`auditctl filter own.jsonl --turn-id 't:`, `auditctl filter own.jsonl --turn-id 't:1' `},
				{`auditctl filter my\ log.jsonl --session-id s`, `auditctl filter my\ log.jsonl --session-id s-2 `},
				{`auditctl filter 'my log.jsonl' --session-id=s`, `auditctl filter 'my log.jsonl' --session-id=s-2 `},
				{`auditctl filter "my log.jsonl" --session-id "s`, `auditctl filter "my log.jsonl" --session-id "s-2" `},
				{`auditctl filter ~/own.jsonl --session-id s`, `auditctl filter ~/own.jsonl --session-id s-1 `},
				{`auditctl filter $LOGS/own.jsonl --session-id s`, `auditctl filter $LOGS/own.jsonl --session-id s-1 `},
				{`auditctl filter own.jsonl -F metadata.reg`, `auditctl filter own.jsonl -F metadata.region`}, // without a space, as an operator follows
				{`auditctl filter my`, `auditctl filter my\ log.jsonl `},
				{`auditctl filter -- own.jsonl --session`, `auditctl filter -- own.jsonl --session`},
				{`auditctl filter --rejects=own`, `auditctl filter --rejects=own.jsonl `},
				{`auditctl tee --route error=own`, `auditctl tee --route error=own.jsonl `},
				{`auditctl tee --route error=unique/`, `auditctl tee --route error=unique/x.jsonl `},
				{`auditctl tee --route=error,tool_call_failure=own`, `auditctl tee --route=error,tool_call_failure=own.jsonl `},
				{`auditctl filter --max-line own`, `auditctl filter --max-line own`}, // no files
				{`auditctl filter --since=own`, `auditctl filter --since=own`},
				{`auditctl filter --since yes`, `auditctl filter --since yesterday `},
				{`auditctl filter --keys own`, `auditctl filter --keys own.jsonl `},
				{`auditctl keygen ow`, `auditctl keygen ow`}, // no files
				{`auditctl emit base > ow`, `auditctl emit base > own.jsonl `},
				{`auditctl filter log.jsonl --session-id `, `auditctl filter log.jsonl --session-id s-1 `},
				{`auditctl filter log.jsonl -t own`, `auditctl filter log.jsonl -t own-x `},
				{`auditctl filter log.jsonl -F own`, `auditctl filter log.jsonl -F own_x`},
				{`auditctl filter log.jsonl -w .own`, `auditctl filter log.jsonl -w .own_x`},
			}
			if name != "fish" { // does not know directories from files
				tests = append(tests, [2]string{`auditctl tee --spool un`, `auditctl tee --spool unique/`})
			}
			if have := s.first("auditctl filter -p "); have != "auditctl filter -p debug" && have != "auditctl filter -p debug " {
				t.Errorf("the first severity is in %q", have)
			}
			for _, test := range tests {
				if have := s.complete(test[0]); have != test[1] {
					t.Errorf("%s\ngives %s\nwant  %s", test[0], have, test[1])
				}
			}
			all := "auditctl filter"
			for i, text := range hostile {
				// The shell itself quotes the name of a file.
				file := fmt.Sprintf(" f%02d", i)
				line := s.complete(`auditctl filter "` + text + `" '` + text + `'` + file)
				all += strings.TrimSuffix(line[max(0, strings.LastIndex(line, file)):], " ")
				s.complete(`auditctl filter own.jsonl --session-id "` + text)
			}
			if have, want := s.complete(all+" --session-id s"), all+" --session-id s-1 "; have != want {
				t.Errorf("%s gives %s", want, have)
			}
			s.end()
			for _, ran := range []string{"RUN", "RUN;"} {
				if _, err := os.Stat(filepath.Join(s.home, ran)); err == nil {
					t.Errorf("something was run: %s is there", ran)
				}
			}
		})
	}
}
