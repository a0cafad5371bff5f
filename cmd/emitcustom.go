package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"auditctl/pkg/events"
)

func newEmitCustomCmd(s Streams, asked arguments) *cobra.Command {
	o := &emitOptions{}
	var set, setJSON []string
	cmd := &cobra.Command{
		Use:   "custom TYPE [flags]",
		Short: "An event of your own type",
		Example: `
auditctl emit custom deploy --set service=billing --set-json 'replicas=3'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usagef("want one TYPE, the name of a type of your own")
			}
			eventType := args[0]
			if _, err := events.NewRecord(eventType); err == nil {
				return usagef("%s is not a type of your own: use 'emit %s'", eventType, eventType)
			}
			d, err := o.draft(eventType, cmd.Flags().Changed, time.Now())
			if err != nil {
				return err
			}
			if err := d.setPairs(set, setJSON); err != nil {
				return err
			}
			return runEmit(cmd.Context(), s, o, d)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "set `KEY=VALUE`, a string; repeatable")
	cmd.Flags().StringArrayVar(&setJSON, "set-json", nil, "set `KEY=JSON`; repeatable")
	o.register(cmd)
	return cmd
}

// setPairs sets the keys of --set and --set-json.
func (d *draft) setPairs(set, setJSON []string) error {
	seen := map[string]bool{}
	one := func(flag, pair string, value func(string) ([]byte, error)) error {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return usagef("--%s %q: want KEY=VALUE", flag, pair)
		}
		if events.IsEnvelopeKey(key) {
			return usagef("--%s %q: %s is not a key of your own: it has a flag", flag, pair, key)
		}
		if written := string(quote(key)); seen[written] {
			return usagef("--%s %q: the key is set twice", flag, pair)
		} else {
			seen[written] = true
		}
		raw, err := value(text)
		if err != nil {
			return usagef("--%s %q: %w", flag, pair, err)
		}
		d.set(key, raw)
		return nil
	}
	for _, pair := range set {
		if err := one("set", pair, func(text string) ([]byte, error) { return quote(text), nil }); err != nil {
			return err
		}
	}
	for _, pair := range setJSON {
		if err := one("set-json", pair, func(text string) ([]byte, error) { return parseJSON(text) }); err != nil {
			return err
		}
	}
	return nil
}
