// Genarch draws the packages that auditctl is made of, and which imports which, as
// SVG. An arrow that follows from others is left out, and so are the packages that
// only pkg knows (pkg/.../internal) or only tests. It fails if the page beside the
// picture does not name one of those drawn.
//
//	go run ./testdata/genarch docs/architecture.md > docs/architecture.svg
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const module = "auditctl"

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: genarch PAGE")
	}
	page, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	imports, err := packages()
	if err != nil {
		log.Fatal(err)
	}
	for name := range imports {
		if !strings.Contains(string(page), "`"+name+"`") {
			log.Fatalf("%s does not name `%s`", os.Args[1], name)
		}
	}
	reduce(imports)
	if err := draw(os.Stdout, arrange(imports)); err != nil {
		log.Fatal(err)
	}
}

// packages returns what each package that is part of the program imports, by their
// paths in the module.
func packages() (map[string][]string, error) {
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", ".").Output()
	if err != nil {
		return nil, err
	}
	imports := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return imports, nil
		} else if err != nil {
			return nil, err
		}
		name, drawn := shortName(p.ImportPath)
		if !drawn {
			continue
		}
		imports[name] = nil
		for _, path := range p.Imports {
			if short, drawn := shortName(path); drawn {
				imports[name] = append(imports[name], short)
			}
		}
	}
}

// shortName returns the path of a package in the module, and whether it is drawn.
func shortName(path string) (name string, drawn bool) {
	if path == module {
		return "main.go", true
	}
	name, ours := strings.CutPrefix(path, module+"/")
	return name, ours && name != "testdata" && (isCmd(name) || !strings.Contains(name, "/internal/"))
}

func isCmd(name string) bool {
	return name == "main.go" || name == "cmd" || strings.HasPrefix(name, "cmd/")
}

// reduce removes the imports that follow from others.
func reduce(imports map[string][]string) {
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		return from == to || slices.ContainsFunc(imports[from], func(next string) bool { return reaches(next, to) })
	}
	for name, all := range imports {
		imports[name] = slices.DeleteFunc(slices.Clone(all), func(to string) bool {
			return slices.ContainsFunc(all, func(other string) bool { return other != to && reaches(other, to) })
		})
	}
}
