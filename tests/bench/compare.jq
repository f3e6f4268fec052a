# SPDX-License-Identifier: BSD-3-Clause
# What tests/bench/compare prints. A figure is the median over the blocks (or boots) of a run, and uncertain by 1.57 times
# the width of the half of the blocks around it, divided by the root of their number; two figures are different when
# neither's uncertainty reaches the other, and they are 2 % apart. One block says nothing of its noise: then 10 %.

def at(p): sort | .[(length - 1) * p | floor];
def digits(n): . * pow(10; n) | round / pow(10; n) | tostring;
def blanks(width): (" " * ([width - length, 0] | max)) // "";
def left(width): . + blanks(width);
def right(width): blanks(width) + .;

# Those that are made again the same way in each build, and what they are a measure for.
def yardstick: if .command | startswith("pss-") then null
	elif .command | endswith("-stop") then "start-stop"
	elif .command | endswith("-cpu") then "start-cpu"
	elif .command | startswith("start") or startswith("daemon") then (if .mode != null then "start" else "start-new" end)
	else "getrandom" end;
def block: .block // .boot;
def value: .p10 // .median;
def least: map(value) | min;

def figures: .results as $all
	| ([$all[] | select(.target == "null")] | group_by([.mode, .command, block])
		| map({key: "\(.[0].mode) \(.[0].command) \(.[0] | block)", value: least}) | from_entries) as $null
	| [$all[] | select(.target != "null")] | group_by([.mode, .target, .command])
	| map({key: ([.[0].mode, .[0].target, .[0].command] | map(select(. != null)) | join(" ")),
		value: (group_by(block) | map((.[0] | yardstick) as $by
			| least / (if $by == null then 1 else $null["\(.[0].mode) \($by) \(.[0] | block)"] // empty end)))})
	| map(select(.value != [])) | from_entries;
def summary: {middle: at(0.5),
	doubt: (if length < 3 then at(0.5) * 0.05 else (at(0.75) - at(0.25)) * 1.57 / (length | sqrt) end)};
def circumstances: "\(.date // "?"), revision \(.revision // "?"), \(.cpus // "?") CPUs, load \(.load // "?"), \(.busy_before // "?") % busy before; \(.note // "")";

($before[0] | figures | map_values(summary)) as $a
| ($after[0] | figures | map_values(summary)) as $b
| [$a | keys[] | select($b[.] != null)
	| {name: ., a: $a[.].middle, b: $b[.].middle, doubt: ($a[.].doubt + $b[.].doubt)}
	| .change = (if .a > 0 then .b / .a - 1 else 0 end)
	| .differs = ((.b - .a | fabs) > .doubt and (.change | fabs) > 0.02)] as $rows
| "before: \($before[0] | circumstances)", "after:  \($after[0] | circumstances)",
  ($rows[] | select(.differs or $all)
	| (.name | left(44)) + (.a | digits(2) | right(10)) + (.b | digits(2) | right(10))
	+ ((if .change > 0 then "+" else "" end) + (.change * 100 | digits(1)) + " %" | right(10))
	+ (if .differs then "" else "   noise" end)),
  "\($rows | map(select(.differs)) | length) of \($rows | length) figures have changed beyond the noise"
