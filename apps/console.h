/* Everything the program prints: results on standard output, everything else on standard error, and
 * on a terminal a status line below both, which is drawn and removed again.
 *
 * All text is escaped, so that a name or a value from outside cannot start a new line or control
 * the terminal, and on a terminal long sentences are wrapped between words. Two kinds of text do
 * not pass through here: JSON, which has its own escapes (json.h), and the help texts, which hold
 * nothing from outside but the program's name (help_text.h). */
#ifndef CANDELA_APPS_CONSOLE_H
#define CANDELA_APPS_CONSOLE_H

#include "apps/style.h"

/* The most bytes that a character takes in UTF-8. */
enum { LONGEST_CHARACTER = 4 };

/* To be called before all other functions here; a later call changes the arguments. Lines on
 * standard error begin with the command's name, and the library's warnings are shown there.
 * `quiet`: errors only. */
void console_begin(const char *command_name, bool quiet);
/* Sets what --color says, for both streams; STYLE_AUTO until then. May be called at any time. */
void console_color(style_choice choice);
/* The colours of standard output or standard error. */
style_colors colors_of(FILE *stream);
/* To be called last: returns the exit status of the program, which is `status`, or 1 where standard
 * output could not be written. */
int end_output(int status);

/* --- standard output -------------------------------------------------------------------------- */

/* To be called after writing to stdout by other means than print_line. Remembers the reason when
 * writing failed, for end_output to report. */
void flush_output(void);

/* Prints a line of the results; a newline is added. */
void print_line(const char *format, ...) CD_PRINTF(1, 2);
/* The same in a style. */
void print_line_in(style s, const char *format, ...) CD_PRINTF(2, 3);
/* Prints a line that is made of spans: print_styled({ STYLE_STRONG, "best" }, { STYLE_PLAIN, name
 * }). */
void print_spans(const span *spans, int count);
#define print_styled(...)                                                                          \
    print_spans((const span[]){ __VA_ARGS__ },                                                     \
                (int)(sizeof((const span[]){ __VA_ARGS__ }) / sizeof(span)))
/* Prints a line that is to be copied into a shell: it is not broken between words. */
void print_command(const char *text);
/* Prints an empty line. */
void blank_line(void);

/* The columns that a line of results has left after the first `taken`, at least 8; 0: no limit,
 * because standard output is no terminal. To be called for each line: a window can change its size.
 */
int columns_left(int taken);
/* The columns of the terminal that the stream goes to; 0: it is no terminal. */
int columns_of(FILE *stream);

/* --- standard error --------------------------------------------------------------------------- */

/* Prints a sentence that begins with "error: "; returns 1, the exit status of a command that
 * failed. */
int failed(const char *format, ...) CD_PRINTF(1, 2);
/* The same with the message of the library's pending error, which is taken (cd_error_take). */
int failed_in_library(void);
/* Prints a sentence that begins with "warning: ", unless --quiet is given. */
void warn(const char *format, ...) CD_PRINTF(1, 2);
/* While `muted`, the library's warnings are not shown: for work that is done a second time. */
void mute_warnings(bool muted);
/* Prints a sentence that is no error, but shown with --quiet too: why the command ended. */
void stopped(const char *format, ...) CD_PRINTF(1, 2);
/* Prints a sentence unless --quiet is given. */
void note(const char *format, ...) CD_PRINTF(1, 2);

/* How progress can be shown on standard error. */
typedef enum console_kind {
    CONSOLE_SILENT, /* not at all: it is no terminal, or --quiet is given */
    CONSOLE_DUMB,   /* by a note now and then: a terminal without escapes (TERM=dumb) */
    CONSOLE_REDRAWS /* by a status line that is redrawn */
} console_kind;
console_kind console_progress(void);

/* Redraws the status line; NULL removes it. The text must be shorter than status_columns(). False
 * when it was not drawn because standard output is a pipe whose reader (such as tee) may be about
 * to write to the same terminal. */
bool status_line(const char *text);
/* The columns of the terminal on standard error; 0: it is no terminal. */
int status_columns(void);

/* --- words ------------------------------------------------------------------------------------ */

/* Writes "1 picture" or "12 pictures" to `text`, and returns it. */
enum { COUNTED_BYTES = 64 };
const char *counted(int64_t count, const char *one, const char *several, char text[COUNTED_BYTES]);

/* Writes "a", "a or b" or "a, b or c" to `text`, with " or " for `last`, and returns it. */
const char *listed(const char *const *words, int count, const char *last, char *text, size_t bytes);

/* Seconds on a clock that only goes forward, for measuring durations. */
double seconds_now(void);

#endif
