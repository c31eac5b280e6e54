/* Trains a model of a table, saves it and tells how well it does. */
#include "apps/console.h"
#include "apps/fitting.h"
#include "apps/interrupt.h"
#include "apps/report.h"
#include "apps/train_checkpoint.h"
#include "apps/train_table.h"

/* Runs the trained model on all rows. */
static bool run_rows(training *t, train_table *table)
{
    cd_tensor *x;
    table->rows =
        (tabular){ .encoder = table->encoder, .table = table->table, .path = t->config->data };
    return cd_encoder_encode(table->encoder, table->table, &x, &table->rows.y) &&
           tabular_run(&table->rows, t->trained, x, "evaluating");
}

/* What is scored of classes are the logits, as samples that need no model any more: so that of a
 * binary model, whose single output is no logit of a class, is scored as any other. */
static bool move_to_logits(training *t, train_table *table)
{
    table->scored = cd_nn_flatten();
    return table->scored && split_move(&t->split, tabular_samples(&table->rows));
}

static int finish_classes(training *t)
{
    score train;
    if (!training_evaluate(t, &t->split.train, &train)) return failed_or_stopped(t->config->out);
    int status = training_save(t) ? report_result(t, &train) : failed_in_library();
    score_free(&train);
    return status == 0 ? report_training(t) : status;
}

static int finish_numbers(training *t)
{
    number_score train, validation;
    const tabular *rows = &t->table->rows;
    const samples *a = &t->split.train, *b = &t->split.validation;
    if (!number_score_make(&train, rows, a->index, a->count) ||
        !number_score_make(&validation, rows, b->index, b->count) || !training_save(t)) {
        return failed_in_library();
    }
    int status = report_numbers_result(t, &train, &validation);
    return status == 0 ? report_numbers_training(t, &validation) : status;
}

int train_table_run(training *t, train_table *table)
{
    if (!fit(t) || !run_rows(t, table)) return training_stopped(t);
    if (train_is_regression(t)) return finish_numbers(t);
    return move_to_logits(t, table) ? finish_classes(t) : failed_in_library();
}

void train_table_to_json(const training *t, json_t *object)
{
    const cd_encoder *e = t->table->encoder;
    put_text(object, "task",
             train_is_regression(t)                  ? "regression"
             : cd_encoder_task(e) == CD_TABLE_BINARY ? "binary"
                                                     : "classes");
    put_text(object, "label", cd_encoder_label(e));
    put_text(object, "why", t->table->why);
}
