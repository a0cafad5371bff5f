package cmd

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
)

const pagerHelp = `More than a screen is shown by a pager, if it is there before a pause of a tenth
of a second: by the command in AUDITCTL_PAGER or PAGER, or else by less -FRX.
There is none if the command is empty or cat, or with --no-pager. Messages
follow when it has ended.`

// pagerOptions is the flag of commands that show more than a screen.
type pagerOptions struct {
	noPager bool
}

func (o *pagerOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.noPager, "no-pager", false, "do not start a pager")
}

// pages reports whether what is shown of files may get a pager. It does not if the keys
// for the pager would be the input.
func (o *pagerOptions) pages(s Streams, files []string) bool {
	typed := terminal.Is(s.In) && (len(files) == 0 || slices.Contains(files, "-"))
	return !o.noPager && !typed
}

// paged calls run. If wanted, and standard output is a terminal, run gets a pager as
// standard output, and a context that ends with the pager. The status is then 0, unless
// there was an error.
func (s Streams) paged(ctx context.Context, wanted bool, run func(context.Context, Streams) error) error {
	command := ""
	if wanted && s.pager != nil && terminal.Pages(s.Out) {
		command = terminal.PagerCommand(EnvVar("PAGER"), "PAGER")
	}
	if command == "" {
		return run(ctx, s)
	}
	reading, quit := context.WithCancelCause(ctx)
	defer quit(nil)
	messages := s.Err.(*terminal.StatusLine) // as Main sets it
	p := terminal.NewPager(ctx, s.Out.(*os.File), command, messages, func() { quit(fanout.ErrEnough) })
	s.pager.Store(p)
	s.Out = p
	err := run(reading, s)
	if closeErr := p.Close(); err == nil && closeErr != nil {
		err = report.Named("write", "stdout", closeErr)
	}
	if lost := messages.Lost(); lost > 0 {
		s.reporter().Printf("%s left out", report.Counted(lost, "more message"))
	}
	if context.Cause(reading) == fanout.ErrEnough && !errors.Is(err, statusError) {
		return nil
	}
	return err
}
