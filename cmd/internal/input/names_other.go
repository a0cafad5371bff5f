//go:build !unix

package input

import "os"

// hasSeveralNames would have to open the file.
func hasSeveralNames(os.FileInfo) bool { return false }
