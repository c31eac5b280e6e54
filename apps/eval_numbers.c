/* What candela eval prints of predicted numbers: R2 and errors. */
#include "apps/eval_numbers.h"

#include <math.h>
#include <string.h>

#include "apps/console.h"
#include "apps/json.h"
#include "apps/report_page.h"

static void show(const number_evaluation *e, const number_score *s)
{
    const bool whole = strcmp(e->split, "all") == 0;
    char rows[COUNTED_BYTES], task[TASK_BYTES], r2[32] = "-";
    print_line("%s on %s%s%s: %s, %s", e->file, e->rows->path, whole ? "" : ", ",
               whole ? "" : e->text, counted(s->count, "row", "rows", rows),
               tabular_task(e->rows->encoder, task));
    if (*e->others) {
        print_line("(the default; --split can be %s)", e->others);
    }
    if (!isnan(s->r2)) (void)snprintf(r2, sizeof r2, "%.4f", s->r2);
    print_line("R2    %12s  (1 is perfect; the mean of all rows as a guess has 0)", r2);
    print_line("MAE   %12.6g  (the mean of the absolute errors)", s->mae);
    print_line("RMSE  %12.6g  (the root of the mean of the squared errors)", s->rmse);
    print_line("loss  %12.6g  (the mean squared error of the label as training sees it)", s->loss);
}

static json_t *to_json(const number_evaluation *e, const number_score *s)
{
    json_t *all = json_object();
    put_text(all, "model", e->file);
    put_text(all, "data", e->rows->path);
    put_text(all, "task", "regression");
    put_text(all, "label", cd_encoder_label(e->rows->encoder));
    put_text(all, "split", e->split);
    put_bool(all, "split_is_default", e->split_is_default);
    put_text(all, "report", e->report);
    put_integer(all, "count", s->count);
    put_number(all, "loss", s->loss);
    put_number(all, "r2", s->r2);
    put_number(all, "mae", s->mae);
    put_number(all, "rmse", s->rmse);
    return all;
}

/* Writes the page of --report, or prints how to get one. */
static int report_numbers(const number_evaluation *e, const number_score *s)
{
    if (!e->report) {
        if (!e->json) report_hint();
        return 0;
    }
    const report r = { .command = e->command,
                       .values = e->values,
                       .model_file = e->file,
                       .architecture = e->card->architecture,
                       .parameters = cd_num_parameters(e->model),
                       .source = e->card->source,
                       .card = e->card,
                       .data = e->rows->path,
                       .split = e->text,
                       .rows = e->rows,
                       .numbers = s,
                       .total_seconds = seconds_now() - e->started };
    if (!report_write(&r, e->report, e->file)) return failed_in_library();
    if (!e->json) print_line("wrote %s", e->report);
    return 0;
}

int evaluate_numbers(const number_evaluation *e)
{
    number_score s;
    if (!number_score_make(&s, e->rows, e->index, e->count)) return failed_in_library();
    if (!e->json) {
        show(e, &s);
    } else if (!print_json(to_json(e, &s))) {
        return 1;
    }
    return report_numbers(e, &s);
}
