/* The program, given CSV files to train on: what it prints and saves is what the library computes,
 * and eval and predict find the rows again. */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

enum { ROWS = 120 };

/* Writes houses.csv: the price and the two labels of texts follow from the other columns. */
static const char *write_houses(void)
{
    static const char *const towns[] = { "Ulm", "Bonn", "Rostock" };
    FILE *f = fopen(at("houses.csv"), "w");
    assert_non_null(f);
    (void)fputs("id,area,town,rooms,price,kind,old\n", f);
    for (int k = 0; k < ROWS; k++) {
        const int area = 40 + k * 37 % 120, town = k % 3, noise = k * 7919 % 1000;
        (void)fprintf(f, "h%d,%d,%s,%d,%d,%s,%s\n", k, area, towns[town], 1 + area / 30,
                      2500 * area + 40000 * town + 10 * noise,
                      area < 70    ? "flat"
                      : area < 120 ? "house"
                                   : "villa",
                      area % 4 < 2 ? "yes" : "no");
    }
    assert_int_equal(fclose(f), 0);
    return at("houses.csv");
}

static const char *write_csv(const char *name, const char *text)
{
    (void)test_write(name, text, strlen(text));
    return at(name);
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    assert_that(value != NULL, "no member %s", key);
    return value;
}

static double number_in(json_t *object, const char *key)
{
    assert_that(json_is_number(member(object, key)), "%s is no number", key);
    return json_number_value(member(object, key));
}

static const char *text_in(json_t *object, const char *key)
{
    assert_that(json_is_string(member(object, key)), "%s is no text", key);
    return json_string_value(member(object, key));
}

static void refused(const char *sentence, int status, const ran *r)
{
    assert_ran(r, status);
    assert_says(r->err, sentence);
    assert_string_equal(r->out, "");
    assert_false(exists("m.safetensors"));
}

/* The number of the best epoch in what a run prints. */
static int best_epoch(const char *text)
{
    static const char head[] = "\nbest epoch: ";
    assert_says(text, head);
    return (int)strtol(strstr(text, head) + strlen(head), NULL, 10);
}

/* --- the library's numbers -------------------------------------------------------------------- */

/* The same run by the library: seed 3, 4 epochs. */
typedef struct library_run {
    cd_table *table;
    cd_encoder *encoder;
    cd_dataset *train, *validation;
    cd_module *model;
    cd_history *history;
} library_run;

/* Marks a share of 0.2 of each group of rows; `of` tells a row's group. */
static void mark(bool *validation, const int64_t *of, int64_t groups)
{
    cd_manual_seed(3);
    for (int64_t k = 0; k < groups; k++) {
        int64_t rows[ROWS], count = 0;
        for (int64_t i = 0; i < ROWS; i++) {
            if (!of || of[i] == k) rows[count++] = i;
        }
        const int64_t *order = cd_data(cd_randperm(count));
        assert_non_null(order);
        for (int64_t i = 0; i < llround((double)count * 0.2); i++)
            validation[rows[order[i]]] = true;
    }
    cd_manual_seed(3);
}

static library_run run_library(const char *label, const char *const *ignore, cd_table_task task,
                               const cd_metric *const *metrics, int metric_count)
{
    library_run r = { .table = cd_read_csv(at("houses.csv")) };
    bool is_validation[ROWS] = { false };
    int64_t of[ROWS], train[ROWS], validation[ROWS], train_count = 0, validation_count = 0;
    cd_encoder *whole = cd_encoder_fit(r.table, .label = label, .ignore = ignore, .task = task);
    const int64_t column = cd_table_find(r.table, label), classes = cd_encoder_class_count(whole);
    for (int64_t i = 0; i < ROWS && classes; i++) {
        const char *text = cd_table_text(r.table, i, column);
        for (int64_t k = 0; k < classes; k++) {
            if (strcmp(cd_encoder_classes(whole)[k], text) == 0) of[i] = k;
        }
    }
    mark(is_validation, classes ? of : NULL, classes ? classes : 1);
    for (int64_t i = 0; i < ROWS; i++) {
        if (is_validation[i]) {
            validation[validation_count++] = i;
        } else {
            train[train_count++] = i;
        }
    }
    r.encoder = cd_encoder_fit(r.table, .label = label, .ignore = ignore, .task = task,
                               .rows = train, .row_count = train_count);
    cd_dataset *all = cd_dataset_from_table(r.encoder, r.table);
    r.train = cd_dataset_subset(all, train, train_count);
    r.validation = cd_dataset_subset(all, validation, validation_count);
    r.model = cd_mlp(cd_encoder_input_count(r.encoder), cd_encoder_output_count(r.encoder),
                     .hidden = (int64_t[]){ 64, 32 }, .hidden_count = 2);
    cd_loader *loader = cd_loader_new(r.train, .batch_size = 32, .shuffle = true);
    cd_optimizer *adam = cd_optim_adam(r.model, .lr = 0.001);
    r.history = cd_fit(
        r.model, NULL, .loader = loader, .validation = r.validation, .optimizer = adam,
        .schedule = cd_schedule_cosine(adam, 4 * cd_loader_batches(loader)),
        .schedule_by_step = true, .epochs = 4, .metrics = metrics, .metric_count = metric_count);
    assert_ok();
    (void)cd_eval(r.model);
    return r;
}

/* The file's model gives the very outputs of the library's. */
static void assert_same_model(const library_run *r)
{
    CD_NO_GRAD();
    cd_tensor *x;
    cd_card *card;
    cd_module *loaded = cd_load_model(at("m.safetensors"), .card = &card);
    assert_true(cd_encoder_encode(r->encoder, r->table, &x, NULL));
    cd_tensor *expected = cd_forward(r->model, x), *actual = cd_forward(loaded, x);
    assert_ok();
    assert_true(cd_equal(expected, actual));
    cd_encoder *saved = cd_encoder_from_json(card->encoder);
    assert_int_equal(cd_encoder_task(saved), cd_encoder_task(r->encoder));
    assert_true(cd_encoder_column_at(saved, 0).mean == cd_encoder_column_at(r->encoder, 0).mean);
    assert_true(cd_encoder_column_at(saved, 0).std == cd_encoder_column_at(r->encoder, 0).std);
}

static void assert_epochs(json_t *j, const library_run *r, const char *metric)
{
    char train[32], validation[32];
    json_t *list = member(j, "epochs");
    (void)snprintf(train, sizeof train, "train_%s", metric);
    (void)snprintf(validation, sizeof validation, "val_%s", metric);
    assert_int_equal(json_array_size(list), 4);
    for (int64_t i = 0; i < 4; i++) {
        const cd_epoch e = cd_history_epoch(r->history, i);
        json_t *one = json_array_get(list, (size_t)i);
        assert_close(number_in(one, "loss"), e.loss, 1e-8, 0);
        assert_close(number_in(one, "val_loss"), e.validation_loss, 1e-8, 0);
        assert_close(number_in(one, train), e.metrics[0], 1e-8, 1e-9);
        assert_close(number_in(one, validation), e.validation_metrics[0], 1e-8, 1e-9);
    }
}

static char *page(void)
{
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(at("r.html"), "rb");
    assert_true(text && f && fread(text, 1, (1 << 20) - 1, f) > 1000);
    (void)fclose(f);
    return text;
}

/* The report begins its rows with the largest error on a validated row. */
static void assert_worst_row(const library_run *r)
{
    CD_NO_GRAD();
    cd_tensor *x, *y;
    char line[128];
    assert_true(cd_encoder_encode(r->encoder, r->table, &x, &y));
    const double *guess = cd_data(cd_encoder_decode(r->encoder, cd_forward(r->model, x)));
    const double *truth = cd_data(cd_encoder_decode(r->encoder, y));
    const int64_t *rows = cd_dataset_indices(r->validation);
    assert_ok();
    int64_t worst = rows[0];
    for (int64_t i = 1; i < cd_dataset_count(r->validation); i++) {
        if (fabs(guess[rows[i]] - truth[rows[i]]) > fabs(guess[worst] - truth[worst])) {
            worst = rows[i];
        }
    }
    (void)snprintf(line, sizeof line,
                   "<tbody>\n<tr><td class=\"n\">%lld</td><td class=\"n\">%.6g</td><td "
                   "class=\"n\">%.6g</td>",
                   (long long)worst + 2, guess[worst], truth[worst]);
    char *text = page();
    assert_says(strstr(text, "id=\"errors\""), line);
    assert_says(text, cd_table_text(r->table, worst, 0));
    free(text);
}

static void numbers_are_the_librarys(void **state)
{
    (void)state;
    static const char *const ignore[] = { "id", "kind", "old", NULL };
    static const cd_metric *const metrics[] = { &cd_r2, &cd_mae };
    const char *csv = write_houses(), *m = at("m.safetensors");
    /* Column 5 is "kind" again. */
    library_run r = run_library("price", ignore, CD_TABLE_REGRESSION, metrics, 2);
    json_t *j = json_of(run("train", "--data", csv, "--label", "price", "--ignore", "id,kind,5,old",
                            "--seed", "3", "--epochs", "4", "--json", "--report", at("r.html"),
                            "--out", m));
    assert_epochs(j, &r, "r2");
    assert_same_model(&r);
    assert_worst_row(&r);
    assert_string_equal(text_in(j, "task"), "regression");
    assert_string_equal(text_in(j, "label"), "price");
    assert_says(text_in(j, "why"), "the label \"price\" has numbers");
    assert_true(json_is_null(member(j, "classes")));
    assert_true(number_in(j, "train_count") == 96 && number_in(j, "val_count") == 24);
    const double unit = cd_encoder_label_column(r.encoder).std;
    const cd_epoch last = cd_history_epoch(r.history, 3);
    json_t *epoch = json_array_get(member(j, "epochs"), 3);
    assert_close(number_in(epoch, "val_mae"), unit * last.validation_metrics[1], 1e-7, 0);
    assert_close(number_in(j, "val_mae"), unit * last.validation_metrics[1], 1e-5, 0);
    assert_close(number_in(j, "val_r2"), last.validation_metrics[0], 1e-5, 0);
    assert_close(number_in(j, "val_loss"), last.validation_loss, 1e-5, 0);
    double train_loss, train_r2;
    static const cd_metric *const r2[] = { &cd_r2 };
    assert_true(cd_evaluate(r.model, r.train, .loss_value = &train_loss, .metrics = r2,
                            .metric_count = 1, .values = &train_r2));
    assert_close(number_in(j, "train_loss"), train_loss, 1e-5, 0);
    assert_close(number_in(j, "train_r2"), train_r2, 1e-5, 0);
    assert_close(number_in(j, "train_rmse"), unit * sqrt(train_loss), 1e-5, 0);
    json_decref(j);
}

static void classes_are_the_librarys(void **state)
{
    (void)state;
    static const char *const ignore[] = { "id", "price", "old", NULL };
    static const cd_metric *const metrics[] = { &cd_accuracy };
    const char *csv = write_houses(), *m = at("m.safetensors");
    library_run r = run_library("kind", ignore, CD_TABLE_CLASSES, metrics, 1);
    json_t *j = json_of(run("train", "--data", csv, "--label", "kind", "--ignore", "id,price,old",
                            "--seed", "3", "--epochs", "4", "--json", "--out", m));
    assert_epochs(j, &r, "accuracy");
    assert_same_model(&r);
    assert_string_equal(text_in(j, "task"), "classes");
    assert_string_equal(json_string_value(json_array_get(member(j, "classes"), 2)), "villa");
    double accuracy, loss;
    assert_true(cd_evaluate(r.model, r.train, .loss_value = &loss, .metrics = metrics,
                            .metric_count = 1, .values = &accuracy));
    assert_close(number_in(j, "train_accuracy"), accuracy, 1e-9, 0);
    assert_close(number_in(j, "train_loss"), loss, 1e-5, 0);
    json_decref(j);
}

/* One output: what is trained is the binary cross entropy. */
static void two_classes_by_one_output(void **state)
{
    (void)state;
    static const char *const ignore[] = { "id", "price", "kind", NULL };
    static const cd_metric *const metrics[] = { &cd_accuracy };
    const char *csv = write_houses(), *m = at("m.safetensors");
    library_run r = run_library("old", ignore, CD_TABLE_BINARY, metrics, 1);
    json_t *j =
        json_of(run("train", "--data", csv, "--label", "old", "--ignore", "id,price,kind", "--task",
                    "binary", "--seed", "3", "--epochs", "4", "--json", "--out", m));
    assert_epochs(j, &r, "accuracy");
    assert_same_model(&r);
    assert_string_equal(text_in(j, "task"), "binary");
    double accuracy, loss;
    assert_true(cd_evaluate(r.model, r.train, .loss_value = &loss, .metrics = metrics,
                            .metric_count = 1, .values = &accuracy));
    assert_close(number_in(j, "train_accuracy"), accuracy, 1e-9, 0);
    assert_close(number_in(j, "train_loss"), loss, 1e-5, 0);
    json_decref(j);
    refused("--balanced is for --task classes, and the task is binary", 1,
            (unlink(at("m.safetensors")), run("train", "--data", csv, "--label", "old", "--ignore",
                                              "id", "--task", "binary", "--balanced", "--out", m)));
}

/* --- the split -------------------------------------------------------------------------------- */

/* Eval finds the rows again that training validated on, and predict reads the file. */
static void eval_finds_the_rows(void **state)
{
    (void)state;
    char csv[512], m[512]; /* at() has few buffers */
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    (void)snprintf(m, sizeof m, "%s", at("m.safetensors"));
    for (int k = 0; k < 3; k++) {
        static const char *const labels[] = { "price", "kind", "old" }, *const tasks[] = {
            "numbers", "classes", "binary"
        };
        const char *const metric = k == 0 ? "r2" : "accuracy";
        char train_key[32], val_key[32];
        (void)snprintf(train_key, sizeof train_key, "train_%s", metric);
        (void)snprintf(val_key, sizeof val_key, "val_%s", metric);
        json_t *j = json_of(run("train", "--data", csv, "--label", labels[k], "--task", tasks[k],
                                "--ignore", "id", "--val-split", "0.3", "--epochs", "6", "--json",
                                "--out", m));
        json_t *val = json_of(run("eval", m, "--data", csv, "--json"));
        json_t *same = json_of(run("eval", m, "--data", csv, "--json", "--split", "val"));
        json_t *train = json_of(run("eval", m, "--data", csv, "--json", "--split", "train"));
        assert_string_equal(text_in(val, "split"), "val");
        assert_true(json_is_true(member(val, "split_is_default")));
        assert_true(json_is_false(member(same, "split_is_default")));
        assert_close(number_in(val, metric), number_in(j, val_key), 1e-5, 0);
        assert_true(number_in(val, metric) == number_in(same, metric));
        assert_close(number_in(train, metric), number_in(j, train_key), 1e-6, 0);
        assert_true(number_in(val, "count") == number_in(j, "val_count"));
        assert_true(number_in(train, "count") == number_in(j, "train_count"));
        assert_true(number_in(train, "count") + number_in(val, "count") == ROWS);
        const ran *r = run("eval", m, "--data", csv);
        assert_says(r->out, "houses.csv, val split (made by training): ");
        assert_says(r->out, "(the default; --split can be train or val)\n");
        assert_ran(run("predict", m, "--data", csv, "--out", at("p.csv")), 0);
        assert_int_equal(cd_table_rows(cd_read_csv(at("p.csv"))), ROWS);
        json_decref(j);
        json_decref(val);
        json_decref(same);
        json_decref(train);
    }
}

/* A file with one other field has other rows: all are evaluated, and it has no splits. */
static void another_file_is_whole(void **state)
{
    (void)state;
    static char text[16384];
    char csv[512], m[512]; /* at() has few buffers */
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    (void)snprintf(m, sizeof m, "%s", at("m.safetensors"));
    assert_ran(run("train", "--data", csv, "--label", "price", "--ignore", "id,kind,old",
                   "--epochs", "2", "--out", m),
               0);
    FILE *f = fopen(csv, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    (void)write_csv("copy.csv", text);
    json_t *j = json_of(run("eval", m, "--data", at("copy.csv"), "--json"));
    assert_string_equal(text_in(j, "split"), "val");
    json_decref(j);
    static const char *const fields[] = { "h7,", "flat,",
                                          "no\n" }; /* of columns that are no inputs */
    for (int k = 0; k < 3; k++) {
        char *field = strstr(text, fields[k]);
        *field = 'x';
        (void)write_csv("other.csv", text);
        *field = *fields[k];
        j = json_of(run("eval", m, "--data", at("other.csv"), "--json"));
        assert_string_equal(text_in(j, "split"), "all");
        assert_true(number_in(j, "count") == ROWS);
        json_decref(j);
    }
    const ran *r = run("eval", m, "--data", at("other.csv"), "--split", "val");
    assert_ran(r, 1);
    assert_says(r->err, "other.csv has no splits, and its rows are not those");
    r = run("eval", m, "--data", csv, "--split", "test");
    assert_ran(r, 1);
    assert_says(r->err, "has no split test: it has train and val");
}

/* --- what is printed -------------------------------------------------------------------------- */

static void numbers_are_shown(void **state)
{
    (void)state;
    const ran *r =
        run("train", "--data", write_houses(), "--label", "price", "--ignore", "id,kind,old",
            "--best", "--lr", "0.01", "--report", at("r.html"), "--out", at("m.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "houses.csv: 96 rows to train on, 24 to validate on (val), regression of "
                        "price\nthe label \"price\" has numbers, so the task is regression");
    assert_says(r->out, "; --task classes, binary or numbers changes it\n");
    assert_says(r->out, "train R2    val R2        val MAE      time\n    3 ");
    assert_null(strstr(r->out, "accuracy"));
    assert_says(r->out, "\ntrain R2     0.9");
    assert_says(r->out, "\nval   R2     0.9");
    assert_says(r->out, "(24 rows)\n");
    assert_says(r->out, ", lowest loss on val\n");
    assert_says(r->out, "val R2 "); /* the curve, which is no share */
    char *text = page();
    assert_says(text, "<dt>R2</dt>");
    assert_says(text, "id=\"predicted\"");
    assert_says(text, "predictions over labels of 24 rows");
    assert_says(text, "id=\"errors\"");
    assert_says(text, "val split (made by training), 24 rows, regression of ");
    assert_says(text, "lowest loss on val");
    assert_says(text, "<code>--optimizer</code></th><td><bdi>adam</bdi></td>");
    assert_null(strstr(text, "id=\"confusion\""));
    free(text);
    r = run("info", at("m.safetensors"));
    assert_says(r->out, "\"held_r2\": 0.9");
    assert_says(r->out, "mlp {\"inputs\": 5, \"hidden\": [64, 32], \"outputs\": 1}");
}

static void classes_are_shown(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        const ran *r = run("train", "--data", write_houses(), "--label", "old", "--ignore",
                           "id,kind,price", "--task", k ? "binary" : "auto", "--report",
                           at("r.html"), "--out", at("m.safetensors"));
        assert_ran(r, 0);
        assert_says(r->out, "2 classes of old\n");
        assert_says(r->out,
                    k ? "as it was asked for" : "has texts, so the task is to tell classes");
        assert_says(r->out, "train accuracy ");
        char *text = page();
        assert_says(text, "id=\"confusion\"");
        assert_says(text, "id=\"unsure\"");
        assert_says(text, "<bdi>Rostock</bdi>");
        assert_null(strstr(text, "<img"));
        free(text);
    }
}

/* Layers of the user's own, and several epochs a line only where they are many. */
static void layers_and_options_hold(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", write_houses(), "--label", "kind", "--ignore", "id",
                       "--layers", "linear 16, tanh, linear", "--optimizer", "sgd", "--epochs", "3",
                       "--batch", "8", "--class-weights", "balanced", "--out", at("m.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "\n    1 ");
    assert_says(r->out, "\n    3 ");
    r = run("info", at("m.safetensors"));
    assert_says(r->out, "\"epochs\": 3, \"saved_epoch\": 3, \"batch\": 8, \"optimizer\": \"sgd\", "
                        "\"lr\": 0.05");
    assert_says(r->out, "Tanh");
    r = run("train", "--data", at("houses.csv"), "--label", "price", "--ignore", "id",
            "--optimizer", "adam", "--hidden", "none", "--epochs", "10", "--batch", "128", "--out",
            at("m.safetensors"));
    assert_ran(r, 0);
    r = run("info", at("m.safetensors"));
    assert_says(r->out, "\"hidden\": []");
    assert_says(r->out, "\"epochs\": 10, \"saved_epoch\": 10, \"batch\": 128");
}

/* Numbers have other epochs than classes, where --epochs does not say it. */
static void epochs_depend_on_the_task(void **state)
{
    (void)state;
    const char *csv = write_houses();
    for (int k = 0; k < 2; k++) {
        json_t *j = json_of(run("train", "--data", csv, "--label", k ? "kind" : "price", "--ignore",
                                "id", "--json", "--out", at("m.safetensors")));
        assert_int_equal(json_array_size(member(j, "epochs")), k ? 100 : 50);
        json_decref(j);
    }
}

/* Labels that follow from nothing: soon the rows are learnt by heart, and the best epoch is that
 * with the lowest loss on the others. */
static void the_best_epoch_is_saved(void **state)
{
    (void)state;
    unsigned noise = 1;
    FILE *f = fopen(at("noise.csv"), "w");
    assert_non_null(f);
    (void)fputs("a,b,y\n", f);
    for (int k = 0; k < 60; k++) {
        for (int c = 0; c < 3; c++) {
            noise = noise * 1103515245U + 12345U;
            (void)fprintf(f, "%u.5%s", noise >> 16 & 1023, c < 2 ? "," : "\n");
        }
    }
    assert_int_equal(fclose(f), 0);
    json_t *j = json_of(run("train", "--data", at("noise.csv"), "--label", "y", "--best", "--lr",
                            "0.01", "--json", "--out", at("m.safetensors")));
    const ran *r = run("train", "--data", at("noise.csv"), "--label", "y", "--best", "--lr", "0.01",
                       "--out", at("n.safetensors"));
    json_t *list = member(j, "epochs");
    size_t best = 0;
    for (size_t i = 1; i < json_array_size(list); i++) {
        if (number_in(json_array_get(list, i), "val_loss") <
            number_in(json_array_get(list, best), "val_loss")) {
            best = i;
        }
    }
    assert_true(best + 1 < json_array_size(list));
    assert_true(number_in(j, "saved_epoch") == (double)(best + 1));
    assert_close(number_in(j, "val_loss"), number_in(json_array_get(list, best), "val_loss"), 1e-5,
                 0);
    json_decref(j);
    char sentence[80];
    (void)snprintf(sentence, sizeof sentence,
                   "\nsaved model as it was after epoch %zu, the best one: ", best + 1);
    assert_says(r->out, sentence);
}

/* A run that was begun by default goes on with the defaults given, and the other way round: numbers
 * have 50 epochs. With other values it does not, nor with those that the options of classes
 * have. */
static void defaults_may_be_given_when_a_run_goes_on(void **state)
{
    (void)state;
    char csv[512], out[512], a[512], b[512];
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    (void)snprintf(out, sizeof out, "%s", at("m.safetensors"));
    (void)snprintf(a, sizeof a, "%s", at("a"));
    (void)snprintf(b, sizeof b, "%s", at("b"));
#define PLAIN "train", "--data", csv, "--ignore", "id,kind,old", "--out", out, "--resume"
#define GIVEN                                                                                      \
    "--label", "price", "--epochs", "50", "--batch", "32", "--optimizer", "adam", "--lr", "0.001", \
        "--hidden", "64,32", "--missing", "error", "--task", "numbers", "--val-split", "0.2"
    assert_ran(run(PLAIN, "--label", "price", "--checkpoint", a), 0);
    assert_ran(run(PLAIN, GIVEN, "--checkpoint", b), 0);
    assert_says(run(PLAIN, GIVEN, "--checkpoint", a)->out, "after 50 epochs\n");
    assert_says(run(PLAIN, "--label", "price", "--checkpoint", b)->out, "after 50 epochs\n");
    assert_says(run(PLAIN, "--label", "4", "--checkpoint", b)->out, "after 50 epochs\n");
    static const char *const others[][3] = {
        { "--epochs", "100", "--epochs is \"100\" and was \"50\"" },
        { "--val-split", "0.25", "--val-split is \"0.25\" and was \"0.2\"" },
        { "--missing", "mean", "--missing is \"mean\" and was \"error\"" },
        { "--hidden", "none", "--hidden is \"none\" and was \"64,32\"" },
        { "--optimizer", "sgd",
          "the optimizer is \"sgd 0.05 momentum 0.9\" and was \"adam 0.001\"" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const ran *r =
            run(PLAIN, "--label", "price", "--checkpoint", a, others[i][0], others[i][1]);
        assert_ran(r, 1);
        assert_says(r->err, others[i][2]);
    }
    const ran *r = run(PLAIN, "--label", "rooms", "--checkpoint", a);
    assert_ran(r, 1);
    assert_says(r->err, "--task is \"classes\" and was \"numbers\"");
    assert_says(r->err, "--label is \"rooms\" and was \"price\"");
#undef PLAIN
#undef GIVEN
}

/* Classes that follow from a column and noise. */
static const char *write_coins(void)
{
    unsigned noise = 7, number[3];
    FILE *f = fopen(at("coins.csv"), "w");
    assert_non_null(f);
    (void)fputs("a,b,side\n", f);
    for (int k = 0; k < 80; k++) {
        for (int i = 0; i < 3; i++) {
            noise = noise * 1103515245U + 12345U;
            number[i] = noise >> 16 & 1023;
        }
        (void)fprintf(f, "%u,%u,%s\n", number[0], number[1],
                      number[0] + number[2] > 1023 ? "head" : "tail");
    }
    assert_int_equal(fclose(f), 0);
    return at("coins.csv");
}

/* With a plateau the rate falls when the validation loss has not become lower, whatever the
 * accuracy does; with "mode max" when the accuracy has not risen. The best epoch is that of the
 * same number. */
static void a_plateau_waits_for_the_loss(void **state)
{
    (void)state;
    enum { EPOCHS = 40 };
    char csv[512]; /* at() has few buffers */
    (void)snprintf(csv, sizeof csv, "%s", write_coins());
    for (int maximum = 0; maximum < 2; maximum++) {
        CD_SCOPE();
        const ran *r =
            run("train", "--data", csv, "--label", "side", "--lr", "0.003", "--epochs", "40",
                "--schedule", maximum ? "plateau 0.5 0 mode max" : "plateau 0.5 0", "--history",
                at("h.csv"), "--report", at("r.html"), "--out", at("m.safetensors"));
        assert_ran(r, 0);
        char best_by[64];
        (void)snprintf(best_by, sizeof best_by, ", %s on val\n",
                       maximum ? "highest accuracy" : "lowest loss");
        assert_says(r->out, best_by);
        *strchr(best_by, '\n') = '\0';
        char *html = page();
        assert_says(html, best_by + 2);
        free(html);
        const cd_table *t = cd_read_csv(at("h.csv"));
        assert_int_equal(cd_table_rows(t), EPOCHS);
        const double *loss = cd_table_numbers(t, cd_table_find(t, "validation_loss"));
        const double *accuracy = cd_table_numbers(t, cd_table_find(t, "validation_accuracy"));
        const double *lr = cd_table_numbers(t, cd_table_find(t, "lr"));
        double rate = 0.003, best = maximum ? -INFINITY : INFINITY;
        int falls = 0, alone = 0;
        for (int i = 0; i < EPOCHS; i++) {
            assert_close(lr[i], rate, 1e-12, 0);
            const bool better =
                maximum ? accuracy[i] > best * (1 + 1e-4) : loss[i] < best * (1 - 1e-4);
            if (better) best = maximum ? accuracy[i] : loss[i];
            /* Rates that differ by less than 1e-8 stay, as PyTorch's eps says. */
            if (!better && rate - rate / 2 > 1e-8) rate /= 2;
            falls += !better;
            alone += i > 0 && better && accuracy[i] > accuracy[i - 1];
        }
        assert_that(falls > 5 && falls < EPOCHS && alone > 0, "%d falls, %d rises", falls, alone);
        const int chosen = best_epoch(r->out);
        for (int i = 0; i < EPOCHS; i++) {
            const double here = maximum ? accuracy[i] : -loss[i];
            const double there = maximum ? accuracy[chosen - 1] : -loss[chosen - 1];
            assert_true(here < there || (here == there && loss[i] >= loss[chosen - 1]));
        }
    }
}

/* Of epochs with the same accuracy the one with the lowest loss is saved, also after a resume. */
static void a_lower_loss_breaks_ties(void **state)
{
    (void)state;
    char csv[512], out[512], folder[512];
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    (void)snprintf(out, sizeof out, "%s", at("m.safetensors"));
    (void)snprintf(folder, sizeof folder, "%s", at("ties"));
    for (int k = 0; k < 2; k++) {
        json_t *j = json_of(run("train", "--data", csv, "--label", "kind", "--ignore", "id",
                                "--best", "--schedule", "constant", "--epochs", k ? "30" : "20",
                                "--checkpoint", folder, "--resume", "--json", "--out", out));
        json_t *list = member(j, "epochs");
        size_t best = 0;
        int ties = 0;
        for (size_t i = 1; i < json_array_size(list); i++) {
            json_t *one = json_array_get(list, i), *other = json_array_get(list, best);
            const double a = number_in(one, "val_accuracy"), b = number_in(other, "val_accuracy");
            const bool tie = a == b && number_in(one, "val_loss") < number_in(other, "val_loss");
            if (a > b || tie) best = i;
            ties += tie;
        }
        assert_true(ties > 0);
        assert_true(number_in(j, "saved_epoch") == (double)(best + 1));
        json_decref(j);
    }
    const ran *r = run("eval", out, "--data", csv, "--json");
    json_t *j = json_of(r);
    assert_true(number_in(j, "accuracy") > 0.9);
    json_decref(j);
}

/* A run in two halves is the run in one; its log and its table of epochs have R2. */
static void a_run_goes_on(void **state)
{
    (void)state;
    char csv[512]; /* at() has few buffers */
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    static const char *const epochs[] = { "6", "3", "6" };
    json_t *whole = NULL;
    for (int k = 0; k < 3; k++) {
        const char *const words[] = { CANDELA_PROGRAM,
                                      "train",
                                      "--data",
                                      csv,
                                      "--label",
                                      "price",
                                      "--ignore",
                                      "id,kind,old",
                                      "--schedule",
                                      "constant",
                                      "--epochs",
                                      epochs[k],
                                      "--json",
                                      "--out",
                                      at("m.safetensors"),
                                      "--checkpoint",
                                      at(k ? "b" : "a"),
                                      "--history",
                                      at("h.csv"),
                                      "--log",
                                      at("l.jsonl"),
                                      k == 2 ? "--resume" : NULL,
                                      NULL };
        json_t *j = json_of(run_words(words));
        if (k == 0) whole = json_incref(j);
        if (k == 2) {
            assert_true(number_in(j, "val_rmse") == number_in(whole, "val_rmse"));
            assert_true(number_in(j, "train_loss") == number_in(whole, "train_loss"));
        }
        json_decref(j);
    }
    const cd_table *history = cd_read_csv(at("h.csv"));
    assert_ok();
    const int64_t column = cd_table_find(history, "validation_r2");
    assert_int_equal(cd_table_rows(history), 6);
    assert_close(cd_table_numbers(history, column)[5], number_in(whole, "val_r2"), 1e-5, 0);
    json_decref(whole);
    const ran *r = run("train", "--data", csv, "--label", "rooms", "--ignore", "id,kind,old",
                       "--schedule", "constant", "--epochs", "6", "--out", at("m.safetensors"),
                       "--checkpoint", at("b"), "--resume");
    assert_ran(r, 1);
    assert_says(r->err, "--label is \"rooms\" and was \"price\"");
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void missing_fields(void **state)
{
    (void)state;
    const char *m = at("m.safetensors");
    const char *csv = write_csv("gaps.csv", "a,b,y\n1,x,1.5\n,x,2.5\n3,,3.5\n4,z,4.5\n5,z,5.5\n"
                                            "6,x,6.5\n7,x,7.25\n");
    refused("gaps.csv: line 3, column \"a\": the field is missing: put a value in, or leave the "
            "line or the column out; --missing mean puts in the mean",
            1, run("train", "--data", csv, "--label", "y", "--out", m));
    refused("the field is missing", 1,
            run("train", "--data", csv, "--label", "y", "--missing", "error", "--out", m));
    assert_ran(run("train", "--data", csv, "--label", "y", "--missing", "mean", "--out", m), 0);
    assert_ran(run("predict", m, "--data", csv), 0);
}

static void columns_must_be_there(void **state)
{
    (void)state;
    const char *csv = write_houses(), *m = at("m.safetensors");
    refused("houses.csv is a CSV file, and --label COLUMN must say which column is predicted: it "
            "has id, area, town, rooms, price, kind, old",
            1, run("train", "--data", csv, "--out", m));
    refused("--label: ", 1, run("train", "--data", csv, "--label", "prize", "--out", m));
    refused("has no column \"prize\"; did you mean \"price\"?", 1,
            run("train", "--data", csv, "--label", "prize", "--out", m));
    refused("has no column \"nothing\": it has id, area, town,", 1,
            run("train", "--data", csv, "--label", "nothing", "--out", m));
    refused("--ignore: ", 1,
            run("train", "--data", csv, "--label", "price", "--ignore", "id,tow", "--out", m));
    refused("did you mean \"town\"?", 1,
            run("train", "--data", csv, "--label", "price", "--ignore", "id,tow", "--out", m));
    refused("--ignore names the column of --label", 1,
            run("train", "--data", csv, "--label", "4", "--ignore", "id,price", "--out", m));
}

static void rows_must_be_enough(void **state)
{
    (void)state;
    const char *m = at("m.safetensors");
    refused("few.csv has 4 rows, too few to train on some and to validate on others", 1,
            run("train", "--data", write_csv("few.csv", "a,y\n1,2.5\n2,3.5\n3,4.5\n4,5.5\n"),
                "--label", "y", "--out", m));
    refused("all labels of the train part are \"p\": there must be two classes or more", 1,
            run("train", "--data", write_csv("c.csv", "a,y\n1,p\n2,p\n3,p\n4,p\n5,p\n6,p\n"),
                "--label", "y", "--out", m));
    refused("and none has two", 1,
            run("train", "--data", write_csv("c.csv", "a,y\n1,p\n2,q\n3,r\n4,s\n5,t\n"), "--label",
                "y", "--out", m));
    refused("is the same number in all rows", 1,
            run("train", "--data", write_csv("c.csv", "a,y\n1,2\n2,2\n3,2\n4,2\n5,2\n6,2\n"),
                "--label", "y", "--task", "numbers", "--out", m));
    const ran *r =
        run("train", "--data", write_csv("c.csv", "a,y\n1,p\n2,p\n3,q\n4,q\n5,r\n6,q\n7,p\n"),
            "--label", "y", "--out", m);
    assert_ran(r, 0);
    assert_says(r->err, "1 of the classes has a single row, which is trained on and not validated "
                        "on; it is r");
}

/* Before the work, and not when the model is to be saved. */
static void names_must_be_utf8(void **state)
{
    (void)state;
    const char *csv = write_csv("latin.csv", "a,y\n1,K\xF6ln\n2,Ulm\n3,K\xF6ln\n4,Ulm\n5,Ulm\n");
    const ran *r = run("train", "--data", csv, "--label", "y", "--out", at("m.safetensors"));
    refused("UTF-8", 1, r);
    assert_null(strstr(r->err, "epoch"));
}

static void the_data_stays(void **state)
{
    (void)state;
    char csv[512];
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    refused("--out is the file of --data, which would be lost", 2,
            run("train", "--data", csv, "--label", "price", "--out", csv));
    assert_int_equal(cd_table_rows(cd_read_csv(csv)), ROWS);
}

/* A text that is no number among many is a flaw of the data, and the sentence names the option. */
static void names_are_no_classes(void **state)
{
    (void)state;
    refused("too many for classes: --task classes if they are meant", 1,
            run("train", "--data", write_houses(), "--label", "id", "--out", at("m.safetensors")));
}

static void options_fit_the_data(void **state)
{
    (void)state;
    char csv[512], m[512]; /* at() has few buffers */
    const char *set = small_idx(30, 9);
    (void)snprintf(csv, sizeof csv, "%s", write_houses());
    (void)snprintf(m, sizeof m, "%s", at("m.safetensors"));
    static const char *const words[][2] = {
        { "--label", "a" }, { "--ignore", "a" }, { "--missing", "mean" }, { "--task", "auto" }
    };
    for (size_t i = 0; i < 4; i++) {
        const ran *r = run("train", "--data", set, words[i][0], words[i][1], "--out", m);
        refused("is for a CSV file, whose name ends in .csv or .tsv, and idx:", 2, r);
        assert_says(r->err, words[i][0]);
    }
    refused("--augment is for pictures", 2,
            run("train", "--data", csv, "--label", "kind", "--augment", "flip", "--out", m));
    refused("--model lenet is for pictures", 2,
            run("train", "--data", csv, "--label", "kind", "--model", "lenet", "--out", m));
    refused("--label-smoothing is for --task classes, and the task is numbers", 1,
            run("train", "--data", csv, "--label", "price", "--label-smoothing", "0.1", "--ignore",
                "id", "--out", m));
    assert_ran(run("train", "--data", csv, "--label", "kind", "--model", "mlp", "--epochs", "1",
                   "--ignore", "id", "--out", m),
               0);
    const ran *r = run("eval", m, "--data", set);
    assert_ran(r, 1);
    assert_says(r->err, "takes the rows of a CSV file, and idx:");
    r = run("predict", m, "--data", test_folder());
    assert_ran(r, 1);
    assert_says(r->err, "takes the rows of a CSV file, and ");
    assert_ran(run("train", "--data", set, "--epochs", "1", "--out", m), 0);
    r = run("eval", m, "--data", csv);
    assert_ran(r, 1);
    assert_says(r->err, "is no model of tables");
    r = run("predict", m, "--data", csv);
    assert_ran(r, 1);
    assert_says(r->err, "is no model of tables");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_the_librarys),
        TEST(classes_are_the_librarys),
        TEST(two_classes_by_one_output),
        TEST(eval_finds_the_rows),
        TEST(another_file_is_whole),
        TEST(numbers_are_shown),
        TEST(classes_are_shown),
        TEST(layers_and_options_hold),
        TEST(epochs_depend_on_the_task),
        TEST(the_best_epoch_is_saved),
        TEST(defaults_may_be_given_when_a_run_goes_on),
        TEST(a_plateau_waits_for_the_loss),
        TEST(a_lower_loss_breaks_ties),
        TEST(a_run_goes_on),
        TEST(missing_fields),
        TEST(columns_must_be_there),
        TEST(rows_must_be_enough),
        TEST(names_must_be_utf8),
        TEST(the_data_stays),
        TEST(names_are_no_classes),
        TEST(options_fit_the_data),
    };
    return RUN(tests);
}
