# The name to build and install under. Linux's audit package has an auditctl of
# its own; messages, help, completions and man pages follow the name.
NAME   ?= auditctl
PREFIX ?= /usr/local

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE    = golang.org/x/tools/cmd/deadcode@v0.51.0
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.8.0
VULNDB     ?= https://vuln.go.dev
FREEZE      = github.com/charmbracelet/freeze@v0.2.2
# So many runs of each fuzz target. A duration such as 10s works too, but then Go
# before 1.27 fails now and then with "context deadline exceeded" (go.dev/issue/75804).
FUZZTIME   ?= 10000x
COUNT      ?= 6
BENCHTIME  ?= 1s
PACKAGES    = ./... ./testdata ./testdata/genarch ./testdata/genlog ./testdata/genman ./testdata/bencharm64 ./testdata/benchkeep ./testdata/benchpeers ./testdata/benchrecording ./testdata/generated ./testdata/secrets ./testdata/tlstest

# What releases are made for.
SYSTEMS     = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# What runs programs for arm64, and the packages that are tested by it.
QEMU        = $(shell command -v qemu-aarch64 || command -v qemu-aarch64-static || true)
ARM64       = ./pkg/internal/marks ./pkg/internal/shapes ./pkg/internal/keywords ./pkg/events

# Of the logs that bench-peers makes, in bytes.
SIZE       ?= 1000000000
ROUNDS     ?= 7
# Only the contests of bench-peers whose title holds this text.
ONLY       ?=

# Without cgo the binary is static and starts faster.
export CGO_ENABLED = 0
NAMED = -X auditctl/cmd.name=$(NAME)
BUILD = go build -trimpath -ldflags='-s -w $(NAMED)'

.PHONY: build name install release test check systems arm64 deadcode vulnerabilities fuzz bench bench-arm64 bench-recording bench-peers redact-check completions man architecture picture

build: name
	$(BUILD) -o $(NAME) .

# The name goes into commands, scripts and paths.
export NAME
name:
	@printf %s "$$NAME" | grep -Eqx '[A-Za-z0-9][A-Za-z0-9._+-]*' || { echo 'NAME: want letters, digits, ., _, + and -' >&2; exit 1; }

install: name
	$(BUILD) -o bin/$(NAME) .
	rm -rf bin/man
	go run -ldflags='$(NAMED)' ./testdata/genman bin/man
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1 share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install -m 755 bin/$(NAME) $(DESTDIR)$(PREFIX)/bin/$(NAME)
	install -m 644 bin/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	bin/$(NAME) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$(NAME)
	bin/$(NAME) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$(NAME)
	bin/$(NAME) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$(NAME).fish

# The binaries of a release, static and without a path of this machine in them, with
# their checksums, in dist/.
release: name
	@echo "$$VERSION" | grep -Eqx 'v[0-9]+(\.[0-9]+){2}([-+][0-9A-Za-z.+-]+)?' || { echo 'usage: make release VERSION=v1.2.3' >&2; exit 1; }
	rm -rf dist
	@for system in $(SYSTEMS); do \
		export GOOS=$${system%/*} GOARCH=$${system#*/}; \
		binary=dist/$(NAME)-$(VERSION)-$$GOOS-$$GOARCH; \
		test $$GOOS != windows || binary=$$binary.exe; \
		echo $$binary; \
		go build -trimpath -ldflags='-s -w $(NAMED) -X auditctl/cmd.release=$(VERSION)' -o $$binary . || exit; \
	done
	cd dist && { sha256sum $(NAME)-* 2> /dev/null || shasum -a 256 $(NAME)-*; } > SHA256SUMS

test:
	go test ./...

# Everything that must hold before a commit lands. The race detector makes tests
# several times slower: what takes long on one goroutine, and scripts and terminals,
# each for an auditctl of its own, are left to the other run. The time limit is there
# to end a test that hangs, however slow the machine is.
check:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "run gofmt -w on $$files"; exit 1; }
	go vet $(PACKAGES)
	go run $(STATICCHECK) $(PACKAGES)
	$(MAKE) systems arm64 deadcode vulnerabilities
	go mod tidy -diff
	CGO_ENABLED=1 go test -vet=off -race -short -timeout 30m -skip '^Test(Script|HelpExamples|ReadmeExamples|Progress|Terminal.*)$$' ./... ./testdata/benchkeep
	for module in otlpreceiver otlpsenders mcpclients browser; do (cd testdata/$$module && go mod tidy -diff && go vet ./... && go test ./...) || exit; done
	$(MAKE) fuzz
	$(MAKE) completions man architecture
	git diff --exit-code -- completions docs
	@files=$$(git ls-files --others -- completions docs); test -z "$$files" || { echo "add to git: $$files"; exit 1; }

# What is released, and its tests, pass the type checker where systems and processors
# differ most. Compiling for all of them would take minutes; make release does.
systems:
	@mkdir -p bin && GOBIN=$(CURDIR)/bin go install $(DEADCODE)
	@for system in windows/amd64 darwin/arm64; do \
		echo "check types for $$system"; GOOS=$${system%/*} GOARCH=$${system#*/} bin/deadcode -test ./... > /dev/null || exit; \
	done

# What has code of its own for arm64 is tested by qemu's emulation of it, and a whole auditctl
# makes of logs what one for this machine does.
arm64:
	GOARCH=arm64 go vet ./pkg/internal/marks ./pkg/internal/shapes
	@test -n "$(QEMU)" || { echo "arm64 not tested: no qemu-aarch64"; exit; }; mkdir -p bin; \
	for pkg in $(ARM64); do \
		echo "test $$pkg for arm64"; GOARCH=arm64 go test -c -vet=off -o bin/arm64.test $$pkg && \
			(cd $$pkg && $(QEMU) $(CURDIR)/bin/arm64.test -test.short) || exit; \
	done; \
	go build -o bin/host . && GOARCH=arm64 go build -o bin/arm64 . && \
		go run ./testdata/genlog -size 1000000 > bin/arm64-log.jsonl && \
		go run ./testdata/genlog -transcript -size 1000000 > bin/arm64-transcript.jsonl || exit; \
	for command in 'filter -p warning' 'redact --redact-personal' 'cat --format=text' stats; do \
		echo "auditctl $$command for arm64"; \
		for auditctl in bin/host '$(QEMU) bin/arm64'; do \
			$$auditctl $$command --invalid=skip testdata/*.jsonl bin/arm64-*.jsonl > bin/out-$${auditctl##*/} 2>&1; \
			echo "exit status $$?" >> bin/out-$${auditctl##*/}; \
		done; \
		grep -q 'exit status 0' bin/out-host && cmp bin/out-host bin/out-arm64 || exit; \
	done

# Functions that not even a test calls, and those of the commands that only tests call.
deadcode: systems
	@dead=$$(bin/deadcode -test $(PACKAGES) && bin/deadcode -filter ^auditctl/cmd . ./testdata/genman) && \
		test -z "$$dead" || { echo "$$dead"; exit 1; }

# Known vulnerabilities that can be reached, if the database of them answers.
vulnerabilities:
	@if curl -fsS --max-time 20 -o /dev/null $(VULNDB)/index/db.json 2> /dev/null; \
		then go run $(GOVULNCHECK) -db $(VULNDB) $(PACKAGES); \
		else echo "no vulnerabilities looked up: $(VULNDB) does not answer"; fi

# Each fuzz target, FUZZTIME runs of it, as go test -fuzz does, which builds the package
# for every target again.
fuzz:
	@mkdir -p bin; cache=$$(go env GOCACHE)/fuzz; \
	for pkg in $$(grep -rl '^func Fuzz' --include='*_test.go' cmd pkg | xargs -n 1 dirname | sort -u); do \
		go test -c -vet=off -fuzz . -o bin/fuzz.test ./$$pkg && cd $$pkg || exit; \
		for target in $$(sed -n 's/^func \(Fuzz[^(]*\).*/\1/p' *_test.go); do \
			echo "fuzz ./$$pkg $$target"; \
			$(CURDIR)/bin/fuzz.test -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $(FUZZTIME) \
				-test.fuzzminimizetime 10x -test.fuzzcachedir $$cache/auditctl/$$pkg < /dev/null || exit; \
		done; \
		cd $(CURDIR); \
	done

# Keeps what it measures in docs/benchmarks.md, with the commit and the machine.
bench:
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -count $(COUNT) ./... | go run ./testdata/benchkeep docs/benchmarks.md

# Instructions for each byte on arm64, by words and by NEON, as qemu counts them.
bench-arm64:
	@mkdir -p bin && go build -o bin/bencharm64 ./testdata/bencharm64 && cd pkg && \
	for bench in 'internal/marks Fill Quote QuoteJSON' 'internal/shapes Mask' 'events ScanFirst'; do \
		set -- $$bench; pkg=$$1; shift; \
		GOARCH=arm64 go test -c -vet=off -o $(CURDIR)/bin/arm64.test ./$$pkg && \
			(cd $$pkg && $(CURDIR)/bin/bencharm64 -qemu "$(QEMU)" $(CURDIR)/bin/arm64.test "$$@") || exit; \
	done

# What a call costs that is recorded while it happens, beside one that is not.
bench-recording: build
	@go run ./testdata/benchrecording -auditctl $(CURDIR)/$(NAME)

# auditctl beside other tools on one large log, and on a transcript, in one run. Of the peers that are
# not there it installs what it can.
bench-peers: build
	@mkdir -p bin/_hello
	@command -v jq >/dev/null && command -v mlr >/dev/null || apt-get install -y -q jq miller >&2 || true
	@command -v gojq >/dev/null || GOBIN=$(CURDIR)/bin go install github.com/itchyny/gojq/cmd/gojq@v0.12.17 || true
	@command -v gitleaks >/dev/null || GOBIN=$(CURDIR)/bin go install github.com/zricethezav/gitleaks/v8@v8.30.1 || true
	@test -d bin/node_modules/@duckdb -a -d bin/node_modules/@vscode || \
		npm install --silent --no-save --prefix bin @duckdb/node-api@1.5.6-r.1 @vscode/ripgrep@1.18.0 || true
	@for rg in bin/node_modules/@vscode/ripgrep-*/bin/rg; do test ! -x $$rg || ln -sf $(CURDIR)/$$rg bin/rg; done
	@go test -c -vet=off -o bin/jetstream.test ./pkg/collector/jetstream
	@printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello, world") }\n' > bin/_hello/main.go
	@go build -ldflags='-s -w' -o bin/hello bin/_hello/main.go
	@test -s bin/log-$(SIZE).jsonl || go run ./testdata/genlog -size $(SIZE) > bin/log-$(SIZE).jsonl
	@test -s bin/transcript-$(SIZE).jsonl || go run ./testdata/genlog -transcript -size $(SIZE) > bin/transcript-$(SIZE).jsonl
	@PATH=$(CURDIR)/bin:$$PATH go run ./testdata/benchpeers -auditctl $(CURDIR)/$(NAME) -hello $(CURDIR)/bin/hello \
		-duckdb $(CURDIR)/testdata/benchpeers/duckdb.mjs -log $(CURDIR)/bin/log-$(SIZE).jsonl \
		-transcript $(CURDIR)/bin/transcript-$(SIZE).jsonl -jetstream $(CURDIR)/bin/jetstream.test \
		-rounds $(ROUNDS) -only '$(ONLY)'

# Prints what is redacted in generated logs, in which there is nothing to redact.
redact-check: build
	@for kind in '' -transcript; do go run ./testdata/genlog $$kind -size $(SIZE) | \
		./$(NAME) redact --redact-personal --invalid=skip -o /dev/null || exit; done

# What commands no longer have goes, for check to see.
completions:
	rm -f completions/*
	go run . completion bash > completions/auditctl.bash
	go run . completion zsh > completions/_auditctl
	go run . completion fish > completions/auditctl.fish
	go run . completion powershell > completions/auditctl.ps1

man:
	rm -f docs/man/*
	go run ./testdata/genman docs/man

# The picture of the packages in docs/architecture.md.
architecture:
	go run ./testdata/genarch docs/architecture.md > docs/architecture.svg

# The pictures of terminals, and of a page in Chromium, in the README.
picture: build
	@mkdir -p bin
	sh testdata/picture.sh ./$(NAME) testdata/session.jsonl 'cat -p warning' \
		'cat --format=tree --session-id sess-7f3a' 'stats --top 3' > bin/terminal.txt
	sh testdata/picture.sh ./$(NAME) testdata/claude-code.jsonl 'cat --format=tree -p info' > bin/transcript.txt
	for name in terminal transcript; do \
		go run $(FREEZE) --language ansi --font.family 'DejaVu Sans Mono, Menlo, Consolas, monospace' --font.size 13 \
			--line-height 1.2 --padding 20 --output docs/$$name.svg bin/$$name.txt < /dev/null || exit 1; \
	done
	cd testdata/browser && go test -count=1 -run TestPictures -pictures $(CURDIR)/docs
