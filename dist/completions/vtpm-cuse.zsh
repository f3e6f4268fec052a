#compdef vtpm-cuse vtpm-ctl vtpm-hook vtpm-setup vtpm-verify
# SPDX-License-Identifier: BSD-3-Clause
#
# Commands and options are asked of the program itself, whose --help has a row for each.

local program=$words[1] command
local -a rows options commands

(( CURRENT > 2 )) && [[ $program:t == (vtpm-setup|vtpm-verify) ]] && command=$words[2]
rows=("${(@f)$($program $command --help 2>/dev/null)}")
options=(${(M)rows:#*( |,)--[a-z]*})
commands=(${(M)rows:#  [a-z]*})

if [[ $PREFIX == -* ]]; then
	local row
	local -a specs
	for row in $options; do
		[[ $row =~ '(--[a-z][a-z0-9-]*)(\[?=[^ ]*)? *(.*)$' ]] || continue
		specs+=("$match[1]${match[2]:+=}:$match[3]")
	done
	_describe -o option specs -S ''
elif [[ $PREFIX == *=* ]]; then
	_files
elif (( CURRENT == 2 )) && (( $#commands )); then
	local -a described
	for row in $commands; do
		[[ $row =~ '^  ([A-Za-z-]+).*  ([^ ].*)$' ]] && described+=("$match[1]:$match[2]")
	done
	_describe command described
elif [[ $program:t == vtpm-ctl ]]; then
	local -a names
	names=(${(f)"$(vtpm-ctl list 2>/dev/null | awk 'NR > 1 { print $1 }')"})
	_describe vTPM names
else
	_files
fi
