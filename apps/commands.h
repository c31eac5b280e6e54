/* The commands of the program. Each has a file of its own. */
#ifndef CANDELA_APPS_COMMANDS_H
#define CANDELA_APPS_COMMANDS_H

#include "apps/options.h"

extern const command train_command, probe_command, eval_command, predict_command, info_command,
    help_command, version_command;

/* All commands in the order of help, then NULL. */
extern const command *const all_commands[];
/* The command of this name; NULL when there is none, and *nearest is then the name that may be
 * meant, or NULL. */
const command *find_command(const char *name, const char **nearest);
/* Says that there is no command of this name, and which may be meant (`nearest`, or NULL). Returns
 * 2, the exit status. */
int refuse_command(const char *name, const char *nearest);

#endif
