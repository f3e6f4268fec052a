# The software of others: one guest for all of it.
CLIENT_FILES = \
	%D%/clevis.sh \
	%D%/ibm-tss.sh \
	%D%/kernel.sh \
	%D%/systemd.sh \
	%D%/tpm2-abrmd.sh \
	%D%/tpm2-openssl.sh \
	%D%/tpm2-pkcs11.sh \
	%D%/tpm2-pytss.sh \
	%D%/tpm2-tools.sh \
	%D%/trousers.sh
if ENABLE_GUEST_TESTS
TESTS += %D%/test_clients.sh
endif
EXTRA_DIST += %D%/test_clients.sh $(CLIENT_FILES)
