/* Prints what train and probe have done, and saves their model with its card. */
#include "apps/report.h"

#include <math.h>
#include <stdlib.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"

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
    put_exact(j, "held_accuracy", saved_record(t)->validation_accuracy);
    return j;
}

bool save_trained(const training *t)
{
    const cd_dataset *set = t->split.train.set;
    int64_t count = cd_dataset_class_count(set);
    const char **classes = malloc((size_t)count * sizeof *classes);
    char *record = json_line(training_record(t));
    char *source = t->source ? utf8_copy(t->source) : NULL;
    bool done = classes && record && (source || !t->source);
    if (!done && cd_ok()) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the model's card");
    for (int64_t k = 0; done && k < count; k++) classes[k] = cd_dataset_class_name(set, k);
    const cd_card card = { .architecture = t->architecture,
                           .options = t->options,
                           .classes = classes,
                           .class_count = count,
                           .preprocess = t->preprocess,
                           .source = source,
                           .training = record };
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

static json_t *epochs_to_json(const epoch_record *records, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++) {
        json_t *epoch = json_object();
        put_integer(epoch, "epoch", i + 1);
        put_number(epoch, "loss", records[i].loss);
        put_number(epoch, "train_accuracy", records[i].accuracy);
        put_number(epoch, "val_loss", records[i].validation_loss);
        put_number(epoch, "val_accuracy", records[i].validation_accuracy);
        put_number(epoch, "seconds", records[i].seconds);
        append_json(list, epoch);
    }
    return list;
}

static json_t *to_json(const training *t, const score *train, double seconds)
{
    const split *s = &t->split;
    json_t *j = json_object();
    put_text(j, "command", t->command->name);
    put_text(j, "model", t->architecture ? t->architecture : "layers");
    put_text(j, "data", t->config->data);
    put_text(j, "source", t->source);
    put_text(j, "out", t->config->out);
    put_text(j, "report", t->config->report);
    put_json(j, "classes", class_names_to_json(s->train.set));
    put_integer(j, "train_count", s->train.count);
    put_integer(j, "val_count", s->validation.count);
    put_text(j, "val_name", s->validation_name);
    put_integer(j, "skipped", s->train.skipped + s->validation.skipped);
    put_integer(j, "ignored", ignored_files(s));
    put_integer(j, "parameters", cd_num_parameters(t->model));
    put_integer(j, "saved_epoch", saved_epoch(t));
    put_json(j, "epochs", epochs_to_json(t->records, t->epochs));
    put_number(j, "train_loss", train->loss);
    put_number(j, "train_accuracy", score_accuracy(train));
    put_number(j, "val_loss", saved_record(t)->validation_loss);
    put_number(j, "val_accuracy", saved_record(t)->validation_accuracy);
    put_number(j, "reading_seconds", t->reading_seconds);
    put_number(j, "seconds", seconds);
    return j;
}

static void show(const training *t, const score *train, double seconds)
{
    int64_t count = t->split.validation.count;
    double accuracy = saved_record(t)->validation_accuracy;
    print_line("train accuracy  %6.2f %%  (%lld of %lld)", 100 * score_accuracy(train),
               (long long)train->correct, (long long)train->count);
    print_line("%-5s accuracy  %6.2f %%  (%.0f of %lld)", t->split.validation_name, 100 * accuracy,
               accuracy * (double)count, (long long)count);
    if (saved_epoch(t) == t->epochs) {
        print_line_in(STYLE_SAVED, "saved %s after the last epoch, %.1f s in all", t->config->out,
                      seconds);
    } else {
        print_line_in(STYLE_SAVED,
                      "saved %s as it was after epoch %lld, the best one, %.1f s in all",
                      t->config->out, (long long)saved_epoch(t), seconds);
    }
}

int report_result(const training *t, const score *train)
{
    double seconds = seconds_now() - t->started;
    if (t->config->common.json) return !print_json(to_json(t, train, seconds));
    show(t, train, seconds);
    return 0;
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
    r->curve[0] = (report_curve){ "Loss", "nats", series("train", &e->loss),
                                  series(held, &e->validation_loss) };
    r->curve[1] = (report_curve){ "Accuracy", "%", series("train", &e->accuracy),
                                  series(held, &e->validation_accuracy) };
    r->curves = 2;
    r->epochs = t->epochs;
    r->saved = saved_epoch(t);
    r->seconds = series("seconds", &e->seconds);
    r->best = cd_history_best(t->history) + 1;
}

static bool write_report(const training *t, const score *validation)
{
    const split *s = &t->split;
    char text[64], best_by[64];
    bool taken = s->validation.set == s->train.set;
    (void)snprintf(text, sizeof text, "%s split%s", s->validation_name,
                   taken ? " (made by training)" : "");
    (void)snprintf(best_by, sizeof best_by, "highest accuracy on %s", s->validation_name);
    report r = { .command = t->command,
                 .values = t->config, /* the first member of the command's options */
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
                 .notable = &t->notable,
                 .best_by = best_by,
                 .reading_seconds = t->reading_seconds,
                 .total_seconds = seconds_now() - t->started };
    add_curves(&r, t);
    return report_write(&r, t->config->report, t->config->out);
}

int report_training(training *t)
{
    const train_config *c = t->config;
    if (!c->report) {
        if (!c->common.json) report_hint();
        return 0;
    }
    score validation;
    const evaluation e = { .model = t->trained,
                           .samples = &t->split.validation,
                           .set_name = c->data,
                           .lr = t->lr,
                           .notable = &t->notable };
    bool done = evaluate(&validation, &e, EVALUATION_BATCH, NULL);
    if (done) {
        done = write_report(t, &validation);
        score_free(&validation);
    }
    if (!done) {
        int status = failed_or_stopped(NULL);
        note("the model is saved all the same: %s", c->out);
        return status;
    }
    if (!c->common.json) print_line("wrote %s", c->report);
    return 0;
}
