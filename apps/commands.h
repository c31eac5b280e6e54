/* The commands there are, one file each. */
#ifndef CANDELA_APPS_COMMANDS_H
#define CANDELA_APPS_COMMANDS_H

#include "apps/options.h"

extern const command train_command, probe_command, eval_command, predict_command, info_command,
    help_command, version_command;

/* All of them in the order of help, then NULL. */
extern const command *const all_commands[];
/* NULL when there is none of this name; *near is then the likeliest, or NULL. */
const command *find_command(const char *name, const char **near);
/* Says that there is none of this name, and which may be meant (`near`, or NULL); returns 2. */
int refuse_command(const char *name, const char *near);

#endif
