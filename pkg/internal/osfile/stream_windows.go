package osfile

import (
	"errors"
	"os"
)

// DescriptorOf returns false: Windows has no such paths.
func DescriptorOf(string) (fd int, ok bool) { return 0, false }

func duplicate(int, string) (*os.File, error) { return nil, errors.ErrUnsupported }
