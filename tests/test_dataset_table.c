/* Data sets of tables (cd_dataset_from_table): what cd_fit and cd_evaluate take, and splits. */
#include <candela.h>

#include "hostile.h"

static cd_table *table(const char *text)
{
    cd_table *t = cd_read_csv(test_write("t.csv", text, strlen(text)));
    assert_ok();
    return t;
}

static const char houses[] = "area,city,price,old,kind\n"
                             "50,Ulm,100.5,yes,flat\n"
                             "70,Bonn,200.5,no,house\n"
                             "90,Ulm,300.5,no,villa\n"
                             "110,Bonn,400.5,yes,flat\n";

static const char *const others[] = { "price", "old", "kind", NULL };

/* An encoder of area and city alone. */
static cd_encoder *encoder(const cd_table *t, const char *label, cd_table_task task)
{
    const char *ignore[4];
    int count = 0;
    for (int i = 0; others[i]; i++) {
        if (strcmp(others[i], label) != 0) ignore[count++] = others[i];
    }
    ignore[count] = NULL;
    cd_encoder *e = cd_encoder_fit(t, .label = label, .task = task, .ignore = ignore);
    assert_ok();
    return e;
}

static void a_regression_has_floats(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_dataset *d = cd_dataset_from_table(encoder(t, "price", CD_TABLE_AUTO), t);
    assert_ok();
    assert_int_equal(cd_dataset_count(d), 4);
    assert_true(cd_shape_equal(cd_dataset_sample_shape(d), CD_SHAPE(3)));
    assert_true(cd_shape_equal(cd_dataset_target_shape(d), CD_SHAPE(1)));
    assert_int_equal(cd_dataset_target_dtype(d), CD_F32);
    assert_int_equal(cd_dataset_class_count(d), 0);
    cd_tensor *x, *y;
    const int64_t rows[] = { 3, 0 };
    assert_true(cd_dataset_batch(d, rows, 2, .x = &x, .y = &y));
    const float *xs = cd_data(x), *ys = cd_data(y);
    /* StandardScaler of 50, 70, 90, 110: 3 / sqrt(5) for the last. */
    assert_close(xs[0], 1.34164079F, 1e-6, 0);
    assert_true(xs[1] == 1 && xs[2] == 0 && xs[4] == 0 && xs[5] == 1);
    assert_close(ys[0], 1.34164079F, 1e-6, 0);
    assert_close(ys[1], -1.34164079F, 1e-6, 0);
}

static void two_classes_are_a_bool_or_a_class(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_dataset *d = cd_dataset_from_table(encoder(t, "old", CD_TABLE_BINARY), t);
    assert_ok();
    assert_int_equal(cd_dataset_target_dtype(d), CD_BOOL);
    assert_true(cd_shape_equal(cd_dataset_target_shape(d), CD_SHAPE(1)));
    cd_tensor *y;
    const int64_t rows[] = { 0, 1, 2, 3 };
    assert_true(cd_dataset_batch(d, rows, 4, .y = &y));
    const bool *old = cd_data(y);
    assert_true(old[0] && !old[1] && !old[2] && old[3]);
    d = cd_dataset_from_table(encoder(t, "old", CD_TABLE_AUTO), t);
    assert_int_equal(cd_dataset_target_dtype(d), CD_I64);
    assert_int_equal(cd_dataset_class_count(d), 2);
    assert_string_equal(cd_dataset_class_name(d, 1), "yes");
    assert_int_equal(cd_dataset_label(d, 3), 1);
}

static void classes_have_their_names(void **state)
{
    (void)state;
    cd_table *t = table(houses), *one = table("city,area,kind\nUlm,60,villa\n");
    cd_encoder *e = encoder(t, "kind", CD_TABLE_AUTO);
    cd_dataset *d = cd_dataset_from_table(e, one);
    assert_ok();
    assert_int_equal(cd_dataset_count(d), 1);
    assert_int_equal(cd_dataset_class_count(d), 3);
    assert_string_equal(cd_dataset_class_name(d, cd_dataset_label(d, 0)), "villa");
    assert_true(cd_dataset_same_classes(d, cd_dataset_from_table(e, t)));
}

/* The loss and metrics of cd_evaluate are those computed by hand, for each task. */
static void evaluate_takes_the_right_loss(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    static const struct {
        const char *label;
        cd_table_task task;
    } cases[] = { { "price", CD_TABLE_REGRESSION },
                  { "old", CD_TABLE_BINARY },
                  { "kind", CD_TABLE_CLASSES } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_encoder *e = encoder(t, cases[i].label, cases[i].task);
        cd_dataset *d = cd_dataset_from_table(e, t);
        cd_module *m = cd_nn_linear(cd_encoder_input_count(e), cd_encoder_output_count(e));
        cd_tensor *x, *y, *out;
        double loss = 0;
        assert_true(cd_encoder_encode(e, t, &x, &y));
        out = cd_forward(m, x);
        cd_tensor *expected = i == 0   ? cd_mse_loss(out, y)
                              : i == 1 ? cd_binary_cross_entropy_with_logits(out, y)
                                       : cd_cross_entropy(out, y);
        const cd_metric *metric = i == 0 ? &cd_r2 : &cd_accuracy;
        double value = 0;
        assert_true(cd_evaluate(m, d, .loss_value = &loss,
                                .metrics = (const cd_metric *const[]){ metric }, .metric_count = 1,
                                .values = &value));
        assert_close(loss, cd_item(expected), 1e-6, 1e-6);
        assert_close(value, cd_measure(metric, out, y), 1e-6, 1e-6);
    }
}

static void parts_know_their_rows(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_dataset *all = cd_dataset_from_table(encoder(t, "price", CD_TABLE_AUTO), t), *parts[2];
    assert_null(cd_dataset_indices(all));
    assert_ok();
    cd_manual_seed(3);
    assert_true(cd_random_split(all, parts, 2, .fractions = (const double[]){ 0.75, 0.25 }));
    cd_manual_seed(3);
    const int64_t *order = cd_data(cd_randperm(4)), *rows = cd_dataset_indices(parts[0]);
    assert_memory_equal(rows, order, 3 * sizeof *order);
    assert_int_equal(cd_dataset_indices(parts[1])[0], order[3]);
    /* The train part's own means: those of its rows. */
    cd_encoder *e = cd_encoder_fit(t, .label = "price", .rows = rows, .row_count = 3);
    assert_ok();
    const double *area = cd_table_numbers(t, 0);
    assert_close(cd_encoder_column_at(e, 0).mean,
                 (area[rows[0]] + area[rows[1]] + area[rows[2]]) / 3, 1e-12, 0);
    const int64_t second[] = { 1 };
    cd_dataset *one = cd_dataset_subset(parts[0], second, 1);
    assert_int_equal(cd_dataset_indices(one)[0], order[1]);
    assert_null(cd_dataset_indices(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_indices");
}

static void fit_learns_a_table(void **state)
{
    (void)state;
    cd_table *t = table("a,b\n1,3\n2,5\n3,7\n4,9\n5,11\n6,13\n");
    cd_encoder *e = cd_encoder_fit(t, .label = "b");
    cd_manual_seed(0);
    cd_module *m = cd_nn_linear(1, 1);
    cd_dataset *d = cd_dataset_from_table(e, t);
    cd_history *h = cd_fit(m, d, .optimizer = cd_optim_sgd(m, .lr = 0.3), .epochs = 100);
    assert_ok();
    assert_true(cd_history_epoch(h, 99).loss < 1e-8);
    cd_tensor *x;
    assert_true(cd_encoder_encode(e, table("a\n10\n"), &x, NULL));
    CD_NO_GRAD();
    assert_close(cd_item(cd_encoder_decode(e, cd_forward(m, x))), 21, 1e-3, 0);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_encoder *e = encoder(t, "price", CD_TABLE_AUTO);
    assert_null(cd_dataset_from_table(e, table("area,city,prize\n1,Ulm,2\n")));
    assert_failed_with(CD_ERR_FORMAT, "line 1: there is no column \"price\", which is the label: "
                                      "is it the one called \"prize\"?");
    assert_null(cd_dataset_from_table(e, table("area,city,price\n1,Ulm,2\n1,Ulm,\n")));
    assert_failed_with(CD_ERR_FORMAT, "line 3, column \"price\": the field is missing, and it is");
    assert_null(cd_dataset_from_table(NULL, t));
    assert_failed_with(CD_ERR_ARGUMENT, "the encoder is NULL");
    assert_null(cd_dataset_from_table(e, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the table is NULL");
}

/* Sentences call the data set as the file. */
static void it_is_called_as_its_file(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_encoder *e = encoder(t, "kind", CD_TABLE_AUTO);
    cd_encoder *f = cd_encoder_fit(t, .label = "old");
    assert_false(cd_dataset_same_classes(cd_dataset_from_table(e, t), cd_dataset_from_table(f, t)));
    assert_failed_with(CD_ERR_FORMAT, "t.csv");
}

static bool make(void *path)
{
    cd_scope scope = cd_scope_begin();
    cd_table *t = cd_read_csv(path);
    bool done = true;
    for (int task = CD_TABLE_BINARY; done && task <= CD_TABLE_CLASSES; task++) {
        cd_encoder *e = cd_encoder_fit(t, .label = "old", .task = (cd_table_task)task);
        done = cd_dataset_from_table(e, t) != NULL;
    }
    (void)cd_scope_end(scope);
    return done;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", test_write("m.csv", houses, sizeof houses - 1));
    assert_true(make(path)); /* what is allocated once for all stays */
    assert_true(sweep_memory(make, path) >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_regression_has_floats),  TEST(two_classes_are_a_bool_or_a_class),
        TEST(classes_have_their_names), TEST(evaluate_takes_the_right_loss),
        TEST(parts_know_their_rows),    TEST(fit_learns_a_table),
        TEST(what_is_wrong_is_said),    TEST(it_is_called_as_its_file),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
