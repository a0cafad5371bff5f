package cmd

import (
	"context"
	"errors"
	"strings"

	"auditctl/cmd/internal/htmlreport"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

// sealChecks finds out for a report whether logs are as they were sealed.
type sealChecks struct {
	reports *report.Reporter
	options seal.VerifyOptions // without a key, nothing is verified
	changed bool               // a log is not as it was sealed, or was never sealed
}

// check says what is known of the log at a path.
func (c *sealChecks) check(ctx context.Context, path string) htmlreport.Seal {
	log := seal.Log{Path: path}
	if c.options.Verifier == nil {
		switch sealed, err := log.Sealed(); {
		case err != nil:
			return htmlreport.Seal{State: htmlreport.Unverified, Text: "not known: " + err.Error()}
		case sealed:
			return htmlreport.Seal{State: htmlreport.Unverified, Text: "sealed, but not verified"}
		}
		return htmlreport.Seal{Text: "not sealed"}
	}
	r, err := log.Verify(ctx, c.options)
	v := verdict{File: path, Report: r}
	switch {
	case errors.Is(err, seal.ErrNotSealed):
		c.changed = true
		c.reports.Printf("%v", aboutLog("verify", path, err))
		return htmlreport.Seal{State: htmlreport.Broken, Text: "it is not sealed, so nothing shows whether it was changed"}
	case err != nil:
		err = aboutLog("verify", path, err)
		c.reports.Errorf("%v", err)
		return htmlreport.Seal{State: htmlreport.Broken, Text: err.Error()}
	case !r.Verdict.OK():
		c.changed = true
		c.reports.Printf("%s", v)
	}
	state := htmlreport.Intact
	if !r.Verdict.OK() {
		state = htmlreport.Broken
	}
	lines := append([]string{v.String()}, v.details()...)
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, path+": ")
	}
	return htmlreport.Seal{State: state, Text: strings.Join(lines, "; ")}
}
