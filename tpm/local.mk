# The TPM: libtpms, its commands, its state.
noinst_LIBRARIES += libtpm.a
libtpm_a_SOURCES = \
	%D%/command.c %D%/command.h \
	%D%/tcg.h \
	%D%/tpm.c %D%/tpm.h
