# SPDX-License-Identifier: BSD-3-Clause
#
# Makes the struct syscall_rules seccomp_NAME of a list of system calls: awk -v name=NAME -f syscalls.awk LIST

function fail(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

function rule(name, test, argument, value) {
	if ((name, argument, value) in seen)
		fail(name " is there already")
	seen[name, argument, value] = 1
	rules = rules sprintf("#ifdef SYS_%s\n\t{ SYS_%s, %s, %s, %s },\n#endif\n", name, name, test, argument, value)
}

/^#/ || /^$/ { next }
NF < 2 { fail("there is no reason") }
$1 == "newest" { newest = $2; next }
$1 !~ /^[a-z0-9_]+$/ { fail("'" $1 "' is not the name of a system call") }
$3 == "is" || $3 == "lacks" {
	if ($2 !~ /^[0-5]$/ || $4 !~ /^([A-Z_]+|[0-9]+)$/ || NF < 5)
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
	print "/* SPDX-License-Identifier: BSD-3-Clause */"
	print "/* Made of", name ".syscalls", "by syscalls.awk. */"
	print "#include <fcntl.h>\n#include <sched.h>\n#include <sys/mman.h>\n#include <sys/syscall.h>\n"
	print "#include \"util/seccomp.h\"\n"
	print "static const struct syscall_rule rules[] = {\n" rules "};\n"
	print "const struct syscall_rules seccomp_" name " = {"
	print "\t.rules = rules,"
	print "\t.count = sizeof(rules) / sizeof(rules[0]),"
	print "\t.newest = " newest ","
	print "};"
}
