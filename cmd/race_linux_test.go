//go:build race

package cmd_test

func init() { raceDetector = true }
