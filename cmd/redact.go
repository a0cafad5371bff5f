package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/redact"
)

// redactCmdOptions are the options of redact.
type redactCmdOptions struct {
	readOptions
	receiveOptions
	outputOptions
	redactOptions

	list, json bool
	of         string
}

func newRedactCmd(s Streams, asked arguments) *cobra.Command {
	o := &redactCmdOptions{}
	cmd := &cobra.Command{
		Use:        "redact [flags] [FILE...]",
		SuggestFor: []string{"mask", "scrub", "anonymize", "censor", "sanitize", "pseudonymize"},
		Short:      "Take secrets and personal data out of events",
		Long: `Print every line of FILEs, with secrets taken out of it, to standard output or
to every --output DEST, see tee. With no FILE, or if FILE is -, read standard
input; FILE may be a directory or a stream, see filter. FILEs are not changed.
Logs of other programs stay what they are: their lines are redacted as well,
though they are reported since they are no events, and the exit status is 3.

The flags are also those of tee, filter, cat, stats, report, reconcile, emit,
hook and mcp, where they are off by default. There, events are selected and
routed as they were read; all that is shown, counted, compared, recorded or
sent is what redaction left. FILE.seq, seals and nonces come after it.

--redact takes out the values of keys, whatever they are: KEY is a path, such as
metadata.*.password, in which * stands for a part of a key and ** for any number
of keys. A KEY without a dot is one anywhere, also in JSON inside of strings.
Upper and lower case are the same. A value becomes "[redacted]" by =mask, the
default; goes with its key by =drop; becomes its length by =length, or by =hmac
hmac-sha256:..., which is the same for the same value. --redact-key names the
file with the secret key for that: without it, short values could be found by
trying, so =hmac is refused. --of VALUE prints what a value becomes, to search
for it, and --of - that of standard input, so that it is not in the history of
the shell. event_type is never dropped.

--redact-secrets takes out of all strings what looks like a secret: keys of
clouds and of providers of models, tokens of forges and chats, private keys,
passwords in URLs and commands, Authorization headers, cookies; where such a
token has a checksum, only if that is right. It also takes out strings whose
keys say what they are, such as password or GITHUB_TOKEN. --redact-personal
takes out mail addresses, telephone and card numbers, and IP addresses.
--redact-rules adds rules of one's own in the language of gitleaks, and switches
on --redact-secrets, unless that is off. --list prints all rules. All other
bytes of a line stay as they are.

What no rule knows stays: a password in the middle of a sentence looks like any
other word, and a secret that was cut off may not look like one, unless it is a
token at the end of a preview of 200 characters. Name what you know of by its
KEY, and keep logs private.

Lines that are not events are not passed on, since what is in them is unknown:
they become {"invalid_line": {"bytes": N, "sha256": "..."}}, under --redact-key
with an hmac-sha256 instead. Here, but not in other commands, JSON objects
without an event_type are redacted instead. --redact-invalid=raw passes lines on
as they are. Messages say where such a line is, and quote nothing of any line.
What waits in --spool was redacted by the command that put it there, or not.

At the end, a message counts what was redacted, by rule and KEY.
--redact-mark says it in each event, in metadata.redacted.`,
		Example: `
# A log that can be shown to somebody
auditctl redact session.jsonl > shareable.jsonl

# Without what users wrote, and with people that can still be told from others
(umask 077; head -c 32 /dev/urandom > key)
auditctl redact --redact prompt_preview --redact-personal=hmac --redact-key key session.jsonl -o shareable.jsonl

# Which events are about one of them?
tag=$(auditctl redact --redact-key key --of ann@example.com)
grep "$tag" shareable.jsonl || echo none

# A log that never has secrets
agent | auditctl tee -q audit.jsonl --redact-secrets --redact 'metadata.user=drop'

# What is found
auditctl redact --list`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			switch {
			case o.list:
				return runRedactList(s, o, files)
			case o.json:
				return usagef("--json is for --list: add it")
			case cmd.Flags().Changed("of"):
				return runRedactOf(s, o, files)
			}
			return runRedact(cmd.Context(), s, o, files)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	o.outputOptions.register(cmd)
	o.secrets.on = true
	o.redactOptions.register(cmd, true)
	fs.StringVar(&o.of, "of", "", "print what `VALUE` becomes by hmac; -: that of standard input")
	fs.BoolVar(&o.list, "list", false, "list the rules")
	fs.BoolVar(&o.json, "json", false, "list each rule as a JSON object")
	groupFlags(cmd, flagsForRedaction)
	o.readOptions.register(cmd, fromNone)
	o.receiveOptions.register(cmd)
	completeWords(cmd, "of")
	return cmd
}

func runRedact(ctx context.Context, s Streams, o *redactCmdOptions, files []string) error {
	f, opts := o.newFlow(s, files, false, false)
	if err := o.decode(f, false); err != nil {
		return err
	}
	if err := o.redactOptions.apply(f); err != nil {
		return err
	}
	if f.Redaction == nil {
		return usagef("nothing is redacted: add --redact, --redact-personal or --redact-rules, or drop --redact-secrets=off")
	}
	f.Redaction.Objects = true
	ctx, stop, err := o.openAll(ctx, f, &opts, &o.receiveOptions)
	if err != nil {
		return err
	}
	defer stop()
	if err := o.outputOptions.apply(&opts); err != nil {
		return err
	}
	outputs := o.outputs
	if len(outputs) == 0 {
		outputs = []string{"-"}
	}
	f.Destinations = fanout.New(opts)
	if f.Lines, err = f.Destinations.Add(fanout.Role{Share: "lines"}, outputs...); err != nil {
		return err
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}

// runRedactOf prints what a value becomes.
func runRedactOf(s Streams, o *redactCmdOptions, files []string) error {
	switch {
	case len(files) > 0:
		return usagef("--of reads no FILE: write --of - to read the value from standard input")
	case o.keyFile == "":
		return usagef("--of: which key? add --redact-key FILE")
	}
	value := o.of
	if value == "-" {
		text, err := io.ReadAll(s.In)
		if err != nil {
			return fmt.Errorf("read stdin: %w", err)
		}
		value = string(trimNewline(text))
	}
	if value == "" {
		return usagef("--of: the value is empty")
	}
	secret, err := readRedactKey(o.keyFile, s.reporter())
	if err != nil {
		return err
	}
	r, err := redact.New(redact.Options{Mode: redact.HMAC, Secret: secret})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.Out, r.Tag(value))
	return err
}
