# SPDX-License-Identifier: BSD-3-Clause
# The table of tests/bench/run.sh from its JSON: medians of boots, a boot's being that of its passes.

def median: sort
	| if length == 0 then null
	elif length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def digits(n): if . == null then "-" else . * pow(10; n) | round / pow(10; n) | tostring end;
def blanks(width): (" " * ([width - length, 0] | max)) // "";
def left(width): . + blanks(width);
def right(width): blanks(width) + .;
def ratio(a; b): if a == null or b == null or b == 0 then null else a / b end;

.results as $all
| def of_boots(target; command): [$all[] | select(.target == target and .command == command)]
	| group_by(.boot) | map(map(.median) | median);
def value(target; command): of_boots(target; command) | median;
def row(name; target; command; base): value(target; command) as $v
	| select($v != null)
	| (name | left(50)) + ($v | digits(1) | right(10)) + (ratio($v; base) | digits(2) | right(8)) + "   "
	+ (of_boots(target; command) | if length > 1 then "\(min | digits(1)) to \(max | digits(1))" else "" end);
def heading(name): "\n" + (name | left(50)) + "    median   ratio   boots";

value("null"; "getrandom") as $null
| "\(.boots) boots, \(.date), \(.note)",
heading("microseconds, write and read"),
row("null: no TPM"; "null"; "getrandom"; null),
("getrandom", "pcr-extend", "nv-write", "ecdsa-sign"
	| . as $command
	| ($null + value("in-process+state"; $command)) as $sum
	| row("\($command), in-process, state in memory"; "in-process"; $command; null),
	  row("\($command), in-process, state on tmpfs"; "in-process+state"; $command; null),
	  row("\($command), vtpm-cuse (null + in-process)"; "vtpm-cuse"; $command; $sum),
	  row("\($command), swtpm_cuse (null + in-process)"; "swtpm_cuse"; $command; $sum)),
("getrandom", "read-public", "policy-get-digest"
	| . as $command
	| row("\($command), node for one user"; "exclusive"; $command; null),
	  row("\($command), node for many (node for one)"; "managed"; $command; value("exclusive"; $command))),
(value("disk-key"; "nv-write") as $flushed
| row("nv-write on ext4: plain, no flush (all)"; "disk-plain-unflushed"; "nv-write"; $flushed),
  row("nv-write on ext4: encrypted, no flush (all)"; "disk-key-unflushed"; "nv-write"; $flushed),
  row("nv-write on ext4: encrypted, flushed"; "disk-key"; "nv-write"; null),
  row("nv-write on ext4: vtpm-cuse (null + in-process)"; "vtpm-cuse+disk"; "nv-write"; $null + ($flushed // 0))),
heading("microseconds, exec to an answer (swtpm_cuse)"),
("start-new", "start-raw-key", "start-plain", "start-host-key", "start-password"
	| . as $command
	| row("\($command), null"; "null"; $command; value("swtpm_cuse"; $command)),
	  row("\($command), vtpm-cuse"; "vtpm-cuse"; $command; value("swtpm_cuse"; $command)),
	  row("\($command), swtpm_cuse"; "swtpm_cuse"; $command; null)),
heading("kB of PSS per server (swtpm_cuse)"),
("pss-1-new", "pss-20-new", "pss-1-existing", "pss-20-existing"
	| . as $command
	| row("\($command), vtpm-cuse"; "vtpm-cuse"; $command; value("swtpm_cuse"; $command)),
	  row("\($command), swtpm_cuse"; "swtpm_cuse"; $command; null)),
(if value("swtpm_cuse"; "getrandom") == null
	then "\nNo swtpm_cuse on PATH: it was not measured." else empty end)
