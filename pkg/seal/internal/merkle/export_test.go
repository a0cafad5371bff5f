package merkle

// AppendLeaves hashes lines.
var AppendLeaves = appendLeaves
