#!/bin/sh
# What a terminal of 100 columns shows of a log, for the picture in the README.
#	picture.sh AUDITCTL LOG
set -eu
auditctl=$1 log=$2
export TZ=UTC TERM=xterm-256color

show() {
	printf '\033[1m$ auditctl %s %s\033[0m\n' "$*" "$(basename "$log")"
	script --quiet --command "stty columns 100; $auditctl $* $log" /dev/null | tr -d '\r'
	echo
}

show cat -p warning
show cat --format=tree --session-id sess-7f3a
show stats --top 3
