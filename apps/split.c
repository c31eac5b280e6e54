/* Splits a data set into samples to train on and samples to validate on. */
#include "apps/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

static const uint64_t hash_begin = UINT64_C(14695981039346656037);

static void write_hash(uint64_t hash, char text[FINGERPRINT_BYTES])
{
    (void)snprintf(text, FINGERPRINT_BYTES, "%016llx", (unsigned long long)hash);
}

void fingerprint_rows(const cd_table *t, char text[FINGERPRINT_BYTES])
{
    uint64_t hash = hash_begin;
    const int64_t rows = cd_table_rows(t), columns = cd_table_columns(t);
    for (int64_t row = -1; row < rows; row++) {
        for (int64_t c = 0; c < columns; c++) {
            const char *field = row < 0 ? cd_table_name(t, c) : cd_table_text(t, row, c);
            hash = fnv1a(hash, field, strlen(field) + 1);
        }
    }
    write_hash(hash, text);
}

/* All samples of a set without classes are one group. */
static int64_t group_count(const cd_dataset *set)
{
    const int64_t classes = cd_dataset_class_count(set);
    return classes > 0 ? classes : 1;
}

static int64_t group_of(const cd_dataset *set, int64_t i)
{
    return cd_dataset_class_count(set) > 0 ? cd_dataset_label(set, i) : 0;
}

void fingerprint(const cd_dataset *set, char text[FINGERPRINT_BYTES])
{
    uint64_t hash = hash_begin;
    int64_t count = cd_dataset_count(set);
    for (int64_t i = 0; i < count; i++) {
        unsigned char label = (unsigned char)(group_of(set, i) & 255);
        const char *path = cd_dataset_path(set, i);
        const char *slash = path ? strrchr(path, '/') : NULL;
        hash = fnv1a(hash, &label, 1);
        if (slash) hash = fnv1a(hash, slash, strlen(slash) + 1);
    }
    write_hash(hash, text);
}

/* --- a share of each class -------------------------------------------------------------------- */

/* How many of a class's samples are validated on. Of two or more, at least one is validated on, and
 * at least one trained on. */
static int64_t validation_count(int64_t members, double fraction)
{
    int64_t count = (int64_t)llround((double)members * fraction);
    if (count >= members) count = members - 1;
    return count > 0 || members < 2 ? count : 1;
}

/* Writes the indices of all samples to `index`, grouped by class and in the data set's order within
 * a class: those of class k are index[end[k - 1]] to index[end[k] - 1]. `end` has an element for
 * each class and begins as zeros. */
static void group_by_class(const cd_dataset *set, int64_t *index, int64_t *end)
{
    int64_t count = cd_dataset_count(set), classes = group_count(set), begin = 0;
    for (int64_t i = 0; i < count; i++) end[group_of(set, i)]++;
    for (int64_t k = 0; k < classes; k++) {
        int64_t members = end[k];
        end[k] = begin; /* where the next sample of class k goes */
        begin += members;
    }
    for (int64_t i = 0; i < count; i++) index[end[group_of(set, i)]++] = i;
}

/* Draws the validation samples of one class, whose samples are `index`, and marks them. */
static bool draw_from_class(double fraction, const int64_t *index, int64_t members,
                            bool *is_validation)
{
    if (members == 0) return true;
    CD_SCOPE();
    cd_tensor *order = cd_randperm(members);
    const int64_t *position = cd_data(order);
    if (!position) return false;
    int64_t count = validation_count(members, fraction);
    for (int64_t k = 0; k < count; k++) is_validation[index[position[k]]] = true;
    return true;
}

/* `list` is memory for one index of each sample. */
static bool choose_marked(split *s, cd_dataset *set, int64_t *list, const bool *is_validation)
{
    int64_t count = cd_dataset_count(set), marked = 0, others = 0;
    for (int64_t i = 0; i < count; i++) {
        if (is_validation[i]) list[marked++] = i;
    }
    if (!samples_choose(&s->validation, set, list, marked)) return false;
    for (int64_t i = 0; i < count; i++) {
        if (!is_validation[i]) list[others++] = i;
    }
    return samples_choose(&s->train, set, list, others) &&
           (marked > 0 || cd_fail(CD_ERR_ARGUMENT, "every class has a single picture, so there is "
                                                   "none to validate on"));
}

bool split_classes(split *s, cd_dataset *set, double fraction, int64_t seed)
{
    if (!set) return false;
    size_t count = (size_t)cd_dataset_count(set);
    int64_t classes = group_count(set);
    int64_t *list = calloc(count + 1, sizeof *list), *end = calloc((size_t)classes, sizeof *end);
    bool *is_validation = calloc(count + 1, sizeof *is_validation);
    bool done = list && end && is_validation;
    if (!done) (void)cd_fail(CD_ERR_MEMORY, "out of memory for %zu samples", count);
    if (done) group_by_class(set, list, end);
    /* Seeded before and after, so that no other draw changes this split, nor this split another. */
    cd_manual_seed((uint64_t)seed);
    for (int64_t k = 0; k < classes && done; k++) {
        int64_t begin = k > 0 ? end[k - 1] : 0;
        done = draw_from_class(fraction, list + begin, end[k] - begin, is_validation);
        if (end[k] - begin == 1 && s->singles++ == 0) s->first_single = k;
    }
    cd_manual_seed((uint64_t)seed);
    done = done && choose_marked(s, set, list, is_validation);
    free(list);
    free(end);
    free(is_validation);
    s->validation_name = "val";
    s->fraction = fraction;
    fingerprint(set, s->fingerprint);
    return done;
}

/* --- a data set ------------------------------------------------------------------------------- */

static void warn_singles(const split *s, const cd_dataset *set)
{
    if (s->singles == 0) return;
    const char *first = cd_dataset_class_name(set, s->first_single);
    if (s->singles == 1) {
        warn("class %s has a single picture, which is trained on and not validated on", first);
    } else {
        warn("%lld classes have a single picture each, which is trained on and not validated on; "
             "the first is %s",
             (long long)s->singles, first);
    }
}

bool split_open(split *s, const char *name, const cd_preprocess *preprocess, double fraction,
                int64_t seed)
{
    *s = (split){ .validation_name = "val" };
    cd_dataset *train = cd_dataset_open(name, .preprocess = preprocess);
    if (!train) return false;
    if (fraction > 0 || !cd_dataset_is_split(train)) {
        bool done = split_classes(s, train, fraction > 0 ? fraction : DEFAULT_FRACTION, seed);
        if (done) warn_singles(s, train);
        return done;
    }
    cd_preprocess same = cd_dataset_preprocess(train);
    cd_dataset *validation = cd_dataset_open(name, .split = CD_VAL, .preprocess = &same);
    if (!validation || !cd_dataset_same_classes(train, validation)) return false;
    s->validation_name = cd_dataset_split_name(validation);
    fingerprint(train, s->fingerprint);
    return samples_choose(&s->train, train, NULL, 0) &&
           samples_choose(&s->validation, validation, NULL, 0);
}

void split_warn_turned(const split *s)
{
    warn_turned(s->train.set);
    if (s->validation.set != s->train.set) warn_turned(s->validation.set);
}

static bool move(samples *s, cd_dataset *set)
{
    samples old = *s;
    *s = (samples){ .count = 0 };
    const bool done = samples_choose(s, set, old.index, old.count);
    samples_free(&old);
    return done;
}

bool split_move(split *s, cd_dataset *set)
{
    return move(&s->train, set) && move(&s->validation, set);
}

void split_free(split *s)
{
    samples_free(&s->train);
    samples_free(&s->validation);
}
