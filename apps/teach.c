#include "apps/teach.h"

#include <math.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/progress.h"
#include "apps/score.h"
#include "apps/table.h"

typedef struct run {
    const lesson *l;
    cd_optimizer *sgd;
    cd_scheduler *schedule; /* NULL: a constant rate */
    epoch_record *record;   /* of this epoch; sums until it ends */
} run;

static bool check_loss(const lesson *l, double loss)
{
    return isfinite(loss) ||
           cd_fail(CD_ERR_STATE, "the loss became %s: a smaller --lr than %g may help",
                   isnan(loss) ? "nan" : "infinite", l->lr);
}

static bool step(run *r, const batch *b)
{
    cd_tensor *logits = cd_forward(r->l->model, b->x);
    cd_tensor *loss = cd_cross_entropy(logits, b->y);
    double value = cd_item(loss);
    if (!cd_ok() || !check_loss(r->l, value)) return false;
    (void)cd_zero_grad(r->sgd);
    (void)cd_backward(loss);
    (void)cd_step(r->sgd);
    if (r->schedule) (void)cd_scheduler_step(r->schedule);
    r->record->loss += value * (double)b->count;
    r->record->accuracy += cd_item(cd_sum(cd_eq(cd_argmax_dim(logits, 1), b->y)));
    return cd_ok();
}

static bool pass(run *r)
{
    CD_SCOPE();
    samples *s = &r->l->data->train;
    cd_tensor *order = cd_randperm(s->count);
    const int64_t *place = cd_data(order);
    if (!place || !cd_train(r->l->model)) return false;
    for (int64_t from = 0; from < s->count && !interrupted(); from += r->l->batch) {
        CD_SCOPE();
        int64_t count = s->count - from < r->l->batch ? s->count - from : r->l->batch;
        batch b;
        if (!samples_batch(s, place + from, count, &b) || !step(r, &b)) return false;
        progress_at(from + count);
    }
    return !interrupted();
}

static bool one_epoch(run *r, int64_t epoch)
{
    const lesson *l = r->l;
    double started = seconds_now();
    char what[48];
    (void)snprintf(what, sizeof what, "epoch %lld/%lld", (long long)epoch + 1,
                   (long long)l->epochs);
    progress_begin(what, l->unit, l->data->train.count);
    bool done = pass(r);
    progress_end();
    score held;
    const subject of = { .model = l->model, .samples = &l->data->held, .lr = l->lr };
    if (!done || !score_samples(&held, &of, 1000, NULL)) return false;
    epoch_record *record = r->record;
    record->loss /= (double)l->data->train.count;
    record->accuracy /= (double)l->data->train.count;
    record->held_loss = held.loss;
    record->held_accuracy = score_accuracy(&held);
    record->seconds = seconds_now() - started;
    score_free(&held);
    /* The last step is seen nowhere else. */
    return check_loss(l, record->held_loss);
}

static void show(const lesson *l, const epoch_record *record, int64_t epoch)
{
    char text[24];
    int number = snprintf(text, sizeof text, "%5lld", (long long)l->epochs);
    table t = { .column = { { .head = "epoch", .width = number, .least = number },
                            { .head = "loss", .gap = 2, .width = 8, .least = 8, .leaves = 2 },
                            { .head = "train", .gap = 2, .width = 8, .least = 8, .leaves = 3 },
                            { .head = l->data->held_name, .gap = 2, .width = 8, .least = 8 },
                            { .head = "time", .gap = 2, .width = 8, .least = 8, .leaves = 1 } },
                .count = 5 };
    table_fit(&t, columns_left(0));
    if (epoch == 0) table_head(&t);
    if ((epoch + 1) % l->shown_every != 0 && epoch + 1 != l->epochs) return;
    table_number(&t, "%lld", (long long)epoch + 1);
    /* 123456.7891 would be wider than its column. */
    table_number(&t, record->loss < 1000 ? "%.4f" : "%.2e", record->loss);
    table_number(&t, "%.2f %%", 100 * record->accuracy);
    table_number(&t, "%.2f %%", 100 * record->held_accuracy);
    table_number(&t, record->seconds < 1000 ? "%.2f s" : "%.0f s", record->seconds);
}

bool teach(const lesson *l, epoch_record *records)
{
    CD_SCOPE();
    int64_t steps = (l->data->train.count + l->batch - 1) / l->batch * l->epochs;
    run r = { .l = l };
    r.sgd = cd_optim_sgd(l->model, .lr = l->lr, .momentum = l->momentum,
                         .weight_decay = l->weight_decay);
    if (l->cosine) r.schedule = cd_schedule_cosine(r.sgd, steps);
    if (!cd_ok()) return false;
    for (int64_t epoch = 0; epoch < l->epochs; epoch++) {
        r.record = &records[epoch];
        *r.record = (epoch_record){ .loss = 0 };
        if (!one_epoch(&r, epoch)) return false;
        if (l->shown_every > 0) show(l, r.record, epoch);
    }
    return cd_eval(l->model);
}

json_t *epochs_to_json(const epoch_record *records, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++) {
        json_t *epoch = json_object();
        put_whole(epoch, "epoch", i + 1);
        put_number(epoch, "loss", records[i].loss);
        put_number(epoch, "train_accuracy", records[i].accuracy);
        put_number(epoch, "held_loss", records[i].held_loss);
        put_number(epoch, "held_accuracy", records[i].held_accuracy);
        put_number(epoch, "seconds", records[i].seconds);
        append_json(list, epoch);
    }
    return list;
}
