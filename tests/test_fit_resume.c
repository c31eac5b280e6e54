/* Checkpoints of cd_fit: a run that was stopped anywhere and goes on gives the parameters and the
 * history of a straight run, bit for bit; and what is refused. */
#include "runs.h"

#include "core/memory_internal.h"
#include "hostile.h"
#include "io/atomic_file_internal.h"
#include "models/run_folder_internal.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- a run ------------------------------------------------------------------------------------ */

/* What a run is made of. Zero is a usual one. */
typedef struct plan {
    int optimizer, schedule, loader; /* of runs.h; loader LOADERS: cd_fit's own */
    bool by_step;                    /* the schedule */
    int64_t epochs, accumulate, early_stopping;
    double clip_norm;
    bool restore_best, average, decisions; /* decisions: classes, with their metrics */
    bool mixed;                            /* with mixup */
    double rate;                           /* of plain SGD, in place of the optimizer */
} plan;

/* How it ends, and is saved. Batches and epochs are counted from 1 within one call of cd_fit. */
typedef struct halt {
    int64_t batch, epoch;  /* after which on_batch or on_epoch returns false */
    int64_t signal_batch;  /* in which .stop is set */
    int64_t failing_batch; /* after which on_batch fails, so that nothing is saved */
    int64_t every;
    double seconds;
    int64_t keep;
} halt;

typedef struct made {
    cd_fit_options o;
    cd_run parts;
    const halt *halt;
    int64_t batches, epochs;
    volatile int stop;
} made;

/* The sum of all outputs, and how many there were: a metric of the program's own. */
static bool total_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m;
    double *s = state, sum = cd_item(cd_sum(cd_to(output, CD_F64)));
    s[0] += sum;
    s[1] += (double)cd_size(target, 0);
    return cd_ok();
}
static double total_value(const cd_metric *m, void *state)
{
    (void)m;
    const double *s = state;
    return s[0] / s[1];
}
static bool total_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    (void)m;
    return cd_metric_visit(v, "sums", CD_F64, state, 2);
}
static const cd_metric total = { .name = "total",
                                 .state_bytes = 2 * sizeof(double),
                                 .update = total_update,
                                 .value = total_value,
                                 .visit = total_visit };
static __attribute__((unused)) const cd_metric unsaved = { .name = "unsaved",
                                                           .lower_is_better = true,
                                                           .state_bytes = 2 * sizeof(double),
                                                           .update = total_update,
                                                           .value = total_value };

static const cd_metric *const number_metrics[] = { &cd_mae, &cd_r2, &total, &cd_rmse, &cd_mape };
static const cd_metric *const decision_metrics[] = {
    &cd_accuracy, &cd_auc, &cd_confusion, &cd_f1, &cd_top5, &cd_mcc, &total, &cd_average_precision
};
enum {
    NUMBER_METRICS = sizeof number_metrics / sizeof *number_metrics,
    DECISION_METRICS = sizeof decision_metrics / sizeof *decision_metrics
};

static cd_dataset *make_data(bool decisions, int64_t from, int64_t count)
{
    cd_tensor *x = cd_view(cd_sin(cd_add(cd_arange((double)(16 * count)), (double)from)),
                           CD_SHAPE(count, 1, 4, 4));
    cd_tensor *y = cd_view(cd_cos(cd_arange((double)(3 * count))), CD_SHAPE(count, 3));
    return cd_dataset_from_tensors(x, decisions ? cd_argmax_dim(y, 1) : y);
}

static cd_loader *make_fit_loader(const plan *p, cd_generator *g)
{
    static const cd_transform noise = { .name = "noise", .apply = noisy };
    static const double weights[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    static cd_batch_transform mixup;
    mixup = cd_mixup(3);
    const int kind = p->loader;
    return cd_loader_new(make_data(p->decisions, 0, 10), .batch_size = 3,
                         .shuffle = kind == 1 || kind == 2, .weights = kind > 2 ? weights : NULL,
                         .without_replacement = kind == 4, .workers = kind == 2 || kind == 5,
                         .generator = kind == 2 || kind == 4 ? g : NULL, .transforms = &noise,
                         .transform_count = 1, .batch_transforms = p->mixed ? &mixup : NULL,
                         .batch_transform_count = p->mixed);
}

static bool on_epoch(const cd_epoch *e, void *context)
{
    made *m = context;
    assert_true(e->number > 0);
    return ++m->epochs != m->halt->epoch;
}

static bool on_batch(const cd_fit_batch *b, void *context)
{
    made *m = context;
    assert_true(b->batch > 0 && b->batch <= b->of);
    m->batches++;
    if (m->batches == m->halt->signal_batch) m->stop = 1;
    if (m->batches == m->halt->failing_batch) return cd_fail(CD_ERR_UNSUPPORTED, "enough");
    return m->batches != m->halt->batch;
}

/* Makes all parts, with random numbers of the seed. */
static void make(made *m, const plan *p, const halt *h, uint64_t seed)
{
    *m = (made){ .halt = h };
    cd_manual_seed(seed);
    cd_generator *generator = cd_generator_new(seed + 1);
    cd_module *model =
        cd_nn_sequential(cd_nn_conv2d(1, 2, 3), cd_nn_batch_norm2d(2), cd_nn_relu(),
                         cd_nn_dropout(0.5), cd_nn_flatten(), cd_nn_linear(2 * 4, 3));
    cd_optimizer *optimizer =
        p->rate > 0 ? cd_optim_sgd(model, .lr = p->rate) : make_optimizer(p->optimizer, model);
    const bool own = p->loader == LOADERS;
    m->o = (cd_fit_options){ .model = model,
                             .train = own ? make_data(p->decisions, 0, 10) : NULL,
                             .batch_size = own ? 3 : 0,
                             .loader = own ? NULL : make_fit_loader(p, generator),
                             .validation = make_data(p->decisions, 5, 7),
                             .optimizer = optimizer,
                             .schedule = schedule_makers[p->schedule](optimizer),
                             .schedule_by_step = p->by_step,
                             .epochs = p->epochs ? p->epochs : 3,
                             .metrics = p->decisions ? decision_metrics : number_metrics,
                             .metric_count = p->decisions ? DECISION_METRICS : NUMBER_METRICS,
                             .accumulate = p->accumulate,
                             .clip_norm = p->clip_norm,
                             .early_stopping = p->early_stopping,
                             .restore_best = p->restore_best,
                             .on_epoch = on_epoch,
                             .on_batch = on_batch,
                             .context = m,
                             .stop = &m->stop,
                             .average =
                                 p->average ? cd_nn_averaged_model(model, .decay = 0.9) : NULL };
    if (h->every || h->seconds > 0) {
        m->o.checkpoint_every = h->every;
        m->o.checkpoint_seconds = h->seconds;
    }
    m->o.keep = h->keep;
    m->parts = (cd_run){ .model = model,
                         .average = m->o.average,
                         .optimizer = optimizer,
                         .schedule = m->o.schedule,
                         .loader = m->o.loader };
    assert_ok();
}

/* --- results ---------------------------------------------------------------------------------- */

/* The state of all parts after a run, and its history without the seconds. */
static recorded record_result(const made *m, const cd_history *h)
{
    recorded r = record_run(&m->parts);
    const int64_t ends[] = { cd_history_count(h), cd_history_best(h), cd_history_end(h) };
    const size_t room = sizeof ends + (size_t)ends[0] * 40 * sizeof(double);
    r.bytes = realloc(r.bytes, r.size + room);
    assert_non_null(r.bytes);
    memcpy(r.bytes + r.size, ends, sizeof ends);
    r.size += sizeof ends;
    for (int64_t i = 0; i < ends[0]; i++) {
        const cd_epoch e = cd_history_epoch(h, i);
        const double numbers[] = { (double)e.number, (double)e.steps, e.loss, e.validation_loss,
                                   e.lr };
        const size_t row = (size_t)e.metric_count * sizeof(double);
        memcpy(r.bytes + r.size, numbers, sizeof numbers);
        memcpy(r.bytes + r.size + sizeof numbers, e.metrics, row);
        memcpy(r.bytes + r.size + sizeof numbers + row, e.validation_metrics, row);
        r.size += sizeof numbers + 2 * row;
    }
    return r;
}

static const halt never;

static recorded straight_run(const plan *p)
{
    CD_SCOPE();
    made m;
    make(&m, p, &never, 7);
    cd_history *h = cd_fit_with(m.o);
    assert_ok();
    return record_result(&m, h);
}

/* Whether the folder "run" has a checkpoint. */
static bool has_checkpoint(void)
{
    DIR *d = opendir(in_folder("run"));
    bool found = false;
    for (const struct dirent *e; d && (e = readdir(d));) found |= strstr(e->d_name, ".safet") != 0;
    if (d) (void)closedir(d);
    return found;
}

/* Starts the run or goes on with it; a resumed one is made with other random numbers. */
static cd_history *go_on(made *m, const plan *p, const halt *h)
{
    make(m, p, h, has_checkpoint() ? 1000 : 7);
    m->o.checkpoint = in_folder("run");
    m->o.resume = true;
    return cd_fit_with(m->o);
}

static void remove_run(void)
{
    DIR *d = opendir(in_folder("run"));
    for (const struct dirent *e; d && (e = readdir(d));) {
        char path[300];
        (void)snprintf(path, sizeof path, "run/%s", e->d_name);
        (void)unlink(in_folder(path));
    }
    if (d) (void)closedir(d);
    (void)rmdir(in_folder("run"));
}

/* Runs in pieces, of which each ends as `h` says and the last one at its own end, and compares. */
static void pieces_equal(const plan *p, const halt *h, const recorded *straight, const char *what)
{
    int64_t pieces = 0;
    for (bool done = false; !done; pieces++) {
        CD_SCOPE();
        made m;
        assert_that(pieces < 100, "%s: no end", what);
        cd_history *history = go_on(&m, p, h);
        if (h->failing_batch && !history) {
            assert_failed_with(CD_ERR_UNSUPPORTED, "enough");
            continue;
        }
        assert_ok();
        done = cd_history_end(history) != CD_FIT_STOPPED;
        if (!done) continue;
        recorded r = record_result(&m, history);
        assert_same_run(&r, straight, what);
        free(r.bytes);
    }
    /* Gone on with once more, it is over at once, with the same result. */
    CD_SCOPE();
    made m;
    cd_history *history = go_on(&m, p, &never);
    assert_ok();
    assert_int_equal(m.batches + m.epochs, 0);
    recorded r = record_result(&m, history);
    assert_same_run(&r, straight, what);
    free(r.bytes);
    remove_run();
}

static int no_sync(int fd)
{
    (void)fd;
    return 0;
}

static cd_file_calls calls;

/* Without waiting for the disk, as there are thousands of checkpoints. */
static void begin_quick(void)
{
    calls = cd_file_calls_system;
    calls.fsync = no_sync;
    cd_file_calls_used = &calls;
}

static void end_quick(void)
{
    cd_file_calls_used = &cd_file_calls_system;
}

/* --- every combination ------------------------------------------------------------------------ */

static void every_optimizer_and_schedule_goes_on(void **state)
{
    (void)state;
    begin_quick();
    for (int o = 0, n = 0; o < optimizer_count(); o++) {
        for (int s = 0; s < SCHEDULES; s++, n++) {
            CD_SCOPE();
            const plan p = { .optimizer = o,
                             .schedule = s,
                             .loader = n % (LOADERS + 1),
                             .by_step = n % 2 && schedule_makers[s] != make_plateau,
                             .accumulate = 1 + n % 3 / 2,
                             .average = n % 5 == 0,
                             .decisions = n % 2 == 0,
                             .restore_best = n % 3 == 0 };
            const halt h = { .batch = 1 + n % 9, .every = n % 4 };
            char what[80];
            (void)snprintf(what, sizeof what, "optimizer %d, schedule %d", o, s);
            recorded straight = straight_run(&p);
            if (h.batch > 1) pieces_equal(&p, &h, &straight, what);
            free(straight.bytes);
        }
    }
    end_quick();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_optimizer_and_schedule_goes_on),
    };
    return RUN(tests);
}
