#include "apps/division.h"

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

void fingerprint(const cd_dataset *set, char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    int64_t count = cd_dataset_count(set);
    for (int64_t i = 0; i < count; i++) {
        unsigned char label = (unsigned char)(cd_dataset_label(set, i) & 255);
        const char *path = cd_dataset_path(set, i);
        const char *slash = path ? strrchr(path, '/') : NULL;
        hash = fnv1a(hash, &label, 1);
        if (slash) hash = fnv1a(hash, slash, strlen(slash) + 1);
    }
    (void)snprintf(text, FINGERPRINT_BYTES, "%016llx", (unsigned long long)hash);
}

/* --- splitting off ---------------------------------------------------------------------------- */

/* How many of a class are held back: at least one, and at least one stays. */
static int64_t share_of(int64_t members, double fraction)
{
    int64_t share = (int64_t)llround((double)members * fraction);
    if (share >= members) share = members - 1;
    return share > 0 || members < 2 ? share : 1;
}

/* Puts the samples of each class one behind the other, in their order: those of class k are at
 * member[end[k - 1]] to member[end[k] - 1]. `end` has room for all classes, zeroed. */
static void gather_classes(const cd_dataset *set, int64_t *member, int64_t *end)
{
    int64_t count = cd_dataset_count(set), classes = cd_dataset_class_count(set), begin = 0;
    for (int64_t i = 0; i < count; i++) end[cd_dataset_label(set, i)]++;
    for (int64_t k = 0; k < classes; k++) {
        int64_t members = end[k];
        end[k] = begin; /* where the next of its members goes */
        begin += members;
    }
    for (int64_t i = 0; i < count; i++) member[end[cd_dataset_label(set, i)]++] = i;
}

/* Marks in `held` those of one class's members that are held back. */
static bool draw_class(double fraction, const int64_t *member, int64_t members, bool *held)
{
    if (members == 0) return true;
    CD_SCOPE();
    cd_tensor *order = cd_randperm(members);
    const int64_t *place = cd_data(order);
    if (!place) return false;
    int64_t share = share_of(members, fraction);
    for (int64_t k = 0; k < share; k++) held[member[place[k]]] = true;
    return true;
}

static bool take_parts(division *d, cd_dataset *set, int64_t *list, const bool *held)
{
    int64_t count = cd_dataset_count(set), back = 0, front = 0;
    for (int64_t i = 0; i < count; i++) {
        if (held[i]) list[back++] = i;
    }
    if (!samples_choose(&d->held, set, list, back)) return false;
    for (int64_t i = 0; i < count; i++) {
        if (!held[i]) list[front++] = i;
    }
    return samples_choose(&d->train, set, list, front) &&
           (back > 0 || cd_fail(CD_ERR_ARGUMENT, "every class has a single picture, so none can "
                                                 "be held back to judge by"));
}

bool divide_set(division *d, cd_dataset *set, double fraction, int64_t seed)
{
    if (!set) return false;
    size_t count = (size_t)cd_dataset_count(set);
    int64_t classes = cd_dataset_class_count(set);
    int64_t *list = calloc(count + 1, sizeof *list), *end = calloc((size_t)classes, sizeof *end);
    bool *held = calloc(count + 1, sizeof *held);
    bool done = list && end && held;
    if (!done) (void)cd_fail(CD_ERR_MEMORY, "out of memory for %zu samples", count);
    if (done) gather_classes(set, list, end);
    /* A start of its own, so that nothing drawn before or after changes what is held back. */
    cd_manual_seed((uint64_t)seed);
    for (int64_t k = 0; k < classes && done; k++) {
        int64_t begin = k > 0 ? end[k - 1] : 0;
        done = draw_class(fraction, list + begin, end[k] - begin, held);
        if (end[k] - begin == 1 && d->singles++ == 0) d->first_single = k;
    }
    cd_manual_seed((uint64_t)seed);
    done = done && take_parts(d, set, list, held);
    free(list);
    free(end);
    free(held);
    d->held_name = "val";
    d->fraction = fraction;
    fingerprint(set, d->fingerprint);
    return done;
}

static void warn_singles(const division *d, const cd_dataset *set)
{
    if (d->singles == 0) return;
    const char *first = cd_dataset_class_name(set, d->first_single);
    if (d->singles == 1) {
        warn("class %s has a single picture, which is learned and not held back", first);
    } else {
        warn("%lld classes have a single picture each, which is learned and not held back; the "
             "first "
             "is %s",
             (long long)d->singles, first);
    }
}

bool divide(division *d, const char *name, const cd_preprocess *preprocess, double fraction,
            int64_t seed)
{
    *d = (division){ .held_name = "val" };
    cd_dataset *train = cd_dataset_open(name, .preprocess = preprocess);
    if (!train) return false;
    if (fraction > 0 || !cd_dataset_is_split(train)) {
        bool done = divide_set(d, train, fraction > 0 ? fraction : USUAL_FRACTION, seed);
        if (done) warn_singles(d, train);
        return done;
    }
    cd_preprocess same = cd_dataset_preprocess(train);
    cd_dataset *held = cd_dataset_open(name, .split = CD_VAL, .preprocess = &same);
    if (!held || !cd_dataset_same_classes(train, held)) return false;
    d->held_name = cd_dataset_split_name(held);
    fingerprint(train, d->fingerprint);
    return samples_choose(&d->train, train, NULL, 0) && samples_choose(&d->held, held, NULL, 0);
}

void division_warn_turned(const division *d)
{
    warn_turned(d->train.set);
    if (d->held.set != d->train.set) warn_turned(d->held.set);
}

void division_free(division *d)
{
    samples_free(&d->train);
    samples_free(&d->held);
}
