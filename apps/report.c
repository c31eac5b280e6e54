/* Prints what train and probe have done, and saves their model with its card. */
#include "apps/report.h"

#include <math.h>
#include <stdlib.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/train_summary.h"
#include "apps/train_table.h"

/* The epoch whose model is saved, from 1: with --early-stopping the best, else the last one. */
static int64_t saved_epoch(const training *t)
{
    return saves_best(t->config) ? cd_history_best(t->history) + 1 : t->epochs;
}

static const epoch_record *saved_record(const training *t)
{
    return &t->records[saved_epoch(t) - 1];
}

static int64_t ignored_files(const split *s)
{
    int64_t files = cd_dataset_ignored(s->train.set);
    if (s->validation.set == s->train.set) return files;
    return files + cd_dataset_ignored(s->validation.set);
}

void report_data(const training *t)
{
    const split *s = &t->split;
    char text[COUNTED_BYTES], classes[COUNTED_BYTES];
    if (t->config->common.json) return;
    print_line("%s: %s to train on, %lld to validate on (%s), %s", t->config->data,
               counted(s->train.count, "picture", "pictures", text), (long long)s->validation.count,
               s->validation_name,
               counted(cd_dataset_class_count(s->train.set), "class", "classes", classes));
    int64_t skipped = s->train.skipped + s->validation.skipped;
    if (skipped > 0) {
        print_line("left out: %s that cannot be decoded",
                   counted(skipped, "picture", "pictures", text));
    }
    if (ignored_files(s) > 0) {
        print_line("ignored: %s of other kinds than .jpg, .jpeg, .png and .bmp",
                   counted(ignored_files(s), "file", "files", text));
    }
}

/* --- the model file --------------------------------------------------------------------------- */

/* The training record in the card, from which eval makes the split again (eval_split.c). Its keys
 * stay as they are, because files that are already saved have them: "held" is the name of the
 * split that was validated on, val_split the fraction that was taken from the train split. */
static json_t *training_record(const training *t)
{
    const train_config *c = t->config;
    const split *s = &t->split;
    json_t *j = json_object();
    put_text(j, "command", t->command->name);
    put_text(j, "data", c->data);
    put_integer(j, "train_count", s->train.count);
    put_text(j, "held", s->validation_name);
    put_integer(j, "held_count", s->validation.count);
    put_exact(j, "val_split", s->fraction);
    put_text(j, "fingerprint", s->fingerprint);
    put_integer(j, "seed", c->common.seed);
    put_integer(j, "epochs", t->epochs);
    put_integer(j, "saved_epoch", saved_epoch(t));
    put_integer(j, "batch", c->batch_size);
    put_text(j, "optimizer", c->optimizer);
    put_exact(j, "lr", t->lr);
    if (!isnan(c->momentum)) put_exact(j, "momentum", c->momentum);
    if (!isnan(c->weight_decay)) put_exact(j, "weight_decay", c->weight_decay);
    put_text(j, "schedule", c->schedule);
    put_exact(j, "label_smoothing", c->label_smoothing);
    put_exact(j, "clip_norm", c->clip_norm);
    put_integer(j, "accumulate", c->accumulate);
    put_exact(j, "loss", saved_record(t)->loss);
    put_exact(j, train_is_regression(t) ? "held_r2" : "held_accuracy",
              saved_record(t)->validation_accuracy);
    return j;
}

bool save_trained(const training *t)
{
    const cd_dataset *set = t->split.train.set;
    const int64_t count = t->table ? 0 : cd_dataset_class_count(set); /* the encoder has them */
    const char **classes = malloc((size_t)(count + 1) * sizeof *classes);
    char *record = json_line(training_record(t));
    char *source = t->source ? utf8_copy(t->source) : NULL;
    bool done = classes && record && (source || !t->source);
    if (!done && cd_ok()) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the model's card");
    for (int64_t k = 0; done && k < count; k++) classes[k] = cd_dataset_class_name(set, k);
    const cd_card card = { .architecture = t->architecture,
                           .options = t->options,
                           .classes = count ? classes : NULL,
                           .class_count = count,
                           .preprocess = t->preprocess,
                           .source = source,
                           .training = record,
                           .encoder = t->table ? cd_encoder_to_json(t->table->encoder) : NULL };
    done = done && cd_save_model(t->model, &card, t->config->out);
    free(source);
    free(classes);
    free(record);
    return done;
}

/* --- results ---------------------------------------------------------------------------------- */

static json_t *class_names_to_json(const cd_dataset *set)
{
    json_t *list = json_array();
    int64_t count = cd_dataset_class_count(set);
    for (int64_t k = 0; k < count; k++) append_text(list, cd_dataset_class_name(set, k));
    return list;
}

static json_t *epochs_to_json(const training *t)
{
    json_t *list = json_array();
    const epoch_record *records = t->records;
    const bool numbers = train_is_regression(t);
    for (int64_t i = 0; i < t->epochs; i++) {
        json_t *epoch = json_object();
        put_integer(epoch, "epoch", i + 1);
        put_number(epoch, "loss", records[i].loss);
        put_number(epoch, numbers ? "train_r2" : "train_accuracy", records[i].accuracy);
        put_number(epoch, "val_loss", records[i].validation_loss);
        put_number(epoch, numbers ? "val_r2" : "val_accuracy", records[i].validation_accuracy);
        if (numbers) put_number(epoch, "val_mae", records[i].validation_mae);
        put_number(epoch, "seconds", records[i].seconds);
        append_json(list, epoch);
    }
    return list;
}

/* What is the same for classes and numbers. */
static json_t *begin_json(const training *t)
{
    const split *s = &t->split;
    json_t *j = json_object();
    put_text(j, "command", t->command->name);
    put_text(j, "model", t->architecture ? t->architecture : "layers");
    put_text(j, "data", t->config->data);
    put_text(j, "source", t->source);
    put_text(j, "out", t->config->out);
    put_text(j, "report", t->config->report);
    if (t->table) train_table_to_json(t, j);
    put_json(j, "classes",
             train_is_regression(t) ? json_null() : class_names_to_json(s->train.set));
    put_integer(j, "train_count", s->train.count);
    put_integer(j, "val_count", s->validation.count);
    put_text(j, "val_name", s->validation_name);
    put_integer(j, "skipped", s->train.skipped + s->validation.skipped);
    put_integer(j, "ignored", ignored_files(s));
    put_integer(j, "parameters", cd_num_parameters(t->model));
    put_integer(j, "saved_epoch", saved_epoch(t));
    put_json(j, "epochs", epochs_to_json(t));
    return j;
}

static json_t *to_json(const training *t, const score *train, double seconds)
{
    json_t *j = begin_json(t);
    put_number(j, "train_loss", train->loss);
    put_number(j, "train_accuracy", score_accuracy(train));
    put_number(j, "val_loss", saved_record(t)->validation_loss);
    put_number(j, "val_accuracy", saved_record(t)->validation_accuracy);
    put_number(j, "reading_seconds", t->reading_seconds);
    put_number(j, "seconds", seconds);
    return j;
}

static void put_score(json_t *j, const char *part, const number_score *s)
{
    char key[32];
    const struct {
        const char *name;
        double value;
    } numbers[] = { { "loss", s->loss }, { "r2", s->r2 }, { "mae", s->mae }, { "rmse", s->rmse } };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        (void)snprintf(key, sizeof key, "%s_%s", part, numbers[i].name);
        put_number(j, key, numbers[i].value);
    }
}

static void show_numbers(const char *part, const number_score *s)
{
    char r2[32] = "-";
    if (!isnan(s->r2)) (void)snprintf(r2, sizeof r2, "%.4f", s->r2);
    print_line("%-5s R2 %10s   MAE %.6g   RMSE %.6g  (%lld rows)", part, r2, s->mae, s->rmse,
               (long long)s->count);
}

static void show(const training *t, const score *train)
{
    int64_t count = t->split.validation.count;
    double accuracy = saved_record(t)->validation_accuracy;
    print_line("train accuracy  %6.2f %%  (%lld of %lld)", 100 * score_accuracy(train),
               (long long)train->correct, (long long)train->count);
    print_line("%-5s accuracy  %6.2f %%  (%.0f of %lld)", t->split.validation_name, 100 * accuracy,
               accuracy * (double)count, (long long)count);
}

int report_result(const training *t, const score *train)
{
    double seconds = seconds_now() - t->started;
    if (t->config->common.json) return !print_json(to_json(t, train, seconds));
    show(t, train);
    return 0;
}

int report_numbers_result(const training *t, const number_score *train,
                          const number_score *validation)
{
    const double seconds = seconds_now() - t->started;
    if (!t->config->common.json) {
        show_numbers("train", train);
        show_numbers(t->split.validation_name, validation);
        return 0;
    }
    json_t *j = begin_json(t);
    put_score(j, "train", train);
    put_score(j, "val", validation);
    put_number(j, "seconds", seconds);
    return !print_json(j);
}

/* --- the page of --report --------------------------------------------------------------------- */

static report_series series(const char *name, const double *first)
{
    return (report_series){ name, first, sizeof(epoch_record) };
}

static void add_curves(report *r, const training *t)
{
    const epoch_record *e = t->records;
    const char *held = t->split.validation_name;
    const bool numbers = train_is_regression(t);
    r->curve[0] = (report_curve){ "Loss", numbers ? "of the standardised label" : "nats",
                                  series("train", &e->loss), series(held, &e->validation_loss) };
    r->curve[1] =
        (report_curve){ numbers ? "R2" : "Accuracy", numbers ? NULL : "%",
                        series("train", &e->accuracy), series(held, &e->validation_accuracy) };
    r->curves = 2;
    r->epochs = t->epochs;
    r->saved = saved_epoch(t);
    r->seconds = series("seconds", &e->seconds);
    r->best = cd_history_best(t->history) + 1;
}

/* One of the two scores is NULL. */
static bool write_report(const training *t, const score *validation, const number_score *numbers)
{
    const split *s = &t->split;
    char text[64], best_by[64];
    bool taken = s->validation.set == s->train.set;
    (void)snprintf(text, sizeof text, "%s split%s", s->validation_name,
                   taken ? " (made by training)" : "");
    (void)snprintf(best_by, sizeof best_by, "%s on %s", training_best_by(t), s->validation_name);
    report r = { .command = t->command,
                 .values = t->config, /* the first member of the command's options */
                 .lr = t->lr,
                 .model_file = t->config->out,
                 .architecture = t->architecture ? t->architecture : "layers",
                 .parameters = cd_num_parameters(t->model),
                 .source = t->source,
                 .data = t->config->data,
                 .split = text,
                 .fingerprint = s->fingerprint,
                 .set = s->validation.set,
                 .train_count = s->train.count,
                 .skipped = s->train.skipped + s->validation.skipped,
                 .score = validation,
                 .rows = t->table ? &t->table->rows : NULL,
                 .numbers = numbers,
                 .notable = &t->notable,
                 .best_by = best_by,
                 .reading_seconds = t->reading_seconds,
                 .total_seconds = seconds_now() - t->started };
    add_curves(&r, t);
    return report_write(&r, t->config->report, t->config->out);
}

/* The block at the end, and behind it how to get a page, where there is none. */
static int show_end(const training *t, bool page)
{
    if (t->config->common.json) return 0;
    if (!train_summary_show(t, saved_epoch(t), page)) return failed_in_library();
    if (!t->config->report) report_hint();
    return 0;
}

/* Says how writing the page went; returns the exit status. */
static int finish_report(const training *t, bool done)
{
    const train_config *c = t->config;
    if (!done) {
        int status = failed_or_stopped(NULL);
        (void)show_end(t, false);
        note("the model is saved all the same: %s", c->out);
        return status;
    }
    return show_end(t, true);
}

int report_training(training *t)
{
    const train_config *c = t->config;
    if (!c->report) return show_end(t, false);
    score validation;
    const evaluation e = { .model = train_scored(t),
                           .samples = &t->split.validation,
                           .set_name = c->data,
                           .lr = t->lr,
                           .notable = &t->notable,
                           .unit = t->unit };
    bool done = evaluate(&validation, &e, EVALUATION_BATCH, NULL);
    if (done) {
        done = write_report(t, &validation, NULL);
        score_free(&validation);
    }
    return finish_report(t, done);
}

int report_numbers_training(const training *t, const number_score *validation)
{
    return t->config->report ? finish_report(t, write_report(t, NULL, validation))
                             : show_end(t, false);
}
