#compdef auditctl
compdef _auditctl auditctl

# zsh completion for auditctl                              -*- shell-script -*-
#
# The command line is passed on as words. None of it is expanded or run.

_auditctl()
{
    local noSpace=2 noFiles=4 onlyDirs=16 asOrdered=32
    local directive line name tab=$'\t'
    local -a answer offers options order

    answer=("${(@f)$(command auditctl __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    directive=${answer[-1]#:}
    answer[-1]=()
    [[ $directive == <-> ]] && ((directive % 2 == 0)) || return 1

    [[ $PREFIX != -*=* ]] || compset -P 1 '*='
    if ((directive & onlyDirs)); then
        _files -/
        return
    fi
    for line in "${answer[@]}"; do
        name=${line%%$tab*}
        name=${${name//\\/\\\\}//:/\\:}
        if [[ $line == *$tab* ]]; then
            line=${line#*$tab}
            offers+=("$name:${line//\\/\\\\}")
        elif [[ -n $name ]]; then
            offers+=("$name")
        fi
    done
    ((!(directive & noSpace))) || options=(-S '')
    ((!(directive & asOrdered))) || order=(-V)
    if _describe "${order[@]}" 'completions' offers "${options[@]}"; then
        return 0
    fi
    ((!(directive & noFiles))) || return 1
    # The file of a route comes after its types.
    [[ ${words[CURRENT-1]} != --route && ${words[CURRENT]} != --route=* ]] || compset -P '*='
    _files
}

# If zsh autoloads this file as the function, run it.
if [[ $funcstack[1] == _auditctl ]]; then
    _auditctl
fi
