# What everything else is built on; knows no TPM, no FUSE, no container.
noinst_LIBRARIES += libutil.a
libutil_a_SOURCES = \
	%D%/bytes.c %D%/bytes.h \
	%D%/capabilities.c %D%/capabilities.h \
	%D%/cdi_host.c %D%/cdi_host.h \
	%D%/child.c %D%/child.h \
	%D%/cleanup.h \
	%D%/clock.c %D%/clock.h \
	%D%/detached_mount.c %D%/detached_mount.h \
	%D%/dir.c %D%/dir.h \
	%D%/durations.c %D%/durations.h \
	%D%/error.c %D%/error.h \
	%D%/file.c %D%/file.h \
	%D%/free_major.c %D%/free_major.h \
	%D%/group.c %D%/group.h \
	%D%/id_map.c %D%/id_map.h \
	%D%/local_socket.c %D%/local_socket.h \
	%D%/lock_file.c %D%/lock_file.h \
	%D%/log.c %D%/log.h \
	%D%/name_hash.c %D%/name_hash.h \
	%D%/next_minor.c %D%/next_minor.h \
	%D%/next_number.c %D%/next_number.h \
	%D%/notify.c %D%/notify.h \
	%D%/options.c %D%/options.h \
	%D%/printable.c %D%/printable.h \
	%D%/program.c %D%/program.h %D%/programs.h \
	%D%/path.c %D%/path.h \
	%D%/pidfd.c %D%/pidfd.h \
	%D%/seccomp.c %D%/seccomp.h \
	%D%/secret.c %D%/secret.h \
	%D%/secret_source.c %D%/secret_source.h \
	%D%/server_dir.c %D%/server_dir.h \
	%D%/sha256.c %D%/sha256.h \
	%D%/statx.h \
	%D%/uid_range.c %D%/uid_range.h \
	%D%/user.c %D%/user.h \
	%D%/user_names.c %D%/user_names.h \
	%D%/wiped.h \
	%D%/watches.c %D%/watches.h

# A list of system calls, NAME.syscalls, as a table, NAME_syscalls.c.
EXTRA_DIST += %D%/syscalls.awk
make_syscalls = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(AWK) -v name=$* -f $(top_srcdir)/%D%/syscalls.awk $< >$@.new && mv $@.new $@
