package where

import (
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// syntaxError puts the column into an error of gojq's parser.
func syntaxError(err error) error {
	var parse *gojq.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	return fmt.Errorf("column %d: %w", max(parse.Offset-len(parse.Token), 0)+1, err)
}
