/* Checkpoints of cd_fit: a run that was stopped anywhere and goes on gives the parameters and the
 * history of a straight run, bit for bit; and what is refused. */
#include "runs.h"

#include "core/memory_internal.h"
#include "hostile.h"
#include "io/atomic_file_internal.h"
#include "models/run_folder_internal.h"
#include "summed.h"

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
    bool shrinks;          /* on_epoch makes a weight smaller, which belongs to its epoch */
    double rate;           /* of plain SGD, in place of the optimizer */
    bool gaps;             /* the loader leaves batches out, at the end of an epoch too */
    bool loader_validates; /* with random draws and a generator of its own */
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
    bool shrinks;
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
static const cd_metric unsaved = { .name = "unsaved",
                                   .lower_is_better = true,
                                   .state_bytes = 2 * sizeof(double),
                                   .update = total_update,
                                   .value = total_value };

static bool constant_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m, (void)state, (void)output, (void)target;
    return true;
}
static double constant_value(const cd_metric *m, void *state)
{
    (void)m, (void)state;
    return 1;
}
static bool constant_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    (void)m, (void)state, (void)v;
    return true;
}
static const cd_metric constant = { .name = "constant",
                                    .state_bytes = 1,
                                    .update = constant_update,
                                    .value = constant_value,
                                    .visit = constant_visit };

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
    if (p->gaps) {
        return cd_loader_new(make_data(p->decisions, 0, 10), .collate = leave_some_out,
                             .shuffle = kind == 1 || kind == 2, .workers = kind == 2,
                             .generator = kind == 2 ? g : NULL);
    }
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
    if (m->shrinks) {
        CD_NO_GRAD();
        assert_non_null(cd_mul_(cd_module_tensor(m->o.model, "5.weight"), 0.75));
    }
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
    *m = (made){ .halt = h, .shrinks = p->shrinks };
    cd_manual_seed(seed);
    cd_generator *generator = cd_generator_new(seed + 1);
    cd_module *model =
        cd_nn_sequential(cd_nn_conv2d(1, 2, 3), cd_nn_batch_norm2d(2), cd_nn_relu(),
                         cd_nn_dropout(0.5), cd_nn_flatten(), cd_nn_linear(2 * 4, 3));
    cd_optimizer *optimizer =
        p->rate > 0 ? cd_optim_sgd(model, .lr = p->rate) : make_optimizer(p->optimizer, model);
    const bool own = p->loader == LOADERS;
    cd_dataset *validation = make_data(p->decisions, 5, 7);
    m->o = (cd_fit_options){ .model = model,
                             .train = own ? make_data(p->decisions, 0, 10) : NULL,
                             .batch_size = own ? 3 : 0,
                             .loader = own ? NULL : make_fit_loader(p, generator),
                             .validation = p->loader_validates ? NULL : validation,
                             .validation_loader = p->loader_validates
                                                      ? make_validation_loader(validation, seed + 2)
                                                      : NULL,
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
                         .loader = m->o.loader,
                         .validation_loader = m->o.validation_loader };
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

/* Takes a batch of the loader, which then is within an epoch. */
static void take_batch(cd_loader *l)
{
    CD_SCOPE();
    cd_batch b;
    assert_true(!l || cd_loader_next(l, &b));
}

/* Starts the run or goes on with it; a resumed one is made with other random numbers, and its
 * loaders were in use. */
static cd_history *go_on(made *m, const plan *p, const halt *h)
{
    const bool begun = has_checkpoint();
    make(m, p, h, begun ? 1000 : 7);
    if (begun) take_batch(m->o.loader);
    if (begun) take_batch(m->o.validation_loader);
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

/* --- every place ------------------------------------------------------------------------------ */

/* A run of 3 epochs with 4 batches each is stopped after each of its batches in turn, in each way.
 * With groups of 3 batches, stops are in the middle of a group too. */
static void every_place_goes_on(void **state)
{
    (void)state;
    begin_quick();
    for (int n = 0; n < 2 * (LOADERS + 1); n++) {
        const plan p = { .optimizer = 1,
                         .schedule = 8,
                         .loader = n / 2,
                         .by_step = n % 2,
                         .accumulate = n % 2 ? 3 : 1,
                         .decisions = n % 2,
                         .average = true,
                         .clip_norm = n % 2 ? 0.1 : 0,
                         .restore_best = true };
        recorded straight = straight_run(&p);
        for (int64_t k = 1; k <= 12; k++) {
            char what[80];
            (void)snprintf(what, sizeof what, "plan %d, batch %lld", n, (long long)k);
            if (k > p.accumulate) pieces_equal(&p, &(halt){ .batch = k }, &straight, what);
            if (k > 3) pieces_equal(&p, &(halt){ .signal_batch = k, .every = 2 }, &straight, what);
            if (k > 4) pieces_equal(&p, &(halt){ .failing_batch = k, .every = 1 }, &straight, what);
            if (k > 4) pieces_equal(&p, &(halt){ .failing_batch = k }, &straight, what);
            if (k > 3) pieces_equal(&p, &(halt){ .batch = k, .seconds = 1e-9 }, &straight, what);
        }
        for (int64_t k = 1; k <= 3; k++) {
            pieces_equal(&p, &(halt){ .epoch = k, .every = 3 }, &straight, "an epoch");
            pieces_equal(&p, &(halt){ .epoch = k, .keep = 1 }, &straight, "an epoch");
        }
        free(straight.bytes);
    }
    end_quick();
}

/* A run of 3 epochs with 6 batches each, and 4 that are left out, is stopped after each of its
 * batches in turn, in each way, with groups of each size, and with each kind of validation. */
static void every_place_of_groups_with_gaps_goes_on(void **state)
{
    (void)state;
    begin_quick();
    for (int n = 0; n < 4 * 2 * 2; n++) {
        const plan p = { .gaps = true,
                         .accumulate = 1 + n % 4,
                         .loader_validates = n / 4 % 2,
                         .loader = n / 8 * 2,
                         .optimizer = 1,
                         .schedule = 2,
                         .by_step = n % 3 == 0,
                         .clip_norm = 0.1,
                         .decisions = n % 2,
                         .restore_best = true };
        recorded straight = straight_run(&p);
        for (int64_t k = p.accumulate; k <= 18; k++) { /* before the first step nothing is saved */
            char what[80];
            (void)snprintf(what, sizeof what, "plan %d, batch %lld", n, (long long)k);
            pieces_equal(&p, &(halt){ .batch = k }, &straight, what);
            pieces_equal(&p, &(halt){ .signal_batch = k, .every = 2 }, &straight, what);
            pieces_equal(&p, &(halt){ .batch = k, .seconds = 1e-9 }, &straight, what);
            if (k < 7) continue;
            pieces_equal(&p, &(halt){ .failing_batch = k, .every = 1 }, &straight, what);
        }
        for (int64_t k = 1; k <= 3; k++) {
            pieces_equal(&p, &(halt){ .epoch = k, .every = 3 }, &straight, "an epoch");
        }
        free(straight.bytes);
    }
    end_quick();
}

/* What a loader of the validation draws from its own generator goes on too, with each kind of
 * loader for the training. */
static void a_validation_loader_goes_on(void **state)
{
    (void)state;
    begin_quick();
    for (int n = 0; n <= LOADERS; n++) {
        const plan p = { .loader_validates = true,
                         .loader = n,
                         .schedule = 10,
                         .accumulate = 1 + n % 3,
                         .decisions = n % 2,
                         .restore_best = true };
        recorded straight = straight_run(&p);
        for (int64_t k = 3; k <= 12; k++) {
            pieces_equal(&p, &(halt){ .batch = k }, &straight, "a validation loader");
            if (k < 6) pieces_equal(&p, &(halt){ .epoch = k - 2 }, &straight, "epochs");
        }
        free(straight.bytes);
    }
    end_quick();
}

/* --- the best epoch --------------------------------------------------------------------------- */

/* With this rate the loss grows from the third epoch on. */
static const plan diverging = {
    .rate = 0.4, .schedule = 2, .loader = 1, .epochs = 9, .early_stopping = 2, .restore_best = true
};

static void early_stopping_decides_the_same(void **state)
{
    (void)state;
    begin_quick();
    {
        CD_SCOPE();
        made m;
        make(&m, &diverging, &never, 7);
        cd_history *h = cd_fit_with(m.o);
        assert_ok();
        assert_int_equal(cd_history_end(h), CD_FIT_EARLY);
        assert_true(cd_history_best(h) > 0 && cd_history_count(h) == cd_history_best(h) + 3);
    }
    recorded straight = straight_run(&diverging);
    for (int64_t k = 1; k <= 20; k++) {
        if (k > 1) pieces_equal(&diverging, &(halt){ .batch = k }, &straight, "batches");
        if (k > 1) pieces_equal(&diverging, &(halt){ .batch = k, .every = 5 }, &straight, "fifths");
        if (k < 6)
            pieces_equal(&diverging, &(halt){ .epoch = k, .every = 100 }, &straight, "epoch");
    }
    free(straight.bytes);
    end_quick();
}

/* Runs `epochs` of them and stops. */
static void stop_after(const plan *p, int64_t epochs)
{
    CD_SCOPE();
    made m;
    assert_non_null(go_on(&m, p, &(halt){ .epoch = epochs }));
    assert_ok();
}

/* A process that is killed after it saved the best epoch's checkpoint has not named it yet. */
static void a_best_epoch_that_was_not_marked_is_marked(void **state)
{
    (void)state;
    recorded straight = straight_run(&diverging);
    stop_after(&diverging, 1);
    assert_int_equal(unlink(in_folder("run/best.safetensors")), 0);
    {
        CD_SCOPE();
        made m;
        assert_null(go_on(&m, &diverging, &(halt){ .failing_batch = 1 }));
        assert_failed_with(CD_ERR_UNSUPPORTED, "enough");
        assert_int_equal(access(in_folder("run/best.safetensors"), F_OK), 0);
    }
    pieces_equal(&diverging, &(halt){ .epoch = 1 }, &straight, "not marked");
    free(straight.bytes);
}

static void best_is_the_best_epochs_checkpoint(void **state)
{
    (void)state;
    CD_SCOPE();
    made m;
    cd_history *h = go_on(&m, &diverging, &never);
    assert_ok();
    const int64_t best = cd_history_best(h);
    recorded model = { .size = 0 }, loaded = { .size = 0 };
    assert_true(cd_visit_state(m.o.model, record, &model));
    make(&m, &diverging, &never, 50);
    assert_true(cd_load_checkpoint(in_folder("run/best.safetensors"), .model = m.o.model));
    assert_true(cd_visit_state(m.o.model, record, &loaded));
    assert_same_run(&loaded, &model, "best.safetensors");
    cd_tensor_file *file = cd_tensor_file_open(in_folder("run/best.safetensors"));
    char step[24];
    (void)snprintf(step, sizeof step, "%lld", (long long)cd_history_epoch(h, best).steps);
    assert_string_equal(cd_tensor_file_text(file, "candela.step"), step);
    free(model.bytes);
    free(loaded.bytes);
}

static void a_best_epoch_that_is_lost_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    made m;
    assert_non_null(go_on(&m, &diverging, &(halt){ .keep = 1 }));
    assert_int_equal(unlink(in_folder("run/best.safetensors")), 0);
    make(&m, &diverging, &never, 50);
    recorded before = record_run(&m.parts);
    m.o.checkpoint = in_folder("run");
    m.o.resume = true;
    assert_null(cd_fit_with(m.o));
    assert_unchanged(&m.parts, &before);
    assert_failed_with(CD_ERR_IO, "fit: .restore_best needs the parameters of epoch ");
    /* The newest checkpoint in place of it. */
    assert_int_equal(link(in_folder("run/last.safetensors"), in_folder("run/best.safetensors")), 0);
    assert_null(cd_fit_with(m.o));
    assert_failed_with(CD_ERR_FORMAT, "is the checkpoint of another epoch; without .restore_best");
    m.o.restore_best = false;
    assert_non_null(cd_fit_with(m.o));
    free(before.bytes);
}

static void a_lost_best_epoch_is_found_by_its_step(void **state)
{
    (void)state;
    recorded straight = straight_run(&diverging);
    {
        CD_SCOPE();
        made m;
        assert_non_null(go_on(&m, &diverging, &(halt){ .batch = 14, .keep = -1 }));
    }
    assert_int_equal(unlink(in_folder("run/best.safetensors")), 0);
    pieces_equal(&diverging, &(halt){ .keep = -1 }, &straight, "by its step");
    free(straight.bytes);
}

static void what_on_epoch_does_belongs_to_the_epoch(void **state)
{
    (void)state;
    begin_quick();
    const plan p = { .schedule = 2, .loader = 1, .restore_best = true, .shrinks = true };
    recorded straight = straight_run(&p);
    for (int64_t k = 1; k <= 3; k++) {
        pieces_equal(&p, &(halt){ .epoch = k }, &straight, "after on_epoch");
        pieces_equal(&p, &(halt){ .failing_batch = 4 + k }, &straight, "after on_epoch");
    }
    free(straight.bytes);
    end_quick();
}

/* --- when ------------------------------------------------------------------------------------- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strverscmp((*a)->d_name, (*b)->d_name);
}

/* The numbers of the step-N files that a run of three epochs of four batches leaves. */
static const char *steps_of(const plan *p, const halt *h)
{
    static char text[256];
    struct dirent **list;
    CD_SCOPE();
    made m;
    assert_non_null(go_on(&m, p, h));
    const int count = scandir(in_folder("run"), &list, NULL, by_name);
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (strncmp(list[i]->d_name, "step-", 5) == 0) {
            strcat(strcat(text, text[0] ? " " : ""), strtok(list[i]->d_name + 5, "."));
        }
        free(list[i]);
    }
    free(list);
    remove_run();
    return text;
}

static void checkpoints_are_saved_when_it_is_time(void **state)
{
    (void)state;
    const plan p = { .loader = 1, .rate = 0.01, .schedule = 2 },
               same = { .loader = 0, .rate = 1e-30, .schedule = 2 };
    plan groups = same;
    groups.accumulate = 3;
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1 }), "4 8 12");
    assert_string_equal(steps_of(&p, &(halt){ .keep = 2 }), "8 12");
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1, .batch = 6 }), "4 6");
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1, .every = 3, .epoch = 1 }), "3 4");
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1, .every = 5, .batch = 6 }), "4 5 6");
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1, .seconds = 1e-9, .batch = 3 }), "1 2 3");
    assert_string_equal(steps_of(&p, &(halt){ .keep = -1, .seconds = 1e9 }), "4 8 12");
    assert_string_equal(steps_of(&groups, &(halt){ .keep = -1, .every = 2, .batch = 3 }), "1");
    assert_string_equal(steps_of(&groups, &(halt){ .keep = -1, .seconds = 1e-9, .batch = 2 }), "");
}

/* Every epoch is as good as the first: it alone is the best, and saved between multiples. */
static void other_epochs_are_not_saved_between_steps(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        CD_SCOPE();
        cd_module *model = cd_nn_linear(1, 1);
        cd_dataset *set = cd_dataset_from_tensors(cd_ones(CD_SHAPE(4, 1)), cd_ones(CD_SHAPE(4)));
        assert_non_null(cd_fit(model, set, .batch_size = 1, .epochs = 4, .monitor = "constant",
                               .metrics = (const cd_metric *const[]){ &constant },
                               .metric_count = 1, .checkpoint = in_folder("run"), .keep = -1,
                               .checkpoint_every = k ? 7 : 0));
        static const int saved[2][4] = { { 4, 8, 12, 16 }, { 4, 7, 14, 16 } };
        for (int step = 1, n = 0; step <= 17; step++) {
            char name[64];
            (void)snprintf(name, sizeof name, "run/step-%d.safetensors", step);
            const bool there = access(in_folder(name), F_OK) == 0,
                       due = n < 4 && saved[k][n] == step;
            assert_that(there == due, "step %d of kind %d: %d", step, k, there);
            n += due;
        }
        remove_run();
    }
}

/* The average is that of the parameters after each step, and not after each batch. */
static void the_average_follows_the_steps(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *model = cd_nn_linear(1, 1, .no_bias = true);
    cd_module *average = cd_nn_averaged_model(model), *by_hand = cd_nn_averaged_model(model);
    cd_dataset *set = cd_dataset_from_tensors(cd_ones(CD_SHAPE(6, 1)), cd_ones(CD_SHAPE(6)));
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.1);
    const double first = cd_item(cd_module_tensor(model, "weight"));
    assert_non_null(cd_fit(model, set, .batch_size = 1, .accumulate = 2, .epochs = 1,
                           .optimizer = sgd, .average = average));
    /* d loss / d w = 2 (w - 1), so each step takes w - 1 to 0.8 (w - 1). */
    const double a = 0.8 * (first - 1), mean = 1 + a * (1 + 0.8 + 0.64) / 3;
    assert_close(cd_item(cd_module_tensor(average, "module.weight")), mean, 1e-5, 0);
    assert_close(cd_item(cd_module_tensor(average, "n_averaged")), 3, 0, 0);
    assert_close(cd_item(cd_module_tensor(by_hand, "module.weight")), first, 0, 0);
}

/* --- more epochs, damage ---------------------------------------------------------------------- */

static void a_run_can_be_made_longer(void **state)
{
    (void)state;
    plan p = { .optimizer = 2, .schedule = 6, .loader = LOADERS, .epochs = 5, .accumulate = 2 };
    recorded straight = straight_run(&p);
    for (p.epochs = 1; p.epochs < 5; p.epochs++) {
        CD_SCOPE();
        made m;
        cd_history *h = go_on(&m, &p, &never);
        assert_int_equal(cd_history_count(h), p.epochs);
        assert_int_equal(cd_history_end(h), CD_FIT_ALL_EPOCHS);
        assert_int_equal(m.epochs, 1);
    }
    pieces_equal(&p, &never, &straight, "longer");
    free(straight.bytes);
}

/* The model would be that of more epochs, and perhaps of a half one. */
static void a_run_cannot_become_shorter(void **state)
{
    (void)state;
    plan p = { .loader = LOADERS, .epochs = 2 };
    made m;
    for (int i = 0; i < 2; i++) {
        CD_SCOPE();
        cd_history *h = go_on(&m, &p, i == 0 ? &(halt){ .batch = 6 } : &never);
        assert_int_equal(cd_history_count(h), 1 + i);
        make(&m, &(plan){ .loader = LOADERS, .epochs = 1 }, &never, 9);
        m.o.checkpoint = in_folder("run");
        m.o.resume = true;
        assert_null(cd_fit_with(m.o));
        assert_failed_with(CD_ERR_ARGUMENT, i == 0 ? "is in epoch 2 already: give as many, or more"
                                                   : "run is behind epoch 2 already");
    }
    remove_run();
}

static void a_damaged_checkpoint_is_passed_over(void **state)
{
    (void)state;
    const plan p = { .loader = 2, .schedule = 3, .restore_best = true, .decisions = true };
    recorded straight = straight_run(&p);
    {
        CD_SCOPE();
        made m;
        assert_non_null(go_on(&m, &p, &(halt){ .batch = 7, .every = 1 }));
    }
    assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
    size_t size;
    unsigned char *bytes = file_bytes(in_folder("run/step-7.safetensors"), &size);
    bytes[size - 3] ^= 1;
    (void)test_write("run/step-7.safetensors", bytes, size);
    free(bytes);
    pieces_equal(&p, &never, &straight, "damaged");
    free(straight.bytes);
}

/* --- checkpoints of before -------------------------------------------------------------------- */

/* golden/fit_1.safetensors was written by the first version of cd_fit that had checkpoints: the run
 * below, stopped after its seventh batch, in a group of two. */
static const plan of_before = { .loader = 1, .decisions = true, .accumulate = 2, .rate = 0.1 };

static void a_checkpoint_of_before_goes_on(void **state)
{
    (void)state;
    CD_SCOPE();
    size_t size;
    unsigned char *bytes = file_bytes(test_path("golden/fit_1.safetensors"), &size);
    assert_int_equal(mkdir(in_folder("run"), 0700), 0);
    (void)test_write("run/step-3.safetensors", bytes, size);
    free(bytes);
    made straight, m;
    make(&straight, &of_before, &never, 7);
    cd_history *a = cd_fit_with(straight.o), *b = go_on(&m, &of_before, &never);
    assert_ok();
    assert_int_equal(m.batches, 5);
    assert_int_equal(cd_history_count(b), 3);
    for (int64_t i = 0; i < 3; i++) {
        const cd_epoch x = cd_history_epoch(a, i), y = cd_history_epoch(b, i);
        assert_close(y.loss, x.loss, 1e-4, 0);
        assert_close(y.validation_loss, x.validation_loss, 1e-4, 0);
        for (int k = 0; k < x.metric_count; k++) assert_close(y.metrics[k], x.metrics[k], 1e-4, 0);
    }
    const char *const names[] = { "0.weight", "1.running_var", "5.weight", "5.bias" };
    for (int i = 0; i < 4; i++) {
        assert_close(cd_item(cd_sum(cd_square(cd_module_tensor(m.o.model, names[i])))),
                     cd_item(cd_sum(cd_square(cd_module_tensor(straight.o.model, names[i])))), 1e-4,
                     1e-6);
    }
}

/* The text of the history grows with the epochs, and is read at any length. */
static void a_long_history_goes_on(void **state)
{
    (void)state;
    enum { MANY = 4000 };
    begin_quick();
    for (int run = 0; run < 2; run++) {
        CD_SCOPE();
        cd_manual_seed(1);
        cd_module *model = cd_nn_linear(1, 1);
        cd_dataset *set = cd_dataset_from_tensors(cd_ones(CD_SHAPE(2, 1)), cd_ones(CD_SHAPE(2)));
        cd_history *h = cd_fit(model, set, .epochs = MANY + run, .checkpoint = in_folder("run"),
                               .metrics = (const cd_metric *const[]){ &constant, &constant },
                               .metric_count = 2, .monitor = "constant", .resume = run > 0,
                               .checkpoint_every = 1000000, .keep = 1);
        assert_ok();
        assert_int_equal(cd_history_count(h), MANY + run);
        assert_int_equal(cd_history_epoch(h, MANY - 1).steps, MANY);
        assert_int_equal(cd_history_best(h), 0);
    }
    end_quick();
}

/* --- kills ------------------------------------------------------------------------------------ */

/* What a child does: goes on, and writes the result when the run has come to its end. */
static void child_runs(const plan *p, const halt *h)
{
    made m;
    begin_quick();
    cd_history *history = go_on(&m, p, h);
    if (!history || cd_history_end(history) == CD_FIT_STOPPED) _exit(1);
    recorded r = record_result(&m, history);
    (void)test_write("part", r.bytes, r.size);
    _exit(rename(in_folder("part"), in_folder("result")) == 0 ? 0 : 2);
}

static void check_child_result(const recorded *straight)
{
    size_t size;
    unsigned char *bytes = file_bytes(in_folder("result"), &size);
    assert_that(size == straight->size && memcmp(bytes, straight->bytes, size) == 0,
                "a run that was killed ends otherwise");
    free(bytes);
    assert_int_equal(unlink(in_folder("result")), 0);
}

/* The process is killed at random moments: while it trains, saves and validates. */
static void kills_change_nothing(void **state)
{
    (void)state;
#ifdef TEST_THREAD_SANITIZER
    print_message("SKIPPED: a child of a process with threads cannot start threads here\n");
    skip();
#endif
    enum { KILLS = 240 };
    const plan plans[] = {
        { .optimizer = 1,
          .schedule = 6,
          .loader = 2,
          .epochs = 30,
          .decisions = true,
          .restore_best = true,
          .average = true,
          .accumulate = 2 },
        { .optimizer = 3, .schedule = 10, .loader = LOADERS, .epochs = 25, .restore_best = true },
    };
    const halt halts[] = { { .every = 1, .keep = 2 }, { .keep = 1 }, { .seconds = 0.001 } };
    int kills = 0;
    (void)test_folder(); /* made here, so that all children have the same one */
    uint64_t random = 1;
    for (int n = 0; kills < KILLS || n < 3; n++) {
        const plan *p = &plans[n % 2];
        recorded straight = straight_run(p);
        int here = 0; /* kills of this run: on a busy machine it needs more time to get on */
        for (bool done = false; !done; here++) {
            const pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) child_runs(p, &halts[n % 3]);
            random = random * 6364136223846793005u + 1442695040888963407u;
            (void)usleep((useconds_t)(1000 + (random >> 33) % (UINT64_C(20000)
                                                               << (here < 160 ? here / 20 : 8))));
            (void)kill(child, SIGKILL);
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            done = WIFEXITED(status);
            if (done) assert_int_equal(WEXITSTATUS(status), 0);
            kills += !done;
            assert_that(kills < 20 * KILLS, "the run does not come to its end");
        }
        check_child_result(&straight);
        free(straight.bytes);
        remove_run();
    }
}

/* --- the loss --------------------------------------------------------------------------------- */

/* The mean squared error times a parameter, plus a number that grows with each call. */
typedef struct growing {
    cd_module module;
    cd_tensor *calls, *scale;
} growing;

static bool growing_forward(cd_module *m, const cd_arguments *a)
{
    growing *self = (growing *)m;
    CD_SCOPE();
    {
        CD_NO_GRAD();
        if (!cd_add_(self->calls, 1.0)) return false;
    }
    cd_tensor *loss = cd_mul(cd_mse_loss(a->in[0], a->in[1]), self->scale);
    a->out[0] = cd_escape(cd_add(loss, cd_mul(self->calls, 0.01)));
    return a->out[0];
}

static const cd_module_class growing_class = {
    .name = "Growing", .size = sizeof(growing), .inputs = 2, .forward = growing_forward
};

static cd_module *make_growing(void)
{
    cd_module *m = cd_module_new(&growing_class);
    growing *self = (growing *)m;
    assert_true(cd_register_buffer(m, "calls", &self->calls, cd_zeros(CD_SCALAR)));
    assert_true(cd_register_parameter(m, "scale", &self->scale, cd_ones(CD_SCALAR)));
    return m;
}

static const plan of_loss = { .loader = 1, .schedule = 2, .accumulate = 3 };

/* A run with that loss, whose parameter an optimizer of the program's trains, and with a meter of
 * the program's as a metric. */
typedef struct lossy {
    made m;
    cd_meter *meter;
    const cd_metric *metrics[2];
} lossy;

static void make_lossy(lossy *l, const halt *h, uint64_t seed)
{
    made *m = &l->m;
    make(m, &of_loss, h, seed);
    m->o.loss = make_growing();
    cd_module *both = cd_nn_sequential(m->o.model, m->o.loss);
    m->o.optimizer = m->parts.optimizer = cd_optim_adam(both, .lr = 0.01);
    m->o.schedule = m->parts.schedule = cd_schedule_exponential(m->o.optimizer, 0.9);
    l->meter = cd_meter_new(&cd_mae);
    l->metrics[0] = cd_meter_metric(l->meter);
    l->metrics[1] = &cd_r2;
    m->o.metrics = l->metrics;
    m->o.metric_count = 2;
}

/* Gives the run gradients of its own, and a place in an epoch. */
static void use(lossy *l)
{
    CD_SCOPE();
    cd_batch b;
    assert_true(cd_loader_next(l->m.o.loader, &b));
    assert_true(cd_backward(cd_forward(l->m.o.loss, cd_forward(l->m.o.model, b.x), b.y)));
}

/* The loss's own buffer, and its parameter, go on. */
static void a_loss_with_a_state_goes_on(void **state)
{
    (void)state;
    recorded straight = { .size = 0 };
    for (int64_t k = 0; k < 12; k++) {
        if (k > 0 && k < 4) continue;
        for (bool done = false; !done;) {
            CD_SCOPE();
            lossy l;
            make_lossy(&l, &(halt){ .batch = k }, has_checkpoint() ? 1000 : 7);
            if (has_checkpoint()) use(&l);
            l.m.o.checkpoint = k ? in_folder("run") : NULL;
            l.m.o.resume = k > 0;
            cd_history *h = cd_fit_with(l.m.o);
            assert_ok();
            done = cd_history_end(h) != CD_FIT_STOPPED;
            if (!done) continue;
            recorded r = record_result(&l.m, h);
            assert_true(cd_visit_state(l.m.o.loss, record, &r));
            if (k == 0) straight = r;
            assert_same_run(&r, &straight, "a loss with a state");
            if (k > 0) free(r.bytes);
        }
        remove_run();
    }
    free(straight.bytes);
}

/* --- mixed batches ---------------------------------------------------------------------------- */

/* The own metric sees targets of N class numbers, for mixed batches too. */
static bool shape_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m;
    (void)state;
    assert_true(cd_ndim(target) == 1 && cd_dtype_of(target) == CD_I64);
    assert_int_equal(cd_size(output, 1), 3);
    return true;
}
static double shape_value(const cd_metric *m, void *state)
{
    (void)m;
    (void)state;
    return 0;
}

/* A batch transform that leaves the first batch unmixed, and the others too as far as metrics can
 * tell: probabilities that are 0 and 1 in the first batch only. */
static bool soft_apply(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    (void)t;
    (void)g;
    cd_tensor *hot = cd_to(cd_one_hot(b->y, 3), CD_F32);
    b->y = b->number == 0 ? hot : cd_add(cd_mul(hot, 0.7), 0.1);
    return b->y;
}

static void mixed_targets_are_measured_as_classes(void **state)
{
    (void)state;
    static const cd_metric shape = {
        .name = "shape", .state_bytes = 1, .update = shape_update, .value = shape_value
    };
    static const cd_batch_transform soft = { .name = "soft", .apply = soft_apply };
    const cd_metric *const metrics[] = { &cd_accuracy, &cd_f1, &shape, &cd_auc };
    double train[4], plain[4];
    cd_manual_seed(1);
    cd_dataset *set = make_data(true, 0, 12);
    cd_module *model = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(16, 3));
    cd_loader *loader =
        cd_loader_new(set, .batch_size = 4, .batch_transforms = &soft, .batch_transform_count = 1);
    cd_history *h =
        cd_fit(model, NULL, .loader = loader, .validation = set, .metrics = metrics,
               .metric_count = 4, .epochs = 1, .optimizer = cd_optim_sgd(model, .lr = CD_ZERO));
    assert_ok();
    const cd_epoch e = cd_history_epoch(h, 0);
    assert_true(cd_evaluate(model, set, .metrics = metrics, .metric_count = 4, .values = plain));
    for (int k = 0; k < 4; k++) {
        assert_close(e.metrics[k], plain[k], 0, 0);
        assert_close(e.validation_metrics[k], plain[k], 0, 0);
    }
    /* The loss is CrossEntropyLoss of the probabilities, which is larger than that of the classes
     * or smaller, but no BCE or MSE. */
    double loss = 0;
    for (cd_batch b; cd_loader_next(loader, &b);) {
        loss += cd_item(cd_cross_entropy(cd_forward(model, b.x), b.y)) * 4 / 12;
    }
    assert_close(e.loss, loss, 1e-6, 0);
    assert_true(cd_evaluate(model, NULL, .loader = loader, .metrics = metrics, .metric_count = 4,
                            .values = train));
    for (int k = 0; k < 4; k++) assert_close(train[k], plain[k], 0, 0);
}

/* With mixup the true class of a mixed sample is the one with the larger part. */
static void mixup_goes_on(void **state)
{
    (void)state;
    begin_quick();
    for (int n = 0; n <= 5; n++) {
        const plan p = { .loader = n, .decisions = true, .mixed = true, .restore_best = true };
        recorded straight = straight_run(&p);
        pieces_equal(&p, &(halt){ .batch = 2 + n }, &straight, "mixed");
        pieces_equal(&p, &(halt){ .failing_batch = 7, .every = 1 }, &straight, "mixed");
        free(straight.bytes);
    }
    end_quick();
}

/* --- what is refused -------------------------------------------------------------------------- */

static const plan usual = { .loader = 1, .decisions = true, .schedule = 2, .clip_norm = 0.5 };

/* Makes the usual run, which was stopped, to go on with. */
static void make_again(made *m)
{
    make(m, &usual, &never, 50);
    m->o.checkpoint = in_folder("run");
    m->o.resume = true;
}

static void refused(made *m, cd_code code, const char *text)
{
    recorded before = record_run(&m->parts);
    assert_null(cd_fit_with(m->o));
    assert_unchanged(&m->parts, &before);
    assert_failed_with(code, text);
    free(before.bytes);
}

/* Stops the usual run after this many batches. */
static void stop_usual(int64_t batches)
{
    CD_SCOPE();
    made m;
    assert_non_null(go_on(&m, &usual, &(halt){ .batch = batches }));
    assert_ok();
}

static void another_run_is_refused_by_name(void **state)
{
    (void)state;
    made m;
    stop_usual(6);
#define REFUSED(text_, ...)                                                                        \
    do {                                                                                           \
        CD_SCOPE();                                                                                \
        make_again(&m);                                                                            \
        __VA_ARGS__;                                                                               \
        refused(&m, CD_ERR_ARGUMENT, text_);                                                       \
    } while (0)
    REFUSED("other settings: .clip_norm is \"0.25\" and was \"0.5\": give the same ones",
            m.o.clip_norm = 0.25);
    REFUSED(".accumulate is \"2\" and was \"1\"", m.o.accumulate = 2);
    REFUSED(".clip_value is \"1\" and was \"0\"", m.o.clip_value = 1);
    REFUSED(".monitor is \"loss\" and was \"validation_loss\"", m.o.monitor = "loss");
    REFUSED(".validation is \"8\" and was \"7\"", m.o.validation = make_data(true, 0, 8));
    REFUSED(".validation_loader.batch_size is \"4\" and was not given", m.o.validation = NULL;
            m.o.validation_loader = make_validation_loader(make_data(true, 5, 7), 1));
    REFUSED(".train is \"11\" and was \"10\"",
            m.o.loader = cd_loader_new(make_data(true, 0, 11), .batch_size = 3, .shuffle = true));
    REFUSED(".batch_size is \"4\" and was \"3\"",
            m.o.loader = cd_loader_new(make_data(true, 0, 10), .batch_size = 4, .shuffle = true));
    REFUSED(".metrics[0] is \"f1\" and was \"accuracy\"",
            m.o.metrics =
                (const cd_metric *const[]){ &cd_f1, &cd_auc, &cd_confusion, &cd_f1, &cd_top5,
                                            &cd_mcc, &total, &cd_average_precision });
    REFUSED(".metrics[7] is not given and was \"average_precision\"", m.o.metric_count = 7);
    REFUSED(".loss.label_smoothing is \"0.1\" and was \"0\"",
            m.o.loss = cd_nn_cross_entropy_loss(.label_smoothing = 0.1));
    REFUSED(".schedule is \"none\" and was \"ExponentialLR\"", m.o.schedule = NULL);
    REFUSED(".schedule_by_step is \"true\" and was \"false\"", m.o.schedule_by_step = true);
    REFUSED(".average is \"given\" and was \"none\"",
            m.o.average = cd_nn_averaged_model(m.o.model));
    const cd_text_pair lr = { "lr", "0.1" };
    REFUSED("lr is \"0.1\" and was not given", m.o.settings = &lr; m.o.setting_count = 1);
#undef REFUSED
    make_again(&m);
    m.o.optimizer = m.parts.optimizer = cd_optim_sgd(m.o.model);
    m.o.schedule = m.parts.schedule = cd_schedule_exponential(m.o.optimizer, 0.9);
    m.o.clip_norm = 0.5;
    m.o.model = m.parts.model;
    refused(&m, CD_ERR_FORMAT, "of another optimizer");
    make_again(&m);
    m.o.loader = m.parts.loader =
        cd_loader_new(make_data(true, 0, 10), .batch_size = 3); /* not shuffled */
    refused(&m, CD_ERR_FORMAT, "");
    make_again(&m);
    m.o.resume = false;
    refused(&m, CD_ERR_STATE,
            "run has checkpoints of a run: .resume = true goes on with it; a new "
            "run takes another folder");
}

/* A tensor that is trained and in no part of the checkpoint would begin anew. */
static void a_tensor_that_is_not_saved_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *model = cd_nn_linear(16, 3);
    cd_tensor *alone = cd_ones(CD_SHAPE(3));
    assert_true(cd_set_requires_grad(alone, true));
    cd_tensor *list[] = { cd_module_tensor(model, "weight"), alone };
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = list, .count = 2);
    cd_dataset *set = cd_dataset_from_tensors(cd_ones(CD_SHAPE(4, 16)), cd_ones(CD_SHAPE(4, 3)));
    assert_non_null(cd_fit(model, set, .optimizer = sgd, .epochs = 1));
    assert_null(cd_fit(model, set, .optimizer = sgd, .checkpoint = in_folder("run")));
    assert_failed_with(CD_ERR_ARGUMENT, "fit: tensor 1 of the optimizer belongs neither");
}

static void settings_of_the_program_are_compared(void **state)
{
    (void)state;
    CD_SCOPE();
    made m;
    cd_text_pair settings[] = { { "lr", "0.1" }, { ".accumulate", "1" } };
    make(&m, &usual, &(halt){ .batch = 3 }, 7);
    m.o.checkpoint = in_folder("run");
    m.o.settings = settings;
    m.o.setting_count = 1;
    assert_non_null(cd_fit_with(m.o));
    make_again(&m);
    m.o.settings = settings;
    m.o.setting_count = 1;
    settings[0].value = "0.2";
    refused(&m, CD_ERR_ARGUMENT, "lr is \"0.2\" and was \"0.1\"");
    m.o.setting_count = 2;
    refused(&m, CD_ERR_ARGUMENT, "the setting \".accumulate\" is given twice");
    m.o.settings = NULL;
    refused(&m, CD_ERR_ARGUMENT, "fit: .settings is NULL and .setting_count is 2");
}

static void options_without_a_folder_are_refused(void **state)
{
    (void)state;
    const cd_text_pair lr = { "lr", "0.1" };
    const struct {
        cd_fit_options o;
        const char *text;
    } cases[] = {
        { { .resume = true }, "fit: .resume is given without .checkpoint, which names the folder" },
        { { .checkpoint_every = 5 }, ".checkpoint_every is given without" },
        { { .checkpoint_seconds = 5 }, ".checkpoint_seconds is given without" },
        { { .keep = 5 }, ".keep is given without" },
        { { .settings = &lr, .setting_count = 1 }, ".settings is given without" },
        { { .checkpoint = "x", .checkpoint_every = -5 }, ".checkpoint_every is -5, and must not" },
        { { .checkpoint = "x", .checkpoint_seconds = (double)NAN }, ".checkpoint_seconds is nan" },
        { { .checkpoint = "x", .checkpoint_seconds = -1 }, ".checkpoint_seconds is -1" },
        { {
              .checkpoint = "",
          },
          "the path is \"\"" },
        { { .checkpoint = "x", .keep = -2 }, ".keep is -2" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_fit_options o = cases[i].o;
        o.model = cd_nn_linear(1, 1);
        o.train = cd_dataset_from_tensors(cd_ones(CD_SHAPE(2, 1)), cd_ones(CD_SHAPE(2)));
        assert_null(cd_fit_with(o));
        assert_failed_with(CD_ERR_ARGUMENT, cases[i].text);
    }
}

static char warned[1024];

static void note_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING) (void)snprintf(warned, sizeof warned, "%s", message);
}

static void a_metric_without_visit_waits_for_the_end_of_the_epoch(void **state)
{
    (void)state;
    const plan p = { .loader = 1 };
    const cd_metric *const metrics[] = { &cd_mae, &unsaved };
    recorded straight = { .size = 0 };
    made m;
    for (int k = 0; k < 2; k++) {
        for (bool done = false; !done;) {
            CD_SCOPE();
            make(&m, &p, &(halt){ .failing_batch = k ? 6 : 0 }, has_checkpoint() ? 1000 : 7);
            m.o.metrics = metrics;
            m.o.metric_count = 2;
            m.o.checkpoint = k ? in_folder("run") : NULL;
            m.o.resume = k;
            cd_history *h = cd_fit_with(m.o);
            done = h != NULL;
            cd_clear_error();
            if (!done) continue;
            recorded r = record_result(&m, h);
            if (k == 0) straight = r;
            assert_same_run(&r, &straight, "no visit");
            if (k > 0) free(r.bytes);
        }
    }
    free(straight.bytes);
    remove_run();
    make(&m, &p, &(halt){ .batch = 6 }, 7);
    m.o.metrics = metrics;
    m.o.metric_count = 2;
    m.o.checkpoint = in_folder("run");
    cd_set_logger(note_warning, NULL);
    assert_non_null(cd_fit_with(m.o));
    cd_set_logger(NULL, NULL);
    assert_non_null(strstr(warned, "nothing is saved in the middle of epoch 2, since the metric "
                                   "unsaved has no .visit"));
    assert_true(access(in_folder("run/step-4.safetensors"), F_OK) == 0);
    assert_true(access(in_folder("run/step-6.safetensors"), F_OK) != 0);
    m.o.resume = true;
    m.o.checkpoint_every = 5;
    refused(&m, CD_ERR_ARGUMENT,
            "fit: .checkpoint_every is given, and the metric unsaved has no "
            ".visit, by which its state would be saved");
    m.o.checkpoint_every = 0;
    m.o.checkpoint_seconds = 5;
    refused(&m, CD_ERR_ARGUMENT, "fit: .checkpoint_seconds is given, and the metric unsaved");
}

/* --- hostile checkpoints ---------------------------------------------------------------------- */

/* Changes a checkpoint: a text, or the first number of a tensor. NULL: nothing. */
static void change_in(const char *path, const char *key, const char *value, const char *tensor,
                      double number)
{
    static summed s;
    CD_SCOPE();
    assert_true(summed_read(&s, path));
    bool found = false;
    for (int64_t i = 0; key && i < s.texts; i++) {
        if (strcmp(s.text[i].key, key) != 0) continue;
        s.text[i].value = value;
        found = true;
    }
    for (int64_t i = 0; tensor && i < s.tensors; i++) {
        if (strcmp(s.item[i].name, tensor) != 0) continue;
        found = true;
        if (s.item[i].dtype == CD_FILE_F64) {
            ((double *)cd_data_mut(s.tensor[i]))[0] = number;
        } else if (s.item[i].dtype == CD_FILE_I64) {
            ((int64_t *)cd_data_mut(s.tensor[i]))[0] = (int64_t)number;
        } else {
            ((uint8_t *)cd_data_mut(s.tensor[i]))[0] = (uint8_t)number;
        }
    }
    assert_that(found, "%s is not in the checkpoint", key ? key : tensor);
    assert_true(summed_write(&s, path));
    assert_ok();
}

/* The same of the checkpoint at step 6. */
static void change(const char *key, const char *value, const char *tensor, double number)
{
    change_in(in_folder("run/step-6.safetensors"), key, value, tensor, number);
}

/* The text "fit" of the newest checkpoint with a part of it replaced; to be freed. */
static char *text_with(const char *old, const char *new)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(in_folder("run/step-6.safetensors"));
    const char *text = cd_tensor_file_text(f, "fit"), *at = strstr(text, old);
    assert_that(at != NULL, "%s is not in %s", old, text);
    char *changed = malloc(strlen(text) + strlen(new) + 1);
    assert_non_null(changed);
    const size_t head = (size_t)(at - text);
    memcpy(changed, text, head);
    strcpy(changed + head, new);
    strcat(changed, at + strlen(old));
    return changed;
}

static void a_hostile_history_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *old, *new, *text;
        cd_code code;
    } cases[] = {
        { "\"format\": 1", "\"format\": 2", "is of format 2, and this Candela reads",
          CD_ERR_UNSUPPORTED },
        { "\"format\": 1", "\"format\": 0", "\"format\" must be", CD_ERR_FORMAT },
        { "\"format\": 1", "\"format\": \"1\"", "\"format\" must be", CD_ERR_FORMAT },
        { "\"format\": 1, ", "", "\"format\" must be", CD_ERR_FORMAT },
        { "{\"format\"", "[\"format\"", "the JSON does not parse", CD_ERR_FORMAT },
        { "\"steps\": 6", "\"steps\": 0", "\"steps\" must be", CD_ERR_FORMAT },
        { "\"steps\": 6", "\"steps\": -6", "\"steps\" must be", CD_ERR_FORMAT },
        { "\"steps\": 6", "\"steps\": 6.0", "\"steps\" must be", CD_ERR_FORMAT },
        { "\"steps\": 6", "\"steps\": 9007199254740993", "\"steps\" must be", CD_ERR_FORMAT },
        { "\"steps\": 6", "\"steps\": 3", "\"steps\" must be those of the last epoch",
          CD_ERR_FORMAT },
        { "\"steps\": 4", "\"steps\": 0", "\"steps\" of epoch 1 must be", CD_ERR_FORMAT },
        { "\"epochs\": [", "\"epoch\": [", "\"epochs\" must be a list", CD_ERR_FORMAT },
        { "\"epochs\": [{", "\"epochs\": [1, {", "\"steps\" of epoch 1 must be", CD_ERR_FORMAT },
        { "\"loss\": ", "\"los\": ", "\"loss\" of epoch 1 must be a number", CD_ERR_FORMAT },
        { "\"validation_loss\": ", "\"validation_loss\": \"nan\", \"x\": ",
          "\"validation_loss\" of epoch 1 must be a number", CD_ERR_FORMAT },
        { "\"lr\": ", "\"lr\": [], \"x\": ", "\"lr\" of epoch 1 must be", CD_ERR_FORMAT },
        { "\"seconds\": ", "\"seconds\": {}, \"x\": ", "\"seconds\" of epoch 1", CD_ERR_FORMAT },
        { ", \"metrics\": [", ", \"metrics\": [0.5, ", "must be a list with a number",
          CD_ERR_FORMAT },
        { "\"validation_metrics\": [", "\"validation_metrics\": [], \"x\": [",
          "\"validation_metrics\" of epoch 1 must be a list with a number for each",
          CD_ERR_FORMAT },
        { "\"validation_metrics\": [", "\"validation_metrics\": [true,true,1,1,1,1,1,1],\"x\": [",
          "\"validation_metrics\" of epoch 1 must be a list with a number for each",
          CD_ERR_FORMAT },
        { "\"running\": {", "\"running\": 1, \"x\": {", "\"running\" must be null or an object",
          CD_ERR_FORMAT },
        { "\"running\": {", "\"runs\": {", "\"running\" must be null or an object", CD_ERR_FORMAT },
        { "\"running\": {", "\"running\": null, \"x\": {",
          "the loader is in the middle of an epoch, and the text", CD_ERR_FORMAT },
        { "\"samples\": ", "\"samples\": -", "\"samples\" must be", CD_ERR_FORMAT },
        { "\"grouped\": 0", "\"grouped\": 2", "\"grouped\" must be less than", CD_ERR_FORMAT },
        { "\"grouped\": 0", "\"grouped\": -1", "\"grouped\" must be a whole", CD_ERR_FORMAT },
        { "\"grouped\": 0, \"group\": 1", "\"grouped\": 1, \"group\": 2",
          "1 batches of a group of 2 are done", CD_ERR_FORMAT },
        { "\"loss_sum\": ", "\"loss_sum\": false, \"x\": ", "\"loss_sum\" must be", CD_ERR_FORMAT },
    };
    begin_quick();
    stop_usual(6);
    assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
    char *whole = text_with("", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CD_SCOPE();
        made m;
        change("fit", whole, NULL, 0);
        /* ", \"metrics\": [" is in the names first: the second is that of the epoch. */
        char *text = text_with(cases[i].old, cases[i].new);
        change("fit", text, NULL, 0);
        make_again(&m);
        if (strncmp(cases[i].old, ", \"metrics\"", 11) == 0) {
            assert_non_null(
                cd_fit_with(m.o)); /* names are for readers, and settings compare them */
            remove_run();
            stop_usual(6);
            assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
        } else {
            refused(&m, cases[i].code, cases[i].text);
        }
        free(text);
    }
    free(whole);
    end_quick();
}

/* Numbers that are no numbers come back as what they are. */
static void a_history_has_nan_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    made m;
    stop_usual(6);
    assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
    char *text = text_with("\"validation_loss\": ", "\"validation_loss\": \"-inf\", \"x\": ");
    change("fit", text, NULL, 0);
    free(text);
    text = text_with("\"loss\": ", "\"loss\": null, \"y\": ");
    change("fit", text, NULL, 0);
    free(text);
    make_again(&m);
    cd_history *h = cd_fit_with(m.o);
    assert_ok();
    assert_true(isinf(cd_history_epoch(h, 0).validation_loss));
    assert_true(cd_history_epoch(h, 0).validation_loss < 0);
    assert_true(isnan(cd_history_epoch(h, 0).loss));
    assert_int_equal(cd_history_best(h), 0);
    cd_tensor_file *f = cd_tensor_file_open(in_folder("run/last.safetensors"));
    assert_non_null(
        strstr(cd_tensor_file_text(f, "fit"), "\"loss\": null, \"validation_loss\": \"-inf\""));
}

static void a_hostile_state_of_a_metric_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *tensor;
        double number;
        const char *text;
    } cases[] = {
        { "extra.metric.0.seen", 7, "accuracy: the state cannot be: \"seen\" has an unknown task" },
        { "extra.metric.0.seen", 1, "\"seen\" has sizes that do not fit the task" },
        { "extra.metric.0.seen", 0, "\"seen\" has sizes that do not fit the task" },
        { "extra.metric.0.seen", -1, "\"seen\" is -1, and counts must be from 0 to 2^53" },
        { "extra.metric.0.rows", 1e17, "\"rows\" is 100000000000000000, and counts must be" },
        { "extra.metric.0.classes", -1, "accuracy: \"classes\" is -1" },
        { "extra.metric.1.score", (double)NAN, "auc: the state cannot be: a score is NaN" },
        { "extra.metric.1.truth", 2, "auc: the state cannot be: a score is NaN" },
        { "extra.metric.2.count", -5, "confusion: \"count\" is -5" },
        { "extra.metric.2.seen", 1, "\"seen\" has sizes that do not fit" },
        { "extra.metric.4.rows", -5, "top5: \"rows\" is -5" },
        { "loader.epoch", 0, "fit: " },
    };
    begin_quick();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CD_SCOPE();
        made m;
        stop_usual(6);
        assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
        change(NULL, NULL, cases[i].tensor, cases[i].number);
        make_again(&m);
        refused(&m, CD_ERR_FORMAT, cases[i].text);
        remove_run();
    }
    end_quick();
}

/* Each tensor that fit adds is taken out, or has another shape. */
static void a_missing_state_is_refused(void **state)
{
    (void)state;
    static summed s;
    begin_quick();
    stop_usual(6);
    assert_int_equal(unlink(in_folder("run/last.safetensors")), 0);
    const char *path = in_folder("run/step-6.safetensors");
    int tried = 0;
    CD_SCOPE();
    assert_true(summed_read(&s, path));
    summed *one = malloc(sizeof *one);
    assert_non_null(one);
    for (int64_t i = 0; i < s.tensors; i++) {
        if (strncmp(s.item[i].name, "extra.", 6) != 0) continue;
        CD_SCOPE();
        for (int way = 0; way < 2; way++, tried++) {
            made m;
            *one = s;
            if (way == 0) {
                one->tensors--;
                one->item[i] = s.item[s.tensors - 1];
                one->tensor[i] = s.tensor[s.tensors - 1];
            } else {
                cd_tensor *t = one->tensor[i] =
                    cd_zeros(CD_SHAPE(1, 70), .dtype = cd_dtype_of(s.tensor[i]));
                one->item[i].shape = cd_shape_of(t);
                one->item[i].data = cd_data(t);
            }
            assert_true(summed_write(one, in_folder("run/step-6.safetensors")));
            make_again(&m);
            refused(&m, CD_ERR_FORMAT, "");
        }
    }
    free(one);
    assert_true(tried > 20);
    end_quick();
}

static void a_checkpoint_of_a_program_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    made m;
    stop_usual(6);
    change("fit", "{}", NULL, 0);
    static summed s;
    const char *path = in_folder("run/step-6.safetensors");
    assert_true(summed_read(&s, path));
    for (int64_t i = 0; i < s.texts; i++) {
        if (strcmp(s.text[i].key, "fit") == 0) s.text[i].key = "fat";
    }
    assert_true(summed_write(&s, path));
    make_again(&m);
    refused(&m, CD_ERR_FORMAT, "is a checkpoint that a program saved, and has no text \"fit\"");
}

/* --- failures --------------------------------------------------------------------------------- */

static int64_t writes_left;

static ssize_t write_some(int fd, const void *bytes, size_t size)
{
    if (writes_left-- > 0) return cd_file_calls_system.write(fd, bytes, size);
    errno = ENOSPC;
    return -1;
}

/* The run ends with the error, the model stays as it is, and later the run goes on. */
static void a_full_disk_ends_the_run(void **state)
{
    (void)state;
    const plan p = { .loader = 1, .restore_best = true };
    recorded straight = straight_run(&p);
    for (int64_t n = 0; n < 6; n++) {
        {
            CD_SCOPE();
            made m;
            begin_quick();
            calls.write = write_some;
            writes_left = n;
            cd_history *h = go_on(&m, &p, &(halt){ .every = 1 });
            end_quick();
            assert_null(h);
            assert_failed_with(CD_ERR_IO, ".safetensors: cannot write it: No space left");
            assert_true(cd_item(cd_sum(cd_module_tensor(m.o.model, "5.weight"))) != 0);
        }
        if (n % 2) pieces_equal(&p, &never, &straight, "a full disk");
    }
    free(straight.bytes);
}

/* --- what cannot go on changes nothing -------------------------------------------------------- */

static bool record_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    CD_SCOPE();
    cd_tensor *gradient = kind == CD_PARAMETER ? cd_grad(t) : NULL;
    return !gradient || record(name, gradient, kind, user);
}

/* All that the program has: what record_run has, the loss, and the gradients. */
static recorded record_all(const lossy *l)
{
    recorded r = record_run(&l->m.parts);
    assert_true(cd_visit_state(l->m.o.loss, record, &r));
    assert_true(cd_visit(l->m.o.model, record_gradient, &r));
    assert_true(cd_visit(l->m.o.loss, record_gradient, &r));
    return r;
}

/* How often nothing had changed, and how often all had. */
typedef struct tries {
    recorded loaded; /* the state of the checkpoint, once it has been loaded */
    int unchanged, changed;
} tries;

static bool equal(const recorded *a, const recorded *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The meter is empty; the error that is pending stays. */
static void assert_empty(cd_meter *meter)
{
    assert_true(cd_error_push());
    assert_true(isnan(cd_meter_value(meter)));
    (void)cd_error_pop(NULL);
}

/* For a run that loads its checkpoint and does no more. */
static bool end_at_once(const cd_history *before, void *context)
{
    (void)before, (void)context;
    return false;
}

/* Goes on with a run that is over at once. Then all has changed, or nothing; all also where it only
 * fails to hand the history out. */
static bool all_or_nothing(void *context)
{
    CD_SCOPE();
    cd_memory_fault *hook = cd_memory_fault_hook;
    tries *t = context;
    lossy l;
    cd_memory_fault_hook = NULL;
    make_lossy(&l, &never, 1000);
    use(&l);
    l.m.o.checkpoint = in_folder("run");
    l.m.o.resume = true;
    l.m.o.on_begin = end_at_once;
    recorded before = record_all(&l);
    cd_memory_fault_hook = hook;
    const bool done = cd_fit_with(l.m.o) != NULL;
    cd_memory_fault_hook = NULL;
    cd_error error;
    const bool failed = cd_error_take(&error);
    recorded after = record_all(&l);
    if (failed) (void)cd_fail(error.code, "%s", error.message);
    if (t->loaded.size == 0) {
        free(before.bytes);
        t->loaded = after;
        return done;
    }
    const bool same = equal(&before, &after), all = equal(&after, &t->loaded);
    free(before.bytes), free(after.bytes);
    assert_true(done ? all : all != same);
    if (same) assert_empty(l.meter);
    *(same ? &t->unchanged : &t->changed) += 1;
    return done;
}

/* Stops the run, so that there is a checkpoint and no best.safetensors. */
static void stop_lossy(halt h)
{
    CD_SCOPE();
    lossy l;
    make_lossy(&l, &h, 7);
    l.m.o.checkpoint = in_folder("run");
    assert_non_null(cd_fit_with(l.m.o));
    (void)unlink(in_folder("run/best.safetensors"));
}

/* Any one allocation fails, and those after it do not: within a group of batches, and after the
 * best epoch, whose checkpoint has not been marked. */
static void a_resume_that_fails_changes_nothing(void **state)
{
    (void)state;
    begin_quick();
    for (int i = 0; i < 2; i++) {
        tries t = { .unchanged = 0 };
        stop_lossy(i == 0 ? (halt){ .batch = 6 } : (halt){ .epoch = 1 });
        assert_true(all_or_nothing(&t));
        (void)unlink(in_folder("run/best.safetensors"));
        bool done = false;
        for (int k = 0; !done; k++) {
            allocations_left = k;
            fail_sticks = false;
            cd_memory_fault_hook = fail_now;
            done = all_or_nothing(&t);
            if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
        }
        assert_that(t.unchanged > 200 && t.changed < 10, "%d and %d", t.unchanged, t.changed);
        free(t.loaded.bytes);
        remove_run();
    }
    end_quick();
}

static int no_link(const char *from, const char *to)
{
    (void)from, (void)to;
    errno = EPERM;
    return -1;
}

/* The best epoch's checkpoint cannot be marked, since the disk is full; and a later part of the
 * checkpoint is refused once earlier ones were set. */
static void a_disk_and_a_part_that_fail_change_nothing(void **state)
{
    (void)state;
    tries t = { .unchanged = 0 };
    begin_quick();
    stop_lossy((halt){ .epoch = 1 });
    assert_true(all_or_nothing(&t));
    (void)unlink(in_folder("run/best.safetensors"));
    calls.link = no_link;
    calls.write = write_some;
    writes_left = 0;
    assert_false(all_or_nothing(&t));
    assert_failed_with(CD_ERR_IO, "best.safetensors: cannot write it: No space left");
    begin_quick();
    assert_true(all_or_nothing(&t));
    assert_int_equal(access(in_folder("run/best.safetensors"), F_OK), 0);
    assert_true(t.unchanged == 1 && t.changed == 1);
    remove_run();

    stop_lossy((halt){ .batch = 6, .every = 6 });
    (void)unlink(in_folder("run/last.safetensors"));
    const char *path = in_folder("run/step-2.safetensors");
    assert_int_equal(access(path, F_OK), 0);
    change_in(path, NULL, NULL, "schedule.base", -1);
    assert_false(all_or_nothing(&t));
    assert_failed_with(CD_ERR_FORMAT, "begins with a rate of -1");
    assert_true(t.unchanged == 2 && t.changed == 1);
    free(t.loaded.bytes);
    end_quick();
}

static bool fit_resumes(void *context)
{
    CD_SCOPE();
    const plan *p = context;
    cd_module *model = cd_nn_linear(16, 3);
    cd_module *whole = model ? cd_nn_sequential(cd_nn_flatten(), model) : NULL;
    cd_optimizer *sgd = cd_optim_sgd(whole, .momentum = 0.5);
    cd_dataset *set = make_data(true, 0, 4);
    return cd_fit(whole, set, .validation = set, .optimizer = sgd, .batch_size = 1, .accumulate = 2,
                  .epochs = p->epochs, .metrics = decision_metrics, .restore_best = true,
                  .metric_count = DECISION_METRICS, .checkpoint = in_folder("run"), .keep = 1,
                  .resume = true) != NULL;
}

static bool stop_at_three(const cd_fit_batch *b, void *context)
{
    (void)context;
    return b->batch != 3 || b->epoch != 2;
}

/* Goes on in the middle of a group of an epoch, trains the rest, and saves. Each round has one more
 * epoch to do than what a failure may have saved. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    begin_quick();
    {
        CD_SCOPE();
        cd_module *model = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(16, 3));
        cd_dataset *set = make_data(true, 0, 4);
        assert_non_null(cd_fit(model, set, .validation = set,
                               .optimizer = cd_optim_sgd(model, .momentum = 0.5), .batch_size = 1,
                               .accumulate = 2, .epochs = 3, .metrics = decision_metrics,
                               .metric_count = DECISION_METRICS, .checkpoint = in_folder("run"),
                               .keep = -1, .on_batch = stop_at_three));
    }
    const plan p = { .epochs = 2 };
    assert_true(sweep_memory(fit_resumes, (void *)&p) > 100);
    end_quick();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_optimizer_and_schedule_goes_on),
        TEST(every_place_goes_on),
        TEST(every_place_of_groups_with_gaps_goes_on),
        TEST(a_validation_loader_goes_on),
        TEST(early_stopping_decides_the_same),
        TEST(a_best_epoch_that_was_not_marked_is_marked),
        TEST(best_is_the_best_epochs_checkpoint),
        TEST(a_best_epoch_that_is_lost_is_an_error),
        TEST(a_lost_best_epoch_is_found_by_its_step),
        TEST(what_on_epoch_does_belongs_to_the_epoch),
        TEST(checkpoints_are_saved_when_it_is_time),
        TEST(other_epochs_are_not_saved_between_steps),
        TEST(the_average_follows_the_steps),
        TEST(a_run_can_be_made_longer),
        TEST(a_run_cannot_become_shorter),
        TEST(a_damaged_checkpoint_is_passed_over),
        TEST(a_loss_with_a_state_goes_on),
        TEST(mixed_targets_are_measured_as_classes),
        TEST(mixup_goes_on),
        TEST(another_run_is_refused_by_name),
        TEST(a_tensor_that_is_not_saved_is_refused),
        TEST(settings_of_the_program_are_compared),
        TEST(options_without_a_folder_are_refused),
        TEST(a_metric_without_visit_waits_for_the_end_of_the_epoch),
        TEST(a_hostile_history_is_refused),
        TEST(a_history_has_nan_and_infinity),
        TEST(a_hostile_state_of_a_metric_is_refused),
        TEST(a_missing_state_is_refused),
        TEST(a_checkpoint_of_a_program_is_refused),
        TEST(a_full_disk_ends_the_run),
        TEST(a_resume_that_fails_changes_nothing),
        TEST(a_disk_and_a_part_that_fail_change_nothing),
        TEST(every_allocation_may_fail),
        TEST(a_checkpoint_of_before_goes_on),
        TEST(a_long_history_goes_on),
        TEST(kills_change_nothing),
    };
    return RUN(tests);
}
