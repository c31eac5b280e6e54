/* A data set in two: what is learned from, and what is held back to judge by. */
#ifndef CANDELA_APPS_DIVISION_H
#define CANDELA_APPS_DIVISION_H

#include "apps/samples.h"

enum { FINGERPRINT_BYTES = 17 };

typedef struct division {
    samples train, held;
    const char *held_name; /* "val" or "test": the set's own split; "val" when it was split off */
    double fraction;       /* split off from the training part; 0: nothing was */
    int64_t singles;       /* classes of one picture, of which nothing could be held back */
    int64_t first_single;  /* the first of them */
    char
        fingerprint[FINGERPRINT_BYTES]; /* of the set that was divided, for whoever divides again */
} division;

/* How much is split off, by default, from a set without a second part. */
#define USUAL_FRACTION 0.2

/* Opens the set, training part and val (test where there is no val) if it has them, with the same
 * preprocessing: `preprocess`, or NULL for the set's own, measured on the training part. With a
 * `fraction` above 0, or when there is no second part, that share of each class of the training
 * part is held back, drawn by the seed.
 *
 * False with a library error; free it all the same. */
bool divide(division *d, const char *name, const cd_preprocess *preprocess, double fraction,
            int64_t seed);
/* Only that: of a set that is open. */
bool divide_set(division *d, cd_dataset *set, double fraction, int64_t seed);
void division_free(division *d);

/* warn_turned for both parts. */
void division_warn_turned(const division *d);

/* Labels and names of files, as 16 hexadecimal digits (FNV-1a): the same list of samples, wherever
 * it lies, has the same. */
void fingerprint(const cd_dataset *set, char *text);

#endif
