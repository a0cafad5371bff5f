// Package merkle computes the Merkle tree of RFC 6962 over the lines of a log, for
// package seal. A leaf is the hash of a line without its line feed.
//
// An [Edge] is what has to be kept of a tree so that it can grow: [Edge.Grow] adds
// lines to it, hashed on all cores, and passes on each tile of hashes, as
// c2sp.org/tlog-tiles has them, once it is full. The memory for that does not depend
// on how long the log or a line is. Nothing here knows where tiles are stored, what
// was signed, or which files a log consists of.
package merkle
