package follow_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"auditctl/pkg/follow"
)

// A log is read across its rotation.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}

	watcher := follow.NewWatcher()
	defer watcher.Close()
	file := watcher.Follow(path)
	defer file.Close()
	buf := make([]byte, 1000)

	write("old\n")
	if err := file.Next(); err != nil {
		log.Fatal(err)
	}
	n, err := file.Read(buf)
	fmt.Printf("%q %v\n", buf[:n], err)

	os.Rename(path, path+".1")
	write("new\n")
	n, err = file.Read(buf)
	fmt.Printf("%q %v\n", buf[:n], err)
	if err := file.Next(); err != nil {
		log.Fatal(err)
	}
	n, err = file.Read(buf)
	fmt.Printf("%q %v\n", buf[:n], err)
	// Output:
	// "old\n" <nil>
	// "" EOF
	// "new\n" <nil>
}

func ExampleLastLines() {
	const text = "one\ntwo\n\nthree\n"
	start, err := follow.LastLines(strings.NewReader(text), int64(len(text)), follow.Last{
		N:       2,
		Counts:  func(line []byte) bool { return len(line) > 0 },
		MaxLine: 1000,
	})
	fmt.Printf("%q %v\n", text[start:], err)
	// Output:
	// "two\n\nthree\n" <nil>
}
