/* The program, given saved models of tables and CSV files: predict, eval, info. */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

static const char csv[] = "area,town,rooms,price,kind,old\n"
                          "50,Ulm,2,150000,flat,yes\n"
                          "70,\"Bad Tölz\",3,230000,house,no\n"
                          "120,Ulm,5,340000,villa,no\n"
                          "90,Bonn,4,290000.5,flat,yes\n"
                          "60,Bonn,2,180000,house,yes\n"
                          "95,Ulm,4,300000,villa,no\n";

static const struct {
    const char *label, *ignore[3];
    cd_table_task task;
} labels[] = { { "price", { "kind", "old", NULL }, CD_TABLE_REGRESSION },
               { "kind", { "price", "old", NULL }, CD_TABLE_CLASSES },
               { "old", { "kind", "price", NULL }, CD_TABLE_BINARY } };

static const char *write_table(const char *name, const char *text)
{
    (void)test_write(name, text, strlen(text));
    return at(name);
}

/* A model of the table, and its file m.safetensors. */
typedef struct saved {
    cd_table *table;
    cd_encoder *encoder;
    cd_module *model;
} saved;

static saved save(int k)
{
    saved s = { .table = cd_read_csv(write_table("t.csv", csv)) };
    s.encoder = cd_encoder_fit(s.table, .label = labels[k].label, .task = labels[k].task,
                               .ignore = labels[k].ignore);
    cd_manual_seed((uint64_t)k);
    s.model = cd_nn_sequential(cd_nn_linear(cd_encoder_input_count(s.encoder), 8), cd_nn_tanh(),
                               cd_nn_linear(8, cd_encoder_output_count(s.encoder)));
    const cd_card card = { .encoder = cd_encoder_to_json(s.encoder) };
    assert_true(cd_save_model(s.model, &card, at("m.safetensors")));
    return s;
}

static cd_tensor *outputs_of(const saved *s, cd_tensor **y)
{
    cd_tensor *x;
    assert_true(cd_encoder_encode(s->encoder, s->table, &x, y));
    return cd_forward(s->model, x);
}

/* --- predict ---------------------------------------------------------------------------------- */

static void numbers_are_the_librarys(void **state)
{
    (void)state;
    CD_NO_GRAD();
    saved s = save(0);
    const double *expected = cd_data(cd_encoder_decode(s.encoder, outputs_of(&s, NULL)));
    const ran *r = run("predict", at("m.safetensors"), "--data", at("t.csv"), "--out", at("p.csv"));
    assert_ran(r, 0);
    assert_says(r->out, "wrote ");
    assert_says(r->out, "p.csv: 6 rows of ");
    const cd_table *p = cd_read_csv(at("p.csv"));
    assert_ok();
    assert_int_equal(cd_table_columns(p), 7);
    assert_string_equal(cd_table_name(p, 6), "prediction");
    assert_string_equal(cd_table_text(p, 1, 1), "Bad Tölz");
    for (int64_t i = 0; i < 6; i++) {
        assert_true((float)cd_table_numbers(p, 6)[i] == (float)expected[i]);
    }
    r = run("predict", at("m.safetensors"), "--data", at("t.csv"));
    assert_ran(r, 0);
    assert_says(r->out, "6 rows, regression of price");
    assert_says(r->out, "area  town      rooms  price     kind       prediction\n");
    char line[128];
    (void)snprintf(line, sizeof line, "50    Ulm       2      150000    flat  %15.7g\n",
                   (double)(float)expected[0]);
    assert_says(r->out, line);
    json_t *j = json_of(run("predict", at("m.safetensors"), "--data", at("t.csv"), "--json"));
    json_t *row = json_array_get(json_object_get(j, "rows"), 3);
    assert_int_equal(json_integer_value(json_object_get(row, "line")), 5);
    assert_close(json_number_value(json_object_get(row, "prediction")), (float)expected[3], 0,
                 1e-9);
    assert_true(json_is_null(json_object_get(j, "classes")));
    json_decref(j);
}

/* As eval counts it: by the logits, not by probabilities that are both rounded to 0.5. */
static void a_narrow_choice_is_the_same_everywhere(void **state)
{
    (void)state;
    CD_NO_GRAD();
    const cd_table *t = cd_read_csv(write_table("t.csv", "a,k\n1,p\n2,q\n"));
    cd_encoder *e = cd_encoder_fit(t, .label = "k", .task = CD_TABLE_BINARY);
    cd_module *model = cd_nn_sequential(cd_nn_linear(1, 1));
    assert_non_null(cd_fill_(cd_module_tensor(model, "0.weight"), 0));
    assert_non_null(cd_fill_(cd_module_tensor(model, "0.bias"), 1e-10));
    const cd_card card = { .encoder = cd_encoder_to_json(e) };
    assert_true(cd_save_model(model, &card, at("m.safetensors")));
    assert_ran(run("predict", at("m.safetensors"), "--data", at("t.csv"), "--out", at("p.csv")), 0);
    const cd_table *p = cd_read_csv(at("p.csv"));
    assert_string_equal(cd_table_text(p, 0, 2), "q");
    assert_true(cd_table_numbers(p, 3)[0] == 0.5);
    json_t *j =
        json_of(run("predict", at("m.safetensors"), "--data", at("t.csv"), "--json", "--top", "1"));
    const json_t *row = json_array_get(json_object_get(j, "rows"), 0);
    const json_t *first = json_array_get(json_object_get(row, "predictions"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "class")), "q");
    json_decref(j);
}

static void numbers_beyond_float32_are_an_error(void **state)
{
    (void)state;
    CD_NO_GRAD();
    const cd_table *t = cd_read_csv(write_table("t.csv", "a,p\n1,1e40\n2,3e40\n"));
    cd_encoder *e = cd_encoder_fit(t, .label = "p", .task = CD_TABLE_REGRESSION);
    cd_module *model = cd_nn_sequential(cd_nn_linear(1, 1));
    const cd_card card = { .encoder = cd_encoder_to_json(e) };
    assert_true(cd_save_model(model, &card, at("m.safetensors")));
    const ran *r = run("predict", at("m.safetensors"), "--data", at("t.csv"), "--out", at("p.csv"));
    assert_ran(r, 1);
    assert_says(r->err, "t.csv: line 2: the number that the model predicts is too large");
    assert_int_not_equal(access(at("p.csv"), F_OK), 0);
}

/* DEL, and U+009B, which begins an escape on some terminals. */
static void json_has_no_control_characters(void **state)
{
    (void)state;
    const cd_table *t = cd_read_csv(write_table("t.csv", "a,k\n1,x\xC2\x9B"
                                                         "31m\n2,y\x7F\xC2\xA0\n"));
    cd_encoder *e = cd_encoder_fit(t, .label = "k");
    cd_module *model = cd_nn_sequential(cd_nn_linear(1, 2));
    const cd_card card = { .encoder = cd_encoder_to_json(e) };
    assert_true(cd_save_model(model, &card, at("m.safetensors")));
    const ran *r = run("predict", at("m.safetensors"), "--data", at("t.csv"), "--json");
    assert_ran(r, 0);
    assert_says(r->out, "x\\u009b31m");
    assert_says(r->out, "y\\u007f\xC2\xA0");
    assert_true(!strchr(r->out, 0x7F) && !strstr(r->out, "\xC2\x9B"));
    json_t *j = json_of(r);
    assert_string_equal(json_string_value(json_array_get(json_object_get(j, "classes"), 0)),
                        "x\xC2\x9B"
                        "31m");
    json_decref(j);
}

/* In a file and in a pipe a row is whole, however long its texts are. */
static void the_prediction_is_behind_long_texts(void **state)
{
    (void)state;
    static char text[8192];
    (void)save(0);
    char *to = stpcpy(text, "n1,n2,n3,n4,n5,area,town,rooms\n");
    for (int c = 0; c < 5; c++) {
        memset(to, 'a' + c, 1200);
        to = stpcpy(to + 1200, ",");
    }
    (void)stpcpy(to, "50,Ulm,2\n");
    const char *data = write_table("long.csv", text);
    json_t *j = json_of(run("predict", at("m.safetensors"), "--data", data, "--json"));
    const json_t *row = json_array_get(json_object_get(j, "rows"), 0);
    char number[32];
    (void)snprintf(number, sizeof number, "%.7g\n",
                   json_number_value(json_object_get(row, "prediction")));
    json_decref(j);
    const ran *r = run("predict", at("m.safetensors"), "--data", data);
    assert_ran(r, 0);
    assert_says(r->out, number);
}

static void classes_are_the_librarys(void **state)
{
    (void)state;
    CD_NO_GRAD();
    for (int k = 1; k < 3; k++) {
        saved s = save(k);
        cd_tensor *outputs = outputs_of(&s, NULL);
        const int64_t *best = cd_data(cd_encoder_decode(s.encoder, outputs));
        const ran *r =
            run("predict", at("m.safetensors"), "--data", at("t.csv"), "--out", at("p.csv"));
        assert_ran(r, 0);
        const cd_table *p = cd_read_csv(at("p.csv"));
        assert_ok();
        assert_int_equal(cd_table_columns(p), 8);
        assert_string_equal(cd_table_name(p, 7), "probability");
        json_t *j = json_of(
            run("predict", at("m.safetensors"), "--data", at("t.csv"), "--json", "--top", "1"));
        for (int64_t i = 0; i < 6; i++) {
            const float *logit = cd_data(outputs);
            double expected = 1 / (1 + exp(-fabs((double)logit[k == 2 ? i : 0])));
            if (k == 1) {
                const float *z = logit + 3 * i;
                expected = exp((double)z[best[i]]) /
                           (exp((double)z[0]) + exp((double)z[1]) + exp((double)z[2]));
            }
            assert_string_equal(cd_table_text(p, i, 6), cd_encoder_classes(s.encoder)[best[i]]);
            assert_close(cd_table_numbers(p, 7)[i], expected, 1e-6, 0);
            json_t *list = json_object_get(json_array_get(json_object_get(j, "rows"), (size_t)i),
                                           "predictions");
            assert_int_equal(json_array_size(list), 1);
            json_t *first = json_array_get(list, 0);
            assert_string_equal(json_string_value(json_object_get(first, "class")),
                                cd_encoder_classes(s.encoder)[best[i]]);
            assert_close(json_number_value(json_object_get(first, "probability")), expected, 1e-6,
                         0);
        }
        assert_string_equal(json_string_value(json_array_get(json_object_get(j, "classes"), 0)),
                            cd_encoder_classes(s.encoder)[0]);
        json_decref(j);
    }
}

/* More rows than are run at a time, each with its own prediction. */
static void many_rows_keep_their_order(void **state)
{
    (void)state;
    enum { MANY = 2500 };
    CD_NO_GRAD();
    saved s = save(0);
    FILE *f = fopen(at("many.csv"), "w");
    assert_non_null(f);
    (void)fputs("area,town,rooms\n", f);
    for (int i = 0; i < MANY; i++) (void)fprintf(f, "%d.5,Ulm,%d\n", i % 211, i % 7);
    assert_int_equal(fclose(f), 0);
    s.table = cd_read_csv(at("many.csv"));
    const double *expected = cd_data(cd_encoder_decode(s.encoder, outputs_of(&s, NULL)));
    assert_ran(run("predict", at("m.safetensors"), "--data", at("many.csv"), "--out", at("p.csv")),
               0);
    const double *predicted = cd_table_numbers(cd_read_csv(at("p.csv")), 3);
    assert_non_null(predicted);
    for (int i = 0; i < MANY; i++) assert_close(predicted[i], expected[i], 1e-5, 0);
}

static void the_label_and_the_order_do_not_matter(void **state)
{
    (void)state;
    CD_NO_GRAD();
    saved s = save(0);
    const double *expected = cd_data(cd_encoder_decode(s.encoder, outputs_of(&s, NULL)));
    const char *path = write_table("new.csv", "rooms;id;town;area\n4;x;Bonn;90,0\n2;y;Ulm;50\n");
    assert_ran(run("predict", at("m.safetensors"), "--data", path, "--out", at("p.csv")), 0);
    const cd_table *p = cd_read_csv(at("p.csv"));
    assert_ok();
    assert_true((float)cd_table_numbers(p, 4)[0] == (float)expected[3]);
    assert_true((float)cd_table_numbers(p, 4)[1] == (float)expected[0]);
    assert_string_equal(cd_table_text(p, 0, 3), "90,0");
}

/* Predicting fails with this sentence, and nothing is written or printed. */
static void refused(const char *text, const char *sentence)
{
    const char *path = write_table("bad.csv", text);
    (void)unlink(at("p.csv"));
    const ran *r = run("predict", at("m.safetensors"), "--data", path, "--out", at("p.csv"));
    assert_ran(r, 1);
    assert_says(r->err, sentence);
    assert_string_equal(r->out, "");
    assert_int_not_equal(access(at("p.csv"), F_OK), 0);
    r = run("predict", at("m.safetensors"), "--data", path, "--json");
    assert_ran(r, 1);
    assert_string_equal(r->out, "");
}

static void what_is_wrong_has_its_line_and_column(void **state)
{
    (void)state;
    (void)save(0);
    refused("area,town,rooms\n50,Ulm,2\n50,Rom,2\n",
            "bad.csv: line 3, column \"town\": \"Rom\" is");
    refused("area,town,rooms\n50,Ulm,2\n,Ulm,2\n",
            "bad.csv: line 3, column \"area\": the field is");
    refused("area,town,rooms\n50,Ulm,many\n", "line 2, column \"rooms\": \"many\" is no number");
    refused("area,town,room\n50,Ulm,2\n", "bad.csv: line 1: there is no column \"rooms\", which is "
                                          "an input of the model: is it the one called \"room\"?");
    refused("area,town,rooms\n50,Ulm\n", "bad.csv: line 2 has 2 fields, and the first line has 3");
    refused("area,town,rooms\n50,\"Ulm,2\n", "line 2: the quote that begins a field here is never");
    refused("area,town,rooms\n", "bad.csv: a header, but no rows");
    refused("", "bad.csv: the file is empty");
    const ran *r = run("predict", at("m.safetensors"), "--data",
                       write_table("bad.csv", "area,town,rooms,prediction\n50,Ulm,2,7\n"), "--out",
                       at("p.csv"));
    assert_ran(r, 1);
    assert_says(r->err, "bad.csv has a column \"prediction\" already");
    assert_int_not_equal(access(at("p.csv"), F_OK), 0);
}

static void misuse(const char *sentence, const ran *r, int status)
{
    assert_ran(r, status);
    assert_says(r->err, sentence);
    assert_string_equal(r->out, "");
}

static void what_fits_not_is_refused(void **state)
{
    (void)state;
    (void)save(0);
    const char *m = at("m.safetensors"), *t = at("t.csv");
    misuse("and there is no --data", run("predict", m, "a.jpg", "--out", at("p.csv")), 2);
    misuse("would replace another file", run("predict", m, "--data", t, "--out", t), 2);
    misuse("would replace another file", run("predict", m, "--data", t, "--out", m), 2);
    misuse("the ending .json", run("predict", m, "--data", t, "--out", at("p.json")), 1);
    misuse("No such file", run("predict", m, "--data", t, "--out", at("no/p.csv")), 1);
    misuse("is a model of tables: it takes the rows of --data", run("predict", m, at("a.jpg")), 1);
    misuse("has no splits, and its rows are not", run("eval", m, "--data", t, "--split", "val"), 1);
    const cd_card card = { .architecture = "mlp", .options = "{\"inputs\": 4, \"outputs\": 2}" };
    assert_true(cd_save_model(cd_mlp(4, 2), &card, m));
    misuse("is no model of tables: ", run("predict", m, "--data", t), 1);
    misuse("is no model of tables: ", run("eval", m, "--data", t), 1);
    misuse("is no model of tables: --out",
           run("predict", m, "--data", "mnist", "--out", at("p.csv")), 1);
}

/* Finite weights whose products are not: the line is named. */
static void outputs_beyond_float32_are_refused(void **state)
{
    (void)state;
    saved s = save(0);
    {
        CD_NO_GRAD();
        (void)cd_fill_(cd_module_tensor(s.model, "2.weight"), 3e38);
        (void)cd_fill_(cd_module_tensor(s.model, "0.weight"), 3);
    }
    const cd_card card = { .encoder = cd_encoder_to_json(s.encoder) };
    assert_true(cd_save_model(s.model, &card, at("m.safetensors")));
    const ran *r = run("predict", at("m.safetensors"), "--data", at("t.csv"));
    assert_ran(r, 1);
    assert_says(r->err, "t.csv: line 2: the model's outputs for it are nan or infinite");
}

/* --- eval ------------------------------------------------------------------------------------- */

static double number_in(json_t *j, const char *key)
{
    assert_true(json_is_number(json_object_get(j, key)));
    return json_number_value(json_object_get(j, key));
}

static void errors_are_in_the_labels_unit(void **state)
{
    (void)state;
    CD_NO_GRAD();
    saved s = save(0);
    cd_tensor *y, *outputs = outputs_of(&s, &y);
    cd_tensor *guess = cd_encoder_decode(s.encoder, outputs),
              *truth = cd_encoder_decode(s.encoder, y);
    json_t *j = json_of(run("eval", at("m.safetensors"), "--data", at("t.csv"), "--json"));
    assert_close(number_in(j, "loss"), cd_item(cd_mse_loss(outputs, y)), 1e-6, 0);
    assert_close(number_in(j, "r2"), cd_measure(&cd_r2, guess, truth), 1e-6, 0);
    assert_close(number_in(j, "mae"), cd_measure(&cd_mae, guess, truth), 1e-6, 0);
    assert_close(number_in(j, "rmse"), cd_measure(&cd_rmse, guess, truth), 1e-6, 0);
    assert_true(number_in(j, "mae") > 1000);
    json_decref(j);
    const ran *r = run("eval", at("m.safetensors"), "--data", at("t.csv"));
    assert_ran(r, 0);
    assert_says(r->out, "6 rows, regression of price\nR2    ");
    const char *one = write_table("one.csv", "area,town,rooms,price\n50,Ulm,2,150000\n");
    r = run("eval", at("m.safetensors"), "--data", one);
    assert_ran(r, 0);
    assert_says(r->out, "1 row, regression of price\nR2               -  (");
    j = json_of(run("eval", at("m.safetensors"), "--data", one, "--json"));
    assert_true(json_is_null(json_object_get(j, "r2")));
    json_decref(j);
}

static void classes_are_counted(void **state)
{
    (void)state;
    CD_NO_GRAD();
    for (int k = 1; k < 3; k++) {
        saved s = save(k);
        cd_tensor *y, *outputs = outputs_of(&s, &y);
        const double loss = cd_item(k == 1 ? cd_cross_entropy(outputs, y)
                                           : cd_binary_cross_entropy_with_logits(outputs, y));
        const cd_metric f1 = cd_metric_of(&cd_f1, .task = CD_METRIC_CLASSES);
        cd_tensor *logits =
            k == 1 ? outputs : cd_cat(CD_TENSORS(cd_zeros_like(outputs), outputs), 1);
        cd_tensor *numbers = cd_to(cd_flatten(y, 0, -1), CD_I64);
        json_t *j = json_of(run("eval", at("m.safetensors"), "--data", at("t.csv"), "--json"));
        assert_close(number_in(j, "loss"), loss, 1e-6, 0);
        assert_close(number_in(j, "accuracy"), cd_measure(&cd_accuracy, logits, numbers), 1e-9, 0);
        assert_close(number_in(j, "f1"), cd_measure(&f1, logits, numbers), 1e-6, 0);
        assert_int_equal(json_array_size(json_object_get(j, "classes")), k == 1 ? 3 : 2);
        assert_string_equal(json_string_value(json_object_get(
                                json_array_get(json_object_get(j, "classes"), 1), "name")),
                            k == 1 ? "house" : "yes");
        json_decref(j);
        const ran *r = run("eval", at("m.safetensors"), "--data", at("t.csv"));
        assert_ran(r, 0);
        assert_says(r->out, k == 1 ? "6 rows, 3 classes of kind" : "6 rows, 2 classes of old");
        assert_says(r->out, "\nF1  ");
        assert_says(r->out, "recall      rows\n");
    }
}

static void labels_must_be_known(void **state)
{
    (void)state;
    (void)save(1);
    const char *m = at("m.safetensors");
    misuse("has no column \"kind\", the label",
           run("eval", m, "--data", write_table("u.csv", "area,town,rooms\n50,Ulm,2\n")), 1);
    misuse("u.csv: line 3, column \"kind\": \"hut\" is none of the 3 classes",
           run("eval", m, "--data",
               write_table("u.csv", "area,town,rooms,kind\n50,Ulm,2,flat\n50,Ulm,2,hut\n")),
           1);
    misuse("line 2, column \"kind\": the field is missing",
           run("eval", m, "--data", write_table("u.csv", "area,town,rooms,kind\n50,Ulm,2,\n")), 1);
}

/* The text of the page of --report. */
static char *page_of(int k)
{
    (void)save(k);
    const ran *r =
        run("eval", at("m.safetensors"), "--data", at("t.csv"), "--report", at("r.html"));
    assert_ran(r, 0);
    assert_says(r->out, "wrote ");
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(at("r.html"), "rb");
    assert_true(text && f && fread(text, 1, (1 << 20) - 1, f) > 1000);
    (void)fclose(f);
    return text;
}

static void reports_show_rows(void **state)
{
    (void)state;
    char *page = page_of(0);
    assert_says(page, "<dt>R2</dt>");
    assert_says(page, "all rows, 6 rows, regression of ");
    assert_says(page, "id=\"predicted\"");
    assert_says(page, "id=\"errors\"");
    assert_says(page, "<td><bdi>Bad Tölz</bdi></td>");
    assert_null(strstr(page, "id=\"confusion\""));
    free(page);
    for (int k = 1; k < 3; k++) {
        page = page_of(k);
        assert_says(page, "id=\"confusion\"");
        assert_says(page, "id=\"unsure\"");
        assert_says(page, "<td><bdi>Bad Tölz</bdi></td>");
        assert_null(strstr(page, "<img"));
        free(page);
    }
    misuse("would replace another file",
           run("eval", at("m.safetensors"), "--data", write_table("t.html", csv), "--report",
               at("t.html")),
           2);
}

/* --- info ------------------------------------------------------------------------------------- */

static void info_shows_the_encoder(void **state)
{
    (void)state;
    (void)save(1);
    const ran *r = run("info", at("m.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "  label: kind: 3 classes: flat, house, villa\n"
                        "  inputs: 5 numbers of 3 columns\n"
                        "    area: numbers, of mean 80.8333 and standard deviation 23.526\n"
                        "    town: 3 texts: Bad Tölz, Bonn, Ulm\n"
                        "    rooms: numbers, of mean ");
    json_t *j = json_of(run("info", at("m.safetensors"), "--json"));
    json_t *encoder = json_object_get(json_object_get(j, "card"), "encoder");
    assert_string_equal(json_string_value(json_object_get(encoder, "label")), "kind");
    json_decref(j);
    (void)save(0);
    assert_says(run("info", at("m.safetensors"))->out,
                "  label: price: numbers, of mean 248333 and standard deviation 67");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_the_librarys),
        TEST(the_prediction_is_behind_long_texts),
        TEST(a_narrow_choice_is_the_same_everywhere),
        TEST(numbers_beyond_float32_are_an_error),
        TEST(json_has_no_control_characters),
        TEST(classes_are_the_librarys),
        TEST(many_rows_keep_their_order),
        TEST(the_label_and_the_order_do_not_matter),
        TEST(what_is_wrong_has_its_line_and_column),
        TEST(what_fits_not_is_refused),
        TEST(outputs_beyond_float32_are_refused),
        TEST(errors_are_in_the_labels_unit),
        TEST(classes_are_counted),
        TEST(labels_must_be_known),
        TEST(reports_show_rows),
        TEST(info_shows_the_encoder),
    };
    return RUN(tests);
}
