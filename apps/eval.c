/* candela eval: how a saved model does on a data set. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/model_file.h"
#include "apps/part.h"
#include "apps/score.h"
#include "apps/table.h"

typedef struct eval_options {
    common_options common;
    const char *data, *split;
    int64_t batch;
} eval_options;

/* --- the report ------------------------------------------------------------------------------- */

enum { MANY_CLASSES = 20 };

static const char *name_of(const part *p, int64_t label)
{
    return cd_dataset_class_name(p->samples->set, label);
}

/* "84.1 %", or a dash for a share of nothing. */
static const char *percent(double share, char *text, size_t bytes)
{
    if (isnan(share)) {
        (void)snprintf(text, bytes, "-");
    } else {
        (void)snprintf(text, bytes, "%.1f %%", 100 * share);
    }
    return text;
}

/* A row for each class: its number, name, precision, recall and how many pictures it has. */
static table class_table(const part *p, const score *s)
{
    char name[SHOWN_BYTES];
    int longest = 24, number = snprintf(name, sizeof name, "%3lld", (long long)s->classes - 1);
    for (int64_t k = 0; k < s->classes; k++) {
        int length = cells(shown(name_of(p, k), 0, name));
        if (length > longest) longest = length;
    }
    table t = {
        .column = { { .head = "", .width = number, .least = number },
                    { .head = "class", .gap = 2, .width = longest, .least = 7, .text = true },
                    { .head = "precision", .gap = 1, .width = 9, .least = 9, .leaves = 2 },
                    { .head = "recall", .gap = 1, .width = 9, .least = 7 },
                    { .head = "pictures", .gap = 1, .width = 9, .least = 8, .leaves = 1 } },
        .count = 5
    };
    table_fit(&t, columns_left(0));
    return t;
}

static void show_class(table *t, const part *p, const score *s, int64_t k)
{
    char precision[16], recall[16];
    table_number(t, "%lld", (long long)k);
    table_text(t, name_of(p, k));
    table_text(t, percent(score_precision(s, k), precision, sizeof precision));
    table_text(t, percent(score_recall(s, k), recall, sizeof recall));
    table_number(t, "%lld", (long long)score_members(s, k));
}

/* Columns `from` to `to` - 1 of the confusion matrix, each `width` wide. Row -1 is the head. */
static void show_confusion_row(const score *s, int64_t row, int64_t from, int64_t to, int width)
{
    char line[MANY_CLASSES * 24];
    int used = row < 0 ? snprintf(line, sizeof line, "    ")
                       : snprintf(line, sizeof line, "%3lld ", (long long)row);
    for (int64_t k = from; k < to; k++) {
        int64_t number = row < 0 ? k : s->confusion[row * s->classes + k];
        used +=
            snprintf(line + used, sizeof line - (size_t)used, "%*lld", width, (long long)number);
    }
    print_line("%s", line);
}

/* What its longest number takes with a space before it. */
static int confusion_width(const score *s)
{
    char digits[32];
    int64_t largest = s->classes - 1; /* the numbers of the classes are its head */
    for (int64_t i = 0; i < s->classes * s->classes; i++) {
        if (s->confusion[i] > largest) largest = s->confusion[i];
    }
    return snprintf(digits, sizeof digits, " %lld", (long long)largest);
}

/* On a terminal that is too narrow for all columns they stand closer, and then in blocks. */
static void show_confusion(const score *s)
{
    enum { HEAD = 4, WIDTH = 6 };
    int line = columns_of(stdout), width = confusion_width(s);
    if (width < WIDTH && (line == 0 || HEAD + WIDTH * s->classes <= line)) width = WIDTH;
    int64_t block = line == 0 ? s->classes : line - HEAD > width ? (line - HEAD) / width : 1;
    blank_line();
    print_line("confusion (a row for each true class, a column for what it was taken for)");
    for (int64_t from = 0; from < s->classes; from += block) {
        int64_t to = from + block < s->classes ? from + block : s->classes;
        if (from > 0) blank_line();
        for (int64_t i = -1; i < s->classes; i++) show_confusion_row(s, i, from, to, width);
    }
}

/* A class and how well it is recognised; those without samples come last. */
typedef struct ranked {
    int64_t label;
    double recall;
} ranked;

static int by_recall(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    double left = isnan(x->recall) ? 2 : x->recall, right = isnan(y->recall) ? 2 : y->recall;
    if (left != right) return left < right ? -1 : 1;
    return (x->label > y->label) - (x->label < y->label);
}

static bool show_worst(table *t, const part *p, const score *s)
{
    ranked *list = malloc((size_t)s->classes * sizeof *list);
    if (!list) {
        (void)failed("out of memory for %lld classes", (long long)s->classes);
        return false;
    }
    for (int64_t k = 0; k < s->classes; k++) list[k] = (ranked){ k, score_recall(s, k) };
    qsort(list, (size_t)s->classes, sizeof *list, by_recall);
    for (int64_t i = 0; i < MANY_CLASSES; i++) show_class(t, p, s, list[i].label);
    print_line("the %d of %lld classes that are recognised worst; --json has all, and the "
               "confusion",
               MANY_CLASSES, (long long)s->classes);
    free(list);
    return true;
}

static bool show_score(const part *p, const score *s, const char *file, const eval_options *o)
{
    char pictures[COUNTED_BYTES];
    print_line("%s on %s, %s: %s, %lld classes", file, o->data, p->text,
               counted(s->count, "picture", "pictures", pictures), (long long)s->classes);
    if (*p->others) print_line("(the default; --split can be %s)", p->others);
    if (p->samples->skipped > 0) {
        print_line("left out: %s that cannot be decoded",
                   counted(p->samples->skipped, "picture", "pictures", pictures));
    }
    print_line("loss      %8.4f nats", s->loss);
    print_line("accuracy  %6.2f %%  (%lld of %lld)", 100 * score_accuracy(s), (long long)s->right,
               (long long)s->count);
    blank_line();
    table t = class_table(p, s);
    table_head(&t);
    if (s->classes > MANY_CLASSES) return show_worst(&t, p, s);
    for (int64_t k = 0; k < s->classes; k++) show_class(&t, p, s, k);
    show_confusion(s);
    return true;
}

static json_t *class_to_json(const part *p, const score *s, int64_t k)
{
    json_t *one = json_object();
    put_text(one, "name", name_of(p, k));
    put_number(one, "precision", score_precision(s, k));
    put_number(one, "recall", score_recall(s, k));
    put_whole(one, "count", score_members(s, k));
    return one;
}

static json_t *to_json(const part *p, const score *s, const char *file, const eval_options *o)
{
    json_t *all = json_object(), *classes = json_array(), *confusion = json_array();
    for (int64_t i = 0; i < s->classes; i++) {
        json_t *row = json_array();
        for (int64_t k = 0; k < s->classes; k++)
            append_whole(row, s->confusion[i * s->classes + k]);
        append_json(confusion, row);
        append_json(classes, class_to_json(p, s, i));
    }
    put_text(all, "model", file);
    put_text(all, "data", o->data);
    put_text(all, "part", p->name);
    put_flag(all, "part_is_default", !o->split);
    put_whole(all, "count", s->count);
    put_whole(all, "skipped", p->samples->skipped);
    put_number(all, "loss", s->loss);
    put_number(all, "accuracy", score_accuracy(s));
    put_whole(all, "right", s->right);
    put_json(all, "classes", classes);
    put_json(all, "confusion", confusion);
    return all;
}

static int evaluate(const eval_options *o, const char *file, part *p)
{
    cd_card *card;
    cd_module *model = open_model(file, &card);
    if (!model || !check_tensors(model, file) ||
        !part_choose(p, o->data, o->split, card,
                     card->preprocess.channels ? &card->preprocess : NULL)) {
        return failed_in_library();
    }
    score s;
    const subject of = { .model = model, .samples = p->samples, .set = o->data };
    if (!score_samples(&s, &of, o->batch, "judging")) {
        return interrupted() ? stopped_reading() : failed_in_library();
    }
    warn_turned(p->samples->set);
    bool done = o->common.json ? print_json(to_json(p, &s, file, o)) : show_score(p, &s, file, o);
    score_free(&s);
    return done ? 0 : 1;
}

static int run_eval(const command *c, const void *values, char *const *operands, int count)
{
    (void)c;
    (void)count;
    catch_interrupts();
    part p = { .name = NULL };
    int status = evaluate(values, operands[0], &p);
    part_free(&p);
    return status;
}

#define AT(member_) offsetof(eval_options, member_)
static const option eval_option_list[] = {
    { .name = "data",
      .argument = "SET",
      .help = "what to judge by: fashion-mnist, fashion-mnist:DIR, mnist:DIR, idx:DIR, or a folder "
              "of photographs",
      .type = OPTION_TEXT,
      .required = true,
      .at = AT(data) },
    { .name = "split",
      .argument = "PART",
      .help =
          "train, val or test: the split to evaluate on (default: test, or val where there is no "
          "test, or what training held back of a set without splits, or all of it)",
      .type = OPTION_CHOICE,
      .choices = "train|val|test",
      .at = AT(split) },
    { .name = "batch",
      .argument = "N",
      .initial = "64",
      .help = "pictures to run through the model at a time",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 65536,
      .at = AT(batch) },
};

const command eval_command = {
    .name = "eval",
    .does = "evaluates a saved model: loss, accuracy, precision, recall, confusion",
    .operands = "M.safetensors",
    .least_operands = 1,
    .most_operands = 1,
    .options = eval_option_list,
    .option_count = sizeof eval_option_list / sizeof *eval_option_list,
    .values_bytes = sizeof(eval_options),
    .details =
        "Classes and preprocessing are those that the model file names. Of a set from which "
        "training held pictures back, val is these pictures and train the others, as long as "
        "the set holds the same files as then. A split that is named and not there is an "
        "error that says which there are.",
    .example = "candela eval fashion.safetensors --data fashion-mnist",
    .run = run_eval,
};
