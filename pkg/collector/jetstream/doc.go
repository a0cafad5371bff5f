// Package jetstream writes audit logs to streams of NATS JetStream, and reads
// them back.
//
// [Open] returns a [Writer], a [collector.LinesCollector]; [OpenReader] returns a
// [Reader], an [io.Reader] of lines. What stream, and how to reach it, says an
// [Address].
//
// # Messages
//
// One message is one line: its payload is the line, byte for byte, without the
// line feed. The subject is
//
//	PREFIX.SESSION.TYPE
//
// of the event's session_id and event_type, each as a [Token]; the prefix is
// audit unless the address says otherwise. An event without a session has - in
// its place, and a line that is no event has the subject PREFIX.-.-. So
//
//	nats subscribe 'audit.*.tool_call_failure'
//
// sees the failures of all sessions, and a Reader can leave the choice of types
// and sessions to the server. A line can be as long as a message of the server
// (max_payload, 1 MB by default), less 512 bytes for its headers. A longer one
// is an error that ends the Writer.
//
// # The stream
//
// A Writer makes the stream where it is missing: for the subjects PREFIX.>, in
// files, with as many replicas as the address says, without limits, its
// messages not to be deleted one by one, and open for atomic batches
// (allow_atomic). A stream that is there is used as it is, and never changed;
// what it does not keep, such as one in memory or with limits, is told once
// ([Options.Logger]). It must take the subjects. One that takes no batches, as
// those made by servers before 2.12, gets its lines one by one: each waits for
// the acknowledgement of the one before, which is slow.
//
// # Once and in order
//
// Lines are published without waiting for each, up to 1000 or 4 MiB as one atomic
// batch: the server stores all of it or nothing. The next batch is sent when the
// one before was acknowledged, and meanwhile up to as many lines again are
// gathered. So whatever happens to a connection or to the leader of a cluster,
// there is never a gap with later lines behind it, which a line sent again would
// land behind. Plain asynchronous publishing cannot promise that.
//
// Each message has an id (Nats-Msg-Id), a hash of its origin and of all lines
// from there up to this one, and the line's number. A header Auditctl-Origin is
// the same for all lines of one origin: it is a hash of the origin and its
// first line. The server drops one that it has seen in the last two minutes
// (the stream's duplicate window). What is older is looked for in the stream:
// after a connection was lost a Writer reads the ids behind the last message
// that it knows to be there, and sends what is missing. As long as nobody else
// writes to the stream, a batch also says which sequence it is to follow
// (Nats-Expected-Last-Sequence), so that one that comes late is refused however
// late it is. When somebody else does, that is noticed by the refusal, and ids
// alone have to do.
//
// An [Options.Origin] carries this over to other runs. A Writer with an origin,
// such as a file, looks for its first line in the stream when it comes, once,
// under its subject; if it is there, the lines that follow are compared with
// what is behind it, and only those that are missing are sent. Standard input
// cannot be read again from its start: without an origin every run is one of
// its own. If a file was written anew under its old name its lines have other
// ids.
//
// A stream may have lost lines, by a limit or a purge. Those of an origin that
// come before one that is still there are known to have been written, and are
// not sent again. If no line of the origin is left, nobody can know whether
// there ever was one: all are sent, and that is told.
//
// # Failures
//
// A lost connection is made anew, at first after 20 ms and then less often, up to
// every 2 s, for as long as [Options.Stall] allows: then the Writer has failed.
// When it is opened, a server that is not there is an error at once without Stall.
// What trying again does not mend, as a password that is wrong or a stream that
// is full, ends it at once. Flush returns when every line before was acknowledged.
//
// With [Options.Spool] lines go to a log on the disk first, and from there into
// the stream: while the server is away, the log grows. Flush then returns when
// they are synced to the disk, and the next run with that directory delivers
// what was left, in order, before its own lines. There is no limit but the
// disk; what was delivered is deleted, 16 MiB at a time. If the disk is full
// the Writer has failed. What somebody has to see to, such as a permission that
// is missing or a stream that is full, is told, and tried again every 30 s; it
// is the error of Close if lines are left. A server that is away is only told.
// Close waits for a second, or Stall, for a server that takes nothing. The
// directory must belong to the user, and not be one that everybody may write to.
// One process at a time has a spool. A line that the stream does not take, as it
// is too long, is set aside in too-long.jsonl in that directory; the others go
// on, and Close reports how many there were.
//
// # Reading
//
// A [Reader] gives the lines in the order of the stream, each once, also when
// connections are lost and nodes die meanwhile. With a cursor, a durable consumer
// that acknowledges all up to a message, a later Reader goes on behind the last
// line that [Reader.Ack] was called for. Call it when all that is made of a line
// is safe. A process killed between the two gets the line again: so towards what
// is behind a Reader, lines come at least once. Going on after such an end needs a
// server from 2.14 on, where what was sent and not acknowledged can be had again
// at once and in order. A Reader with Types or Sessions does not see lines that
// are no events.
//
// # What an acknowledgement means
//
// A server acknowledges when a majority of the stream's replicas has the message
// in its files, not when it is on their disks: these are synced every two minutes
// unless told otherwise. Then
//
//   - with one replica, a crash of the machine loses what was acknowledged in the
//     last two minutes; a crash of nats-server alone loses nothing;
//   - with three, a power failure of two machines at once can lose as much, and so
//     can a crash of one while another is behind.
//
// For audit logs run three nodes in different places with
//
//	jetstream {
//	    store_dir: /var/lib/nats
//	    sync_interval: always
//	}
//	cluster {
//	    name: audit
//	    listen: 0.0.0.0:6222
//	    routes: [nats://n1:6222, nats://n2:6222, nats://n3:6222]
//	}
//
// each with a server_name of its own, and write to
//
//	nats://n1,n2,n3/AUDIT?replicas=3
//
// Then an acknowledged line is on two disks at least, and one node can fail at any
// time. A batch costs far fewer syncs than as many single messages.
package jetstream
