/* Errors: each thread has at most one pending error, the first that occurred, with its message.
 * Later ones are dropped until it is taken or cleared.
 *
 * A call that fails sets the error and returns NULL or false. An op given NULL returns NULL, so a
 * whole expression can be written without checks: one check at the end is enough, and the message
 * tells the cause, since it is that of the first failure.
 *
 *     cd_tensor *p = cd_softmax(cd_matmul(x, w), 1);
 *     if (!cd_ok()) fprintf(stderr, "%s\n", cd_error_message());
 *
 * While an error is pending, calls that would change something that exists (an in-place op, an
 * optimizer's step, a load, a save) do nothing and return NULL or false.
 *
 * A message names the call that failed, not its line. To see the line, compile the program
 * with -g and stop a debugger in cd_fail, which the program may have from a shared library:
 *
 *     gdb -batch -ex 'set breakpoint pending on' -ex 'break cd_fail' -ex run -ex bt ./program */
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
    CD_ERR_DEVICE,   /* tensors on different devices, or a device that does not exist */
    CD_ERR_MEMORY,   /* an allocation failed or would exceed the limit (cd_memory_limit) */
    CD_ERR_IO,       /* the system refused: open, read, write, rename */
    CD_ERR_FORMAT,   /* a file's bytes do not follow its format */
    CD_ERR_UNSUPPORTED, /* valid, but this library cannot do it */
    CD_ERR_AUTOGRAD,    /* no graph, a freed graph, a saved value that was changed in place */
    CD_ERR_STATE        /* right call, wrong moment: released twice, a scope ended twice */
} cd_code;

enum { CD_ERROR_MESSAGE_BYTES = 512 };

typedef struct cd_error {
    cd_code code;
    char message[CD_ERROR_MESSAGE_BYTES]; /* NUL-terminated UTF-8, one line: see cd_escape_text */
} cd_error;

/* True while this thread has no pending error. */
CD_API bool cd_ok(void);
/* The code of the pending error; CD_OK if there is none. */
CD_API cd_code cd_error_code(void);
/* The message of the pending error; "" if there is none. Valid until the error is cleared. */
CD_API const char *cd_error_message(void);
/* Discards the pending error. */
CD_API void cd_clear_error(void);

/* Copies the pending error to *out (which may be NULL), clears it and returns true. With no error
 * pending it sets *out to CD_OK and returns false. For an optional step that may fail. */
CD_API bool cd_error_take(cd_error *out);

/* Hides the pending error, if there is one, until cd_error_pop: for a library that runs on its
 * host's thread and wants errors of its own. At most 8 pushes may be open: one more is CD_ERR_STATE
 * and returns false. */
CD_API bool cd_error_push(void);
/* Takes the error that occurred since the last cd_error_push, as cd_error_take does, and makes the
 * hidden one pending again. Without a push it is CD_ERR_STATE and returns false. */
CD_API bool cd_error_pop(cd_error *out);

/* "CD_ERR_SHAPE" for CD_ERR_SHAPE; "CD_ERR_?" for a number that is not a code. */
CD_API const char *cd_code_name(cd_code code);

/* For the end of main(): writes the message of the pending error, if there is one, to `stream` as a
 * line, and returns the exit status, 1 with an error and 0 without. The error stays pending. */
CD_API int cd_report(FILE *stream);

/* Sets this thread's pending error, unless there is one already. For your own functions and modules
 * too. Always returns false, so a check can read: if (bad) return cd_fail(CD_ERR_SHAPE, "..."). */
CD_API bool cd_fail(cd_code code, const char *format, ...) CD_PRINTF(2, 3);

/* Makes `text`, such as a file's name or a string read from a file, safe to show on a terminal, as
 * one line of UTF-8:
 *
 *     control characters, line separators, and
 *     characters that change the writing direction   become \t, \n, \r, \x1b or \u202e
 *     bytes that are not UTF-8                       become \xff
 *     everything else, the backslash included        stays, so escaping twice changes nothing
 *
 * A result that does not fit into `size` bytes is cut between two characters and ends in "...".
 * `text` may be NULL, which gives "", and must not overlap `out`. Returns `out`.
 *
 * Messages of errors and of the logger have been escaped, their arguments included. (The numbers in
 * them have a decimal point, whatever locale the program has set.) */
CD_API char *cd_escape_text(char *out, size_t size, const char *text);

/* Messages that are not errors: warnings (misuse that PyTorch would warn about too) and
 * information. They go to the logger. */
typedef enum cd_log_level { CD_LOG_INFO, CD_LOG_WARNING } cd_log_level;
/* A logger of your own. Any thread that uses the library may call it. `message` is one line without
 * a newline, valid during the call; `user` is what cd_set_logger was given. */
typedef void cd_logger(cd_log_level level, const char *message, void *user);
/* Sets the logger of the process. NULL, the initial state, makes the library silent. Call this
 * while no other thread is inside the library. */
CD_API void cd_set_logger(cd_logger *logger, void *user);
/* A logger that writes lines "warning: ..." and "info: ..." to a FILE:
 * cd_set_logger(cd_log_stream, stderr). */
CD_API void cd_log_stream(cd_log_level level, const char *message, void *stream);

CD_END_DECLS

#endif
