/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands of vtpm-hook; what each does is in vtpm-hook(8).
 */
#ifndef VTPM_RUNTIME_HOOK_COMMANDS_H
#define VTPM_RUNTIME_HOOK_COMMANDS_H

struct error;
struct hook_settings;

typedef int hook_command(const struct hook_settings *settings, struct error *err);

/* container_commands.c: what runtimes call. */
hook_command command_create;
hook_command command_poststop;

/* attach_commands.c: a container that runs. */
hook_command command_attach;
hook_command command_detach;

/* list.c, restart_command.c: servers that have died under their containers, too. */
hook_command command_list;
hook_command command_restart;

/* prune.c */
hook_command command_prune;

/* uninstall.c */
hook_command command_uninstall;

/* inject.c, cdi_write.c: make others call us. */
hook_command command_inject;
hook_command command_cdi;

/* class_list.c */
hook_command command_class_list;
hook_command command_class_check;

/* state_commands.c: states that outlive their containers. */
hook_command command_state_list;
hook_command command_state_remove;

/* watch_commands.c: the watcher of device rules. */
hook_command command_watch;
hook_command command_allow;

#endif
