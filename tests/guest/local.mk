# Tests on a real kernel. tests/guest/run says where and how; by hand: tests/guest/run tests/guest/test_X.sh
GUEST_TESTS = \
	%D%/test_apparmor.sh \
	%D%/test_appliance.sh \
	%D%/test_attach.sh \
	%D%/test_attestation.sh \
	%D%/test_bad_input.sh \
	%D%/test_boot.sh \
	%D%/test_container.sh \
	%D%/test_container_certs.sh \
	%D%/test_container_crash.sh \
	%D%/test_container_errors.sh \
	%D%/test_container_errors_v1.sh \
	%D%/test_container_hostile.sh \
	%D%/test_container_many.sh \
	%D%/test_container_pause.sh \
	%D%/test_container_systemd.sh \
	%D%/test_container_systemd_v1.sh \
	%D%/test_container_userns.sh \
	%D%/test_container_v1.sh \
	%D%/test_containerd.sh \
	%D%/test_control.sh \
	%D%/test_disk_errors.sh \
	%D%/test_docker.sh \
	%D%/test_docker_reboot.sh \
	%D%/test_docker_systemd.sh \
	%D%/test_docker_v1.sh \
	%D%/test_driver_rules.sh \
	%D%/test_factory.sh \
	%D%/test_faults.sh \
	%D%/test_golden.sh \
	%D%/test_harness.sh \
	%D%/test_many_clients.sh \
	%D%/test_measured.sh \
	%D%/test_node.sh \
	%D%/test_package.sh \
	%D%/test_persistence.sh \
	%D%/test_classes.sh \
	%D%/test_runtime.sh \
	%D%/test_podman.sh \
	%D%/test_power_loss.sh \
	%D%/test_readme_attestation.sh \
	%D%/test_readme_container.sh \
	%D%/test_refusals.sh \
	%D%/test_running.sh \
	%D%/test_secrets.sh \
	%D%/test_stop.sh \
	%D%/test_takeover.sh \
	%D%/test_tpm12.sh \
	%D%/test_tpm2.sh \
	%D%/test_units.sh %D%/test_users.sh \
	%D%/test_virtual_machine.sh \
	%D%/test_watching.sh
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(top_srcdir)/%D%/run
if ENABLE_GUEST_TESTS
TESTS += $(GUEST_TESTS)
endif
EXTRA_DIST += %D%/cri_client.py %D%/top_client.py %D%/run %D%/init %D%/container.sh %D%/docker.sh %D%/engines.sh %D%/lib.sh %D%/verified.sh $(GUEST_TESTS)

# It runs where there is no library.
check_PROGRAMS += %D%/tpm_client
%C%_tpm_client_LDFLAGS = $(STATIC_LDFLAGS)

check_PROGRAMS += %D%/cancel_client %D%/deaf_fuse %D%/expiry %D%/rules %D%/stress
%C%_cancel_client_SOURCES = %D%/cancel_client.c $(TEST_COMMANDS)
%C%_cancel_client_LDADD = libtpm.a libutil.a
%C%_rules_SOURCES = \
	%D%/rules.c %D%/rules.h %D%/rules_exclusive.c %D%/rules_managed.c $(TEST_COMMANDS)
%C%_rules_LDADD = libtpm.a libutil.a
%C%_stress_SOURCES = %D%/stress.c $(TEST_COMMANDS)
%C%_stress_LDADD = libtpm.a libutil.a
check_PROGRAMS += %D%/raw_client
%C%_raw_client_SOURCES = %D%/raw_client.c
%C%_raw_client_LDADD = libutil.a
check_PROGRAMS += %D%/power_loss
%C%_power_loss_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)

# vtpm-cuse, as its attacker would have it.
check_PROGRAMS += %D%/takeover
%C%_takeover_SOURCES = %D%/takeover.c $(vtpm_cuse_SOURCES)
%C%_takeover_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=tpm_executor_local
%C%_takeover_LDADD = $(vtpm_cuse_LDADD)
