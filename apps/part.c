#include "apps/part.h"

#include <string.h>

#include "apps/console.h"
#include "apps/model_file.h"

static const char *text_of(const char *name)
{
    if (strcmp(name, "train") == 0) return "training part";
    if (strcmp(name, "val") == 0) return "val part";
    if (strcmp(name, "test") == 0) return "test part";
    return "all of it, for it has no parts";
}

static bool take_whole(part *p, cd_dataset *set)
{
    p->name = cd_dataset_split_name(set);
    p->text = text_of(p->name);
    p->samples = &p->whole;
    return samples_choose(&p->whole, set, NULL, 0);
}

static bool take_divided(part *p, bool train)
{
    p->name = train ? "train" : "val";
    p->text = train ? "what training learned from" : "what training held back";
    p->samples = train ? &p->parts.train : &p->parts.held;
    return true;
}

/* How training divided its set; where it did not, the fraction is 0 and the fingerprint empty. */
typedef struct record {
    char fingerprint[FINGERPRINT_BYTES];
    double fraction;
    int64_t seed;
} record;

static record read_record(const cd_card *card)
{
    static const record none = { .fraction = 0 };
    record r = none;
    double seed = 0;
    if (!card || !cd_card_text(card, "fingerprint", r.fingerprint, sizeof r.fingerprint) ||
        !cd_card_number(card, "val_split", &r.fraction) || !(r.fraction > 0 && r.fraction < 1) ||
        !cd_card_number(card, "seed", &seed) || !(seed >= 0 && seed < 0x1p53)) {
        return none;
    }
    r.seed = (int64_t)seed;
    return r;
}

/* Divides the set as training did, if it is the very list of samples that training divided. */
static bool divide_again(part *p, cd_dataset *set, const record *r, bool *divided)
{
    char here[FINGERPRINT_BYTES];
    fingerprint(set, here);
    *divided = strcmp(r->fingerprint, here) == 0;
    return !*divided || divide_set(&p->parts, set, r->fraction, r->seed);
}

/* The splits there are, with `last` before the last of them; "" for none. `divided`: training
 * divided the set, or its training split. Gives `list`. */
static const char *list_splits(const cd_dataset_layout *has, bool divided, const char *last,
                               char *list, size_t bytes)
{
    const char *names[3];
    int count = 0;
    if (has->train || divided) names[count++] = "train";
    if (has->val || divided) names[count++] = "val";
    if (has->test) names[count++] = "test";
    return listed(names, count, last, list, bytes);
}

/* Says which splits there are instead of the wanted one. */
static bool refuse(const char *data, const char *wanted, const cd_dataset_layout *has, bool divided)
{
    char list[32];
    if (!*list_splits(has, divided, " and ", list, sizeof list)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s has no splits, and is not what training divided into train and val: "
                       "without --split all of it is evaluated",
                       data);
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s has no split %s: it has %s%s", data, wanted, list,
                   divided && !has->val ? " (val is what training held back of train)" : "");
}

static bool choose_wanted(part *p, const char *data, const char *wanted, const cd_card *card,
                          const cd_preprocess *recipe, const cd_dataset_layout *has)
{
    bool train = strcmp(wanted, "train") == 0, val = strcmp(wanted, "val") == 0;
    bool there = train ? has->train : val ? has->val : has->test, divided = false;
    const record r = read_record(card);
    if (!cd_ok()) return false;
    cd_dataset *set = NULL;
    /* Training may have divided the training split, or a set without splits. */
    bool may_be_divided = r.fraction > 0 && (has->train || (!has->val && !has->test));
    if ((train && there) || (!there && may_be_divided)) {
        set = cd_dataset_open(data, .split = CD_TRAIN, .preprocess = recipe);
        if (!set || !divide_again(p, set, &r, &divided)) return false;
        if (divided && (train || val)) {
            return check_classes(card, set, data) && take_divided(p, train);
        }
    }
    if (!there) return refuse(data, wanted, has, divided);
    if (!train) {
        set = cd_dataset_open(data, .split = val ? CD_VAL : CD_TEST, .preprocess = recipe);
    }
    return set && check_classes(card, set, data) && take_whole(p, set);
}

static bool choose_default(part *p, const char *data, const cd_card *card,
                           const cd_preprocess *recipe, const cd_dataset_layout *has)
{
    bool apart = has->test || has->val, divided = false;
    cd_split split = has->train && !apart ? CD_TRAIN : CD_TEST;
    cd_dataset *set = cd_dataset_open(data, .split = split, .preprocess = recipe);
    if (!set || !check_classes(card, set, data)) return false;
    const record r = read_record(card);
    if (!cd_ok()) return false;
    if (!apart && !divide_again(p, set, &r, &divided)) return false;
    /* Whether a training split beside others is the one that was divided is not looked up here. */
    (void)list_splits(has, divided || (apart && has->train && r.fraction > 0), " or ", p->others,
                      sizeof p->others);
    if (divided) return take_divided(p, false);
    if (!take_whole(p, set)) return false;
    /* Training held pictures back, and which ones of these is not known. */
    if (!apart && !has->train && r.fraction > 0) {
        p->text = "all of it, for it is not the list of pictures that training divided";
    }
    return true;
}

bool part_choose(part *p, const char *data, const char *wanted, const cd_card *card,
                 const cd_preprocess *recipe)
{
    cd_dataset_layout has;
    *p = (part){ .name = NULL };
    if (!cd_dataset_look(data, &has)) return false;
    return wanted ? choose_wanted(p, data, wanted, card, recipe, &has)
                  : choose_default(p, data, card, recipe, &has);
}

void part_free(part *p)
{
    division_free(&p->parts);
    samples_free(&p->whole);
}
