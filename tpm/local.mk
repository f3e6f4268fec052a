# The TPM: libtpms, its commands, its state.
noinst_LIBRARIES += libtpm.a
libtpm_a_SOURCES = \
	%D%/blobs.c %D%/blobs.h \
	%D%/codes.c %D%/codes.h \
	%D%/command.c %D%/command.h \
	%D%/command_layout.c %D%/command_layout.h \
	%D%/conceal.c %D%/conceal.h \
	%D%/crypto.c %D%/crypto.h \
	%D%/exchange.c %D%/exchange.h \
	%D%/names.c %D%/names.h \
	%D%/nvram.c %D%/nvram.h \
	%D%/profile.c %D%/profile.h \
	%D%/protect.c %D%/protect.h \
	%D%/record.c %D%/record.h \
	%D%/storage.h \
	%D%/tcg.h \
	%D%/tpm.c %D%/tpm.h \
	%D%/transmit.c %D%/transmit.h

# The resource manager: what each open owns.
libtpm_a_SOURCES += \
	%D%/space/answers.c \
	%D%/space/context.c %D%/space/context.h \
	%D%/space/gate.c %D%/space/gate.h \
	%D%/space/job.h \
	%D%/space/orphans.c %D%/space/orphans.h \
	%D%/space/resmgr.c %D%/space/resmgr.h \
	%D%/space/slots.c %D%/space/slots.h \
	%D%/space/space.c %D%/space/space.h

# The state directory: its files, their format, encryption and keys.
libtpm_a_SOURCES += \
	%D%/state/backup.c %D%/state/backup.h \
	%D%/state/blob.c %D%/state/blob.h \
	%D%/state/dir.c %D%/state/dir.h \
	%D%/state/file.c %D%/state/file.h \
	%D%/state/file_bytes.c %D%/state/file_bytes.h \
	%D%/state/file_check.c \
	%D%/state/file_impl.h \
	%D%/state/file_replace.c \
	%D%/state/file_store.c \
	%D%/state/format.c %D%/state/format.h \
	%D%/state/hand_over.c %D%/state/hand_over.h \
	%D%/state/holder.c %D%/state/holder.h \
	%D%/state/identity.c %D%/state/identity.h \
	%D%/state/info.h \
	%D%/state/key.c %D%/state/key.h \
	%D%/state/memory.c %D%/state/memory.h \
	%D%/state/place.c %D%/state/place.h \
	%D%/state/rekey.c %D%/state/rekey.h \
	%D%/state/pace.c %D%/state/pace.h \
	%D%/state/rate.c %D%/state/rate.h \
	%D%/state/replace.c %D%/state/replace.h \
	%D%/state/seal.c %D%/state/seal.h \
	%D%/state/state.c %D%/state/state.h \
	%D%/state/volatile.c

# swtpm's format.
libtpm_a_SOURCES += \
	%D%/swtpm/crypt.c %D%/swtpm/crypt.h \
	%D%/swtpm/format.c %D%/swtpm/format.h
