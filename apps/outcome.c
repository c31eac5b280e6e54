#include "apps/outcome.h"

#include <stdlib.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/score.h"

/* A model file holds UTF-8 and nothing else. */
static bool check_class_names(const cd_dataset *set)
{
    int64_t count = cd_dataset_class_count(set);
    for (int64_t k = 0; k < count; k++) {
        if (is_utf8(cd_dataset_class_name(set, k))) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "the name of class %lld is not UTF-8, so no model file can hold it: please "
                       "rename its folder",
                       (long long)k);
    }
    return true;
}

static json_t *class_names_to_json(const cd_dataset *set)
{
    json_t *list = json_array();
    int64_t count = cd_dataset_class_count(set);
    for (int64_t k = 0; k < count; k++) append_text(list, cd_dataset_class_name(set, k));
    return list;
}

bool check_learnable(const cd_dataset *set, const char *name)
{
    if (cd_dataset_class_count(set) < 2) {
        char class_name[64];
        return cd_fail(
            CD_ERR_FORMAT, "%s has one class, \"%s\", and it takes two to learn to tell them apart",
            name, cd_escape_text(class_name, sizeof class_name, cd_dataset_class_name(set, 0)));
    }
    return check_class_names(set);
}

static int64_t ignored(const division *d)
{
    int64_t files = cd_dataset_ignored(d->train.set);
    return files + (d->held.set != d->train.set ? cd_dataset_ignored(d->held.set) : 0);
}

void show_data(const outcome *o)
{
    const division *d = o->lesson.data;
    char text[COUNTED_BYTES], classes[COUNTED_BYTES];
    if (o->common->json) return;
    print_line("%s: %s to learn from, %lld to judge by (%s), %s", o->data_name,
               counted(d->train.count, "picture", "pictures", text), (long long)d->held.count,
               d->held_name,
               counted(cd_dataset_class_count(d->train.set), "class", "classes", classes));
    int64_t skipped = d->train.skipped + d->held.skipped;
    if (skipped > 0) {
        print_line("left out: %s that cannot be decoded",
                   counted(skipped, "picture", "pictures", text));
    }
    if (ignored(d) > 0) {
        print_line("ignored: %s of other kinds than .jpg, .jpeg, .png and .bmp",
                   counted(ignored(d), "file", "files", text));
    }
}

/* --- the model file --------------------------------------------------------------------------- */

/* What is written into the card. Whoever divides the same set again finds here how. */
static json_t *training_record(const outcome *o)
{
    const lesson *l = &o->lesson;
    const division *d = l->data;
    const epoch_record *last = &o->records[l->epochs - 1];
    json_t *j = json_object();
    put_text(j, "command", o->command);
    put_text(j, "data", o->data_name);
    put_whole(j, "train_count", d->train.count);
    put_text(j, "held", d->held_name);
    put_whole(j, "held_count", d->held.count);
    put_exact(j, "val_split", d->fraction);
    put_text(j, "fingerprint", d->fingerprint);
    put_whole(j, "seed", o->common->seed);
    put_whole(j, "epochs", l->epochs);
    put_whole(j, "batch", l->batch);
    put_exact(j, "lr", l->lr);
    put_exact(j, "momentum", l->momentum);
    put_exact(j, "weight_decay", l->weight_decay);
    put_text(j, "schedule", l->cosine ? "cosine" : "constant");
    put_exact(j, "loss", last->loss);
    put_exact(j, "held_accuracy", last->held_accuracy);
    return j;
}

static bool save(const outcome *o, cd_module *model)
{
    const cd_dataset *set = o->lesson.data->train.set;
    int64_t count = cd_dataset_class_count(set);
    const char **classes = malloc((size_t)count * sizeof *classes);
    char *training = json_line(training_record(o));
    char *source = o->source ? utf8_copy(o->source) : NULL;
    bool done = classes && training && (source || !o->source);
    if (!done && cd_ok()) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the model's card");
    for (int64_t k = 0; done && k < count; k++) classes[k] = cd_dataset_class_name(set, k);
    const cd_card card = { .architecture = o->architecture,
                           .options = o->options,
                           .classes = classes,
                           .class_count = count,
                           .preprocess = o->preprocess,
                           .source = source,
                           .training = training };
    done = done && cd_save_model(model, &card, o->out);
    free(source);
    free(classes);
    free(training);
    return done;
}

/* --- the report ------------------------------------------------------------------------------- */

static json_t *to_json(const outcome *o, cd_module *model, const score *train, double seconds)
{
    const lesson *l = &o->lesson;
    const division *d = l->data;
    const epoch_record *last = &o->records[l->epochs - 1];
    json_t *j = json_object();
    put_text(j, "command", o->command);
    put_text(j, "model", o->architecture);
    put_text(j, "data", o->data_name);
    put_text(j, "source", o->source);
    put_text(j, "out", o->out);
    put_json(j, "classes", class_names_to_json(d->train.set));
    put_whole(j, "train_count", d->train.count);
    put_whole(j, "held_count", d->held.count);
    put_text(j, "held", d->held_name);
    put_whole(j, "skipped", d->train.skipped + d->held.skipped);
    put_whole(j, "ignored", ignored(d));
    put_whole(j, "parameters", cd_num_parameters(model));
    put_json(j, "epochs", epochs_to_json(o->records, l->epochs));
    put_number(j, "train_loss", train->loss);
    put_number(j, "train_accuracy", score_accuracy(train));
    put_number(j, "held_loss", last->held_loss);
    put_number(j, "held_accuracy", last->held_accuracy);
    put_number(j, "reading_seconds", o->reading_seconds);
    put_number(j, "seconds", seconds);
    return j;
}

static void show(const outcome *o, const score *train, double seconds)
{
    const division *d = o->lesson.data;
    double accuracy = o->records[o->lesson.epochs - 1].held_accuracy;
    print_line("train accuracy  %6.2f %%  (%lld of %lld)", 100 * score_accuracy(train),
               (long long)train->right, (long long)train->count);
    print_line("%-5s accuracy  %6.2f %%  (%.0f of %lld)", d->held_name, 100 * accuracy,
               accuracy * (double)d->held.count, (long long)d->held.count);
    print_line("saved %s after the last epoch, %.1f s in all", o->out, seconds);
}

static int report(const outcome *o, cd_module *model, const score *train)
{
    double seconds = seconds_now() - o->started;
    if (o->common->json) return !print_json(to_json(o, model, train, seconds));
    show(o, train, seconds);
    return 0;
}

int finish(const outcome *o, cd_module *model)
{
    score train;
    const subject of = { .model = o->lesson.model,
                         .samples = &o->lesson.data->train,
                         .lr = o->lesson.lr };
    if (!score_samples(&train, &of, 1000, NULL)) {
        return interrupted() ? stopped(o->out) : failed_in_library();
    }
    int status = save(o, model) ? report(o, model, &train) : failed_in_library();
    score_free(&train);
    return status;
}
