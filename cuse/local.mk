# The device: FUSE on one side, the TPM on the other, the control socket beside it.
noinst_LIBRARIES += libcuse.a
# From /dev/cuse to the TPM.
libcuse_a_SOURCES = \
	%D%/device/answers.c %D%/device/answers.h \
	%D%/device/device.c %D%/device/device.h \
	%D%/device/device_turn.c %D%/device/device_impl.h \
	%D%/device/devtmpfs.c %D%/device/devtmpfs.h \
	%D%/device/meter.c %D%/device/meter.h \
	%D%/device/node.c %D%/device/node.h \
	%D%/device/open_file.c %D%/device/open_file.h \
	%D%/device/parked.c %D%/device/parked.h \
	%D%/device/session.c %D%/device/session.h \
	%D%/device/tap.c %D%/device/tap.h \
	%D%/device/threads.c %D%/device/threads.h \
	%D%/device/threads_duty.c %D%/device/threads_impl.h \
	%D%/device/turns.c %D%/device/turns.h

# The control socket.
libcuse_a_SOURCES += \
	%D%/control/client.c %D%/control/client.h \
	%D%/control/control.c %D%/control/control.h \
	%D%/control/place.c %D%/control/place.h

# What is left to a server that serves.
libcuse_a_SOURCES += \
	%D%/sandbox/landlock.c %D%/sandbox/landlock.h \
	%D%/sandbox/seccomp.c %D%/sandbox/seccomp.h
nodist_libcuse_a_SOURCES = %D%/sandbox/guard_syscalls.c %D%/sandbox/server_syscalls.c
EXTRA_DIST += %D%/sandbox/syscalls.awk %D%/sandbox/guard.syscalls %D%/sandbox/server.syscalls
CLEANFILES += %D%/sandbox/guard_syscalls.c %D%/sandbox/server_syscalls.c
%D%/sandbox/%_syscalls.c: %D%/sandbox/%.syscalls %D%/sandbox/syscalls.awk
	$(AM_V_GEN)$(MKDIR_P) %D%/sandbox && \
	$(AWK) -v name=$* -f $(top_srcdir)/%D%/sandbox/syscalls.awk $< >$@.new && mv $@.new $@

# The server: what its tests link, too.
libcuse_a_SOURCES += \
	%D%/server/container.c %D%/server/container.h \
	%D%/server/guard.c %D%/server/guard.h \
	%D%/server/launch_log.c %D%/server/launch_log.h \
	%D%/server/leftovers.c %D%/server/leftovers.h \
	%D%/server/numbers.c %D%/server/numbers.h \
	%D%/server/privileges.c %D%/server/privileges.h \
	%D%/server/settings.c %D%/server/settings.h %D%/server/settings_check.c %D%/server/settings_impl.h \
	%D%/server/udev.c %D%/server/udev.h \
	%D%/server/uid_lease.c %D%/server/uid_lease.h \
	%D%/server/users.c %D%/server/users.h

# What vtpm-ctl makes of what servers tell: what its tests link, too.
libcuse_a_SOURCES += \
	%D%/ctl/http.c %D%/ctl/http.h \
	%D%/ctl/pcapng.c %D%/ctl/pcapng.h \
	%D%/ctl/prometheus.c %D%/ctl/prometheus.h \
	%D%/ctl/rates.c %D%/ctl/rates.h \
	%D%/ctl/sample.c %D%/ctl/sample.h \
	%D%/ctl/trace_line.c %D%/ctl/trace_line.h \
	%D%/ctl/wait.c %D%/ctl/wait.h

programs += vtpm-cuse vtpm-ctl
vtpm_cuse_SOURCES = %D%/server/vtpm_cuse.c $(vtpm_cuse_parts)
vtpm_cuse_parts = \
	%D%/server/confine.c %D%/server/confine.h \
	%D%/server/daemon.c %D%/server/daemon.h \
	%D%/server/events.c %D%/server/events.h \
	%D%/server/life.c %D%/server/life.h \
	%D%/server/made_dir.c %D%/server/made_dir.h \
	%D%/server/moved.c %D%/server/moved.h \
	%D%/server/main.c \
	%D%/server/maker.c %D%/server/maker.h \
	%D%/server/measure.c %D%/server/measure.h \
	%D%/server/metrics.c %D%/server/metrics.h \
	%D%/server/power.c %D%/server/power.h \
	%D%/server/pid_file.c %D%/server/pid_file.h \
	%D%/server/recovery.c %D%/server/recovery.h \
	%D%/server/trace.c %D%/server/trace.h \
	%D%/server/requests.c %D%/server/requests.h \
	%D%/server/vtpm.c %D%/server/vtpm.h
vtpm_cuse_LDADD = libcuse.a libcerts.a libtpm.a libverify.a libutil.a $(FUSE_LIBS) $(LIBTPMS_LIBS) $(CRYPTO_LIBS) \
	$(HASH_LIBS) $(JANSSON_LIBS)
vtpm_ctl_SOURCES = %D%/ctl/vtpm_ctl.c $(vtpm_ctl_parts)
vtpm_ctl_parts = \
	%D%/ctl/ask.c %D%/ctl/ask.h \
	%D%/ctl/cdi.c \
	%D%/ctl/commands.c \
	%D%/ctl/ctl.c %D%/ctl/ctl.h \
	%D%/ctl/event_log.c \
	%D%/ctl/metrics.c \
	%D%/ctl/screen.c %D%/ctl/screen.h \
	%D%/ctl/status.c \
	%D%/ctl/top.c \
	%D%/ctl/trace.c
vtpm_ctl_LDADD = libcuse.a libverify.a libtpm.a libutil.a $(CRYPTO_LIBS) $(HASH_LIBS) $(JANSSON_LIBS)
