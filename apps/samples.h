/* Some samples of a data set, read as they are asked for or once and kept. */
#ifndef CANDELA_APPS_SAMPLES_H
#define CANDELA_APPS_SAMPLES_H

#include <candela.h>

typedef struct samples {
    cd_dataset *set;
    int64_t *index; /* count numbers of samples in the set; owned */
    bool *bad;      /* of each, whether it was found to be undecodable; owned; NULL once read */
    int64_t count;
    cd_tensor *x;    /* once read: a row for each; kept */
    int64_t *label;  /* once read: count of them; owned */
    int64_t skipped; /* pictures left out because they cannot be decoded */
} samples;

/* Those of these numbers, which are copied; NULL means all. False with a library error. */
bool samples_choose(samples *s, cd_dataset *set, const int64_t *index, int64_t count);
void samples_free(samples *s);

/* A warning, if among the photographs read so far there are some that ask to be turned: how many,
 * and the first by name. */
void warn_turned(const cd_dataset *set);

typedef struct batch {
    cd_tensor *x, *y; /* handed out; NULL when count is 0 */
    int64_t count;    /* without pictures that cannot be decoded */
} batch;

/* The samples at these places of the list (0 to count - 1). */
bool samples_batch(samples *s, const int64_t *places, int64_t count, batch *out);
/* Those at `from`, `from` + 1, ... */
bool samples_run(samples *s, int64_t from, int64_t count, batch *out);

/* The number in the set of a sample: of row `row` of the batch that samples_run gave for `from`. */
int64_t samples_number(const samples *s, int64_t from, int64_t row);
/* How a sample is called in a sentence: its path, or "picture 12 of mnist". Returns `text`. */
enum { SAMPLE_NAME_BYTES = 320 };
const char *sample_name(const cd_dataset *set, int64_t number, const char *set_name,
                        char text[SAMPLE_NAME_BYTES]);

/* Reads all, `at_once` at a time with a bar that says `what`, and keeps them: as they are, or what
 * `map` makes of each batch, a row for each sample. Samples that cannot be decoded are dropped. No
 * gradients are recorded. False with a library error, or without one when interrupted. */
typedef cd_tensor *sample_map(cd_tensor *x, void *user);
bool samples_read(samples *s, int64_t at_once, const char *what, sample_map *map, void *user);

#endif
