/* Runs the program's main() within a fuzz target: see program.h. */
#include "tests/fuzz/program.h"

#include <signal.h>
#include <stdio.h>

/* The main() of apps/main.c, which is compiled under this name (tests/fuzz/CMakeLists.txt). */
int candela_main(int argc, char **argv);

static ssize_t take(void *cookie, const char *bytes, size_t size)
{
    fuzz_put(cookie, bytes, size);
    return (ssize_t)size;
}

/* A stream that appends to *to what is written to it. fuzz_program makes each stream once and uses
 * it for every run, since the program sets a buffer for standard error in its first run only. */
static FILE *stream_into(fuzz_bytes *to)
{
    FILE *stream = fopencookie(to, "w", (cookie_io_functions_t){ .write = take });
    FUZZ_CHECK(stream);
    return stream;
}

/* The signals that the program handles. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGXFSZ };
enum { SIGNALS = sizeof signals / sizeof *signals };

/* Flushes the stream, and hands what was written to it to the caller, with a NUL behind it. */
static fuzz_bytes finish(FILE *stream, fuzz_bytes *taken)
{
    FUZZ_CHECK(fflush(stream) == 0);
    fuzz_bytes all = *taken;
    *taken = (fuzz_bytes){ .size = 0 };
    fuzz_put(&all, "", 1);
    all.size--;
    return all;
}

int fuzz_program(int argc, char **argv, fuzz_bytes *out, fuzz_bytes *err)
{
    static fuzz_bytes out_taken, err_taken;
    static FILE *out_stream, *err_stream;
    struct sigaction handlers[SIGNALS];
    if (!out_stream) out_stream = stream_into(&out_taken);
    if (!err_stream) err_stream = stream_into(&err_taken);
    for (int i = 0; i < SIGNALS; i++) (void)sigaction(signals[i], NULL, &handlers[i]);
    FILE *own_out = stdout, *own_err = stderr;
    stdout = out_stream;
    stderr = err_stream;
    int status = candela_main(argc, argv);
    stdout = own_out;
    stderr = own_err;
    for (int i = 0; i < SIGNALS; i++) (void)sigaction(signals[i], &handlers[i], NULL);
    *out = finish(out_stream, &out_taken);
    *err = finish(err_stream, &err_taken);
    return status;
}
