/* A progress bar on standard error for work that takes long. */
#ifndef CANDELA_APPS_PROGRESS_H
#define CANDELA_APPS_PROGRESS_H

#include <candela.h>

/* Shows a bar with rate and time left, where standard error is a terminal. A terminal that cannot
 * redraw a line (TERM=dumb) gets a new line now and then. `task` is as "epoch 3/10", `unit` as
 * "pictures". */
void progress_begin(const char *task, const char *unit, int64_t total);
void progress_at(int64_t done); /* `done` of the total so far */
void progress_end(void);        /* removes the bar */

/* Writes "epoch 3/10 [=======>      ]  45 %  812 pictures/s  3 s left" to `out`, `seconds` after
 * the beginning, in at most `width` columns: where the text is too long, the time left is dropped
 * first, then the rate, then the bar. Returns `out`. */
enum { PROGRESS_BYTES = 512 };
const char *progress_text(const char *task, const char *unit, int64_t done, int64_t total,
                          double seconds, int width, char out[PROGRESS_BYTES]);

#endif
