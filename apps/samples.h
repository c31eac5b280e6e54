/* Some samples of a data set, and the data set of these alone, of which loaders make batches. */
#ifndef CANDELA_APPS_SAMPLES_H
#define CANDELA_APPS_SAMPLES_H

#include <candela.h>

typedef struct samples {
    cd_dataset *set; /* as it was opened: names of classes and files */
    int64_t *index;  /* the samples' numbers in it, `count` of them; owned */
    int64_t count;
    cd_dataset *part; /* these samples in this order, from their files or from memory */
    cd_tensor *x;     /* once read into memory: a row for each sample; else NULL */
    int64_t skipped;  /* samples that were left out because they cannot be decoded */
} samples;

/* The samples with these numbers in the data set. The numbers are copied; NULL means all samples.
 * The open scope owns the parts. False with a library error. */
bool samples_choose(samples *s, cd_dataset *set, const int64_t *index, int64_t count);
void samples_free(samples *s);

/* Warns when photographs read so far have an EXIF tag that asks for them to be turned: says how
 * many they are, and names the first. */
void warn_turned(const cd_dataset *set);

/* What a sample is called in a sentence: its path, or "picture 12 of mnist", with `set_name` for
 * the data set. Returns `text`. */
enum { SAMPLE_NAME_BYTES = 320 };
const char *sample_name(const cd_dataset *set, int64_t index, const char *set_name,
                        char text[SAMPLE_NAME_BYTES]);

#endif
