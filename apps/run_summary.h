/* The block at the end of a run: curves in a line each, the best epoch, where things were saved,
 * and what to type next. */
#ifndef CANDELA_APPS_RUN_SUMMARY_H
#define CANDELA_APPS_RUN_SUMMARY_H

#include "apps/sparkline.h"
#include "apps/style.h"

enum { SUMMARY_TRENDS = 4, SUMMARY_FILES = 6, SUMMARY_CALLS = 3, CALL_WORDS = 8 };

typedef struct run_summary {
    trend trends[SUMMARY_TRENDS]; /* the first without a name ends them */
    int64_t best_epoch;           /* from 1; 0: not shown */
    const char *best_by;          /* "lowest validation loss" */
    const char *why;              /* why the run ended before the last epoch; NULL: it did not */
    double seconds;               /* of the whole run */
    struct {
        const char *what; /* "model", "report", "log" */
        const char *path;
    } files[SUMMARY_FILES]; /* the first without a path ends them */
    /* Commands to type next, by their words after the program's name; they are quoted here. An
     * option and its value are two words. */
    const char *calls[SUMMARY_CALLS][CALL_WORDS];
} run_summary;

/* Gives each line of the block to `line`, for a width of so many columns (0: no limit). A command
 * that is longer goes on in the next line after a backslash. False with a library error when memory
 * runs out. */
bool run_summary_lines(const run_summary *s, int width, bool utf8,
                       void (*line)(const span *spans, int count, void *user), void *user);
/* Prints the block on standard output. False as run_summary_lines. */
bool run_summary_show(const run_summary *s);

#endif
