# bash completion for auditctl                             -*- shell-script -*-
#
# The command line is passed on as words. None of it is expanded or run.

# Sets words to the words of a line, without quotes. The last one is where the line
# ends; it is empty after a blank.
__auditctl_split()
{
    local line=$1 word='' begun='' quote='' c next i
    words=()
    for ((i = 0; i < ${#line}; i++)); do
        c=${line:i:1}
        if [[ $quote == \' && $c != \' ]]; then
            word+=$c
        elif [[ $c == \\ ]]; then
            next=${line:i+1:1} begun=1
            if [[ $quote == \" && $next != [\$\`\"\\] ]]; then
                word+=$c
            else
                word+=$next
                ((i++))
            fi
        elif [[ -n $quote && $c == "$quote" ]]; then
            quote=''
        elif [[ -z $quote && $c == [\"\'] ]]; then
            quote=$c begun=1
        elif [[ -z $quote && $c == [[:space:]] ]]; then
            [[ -z $begun ]] || words+=("$word")
            word='' begun=''
        else
            word+=$c begun=1
        fi
    done
    words+=("$word")
}

# Adds descriptions to the completions, up to the width of the screen.
__auditctl_describe()
{
    local i line longest=0 room
    for i in "${!COMPREPLY[@]}"; do
        ((${#COMPREPLY[i]} <= longest)) || longest=${#COMPREPLY[i]}
    done
    room=$((${COLUMNS:-80} - longest - 4))
    ((room > 8)) || return
    for i in "${!COMPREPLY[@]}"; do
        [[ -n ${about[i]} ]] || continue
        ((${#about[i]} <= room)) || about[i]=${about[i]:0:room-1}…
        printf -v line "%-${longest}s  (%s)" "${COMPREPLY[i]}" "${about[i]}"
        COMPREPLY[i]=$line
    done
}

__auditctl_complete()
{
    local noSpace=2 noFiles=4 onlyDirs=16 asOrdered=32
    local answer directive line offer typed before tab=$'\t'
    local -a words about

    # If a word has a = or a :, readline replaces only a part of it.
    __auditctl_split "$2"
    local replaced=${words[${#words[@]} - 1]}
    __auditctl_split "${COMP_LINE:0:COMP_POINT}"
    COMPREPLY=()
    ((${#words[@]} > 1)) || return
    case ${words[${#words[@]} - 2]} in
        *[\<\>] | *\>\|) return ;; # a file
    esac
    typed=${words[${#words[@]} - 1]}

    answer=$(command auditctl __complete "${words[@]:1}" 2>/dev/null)
    directive=${answer##*:}
    [[ $directive =~ ^[0-9]+$ ]] && ((directive % 2 == 0)) || return

    [[ $typed != -*=* ]] || typed=${typed#*=}
    [[ $typed == *"$replaced" ]] || return
    before=${typed%"$replaced"}
    while IFS='' read -r line; do
        offer=${line%%"$tab"*}
        [[ -n $offer && $offer == "$typed"* ]] || continue
        COMPREPLY+=("${offer#"$before"}")
        [[ $line == *"$tab"* ]] && about+=("${line#*"$tab"}") || about+=('')
    done <<<"${answer%:*}"
    # Types 37 and 42 insert completions, one after the other or all of them.
    if ((${#COMPREPLY[@]} > 1 && COMP_TYPE != 37 && COMP_TYPE != 42)); then
        __auditctl_describe
    fi

    [[ $(type -t compopt) == builtin ]] || return # before bash 4
    ((!(directive & noSpace))) || compopt -o nospace
    ((!(directive & noFiles))) || compopt +o default
    ((!(directive & asOrdered))) || compopt -o nosort 2>/dev/null # before bash 4.4
    ((!(directive & onlyDirs))) || compopt +o default -o dirnames
}

if [[ $(type -t compopt) == builtin ]]; then
    complete -o default -F __auditctl_complete auditctl
else
    complete -o default -o nospace -F __auditctl_complete auditctl
fi
