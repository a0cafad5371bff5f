package cmd

import (
	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
)

// emitOptions are the flags that all types have.
type emitOptions struct {
	emitOutputOptions

	agentID, sessionID, turnID string
	severity, timestamp        string
	metadata                   []string
	metadataJSON               string
	print                      string
}

func (o *emitOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&o.agentID, "agent-id", "", "agent id (default $AUDITCTL_AGENT_ID)")
	fs.StringVar(&o.sessionID, "session-id", "", "session id (default $AUDITCTL_SESSION_ID)")
	fs.StringVar(&o.turnID, "turn-id", "", "turn id (default $AUDITCTL_TURN_ID)")
	fs.StringVar(&o.severity, "severity", "", "debug, info, warning, error or critical (default that of the type)")
	fs.StringVar(&o.timestamp, "timestamp", "", "`TIME` of the event (default now)")
	fs.StringArrayVar(&o.metadata, "metadata", nil, "set `KEY=VALUE` in the metadata; repeatable")
	fs.StringVar(&o.metadataJSON, "metadata-json", "", "start the metadata with the JSON `OBJECT`")
	groupFlags(cmd, flagsForEvent)
	fs.StringVar(&o.print, "print", "", "print the value of `KEY` instead of the event")
	o.emitOutputOptions.register(cmd)
	for _, id := range []string{"agent-id", "session-id", "turn-id"} {
		allowEmpty(fs, id)
	}
	completeSeverities(cmd, "severity")
	completeKnownKeys(cmd, "print")
	completeTimes(cmd, "timestamp")
}

// emitOutputOptions are the flags for where and how events go.
type emitOutputOptions struct {
	outputOptions
	redactOptions
	nonce    nonceOptions
	sequence sequenceOptions
}

func (o *emitOutputOptions) register(cmd *cobra.Command) {
	o.outputOptions.register(cmd)
	o.nonce.register(cmd)
	o.sequence.register(cmd)
	o.redactOptions.register(cmd, cmd.Name() == "emit")
}

// apply checks the options and sets them in opts.
func (o *emitOutputOptions) apply(opts *fanout.Options) error {
	if err := o.outputOptions.apply(opts); err != nil {
		return err
	}
	o.nonce.apply(opts)
	return o.sequence.apply(opts, o.outputs)
}
