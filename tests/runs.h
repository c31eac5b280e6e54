/* What the tests of checkpoints share: a run with dropout, batch norm, an average of the model, a
 * loader whose samples are changed at random, and a generator of its own, made with any optimizer
 * and any schedule. */
#ifndef CANDELA_TESTS_RUNS_H
#define CANDELA_TESTS_RUNS_H

#include "test.h"

#include <candela.h>

#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- every schedule --------------------------------------------------------------------------- */

static inline double halve(int64_t step, void *user)
{
    (void)user;
    return step % 2 ? 0.5 : 0.75;
}

/* With options by which six steps differ from each other. */
static inline cd_scheduler *make_step(cd_optimizer *o)
{
    return cd_schedule_step(o, 2, .gamma = 0.5);
}
static inline cd_scheduler *make_multi_step(cd_optimizer *o)
{
    return cd_schedule_multi_step(o, ((int64_t[]){ 2, 4 }), 2, .gamma = 0.5);
}
static inline cd_scheduler *make_exponential(cd_optimizer *o)
{
    return cd_schedule_exponential(o, 0.9);
}
static inline cd_scheduler *make_constant(cd_optimizer *o)
{
    return cd_schedule_constant(o, .factor = 0.5, .steps = 4);
}
static inline cd_scheduler *make_linear(cd_optimizer *o)
{
    return cd_schedule_linear(o, .start_factor = 0.25);
}
static inline cd_scheduler *make_polynomial(cd_optimizer *o)
{
    return cd_schedule_polynomial(o, .steps = 5, .power = 2);
}
static inline cd_scheduler *make_cosine(cd_optimizer *o)
{
    return cd_schedule_cosine(o, 9);
}
static inline cd_scheduler *make_cosine_restarts(cd_optimizer *o)
{
    return cd_schedule_cosine_restarts(o, 2, .longer = 2);
}
static inline cd_scheduler *make_one_cycle(cd_optimizer *o)
{
    return cd_schedule_one_cycle(o, 0.1, 9, .no_cycle_momentum = cd_optimizer_momentum(o, 0) <= 0);
}
static inline cd_scheduler *make_cyclic(cd_optimizer *o)
{
    return cd_schedule_cyclic(o, 0.01, 0.1, .size_up = 2,
                              .no_cycle_momentum = cd_optimizer_momentum(o, 0) <= 0);
}
static inline cd_scheduler *make_plateau(cd_optimizer *o)
{
    return cd_schedule_plateau(o, .patience = CD_ZERO, .factor = 0.5, .threshold = 0.5);
}
static inline cd_scheduler *make_swa(cd_optimizer *o)
{
    return cd_schedule_swa(o, 0.05, .steps = 5);
}
static inline cd_scheduler *make_lambda(cd_optimizer *o)
{
    return cd_schedule_lambda(o, halve);
}
static inline cd_scheduler *make_multiplicative(cd_optimizer *o)
{
    return cd_schedule_multiplicative(o, halve);
}
static inline cd_scheduler *make_sequential(cd_optimizer *o)
{
    cd_scheduler *parts[] = { make_linear(o), make_cosine(o), make_step(o) };
    return cd_schedule_sequential(o, parts, 3, .milestones = (int64_t[]){ 2, 4 });
}
static inline cd_scheduler *make_chained(cd_optimizer *o)
{
    cd_scheduler *parts[] = { make_constant(o), make_exponential(o) };
    return cd_schedule_chained(o, parts, 2);
}

typedef cd_scheduler *make_schedule(cd_optimizer *o);

/* A schedule that optim.def has and this file has not does not compile. */
static make_schedule *const schedule_makers[] = {
#define CD_OPTIMIZER(name_)
#define CD_SCHEDULE(name_) make_##name_,
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE
};
enum { SCHEDULES = sizeof schedule_makers / sizeof *schedule_makers };

/* --- every optimizer -------------------------------------------------------------------------- */

static inline cd_optimizer *momentum_sgd(cd_module *m)
{
    return cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true);
}
static inline cd_optimizer *amsgrad(cd_module *m)
{
    return cd_optim_adam(m, .amsgrad = true);
}
static inline cd_optimizer *amsgrad_w(cd_module *m)
{
    return cd_optim_adamw(m, .amsgrad = true);
}
static inline cd_optimizer *centered(cd_module *m)
{
    return cd_optim_rmsprop(m, .momentum = 0.9, .centered = true);
}
static inline cd_optimizer *two_groups(cd_module *m)
{
    cd_optimizer *o = cd_optim_adam(m);
    return cd_optimizer_group(o, "*.bias", .lr = 0.05) > 0 ? o : NULL;
}

/* Options by which an optimizer has more state than with its defaults. */
static cd_optimizer *(*const optimizer_variants[])(cd_module *m) = { momentum_sgd, amsgrad,
                                                                     amsgrad_w, centered,
                                                                     two_groups };
enum { VARIANTS = sizeof optimizer_variants / sizeof *optimizer_variants };

static inline int optimizer_count(void)
{
    int classes = 0;
    while (cd_optimizer_classes[classes]) classes++;
    return classes + VARIANTS;
}

/* Optimizer number i: the variants, then each class with its defaults. */
static inline cd_optimizer *make_optimizer(int i, cd_module *m)
{
    if (i < VARIANTS) return optimizer_variants[i](m);
    const cd_optimizer_class *c = cd_optimizer_classes[i - VARIANTS];
    char *options = calloc(1, c->options_bytes);
    assert_non_null(options);
    cd_optimizer *o = cd_optimizer_make(c, m, options);
    free(options);
    return o;
}

/* --- a loader --------------------------------------------------------------------------------- */

static inline cd_tensor *noisy(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    (void)t;
    return cd_add(x, cd_randn(cd_shape_of(x), .generator = g));
}

/* Ten samples in batches of three, so that six steps are an epoch and a half. The kind says where
 * the order comes from, and how many threads read ahead. */
enum { LOADERS = 6 };
static inline cd_loader *make_loader(int kind, cd_generator *g)
{
    static const cd_transform noise = { .name = "noise", .apply = noisy };
    static const double weights[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    cd_tensor *x = cd_view(cd_sin(cd_arange(160.0)), CD_SHAPE(10, 1, 4, 4));
    cd_tensor *y = cd_view(cd_cos(cd_arange(20.0)), CD_SHAPE(10, 2));
    return cd_loader_new(cd_dataset_from_tensors(x, y), .batch_size = 3,
                         .shuffle = kind == 1 || kind == 2, .weights = kind > 2 ? weights : NULL,
                         .without_replacement = kind == 4, .workers = kind == 2 || kind == 5,
                         .generator = kind == 2 || kind == 4 ? g : NULL, .transforms = &noise,
                         .transform_count = 1);
}

/* A collate function for batches of one sample, which leaves out four of ten: within groups of
 * batches, and, in the order of the set, at the end of the epoch. */
static inline bool leave_some_out(void *context, cd_dataset *set, const int64_t *indices,
                                  int64_t count, cd_batch *b)
{
    (void)context;
    b->count = indices[0] == 0 || indices[0] == 3 || indices[0] > 7 ? 0 : count;
    return b->count == 0 || cd_dataset_batch(set, indices, count, .x = &b->x, .y = &b->y);
}

/* Draws nine of seven samples with a generator of its own, and changes them at random. */
static inline cd_loader *make_validation_loader(cd_dataset *seven, uint64_t seed)
{
    static const cd_transform noise = { .name = "noise", .apply = noisy };
    static const double weights[7] = { 1, 2, 3, 4, 5, 6, 7 };
    return cd_loader_new(seven, .batch_size = 4, .weights = weights, .draws = 9,
                         .generator = cd_generator_new(seed), .transforms = &noise,
                         .transform_count = 1);
}

/* --- a run ------------------------------------------------------------------------------------ */

/* Made with random weights and generators that depend on the seed. */
static inline cd_run make_run(int optimizer, make_schedule *schedule, uint64_t seed)
{
    cd_manual_seed(seed);
    cd_run r = { .model = cd_nn_sequential(cd_nn_conv2d(1, 3, 3), cd_nn_batch_norm2d(3),
                                           cd_nn_relu(), cd_nn_dropout(0.5), cd_nn_flatten(),
                                           cd_nn_linear(3 * 4, 2)) };
    r.average = cd_nn_averaged_model(r.model, .decay = 0.75);
    r.optimizer = make_optimizer(optimizer, r.model);
    r.schedule = schedule(r.optimizer);
    r.generator = cd_generator_new(seed + 1);
    r.loader = make_loader(optimizer % LOADERS, r.generator);
    cd_tensor *seven = cd_view(cd_cos(cd_arange(7.0 * 16)), CD_SHAPE(7, 1, 4, 4));
    r.validation_loader =
        make_validation_loader(cd_dataset_from_tensors(seven, cd_ones(CD_SHAPE(7))), seed + 2);
    assert_ok();
    return r;
}

/* One step, with random numbers of all generators: the batch has the noise of a validation. */
static inline void step_run(const cd_run *r)
{
    CD_SCOPE();
    cd_batch b;
    if (!cd_loader_next(r->loader, &b)) assert_true(cd_loader_next(r->loader, &b));
    cd_batch v;
    if (!cd_loader_next(r->validation_loader, &v)) {
        assert_true(cd_loader_next(r->validation_loader, &v));
    }
    cd_tensor *x = cd_add(b.x, cd_randn(cd_shape_of(b.x), .generator = r->generator));
    x = cd_add(x, cd_mean(v.x));
    cd_tensor *loss = cd_mse_loss(cd_forward(r->model, x), b.y);
    assert_true(cd_zero_grad(r->optimizer) && cd_backward(loss) && cd_step(r->optimizer));
    assert_true(cd_update_parameters(r->average, r->model));
    if (r->schedule->class_->by_metric) {
        assert_true(cd_scheduler_step_by(r->schedule, cd_item(loss)));
    } else {
        assert_true(cd_scheduler_step(r->schedule));
    }
}

static inline void step_times(const cd_run *r, int steps)
{
    for (int i = 0; i < steps; i++) step_run(r);
}

/* --- what a run consists of ------------------------------------------------------------------- */

/* The names and bytes of all its state, to be freed with free(). */
typedef struct recorded {
    char *bytes;
    size_t size;
    bool between; /* the loader is between two epochs, where its "order" means nothing */
} recorded;

static inline bool record(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    recorded *r = user;
    const size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t)), head = strlen(name);
    r->bytes = realloc(r->bytes, r->size + head + size + 8);
    assert_non_null(r->bytes);
    memcpy(r->bytes + r->size, name, head);
    char *values = malloc(size + 1);
    assert_true(cd_read(t, values, size));
    if (strcmp(name, "epoch") == 0) r->between = values[0] == 0;
    if (strcmp(name, "order") == 0 && r->between) memset(values, 0, size);
    memcpy(r->bytes + r->size + head, values, size);
    free(values);
    r->size += head + size;
    return true;
}

static inline recorded record_run(const cd_run *run)
{
    recorded r = { .size = 0 };
    if (run->model) assert_true(cd_visit_state(run->model, record, &r));
    if (run->average) assert_true(cd_visit_state(run->average, record, &r));
    if (run->optimizer) assert_true(cd_visit_state(run->optimizer, record, &r));
    if (run->schedule) assert_true(cd_visit_state(run->schedule, record, &r));
    if (run->loader) assert_true(cd_visit_loader_state(run->loader, record, &r));
    if (run->validation_loader) {
        assert_true(cd_visit_loader_state(run->validation_loader, record, &r));
    }
    if (run->generator) assert_true(cd_visit_state(run->generator, record, &r));
    assert_true(cd_visit_state((cd_generator *)NULL, record, &r));
    return r;
}

static inline void assert_same_run(const recorded *a, const recorded *b, const char *what)
{
    assert_that(a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0,
                "%s: the states differ", what);
}

/* Whether the run is as it was when it was recorded. */
static inline void assert_unchanged(const cd_run *run, const recorded *before)
{
    cd_error pending;
    const bool failed = cd_error_take(&pending);
    recorded now = record_run(run);
    assert_same_run(&now, before, "after a failure");
    free(now.bytes);
    if (failed) (void)cd_fail(pending.code, "%s", pending.message);
}

/* --- files ------------------------------------------------------------------------------------ */

/* The path of a file in the test's folder; valid for the next three calls. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* A file's bytes, to be freed with free(). */
static inline unsigned char *file_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_that(file != NULL, "%s is not there", path);
    (void)fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    return bytes;
}

#endif
