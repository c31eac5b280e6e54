/* All that the program says: results on standard output, everything else on standard error, and on
 * a terminal a line that comes and goes below both.
 *
 * Every text goes through here. It is escaped, so that a name or a value from outside cannot start
 * a new line or give the terminal an order, and on a terminal long sentences are broken between
 * words. The exceptions are JSON, which has escapes of its own and is written as it is (json.h),
 * and the texts of help, which are ours (help.h). */
#ifndef CANDELA_APPS_CONSOLE_H
#define CANDELA_APPS_CONSOLE_H

#include <candela.h>

/* Bytes of a character of UTF-8, at most. */
enum { LONGEST_CHARACTER = 4 };

/* Called first. From here on lines on standard error begin with the command's name, and the
 * library's warnings are shown there. `quiet`: errors only. */
void console_begin(const char *command_name, bool quiet);
/* The last thing a program does: the status, or 1 when standard output could not be written. */
int end_output(int status);

/* --- standard output -------------------------------------------------------------------------- */

/* Behind what was written by other means than these: why it failed, end_output says. */
void flush_output(void);

/* A line of the results. */
void print_line(const char *format, ...) CD_PRINTF(1, 2);
void blank_line(void);

/* Columns that a line of results has after the first `taken` ones, at least 8; 0: no limit, because
 * standard output is no terminal. Asked for each line, since a window changes its size. */
int columns_left(int taken);
/* Of the terminal that the stream goes to; 0: it is none. */
int columns_of(FILE *stream);

/* --- standard error --------------------------------------------------------------------------- */

/* A sentence about an error; returns 1, the exit status of a command that failed. */
int failed(const char *format, ...) CD_PRINTF(1, 2);
/* The same with the library's pending error, which is taken. */
int failed_in_library(void);
/* Sentences that --quiet leaves out. warn() begins with "warning: ". */
void warn(const char *format, ...) CD_PRINTF(1, 2);
void note(const char *format, ...) CD_PRINTF(1, 2);

/* How standard error can show what is being done. */
typedef enum console_kind {
    CONSOLE_SILENT, /* no terminal, or --quiet: not at all */
    CONSOLE_DUMB,   /* a terminal that obeys no escapes (TERM=dumb): by notes, now and then */
    CONSOLE_MOVES   /* by a line that is drawn again and again */
} console_kind;
console_kind console_progress(void);

/* Draws that line anew, or with NULL takes it away. It is to be shorter than status_columns().
 * False when it was not drawn: standard output is a pipe whose reader (tee, say) may be about to
 * write to the same terminal. */
bool status_line(const char *text);
int status_columns(void);

/* --- words ------------------------------------------------------------------------------------ */

/* "1 picture", "12 pictures": in `text`, which has COUNTED_BYTES and is returned. */
enum { COUNTED_BYTES = 64 };
const char *counted(int64_t count, const char *one, const char *several, char *text);

/* "a", "a or b", "a, b or c", with " or " for `last`: in `text`, which is returned. */
const char *listed(const char *const *words, int count, const char *last, char *text, size_t bytes);

double seconds_now(void); /* of a clock that only goes forward */

#endif
