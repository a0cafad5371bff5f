// Package jetstream writes audit logs to streams of NATS JetStream, and reads them back.
//
// [Open] returns a [Writer], a [collector.LinesCollector]; its doc says how it gets each
// line into the stream exactly once and in order, and how it handles failures.
// [OpenReader] returns a [Reader], an [io.Reader] of lines. An [Address] says which stream,
// and how to reach it.
//
// # Messages
//
// Each line is one message, whose payload is the line, byte for byte, without the line
// feed. Its subject is
//
//	PREFIX.SESSION.TYPE
//
// with the event's session_id and event_type, each as a [Token], and the prefix of the
// address, audit by default. For an event without a session, SESSION is -, and a line
// that is not an event has the subject PREFIX.-.-. So
//
//	nats subscribe 'audit.*.tool_call_failure'
//
// shows the failures of all sessions, and a Reader can let the server select types and
// sessions. A line can be as long as a message of the server (max_payload, 1 MB by
// default), less 512 bytes for the headers. A longer line is an error that ends the
// Writer.
//
// # The stream
//
// A Writer creates the stream if it does not exist: for the subjects PREFIX.>, in files,
// with the replicas of the address, without limits, with deletion of single messages
// denied, and with atomic batches allowed (allow_atomic). An existing stream is never
// changed. If it does not keep all lines, because it is in memory or has limits, a warning
// is logged once ([Options.Logger]). It must accept the subjects. If it does not accept
// batches, like streams of servers before 2.12, it gets one line at a time, each after the
// acknowledgement of the previous one, which is slow.
//
// # What an acknowledgement means
//
// A server acknowledges a message when a majority of the stream's replicas have written
// it to their files, not when it is on disk: by default, files are synced every two
// minutes. So
//
//   - with one replica, a crash of the machine loses what was acknowledged in the last
//     two minutes; a crash of nats-server alone loses nothing;
//   - with three replicas, a simultaneous power failure of two machines can lose as much,
//     and so can a crash of one while another one is lagging.
//
// For audit logs, run three nodes in different places with
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
// Then an acknowledged line is on at least two disks, and any one node can fail. A batch
// needs far fewer syncs than as many single messages.
package jetstream
