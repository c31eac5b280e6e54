/* Saving and resuming a training run by cd_visit_state: a resumed run gives the same bits as one
 * that was never interrupted. */
#include "goldens.h"

#include <candela.h>

#include "core/memory_internal.h"

typedef struct run {
    cd_module *model;
    cd_optimizer *optimizer;
    cd_scheduler *schedule;
    cd_generator *noise;
} run;

static run start(double momentum)
{
    run r = { .model = cd_nn_sequential(cd_nn_conv2d(1, 3, 3), cd_nn_batch_norm2d(3), cd_nn_relu(),
                                        cd_nn_flatten(), cd_nn_linear(3 * 4 * 4, 2)) };
    r.optimizer = cd_optim_sgd(r.model, .lr = 0.1, .momentum = momentum, .weight_decay = 0.01);
    r.schedule = cd_schedule_cosine(r.optimizer, 9);
    r.noise = cd_generator_new(5);
    assert_ok();
    return r;
}

static void step(const run *r)
{
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(4, 1, 6, 6), .generator = r->noise);
    cd_tensor *y = cd_forward(r->model, x);
    assert_true(cd_zero_grad(r->optimizer));
    assert_true(cd_backward(cd_mse_loss(y, cd_randn(CD_SHAPE(4, 2)))));
    assert_true(cd_step(r->optimizer) && cd_scheduler_step(r->schedule));
}

/* Room for a tensor's bytes, rounded up so that the next tensor's elements are aligned. */
static size_t room_for(const cd_tensor *t)
{
    return ((size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t)) + 7) / 8 * 8;
}

/* The bytes of all state tensors in the order of visiting, and their names. */
typedef struct snapshot {
    char *bytes;
    size_t size, at;  /* bytes recorded, and restored so far */
    FILE *names;      /* NULL: names are not recorded */
    const char *stop; /* the visitor refuses this name */
} snapshot;

static bool record(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    snapshot *to = user;
    if (to->stop && strcmp(name, to->stop) == 0) return false;
    const size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    to->bytes = realloc(to->bytes, to->size + room_for(t));
    assert_non_null(to->bytes);
    memset(to->bytes + to->size, 0, room_for(t));
    assert_true(cd_read(t, to->bytes + to->size, size));
    to->size += room_for(t);
    if (to->names) fprintf(to->names, "%s %d\n", name, (int)kind);
    return true;
}

static bool restore(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    snapshot *from = user;
    const size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    const char *bytes = from->bytes + from->at;
    from->at += room_for(t);
    assert_true(from->at <= from->size);
    return cd_write(t, bytes, size);
}

static bool visit_all(const run *r, cd_visitor *visitor, snapshot *t)
{
    return cd_visit_state(r->model, visitor, t) && cd_visit_state(r->optimizer, visitor, t) &&
           cd_visit_state(r->schedule, visitor, t) && cd_visit_state(r->noise, visitor, t) &&
           cd_visit_state((cd_generator *)NULL, visitor, t);
}

static void resumed_equals_uninterrupted(double momentum, int before)
{
    CD_SCOPE();
    cd_manual_seed(3);
    run straight = start(momentum);
    for (int t = 0; t < before; t++) step(&straight);
    snapshot saved = { .size = 0 }, end = { .size = 0 }, resumed_end = { .size = 0 };
    assert_true(visit_all(&straight, record, &saved));
    for (int t = 0; t < 3; t++) step(&straight);
    assert_true(visit_all(&straight, record, &end));

    cd_manual_seed(99);
    run resumed = start(momentum);
    assert_true(visit_all(&resumed, restore, &saved));
    assert_int_equal(saved.at, saved.size);
    for (int t = 0; t < 3; t++) step(&resumed);
    assert_true(visit_all(&resumed, record, &resumed_end));
    assert_int_equal(end.size, resumed_end.size);
    assert_memory_equal(end.bytes, resumed_end.bytes, end.size);
    assert_close(cd_lr(resumed.optimizer), cd_lr(straight.optimizer), 0, 0);
    free(saved.bytes);
    free(end.bytes);
    free(resumed_end.bytes);
}

static void a_resumed_run_equals_a_straight_one(void **state)
{
    (void)state;
    resumed_equals_uninterrupted(0.9, 4);
    resumed_equals_uninterrupted(0, 4);
}

/* Visiting makes the momentum buffers before the first step, which must still set v = g. */
static void a_run_is_resumed_before_its_first_step(void **state)
{
    (void)state;
    resumed_equals_uninterrupted(0.9, 0);
}

static void state_has_names(void **state)
{
    (void)state;
    CD_SCOPE();
    char *text = NULL;
    size_t size = 0;
    snapshot t = { .names = open_memstream(&text, &size) };
    cd_module *m = cd_nn_linear(2, 1);
    cd_optimizer *sgd = cd_optim_sgd(m, .momentum = 0.5);
    assert_true(cd_visit_state(m, record, &t) && cd_visit_state(sgd, record, &t));
    assert_true(cd_visit_state(cd_schedule_cosine(sgd, 2), record, &t));
    assert_true(cd_visit_state(cd_generator_new(1), record, &t));
    assert_int_equal(fclose(t.names), 0);
    assert_string_equal(
        text, "weight 0\nbias 0\nrate 3\nmomentum 3\n0.step 3\n0.momentum_buffer 3\n1.step 3\n"
              "1.momentum_buffer 3\nbase 3\nstep 3\nstate 3\n");
    free(text);
    free(t.bytes);
}

static void an_optimizer_without_momentum_remembers_its_rate_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    snapshot t = { .size = 0 };
    assert_true(cd_visit_state(cd_optim_sgd(cd_nn_linear(2, 1), .lr = 0.25), record, &t));
    const double rate_and_momentum[] = { 0.25, 0 };
    assert_int_equal(t.size, sizeof rate_and_momentum);
    assert_memory_equal(t.bytes, rate_and_momentum, sizeof rate_and_momentum);
    free(t.bytes);
}

static void a_visitor_can_stop(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 1), .momentum = 0.5);
    cd_scheduler *cosine = cd_schedule_cosine(sgd, 2);
    static const char *const stops[] = { "rate", "0.step", "base", "step", "state" };
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        snapshot t = { .stop = stops[i] };
        assert_false(cd_visit_state(sgd, record, &t) && cd_visit_state(cosine, record, &t) &&
                     cd_visit_state(cd_generator_new(1), record, &t));
        assert_ok();
        free(t.bytes);
    }
}

static bool spoil(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    const char *which = user;
    if (strcmp(name, which) != 0) return true;
    if (strcmp(name, "base") == 0) return cd_write(t, &(double){ NAN }, sizeof(double));
    if (strcmp(name, "step") == 0) return cd_write(t, &(int64_t){ -1 }, sizeof(int64_t));
    if (strcmp(name, "rate") == 0) return cd_write(t, &(double){ NAN }, sizeof(double));
    unsigned char *bytes = cd_data_mut(t);
    memset(bytes, 0xff, CD_RNG_STATE_BYTES);
    return true;
}

/* A visitor: writes a number to the state that consists of one number, and of this name. */
typedef struct number {
    const char *name;
    double real;
    int64_t integer;
} number;

static bool write_number(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    const number *n = user;
    if (strcmp(name, n->name) != 0) return true;
    return cd_dtype_of(t) == CD_F64 ? cd_write(t, &n->real, sizeof n->real)
                                    : cd_write(t, &n->integer, sizeof n->integer);
}

static void impossible_numbers_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const double rates[] = { NAN, INFINITY, -INFINITY, -0.5 };
    static const int64_t steps[] = { INT64_MAX, ((int64_t)1 << 53) + 1, -1, INT64_MIN };
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 1), .lr = 0.5);
    cd_scheduler *cosine = cd_schedule_cosine(sgd, 2);
    for (int i = 0; i < 4; i++) {
        assert_false(cd_visit_state(sgd, write_number, (&(number){ "rate", rates[i], 0 })));
        assert_failed_with(CD_ERR_FORMAT, "it must be finite and not negative");
        assert_close(cd_lr(sgd), 0.5, 0, 0);
        assert_false(cd_visit_state(cosine, write_number, (&(number){ "base", rates[i], 0 })));
        assert_failed_with(CD_ERR_FORMAT, "it must be finite and not negative");
        assert_false(cd_visit_state(cosine, write_number, (&(number){ "step", 0, steps[i] })));
        assert_failed_with(CD_ERR_FORMAT, "it must be from 0 to 2^53");
    }
    assert_true(cd_scheduler_step(cosine)); /* the schedule is unchanged */
    assert_close(cd_lr(sgd), 0.25, 1e-15, 0);
    /* The largest possible ones. */
    assert_true(cd_visit_state(sgd, write_number, (&(number){ "rate", 1e300, 0 })));
    assert_close(cd_lr(sgd), 1e300, 0, 0);
    assert_true(cd_visit_state(cosine, write_number, (&(number){ "step", 0, (int64_t)1 << 53 })));
    assert_true(cd_scheduler_step(cosine) && cd_scheduler_step(cosine));
    assert_true(cd_visit_state(sgd, write_number, (&(number){ "rate", 0, 0 })));
    assert_close(cd_lr(sgd), 0, 0, 0);
}

/* The rate that a visitor wrote is not left in the optimizer when the visitor stops there
 * either. */
static bool spoil_and_stop(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)spoil(name, t, kind, user);
    return false;
}

static void a_spoiled_rate_is_put_back(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 1), .lr = 0.5);
    assert_false(cd_visit_state(sgd, spoil_and_stop, (char *)"rate"));
    assert_failed_with(CD_ERR_FORMAT, "an optimizer's rate of nan");
    assert_close(cd_lr(sgd), 0.5, 0, 0);
}

static bool on_device(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    const cd_device *device = user;
    return strcmp(name, "rate") == 0 || strcmp(name, "momentum") == 0 || cd_device_of(t) == *device;
}

static void state_is_made_where_its_parameter_is(void **state)
{
    (void)state;
    CD_SCOPE();
    for (cd_device device = CD_CPU; device <= CD_META; device++) {
        cd_optimizer *sgd =
            cd_optim_sgd(cd_nn_linear(2, 1, .device = device), .lr = 0.5, .momentum = 0.5);
        assert_true(cd_visit_state(sgd, on_device, &device));
    }
}

static void impossible_state_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 1), .lr = 0.5);
    cd_scheduler *cosine = cd_schedule_cosine(sgd, 2);
    assert_false(cd_visit_state(cosine, spoil, (char *)"base"));
    assert_failed_with(CD_ERR_FORMAT, "begins with a rate of nan");
    assert_false(cd_visit_state(cosine, spoil, (char *)"step"));
    assert_failed_with(CD_ERR_FORMAT, "a schedule at step -1");
    assert_true(cd_scheduler_step(cosine));
    assert_close(cd_lr(sgd), 0.25, 1e-15, 0); /* the schedule is unchanged */
    cd_generator *a = cd_generator_new(7), *b = cd_generator_new(7);
    assert_false(cd_visit_state(a, spoil, (char *)"state"));
    assert_failed_with(CD_ERR_FORMAT, "");
    assert_near(cd_rand(CD_SHAPE(5), .generator = a), cd_rand(CD_SHAPE(5), .generator = b), 0, 0);
    assert_false(cd_visit_state((cd_optimizer *)NULL, record, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "visit_state: the optimizer is NULL");
    assert_false(cd_visit_state((cd_scheduler *)NULL, record, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "visit_state: the scheduler is NULL");
}

static int64_t allowed;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

static void every_allocation_of_a_visit_may_fail(void **state)
{
    (void)state;
    bool done = false;
    for (int64_t n = 0; n < 200 && !done; n++) {
        CD_SCOPE();
        cd_manual_seed(1);
        run r = start(0.5);
        snapshot t = { .size = 0 };
        allowed = n;
        cd_memory_fault_hook = fail_after;
        done = visit_all(&r, record, &t);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        step(&r); /* the optimizer still works */
        free(t.bytes);
    }
    assert_true(done);
}

/* Writes an impossible count of steps, and stops; with `user` it fails too. */
static bool spoil_count_and_stop(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    const int64_t bad = -5;
    (void)kind;
    if (strcmp(name, "0.step") != 0) return true;
    assert_true(cd_write(t, &bad, sizeof bad));
    if (user) (void)cd_fail(CD_ERR_IO, "the visitor's own");
    return false;
}

static bool count_is_zero(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind, (void)user;
    if (strcmp(name, "0.step") == 0) assert_int_equal(cd_item_int(t), 0);
    return true;
}

static void a_bad_count_does_not_stay_when_the_visitor_stops(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_adam(cd_nn_linear(2, 1));
    bool fails = true;
    assert_false(cd_visit_state(o, spoil_count_and_stop, NULL));
    assert_failed_with(CD_ERR_FORMAT, "0.step is -5, and must be from 0 to 2^53");
    assert_true(cd_visit_state(o, count_is_zero, NULL));
    assert_false(cd_visit_state(o, spoil_count_and_stop, &fails));
    assert_failed_with(CD_ERR_IO, "the visitor's own");
    assert_true(cd_visit_state(o, count_is_zero, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_resumed_run_equals_a_straight_one),
        TEST(a_run_is_resumed_before_its_first_step),
        TEST(state_has_names),
        TEST(an_optimizer_without_momentum_remembers_its_rate_alone),
        TEST(a_visitor_can_stop),
        TEST(impossible_numbers_are_refused),
        TEST(a_spoiled_rate_is_put_back),
        TEST(state_is_made_where_its_parameter_is),
        TEST(impossible_state_is_refused),
        TEST(every_allocation_of_a_visit_may_fail),
        TEST(a_bad_count_does_not_stay_when_the_visitor_stops),
    };
    return RUN(tests);
}
