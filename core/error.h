/* Errors: the first one of a thread stays, with its sentence, until it is taken.
 *
 * A call that fails returns NULL or false. An op given NULL returns NULL, so whole expressions can
 * be written without a check; one look at the end tells, and the sentence is about the root cause.
 *
 *     cd_tensor *p = cd_softmax(cd_matmul(x, w), 1);
 *     if (!cd_ok()) fprintf(stderr, "%s\n", cd_error_message());
 *
 * While an error is pending, calls that would change something that exists (an in-place op, an
 * optimizer's step, a load, a save) do nothing and return NULL or false.
 *
 * A sentence names the call, not the line. A debugger that stops in cd_fail shows the line:
 *     gdb -batch -ex 'break cd_fail' -ex run -ex backtrace ./program */
#ifndef CANDELA_CORE_ERROR_H
#define CANDELA_CORE_ERROR_H

#include <stdio.h>

#include "core/api.h"

CD_BEGIN_DECLS

typedef enum cd_code {
    CD_OK = 0,
    CD_ERR_ARGUMENT, /* a value that no caller may pass: NULL, a negative count, an unknown name */
    CD_ERR_SHAPE,    /* shapes that do not fit each other or the op */
    CD_ERR_DTYPE,    /* a dtype that the op does not take */
    CD_ERR_DEVICE,   /* tensors on different devices, or a device that is not there */
    CD_ERR_MEMORY,   /* an allocation failed or would pass the limit */
    CD_ERR_IO,       /* the system refused: open, read, write, rename */
    CD_ERR_FORMAT,   /* a file whose bytes are not what its format says */
    CD_ERR_UNSUPPORTED, /* valid, but not something this library does */
    CD_ERR_AUTOGRAD,    /* no graph, a freed graph, an overwritten saved value */
    CD_ERR_STATE        /* right call, wrong moment: released twice, a scope ended twice */
} cd_code;

enum { CD_ERROR_MESSAGE_BYTES = 512 };

typedef struct cd_error {
    cd_code code;
    char message[CD_ERROR_MESSAGE_BYTES]; /* NUL-terminated UTF-8, one line: see cd_escape_text */
} cd_error;

/* True while this thread has no pending error. */
CD_API bool cd_ok(void);
CD_API cd_code cd_error_code(void);
/* The pending sentence, "" if there is none. Valid until the error is cleared. */
CD_API const char *cd_error_message(void);
CD_API void cd_clear_error(void);

/* Copies the pending error to *out (which may be NULL), clears it, and returns true; with none
 * pending sets *out to CD_OK and returns false. For an optional step that may fail. */
CD_API bool cd_error_take(cd_error *out);

/* A frame of its own for a library that shares its host's thread: push hides what is pending, pop
 * takes what happened since (out may be NULL; false if nothing did) and restores what was hidden.
 * At most 8 deep: a push beyond that, and a pop without a push, is CD_ERR_STATE and returns false.
 */
CD_API bool cd_error_push(void);
CD_API bool cd_error_pop(cd_error *out);

/* "CD_ERR_SHAPE" for CD_ERR_SHAPE; "CD_ERR_?" for a number that is no code. */
CD_API const char *cd_code_name(cd_code code);

/* The end of a main(): writes the pending error, if there is one, as a line on `stream` and returns
 * the exit status, 1 with an error and 0 without. The error stays pending. */
CD_API int cd_report(FILE *stream);

/* Sets this thread's pending error, unless there is one already: for functions and modules of your
 * own. Always returns false, so that a check reads: if (bad) return cd_fail(CD_ERR_SHAPE, "...").
 */
CD_API bool cd_fail(cd_code code, const char *format, ...) CD_PRINTF(2, 3);

/* Writes `text` so that a terminal shows it and does not obey it, as one line of UTF-8: names of
 * files, and texts that were read from one. Control characters, line separators and those that turn
 * the direction of writing become \t, \n, \r, \x1b or \u202e, and bytes that are not UTF-8 \xff;
 * all else, in whatever script, stays as it is, the backslash too, so that to escape twice changes
 * nothing. What does not fit into the `size` bytes is left out from a whole character on, and "..."
 * stands for it. `text` may be NULL, for "", and not be `out`. Returns `out`.
 * Sentences of errors and of the logger have been through it, with all their arguments. (Their
 * numbers have a decimal point, whatever setlocale was told.) */
CD_API char *cd_escape_text(char *out, size_t size, const char *text);

/* Misuse that does not fail (what PyTorch warns of) and news worth a line go to the logger; there
 * is none at first, so the library is silent. May be called from any thread that uses the library;
 * the message is valid during the call. NULL takes the logger off. Set it while no other thread is
 * inside the library. */
typedef enum cd_log_level { CD_LOG_INFO, CD_LOG_WARNING } cd_log_level;
typedef void cd_logger(cd_log_level level, const char *message, void *user);
CD_API void cd_set_logger(cd_logger *logger, void *user);
/* A logger that writes lines, "warning: ..." or "info: ...": cd_set_logger(cd_log_stream, stderr).
 */
CD_API void cd_log_stream(cd_log_level level, const char *message, void *stream);

CD_END_DECLS

#endif
