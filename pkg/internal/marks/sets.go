package marks

// A Set is a set of instructions that marks are made with. Every machine has Words; what
// the others are is in the files of a processor, marks_amd64.go and the like, with the
// code for them.
type Set uint8

// Words are the instructions of any machine, which take eight bytes at once.
const Words Set = 0

// set is the one in use.
var set = sets[len(sets)-1]

// Sets returns the sets that this machine has, the fastest last, which is the one in use.
func Sets() []Set { return sets }

// Use makes marks with a set that the machine has, until restore is called. It is for tests:
// nothing else may use the package at that time.
func Use(other Set) (restore func()) {
	before := set
	set = other
	return func() { set = before }
}

// InUse returns the set in use.
func InUse() Set { return set }
