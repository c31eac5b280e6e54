/* Schedules from a text: schedule_text.h. */
#include "optim/schedule_text.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/nearest.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "nn/option_text_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

static const char from_text[] = "schedule_from_text";

/* --- words ------------------------------------------------------------------------------------ */

/* The words, in the order of the classes: the names of the functions that make the schedules. */
static const char *const words[] = {
#define CD_OPTIMIZER(name_)
#define CD_SCHEDULE(name_) #name_,
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE
};
enum { WORDS = sizeof words / sizeof *words };

/* A LinearLR with these first numbers, as torchvision's reference scripts warm up. */
static const char warmup[] = "warmup";
static const double warmup_factor = 0.01;

/* What a class counts, and which of its options is its length. */
static const struct kind {
    const char *class_;
    bool by_step;       /* it counts steps of the optimizer, not epochs */
    const char *length; /* the option that says how many; NULL: it has no end */
    bool fills;         /* without a number the length is what is left of the run */
    int numbers;        /* the most numbers behind the word; 0: four */
} kinds[] = {
    { "LinearLR", true, "total_iters", true, 0 },
    { "PolynomialLR", true, "total_iters", true, 0 },
    { "CosineAnnealingLR", true, "T_max", true, 0 },
    /* PyTorch's third one, epochs, is not an option here. */
    { "OneCycleLR", true, "total_steps", true, 2 },
    { "CyclicLR", true, NULL, false, 0 },
    { "ConstantLR", false, "total_iters", false, 0 },
    { "SWALR", false, "anneal_epochs", false, 0 },
};

/* PyTorch's words for options that are truths or numbers here. */
static const struct phrase {
    const char *class_, *key, *word, *option;
    double value;
} phrases[] = {
    { "OneCycleLR", "anneal_strategy", "cos", "linear", 0 },
    { "OneCycleLR", "anneal_strategy", "linear", "linear", 1 },
    { "SWALR", "anneal_strategy", "cos", "linear", 0 },
    { "SWALR", "anneal_strategy", "linear", "linear", 1 },
    { "ReduceLROnPlateau", "mode", "min", "maximum", 0 },
    { "ReduceLROnPlateau", "mode", "max", "maximum", 1 },
    { "ReduceLROnPlateau", "threshold_mode", "rel", "absolute", 0 },
    { "ReduceLROnPlateau", "threshold_mode", "abs", "absolute", 1 },
    { "CyclicLR", "mode", "triangular", "mode", CD_TRIANGULAR },
    { "CyclicLR", "mode", "triangular2", "mode", CD_TRIANGULAR2 },
    { "CyclicLR", "mode", "exp_range", "mode", CD_EXP_RANGE },
};

/* Options that follow from the run. */
static const char *const filled[] = { "T_max", "total_steps", "max_lr", NULL };
/* CyclicLR has a max_lr too, which is the user's to give. */
static const char *const filled_of_cyclic[] = { NULL };

static const struct kind *kind_of(const cd_scheduler_class *class_)
{
    static const struct kind other = { .by_step = false };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].class_, class_->name) == 0) return &kinds[i];
    }
    return &other;
}

/* Whether a word is the name of a class, with or without its "LR" at the end. */
static bool names_class(const cd_scheduler_class *class_, const char *word)
{
    char name[CD_WORD_BYTES];
    (void)snprintf(name, sizeof name, "%s", class_->name);
    if (cd_same_words(name, word)) return true;
    const size_t size = strlen(name);
    if (size < 3 || strcmp(name + size - 2, "LR") != 0) return false;
    name[size - 2] = '\0';
    return cd_same_words(name, word);
}

/* The class of a word; NULL if there is none. */
static const cd_scheduler_class *find_class(const char *word)
{
    if (cd_same_words(word, warmup)) word = "LinearLR";
    for (int i = 0; i < WORDS; i++) {
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        if (cd_same_words(words[i], word) || names_class(c, word)) return c;
    }
    return NULL;
}

const char *cd_schedule_text_name(int i)
{
    if (i == 0) return warmup;
    for (int k = 0; k < WORDS && i > 0; k++) {
        if (!cd_scheduler_classes[k]->unwritable && --i == 0) return words[k];
    }
    return NULL;
}

/* The class of a word that a text may have. NULL with an error, which begins with `where`. */
static const cd_scheduler_class *take_class(const char *where, const cd_words *w)
{
    const cd_scheduler_class *class_ = find_class(w->word);
    if (class_ && !class_->unwritable) return class_;
    if (class_) {
        (void)cd_fail(
            CD_ERR_UNSUPPORTED,
            "%s: a %s has functions or schedules among its options, which no text gives%s", where,
            class_->name,
            class_ == &cd_schedule_sequential_class ? ": write the schedules in a list" : "");
        return NULL;
    }
    const char *best = NULL, *name;
    int distance = INT_MAX;
    char known[320] = "", plain[CD_WORD_BYTES], near[CD_WORD_BYTES];
    cd_plain_word(w->word, plain, sizeof plain);
    for (int i = 0; (name = cd_schedule_text_name(i)) != NULL; i++) {
        const char *nearer = NULL;
        cd_plain_word(name, near, sizeof near);
        cd_nearest_offer(plain, near, &nearer, &distance);
        if (nearer) best = name;
        cd_append_text(known, sizeof known, i > 0 ? ", " : "");
        cd_append_text(known, sizeof known, name);
    }
    if (cd_words_end_item(w)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: a schedule is missing at column %d; the words are %s",
                      where, w->column, known);
        return NULL;
    }
    (void)cd_fail(CD_ERR_ARGUMENT,
                  "%s: there is no such schedule (column %d)%s%s%s%s; the words are %s", where,
                  w->column, best ? ", did you mean \"" : "", best ? best : "", best ? "\"?" : "",
                  cd_words_hint(w->word), known);
    return NULL;
}

/* --- items ------------------------------------------------------------------------------------ */

typedef enum unit { ANY, STEPS, EPOCHS } unit;

/* An item of the text. */
typedef struct entry {
    cd_option_item item;
    const cd_scheduler_class *class_;
    const struct kind *kind;
    bool is_warmup;
    double share;  /* of a warm-up: of the run; 0: it has its steps */
    unit by;       /* what the text says */
    int64_t lasts; /* the number behind `for`; 0: none */
} entry;

/* The items of a text. */
typedef struct list {
    entry entries[CD_SCHEDULE_ITEMS];
    int count;
    unit unit;      /* of all */
    int64_t total;  /* steps or epochs of the run; 0: not known */
    bool by_length; /* an item gets its length from it */
    int64_t milestones[CD_SCHEDULE_ITEMS];
} list;

static const char *unit_name(unit u)
{
    return u == STEPS ? "steps" : "epochs";
}

static bool refuse(const entry *e, const char *format, ...) CD_PRINTF(2, 3);
static bool refuse(const entry *e, const char *format, ...)
{
    char sentence[320];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s", e->item.where, sentence);
}

/* Reads "by step" or "for 10", where w is behind the key. */
static bool read_by(entry *e, cd_words *w)
{
    const bool step = cd_same_words(w->word, "step") || cd_same_words(w->word, "steps");
    if (!step && !cd_same_words(w->word, "epoch") && !cd_same_words(w->word, "epochs")) {
        return refuse(e,
                      "\"by\" is followed by \"step\" or \"epoch\", and not by \"%s\" (column %d)",
                      w->word, w->column);
    }
    if (e->by != ANY) return refuse(e, "\"by\" is given twice (column %d)", w->column);
    e->by = step ? STEPS : EPOCHS;
    cd_words_next(w);
    return true;
}

static bool read_for(entry *e, cd_words *w)
{
    const double n = w->number;
    if (!w->is_number || n < 1 || n != trunc(n) || n >= 0x1p53) {
        return refuse(e,
                      "\"for\" is followed by a whole number, 1 or more, and not by \"%s\" "
                      "(column %d)",
                      w->word, w->column);
    }
    if (e->lasts) return refuse(e, "\"for\" is given twice (column %d)", w->column);
    e->lasts = (int64_t)n;
    cd_words_next(w);
    return true;
}

/* Reads one of PyTorch's phrases. False without an error if the key is none, or is followed by a
 * number. */
static bool read_phrase(entry *e, cd_words *w)
{
    cd_words value = *w;
    cd_words_next(&value);
    char known[64] = "";
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const struct phrase *p = &phrases[i];
        if (strcmp(p->class_, e->class_->name) != 0 || !cd_same_words(p->key, w->word)) continue;
        cd_append_text(known, sizeof known, *known ? " or " : "");
        cd_append_text(known, sizeof known, p->word);
        if (!cd_same_words(p->word, value.word)) continue;
        const cd_option *row = cd_option_by_key(e->item.table, p->option);
        if (cd_option_is_given(&e->item, row)) {
            return refuse(e, "\"%s\" is given twice (column %d)", p->key, w->column);
        }
        *w = value;
        cd_words_next(w);
        return cd_option_give_number(&e->item, row, p->value);
    }
    if (!*known || value.is_number) return false;
    return refuse(e, "\"%s\" is followed by %s, and not by \"%s\" (column %d)", w->word, known,
                  value.word, value.column);
}

static bool own_key(cd_option_item *item, cd_words *w)
{
    entry *e = item->user;
    const bool by = cd_same_words(w->word, "by");
    if (!by && !cd_same_words(w->word, "for")) return read_phrase(e, w);
    cd_words_next(w);
    return by ? read_by(e, w) : read_for(e, w);
}

static void set_up(entry *e, const cd_scheduler_class *class_, bool is_warmup)
{
    e->class_ = class_;
    e->kind = kind_of(class_);
    e->is_warmup = is_warmup;
    e->item.table = class_->options;
    e->item.numbers = is_warmup ? 0 : e->kind->numbers ? e->kind->numbers : 4;
    e->item.filled = class_ == &cd_schedule_cyclic_class ? filled_of_cyclic : filled;
    e->item.list_of = "schedules";
    e->item.own_key = own_key;
    e->item.front_usage = is_warmup ? "N" : NULL;
    e->item.own_usage = "[by step | by epoch] [for N]";
    e->item.user = e;
}

/* Reads the number of steps of a warm-up, or its share of the run. */
static bool read_warmup(entry *e, cd_words *w)
{
    cd_option_item *item = &e->item;
    if (!w->is_number || w->number <= 0) {
        return refuse(e,
                      "it is followed by its number of steps, or by a share of the run below 1 "
                      "(column %d)",
                      w->column);
    }
    const cd_option *steps = cd_option_by_key(item->table, "total_iters"),
                    *factor = cd_option_by_key(item->table, "start_factor");
    if (w->number < 1) {
        e->share = w->number;
    } else if (!cd_option_give_number(item, steps, w->number)) {
        return false;
    }
    cd_words_next(w);
    if (!cd_option_item_read(item, w)) return false;
    if (e->share > 0 && cd_option_is_given(item, steps)) {
        return refuse(e, "\"total_iters\" is given twice");
    }
    return cd_option_is_given(item, factor) || cd_option_give_number(item, factor, warmup_factor);
}

static bool read_item(list *l, cd_words *w)
{
    char where[CD_OPTION_TEXT_WHERE];
    if (l->count == CD_SCHEDULE_ITEMS) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there are more than %d schedules (column %d)",
                       from_text, CD_SCHEDULE_ITEMS, w->column);
    }
    (void)snprintf(where, sizeof where, "%s: item %d, \"%s\"", from_text, l->count + 1,
                   cd_words_end_item(w) ? "" : w->word);
    const cd_scheduler_class *class_ = take_class(where, w);
    if (!class_) return false;
    entry *e = &l->entries[l->count];
    set_up(e, class_, cd_same_words(w->word, warmup));
    memcpy(e->item.where, where, sizeof where);
    e->item.options = cd_alloc_zeroed(1, class_->options_bytes);
    if (!e->item.options) return false;
    l->count++;
    cd_words_next(w);
    return e->is_warmup ? read_warmup(e, w) : cd_option_item_read(&e->item, w);
}

/* --- what follows from the run ---------------------------------------------------------------- */

static unit unit_of(const entry *e)
{
    if (e->by != ANY) return e->by;
    return e->kind->by_step ? STEPS : EPOCHS;
}

/* Finds what the items count: what `by` says, or else the unit that all have. */
static bool find_unit(list *l)
{
    const entry *said = NULL;
    for (int i = 0; i < l->count; i++) {
        const entry *e = &l->entries[i];
        if (said && e->by != ANY && e->by != said->by) {
            return refuse(e, "it is by %s, and an item before it is not: a list counts one of both",
                          e->by == STEPS ? "step" : "epoch");
        }
        if (e->by != ANY) said = e;
    }
    l->unit = said ? said->by : unit_of(&l->entries[0]);
    for (int i = 1; i < l->count && !said; i++) {
        const entry *e = &l->entries[i];
        if (unit_of(e) == l->unit) continue;
        return refuse(e,
                      "it counts %s, and item 1 counts %s: say with \"by step\" or \"by epoch\" "
                      "what all items count",
                      unit_name(unit_of(e)), unit_name(l->unit));
    }
    return true;
}

/* The row of an entry's length; NULL if it has none. */
static const cd_option *length_row(const entry *e)
{
    return e->kind->length ? cd_option_by_key(e->item.table, e->kind->length) : NULL;
}

/* The length that the text gives; 0 if none. */
static int64_t given_length(const entry *e)
{
    const cd_option *row = length_row(e);
    if (!row || !cd_option_is_given(&e->item, row)) return 0;
    const void *field = (const char *)e->item.options + row->offset;
    return row->kind == CD_OPTION_REAL ? (int64_t) * (const double *)field
                                       : *(const int64_t *)field;
}

static bool refuse_unknown_run(const list *l, const entry *e, const char *option)
{
    return refuse(e,
                  "%s is missing, and how many %s the run has is not known: write it, as in "
                  "\"%s 100\"",
                  option, unit_name(l->unit), option);
}

/* Sets the steps of a warm-up that is a share of the run. */
static bool fill_share(list *l, entry *e)
{
    if (e->share == 0) return true;
    l->by_length = true;
    if (l->total == 0) return refuse_unknown_run(l, e, "total_iters");
    const double steps = fmax(1, round(e->share * (double)l->total));
    return cd_option_give_number(&e->item, length_row(e), steps);
}

/* Sets the length of an item that has none. */
static bool fill_length(list *l, entry *e, int64_t begin)
{
    const cd_option *row = length_row(e);
    if (!row || given_length(e) || (!e->kind->fills && !e->lasts)) return true;
    if (!e->lasts) l->by_length = true;
    if (!e->lasts && l->total == 0) return refuse_unknown_run(l, e, row->name);
    return cd_option_give_number(&e->item, row, (double)(e->lasts ? e->lasts : l->total - begin));
}

/* The rate of a cycle is the optimizer's. */
static bool fill_rate(entry *e, const cd_optimizer *o)
{
    const cd_option *row = cd_option_by_key(e->item.table, "max_lr");
    if (e->class_ != &cd_schedule_one_cycle_class || cd_option_is_given(&e->item, row)) return true;
    return cd_option_give_number(&e->item, row, cd_optimizer_rate(o, 0));
}

/* Finds where item i ends, which is not the last one. */
static bool find_end(list *l, int i, int64_t begin)
{
    const entry *e = &l->entries[i];
    const int64_t lasts = e->lasts ? e->lasts : given_length(e);
    if (lasts < 1) {
        return refuse(e,
                      "how long it lasts is missing, before the next one begins: write \"for 10\" "
                      "for 10 %s",
                      unit_name(l->unit));
    }
    if (__builtin_add_overflow(begin, lasts, &l->milestones[i])) {
        return refuse(e, "its end is too far away");
    }
    if (l->total == 0 || l->milestones[i] < l->total) return true;
    return refuse(e,
                  "it ends after %" PRId64 " %s, and the run has %" PRId64
                  ": nothing is left for the next item",
                  l->milestones[i], unit_name(l->unit), l->total);
}

static bool fill(list *l, const cd_optimizer *o)
{
    int64_t begin = 0;
    for (int i = 0; i < l->count; i++) {
        entry *e = &l->entries[i];
        const bool last = i == l->count - 1;
        if (l->count > 1 && e->class_->by_metric) {
            return refuse(e, "it decides by a metric, and stands alone");
        }
        if (last && e->lasts && l->count > 1) {
            return refuse(e, "it is the last one, which has no end: leave \"for\" out");
        }
        if (!fill_share(l, e) || (!last && !find_end(l, i, begin)) || !fill_length(l, e, begin) ||
            !fill_rate(e, o) || !cd_option_item_check(&e->item)) {
            return false;
        }
        begin = l->milestones[i];
    }
    return true;
}

/* --- making ----------------------------------------------------------------------------------- */

/* Makes the schedule, or the list of them. */
static cd_scheduler *make(const list *l, cd_optimizer *o)
{
    CD_SCOPE();
    cd_scheduler *parts[CD_SCHEDULE_ITEMS];
    for (int i = 0; i < l->count; i++) {
        const entry *e = &l->entries[i];
        parts[i] = cd_scheduler_make(e->class_, o, e->item.options);
        if (!parts[i]) {
            (void)cd_option_item_failed(&e->item);
            return NULL;
        }
    }
    if (l->count == 1) return cd_escape(parts[0]);
    return cd_escape(cd_schedule_sequential(o, parts, l->count, .milestones = l->milestones));
}

/* Makes the schedule; when that fails, the optimizer is as it was. */
static cd_scheduler *make_or_undo(const list *l, cd_optimizer *o)
{
    const bool scheduled = o->scheduled;
    double(*before)[3] = cd_alloc((size_t)o->group_count * sizeof *before);
    if (!before) return NULL;
    for (int g = 0; g < o->group_count; g++) {
        before[g][0] = cd_optimizer_rate(o, g);
        before[g][1] = cd_optimizer_momentum(o, g);
        before[g][2] = o->groups[g].first_rate;
    }
    cd_scheduler *s = make(l, o);
    for (int g = 0; g < o->group_count && !s; g++) {
        cd_optimizer_put_rate(o, g, before[g][0], before[g][1]);
        o->groups[g].first_rate = before[g][2];
    }
    if (!s) o->scheduled = scheduled;
    cd_free(before);
    return s;
}

static bool waits_for_more(const list *l)
{
    const cd_schedule_plateau_options *plateau = l->entries[0].item.options;
    return l->entries[0].class_ == &cd_schedule_plateau_class && plateau->maximum;
}

static cd_scheduler *read_and_make(list *l, const cd_schedule_from_text_options *o)
{
    cd_words w;
    cd_words_begin(&w, o->text);
    for (;; cd_words_next(&w)) {
        if (!read_item(l, &w)) return NULL;
        if (!*w.word) break;
    }
    if (!find_unit(l)) return NULL;
    l->total = l->unit == STEPS ? o->steps : o->epochs;
    if (!fill(l, o->optimizer)) return NULL;
    cd_scheduler *s = make_or_undo(l, o->optimizer);
    if (s && o->by_step) *o->by_step = l->unit == STEPS;
    if (s && o->by_metric) *o->by_metric = l->entries[0].class_->by_metric;
    if (s && o->maximum) *o->maximum = waits_for_more(l);
    if (s && o->by_length) *o->by_length = l->by_length;
    return s;
}

/* Whether the text stands for no schedule. */
static bool is_none(const char *text)
{
    cd_words w;
    cd_words_begin(&w, text);
    if (cd_same_words(w.word, "none")) cd_words_next(&w);
    return !*w.word;
}

static bool check(const cd_schedule_from_text_options *o)
{
    if (!o->text || strlen(o->text) >= CD_SCHEDULE_TEXT) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the text is NULL or has %d bytes or more", from_text,
                       CD_SCHEDULE_TEXT);
    }
    if (o->steps < 0 || o->epochs < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .steps is %" PRId64 " and .epochs %" PRId64 ", and must be 0 or more",
                       from_text, o->steps, o->epochs);
    }
    return cd_check_optimizer(o->optimizer, from_text, "the optimizer") &&
           cd_check_not_captured(from_text, "it reads the rate");
}

cd_scheduler *cd_schedule_from_text_with(cd_schedule_from_text_options o)
{
    if (o.by_step) *o.by_step = false;
    if (o.by_metric) *o.by_metric = false;
    if (o.maximum) *o.maximum = false;
    if (o.by_length) *o.by_length = false;
    if (!cd_ok() || !check(&o) || is_none(o.text)) return NULL;
    list *l = cd_alloc_zeroed(1, sizeof *l);
    if (!l) return NULL;
    cd_scheduler *s = read_and_make(l, &o);
    for (int i = 0; i < l->count; i++) cd_free(l->entries[i].item.options);
    cd_free(l);
    return s;
}

bool cd_schedule_text_usage(const char *word, char *out, size_t size)
{
    static const char function[] = "schedule_text_usage";
    if (!cd_option_usage_begin(function, word, out, size)) return false;
    cd_words w;
    cd_words_begin(&w, word);
    const cd_scheduler_class *class_ = take_class(function, &w);
    if (!class_) return false;
    entry e = { .by = ANY };
    set_up(&e, class_, cd_same_words(word, warmup));
    cd_option_item_usage(&e.item, out, size);
    return true;
}
