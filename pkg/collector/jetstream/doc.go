// Package jetstream writes audit logs to streams of NATS JetStream, and reads
// them back.
//
// [Open] returns a [Writer], a [collector.LinesCollector], which says how lines get
// into the stream once and in order, and what it does about failures. [OpenReader]
// returns a [Reader], an [io.Reader] of lines. An [Address] says which stream, and
// how to reach it.
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
