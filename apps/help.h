/* The texts of help, made from the tables of the commands. */
#ifndef CANDELA_APPS_HELP_H
#define CANDELA_APPS_HELP_H

#include "apps/cells.h"
#include "apps/options.h"

/* How the program was called (argv[0]): usage and examples begin with it, so that they can be
 * typed. */
void help_called(const char *program);
const char *program_called(void);

/* How a command is called, "candela eval M.safetensors --data SET [OPTIONS]": in `text`, which has
 * USAGE_BYTES and is returned. */
enum { USAGE_BYTES = SHOWN_BYTES + 512 };
const char *usage_of(const command *c, char *text);

/* The list of commands, ended by a NULL, as `candela help` shows it. */
void show_commands(FILE *stream, const command *const *list);
/* One command: what it does, its options with defaults, an example. */
void show_command(FILE *stream, const command *c);

#endif
