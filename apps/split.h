/* A data set split in two: samples to train on and samples to validate on. train and probe make the
 * split; eval and predict make it again to find the samples that a model was not trained on. */
#ifndef CANDELA_APPS_SPLIT_H
#define CANDELA_APPS_SPLIT_H

#include "apps/samples.h"

enum { FINGERPRINT_BYTES = 17 };

typedef struct split {
    samples train, validation;
    const char *validation_name; /* the data set's name for that split, "val" or "test"; "val" for
                                    samples taken from the train split */
    double fraction;      /* share of each class taken from the train split; 0: none was taken */
    int64_t singles;      /* classes with a single sample, all of which are trained on */
    int64_t first_single; /* the label of the first such class */
    char fingerprint[FINGERPRINT_BYTES]; /* of the data set that was split */
} split;

/* The fraction for a data set that has neither val nor test. */
#define DEFAULT_FRACTION 0.2

/* Opens a data set: its train split, and val (or test where there is no val) to validate on. With a
 * `fraction` above 0, or where there is neither val nor test, the validation samples are that share
 * of each class of the train split, drawn by `seed`. Both parts have the same preprocessing:
 * `preprocess`, or NULL for the data set's own, measured on the train split.
 *
 * False with a library error; split_free is needed all the same. */
bool split_open(split *s, const char *name, const cd_preprocess *preprocess, double fraction,
                int64_t seed);
/* Takes the share `fraction` of each class of an open data set for validation, or of all samples
 * where the set has no classes. The same set, fraction and seed give the same split on every
 * machine. */
bool split_classes(split *s, cd_dataset *set, double fraction, int64_t seed);
/* Makes both parts parts of another data set, in which the samples have the same numbers. */
bool split_move(split *s, cd_dataset *set);
void split_free(split *s);

/* warn_turned for both parts. */
void split_warn_turned(const split *s);

/* A hash (FNV-1a) of the labels and file names of a data set's samples, as 16 hexadecimal digits:
 * equal for the same list of samples in whatever folder. Written to `text`. */
void fingerprint(const cd_dataset *set, char text[FINGERPRINT_BYTES]);
/* The same of a table: of its columns' names and all its fields. */
void fingerprint_rows(const cd_table *t, char text[FINGERPRINT_BYTES]);

#endif
