/* Signals that ask the program to end: Ctrl-C (SIGINT), SIGTERM, and SIGHUP, which a closed
 * terminal sends. The first one asks the work to stop at the next batch; the second ends the
 * program. SIGQUIT ends it at once. No temporary file is left in any case. */
#ifndef CANDELA_APPS_INTERRUPT_H
#define CANDELA_APPS_INTERRUPT_H

#include <stdbool.h>

/* Those that were ignored when the program started stay ignored. */
void catch_interrupts(void);
bool interrupted(void);

/* The sentence for a command that stopped so; `out` is the file it did not write. Returns 128 and
 * the signal's number, as shells have it for a program that a signal ended. */
int stopped(const char *out);
/* The same for a command that writes no file. */
int stopped_reading(void);

#endif
