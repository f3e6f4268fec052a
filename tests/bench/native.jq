# SPDX-License-Identifier: BSD-3-Clause
# The table of tests/bench/native from its JSON. A ratio is that of the tenth percentiles within a block, its median over
# the blocks, and the half of the blocks that lies around it.

def at(p): sort | if length == 0 then null else .[(length - 1) * p | floor] end;
def median: at(0.5);
def digits(n): if . == null then "-" else . * pow(10; n) | round / pow(10; n) | tostring end;
def blanks(width): (" " * ([width - length, 0] | max)) // "";
def left(width): . + blanks(width);
def right(width): blanks(width) + .;

.results as $all
| def of($mode; $target; $command): [$all[] | select(.mode == $mode and .target == $target and .command == $command)];
# What a sum of others takes, block by block.
def p10s($mode; $terms): [$terms[] | [of($mode; .[0]; .[1])[] | {key: .block, value: .p10}] | from_entries] as $parts
	| if ($parts | length) == 0 or ($parts | any(length == 0)) then {}
	else $parts[0] | with_entries(.key as $k | .value = ([$parts[][$k]] | add)) end;
def ratios($mode; $target; $command; $base): p10s($mode; $base) as $base
	| [of($mode; $target; $command)[] | select($base[.block] != null and $base[.block] > 0) | .p10 / $base[.block]];
def row($name; $mode; $target; $command; $base): of($mode; $target; $command) as $found
	| select($found != [])
	| ratios($mode; $target; $command; $base) as $ratios
	| ($name | left(44)) + ([$found[].p10] | median | digits(1) | right(9)) + ([$found[].median] | median | digits(1) | right(9))
	+ ([$found[].p99] | median | digits(1) | right(10)) + ($ratios | median | digits(2) | right(8))
	+ (if ($ratios | length) > 1 then "   \($ratios | at(0.25) | digits(2)) to \($ratios | at(0.75) | digits(2))" else "" end);
def heading(name): "\n" + (name | left(44)) + "      p10   median       p99   ratio   half of the blocks";
def against_swtpm($name; $mode; $target; $command): row($name; $mode; $target; $command; [["swtpm_cuse", $command]]);

"\(.date), revision \(.revision), \(.cpus) CPUs, load \(.load), \(.busy_before) % busy before, \(.policy); \(.note)",
("pinned", "free"
| . as $mode
| heading("us, write and read, \($mode) (swtpm_cuse)"),
  row("null: no TPM"; $mode; "null"; "getrandom"; []),
  ("getrandom", "pcr-extend", "nv-write", "nv-write-disk", "ecdsa-sign"
	| . as $command
	| row("\($command), in-process, the state as there"; $mode; "in-process"; $command; []),
	  against_swtpm("\($command), vtpm-cuse"; $mode; "vtpm-cuse"; $command),
	  row("\($command), vtpm-cuse (null + in-process)"; $mode; "vtpm-cuse"; $command;
		[["null", "getrandom"], ["in-process", $command]]),
	  row("\($command), swtpm_cuse (null + in-process)"; $mode; "swtpm_cuse"; $command;
		[["null", "getrandom"], ["in-process", $command]])),
  ("getrandom", "read-public", "policy-get-digest"
	| . as $command
	| row("\($command), node for one"; $mode; "exclusive"; $command; []),
	  row("\($command), node for many (node for one)"; $mode; "twin"; $command; [["exclusive", $command]]))),
heading("us, exec to an answer (swtpm_cuse)"),
("start", "start-plain", "start-new"
	| row("\(.), null"; "free"; "null"; .; []), against_swtpm("\(.), vtpm-cuse"; "free"; "vtpm-cuse"; .),
	  row("\(.), swtpm_cuse"; "free"; "swtpm_cuse"; .; [])),
heading("us of the processor until then (swtpm_cuse)"),
("start-cpu", "start-plain-cpu", "start-new-cpu"
	| row("\(.), null"; "free"; "null"; .; []), against_swtpm("\(.), vtpm-cuse"; "free"; "vtpm-cuse"; .),
	  row("\(.), swtpm_cuse"; "free"; "swtpm_cuse"; .; [])),
heading("us, SIGTERM to gone (swtpm_cuse)"),
("start-stop"
	| row("stop, null"; "free"; "null"; .; []), against_swtpm("stop, vtpm-cuse"; "free"; "vtpm-cuse"; .),
	  row("stop, swtpm_cuse"; "free"; "swtpm_cuse"; .; [])),
heading("us, started at once, to the background"),
row("1 vtpm-cuse --daemon"; "free"; "vtpm-cuse"; "daemon-1"; []),
row("4 (1)"; "free"; "vtpm-cuse"; "daemon-4"; [["vtpm-cuse", "daemon-1"]]),
("vtpm-ctl list, of so many servers", "vtpm-hook prune, of so many dead leases"
| heading("us, \(.) (0)"), (capture("-(ctl|hook) (?<what>[a-z]+)").what as $what
	| [$all[].command | select(startswith($what + "-"))] | unique | sort_by(capture("(?<n>[0-9]+)").n | tonumber)[]
	| row(.; "free"; "vtpm-cuse"; .; [["vtpm-cuse", $what + "-0" + (if endswith("-cpu") then "-cpu" else "" end)]]))),
heading("kB of PSS per server (swtpm_cuse)"),
([$all[].command | select(startswith("pss-"))] | unique[]
	| against_swtpm("\(.), vtpm-cuse"; "free"; "vtpm-cuse"; .), row("\(.), swtpm_cuse"; "free"; "swtpm_cuse"; .; [])),
(if any($all[]; .target == "swtpm_cuse") then empty else "\nNo swtpm_cuse on PATH: it was not measured." end)
