# SPDX-License-Identifier: BSD-3-Clause
#
# Makes struct syscall_rules of a list of system calls: awk -v name=NAME -f syscalls.awk LIST

function fail(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

function rule(name, test, argument, value) {
	if (name in seen)
		fail(name " is there already")
	seen[name] = 1
	rules = rules sprintf("#ifdef SYS_%s\n\t{ SYS_%s, %s, %s, %s },\n#endif\n", name, name, test, argument, value)
}

/^#/ || /^$/ { next }
NF < 2 { fail("there is no reason") }
$1 == "newest" { newest = $2; next }
$1 !~ /^[a-z0-9_]+$/ { fail("'" $1 "' is not the name of a system call") }
$3 == "is" || $3 == "lacks" {
	if ($2 !~ /^[0-5]$/ || $4 !~ /^[A-Z_]+$/ || NF < 5)
		fail("not NAME N TEST VALUE and a reason")
	if ($4 == "SELF")
		rule($1, "SYSCALL_SELF", $2, 0)
	else
		rule($1, $3 == "is" ? "SYSCALL_IS" : "SYSCALL_LACKS", $2, $4)
	next
}
{ rule($1, "SYSCALL_ANY", 0, 0) }

END {
	if (failed)
		exit 1
	if (newest == "")
		fail("there is no newest number")
	printf "/* Made of %s by syscalls.awk. */\n", name ".syscalls"
	printf "static const struct syscall_rule %s_rules[] = {\n%s};\n", name, rules
	printf "static const uint32_t %s_newest = %s;\n", name, newest
}
