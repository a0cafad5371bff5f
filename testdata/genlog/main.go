// Genlog writes a large audit log to standard output, or under -transcript sessions of Claude
// Code: see package generated. It is always the same one for the same size.
//
//	go run ./testdata/genlog -size 1000000000 > big.jsonl
package main

import (
	"bufio"
	"flag"
	"log"
	"os"

	"auditctl/testdata/generated"
)

func main() {
	size := flag.Int64("size", 1_000_000_000, "stop after so many `bytes`, at the end of a line")
	transcript := flag.Bool("transcript", false, "write sessions as Claude Code writes them")
	flag.Parse()
	line := generated.Log()
	if *transcript {
		line = generated.Transcript()
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for written := int64(0); written < *size; {
		n, err := out.Write(line())
		if err != nil {
			log.Fatal(err)
		}
		written += int64(n)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
