/* Decides which options must be the same when a run goes on, and writes down their values. */
#include "apps/train_settings.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "apps/train_table.h"
#include "apps/train_method.h"

/* --- values ----------------------------------------------------------------------------------- */

bool train_settings_add(train_settings *s, const char *name, char *value)
{
    if (!value) return cd_ok();
    char *key = NULL;
    if (s->count == TRAIN_SETTINGS || asprintf(&key, "%s", name) < 0) {
        free(value);
        return cd_fail(CD_ERR_MEMORY, "out of memory for the settings of the run");
    }
    s->pair[s->count++] = (cd_text_pair){ key, value };
    return true;
}

char *printed(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the settings of the run");
        text = NULL;
    }
    va_end(arguments);
    return text;
}

/* The fewest digits that give the same double when read. */
static char *printed_number(double value)
{
    char text[40];
    int digits = 1;
    do (void)snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    return printed("%s", text);
}

static char *printed_sizes(const sizes *list)
{
    char text[SIZES_MAX * 12] = "none";
    size_t used = 0;
    for (int i = 0; i < list->count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i > 0 ? "," : "",
                                 (long long)list->value[i]);
    }
    return printed("%s", text);
}

/* The value of an option as it would be typed; NULL, without an error, where it was not given. */
static char *value_of(const option *o, const void *values)
{
    const void *at = (const char *)values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        return *(const bool *)at ? printed("given") : NULL;
    case OPTION_TEXT:
    case OPTION_CHOICE: {
        const char *text = *(const char *const *)at;
        return text ? printed("%s", text) : NULL;
    }
    case OPTION_INTEGER: {
        const int64_t value = *(const int64_t *)at;
        return (double)value < o->min ? NULL : printed("%lld", (long long)value);
    }
    case OPTION_NUMBER: {
        const double value = *(const double *)at;
        return isnan(value) || value < o->min ? NULL : printed_number(value);
    }
    case OPTION_SIZES:
        return ((const sizes *)at)->given ? printed_sizes(at) : NULL;
    }
    return NULL;
}

/* --- which options ---------------------------------------------------------------------------- */

static bool is_in(const char *const *list, const char *name)
{
    for (; *list; list++) {
        if (strcmp(*list, name) == 0) return true;
    }
    return false;
}

/* Whether it is not known yet, before the data is read, what it means that the option is not
 * given. */
static bool is_open(const training *t, const char *name)
{
    const train_config *c = t->config;
    if (t->split.train.set || option_given(t->command, c, name)) return false;
    return strcmp(name, "val-split") == 0 || (strcmp(name, "epochs") == 0 && is_csv_name(c->data));
}

/* Whether only the data says what the option means, whether it is given or not: a column may be
 * named by its number, and a task that was found out may be named too. */
static bool is_of_columns(const char *name)
{
    return strcmp(name, "label") == 0 || strcmp(name, "task") == 0;
}

bool train_settings_compares(const training *t, const char *name)
{
    /* Those of files, which have fingerprints where they are read, and those that change no number
     * of the epochs that are done. */
    static const char *const free_[] = { "out",  "report",         "log",        "history", "every",
                                         "keep", "resume",         "checkpoint", "workers", "data",
                                         "best", "early-stopping", "weights",    NULL };
    /* These are compared as the optimizer that they make. */
    static const char *const of_optimizer[] = { "optimizer", "lr", "momentum", "weight-decay",
                                                NULL };
    if (is_in(free_, name) || is_in(of_optimizer, name) || is_open(t, name)) return false;
    if (is_of_columns(name)) return t->table;
    return strcmp(name, "epochs") != 0 || t->settings.by_length;
}

/* The optimizer, with all that it was made of by whatever options; and whether the learning rate
 * depends on the number of epochs. Of the model nothing is needed, and no random number drawn. */
static bool add_method(training *t)
{
    CD_SCOPE();
    char text[CD_OPTIMIZER_TEXT];
    const int64_t many_steps = INT64_C(1) << 40; /* how many there are, the data says */
    rate_plan plan;
    cd_optimizer *o = train_optimizer(t, cd_nn_prelu(1));
    if (!o || !cd_optimizer_to_text(o, text, sizeof text) ||
        !train_rates(t, o, many_steps, &plan)) {
        return false;
    }
    t->settings.by_length = plan.by_length;
    return train_settings_add(&t->settings, "the optimizer", printed("%s", text));
}

/* The task as --task has it. */
static const char *task_word(const cd_encoder *e)
{
    const cd_table_task task = cd_encoder_task(e);
    return task == CD_TABLE_REGRESSION ? "numbers" : task == CD_TABLE_BINARY ? "binary" : "classes";
}

/* The value of an option that counts, NULL for none. */
static char *value_in(const training *t, const option *o)
{
    if (strcmp(o->name, "val-split") == 0 && t->split.train.set) {
        return t->split.fraction > 0 ? printed_number(t->split.fraction) : NULL;
    }
    if (is_of_columns(o->name)) {
        const cd_encoder *e = t->table->encoder;
        return printed("%s", strcmp(o->name, "label") == 0 ? cd_encoder_label(e) : task_word(e));
    }
    if (strcmp(o->name, "augment") == 0 && t->config->augment &&
        strcmp(t->config->augment, "none") == 0) {
        return NULL;
    }
    return value_of(o, t->config);
}

bool train_settings_fill(training *t)
{
    train_settings_free(&t->settings);
    if (!add_method(t)) return false;
    for (size_t i = 0; i < t->command->option_count; i++) {
        const option *o = &t->command->options[i];
        char name[64];
        if (!train_settings_compares(t, o->name)) continue;
        (void)snprintf(name, sizeof name, "--%s", o->name);
        if (!train_settings_add(&t->settings, name, value_in(t, o))) return false;
    }
    return train_settings_add(&t->settings, "the command", printed("%s", t->command->name)) &&
           train_settings_add(&t->settings, "--seed",
                              printed("%lld", (long long)t->config->common.seed));
}

void train_settings_free(train_settings *s)
{
    for (int i = 0; i < s->count; i++) {
        free((char *)s->pair[i].key);
        free((char *)s->pair[i].value);
    }
    s->count = 0;
}
