/* The texts of help, made from the tables of the commands. */
#ifndef CANDELA_APPS_HELP_H
#define CANDELA_APPS_HELP_H

#include "apps/options.h"

/* How the program was called (argv[0]): usage and examples begin with it, so that they can be
 * typed. */
void help_called(const char *program);
const char *program_called(void);

/* The list of commands, ended by a NULL, as `candela help` shows it. */
void show_commands(FILE *stream, const command *const *list);
/* One command: what it does, its options with defaults, an example. */
void show_command(FILE *stream, const command *c);

#endif
