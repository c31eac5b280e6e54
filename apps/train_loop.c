/* The training loop: forward, loss, backward and step for each batch. */
#include "apps/train_loop.h"

#include <math.h>
#include <string.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/progress.h"
#include "apps/table.h"

typedef struct loop {
    training *t;
    cd_optimizer *optimizer;
    cd_scheduler *schedule; /* NULL: a constant learning rate */
    epoch_record *record;   /* of this epoch; loss and accuracy are sums until the epoch ends */
} loop;

static bool check_loss(const loop *l, double loss)
{
    return isfinite(loss) ||
           cd_fail(CD_ERR_STATE, "the loss became %s: a smaller --lr than %g may help",
                   isnan(loss) ? "nan" : "infinite", l->t->config->lr);
}

static bool train_step(loop *l, const batch *b)
{
    cd_tensor *logits = cd_forward(l->t->trained, b->x);
    cd_tensor *loss = cd_cross_entropy(logits, b->y);
    double value = cd_item(loss);
    if (!cd_ok() || !check_loss(l, value)) return false;
    (void)cd_zero_grad(l->optimizer);
    (void)cd_backward(loss);
    (void)cd_step(l->optimizer);
    if (l->schedule) (void)cd_scheduler_step(l->schedule);
    l->record->loss += value * (double)b->count;
    l->record->accuracy += cd_item(cd_sum(cd_eq(cd_argmax_dim(logits, 1), b->y)));
    return cd_ok();
}

static bool train_epoch(loop *l)
{
    CD_SCOPE();
    samples *s = &l->t->split.train;
    int64_t batch_size = l->t->config->batch_size;
    cd_tensor *order = cd_randperm(s->count);
    const int64_t *position = cd_data(order);
    if (!position || !cd_train(l->t->trained)) return false;
    for (int64_t first = 0; first < s->count && !interrupted(); first += batch_size) {
        CD_SCOPE();
        int64_t count = s->count - first < batch_size ? s->count - first : batch_size;
        batch b;
        if (!samples_batch(s, position + first, count, &b)) return false;
        if (b.count > 0 && !train_step(l, &b)) return false;
        progress_at(first + count);
    }
    return !interrupted();
}

/* Trains for one epoch, then validates. */
static bool run_epoch(loop *l, int64_t epoch)
{
    training *t = l->t;
    double started = seconds_now();
    char task[48];
    (void)snprintf(task, sizeof task, "epoch %lld/%lld", (long long)epoch + 1,
                   (long long)t->config->epochs);
    progress_begin(task, t->unit, t->split.train.count);
    bool done = train_epoch(l);
    progress_end();
    score validation;
    if (!done || !training_evaluate(t, &t->split.validation, &validation)) return false;
    epoch_record *record = l->record;
    record->loss /= (double)t->split.train.count;
    record->accuracy /= (double)t->split.train.count;
    record->validation_loss = validation.loss;
    record->validation_accuracy = score_accuracy(&validation);
    record->seconds = seconds_now() - started;
    score_free(&validation);
    /* What the last step has made of the model shows in no other loss. */
    return check_loss(l, record->validation_loss);
}

/* Prints the epoch's line of the table; the first epoch prints the head before it. */
static void show_epoch(const training *t, int64_t epoch)
{
    char text[24];
    int number = snprintf(text, sizeof text, "%5lld", (long long)t->config->epochs);
    const char *validation = t->split.validation_name;
    table rows = {
        .column = { { .head = "epoch", .width = number, .min_width = number },
                    { .head = "loss", .gap = 2, .width = 8, .min_width = 8, .drop_order = 2 },
                    { .head = "train", .gap = 2, .width = 8, .min_width = 8, .drop_order = 3 },
                    { .head = validation, .gap = 2, .width = 8, .min_width = 8 },
                    { .head = "time", .gap = 2, .width = 8, .min_width = 8, .drop_order = 1 } },
        .count = 5
    };
    table_fit(&rows, columns_left(0));
    if (epoch == 0) table_head(&rows);
    if ((epoch + 1) % t->epochs_per_line != 0 && epoch + 1 != t->config->epochs) return;
    const epoch_record *record = &t->records[epoch];
    table_number(&rows, "%lld", (long long)epoch + 1);
    /* 123456.7891 would be wider than its column. */
    table_number(&rows, record->loss < 1000 ? "%.4f" : "%.2e", record->loss);
    table_number(&rows, "%.2f %%", 100 * record->accuracy);
    table_number(&rows, "%.2f %%", 100 * record->validation_accuracy);
    table_number(&rows, record->seconds < 1000 ? "%.2f s" : "%.0f s", record->seconds);
}

static cd_optimizer *make_optimizer(const training *t)
{
    const train_config *c = t->config;
    const char *name = c->optimizer ? c->optimizer : "sgd";
    /* The options of the program are whole: a 0 means the number 0. */
    const double decay = c->weight_decay > 0 ? c->weight_decay : CD_ZERO;
    const double beta1 = c->momentum > 0 ? c->momentum : CD_ZERO;
    if (strcmp(name, "adam") == 0) {
        return cd_optim_adam(t->trained, .lr = c->lr, .beta1 = beta1, .weight_decay = decay);
    }
    if (strcmp(name, "adamw") == 0) {
        return cd_optim_adamw(t->trained, .lr = c->lr, .beta1 = beta1, .weight_decay = decay);
    }
    return cd_optim_sgd(t->trained, .lr = c->lr, .momentum = c->momentum, .weight_decay = decay);
}

bool train_loop(training *t)
{
    CD_SCOPE();
    const train_config *c = t->config;
    int64_t steps = (t->split.train.count + c->batch_size - 1) / c->batch_size * c->epochs;
    loop l = { .t = t };
    l.optimizer = make_optimizer(t);
    if (strcmp(c->schedule, "cosine") == 0) l.schedule = cd_schedule_cosine(l.optimizer, steps);
    if (!cd_ok()) return false;
    for (int64_t epoch = 0; epoch < c->epochs; epoch++) {
        l.record = &t->records[epoch];
        if (!run_epoch(&l, epoch)) return false;
        if (!c->common.json) show_epoch(t, epoch);
    }
    return cd_eval(t->trained);
}
