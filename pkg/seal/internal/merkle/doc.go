// Package merkle computes the Merkle tree of RFC 6962 over the lines of a log, for
// package seal. A leaf is the hash of a line without its line feed.
//
// An [Edge] is all that must be kept of a tree for it to grow: [Edge.Grow] adds lines,
// hashed on all cores, and passes on each tile of hashes (c2sp.org/tlog-tiles) once it is
// full. Its memory depends neither on the size of the log nor on the length of a line. The
// package does not know where tiles are stored, what was signed, or which files a log
// consists of.
package merkle
