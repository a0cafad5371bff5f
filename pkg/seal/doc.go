// Package seal makes JSONL logs tamper-evident without changing a byte of them. It keeps a
// Merkle tree over the lines of a log in a sidecar directory beside it, in the public
// formats of transparency logs, so that other tools can verify it, too.
//
// # Formats
//
// The tree is that of RFC 6962. Every line that ends with a line feed is a leaf, including
// blank lines and lines that are not events: its hash is the SHA-256 of a zero byte and
// the bytes before the line feed. A last line without a line feed may still be being
// written, so it is not part of the tree. It becomes a leaf as it is once the log was
// rotated and continues in a newer file. Beside audit.jsonl there are
//
//	audit.jsonl.tlog/checkpoint   the newest checkpoint: c2sp.org/tlog-checkpoint,
//	                              a c2sp.org/signed-note with an Ed25519 signature
//	audit.jsonl.tlog/checkpoints  all checkpoints ever signed, one after the other
//	audit.jsonl.tlog/tile/...     the hashes of the tree: c2sp.org/tlog-tiles
//	audit.jsonl.tlog/manifest     what else a seal covers; a signed note as well
//	audit.jsonl.tlog/erasures     which lines were erased, if any; a signed note, too
//
// The manifest is auditctl's own format. It has the tree, the time of the seal, the files
// of a rotated log with their lines, and the number and hash of the checkpoints signed up
// to then, and of the erasures. A sidecar of another tool, which has neither manifest nor
// checkpoints, can be verified, too; it is sealed further only with [Options.Adopt].
//
// A sidecar is a directory, not a symbolic link to one. It is read whoever owns it, since
// nothing in it is trusted before it is verified; a FIFO or device in it is never waited
// for. It is written only if it belongs to the user or root and neither its group nor
// others may write to it. Leftovers of an interrupted seal are ignored by the next one
// and reported by [Log.Verify].
//
// Signatures by other keys, such as those of witnesses, are not verified. They are
// reported, and prove nothing.
//
// # Erasures
//
// [Log.Erase] takes the text of sealed lines out of the log. The tree does not change: the
// leaf hash of an erased line stays, and so do checkpoints and the proofs of other lines. As
// in c2sp.org/tlog-addenda, the digest stays and the content goes. In the place of the line
// is an event of the type erased, made of the number of the line, its leaf hash, and the
// time and reason of the erasure; the list of erasures is auditctl's own format:
//
//	auditctl erasures
//	example.com/audit
//	erased 2026-03-10T12:00:00Z 3,17-20 "asked for by its author"
//
// After the origin there is a line for each erasure, with its time, its lines and a reason.
// The list is signed by the key of the log, and what is in the place of a line follows from
// it, so neither can be changed without the key. The manifest has the hash of the list, so
// that an older one cannot take its place. A line that is not on the list, and not as it was
// sealed, was changed. A line that is on the list may still be there, if an erasure was
// interrupted or the log restored from a backup: [Report.StillThere] says so.
//
// The leaf hash of a line tells nothing of it but to those who guess the whole line. Package
// nonce makes lines that nobody can guess.
//
// Proofs that a line is in a log are c2sp.org/tlog-proof. Proofs that a log only
// grew are requests to a witness (c2sp.org/tlog-witness, add-checkpoint).
//
// # Bundles
//
// A bundle, written by a [BundleWriter], has any number of lines and what proves that they
// are in the log, for somebody who gets it instead of the log. It is a text in a format of
// auditctl's own, since a c2sp.org/tlog-proof for each line would be larger than the lines:
//
//	auditctl bundle v1
//	<blank>
//	<checkpoint, a signed note>
//	<blank>
//	omitted 1-2
//	<hash>
//	3 {"event_type": "error", ...}
//	omitted 4-16
//	<hash>
//	<hash>
//	<hash>
//	17 {"event_type": "turn_end", ...}
//	omitted 18-21
//	<hash>
//	<hash>
//
// Each line of the log follows its number and a space, as it is, whatever bytes it has.
// In the place of lines that are omitted there are the hashes of the largest full subtrees
// that they consist of, from left to right: all hashes of the tree that the root follows
// from and that do not follow from others, but for those at its right edge, which may be
// fewer in a c2sp.org/tlog-proof. Hashes are in base64, as in such a proof. From the first
// to the last line of the tree every one is either there or omitted, so that the bundle ends
// where the tree does, and is written and verified in one pass.
//
// Before the first line that was erased there is the signed list of erasures, and a blank
// line. Such a line is the event that took the place of what was erased, which has the leaf
// hash of that and follows from it and the list.
//
// A bundle proves that its lines are in the log, under these numbers. It does not prove that
// others, which it omits, are of another kind.
//
// # What it proves
//
// With the verifier key, the log and its sidecar, anybody can verify whether a line was
// changed, removed, inserted or moved since it was sealed, and which one is the first,
// unless whoever did that had the secret key.
//
// It does not prove that a line is true, nor that a line was written for everything that
// happened; a line that was changed before it was sealed is sealed as changed. Lines after
// the last seal are not protected yet. Somebody who can write to the files can restore an
// older state of both log and sidecar, which is valid, and has the lines that were erased
// since, or delete the sidecar, after which the log is sealed as a new one. And somebody
// who has both the secret key and the files can rewrite and sign everything.
//
// Against these last two, keep checkpoints elsewhere: on another machine, in a git
// repository, or with a witness. [Log.Verify] detects every log that did not grow from
// such a checkpoint, so everything up to it is proven even against somebody who has the
// secret key, but for lines that they erased, which the report names.
//
// A checkpoint belongs to the log with its origin. Two logs must not have the same origin,
// or one of them could be substituted for the other.
package seal
