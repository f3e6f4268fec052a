# The device: FUSE on one side, the TPM on the other, the control socket beside it.
noinst_LIBRARIES += libcuse.a
libcuse_a_SOURCES = \
	%D%/control.c %D%/control.h \
	%D%/control_client.c %D%/control_client.h \
	%D%/device.c %D%/device.h %D%/device_impl.h \
	%D%/device_turns.c \
	%D%/follow.c %D%/follow.h \
	%D%/leftovers.c %D%/leftovers.h \
	%D%/node.c %D%/node.h \
	%D%/open_file.c %D%/open_file.h \
	%D%/ops.c %D%/ops.h \
	%D%/privileges.c %D%/privileges.h \
	%D%/server.c %D%/server.h \
	%D%/settings.c %D%/settings.h

sbin_PROGRAMS += vtpm-cuse vtpm-ctl
vtpm_cuse_SOURCES = \
	%D%/commands.c \
	%D%/daemon.c %D%/daemon.h \
	%D%/factory.c %D%/factory.h \
	%D%/main.c \
	%D%/recovery.c %D%/recovery.h \
	%D%/vtpm.c %D%/vtpm.h
vtpm_cuse_LDADD = libcuse.a libcerts.a libtpm.a libutil.a $(FUSE_LIBS) $(LIBTPMS_LIBS) $(CRYPTO_LIBS) \
	$(HASH_LIBS) $(JANSSON_LIBS)
vtpm_ctl_SOURCES = %D%/ctl.c %D%/ctl.h %D%/ctl_commands.c %D%/ctl_status.c
vtpm_ctl_LDADD = libcuse.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)
