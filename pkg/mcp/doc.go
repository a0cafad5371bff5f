// Package mcp makes events of what passes between a client of the Model Context Protocol
// and its server: JSON-RPC messages, one on each line, in two directions.
//
// A [Recorder] is given the bytes of both directions as they pass, in pieces of any size,
// and hands out events. It knows nothing of processes or destinations.
//
// # What becomes of what
//
//   - A client's tools/call is a tool_call_attempt, and the answer a tool_call_complete or,
//     where isError is true or the answer is an error, a tool_call_failure. So is a call
//     that the client cancels (error_type cancelled) and one that is never answered
//     (unanswered). An answer that asks for input first, or says that a task was begun, is
//     no end: that comes with the answer to the call that has the input, or once the task
//     is over.
//   - Any other request or notification is an event mcp.METHOD, such as
//     mcp.resources/read, with params_preview, and an answer is mcp.answer, with
//     result_preview or with error_type and error_message. Their severity is debug, but
//     info where data is read, a prompt is used, a model or the user is asked, or what the
//     two know of each other changes; an answer that is an error is a warning, unless it
//     only says that the method does not exist.
//   - What a server asks of the client inside an answer (inputRequests) is an event
//     mcp.METHOD as well, and the answers (inputResponses) are mcp.input_responses.
//   - The tools of a tools/list are mcp.tools_offered, with metadata.tools, their names, and
//     metadata.digests, by which definitions can be compared. mcp.tools_changed, a warning,
//     names those that were added, removed or changed since.
//   - A request other than a call that is never answered is mcp.unanswered, and text that is
//     no message is mcp.invalid, with a preview.
//   - mcp.started and mcp.ended are the begin and the end of the run. mcp.unrecorded says
//     how many events could not be recorded.
//
// Metadata has call_id, mcp.server.name, mcp.client.name, mcp.protocol.version,
// mcp.method.name, jsonrpc.request.id and traceparent where they are known, and "from",
// who sent a message that is no call or its end. The call_id is the client's own
// (claudecode/toolUseId or callId in _meta), or else the id of the run, a colon and the
// request's id.
//
// # Bounds
//
// Memory does not grow with what passes. A message of more than 4 MiB is checked as it
// passes, and only what events need is kept of it, with texts cut; the size is then in
// metadata.message_size. Of requests that were not answered, the last 65,536 are
// remembered.
package mcp
