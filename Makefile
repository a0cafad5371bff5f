# The name to build and install under. Linux's audit package has an auditctl of
# its own; messages, help and completions follow the name.
NAME   ?= auditctl
PREFIX ?= /usr/local

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 10s
COUNT      ?= 6

# Without cgo the binary is static and starts faster.
export CGO_ENABLED = 0
BUILD = go build -trimpath -ldflags='-s -w -X auditctl/cmd.name=$(NAME)'

.PHONY: build install test check fuzz bench completions

build:
	$(BUILD) -o $(NAME) .

install: build
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install -m 755 $(NAME) $(DESTDIR)$(PREFIX)/bin/$(NAME)
	./$(NAME) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$(NAME)
	./$(NAME) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$(NAME)
	./$(NAME) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$(NAME).fish

test:
	go test ./...

# Everything that must hold before a commit lands.
check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'run gofmt -w on these'; exit 1; }
	go vet ./... ./testdata/...
	go run $(STATICCHECK) ./... ./testdata/...
	go mod tidy -diff
	CGO_ENABLED=1 go test -race ./...
	$(MAKE) fuzz
	$(MAKE) completions
	git diff --exit-code -- completions

# Each fuzz target for a short while.
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "fuzz $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

# Ready for benchstat.
bench:
	go test -run '^$$' -bench . -benchmem -count $(COUNT) ./...

completions:
	go run . completion bash > completions/auditctl.bash
	go run . completion zsh > completions/_auditctl
	go run . completion fish > completions/auditctl.fish
	go run . completion powershell > completions/auditctl.ps1
