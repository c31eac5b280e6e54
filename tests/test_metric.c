/* What metrics and meters take and refuse: tasks, options, batches, a metric of one's own, memory
 * that fails. Values against scikit-learn: test_metric_values.c. */
#include "test.h"

#include <candela.h>

#include "core/memory_internal.h"

#define FLOATS(shape_, ...)   cd_from_array(((float[]){ __VA_ARGS__ }), shape_)
#define INTEGERS(shape_, ...) cd_from_array(((int64_t[]){ __VA_ARGS__ }), shape_, .dtype = CD_I64)

/* Four samples of three classes; the decisions are 0, 1, 2, 0. */
static cd_tensor *four(void)
{
    return FLOATS(CD_SHAPE(4, 3), 2, 1, 0, 0, 2, 1, 0, 1, 2, 3, 2, 2);
}

static char warning[512];
static int warnings;

static void note_warning(cd_log_level level, const char *message, void *user)
{
    (void)level;
    (void)user;
    (void)snprintf(warning, sizeof warning, "%s", message);
    warnings++;
}

static void begin_warnings(void)
{
    warnings = 0;
    cd_set_logger(note_warning, NULL);
}

/* --- tasks ------------------------------------------------------------------------------------ */

static void shapes_and_dtypes_tell_the_task(void **state)
{
    (void)state;
    cd_tensor *one = FLOATS(CD_SHAPE(4), 1, -1, 2, -2), *x = FLOATS(CD_SHAPE(4, 1), 1, -1, 2, -2);
    cd_tensor *yes = FLOATS(CD_SHAPE(4), 1, 1, 0, 0), *y = INTEGERS(CD_SHAPE(4, 1), 1, 1, 0, 0);
    cd_tensor *truths = cd_to(y, CD_BOOL), *bytes = cd_to(y, CD_U8), *i32 = cd_to(yes, CD_I32);
    assert_close(cd_measure(&cd_accuracy, one, yes), 0.5, 0, 0);
    assert_close(cd_measure(&cd_accuracy, x, yes), 0.5, 0, 0);
    assert_close(cd_measure(&cd_accuracy, one, y), 0.5, 0, 0);
    assert_close(cd_measure(&cd_accuracy, x, truths), 0.5, 0, 0);
    assert_close(cd_measure(&cd_precision, cd_to(x, CD_F64), bytes), 0.5, 0, 0);
    assert_close(cd_measure(&cd_auc, one, i32), 0.5, 0, 0);

    /* Of two outputs class 1 is the positive one, unless the task says that both are alike. */
    cd_tensor *two = FLOATS(CD_SHAPE(4, 2), 0, 1, 0, -1, 0, 2, 3, 0);
    cd_tensor *labels = INTEGERS(CD_SHAPE(4), 1, 1, 0, 0);
    cd_metric alike = cd_metric_of(&cd_recall, .task = CD_METRIC_CLASSES);
    cd_tensor *three = INTEGERS(CD_SHAPE(4), 1, 1, 1, 0);
    assert_close(cd_measure(&cd_recall, two, labels), 0.5, 0, 0);
    assert_close(cd_measure(&cd_recall, two, three), 2.0 / 3, 1e-15, 0);
    assert_close(cd_measure(&alike, two, three), (2.0 / 3 + 1) / 2, 1e-15, 0);
    /* A model may have only one class. */
    cd_metric classes = cd_metric_of(&cd_confusion, .task = CD_METRIC_CLASSES);
    cd_meter *of_one = cd_meter_new(&classes);
    assert_true(cd_meter_update(of_one, x, INTEGERS(CD_SHAPE(4), 0, 0, 0, 0)));
    assert_int_equal(cd_item_int(cd_confusion_matrix(of_one)), 4);
    assert_false(cd_meter_update(of_one, one, INTEGERS(CD_SHAPE(4), 0, 0, 0, 0)));
    assert_failed_with(CD_ERR_SHAPE, "do not fit each other as .task says");
    /* The same shape: two labels for each of two samples. */
    assert_close(cd_measure(&cd_accuracy, cd_reshape(two, CD_SHAPE(2, 4)),
                            INTEGERS(CD_SHAPE(2, 4), 0, 1, 0, 0, 0, 0, 0, 0)),
                 6.0 / 8, 0, 0);
    assert_ok();
}

static void a_class_at_each_place(void **state)
{
    (void)state;
    /* One picture of 1 x 3 places and two classes: the classes are dimension 1. */
    cd_tensor *x = FLOATS(CD_SHAPE(1, 3, 1, 3), 9, 0, 0, 0, 9, 0, 1, 1, 9);
    cd_tensor *y = INTEGERS(CD_SHAPE(1, 1, 3), 0, 2, 2);
    assert_close(cd_measure(&cd_accuracy, x, y), 2.0 / 3, 1e-15, 0);
    assert_ok();
    assert_true(isnan(cd_measure(&cd_accuracy, x, INTEGERS(CD_SHAPE(1, 1, 2), 0, 2))));
    assert_failed_with(CD_ERR_SHAPE, "accuracy: the output (float32 of 1x3x1x3)");
}

static void targets_may_be_probabilities(void **state)
{
    (void)state;
    cd_tensor *y = FLOATS(CD_SHAPE(4, 3), 0.5F, 0.25F, 0.25F, 0, 0.4F, 0.6F, 0, 0, 1, 1, 0, 0);
    assert_close(cd_measure(&cd_accuracy, four(), y), 0.75, 0, 0);
    /* A later batch may have only 0 and 1, and a first one may be said to be of classes. */
    cd_tensor *hot = FLOATS(CD_SHAPE(4, 3), 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0);
    cd_meter *m = cd_meter_new(&cd_accuracy);
    assert_true(cd_meter_update(m, four(), y));
    assert_true(cd_meter_update(m, four(), hot));
    assert_close(cd_meter_value(m), 0.75, 0, 0);
    cd_metric classes = cd_metric_of(&cd_accuracy, .task = CD_METRIC_CLASSES);
    assert_close(cd_measure(&classes, four(), hot), 0.75, 0, 0);
    assert_false(cd_meter_update(m, four(), cd_mul(hot, 2)));
    assert_failed_with(CD_ERR_ARGUMENT, "the targets of sample 8 are neither 0 and 1 (labels) nor");
}

static void ignored_targets_do_not_count(void **state)
{
    (void)state;
    cd_tensor *y = INTEGERS(CD_SHAPE(4), 0, -100, 2, 1);
    cd_metric without_1 = cd_metric_of(&cd_accuracy, .ignore = true, .ignore_index = 1);
    assert_close(cd_measure(&cd_accuracy, four(), y), 2.0 / 3, 1e-15, 0);
    assert_true(isnan(cd_measure(&without_1, four(), y)));
    assert_failed_with(CD_ERR_ARGUMENT, "the target of sample 1 is class -100, and must be 0 to 2");
    assert_close(cd_measure(&without_1, four(), INTEGERS(CD_SHAPE(4), 0, 1, 2, 1)), 1, 0, 0);
    assert_close(
        cd_measure(&cd_auc, FLOATS(CD_SHAPE(3), 1, 2, 3), INTEGERS(CD_SHAPE(3), 0, -100, 1)), 1, 0,
        0);
    assert_ok();
}

/* --- what is refused -------------------------------------------------------------------------- */

static void wrong_numbers_name_their_sample(void **state)
{
    (void)state;
    cd_tensor *y = INTEGERS(CD_SHAPE(4), 0, 1, 2, 0), *bad = INTEGERS(CD_SHAPE(4), 0, 1, 3, 0);
    cd_tensor *x = four();
    cd_meter *m = cd_meter_new(&cd_accuracy);
    assert_true(cd_meter_update(m, x, y));
    assert_false(cd_meter_update(m, x, bad));
    assert_failed_with(CD_ERR_ARGUMENT, "the target of sample 6 is class 3, and must be 0 to 2");
    cd_tensor *nan = cd_clone(x);
    cd_fill_(cd_select(cd_select(nan, 0, 3), 0, 1), NAN);
    assert_false(cd_meter_update(m, nan, y));
    assert_failed_with(CD_ERR_ARGUMENT, "accuracy: the output of sample 7 is NaN");
    assert_close(cd_meter_value(m), 1, 0, 0);
    assert_false(cd_meter_update(m, cd_slice(x, 1, 0, 2, 1), cd_clamp_max(y, 1)));
    assert_failed_with(CD_ERR_SHAPE, "(binary, 2 outputs) than the batches before (classes, 3");
    assert_true(
        isnan(cd_measure(&cd_accuracy, FLOATS(CD_SHAPE(2), 1, 2), FLOATS(CD_SHAPE(2), 1, 0.5F))));
    assert_failed_with(CD_ERR_ARGUMENT, "the target of sample 1 is 0.5, and must be 0 or 1");
    assert_true(isnan(cd_measure(&cd_accuracy, y, y)));
    assert_failed_with(CD_ERR_DTYPE, "the output is int64, and must be floating: logits");
    assert_true(
        isnan(cd_measure(&cd_mae, FLOATS(CD_SHAPE(2), 1, 2), FLOATS(CD_SHAPE(2), 1, INFINITY))));
    assert_failed_with(CD_ERR_ARGUMENT, "mae: the target of sample 1 is inf, and must be finite");
    assert_true(isnan(cd_measure(&cd_mse, four(), FLOATS(CD_SHAPE(4), 1, 2, 3, 4))));
    assert_failed_with(CD_ERR_SHAPE, "mse: the output (4x3) and the target (4) must have the same");
}

static void options_that_a_metric_does_not_have_are_refused(void **state)
{
    (void)state;
    const struct {
        cd_metric metric;
        const char *text;
    } wrong[] = {
        { cd_metric_of(&cd_mae, .threshold = 0.5), "mae: this metric has no option .threshold" },
        { cd_metric_of(&cd_auc, .threshold = CD_ZERO), "auc: this metric has no option .thres" },
        { cd_metric_of(&cd_mae, .task = CD_METRIC_LABELS), "no option .task" },
        { cd_metric_of(&cd_accuracy, .average = CD_AVERAGE_MICRO), "no option .average" },
        { cd_metric_of(&cd_f1, .k = 3), "f1: this metric has no option .k" },
        { cd_metric_of(&cd_recall, .beta = 2), "recall: this metric has no option .beta" },
        { cd_metric_of(&cd_accuracy, .threshold = 1.5), ".threshold is 1.5" },
        { cd_metric_of(&cd_f1, .beta = -1), ".beta is -1" },
        { cd_metric_of(&cd_top5, .k = -1), ".k is -1" },
        { cd_metric_of(&cd_f1, .task = (cd_metric_task)7), ".task is 7" },
        { cd_metric_of(&cd_f1, .average = (cd_average)-2), ".average is -2" },
        { cd_metric_of(&cd_f1, .ignore_index = 2), ".ignore_index needs .ignore" },
        { { .name = "empty" }, "the metric empty has no update" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(cd_meter_new(&wrong[i].metric));
        assert_failed_with(CD_ERR_ARGUMENT, wrong[i].text);
    }
    assert_null(cd_meter_new(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the metric is NULL");
    assert_null(cd_metric_of(NULL).name);
    assert_failed_with(CD_ERR_ARGUMENT, "the metric is NULL");
}

static void metrics_that_a_task_does_not_have(void **state)
{
    (void)state;
    cd_tensor *x = four(), *y = cd_to(cd_gt(x, 1), CD_F32);
    assert_true(isnan(cd_measure(&cd_mcc, x, y)));
    assert_failed_with(CD_ERR_UNSUPPORTED, "mcc: this metric is not defined for labels");
    assert_true(isnan(cd_measure(&cd_top5, x, y)));
    assert_failed_with(CD_ERR_SHAPE, "top5: the output must be N x K");
    cd_tensor *large = cd_zeros(CD_SHAPE(1, 16385));
    assert_true(isnan(cd_measure(&cd_confusion, large, INTEGERS(CD_SHAPE(1), 0))));
    assert_failed_with(CD_ERR_UNSUPPORTED, "16385 classes is too large");
    cd_tensor *infinite = FLOATS(CD_SHAPE(1, 3), INFINITY, INFINITY, 0);
    assert_true(isnan(cd_measure(&cd_auc, infinite, INTEGERS(CD_SHAPE(1), 0))));
    assert_failed_with(CD_ERR_ARGUMENT, "the outputs of sample 0 have no softmax");
}

/* --- special values --------------------------------------------------------------------------- */

static void no_samples_have_no_value(void **state)
{
    (void)state;
    const cd_metric *const all[] = {
        &cd_accuracy, &cd_top5,     &cd_exact_match, &cd_precision,
        &cd_recall,   &cd_f1,       &cd_mcc,         &cd_balanced_accuracy,
        &cd_auc,      &cd_mae,      &cd_rmse,        &cd_average_precision,
        &cd_r2,       &cd_confusion
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        cd_meter *m = cd_meter_new(all[i]);
        assert_true(isnan(cd_meter_value(m)));
        bool regression = all[i] == &cd_mae || all[i] == &cd_rmse || all[i] == &cd_r2;
        cd_tensor *y =
            regression ? cd_zeros(CD_SHAPE(0, 3)) : cd_zeros(CD_SHAPE(0), .dtype = CD_I64);
        assert_true(cd_meter_update(m, cd_zeros(CD_SHAPE(0, 3)), y));
        assert_true(isnan(cd_meter_value(m)));
        assert_ok();
    }
    cd_metric_options none = { .metric = &cd_r2 };
    cd_metric r2 = cd_metric_with(none);
    assert_true(isnan(cd_measure(&r2, cd_ones(CD_SHAPE(1)), cd_ones(CD_SHAPE(1)))));
    assert_ok();
}

static void shares_of_nothing_are_0_with_one_warning(void **state)
{
    (void)state;
    begin_warnings();
    cd_meter *m = cd_meter_new(&cd_precision);
    cd_tensor *y = INTEGERS(CD_SHAPE(4), 0, 1, 2, 1);
    cd_tensor *x = FLOATS(CD_SHAPE(4, 3), 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0);
    assert_true(cd_meter_update(m, x, y));
    assert_close(cd_meter_value(m), 0.25 / 3, 1e-15, 0);
    assert_close(cd_meter_value(m), 0.25 / 3, 1e-15, 0);
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "precision: a class that is never predicted"));
    begin_warnings();
    cd_tensor *ones = cd_ones(CD_SHAPE(3));
    assert_true(isnan(cd_measure(&cd_auc, FLOATS(CD_SHAPE(3), 1, -2, 3), ones)));
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "auc: 1 of 1 classes are left out"));
    cd_set_logger(NULL, NULL);
    assert_ok();
}

static void probabilities_are_said_to_be(void **state)
{
    (void)state;
    cd_tensor *p = cd_view(cd_arange(12.0, .step = 1), CD_SHAPE(12));
    p = cd_div(p, 12);
    cd_tensor *y = cd_to(cd_ge(p, 0.5), CD_F32);
    cd_metric m = cd_metric_of(&cd_accuracy, .probabilities = true);
    begin_warnings();
    assert_close(cd_measure(&m, p, y), 11.0 / 12, 1e-15, 0); /* 0.5 is not above 0.5 */
    assert_int_equal(warnings, 0);
    (void)cd_measure(&cd_accuracy, p, y);
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(warning, "all outputs are from 0 to 1"));
    cd_set_logger(NULL, NULL);
    cd_metric low = cd_metric_of(&cd_recall, .probabilities = true, .threshold = 0.9);
    assert_close(cd_measure(&low, p, y), 1.0 / 6, 1e-15, 0);
    assert_true(isnan(cd_measure(&m, cd_mul(p, 2), y)));
    assert_failed_with(CD_ERR_ARGUMENT, "sample 7 is 1.16667: with .probabilities all must be");
    /* Of two and of three columns. */
    cd_tensor *two = FLOATS(CD_SHAPE(2, 2), 0.2F, 0.8F, 0.6F, 0.4F);
    cd_metric sure = cd_metric_of(&cd_recall, .probabilities = true, .threshold = 0.85);
    cd_metric area = cd_metric_of(&cd_auc, .probabilities = true);
    assert_close(cd_measure(&sure, two, INTEGERS(CD_SHAPE(2), 1, 0)), 0, 0, 0);
    assert_close(cd_measure(&area, two, INTEGERS(CD_SHAPE(2), 1, 0)), 1, 0, 0);
    assert_ok();
}

static void equal_outputs_are_decided_for_the_first(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3)), *y = INTEGERS(CD_SHAPE(4), 0, 0, 1, 2);
    cd_metric top1 = cd_metric_of(&cd_top5, .k = 1, .name = "top1");
    cd_metric top2 = cd_metric_of(&cd_top5, .k = 2);
    assert_close(cd_measure(&cd_accuracy, x, y), 0.5, 0, 0);
    assert_close(cd_measure(&top1, x, y), 0.5, 0, 0);
    assert_close(cd_measure(&top2, x, y), 0.75, 0, 0);
    assert_close(cd_measure(&cd_top5, x, y), 1, 0, 0);
    assert_string_equal(top1.name, "top1");
    assert_close(cd_measure(&cd_recall, cd_zeros(CD_SHAPE(2)), cd_ones(CD_SHAPE(2))), 0, 0, 0);
    assert_ok();
}

/* A million batches: counts are whole numbers, and a sum of 0.1 loses nothing. */
static void a_million_batches_are_exact(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    cd_meter *mae = cd_meter_new(&cd_mae), *recall = cd_meter_new(&cd_recall);
    cd_tensor *tenth = cd_full(CD_SHAPE(1), 0.1, .dtype = CD_F64), *zero = cd_zeros(CD_SHAPE(1));
    cd_tensor *x = FLOATS(CD_SHAPE(3), 1, -1, 1), *y = FLOATS(CD_SHAPE(3), 1, 1, 1);
    for (int i = 0; i < COUNT; i++) {
        (void)cd_meter_update(mae, tenth, zero);
        if (i % 10 == 0) (void)cd_meter_update(recall, x, y);
    }
    assert_ok();
    double value = cd_meter_value(mae);
    assert_close(value, 0.1, 0, 1e-16);
    assert_true(cd_meter_value(recall) == 2.0 / 3);
}

/* Logits so large that the probabilities of all samples are rounded to 1 still have an order. */
static void scores_of_sure_models_stay_apart(void **state)
{
    (void)state;
    cd_tensor *x = FLOATS(CD_SHAPE(4, 3), 90, 0, 0, 80, 0, 0, 70, 0, 0, 60, 0, 0);
    cd_tensor *y = INTEGERS(CD_SHAPE(4), 0, 0, 1, 2);
    cd_meter *m = cd_meter_new(&cd_auc);
    assert_true(cd_meter_update(m, x, y));
    cd_tensor *tpr, *at, *fpr = cd_roc_curve(m, .y = &tpr, .thresholds = &at);
    assert_ok();
    assert_int_equal(cd_numel(fpr), 5);
    assert_close(cd_item(cd_select(tpr, 0, 2)), 1, 0, 0);
    assert_close(cd_item(cd_select(fpr, 0, 2)), 0, 0, 0);
    assert_close(cd_item(cd_select(at, 0, 1)), 90 - log(2), 1e-15, 0);
}

/* --- confusion -------------------------------------------------------------------------------- */

static void the_matrix_has_a_row_for_each_true_class(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_confusion);
    assert_null(cd_confusion_matrix(m));
    assert_failed_with(CD_ERR_STATE, "the meter has not had a batch");
    assert_true(cd_meter_update(m, four(), INTEGERS(CD_SHAPE(4), 0, 0, 2, 0)));
    const int64_t *count = cd_data(cd_confusion_matrix(m));
    const int64_t expected[] = { 2, 1, 0, 0, 0, 0, 0, 0, 1 };
    assert_memory_equal(count, expected, sizeof expected);
    cd_class_score c = cd_confusion_class(m, 0);
    assert_close(c.precision, 1, 0, 0);
    assert_close(c.recall, 2.0 / 3, 1e-15, 0);
    assert_close(c.f1, 0.8, 1e-15, 0);
    assert_int_equal(c.support, 3);
    assert_int_equal(c.predicted, 2);
    assert_int_equal(c.right, 2);
    assert_true(isnan(cd_confusion_class(m, 1).recall));
    assert_close(cd_confusion_class(m, 1).precision, 0, 0, 0);
    assert_ok();
    (void)cd_confusion_class(m, 3);
    assert_failed_with(CD_ERR_ARGUMENT, "there are 3 classes, and no class 3");
    assert_null(cd_confusion_matrix(cd_meter_new(&cd_f1)));
    assert_failed_with(CD_ERR_ARGUMENT, "this is a meter of f1, and must be one of cd_confusion");
    assert_null(cd_roc_curve(m));
    assert_failed_with(CD_ERR_ARGUMENT, "a meter of confusion, and must be one of cd_auc");
}

static void labels_have_a_matrix_each(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_confusion);
    cd_tensor *y = FLOATS(CD_SHAPE(4, 3), 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1);
    assert_true(cd_meter_update(m, cd_sub(four(), 0.5), y));
    assert_true(cd_shape_equal(cd_shape_of(cd_confusion_matrix(m)), CD_SHAPE(3, 2, 2)));
    /* Label 1: three are true, and all four predicted. */
    cd_class_score c = cd_confusion_class(m, 1);
    assert_int_equal(c.support, 3);
    assert_int_equal(c.predicted, 4);
    assert_int_equal(c.right, 3);
    assert_close(c.f1, 6.0 / 7, 1e-15, 0);
    assert_close(cd_meter_value(m), 10.0 / 12, 1e-15, 0);
    assert_ok();
}

static void curves_need_both_kinds(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_average_precision);
    assert_null(cd_pr_curve(m));
    assert_failed_with(CD_ERR_STATE, "pr_curve: the meter has no samples");
    assert_true(cd_meter_update(m, cd_ones(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3))));
    assert_null(cd_pr_curve(m));
    assert_failed_with(CD_ERR_STATE, "no samples are positive");
    assert_null(cd_roc_curve(m));
    assert_failed_with(CD_ERR_STATE, "no samples are positive");
    assert_null(cd_roc_curve(m, .column = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "there are 1 columns, and .column is 1");
}

/* --- metrics of one's own --------------------------------------------------------------------- */

static int begun, ended;

static bool bias_begin(const cd_metric *m, void *state)
{
    (void)m;
    begun++;
    return *(double *)state == 0;
}

static bool bias_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    double *s = state, sum = cd_item(cd_sum(cd_sub(output, target)));
    if (!cd_ok()) return false;
    s[0] += sum * *(double *)m->context;
    s[1] += (double)cd_numel(target);
    return true;
}

static double bias_value(const cd_metric *m, void *state)
{
    const double *s = state;
    (void)m;
    return s[0] / s[1];
}

static void bias_end(const cd_metric *m, void *state)
{
    (void)m;
    (void)state;
    ended++;
}

static double scale = 2;
static const cd_metric bias = { .name = "bias",
                                .state_bytes = 2 * sizeof(double),
                                .begin = bias_begin,
                                .update = bias_update,
                                .value = bias_value,
                                .end = bias_end,
                                .context = &scale };

static void a_metric_of_ones_own(void **state)
{
    (void)state;
    begun = ended = 0;
    {
        CD_SCOPE();
        cd_meter *m = cd_meter_new(&bias);
        cd_tensor *x = cd_ones(CD_SHAPE(4), .requires_grad = true);
        int64_t objects = cd_memory_stats().objects;
        assert_true(cd_meter_update(m, x, cd_zeros(CD_SHAPE(4))));
        assert_true(cd_meter_update(m, cd_mul(x, 3), cd_zeros(CD_SHAPE(4))));
        assert_close(cd_meter_value(m), 4, 0, 0);
        assert_true(cd_memory_stats().objects < objects + 20);
        assert_true(cd_meter_reset(m));
        assert_true(cd_meter_update(m, x, cd_ones(CD_SHAPE(4))));
        assert_close(cd_meter_value(m), 0, 0, 0);
        assert_ok();
        assert_false(cd_meter_update(m, x, cd_zeros(CD_SHAPE(3))));
        assert_failed_with(CD_ERR_SHAPE, "sub");
        assert_false(cd_meter_update(m, NULL, x));
        assert_failed_with(CD_ERR_ARGUMENT, "bias: the output is NULL");
    }
    assert_int_equal(begun, 2);
    assert_int_equal(ended, 2);
}

/* cd_evaluate uses metrics as this does. */
static double evaluate(const cd_metric *metric, cd_tensor *x, cd_tensor *y)
{
    CD_SCOPE();
    cd_meter *m = cd_meter_new(metric);
    for (int64_t i = 0; i < cd_size(x, 0); i++) {
        cd_meter_update(m, cd_narrow(x, 0, i, 1), cd_narrow(y, 0, i, 1));
    }
    return cd_meter_value(m);
}

static void a_meter_is_a_metric(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_confusion);
    cd_tensor *y = INTEGERS(CD_SHAPE(4), 0, 0, 2, 0);
    for (int i = 0; i < 2; i++) {
        assert_close(evaluate(cd_meter_metric(m), four(), y), 0.75, 0, 0);
        assert_int_equal(cd_item_int(cd_sum(cd_confusion_matrix(m))), 4);
    }
    assert_string_equal(cd_meter_metric(m)->name, "confusion");
    assert_ok();
}

static void a_pending_error_changes_nothing(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_accuracy);
    cd_tensor *x = four(), *y = INTEGERS(CD_SHAPE(4), 0, 0, 2, 0);
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_meter_update(m, x, y));
    assert_false(cd_meter_reset(m));
    assert_true(isnan(cd_meter_value(m)));
    assert_null(cd_meter_new(&cd_f1));
    assert_failed_with(CD_ERR_STATE, "before");
    assert_true(isnan(cd_meter_value(m)));
    assert_ok();
}

/* --- memory ----------------------------------------------------------------------------------- */

static int until_failure;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return until_failure-- == 0;
}

/* Everything that a meter does; false with an error. */
static bool use(const cd_metric *metric, cd_tensor *x, cd_tensor *y)
{
    CD_SCOPE();
    cd_meter *m = cd_meter_new(metric);
    bool done = cd_meter_update(m, x, y) && cd_meter_update(m, x, y);
    done = done && !isnan(cd_meter_value(m)) && cd_meter_reset(m) && cd_meter_update(m, x, y);
    if (done && metric == &cd_confusion) done = cd_confusion_matrix(m);
    if (done && metric == &cd_auc) {
        cd_tensor *tpr, *at;
        done = cd_roc_curve(m, .y = &tpr, .thresholds = &at) && cd_pr_curve(m, .y = &tpr);
    }
    return done && cd_ok();
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    const cd_metric *const all[] = { &cd_accuracy, &cd_top5, &cd_f1, &cd_confusion,
                                     &cd_auc,      &cd_mae,  &cd_r2 };
    cd_tensor *x = four(), *y = INTEGERS(CD_SHAPE(4), 0, 1, 2, 1);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        cd_tensor *target = i < 5 ? y : cd_mul(x, x);
        int failures = 0;
        for (bool done = false; !done && failures < 1000; failures += !done) {
            until_failure = failures;
            cd_memory_fault_hook = fail_once;
            done = use(all[i], x, target);
            cd_memory_fault_hook = NULL;
            if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        }
        assert_ok();
        assert_in_range(failures, 2, 900);
    }
}

/* In steady state a batch takes no memory from the system. */
static void batches_take_no_memory(void **state)
{
    (void)state;
    cd_meter *m = cd_meter_new(&cd_f1);
    cd_tensor *x = four(), *y = INTEGERS(CD_SHAPE(4), 0, 1, 2, 1);
    assert_true(cd_meter_update(m, x, y));
    cd_memory_info before = cd_memory_stats();
    for (int i = 0; i < 1000; i++) assert_true(cd_meter_update(m, x, y));
    cd_memory_info after = cd_memory_stats();
    assert_int_equal(after.system_calls, before.system_calls);
    assert_int_equal(after.bytes_in_use, before.bytes_in_use);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shapes_and_dtypes_tell_the_task),
        TEST(a_class_at_each_place),
        TEST(targets_may_be_probabilities),
        TEST(ignored_targets_do_not_count),
        TEST(wrong_numbers_name_their_sample),
        TEST(options_that_a_metric_does_not_have_are_refused),
        TEST(metrics_that_a_task_does_not_have),
        TEST(no_samples_have_no_value),
        TEST(shares_of_nothing_are_0_with_one_warning),
        TEST(probabilities_are_said_to_be),
        TEST(equal_outputs_are_decided_for_the_first),
        TEST(a_million_batches_are_exact),
        TEST(scores_of_sure_models_stay_apart),
        TEST(the_matrix_has_a_row_for_each_true_class),
        TEST(labels_have_a_matrix_each),
        TEST(curves_need_both_kinds),
        TEST(a_metric_of_ones_own),
        TEST(a_meter_is_a_metric),
        TEST(a_pending_error_changes_nothing),
        TEST(memory_may_fail_anywhere),
        TEST(batches_take_no_memory),
    };
    return RUN(tests);
}
