# The TPM: libtpms, its commands, its state.
noinst_LIBRARIES += libtpm.a
libtpm_a_SOURCES = \
	%D%/command.c %D%/command.h \
	%D%/command_layout.c %D%/command_layout.h \
	%D%/context.c %D%/context.h \
	%D%/identity.c %D%/identity.h \
	%D%/key.c %D%/key.h \
	%D%/resmgr.c %D%/resmgr.h \
	%D%/resmgr_answers.c %D%/resmgr_job.h \
	%D%/resmgr_slots.c %D%/resmgr_slots.h \
	%D%/seal.c %D%/seal.h \
	%D%/space.c %D%/space.h \
	%D%/state.c %D%/state.h \
	%D%/state_backup.c %D%/state_backup.h \
	%D%/state_carry.c \
	%D%/state_dir.c %D%/state_dir.h \
	%D%/state_file.c %D%/state_file.h %D%/state_file_impl.h \
	%D%/state_format.c %D%/state_format.h \
	%D%/state_image.c %D%/state_image.h \
	%D%/state_impl.h \
	%D%/state_recover.c \
	%D%/state_rekey.c \
	%D%/state_replace.c \
	%D%/state_stage.c \
	%D%/state_store.c \
	%D%/swtpm.c %D%/swtpm.h \
	%D%/swtpm_cipher.c %D%/swtpm_cipher.h \
	%D%/tcg.h \
	%D%/tpm.c %D%/tpm.h
