package cmd

const reconcileHelp = `Compare two or more records of the same work and name every call of a tool that
one has and another lacks. The FILEs are one record, with no FILE or - standard
input; each --with is another. A record is the log that hook, mcp or tee wrote,
an OpenTelemetry export or an agent's transcript, each read by its dialect, see
filter; a directory is all logs below it.

Calls are joined by session and call id; by call id alone if no other call of
these records has it; else by their arguments and time, or, where one has no
arguments, by tool and time. Times may be 5 s apart, after the difference of the
clocks that calls with the same id show. mcp__SERVER__TOOL and TOOL in a record
of MCP are the same tool. A call that is told twice is one.

A record lacks a call only if it could have seen it: a record of MCP the tools
of its servers, OpenTelemetry calls that ended, hooks calls that passed
validation, a transcript the sessions and subagents that it has; any other log,
everything. And only if the call is not before the first or after the last event
of the record, or of the session in a transcript: such calls are counted as not
compared. A record without any event lacks everything.

What is found:
  missing            a record lacks the call; if it lacks all of the session,
                     the session is named instead of its calls
  without an end     a record lacks only how the call ended
  without an attempt a record lacks only that it was attempted
  ended differently  ok in one and failed in another; "ended", where it is not
                     known how, agrees with both
  denied, but ran    denied in one, and ran to its end in another

Named as well, but not counted as missing: calls that did not run since they
were denied, interrupted or refused; sessions that a transcript is not of;
records that are silent for a minute or more while others have 5 calls or more
that they lack; and, unless events are selected, which numbers are missing or
there twice: event.sequence, by which Claude Code's telemetry counts the events
of a session, and seq, see --sequence in tee. A copy of some events only, as by
filter or --route, has gaps by nature.

--json prints one object: records, calls, missing, no_end, no_attempt,
ended_differently, denied_but_ran, did_not_run (numbers); findings, not_run (a
call each: finding, in, call_id, tool_name, session_id, timestamp, seen with
record, kind, file, line, tool_name, session_id, outcome), missing_sessions,
other_sessions, silences, gaps. 10000 of each are listed, all are counted.

Events may be selected by session, agent, tool and time if all records have the
same names for them. Records are read side by side. Calls that are in all of
them and have ended take no memory; of the others, 131072 may wait for another
record to have them, then the earliest are taken to be missing. If an input
cannot be read to its end, or a record has lines but no event, nothing is
compared.

Exit status: 0 nothing is missing or differs; 1 something is; 2 an error; 3 some
lines were invalid.`
