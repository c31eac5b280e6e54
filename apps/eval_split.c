/* Opens a split of a data set, or makes the split of a training run again from the model's card. */
#include "apps/eval_split.h"

#include <string.h>

#include "apps/console.h"
#include "apps/model_file.h"

static const char *text_of(const char *name)
{
    if (strcmp(name, "train") == 0) return "train split";
    if (strcmp(name, "val") == 0) return "val split";
    if (strcmp(name, "test") == 0) return "test split";
    return "all of it, for it has no splits";
}

static bool use_whole(eval_split *e, cd_dataset *set)
{
    e->name = cd_dataset_split_name(set);
    e->text = text_of(e->name);
    e->samples = &e->whole;
    return samples_choose(&e->whole, set, NULL, 0);
}

/* Uses one of the two parts of e->split. */
static bool use_part(eval_split *e, bool train)
{
    e->name = train ? "train" : "val";
    e->text = train ? "train split (made by training)" : "val split (made by training)";
    e->samples = train ? &e->split.train : &e->split.validation;
    return true;
}

/* --- the split of a training run -------------------------------------------------------------- */

/* How training split its data set, from the card. Where it took no samples to validate on, fraction
 * is 0 and the fingerprint empty. */
typedef struct split_record {
    char fingerprint[FINGERPRINT_BYTES];
    double fraction;
    int64_t seed;
} split_record;

static split_record read_record(const cd_card *card)
{
    static const split_record none = { .fraction = 0 };
    split_record r = none;
    double seed = 0;
    if (!card || !cd_card_text(card, "fingerprint", r.fingerprint, sizeof r.fingerprint) ||
        !cd_card_number(card, "val_split", &r.fraction) || !(r.fraction > 0 && r.fraction < 1) ||
        !cd_card_number(card, "seed", &seed) || !(seed >= 0 && seed < 0x1p53)) {
        return none;
    }
    r.seed = (int64_t)seed;
    return r;
}

/* Splits the data set as training did if it has the same samples, which *same tells. */
static bool split_again(eval_split *e, cd_dataset *set, const split_record *r, bool *same)
{
    char now[FINGERPRINT_BYTES];
    fingerprint(set, now);
    *same = strcmp(r->fingerprint, now) == 0;
    return !*same || split_classes(&e->split, set, r->fraction, r->seed);
}

/* --- the choice ------------------------------------------------------------------------------- */

/* Writes the names of the splits to `list`, with `last` before the last of them, and returns it; ""
 * for none. `split_by_training`: training took val from train. */
static const char *list_splits(const cd_dataset_layout *has, bool split_by_training,
                               const char *last, char *list, size_t bytes)
{
    const char *names[3];
    int count = 0;
    if (has->train || split_by_training) names[count++] = "train";
    if (has->val || split_by_training) names[count++] = "val";
    if (has->test) names[count++] = "test";
    return listed(names, count, last, list, bytes);
}

/* Fails because there is no split `wanted`. */
static bool refuse(const char *data, const char *wanted, const cd_dataset_layout *has,
                   bool split_by_training)
{
    char list[32];
    if (!*list_splits(has, split_by_training, " and ", list, sizeof list)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s has no splits, and its pictures are not those that training split into "
                       "train and val: without --split all of it is evaluated",
                       data);
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s has no split %s: it has %s%s", data, wanted, list,
                   split_by_training && !has->val ? " (val is what training validated on)" : "");
}

static bool open_wanted(eval_split *e, const char *data, const char *wanted, const cd_card *card,
                        const cd_preprocess *preprocess, const cd_dataset_layout *has)
{
    bool train = strcmp(wanted, "train") == 0, val = strcmp(wanted, "val") == 0;
    bool exists = train ? has->train : val ? has->val : has->test, split_by_training = false;
    const split_record r = read_record(card);
    if (!cd_ok()) return false;
    cd_dataset *set = NULL;
    /* Training splits the train split, or a data set without splits. */
    bool may_be_split = r.fraction > 0 && (has->train || (!has->val && !has->test));
    if ((train && exists) || (!exists && may_be_split)) {
        set = cd_dataset_open(data, .split = CD_TRAIN, .preprocess = preprocess);
        if (!set || !split_again(e, set, &r, &split_by_training)) return false;
        if (split_by_training && (train || val)) {
            return check_classes(card, set, data) && use_part(e, train);
        }
    }
    if (!exists) return refuse(data, wanted, has, split_by_training);
    if (!train) {
        set = cd_dataset_open(data, .split = val ? CD_VAL : CD_TEST, .preprocess = preprocess);
    }
    return set && check_classes(card, set, data) && use_whole(e, set);
}

static bool open_default(eval_split *e, const char *data, const cd_card *card,
                         const cd_preprocess *preprocess, const cd_dataset_layout *has)
{
    bool has_other = has->test || has->val, split_by_training = false;
    cd_dataset_split wanted = has->train && !has_other ? CD_TRAIN : CD_TEST;
    cd_dataset *set = cd_dataset_open(data, .split = wanted, .preprocess = preprocess);
    if (!set || !check_classes(card, set, data)) return false;
    const split_record r = read_record(card);
    if (!cd_ok()) return false;
    if (!has_other && !split_again(e, set, &r, &split_by_training)) return false;
    /* Where there are other splits, the train split is not opened to see whether its samples are
     * those that training split; val is listed if they may be. */
    bool may_be_split = has_other && has->train && r.fraction > 0;
    (void)list_splits(has, split_by_training || may_be_split, " or ", e->others, sizeof e->others);
    if (split_by_training) return use_part(e, false);
    if (!use_whole(e, set)) return false;
    /* Training validated on some samples, but it cannot be known which of these they were. */
    if (!has_other && !has->train && r.fraction > 0) {
        e->text = "all of it, for its pictures are not those that training split";
    }
    return true;
}

bool eval_split_open(eval_split *e, const char *data, const char *wanted, const cd_card *card,
                     const cd_preprocess *preprocess)
{
    cd_dataset_layout has;
    *e = (eval_split){ .name = NULL };
    if (!cd_dataset_look(data, &has)) return false;
    return wanted ? open_wanted(e, data, wanted, card, preprocess, &has)
                  : open_default(e, data, card, preprocess, &has);
}

bool eval_split_rows(eval_split *e, cd_dataset *set, const cd_table *table, const char *data,
                     const char *wanted, const cd_card *card)
{
    char now[FINGERPRINT_BYTES];
    const split_record r = read_record(card);
    *e = (eval_split){ .name = "all", .text = "all rows", .samples = &e->whole };
    if (!set || !cd_ok()) return false;
    fingerprint_rows(table, now);
    const bool same = strcmp(r.fingerprint, now) == 0;
    if (same && !(wanted && strcmp(wanted, "test") == 0)) {
        if (!wanted) (void)snprintf(e->others, sizeof e->others, "train or val");
        return split_classes(&e->split, set, r.fraction, r.seed) &&
               use_part(e, wanted && strcmp(wanted, "train") == 0);
    }
    if (!wanted) return samples_choose(&e->whole, set, NULL, 0);
    if (same) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s has no split test: it has train and val (val is what training validated "
                       "on)",
                       data);
    }
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s has no splits, and its rows are not those that training split into train "
                   "and val: without --split all of them are evaluated",
                   data);
}

void eval_split_free(eval_split *e)
{
    split_free(&e->split);
    samples_free(&e->whole);
}
