# Containers: what their config.json asks for, and the hook that gives it to them.
noinst_LIBRARIES += libruntime.a
# What is asked for: config.json, its entries, the container's state, the administrator's file.
libruntime_a_SOURCES = \
	%D%/config/admin.c %D%/config/admin.h \
	%D%/config/annotations.c %D%/config/annotations.h \
	%D%/config/bundle.c %D%/config/bundle.h \
	%D%/config/canonical.c %D%/config/canonical.h \
	%D%/config/cdi.c %D%/config/cdi.h \
	%D%/config/class.c %D%/config/class.h \
	%D%/config/class_dir.c %D%/config/class_dir.h \
	%D%/config/container.c %D%/config/container.h \
	%D%/config/entry.c %D%/config/entry.h \
	%D%/config/entry_measure.c %D%/config/entry_measure.h \
	%D%/config/hide_passwords.c %D%/config/hide_passwords.h \
	%D%/config/inject.c %D%/config/inject.h \
	%D%/config/io_limits.c %D%/config/io_limits.h \
	%D%/config/measure.c %D%/config/measure.h \
	%D%/config/members.c %D%/config/members.h \
	%D%/config/oci_state.c %D%/config/oci_state.h \
	%D%/config/own_hook.c %D%/config/own_hook.h \
	%D%/config/parts.c %D%/config/parts.h \
	%D%/config/patterns.c %D%/config/patterns.h \
	%D%/config/request.c %D%/config/request.h \
	%D%/config/resources.c %D%/config/resources.h \
	%D%/config/rewrite.c %D%/config/rewrite.h \
	%D%/config/vouching.c %D%/config/vouching.h

# What the host says: processes, control groups, the runtime's root, state paths.
libruntime_a_SOURCES += \
	%D%/host/anchor.c %D%/host/anchor.h \
	%D%/host/cgroup.c %D%/host/cgroup.h \
	%D%/host/cgroup_path.c %D%/host/cgroup_path.h \
	%D%/host/limits.c %D%/host/limits.h \
	%D%/host/device_number.h \
	%D%/host/engine_files.c %D%/host/engine_files.h \
	%D%/host/file_id.h \
	%D%/host/host_root.c %D%/host/host_root.h \
	%D%/host/host_tpm.c %D%/host/host_tpm.h \
	%D%/host/kept.c %D%/host/kept.h \
	%D%/host/made_for.c %D%/host/made_for.h \
	%D%/host/made_list.c %D%/host/made_list.h \
	%D%/host/measuring.c %D%/host/measuring.h \
	%D%/host/open_in_root.c %D%/host/open_in_root.h \
	%D%/host/process.c %D%/host/process.h \
	%D%/host/real_runtime.c %D%/host/real_runtime.h \
	%D%/host/running.c %D%/host/running.h \
	%D%/host/runtime_root.c %D%/host/runtime_root.h \
	%D%/host/shared_dirs.c %D%/host/shared_dirs.h \
	%D%/host/state_path.c %D%/host/state_path.h \
	%D%/host/tpm_device.c %D%/host/tpm_device.h \
	%D%/host/tree_digest.c %D%/host/tree_digest.h

# What is done within the container's namespaces: nodes, masks, id maps.
libruntime_a_SOURCES += \
	%D%/inside/event_log.c %D%/inside/event_log.h \
	%D%/inside/late_nodes.c %D%/inside/late_nodes.h \
	%D%/inside/mask.c %D%/inside/mask.h \
	%D%/inside/node.c %D%/inside/node.h \
	%D%/inside/nodes.c %D%/inside/nodes.h \
	%D%/inside/own_child.c %D%/inside/own_child.h \
	%D%/inside/own_thread.c %D%/inside/own_thread.h

libruntime_a_SOURCES += %D%/inside/confine.c %D%/inside/confine.h
nodist_libruntime_a_SOURCES = %D%/inside/inside_syscalls.c
EXTRA_DIST += %D%/inside/inside.syscalls
CLEANFILES += %D%/inside/inside_syscalls.c
%D%/inside/%_syscalls.c: %D%/inside/%.syscalls util/syscalls.awk
	$(make_syscalls)

# Device rules: v1, v2, systemd.
libruntime_a_SOURCES += \
	%D%/rule/backends.h \
	%D%/rule/bpf.c \
	%D%/rule/program.c %D%/rule/program.h \
	%D%/rule/rule.c %D%/rule/rule.h \
	%D%/rule/systemd.c \
	%D%/rule/v1.c

# What is held for containers: leases, their book, reservations.
libruntime_a_SOURCES += \
	%D%/lease/book.c %D%/lease/book.h \
	%D%/lease/claimed.c %D%/lease/claimed.h \
	%D%/lease/class_limit.c %D%/lease/class_limit.h \
	%D%/lease/holding.c %D%/lease/holding.h \
	%D%/lease/index.c %D%/lease/index.h \
	%D%/lease/lease.c %D%/lease/lease.h \
	%D%/lease/numbers.c %D%/lease/numbers.h \
	%D%/lease/open.c %D%/lease/open.h \
	%D%/lease/reserve.c %D%/lease/reserve.h

# Servers of containers: command lines, starting, stopping.
libruntime_a_SOURCES += \
	%D%/server/command_line.c %D%/server/command_line.h \
	%D%/server/launch.h \
	%D%/server/limit.c %D%/server/limit.h \
	%D%/server/limit_watch.c %D%/server/limit_watch.h \
	%D%/server/pid_file.c %D%/server/pid_file.h \
	%D%/server/start.c %D%/server/start.h \
	%D%/server/stop.c %D%/server/stop.h \
	%D%/server/vouch.c %D%/server/vouch.h

# What becomes of a container's vTPMs while it lives, and after.
libruntime_a_SOURCES += \
	%D%/life/cdi_prune.c %D%/life/cdi_prune.h \
	%D%/life/hook.h \
	%D%/life/keep.c %D%/life/keep.h \
	%D%/life/restart.c %D%/life/restart.h \
	%D%/life/teardown.c %D%/life/teardown.h \
	%D%/life/told.c %D%/life/told.h \
	%D%/life/undo.c %D%/life/undo.h \
	%D%/life/watch.c %D%/life/watch.h

# How a container gets its vTPMs.
libruntime_a_SOURCES += \
	%D%/give/asking.c %D%/give/asking.h \
	%D%/give/attach.c %D%/give/attach.h \
	%D%/give/create.c %D%/give/create.h \
	%D%/give/create_asked.c \
	%D%/give/create_impl.h \
	%D%/give/create_measured.c \
	%D%/give/create_measured_root.c \
	%D%/give/hand_in.c %D%/give/hand_in.h \
	%D%/give/offer.c %D%/give/offer.h

# In front of the real runtime.
libruntime_a_SOURCES += \
	%D%/front/again.c %D%/front/again.h \
	%D%/front/arguments.c %D%/front/arguments.h \
	%D%/front/complain.c %D%/front/complain.h \
	%D%/front/create.c \
	%D%/front/edit.c %D%/front/edit.h \
	%D%/front/front.c %D%/front/front.h \
	%D%/front/lease.c \
	%D%/front/update.c

# Of vtpm-hook: what its tests link, too.
libruntime_a_SOURCES += \
	%D%/hook/ways_in.c %D%/hook/ways_in.h

programs += vtpm-runtime
vtpm_runtime_SOURCES = %D%/front/vtpm_runtime.c $(vtpm_runtime_parts)
vtpm_runtime_parts = %D%/front/main.c
vtpm_runtime_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

# By its name it knows which runtime it stands in front of.
if ENABLE_APPLIANCE
links = $(appliance_links)
linked = vtpm
else
links = vtpm-runc vtpm-crun
linked = vtpm-runtime
endif
install-exec-hook:
	cd $(DESTDIR)$(sbindir) && for name in $(links); do ln -sf $(linked) $$name || exit; done
	$(MKDIR_P) $(DESTDIR)$(man8dir)
	cd $(DESTDIR)$(man8dir) && ln -sf vtpm-runtime.8 vtpm-runc.8 && ln -sf vtpm-runtime.8 vtpm-crun.8
uninstall-hook:
	cd $(DESTDIR)$(sbindir) && rm -f $(links)
	cd $(DESTDIR)$(man8dir) && rm -f vtpm-runc.8 vtpm-crun.8

# vtpm-hook.
programs += vtpm-hook
vtpm_hook_SOURCES = %D%/hook/vtpm_hook.c $(vtpm_hook_parts)
vtpm_hook_parts = \
	%D%/hook/attach_commands.c \
	%D%/hook/caller.c %D%/hook/caller.h \
	%D%/hook/cdi_write.c \
	%D%/hook/class_list.c \
	%D%/hook/commands.h \
	%D%/hook/container_commands.c \
	%D%/hook/inject.c \
	%D%/hook/main.c \
	%D%/hook/list.c \
	%D%/hook/output.c %D%/hook/output.h \
	%D%/hook/prune.c \
	%D%/hook/restart_command.c \
	%D%/hook/settings.c %D%/hook/settings.h \
	%D%/hook/state_commands.c \
	%D%/hook/uninstall.c \
	%D%/hook/watch_commands.c
vtpm_hook_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)
