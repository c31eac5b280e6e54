/* Begins, runs and ends a training run, for train and probe. */
#include "apps/training.h"

#include <stdlib.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/report.h"
#include "apps/fitting.h"

int training_begin(training *t, const command *c, const train_config *config)
{
    *t = (training){ .command = c, .config = config, .started = seconds_now() };
    catch_interrupts();
    const char *const written[] = { config->out, NULL };
    int status = report_check(c, config->report, written);
    if (status != 0) return status;
    if (!cd_path_writable(config->out)) return failed_in_library();
    return 0;
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
    const evaluation e = { .model = t->trained, .samples = s, .lr = t->lr };
    return evaluate(out, &e, EVALUATION_BATCH, NULL);
}

int training_run(training *t)
{
    score train;
    if (!fit(t) || !training_evaluate(t, &t->split.train, &train)) {
        return failed_or_stopped(t->config->out);
    }
    int status = save_trained(t) ? report_result(t, &train) : failed_in_library();
    score_free(&train);
    return status == 0 ? report_training(t) : status;
}

void training_end(training *t)
{
    split_free(&t->split);
    free(t->options);
    free(t->records);
}
