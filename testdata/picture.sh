#!/bin/sh
# What a terminal of 100 columns shows of a log, for the pictures in the README.
#	picture.sh AUDITCTL LOG 'COMMAND FLAGS'...
set -eu
auditctl=$(realpath "$1") log=$(basename "$2")
cd "$(dirname "$2")"
shift 2
export TZ=UTC TERM=xterm-256color PAGER=cat

for command; do
	printf '\033[1m$ auditctl %s %s\033[0m\n' "$command" "$log"
	script --quiet --command "stty columns 100; $auditctl $command $log" /dev/null | tr -d '\r'
	echo
done
