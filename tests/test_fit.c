/* cd_fit and cd_evaluate: losses, scores and parameters beside PyTorch's loop
 * (golden/make_fit.py), what ends a run, and what is refused. */
#include "goldens.h"
#include "hostile.h"

#include <signal.h>

#include <candela.h>

/* --- beside PyTorch --------------------------------------------------------------------------- */

typedef struct data {
    cd_dataset *train, *validation;
} data;

static cd_tensor *column(cd_tensor *x, int64_t k)
{
    return cd_select(x, 1, k);
}

/* The samples of make_fit.py. */
static cd_dataset *make_set(const char *kind, int64_t count)
{
    cd_tensor *x = cd_randn(CD_SHAPE(count, 4)), *y;
    if (strcmp(kind, "classes") == 0) {
        y = cd_add(cd_to(cd_gt(cd_add(column(x, 0), column(x, 1)), 0.0), CD_I64),
                   cd_to(cd_gt(column(x, 2), 1.0), CD_I64));
    } else if (strcmp(kind, "yes") == 0) {
        y = cd_gt(cd_narrow(x, 1, 0, 2), 0.0);
    } else {
        y = cd_sub(cd_mul(column(x, 0), 2.0), column(x, 1));
    }
    return cd_dataset_from_tensors(x, y);
}

static int64_t outputs_of(const char *kind)
{
    return strcmp(kind, "classes") == 0 ? 3 : strcmp(kind, "yes") == 0 ? 2 : 1;
}

static cd_module *make_model(int64_t outputs)
{
    return cd_nn_sequential(cd_nn_linear(4, 8), cd_nn_relu(), cd_nn_dropout(0.2),
                            cd_nn_linear(8, outputs));
}

/* One of the runs of golden/fit.txt. */
static void compare_run(FILE *file, const char *kind, int batch, int accumulate, double clip)
{
    CD_SCOPE();
    cd_manual_seed(3);
    const bool classes = strcmp(kind, "classes") == 0;
    cd_dataset *train = make_set(kind, 50), *validation = make_set(kind, 21);
    cd_module *model = make_model(outputs_of(kind));
    cd_optimizer *adam = cd_optim_adam(model, .lr = 1e-2);
    const cd_metric *const metrics[] = { &cd_accuracy };
    cd_history *h = cd_fit(model, train, .validation = validation, .batch_size = batch,
                           .optimizer = adam, .schedule = cd_schedule_step(adam, 2, .gamma = 0.5),
                           .epochs = 4, .accumulate = accumulate, .clip_norm = clip,
                           .metrics = classes ? metrics : NULL, .metric_count = classes ? 1 : 0);
    assert_ok();
    assert_int_equal(cd_history_count(h), 4);
    for (int64_t i = 0; i < 4; i++) {
        double loss, validation_loss, lr, accuracy, validation_accuracy;
        assert_int_equal(fscanf(file, "%lf %lf %lf %lf %lf", &loss, &validation_loss, &lr,
                                &accuracy, &validation_accuracy),
                         5);
        cd_epoch e = cd_history_epoch(h, i);
        assert_int_equal(e.number, i + 1);
        assert_close(e.loss, loss, 1e-6, 0);
        assert_close(e.validation_loss, validation_loss, 1e-6, 0);
        assert_close(e.lr, lr, 1e-12, 0);
        if (!classes) continue;
        assert_close(e.metrics[0], accuracy, 1e-8, 0);
        assert_close(e.validation_metrics[0], validation_accuracy, 1e-8, 0);
    }
    for (int i = 0; i < 4; i++) {
        const char *const names[] = { "0.weight", "0.bias", "3.weight", "3.bias" };
        double sum;
        assert_int_equal(fscanf(file, "%lf", &sum), 1);
        assert_close(cd_item(cd_sum(cd_module_tensor(model, names[i]))), sum, 1e-5, 1e-5);
    }
    char end[2];
    assert_int_equal(fscanf(file, "%1s", end), 1);
}

static void runs_equal_pytorch(void **state)
{
    (void)state;
    FILE *file = fopen(test_path("golden/fit.txt"), "r");
    assert_non_null(file);
    char kind[16];
    int batch, accumulate, runs = 0;
    for (double clip; fscanf(file, "%15s %d %d %lf", kind, &batch, &accumulate, &clip) == 4;
         runs++) {
        compare_run(file, kind, batch, accumulate, clip);
    }
    assert_int_equal(runs, 4);
    fclose(file);
}

/* --- what ends a run -------------------------------------------------------------------------- */

/* Six samples of one number and a target that a Linear(1, 1) learns. */
static cd_dataset *small_set(void)
{
    cd_tensor *x = cd_reshape(cd_arange(6, .dtype = CD_F32), CD_SHAPE(6, 1));
    return cd_dataset_from_tensors(x, cd_mul(column(x, 0), 0.5));
}

static cd_module *small_model(void)
{
    cd_manual_seed(1);
    return cd_nn_linear(1, 1);
}

/* What the program's functions have seen, and when they end the run; 0: never. */
typedef struct seen {
    int64_t epochs, batches, last_of, last_batch, last_samples;
    double first_loss, last_mean;
    int64_t stop_at_epoch, stop_at_batch;
    bool fail;
} seen;

static bool on_epoch(const cd_epoch *e, void *context)
{
    seen *s = context;
    s->epochs++;
    assert_int_equal(e->number, s->epochs);
    if (s->fail) return cd_fail(CD_ERR_UNSUPPORTED, "the program has had enough");
    return e->number != s->stop_at_epoch;
}

static bool on_batch(const cd_fit_batch *b, void *context)
{
    seen *s = context;
    if (s->batches++ == 0) s->first_loss = b->loss;
    s->last_of = b->of;
    s->last_batch = b->batch;
    s->last_samples = b->samples;
    s->last_mean = b->mean_loss;
    return s->batches != s->stop_at_batch;
}

static void the_program_is_told_of_each_batch_and_epoch(void **state)
{
    (void)state;
    seen s = { .epochs = 0 };
    cd_history *h = cd_fit(small_model(), small_set(), .epochs = 3, .batch_size = 4,
                           .on_epoch = on_epoch, .on_batch = on_batch, .context = &s);
    assert_int_equal(cd_history_count(h), 3);
    assert_int_equal(cd_history_end(h), CD_FIT_ALL_EPOCHS);
    assert_int_equal(s.epochs, 3);
    assert_int_equal(s.batches, 6);
    assert_int_equal(s.last_of, 2);
    assert_int_equal(s.last_batch, 2);
    assert_int_equal(s.last_samples, 6);
    assert_close(s.last_mean, cd_history_epoch(h, 2).loss, 0, 0);
    assert_int_equal(cd_history_epoch(h, 2).steps, 6);
    assert_true(isnan(cd_history_epoch(h, 2).validation_loss));
    assert_int_equal(cd_history_epoch(h, 3).number, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "there is no epoch 3, the history has 3");
}

/* What .on_begin was told. */
typedef struct beginning {
    const cd_history *history;
    int64_t before, at_epoch; /* how many epochs there were */
    int calls;
    bool refuse, fail;
} beginning;

static bool on_begin(const cd_history *before, void *context)
{
    beginning *b = context;
    b->history = before;
    b->before = cd_history_count(before);
    b->calls++;
    if (b->fail) return cd_fail(CD_ERR_UNSUPPORTED, "not today");
    return !b->refuse;
}

static bool count_epochs(const cd_epoch *e, void *context)
{
    beginning *b = context;
    b->at_epoch = cd_history_count(b->history);
    return e->number == b->at_epoch;
}

/* It is given the history, which has the epochs before a resume, and then the new ones. */
static void the_program_is_told_of_the_beginning(void **state)
{
    (void)state;
    beginning b = { .calls = 0 };
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s/begun", test_folder());
    for (int64_t run = 0; run < 3; run++) {
        cd_history *h =
            cd_fit(small_model(), small_set(), .epochs = 2 + run, .on_begin = on_begin,
                   .on_epoch = count_epochs, .context = &b, .checkpoint = folder, .resume = true);
        assert_int_equal(cd_history_count(h), 2 + run);
        assert_int_equal(b.calls, run + 1);
        assert_int_equal(b.before, run == 0 ? 0 : 1 + run);
        assert_int_equal(b.at_epoch, 2 + run);
    }
    b = (beginning){ .refuse = true };
    cd_history *h = cd_fit(small_model(), small_set(), .on_begin = on_begin, .context = &b);
    assert_int_equal(cd_history_count(h), 0);
    assert_int_equal(cd_history_end(h), CD_FIT_STOPPED);
    b = (beginning){ .fail = true };
    assert_null(cd_fit(small_model(), small_set(), .on_begin = on_begin, .context = &b));
    assert_failed_with(CD_ERR_UNSUPPORTED, "not today");
}

static void the_program_ends_a_run(void **state)
{
    (void)state;
    seen s = { .stop_at_epoch = 2 };
    cd_history *h = cd_fit(small_model(), small_set(), .epochs = 9, .on_epoch = on_epoch,
                           .on_batch = on_batch, .context = &s);
    assert_int_equal(cd_history_count(h), 2);
    assert_int_equal(cd_history_end(h), CD_FIT_STOPPED);
    /* At the second of three batches: the epoch is not finished, and not in the history. */
    s = (seen){ .stop_at_batch = 5 };
    h = cd_fit(small_model(), small_set(), .epochs = 9, .batch_size = 2, .on_epoch = on_epoch,
               .on_batch = on_batch, .context = &s);
    assert_int_equal(cd_history_count(h), 1);
    assert_int_equal(cd_history_end(h), CD_FIT_STOPPED);
    assert_int_equal(s.batches, 5);
    s = (seen){ .fail = true };
    assert_null(cd_fit(small_model(), small_set(), .on_epoch = on_epoch, .context = &s));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the program has had enough");
    assert_int_equal(s.epochs, 1);
}

static void a_signal_ends_a_run_after_its_batch(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 1;
    seen s = { .epochs = 0 };
    cd_history *h = cd_fit(small_model(), small_set(), .batch_size = 2, .on_batch = on_batch,
                           .context = &s, .stop = &stop);
    assert_int_equal(cd_history_count(h), 0);
    assert_int_equal(cd_history_best(h), -1);
    assert_int_equal(cd_history_end(h), CD_FIT_STOPPED);
    assert_int_equal(s.batches, 1);
}

/* A rate so high that the loss grows from the first epoch on: the first one is the best. */
static cd_history *diverge(cd_module *model, bool restore_best, int64_t early_stopping)
{
    cd_dataset *set = small_set();
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.2);
    return cd_fit(model, set, .validation = set, .optimizer = sgd, .batch_size = 6, .epochs = 7,
                  .restore_best = restore_best, .early_stopping = early_stopping);
}

static void early_stopping_waits_for_a_better_epoch(void **state)
{
    (void)state;
    cd_history *h = diverge(small_model(), false, 3);
    assert_int_equal(cd_history_count(h), 4);
    assert_int_equal(cd_history_best(h), 0);
    assert_int_equal(cd_history_end(h), CD_FIT_EARLY);
    assert_int_equal(cd_history_count(diverge(small_model(), false, 0)), 7);
}

static void the_best_epoch_is_put_back(void **state)
{
    (void)state;
    cd_module *best = small_model(), *last = cd_module_copy(best);
    cd_dataset *set = small_set();
    double loss;
    cd_history *h = diverge(best, true, 0);
    assert_int_equal(cd_history_count(h), 7);
    assert_true(cd_evaluate(best, set, .loss_value = &loss));
    assert_close(loss, cd_history_epoch(h, 0).validation_loss, 1e-6, 0);
    h = diverge(last, false, 0);
    assert_true(cd_evaluate(last, set, .loss_value = &loss));
    assert_close(loss, cd_history_epoch(h, 6).validation_loss, 1e-6, 0);
}

/* --- modes ------------------------------------------------------------------------------------ */

static void parts_in_evaluation_mode_stay_so(void **state)
{
    (void)state;
    cd_module *norm = cd_nn_batch_norm1d(1), *linear = cd_nn_linear(1, 1);
    cd_module *model = cd_nn_sequential(norm, linear);
    assert_true(cd_eval(norm));
    assert_non_null(cd_fit(model, small_set(), .validation = small_set(), .epochs = 2));
    assert_close(cd_item(cd_module_tensor(norm, "running_mean")), 0, 0, 0);
    assert_false(cd_is_training(norm));
    assert_true(cd_is_training(linear));
    /* A model that is in evaluation mode as a whole is trained as a whole. */
    assert_true(cd_eval(model));
    assert_non_null(cd_fit(model, small_set(), .epochs = 2));
    assert_true(cd_item(cd_module_tensor(norm, "running_mean")) > 0.1);
    assert_false(cd_is_training(model));
    assert_false(cd_is_training(linear));
}

/* --- losses that are not finite --------------------------------------------------------------- */

static void a_sample_that_is_not_finite_is_named(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(6, 1)), *y = cd_ones(CD_SHAPE(6));
    ((float *)cd_data_mut(x))[4] = (float)NAN;
    assert_null(cd_fit(small_model(), cd_dataset_from_tensors(x, y), .batch_size = 4));
    assert_failed_with(CD_ERR_STATE, "sample 4 of the data set");
}

/* A collate function that makes many rows of one sample: numbers of samples are not those of
 * rows. */
static bool many_rows(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                      cd_batch *b)
{
    (void)context, (void)set, (void)indices, (void)count;
    b->count = 5000;
    b->x = cd_ones(CD_SHAPE(5000, 1));
    b->y = cd_ones(CD_SHAPE(5000));
    if (!b->x || !b->y) return false;
    ((float *)cd_data_mut(b->x))[4999] = (float)NAN;
    return true;
}

static void a_row_that_is_not_finite_is_named(void **state)
{
    (void)state;
    cd_dataset *set = cd_dataset_from_tensors(cd_ones(CD_SHAPE(6, 1)), cd_ones(CD_SHAPE(6)));
    cd_loader *l = cd_loader_new(set, .batch_size = 6, .collate = many_rows);
    assert_null(cd_fit(small_model(), NULL, .loader = l));
    assert_failed_with(CD_ERR_STATE, "row 4999 of the batch has an input or a target");
}

static void a_parameter_that_is_not_finite_is_named(void **state)
{
    (void)state;
    cd_module *model = cd_nn_sequential(cd_nn_relu(), cd_nn_linear(1, 1));
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 3e38);
    assert_null(cd_fit(model, small_set(), .optimizer = sgd, .batch_size = 6));
    assert_failed_with(CD_ERR_STATE, "of the model is nan or infinite since an earlier step");
    ((float *)cd_data_mut(cd_module_tensor(model, "1.weight")))[0] = (float)NAN;
    assert_null(cd_fit(model, small_set(), .batch_size = 2));
    assert_failed_with(CD_ERR_STATE, "fit: the loss became nan at step 1 (batch 1 of epoch 1): "
                                     "\"1.weight\" of the model is nan or infinite from the start");
}

/* log of a negative number. */
static bool log_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_log(cd_sub(a->in[0], 1.0));
    return a->out[0];
}
static const cd_module_class log_class = {
    .name = "Log", .size = sizeof(cd_module), .inputs = 1, .forward = log_forward
};

static void an_op_that_is_not_finite_is_named(void **state)
{
    (void)state;
    cd_module *model = cd_nn_sequential(cd_module_new(&log_class), cd_nn_linear(1, 1));
    assert_null(cd_fit(model, small_set(), .batch_size = 6));
    assert_failed_with(CD_ERR_STATE, "0 (Log): log: anomaly: output (6x1) has");
    /* Dropout makes 0 or 2 of 1, and only 0 has no logarithm: the same numbers are dropped when the
     * batch is computed again. */
    model = cd_nn_sequential(cd_nn_dropout(0.5), cd_module_new(&log_class), cd_nn_linear(1, 1));
    cd_dataset *ones = cd_dataset_from_tensors(cd_ones(CD_SHAPE(20, 1)), cd_ones(CD_SHAPE(20)));
    for (uint64_t seed = 0; seed < 8; seed++) {
        cd_manual_seed(seed);
        assert_null(cd_fit(model, ones, .batch_size = 1));
        assert_failed_with(CD_ERR_STATE, "1 (Log): log: anomaly: output (1x1) has");
    }
}

/* --- evaluation ------------------------------------------------------------------------------- */

static void evaluation_computes_losses_and_metrics(void **state)
{
    (void)state;
    cd_module *model = small_model();
    cd_dataset *set = small_set();
    const cd_metric *const metrics[] = { &cd_mae, &cd_rmse };
    double loss, values[2];
    assert_true(cd_evaluate(model, set, .batch_size = 4, .loss_value = &loss, .metrics = metrics,
                            .metric_count = 2, .values = values));
    cd_tensor *x = cd_reshape(cd_arange(6, .dtype = CD_F32), CD_SHAPE(6, 1));
    cd_tensor *error = cd_sub(cd_forward(model, x), cd_mul(x, 0.5));
    const double mse = cd_item(cd_mean(cd_square(error)));
    assert_close(loss, mse, 1e-6, 0);
    assert_close(values[0], cd_item(cd_mean(cd_abs(error))), 1e-6, 0);
    assert_close(values[1], sqrt(mse), 1e-6, 0);
    assert_true(cd_is_training(model));
    loss = -1;
    cd_loader *loader = cd_loader_new(set, .batch_size = 5, .shuffle = true);
    assert_true(cd_evaluate(model, NULL, .loader = loader, .loss_value = &loss));
    assert_close(loss, mse, 1e-6, 0);
    loss = -1;
    assert_true(cd_evaluate(model, set, .loss = cd_nn_l1_loss(), .loss_value = &loss));
    assert_close(loss, values[0], 1e-6, 0);
}

/* --- loaders ---------------------------------------------------------------------------------- */

/* The samples of a batch whose places in *leaves_out (an array of bools) are false. */
static bool without_some(void *leaves_out, cd_dataset *set, const int64_t *indices, int64_t count,
                         cd_batch *b)
{
    const bool *out = leaves_out;
    int64_t left[8], n = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!out[indices[i]]) left[n++] = indices[i];
    }
    b->count = n;
    return n == 0 || cd_dataset_batch(set, left, n, .x = &b->x, .y = &b->y);
}

static bool nothing(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                    cd_batch *b)
{
    (void)context, (void)set, (void)indices, (void)count;
    b->count = 0;
    return true;
}

/* Eight samples, and those of them that are not left out. */
static cd_dataset *eight(const bool *out)
{
    int64_t left[8], n = 0;
    cd_tensor *x = cd_reshape(cd_sin(cd_arange(8, .dtype = CD_F32)), CD_SHAPE(8, 1));
    cd_dataset *all = cd_dataset_from_tensors(x, cd_add(column(x, 0), 1.0));
    for (int64_t i = 0; out && i < 8; i++) {
        if (!out[i]) left[n++] = i;
    }
    return out ? cd_dataset_subset(all, left, n) : all;
}

/* Batches that are left out count neither in groups nor in means, wherever they are: the run is
 * that over the other samples. */
static void empty_batches_do_not_count(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits < 255; bits++) {
        CD_SCOPE();
        bool out[8];
        for (int i = 0; i < 8; i++) out[i] = bits >> i & 1;
        const int64_t accumulate = 1 + bits % 5;
        cd_module *whole = small_model(), *part = small_model();
        cd_loader *l = cd_loader_new(eight(NULL), .collate = without_some, .collate_context = out);
        cd_loader *reference = cd_loader_new(eight(out));
        cd_history *a = cd_fit(whole, NULL, .loader = l, .accumulate = accumulate, .epochs = 2,
                               .optimizer = cd_optim_sgd(whole, .lr = 0.5));
        cd_history *b = cd_fit(part, NULL, .loader = reference, .accumulate = accumulate,
                               .epochs = 2, .optimizer = cd_optim_sgd(part, .lr = 0.5));
        assert_ok();
        const cd_epoch one = cd_history_epoch(a, 1), other = cd_history_epoch(b, 1);
        assert_int_equal(one.steps, other.steps);
        assert_close(one.loss, other.loss, 1e-5, 1e-6);
        assert_close(cd_item(cd_module_tensor(whole, "weight")),
                     cd_item(cd_module_tensor(part, "weight")), 1e-5, 1e-6);
    }
}

/* One epoch of the loader, in its way, and its numbers are monitored. */
static void a_loader_validates(void **state)
{
    (void)state;
    const bool out[8] = { true, false, true, true, true, true, true, true };
    const cd_metric *const metrics[] = { &cd_mae };
    cd_module *model = small_model();
    cd_dataset *all = eight(NULL);
    cd_loader *l = cd_loader_new(all, .batch_size = 3, .collate = without_some,
                                 .collate_context = (void *)(uintptr_t)out);
    cd_history *h = cd_fit(model, small_set(), .validation_loader = l, .epochs = 3,
                           .metrics = metrics, .metric_count = 1, .restore_best = true,
                           .optimizer = cd_optim_sgd(model, .lr = 0.01));
    assert_ok();
    const cd_epoch e = cd_history_epoch(h, cd_history_best(h));
    double loss, mae;
    assert_true(cd_evaluate(model, eight(out), .loss_value = &loss, .metrics = metrics,
                            .metric_count = 1, .values = &mae));
    assert_close(e.validation_loss, loss, 1e-6, 0);
    assert_close(e.validation_metrics[0], mae, 1e-6, 0);
    for (int64_t i = 0; i < 3; i++) {
        assert_true(cd_history_epoch(h, i).validation_loss >= e.validation_loss);
    }
}

/* A metric: the samples of the largest batch. */
static bool largest_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m, (void)target;
    double *most = state;
    *most = fmax(*most, (double)cd_size(output, 0));
    return cd_ok();
}
static double largest_value(const cd_metric *m, void *state)
{
    (void)m;
    return *(const double *)state;
}

static void a_validation_set_has_batches_of_the_loaders_size(void **state)
{
    (void)state;
    static const cd_metric largest = { .name = "largest",
                                       .state_bytes = sizeof(double),
                                       .update = largest_update,
                                       .value = largest_value };
    const cd_metric *const metrics[] = { &largest };
    cd_dataset *set = small_set();
    for (int64_t size = 1; size < 6; size++) {
        cd_history *h = cd_fit(small_model(), NULL, .epochs = 1, .validation = set,
                               .loader = cd_loader_new(set, .batch_size = size), .metrics = metrics,
                               .metric_count = 1);
        assert_ok();
        assert_close(cd_history_epoch(h, 0).validation_metrics[0], (double)size, 0, 0);
    }
}

/* Yes and no as N targets, for outputs of N x 1. */
static void one_question_is_learned(void **state)
{
    (void)state;
    cd_tensor *x = cd_linspace(-1, 1, 40);
    cd_dataset *set = cd_dataset_from_tensors(cd_reshape(x, CD_SHAPE(40, 1)), cd_gt(x, 0.0));
    cd_module *model = small_model();
    const cd_metric *const metrics[] = { &cd_accuracy };
    double loss, accuracy;
    assert_non_null(cd_fit(model, set, .optimizer = cd_optim_adam(model, .lr = 0.3), .epochs = 40));
    assert_true(cd_evaluate(model, set, .loss_value = &loss, .metrics = metrics, .metric_count = 1,
                            .values = &accuracy));
    assert_true(loss < 0.1);
    assert_close(accuracy, 1, 0, 0);
}

/* --- what is refused -------------------------------------------------------------------------- */

/* A collate function that gives no targets. */
static bool inputs_only(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                        cd_batch *b)
{
    (void)context;
    return cd_dataset_batch(set, indices, count, .x = &b->x);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    cd_module *model = small_model();
    cd_dataset *set = small_set();
    cd_loader *loader = cd_loader_new(set);
    cd_optimizer *one = cd_optim_sgd(model), *other = cd_optim_sgd(model);
    cd_scheduler *plateau = cd_schedule_plateau(one), *step = cd_schedule_step(one, 1);
    const cd_metric *const metrics[] = { &cd_mae }, *const none[] = { NULL };
    cd_loader *without_targets = cd_loader_new(set, .batch_size = 2, .collate = inputs_only);
    const struct {
        cd_fit_options o;
        cd_code code;
        const char *text;
    } cases[] = {
        { { .model = NULL, .train = set }, CD_ERR_ARGUMENT, "module" },
        { { .train = NULL }, CD_ERR_ARGUMENT, "neither a train set nor a loader" },
        { { .train = set, .loader = loader }, CD_ERR_ARGUMENT, "both a train set and a loader" },
        { { .loader = loader, .batch_size = 2 }, CD_ERR_ARGUMENT, "the loader has its own" },
        { { .train = set, .batch_size = -2 }, CD_ERR_ARGUMENT, ".batch_size is -2" },
        { { .train = set, .epochs = -1 }, CD_ERR_ARGUMENT, ".epochs is -1" },
        { { .train = set, .accumulate = -1 }, CD_ERR_ARGUMENT, ".accumulate is -1" },
        { { .train = set, .early_stopping = -1 }, CD_ERR_ARGUMENT, ".early_stopping is -1" },
        { { .train = set, .clip_norm = -1 }, CD_ERR_ARGUMENT, ".clip_norm is -1" },
        { { .train = set, .clip_value = (double)NAN }, CD_ERR_ARGUMENT, ".clip_value is nan" },
        { { .train = set, .schedule = step }, CD_ERR_ARGUMENT, "give .optimizer too" },
        { { .train = set, .schedule = step, .optimizer = other },
          CD_ERR_ARGUMENT,
          "the schedule is that of another optimizer" },
        { { .train = set, .schedule = plateau, .optimizer = one, .schedule_by_step = true },
          CD_ERR_ARGUMENT,
          "ReduceLROnPlateau decides by the monitored number" },
        { { .train = set, .monitor = "accuracy", .metrics = metrics, .metric_count = 1 },
          CD_ERR_ARGUMENT,
          ".monitor is \"accuracy\", and there are \"loss\", \"mae\"" },
        { { .train = set, .metric_count = 1 }, CD_ERR_ARGUMENT, ".metrics is NULL" },
        { { .train = set, .metric_count = 1, .monitor = "mae" },
          CD_ERR_ARGUMENT,
          ".metrics is NULL" },
        { { .train = set, .metrics = metrics, .metric_count = -1 },
          CD_ERR_ARGUMENT,
          ".metric_count is -1" },
        { { .train = set, .metrics = none, .metric_count = 1, .monitor = "mae" },
          CD_ERR_ARGUMENT,
          "metric 0 is NULL" },
        { { .train = set, .validation = set, .validation_loader = loader },
          CD_ERR_ARGUMENT,
          "both .validation and .validation_loader are given" },
        { { .train = set, .validation_loader = without_targets },
          CD_ERR_ARGUMENT,
          "batch 0 has no targets" },
        { { .train = set, .monitor = "mse", .validation_loader = loader },
          CD_ERR_ARGUMENT,
          ".monitor is \"mse\", and there are \"loss\", \"validation_loss\"" },
        { { .loader = cd_loader_new(set, .collate = nothing) },
          CD_ERR_ARGUMENT,
          "epoch 1 has no samples: the loader left all of its 6 batches out" },
        { { .loader = without_targets }, CD_ERR_ARGUMENT, "batch 0 has no targets" },
        { { .train = set, .loss = cd_nn_mse_loss(.reduction = CD_NONE) },
          CD_ERR_SHAPE,
          "the loss gives 6, and must give one number" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_fit_options o = cases[i].o;
        if (i > 0) o.model = model;
        assert_null(cd_fit_with(o));
        assert_failed_with(cases[i].code, cases[i].text);
    }
    assert_false(cd_evaluate(model, set, .metrics = metrics, .metric_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".values is NULL, and there are 1 metrics");
    assert_false(cd_evaluate(model, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "neither a data set nor a loader");
}

/* The plateau's schedule and the monitor follow a metric of which more is better. */
static void a_metric_is_monitored(void **state)
{
    (void)state;
    cd_manual_seed(5);
    cd_dataset *train = make_set("classes", 40), *validation = make_set("classes", 20);
    cd_module *model = make_model(3);
    const cd_metric *const metrics[] = { &cd_accuracy };
    cd_history *h =
        cd_fit(model, train, .validation = validation, .metrics = metrics, .metric_count = 1,
               .monitor = "accuracy", .epochs = 6, .optimizer = cd_optim_adam(model, .lr = 0.03));
    const int64_t best = cd_history_best(h);
    assert_true(best > 0);
    for (int64_t i = 0; i < 6; i++) {
        const double here = cd_history_epoch(h, i).validation_metrics[0];
        const double most = cd_history_epoch(h, best).validation_metrics[0];
        assert_true(i < best ? here < most : here <= most);
    }
}

/* Validation numbers of the epochs of a run, for a metric whose values are given. */
static const double *told;
static bool told_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m, (void)state, (void)output, (void)target;
    return true;
}
static double told_value(const cd_metric *m, void *state)
{
    (void)m, (void)state;
    return *told++;
}

/* Of epochs that are alike by the monitored number, the one with the lowest validation loss is the
 * best; for early stopping they are no better. */
static void a_lower_loss_breaks_ties(void **state)
{
    (void)state;
    /* In pairs: of the train samples, and of the validation samples. */
    static const double values[] = { 0, 0.5, 0, 0.9, 0, 0.9, 0, 0.9, 0, 0.8, 0, 0.9 };
    static const cd_metric metric = { .name = "told", .update = told_update, .value = told_value };
    const cd_metric *const metrics[] = { &metric };
    for (int falls = 0; falls < 2; falls++) {
        CD_SCOPE();
        cd_manual_seed(5);
        cd_module *model = cd_nn_linear(1, 1);
        cd_dataset *set = small_set();
        told = values;
        /* The loss falls; without a rate it stays. */
        cd_history *h =
            cd_fit(model, set, .validation = set, .metrics = metrics, .metric_count = 1,
                   .monitor = "told", .epochs = 6, .early_stopping = 4, .restore_best = true,
                   .optimizer = cd_optim_sgd(model, .lr = falls ? 0.001 : CD_ZERO));
        assert_ok();
        assert_int_equal(cd_history_count(h), 6);
        assert_int_equal(cd_history_best(h), falls ? 5 : 1);
        assert_int_equal(cd_history_end(h), CD_FIT_ALL_EPOCHS);
        double loss, again;
        told = values;
        assert_true(cd_evaluate(model, set, .loss_value = &loss));
        again = cd_history_epoch(h, cd_history_best(h)).validation_loss;
        assert_true(fabs(loss - again) <= 1e-12 * again);
        told = values;
        h = cd_fit(model, set, .validation = set, .metrics = metrics, .metric_count = 1,
                   .monitor = "told", .epochs = 6, .early_stopping = 3,
                   .optimizer = cd_optim_sgd(model, .lr = falls ? 0.001 : CD_ZERO));
        assert_int_equal(cd_history_count(h), 5);
        assert_int_equal(cd_history_best(h), falls ? 3 : 1);
        assert_int_equal(cd_history_end(h), CD_FIT_EARLY);
    }
}

/* PyTorch's plateau waits for a lower number; of an accuracy a higher one is better. */
static void a_plateau_waits_for_what_is_better(void **state)
{
    (void)state;
    cd_module *model = make_model(3);
    cd_dataset *set = make_set("classes", 40);
    const cd_metric *const metrics[] = { &cd_accuracy };
    static const struct {
        bool maximum;
        const char *monitor, *sentence;
    } cases[] = {
        { false, NULL, NULL },
        { false, "loss", NULL },
        { true, "accuracy", NULL },
        { false, "accuracy",
          "fit: ReduceLROnPlateau waits for a lower number, and a higher one is better of "
          "\"accuracy\", which is monitored: give it .maximum = true, or another .monitor" },
        { true, NULL,
          "fit: ReduceLROnPlateau waits for a higher number, and a lower one is better of "
          "\"validation_loss\", which is monitored: give it .maximum = false" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.01);
        cd_history *h = cd_fit(model, set, .validation = set, .metrics = metrics, .metric_count = 1,
                               .monitor = cases[i].monitor, .epochs = 1, .optimizer = sgd,
                               .schedule = cd_schedule_plateau(sgd, .maximum = cases[i].maximum));
        assert_that(!h == !!cases[i].sentence, "%zu", i);
        if (cases[i].sentence) assert_failed_with(CD_ERR_ARGUMENT, cases[i].sentence);
        assert_ok();
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

static bool fit_and_evaluate(void *context)
{
    (void)context;
    CD_SCOPE();
    cd_module *model = cd_nn_linear(1, 1);
    cd_dataset *set = small_set();
    const cd_metric *const metrics[] = { &cd_mae };
    double loss, mae;
    cd_history *h = cd_fit(model, set, .validation = set, .epochs = 2, .batch_size = 4,
                           .metrics = metrics, .metric_count = 1, .restore_best = true);
    return h && cd_history_count(h) == 2 &&
           cd_evaluate(model, set, .loss_value = &loss, .metrics = metrics, .metric_count = 1,
                       .values = &mae);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(sweep_memory(fit_and_evaluate, NULL) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_equal_pytorch),
        TEST(the_program_is_told_of_each_batch_and_epoch),
        TEST(the_program_is_told_of_the_beginning),
        TEST(the_program_ends_a_run),
        TEST(a_signal_ends_a_run_after_its_batch),
        TEST(early_stopping_waits_for_a_better_epoch),
        TEST(the_best_epoch_is_put_back),
        TEST(parts_in_evaluation_mode_stay_so),
        TEST(a_sample_that_is_not_finite_is_named),
        TEST(a_row_that_is_not_finite_is_named),
        TEST(a_parameter_that_is_not_finite_is_named),
        TEST(an_op_that_is_not_finite_is_named),
        TEST(evaluation_computes_losses_and_metrics),
        TEST(empty_batches_do_not_count),
        TEST(a_loader_validates),
        TEST(a_validation_set_has_batches_of_the_loaders_size),
        TEST(one_question_is_learned),
        TEST(wrong_options_are_refused),
        TEST(a_metric_is_monitored),
        TEST(a_lower_loss_breaks_ties),
        TEST(a_plateau_waits_for_what_is_better),
        TEST(every_allocation_may_fail),
    };
    return RUN(tests);
}
