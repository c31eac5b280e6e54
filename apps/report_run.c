/* What a report says of the run itself: its settings, times and machine, and how to repeat it. */
#include "apps/report_parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/command_line.h"
#include "apps/machine.h"

enum { FACTS = 24, TEXT_BYTES = 512 };

/* Facts whose values are made here. */
typedef struct fact_list {
    report_fact fact[FACTS];
    char text[FACTS][TEXT_BYTES];
    int count;
} fact_list;

static void add_fact(fact_list *list, const char *name, const char *format, ...) CD_PRINTF(3, 4);
static void add_fact(fact_list *list, const char *name, const char *format, ...)
{
    if (list->count == FACTS) return;
    char *text = list->text[list->count];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, TEXT_BYTES, format, arguments);
    va_end(arguments);
    list->fact[list->count++] = (report_fact){ name, text };
}

/* --- settings --------------------------------------------------------------------------------- */

static void sizes_text(const sizes *list, char *text, size_t bytes)
{
    size_t used = 0;
    (void)snprintf(text, bytes, "none");
    for (int i = 0; i < list->count && used < bytes; i++) {
        used += (size_t)snprintf(text + used, bytes - used, "%s%lld", i ? "," : "",
                                 (long long)list->value[i]);
    }
}

/* The value of an option as it would be typed. One that is not in its range was not given. Returns
 * `text`, or the value itself where it is a text. */
static const char *value_text(const option *o, const void *values, char *text, size_t bytes)
{
    const void *at = (const char *)values + o->offset;
    (void)snprintf(text, bytes, "not given");
    if (o->type == OPTION_FLAG) {
        (void)snprintf(text, bytes, "%s", *(const bool *)at ? "yes" : "no");
    } else if (o->type == OPTION_TEXT || o->type == OPTION_CHOICE) {
        const char *word = *(const char *const *)at;
        if (word) return word;
    } else if (o->type == OPTION_SIZES) {
        if (((const sizes *)at)->given) sizes_text(at, text, bytes);
    } else if (o->type == OPTION_INTEGER) {
        int64_t value = *(const int64_t *)at;
        if ((double)value >= o->min && (double)value <= o->max) {
            (void)snprintf(text, bytes, "%lld", (long long)value);
        }
    } else {
        double value = *(const double *)at;
        if (value >= o->min && value <= o->max) (void)snprintf(text, bytes, "%.10g", value);
    }
    return text;
}

static void write_option(html *h, const option *o, const report *r)
{
    char text[2048];
    const char *value = value_text(o, r->values, text, sizeof text);
    if (value == text && r->lr > 0 && strcmp(o->name, "lr") == 0 &&
        strcmp(text, "not given") == 0) {
        (void)snprintf(text, sizeof text, "not given: %.10g", r->lr);
    }
    html_markup(h, "<tr><th scope=\"row\"><code>--");
    html_text(h, o->name);
    html_markup(h, "</code></th><td>");
    html_name(h, value);
    html_markup(h, "</td><td class=\"help\">");
    html_text(h, o->help);
    html_markup(h, "</td></tr>\n");
}

/* Those of the common options that change no result are left out. */
static bool changes_results(const option *o)
{
    return strcmp(o->name, "seed") == 0 || strcmp(o->name, "threads") == 0;
}

/* What the card of an evaluated model tells of its training. */
static void write_training(html *h, const cd_card *card)
{
    static const struct {
        const char *key, *name;
        bool text;
    } known[] = {
        { "command", "command", true },
        { "data", "data", true },
        { "train_count", "samples to train on", false },
        { "held", "validated on", true },
        { "held_count", "samples to validate on", false },
        { "held_accuracy", "accuracy on these", false },
        { "held_r2", "R2 on these", false },
        { "epochs", "epochs", false },
        { "batch", "samples in a step", false },
        { "optimizer", "optimizer", true },
        { "lr", "learning rate", false },
        { "momentum", "momentum", false },
        { "weight_decay", "weight decay", false },
        { "schedule", "schedule", true },
        { "seed", "seed", false },
    };
    fact_list list = { .count = 0 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[TEXT_BYTES];
        double number;
        if (known[i].text && cd_card_text(card, known[i].key, text, sizeof text)) {
            add_fact(&list, known[i].name, "%s", text);
        } else if (!known[i].text && cd_card_number(card, known[i].key, &number)) {
            add_fact(&list, known[i].name, "%.10g", number);
        }
    }
    if (list.count == 0) return;
    html_markup(h, "<h3>How the model was trained</h3>\n");
    report_facts(h, list.fact, list.count);
}

void report_settings(html *h, const report *r)
{
    const command *c = r->command;
    report_box(h, "settings");
    html_markup(h, "<table class=\"settings\"><tbody>\n");
    for (size_t i = 0; i < c->option_count; i++) {
        if (strcmp(c->options[i].name, "report") != 0) write_option(h, &c->options[i], r);
    }
    for (size_t i = 0; i < common_option_count; i++) {
        if (changes_results(&common_option_list[i])) {
            write_option(h, &common_option_list[i], r);
        }
    }
    html_markup(h, "</tbody></table>");
    report_box_end(h);
    if (r->card) write_training(h, r->card);
}

/* --- times and machine ------------------------------------------------------------------------ */

static double mean_seconds(const report *r)
{
    double sum = 0;
    for (int64_t i = 0; i < r->epochs; i++) sum += report_value(&r->seconds, i);
    return sum / (double)r->epochs;
}

static void add_times(fact_list *list, const report *r)
{
    char text[SECONDS_BYTES];
    add_fact(list, "in all", "%s", report_seconds(r->total_seconds, text));
    if (r->reading_seconds > 0) {
        add_fact(list, "features", "%s", report_seconds(r->reading_seconds, text));
    }
    if (r->epochs > 0 && report_has(&r->seconds)) {
        add_fact(list, "an epoch", "%s (mean of %lld)", report_seconds(mean_seconds(r), text),
                 (long long)r->epochs);
    }
}

static void add_machine(fact_list *list)
{
    const machine m = look_at_machine();
    const cd_about_info about = cd_about();
    if (*m.processor) add_fact(list, "processor", "%s", m.processor);
    if (m.processors > 0) {
        add_fact(list, "processors", "%d, threads used: %d", m.processors, cd_num_threads());
    } else {
        add_fact(list, "threads used", "%d", cd_num_threads());
    }
    if (m.memory_gib > 0) {
        add_fact(list, "memory", "%.1f GiB, of which this run had up to %.0f MiB", m.memory_gib,
                 m.peak_mib);
    }
    if (*m.system) add_fact(list, "system", "%s", m.system);
    add_fact(list, "Candela", "%s, built by %s, kernels for %s", about.version, about.compiler,
             about.kernels);
}

void report_times(html *h, const report *r)
{
    fact_list list = { .count = 0 };
    add_times(&list, r);
    add_machine(&list);
    report_facts(h, list.fact, list.count);
}

/* --- how to repeat it ------------------------------------------------------------------------- */

void report_repeat(html *h, const report *r)
{
    char *line = command_line(), *folder = getcwd(NULL, 0);
    char *quoted = folder ? shell_quoted(folder) : NULL;
    if (!line || (folder && !quoted)) {
        cd_clear_error();
        h->incomplete = true;
    }
    html_markup(h, "<pre><code>");
    if (quoted) {
        html_markup(h, "cd ");
        html_text(h, quoted);
        html_markup(h, "\n");
    }
    if (line) html_text(h, line);
    html_markup(h, "</code></pre>\n<p class=\"note\">The same version on the same machine gives "
                   "the same numbers, with any number of threads, for the same command and "
                   "data.");
    if (r->fingerprint && *r->fingerprint) {
        html_markup(h, " The data had the fingerprint <code>");
        html_text(h, r->fingerprint);
        html_markup(h, "</code>, which is made of the samples' names and labels.");
    }
    html_markup(h, "</p>\n");
    free(line);
    free(folder);
    free(quoted);
}
