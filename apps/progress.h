/* How far long work has come, for whoever watches it on a terminal. */
#ifndef CANDELA_APPS_PROGRESS_H
#define CANDELA_APPS_PROGRESS_H

#include <candela.h>

/* A bar with rate and time left, where standard error is a terminal: progress_begin("reading",
 * "photographs", 244), progress_at(16), ..., progress_end(), which takes it away again. A terminal
 * that cannot take a line away gets one now and then. */
void progress_begin(const char *what, const char *unit, int64_t total);
void progress_at(int64_t done);
void progress_end(void);

/* "epoch 3/10 [=======>      ]  45 %  812 pictures/s  3 s left", `seconds` after the beginning, in
 * at most `width` columns: where it is too long the time left goes first, then the rate, then the
 * bar. Returns `out`. */
enum { PROGRESS_BYTES = 512 };
const char *progress_text(const char *what, const char *unit, int64_t done, int64_t total,
                          double seconds, int width, char out[PROGRESS_BYTES]);

#endif
