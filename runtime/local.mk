# Containers: what their config.json asks for, and the hook that gives it to them.
noinst_LIBRARIES += libruntime.a
libruntime_a_SOURCES = \
	%D%/admin_config.c %D%/admin_config.h \
	%D%/beneath.c %D%/beneath.h \
	%D%/cgroup.c %D%/cgroup.h \
	%D%/cgroup_path.c %D%/cgroup_path.h \
	%D%/command_line.c %D%/command_line.h \
	%D%/container.c %D%/container.h \
	%D%/device_program.c %D%/device_program.h \
	%D%/device_rule.h %D%/device_rule_bpf.c %D%/device_rule_systemd.c \
	%D%/device_rule_v1.c \
	%D%/entry.c %D%/entry.h \
	%D%/file_id.h \
	%D%/hook.c %D%/hook.h \
	%D%/id_map.c %D%/id_map.h \
	%D%/in_thread.c %D%/in_thread.h \
	%D%/inject.c %D%/inject.h \
	%D%/json_text.c %D%/json_text.h \
	%D%/lease.c %D%/lease.h \
	%D%/lease_dir.c %D%/lease_dir.h \
	%D%/mask.c %D%/mask.h \
	%D%/member.c %D%/member.h \
	%D%/node.c %D%/node.h \
	%D%/oci_state.c %D%/oci_state.h \
	%D%/password_copy.c %D%/password_copy.h \
	%D%/process.c %D%/process.h \
	%D%/reach.c %D%/reach.h \
	%D%/reserve.c %D%/reserve.h %D%/reserve_major.c \
	%D%/runtime_root.c %D%/runtime_root.h \
	%D%/server.c %D%/server.h %D%/server_stop.c \
	%D%/state_path.c %D%/state_path.h \
	%D%/teardown.c

sbin_PROGRAMS += vtpm-hook
vtpm_hook_SOURCES = %D%/hook_main.c
vtpm_hook_LDADD = libruntime.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)
