package turns

import "auditctl/pkg/events"

// Outcomes of calls.
const (
	OK     = "ok"
	Failed = "failed"
	Denied = "denied"
	NoEnd  = "no end"  // it was attempted
	NotRun = "not run" // it was decided about, but not attempted
	Ended  = "ended"   // it is not known how
)

// Outcome returns how the call ended: one of the above, or the status that its end has
// instead of success. A call that was denied is never OK, although the end of one may say
// so.
func (c *Call) Outcome() string {
	status, isEnded := c.status, c.End.Line() != nil
	switch {
	case isEnded && c.End.Type() == events.TypeToolCallFailure:
		return Failed
	case isEnded && status != "" && status != "success" && status != Ended:
		return status
	case c.Refused(), (isEnded || !c.Denied) && c.denied():
		return Denied
	case status == Ended:
		return Ended
	case isEnded:
		return OK
	case c.Attempt.Line() != nil:
		return NoEnd
	}
	return NotRun
}

// Bad reports whether an outcome means that a call failed or was denied.
func Bad(outcome string) bool {
	switch outcome {
	case Failed, "failure", "error":
		return true
	}
	return events.Denies(outcome)
}

// denied reports whether the call was denied: by the last policy decision, or if there is
// none by what is in its own metadata.
func (c *Call) denied() bool {
	for _, e := range c.Decisions {
		if e.Type() == events.TypeToolPolicyDecision {
			return c.Denied
		}
	}
	if c.endDecision != "" {
		return events.Denies(c.endDecision)
	}
	return events.Denies(c.attemptDecision)
}
