package merkle

// AppendLeaves is what hashes lines.
var AppendLeaves = appendLeaves
