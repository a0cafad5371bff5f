# fish completion for auditctl                             -*- shell-script -*-
#
# The command line is passed on as words. None of it is run.

# Sets __auditctl_completions to the completions. Fails if files are to be completed.
function __auditctl_complete
    set -g __auditctl_completions
    # The words before the cursor without their quotes; fish 4 also expands whatever
    # is not a command, which fish 3 cannot do.
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l token (commandline -ct | string collect)
    set -l typed (string unescape -- "$token" | string collect)
    test -n "$typed"; or set typed "$token"

    set -l answer (command auditctl __complete $words[2..-1] "$typed" 2>/dev/null)
    set -l directive (string replace -f -r -- '^:(\d+)$' '$1' "$answer[-1]")
    or return 1
    set -e answer[-1]
    # Bits of the directive: 1 an error, 2 no space, 4 no files, 16 directories.
    if test (math "$directive % 2") = 1 -o (math "floor($directive / 16) % 2") = 1
        return 1
    end
    set -l flag (string match -r -- '^-[^=]*=' "$typed")
    set __auditctl_completions "$flag"$answer

    set -l fitting
    for offer in $__auditctl_completions
        set -l name (string replace -r -- '\t.*' '' $offer)
        if test (string sub -l (string length -- "$typed") -- $name) = "$typed"
            set -a fitting $name
        end
    end
    if test (math "floor($directive / 2) % 2") = 1 -a (count $fitting) = 1
        # A second completion keeps fish from adding a space to the only one.
        string match -q -r -- '[@=/:.,]$' $fitting
        or set __auditctl_completions $fitting $fitting.
    end
    test (math "floor($directive / 4) % 2") = 1 -o (count $fitting) != 0
end

# Load other completions of auditctl now, so that they can be replaced.
if type -q auditctl
    complete --do-complete 'auditctl ' >/dev/null 2>&1
end
complete -c auditctl -e
complete -c auditctl -n __auditctl_complete -f -k -a '$__auditctl_completions'
