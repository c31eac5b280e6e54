/* Some samples of a data set, in an order of their own. Batches of them are decoded when they are
 * asked for, or copied from memory once samples_read has read them all. */
#ifndef CANDELA_APPS_SAMPLES_H
#define CANDELA_APPS_SAMPLES_H

#include <candela.h>

typedef struct samples {
    cd_dataset *set;
    int64_t *index;    /* the samples' indices in the data set, `count` of them; owned */
    bool *undecodable; /* for each sample, whether decoding it has failed; owned; NULL once read */
    int64_t count;
    cd_tensor *x;    /* once read: a row for each sample; owned */
    int64_t *label;  /* once read: the label of each sample; owned */
    int64_t skipped; /* samples left out so far because they cannot be decoded */
} samples;

/* The samples with these indices in the data set. The indices are copied; NULL means all samples.
 * False with a library error. */
bool samples_choose(samples *s, cd_dataset *set, const int64_t *index, int64_t count);
void samples_free(samples *s);

/* Warns when photographs read so far have an EXIF tag that asks for them to be turned: says how
 * many they are, and names the first. */
void warn_turned(const cd_dataset *set);

typedef struct batch {
    cd_tensor *x, *y; /* inputs and labels, handed out; NULL when count is 0 */
    int64_t count;    /* samples in the batch, without those that cannot be decoded */
} batch;

/* The samples at these positions of the list, each 0 to count - 1. */
bool samples_batch(samples *s, const int64_t *position, int64_t count, batch *out);
/* The samples at the positions `first` to `first` + count - 1. */
bool samples_range(samples *s, int64_t first, int64_t count, batch *out);

/* The index in the data set of row `row` of the batch that samples_range gave for `first`. */
int64_t samples_row_index(const samples *s, int64_t first, int64_t row);

/* What a sample is called in a sentence: its path, or "picture 12 of mnist", with `set_name` for
 * the data set. Returns `text`. */
enum { SAMPLE_NAME_BYTES = 320 };
const char *sample_name(const cd_dataset *set, int64_t index, const char *set_name,
                        char text[SAMPLE_NAME_BYTES]);

/* Reads all samples into memory, `batch_size` at a time, under a progress bar named `task`. Each
 * batch is stored as `map` returns it, a row for each sample, or as it is where `map` is NULL; no
 * gradients are recorded. Samples that cannot be decoded leave the list. False with a library
 * error, or without one when the user interrupts. */
typedef cd_tensor *sample_map(cd_tensor *x, void *user);
bool samples_read(samples *s, int64_t batch_size, const char *task, sample_map *map, void *user);

#endif
