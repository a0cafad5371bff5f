// Package seal makes JSONL logs tamper-evident without changing a byte of them.
// It keeps a Merkle tree over the lines of a log in a sidecar directory beside it,
// in the public formats of transparency logs, so that the tools of others can check
// it too.
//
// # Formats
//
// The tree is that of RFC 6962. Every line that ends in a line feed is a leaf,
// blank ones and those that are no events too: its hash is SHA-256 of a zero byte
// and of the bytes before the line feed. A last line without one may still be
// written, so it is not part of the tree. It becomes a leaf, of the bytes that it
// has, where the log was rotated and goes on in a newer file. Beside audit.jsonl
// there is
//
//	audit.jsonl.tlog/checkpoint   the newest checkpoint: c2sp.org/tlog-checkpoint,
//	                              a c2sp.org/signed-note with an Ed25519 signature
//	audit.jsonl.tlog/checkpoints  every checkpoint ever signed, one after the other
//	audit.jsonl.tlog/tile/...     the hashes of the tree: c2sp.org/tlog-tiles
//	audit.jsonl.tlog/manifest     what else a seal covers; a signed note as well
//
// The manifest is auditctl's own format. It says what the tree is, when it was
// sealed, which file holds which lines where the log was rotated, and which
// checkpoints were signed up to then. A sidecar of another tool, which has neither
// manifest nor checkpoints, can be verified too; to seal it further must be asked
// for.
//
// A sidecar is a directory, and no symbolic link to one. It is read whoever it
// belongs to, as nothing in it is believed before it is checked; a FIFO or a device
// in it is not waited for. It is written only if it belongs to the user or to root,
// and neither its group nor others may write to it. What an interrupted seal leaves
// is passed over by the next, and named by [Log.Verify].
//
// Signatures by other keys, such as those of witnesses, are not verified. They are
// named and count for nothing.
//
// Proofs that a line is in a log are c2sp.org/tlog-proof. Proofs that a log only
// grew are requests to a witness (c2sp.org/tlog-witness, add-checkpoint).
//
// # What it proves
//
// Whoever has the verifier key, and a log with its sidecar, can tell whether a line
// was changed, removed, inserted or moved since it was sealed, and which is the
// first, as long as whoever did it did not have the secret key.
//
// It does not prove that a line was true when it was written, nor that it was
// written at all; what was changed before it was sealed is sealed as changed. Lines
// after the last seal are not protected yet. Somebody who can write to the files
// can put an older state of log and sidecar back, which is a valid one, or delete
// the sidecar; what is sealed after that is sealed again. And whoever holds both the
// secret key and the files can rewrite everything, and sign it again.
//
// All but the first two end where a checkpoint is kept elsewhere: on another
// machine, in a git repository, with a witness. [Log.Verify] finds every log that
// did not grow from such a checkpoint. So everything up to it is proven even
// against whoever holds the key.
//
// A checkpoint is of a log with its origin. Two logs must not have one origin, or
// one of them can be put in the place of the other.
package seal
