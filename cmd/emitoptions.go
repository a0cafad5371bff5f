package cmd

import "github.com/spf13/cobra"

// emitOptions are the flags that every type has.
type emitOptions struct {
	outputOptions

	agentID, sessionID, turnID string
	severity, timestamp        string
	metadata                   []string
	metadataJSON               string
	print                      string
}

func (o *emitOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.agentID, "agent-id", "", "the agent (default $AUDITCTL_AGENT_ID)")
	fs.StringVar(&o.sessionID, "session-id", "", "the session (default $AUDITCTL_SESSION_ID)")
	fs.StringVar(&o.turnID, "turn-id", "", "the turn (default $AUDITCTL_TURN_ID)")
	fs.StringVar(&o.severity, "severity", "", "debug, info, warning, error or critical (default: the type's)")
	fs.StringVar(&o.timestamp, "timestamp", "", "`TIME` when it happened (default: now)")
	fs.StringArrayVar(&o.metadata, "metadata", nil, "set `KEY=VALUE` in the metadata; repeatable")
	fs.StringVar(&o.metadataJSON, "metadata-json", "", "start the metadata with `OBJECT`")
	fs.StringVar(&o.print, "print", "", "print `KEY` of the event instead of the event")
	o.outputOptions.register(cmd)
	for _, id := range []string{"agent-id", "session-id", "turn-id"} {
		allowEmpty(fs, id)
	}
	completeSeverities(cmd, "severity")
	completeKnownKeys(cmd, "print")
}
