/* What the program says: results on standard output, everything else on standard error. */
#ifndef CANDELA_APPS_CONSOLE_H
#define CANDELA_APPS_CONSOLE_H

#include <candela.h>

/* From here on lines on standard error begin with the command's name, and the library's warnings
 * are shown there. `quiet`: no progress and no warnings. */
void console_begin(const char *command_name, bool quiet);

/* A sentence on standard error; returns 1, the exit status of a command that failed. */
int failed(const char *format, ...) CD_PRINTF(1, 2);
/* The same with the library's pending error, which is taken. */
int failed_in_library(void);
/* Not when quiet. */
void warn(const char *format, ...) CD_PRINTF(1, 2);

/* A bar with rate and time left, where standard error is a terminal: progress_begin("reading",
 * "photographs", 244), progress_at(16), ..., progress_end(), which takes it away again. */
void progress_begin(const char *what, const char *unit, int64_t total);
void progress_at(int64_t done);
void progress_end(void);

double seconds_now(void); /* of a clock that only goes forward */

/* "1 picture", "12 pictures": in `text`, which has COUNTED_BYTES and is returned. */
enum { COUNTED_BYTES = 64 };
const char *counted(int64_t count, const char *one, const char *several, char *text);

/* Text of a file as it may be shown: control characters, which a terminal would obey, become '?',
 * and what does not fit is cut and ends in "...". Returns `out`. */
enum { SHOWN_BYTES = 1024 };
const char *shown(const char *text, char out[SHOWN_BYTES]);

/* The last thing a program does: the status, or 1 when standard output could not be written. */
int end_output(int status);

#endif
