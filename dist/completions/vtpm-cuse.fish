# SPDX-License-Identifier: BSD-3-Clause
#
# Commands and options are asked of the program itself, whose --help has a row for each. Also as vtpm-ctl.fish and so on.

function __vtpm_rows
    set -l words (commandline -opc)
    set -l command
    string match -qr 'vtpm-(setup|verify)$' $words[1]; and set command $words[2]
    $words[1] $command --help 2>/dev/null | string replace -rf \
        '^ {2,6}(?:-[A-Za-z], )?(--[a-z][a-z0-9-]*)(\[?=\S*)?\s*(.*)$|^  ([A-Za-z-]+)\s.*?\s{2,}(.*)$' '$1$4\t$3$5'
end

for program in vtpm-cuse vtpm-ctl vtpm-hook vtpm-setup vtpm-verify
    complete -c $program -a '(__vtpm_rows)'
end
complete -c vtpm-ctl -n 'test (count (commandline -opc)) -eq 2' -xa "(vtpm-ctl list 2>/dev/null | awk 'NR > 1 { print \$1 }')"
