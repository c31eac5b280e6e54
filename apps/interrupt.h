/* Signals that ask the program to end: Ctrl-C (SIGINT), SIGTERM, and SIGHUP, which a closed
 * terminal sends. The first such signal asks the work to stop after the current batch, a second one
 * ends the program at once, as SIGQUIT does. No temporary file is left in any case. */
#ifndef CANDELA_APPS_INTERRUPT_H
#define CANDELA_APPS_INTERRUPT_H

#include <stdbool.h>

/* Installs the handlers. Signals that were ignored when the program started stay ignored. */
void catch_interrupts(void);

/* Whether one of the signals has come. */
bool interrupted(void);
/* The same for .stop of cd_fit: becomes other than 0. */
const volatile int *interrupt_flag(void);

/* Says on standard error why a command could not finish, and returns its exit status: 128 and the
 * signal's number (as shells have it) where a signal has come, else 1 with the library's pending
 * error. `out` is the file that the command did not write; NULL where it writes none. */
int failed_or_stopped(const char *out);

#endif
