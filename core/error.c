/* The pending error of each thread, and the logger. */
#include "core/error_internal.h"

#include <stdarg.h>

#include "core/text_internal.h"

/* Frame 0 is for programs that never call cd_error_push; each push adds a frame. */
enum { FRAMES = 1 + 8 };

static _Thread_local struct {
    int depth; /* index of the frame in use */
    cd_error frame[FRAMES];
} errors;

static struct {
    cd_logger *function;
    void *user;
} logger;

static cd_error *current(void)
{
    return &errors.frame[errors.depth];
}

bool cd_ok(void)
{
    return current()->code == CD_OK;
}

cd_code cd_error_code(void)
{
    return current()->code;
}

const char *cd_error_message(void)
{
    return current()->message;
}

void cd_clear_error(void)
{
    current()->code = CD_OK;
    current()->message[0] = '\0';
}

bool cd_error_take(cd_error *out)
{
    bool pending = !cd_ok();
    if (out) *out = *current();
    cd_clear_error();
    return pending;
}

bool cd_error_push(void)
{
    if (errors.depth + 1 == FRAMES) {
        return cd_fail(CD_ERR_STATE, "error_push: %d frames are open already, none of them popped",
                       FRAMES - 1);
    }
    errors.depth++;
    cd_clear_error();
    return true;
}

bool cd_error_pop(cd_error *out)
{
    if (errors.depth == 0) {
        if (out) *out = (cd_error){ .code = CD_OK };
        return cd_fail(CD_ERR_STATE, "error_pop: there was no cd_error_push before it");
    }
    bool pending = cd_error_take(out);
    errors.depth--;
    return pending;
}

bool cd_fail(cd_code code, const char *format, ...)
{
    if (!cd_ok()) return false; /* the first error is the cause of those after it */
    cd_error *error = current();
    error->code = code;
    va_list arguments;
    va_start(arguments, format);
    cd_escaped_vformat(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

const char *cd_code_name(cd_code code)
{
    switch (code) {
    case CD_OK:
        return "CD_OK";
    case CD_ERR_ARGUMENT:
        return "CD_ERR_ARGUMENT";
    case CD_ERR_SHAPE:
        return "CD_ERR_SHAPE";
    case CD_ERR_DTYPE:
        return "CD_ERR_DTYPE";
    case CD_ERR_DEVICE:
        return "CD_ERR_DEVICE";
    case CD_ERR_MEMORY:
        return "CD_ERR_MEMORY";
    case CD_ERR_IO:
        return "CD_ERR_IO";
    case CD_ERR_FORMAT:
        return "CD_ERR_FORMAT";
    case CD_ERR_UNSUPPORTED:
        return "CD_ERR_UNSUPPORTED";
    case CD_ERR_AUTOGRAD:
        return "CD_ERR_AUTOGRAD";
    case CD_ERR_STATE:
        return "CD_ERR_STATE";
    }
    return "CD_ERR_?";
}

int cd_report(FILE *stream)
{
    if (cd_ok()) return 0;
    if (stream) (void)fprintf(stream, "%s\n", cd_error_message());
    return 1;
}

void cd_set_logger(cd_logger *function, void *user)
{
    logger.function = function;
    logger.user = user;
}

void cd_log_stream(cd_log_level level, const char *message, void *stream)
{
    const char *name = level == CD_LOG_WARNING ? "warning" : "info";
    if (stream) (void)fprintf((FILE *)stream, "%s: %s\n", name, message);
}

void cd_log_line(cd_log_level level, const char *format, ...)
{
    if (!logger.function) return;
    char message[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    cd_escaped_vformat(message, sizeof message, format, arguments);
    va_end(arguments);
    logger.function(level, message, logger.user);
}
