/* Help texts, written from the tables of the commands (options.h). */
#ifndef CANDELA_APPS_HELP_TEXT_H
#define CANDELA_APPS_HELP_TEXT_H

#include "apps/cells.h"
#include "apps/options.h"

/* Sets the name with which usage and examples begin, so that they can be typed as they are:
 * argv[0]. */
void set_program_name(const char *name);
const char *program_name(void);

/* Writes "candela eval M.safetensors --data SET [OPTIONS]" to `text`, and returns it. */
enum { USAGE_BYTES = SHOWN_BYTES + 512 };
const char *usage_of(const command *c, char text[USAGE_BYTES]);

/* Writes the list of commands, which ends with NULL: `candela help`. */
void show_commands(FILE *stream, const command *const *list);
/* Writes what one command does, its options with their defaults, and its example: `candela help
 * COMMAND`. */
void show_command(FILE *stream, const command *c);

#endif
