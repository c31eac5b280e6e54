/* Begins, runs and ends a training run, for train and probe. */
#include "apps/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/report.h"
#include "apps/fitting.h"
#include "apps/train_checkpoint.h"
#include "apps/train_log.h"
#include "apps/train_paths.h"
#include "apps/train_settings.h"
#include "apps/train_table.h"

int training_begin(training *t, const command *c, const train_config *config, double sgd_lr)
{
    *t = (training){ .command = c, .config = config, .sgd_lr = sgd_lr, .started = seconds_now() };
    catch_interrupts();
    const char *const written[] = { config->out, NULL };
    int status = report_check(c, config->report, written);
    if (status == 0) status = train_paths_check(t);
    if (status != 0) return status;
    if (!cd_path_writable(config->out) || !train_log_check(t)) return failed_in_library();
    return checkpoint_check(t);
}

/* The card holds the class names, and the card of a model file is UTF-8. */
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

bool check_trainable(const cd_dataset *set, const char *set_name)
{
    if (cd_dataset_class_count(set) < 2) {
        char class_name[64];
        return cd_fail(
            CD_ERR_FORMAT, "%s has one class, \"%s\", and a classifier needs at least two",
            set_name, cd_escape_text(class_name, sizeof class_name, cd_dataset_class_name(set, 0)));
    }
    return check_class_names(set);
}

bool training_evaluate(const training *t, samples *s, score *out)
{
    const evaluation e = { .model = train_scored(t), .samples = s, .lr = t->lr };
    return evaluate(out, &e, EVALUATION_BATCH, NULL);
}

bool training_save(training *t)
{
    const bool saved = save_trained(t) && train_history_write(t);
    if (saved) train_log_end(t, true);
    return saved;
}

int training_run(training *t)
{
    score train;
    if (!fit(t) || !training_evaluate(t, &t->split.train, &train)) {
        return training_stopped(t);
    }
    int status = training_save(t) ? report_result(t, &train) : failed_in_library();
    score_free(&train);
    return status == 0 ? report_training(t) : status;
}

const char *training_best_by(const training *t)
{
    return strcmp(t->monitor, "accuracy") == 0 ? "highest accuracy"
           : strcmp(t->monitor, "r2") == 0     ? "highest R2"
                                               : "lowest loss";
}

/* More is better. */
static double quality(const training *t, const epoch_record *record)
{
    return strcmp(t->monitor, "validation_loss") == 0 ? -record->validation_loss
                                                      : record->validation_accuracy;
}

bool training_is_better(const training *t, const epoch_record *record, const epoch_record *other)
{
    const double value = quality(t, record), before = other ? quality(t, other) : -INFINITY;
    if (isnan(value)) return false;
    return !other || value > before ||
           (value == before && record->validation_loss < other->validation_loss);
}

void training_end(training *t)
{
    train_log_end(t, false);
    train_settings_free(&t->settings);
    split_free(&t->split);
    free(t->options);
    free(t->records);
}
