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
	%D%/sandbox/lists.h \
	%D%/sandbox/namespaces.c %D%/sandbox/namespaces.h
nodist_libcuse_a_SOURCES = %D%/sandbox/guard_syscalls.c %D%/sandbox/server_syscalls.c
EXTRA_DIST += %D%/sandbox/guard.syscalls %D%/sandbox/server.syscalls
CLEANFILES += %D%/sandbox/guard_syscalls.c %D%/sandbox/server_syscalls.c
%D%/sandbox/%_syscalls.c: %D%/sandbox/%.syscalls util/syscalls.awk
	$(make_syscalls)

# The user that a server runs as.
libcuse_a_SOURCES += \
	%D%/user/privileges.c %D%/user/privileges.h \
	%D%/user/uid_lease.c %D%/user/uid_lease.h \
	%D%/user/users.c %D%/user/users.h

# What a server knows of the host: device numbers, udev, the container that it follows, moved directories.
libcuse_a_SOURCES += \
	%D%/host/container.c %D%/host/container.h \
	%D%/host/moved.c %D%/host/moved.h \
	%D%/host/numbers.c %D%/host/numbers.h \
	%D%/host/udev.c %D%/host/udev.h

# What a server leaves behind, and the process that removes it.
libcuse_a_SOURCES += \
	%D%/guard/guard.c %D%/guard/guard.h \
	%D%/guard/leftovers.c %D%/guard/leftovers.h \
	%D%/guard/made_dir.c %D%/guard/made_dir.h \
	%D%/guard/pid_file.c %D%/guard/pid_file.h

# The server: what its tests link, too.
libcuse_a_SOURCES += \
	%D%/server/launch_log.c %D%/server/launch_log.h \
	%D%/server/saved_log.c %D%/server/saved_log.h \
	%D%/server/vouched.c %D%/server/vouched.h \
	%D%/server/settings.c %D%/server/settings.h %D%/server/settings_check.c %D%/server/settings_impl.h

# What vtpm-ctl makes of what servers tell.
libcuse_a_SOURCES += \
	%D%/watch/http.c %D%/watch/http.h \
	%D%/watch/pcapng.c %D%/watch/pcapng.h \
	%D%/watch/prometheus.c %D%/watch/prometheus.h \
	%D%/watch/rates.c %D%/watch/rates.h \
	%D%/watch/sample.c %D%/watch/sample.h \
	%D%/watch/screen.c %D%/watch/screen.h \
	%D%/watch/trace_line.c %D%/watch/trace_line.h \
	%D%/watch/wait.c %D%/watch/wait.h

programs += vtpm-cuse vtpm-ctl
vtpm_cuse_SOURCES = %D%/server/vtpm_cuse.c $(vtpm_cuse_parts)
vtpm_cuse_parts = \
	%D%/server/confine.c %D%/server/confine.h \
	%D%/server/daemon.c %D%/server/daemon.h \
	%D%/server/events.c %D%/server/events.h \
	%D%/server/life.c %D%/server/life.h \
	%D%/server/main.c \
	%D%/server/maker.c %D%/server/maker.h \
	%D%/server/measure.c %D%/server/measure.h \
	%D%/server/metrics.c %D%/server/metrics.h \
	%D%/server/power.c %D%/server/power.h \
	%D%/server/recovery.c %D%/server/recovery.h \
	%D%/server/trace.c %D%/server/trace.h \
	%D%/server/requests.c %D%/server/requests.h \
	%D%/server/vtpm.c %D%/server/vtpm.h
# libcrypto comes first, too: the dynamic linker looks up thousands of its names, in this order.
vtpm_cuse_LDADD = libcuse.a libcerts.a libtpm.a libverify.a libutil.a $(CRYPTO_LIBS) $(FUSE_LIBS) $(LIBTPMS_LIBS) $(CRYPTO_LIBS) \
	$(HASH_LIBS) $(JANSSON_LIBS)
vtpm_ctl_SOURCES = %D%/ctl/vtpm_ctl.c $(vtpm_ctl_parts)
vtpm_ctl_parts = \
	%D%/ctl/ask.c %D%/ctl/ask.h \
	%D%/ctl/cdi.c \
	%D%/ctl/commands.c \
	%D%/ctl/ctl.c %D%/ctl/ctl.h \
	%D%/ctl/event_log.c \
	%D%/ctl/metrics.c \
	%D%/ctl/status.c \
	%D%/ctl/top.c \
	%D%/ctl/trace.c
vtpm_ctl_LDADD = libcuse.a libverify.a libtpm.a libutil.a $(CRYPTO_LIBS) $(HASH_LIBS) $(JANSSON_LIBS)
