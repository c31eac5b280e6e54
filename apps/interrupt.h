/* Ctrl-C: the first one asks the work to stop at the next batch, the second ends the program. */
#ifndef CANDELA_APPS_INTERRUPT_H
#define CANDELA_APPS_INTERRUPT_H

#include <stdbool.h>

void catch_interrupts(void);
bool interrupted(void);

/* The sentence for a command that stopped so; `out` is the file it did not write. Returns 130, as
 * shells have it for a program that SIGINT ended. */
int stopped(const char *out);
/* The same for a command that writes no file. */
int stopped_reading(void);

#endif
