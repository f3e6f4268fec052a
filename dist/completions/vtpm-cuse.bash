# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Completion for bash, also as vtpm-ctl, vtpm-hook, vtpm-setup and vtpm-verify. Commands and options are asked of the
# program itself, whose --help has a row for each.

# _vtpm_rows PROGRAM [COMMAND]: the first word of each row: "--state=", "list".
_vtpm_rows() {
	"$@" --help 2>/dev/null |
		sed -En 's/^ {2,6}(-[A-Za-z], )?(--[a-z][a-z0-9-]*)((\[?=).*)?( .*)?$/\2\4/p; s/^  ([a-z][a-z-]*) .*/\1/p' |
		tr -d '['
}

_vtpm_names() { vtpm-ctl list 2>/dev/null | awk 'NR > 1 { print $1 }'; }

_vtpm() {
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-* | =) ;;
		*) [ "${COMP_WORDS[i - 1]}" = = ] || { command=${COMP_WORDS[i]} && break; } ;;
		esac
	done
	# The value of an option is a file more often than not.
	if [ "$before" = = ] || [ "$word" = = ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "${word#=}")
		return
	fi
	case ${program##*/}:$command:$word in
	vtpm-setup::* | vtpm-verify::*) mapfile -t COMPREPLY < <(compgen -W "$(_vtpm_rows "$program")" -- "$word") ;;
	vtpm-setup:*:* | vtpm-verify:*:*) mapfile -t COMPREPLY < <(compgen -W "$(_vtpm_rows "$program" "$command")" -- "$word") ;;
	vtpm-ctl:?*:[!-]* | vtpm-ctl:?*:) mapfile -t COMPREPLY < <(compgen -W "$(_vtpm_names)" -- "$word") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(_vtpm_rows "$program")" -- "$word") ;;
	esac
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
}

complete -F _vtpm vtpm-cuse vtpm-ctl vtpm-hook vtpm-setup vtpm-verify
