/* Encoders (io/encoder.h): tables to tensors, outputs to classes and numbers, and JSON. Expected
 * numbers are those of scikit-learn's StandardScaler, OneHotEncoder and LabelEncoder. */
#include <candela.h>

#include "hostile.h"

static cd_table *table(const char *text)
{
    cd_table *t = cd_read_csv(test_write("t.csv", text, strlen(text)));
    assert_ok();
    return t;
}

static float at(const cd_tensor *x, int64_t i)
{
    return ((const float *)cd_data(x))[i];
}

/* Checks that fitting fails with this code and text. */
static void refused(cd_encoder_fit_options o, cd_code code, const char *text)
{
    assert_null(cd_encoder_fit_with(o));
    assert_failed_with(code, text);
}
#define REFUSED(code_, text_, ...) refused((cd_encoder_fit_options){ __VA_ARGS__ }, code_, text_)

static const char houses[] = "area,city,same,price\n"
                             "50,Ulm,3,100.5\n"
                             "70,Bonn,3,200.5\n"
                             "90,Ulm,3,300.5\n";

static void numbers_texts_and_a_regression(void **state)
{
    (void)state;
    cd_table *t = table(houses);
    cd_encoder *e = cd_encoder_fit(t, .label = "price");
    assert_ok();
    assert_int_equal(cd_encoder_task(e), CD_TABLE_REGRESSION);
    assert_int_equal(cd_encoder_input_count(e), 4);
    assert_int_equal(cd_encoder_output_count(e), 1);
    assert_string_equal(cd_encoder_label(e), "price");
    assert_null(cd_encoder_classes(e));
    cd_tensor *x, *y;
    assert_true(cd_encoder_encode(e, t, &x, &y));
    /* StandardScaler: sqrt(1.5) for 50, 70, 90; columns Bonn, Ulm; a constant column is 0. */
    static const float expected[] = { -1.22474487F, 0, 1, 0, 0, 1, 0, 0, 1.22474487F, 0, 1, 0 };
    for (int64_t i = 0; i < 12; i++) assert_close(at(x, i), expected[i], 1e-7, 0);
    assert_int_equal(cd_size(y, 0), 3);
    assert_int_equal(cd_size(y, 1), 1);
    assert_close(at(y, 0), -1.22474487F, 1e-7, 0);
    cd_tensor *back = cd_encoder_decode(e, y);
    assert_int_equal(cd_dtype_of(back), CD_F64);
    assert_close(((const double *)cd_data(back))[2], 300.5, 1e-7, 0);
    assert_non_null(strstr(cd_encoder_sentence(e), "regression"));
    e = cd_encoder_fit(t, .label = "price", .plain_label = true);
    assert_true(cd_encoder_encode(e, t, NULL, &y));
    assert_true(at(y, 1) == 200.5F);
}

/* StandardScaler takes these for constant: 0.30000000000000004 is 0.1 + 0.2. The last is not. */
static void numbers_that_differ_by_rounding_are_constant(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool constant;
    } cases[] = { { "a,p\n0.3,1\n0.30000000000000004,2.5\n0.3,3\n", true },
                  { "a,p\n1,1\n1.000000000000001,2.5\n1,3\n", true },
                  { "a,p\n1000000,1\n1000000.000000001,2.5\n1000000,3\n", true },
                  { "a,p\n-1000000,1\n-1000000.00000001,2.5\n-1000000,3\n", false },
                  { "a,p\n0,1\n1e-100,2.5\n0,3\n", false } };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cd_encoder *e = cd_encoder_fit(table(cases[k].text), .label = "p");
        assert_that((cd_encoder_column_at(e, 0).std == 0) == cases[k].constant, "case %zu", k);
    }
}

/* What the model is tested with may have other labels: they must not look as those learned. */
static void a_constant_label_is_shifted(void **state)
{
    (void)state;
    cd_encoder *e = cd_encoder_fit(table("a,p\n1,5.5\n2,5.5\n"), .label = "p");
    cd_tensor *y;
    assert_true(cd_encoder_encode(e, table("a,p\n1,5.5\n2,7\n"), NULL, &y));
    assert_true(at(y, 0) == 0 && at(y, 1) == 1.5F);
    assert_true(((const double *)cd_data(cd_encoder_decode(e, y)))[1] == 7);
}

static void classes_beyond_the_whole_numbers_of_a_double_are_refused(void **state)
{
    (void)state;
    static const char *const far[] = { "a,k\n1,9007199254740992\n2,9007199254740993\n3,1\n",
                                       "a,k\n1,-9007199254740992\n2,-9007199254740993\n3,1\n" };
    for (int k = 0; k < 2; k++) {
        REFUSED(CD_ERR_FORMAT, "numbers of 2^53 and more for classes", .table = table(far[k]),
                .label = "k", .task = CD_TABLE_CLASSES);
    }
    assert_non_null(cd_encoder_fit(table("a,k\n1,9007199254740991\n2,9007199254740990\n"),
                                   .label = "k", .task = CD_TABLE_CLASSES));
}

static void classes_of_texts_and_of_numbers(void **state)
{
    (void)state;
    cd_table *t = table("a,k\n1,b\n2,a\n3,c\n4,b\n");
    cd_encoder *e = cd_encoder_fit(t, .label = "k");
    assert_ok();
    assert_int_equal(cd_encoder_task(e), CD_TABLE_CLASSES);
    assert_int_equal(cd_encoder_output_count(e), 3);
    assert_string_equal(cd_encoder_classes(e)[2], "c");
    cd_tensor *y;
    assert_true(cd_encoder_encode(e, t, NULL, &y));
    const int64_t *k = cd_data(y);
    assert_true(cd_dtype_of(y) == CD_I64 && k[0] == 1 && k[1] == 0 && k[2] == 2 && k[3] == 1);
    cd_tensor *out = cd_from_array(((float[]){ 1, 5, 2, 9, 0, 3 }), CD_SHAPE(2, 3));
    const int64_t *best = cd_data(cd_encoder_decode(e, out));
    assert_true(best[0] == 1 && best[1] == 0);
    assert_null(cd_encoder_decode(e, cd_zeros(CD_SHAPE(2, 2))));
    assert_failed_with(CD_ERR_SHAPE, "they must be N x 3");

    t = table("a,k\n1,10\n2,9\n3,10.0\n4,9\n");
    e = cd_encoder_fit(t, .label = "k", .task = CD_TABLE_BINARY);
    assert_ok();
    assert_string_equal(cd_encoder_classes(e)[0], "9");
    assert_string_equal(cd_encoder_classes(e)[1], "10");
    assert_true(cd_encoder_encode(e, t, NULL, &y));
    assert_true(cd_size(y, 1) == 1 && at(y, 0) == 1 && at(y, 1) == 0 && at(y, 2) == 1);
    cd_tensor *logits = cd_from_array(((float[]){ 0.5F, -0.5F }), CD_SHAPE(2, 1));
    best = cd_data(cd_encoder_decode(e, logits));
    assert_true(best[0] == 1 && best[1] == 0);
}

/* The task that is found for a table with `rows` labels, i * step modulo `values`. */
static cd_table_task task_of(int rows, int values, double step)
{
    buffer b = { .size = 0 };
    add_text(&b, "a,k\n");
    for (int i = 0; i < rows; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "%d,%g\n", i, i % values * step);
        add_text(&b, line);
    }
    return cd_encoder_task(cd_encoder_fit(table((char *)b.at), .label = "k"));
}

static void the_task_is_found_out(void **state)
{
    (void)state;
    assert_int_equal(task_of(40, 20, 1), CD_TABLE_CLASSES);
    assert_int_equal(task_of(39, 20, 1), CD_TABLE_REGRESSION);
    assert_int_equal(task_of(42, 21, 1), CD_TABLE_REGRESSION);
    assert_int_equal(task_of(40, 4, 0.5), CD_TABLE_REGRESSION);
    cd_encoder *e = cd_encoder_fit(table("a,k\n1,True\n2,False\n"), .label = "k");
    assert_int_equal(cd_encoder_task(e), CD_TABLE_CLASSES);
    assert_string_equal(cd_encoder_classes(e)[1], "True");
}

/* The means are those of the train part; categories are those of the whole table. */
static void the_train_part_is_what_is_learned_from(void **state)
{
    (void)state;
    cd_table *t = table("a,c,k\n1,x,p\n3,y,q\n100,z,p\n");
    static const int64_t rows[] = { 0, 1 };
    cd_encoder *e = cd_encoder_fit(t, .label = "k", .rows = rows, .row_count = 2);
    cd_tensor *x;
    assert_true(cd_encoder_encode(e, t, &x, NULL));
    assert_int_equal(cd_size(x, 1), 4);
    assert_true(at(x, 0) == -1 && at(x, 4) == 1 && at(x, 8) == 98);
    static const int64_t one[] = { 0, 2 }, far[] = { 3 };
    REFUSED(CD_ERR_FORMAT, "all labels of the train part are \"p\"", .table = t, .label = "k",
            .rows = one, .row_count = 2);
    REFUSED(CD_ERR_ARGUMENT, "the train part has 0 rows", .table = t, .label = "k", .rows = one);
    REFUSED(CD_ERR_ARGUMENT, ".rows[0] is 3, and the table has 3 rows", .table = t, .label = "k",
            .rows = far, .row_count = 1);
}

static void missing_fields_are_errors_or_filled(void **state)
{
    (void)state;
    cd_table *t = table("a,c,k\n1,x,p\n\n,y,q\n4,NA,p\n4,y,q\n");
    REFUSED(CD_ERR_FORMAT, "t.csv: line 4, column \"a\": the field is missing", .table = t,
            .label = "k");
    static const char *const a[] = { "a", NULL };
    REFUSED(CD_ERR_FORMAT, "line 5, column \"c\": the field is missing (NA)", .table = t,
            .label = "k", .ignore = a);
    cd_encoder *e = cd_encoder_fit(t, .label = "k", .fill_missing = true);
    cd_tensor *x, *y;
    assert_true(cd_encoder_encode(e, t, &x, &y));
    assert_true(at(x, 3) == 0);
    assert_true(at(x, 6 + 1) == 0 && at(x, 6 + 2) == 1);
    REFUSED(CD_ERR_FORMAT, "line 3, column \"k\": the field is missing, and it is the label",
            .table = table("a,k\n1,p\n2,\n3,q\n"), .label = "k", .fill_missing = true);
    REFUSED(CD_ERR_FORMAT, "column \"a\" is empty: it must be left out (.ignore)",
            .table = table("a,k\n,p\nNaN,q\n"), .label = "k", .fill_missing = true);
    /* A delimiter at the end of each line makes a column without a name and without fields. */
    REFUSED(CD_ERR_FORMAT, "column \"Unnamed: 2\" is empty", .table = table("a,k,\n1,p,\n2,q,\n"),
            .label = "k");
    static const int64_t rows[] = { 0, 1 };
    REFUSED(CD_ERR_FORMAT, "column \"a\" is empty in all rows of the train part",
            .table = table("a,k\n,p\n,q\n3,p\n"), .label = "k", .fill_missing = true, .rows = rows,
            .row_count = 2);
    REFUSED(CD_ERR_FORMAT, "column \"a\" is empty in all rows of the train part",
            .table = table("a,k\n,p\n,q\nx,p\n"), .label = "k", .fill_missing = true, .rows = rows,
            .row_count = 2);
    e = cd_encoder_fit(table("a,k\n1,p\n2,q\n"), .label = "k");
    assert_false(cd_encoder_encode(e, table("a\n1\nnan\n"), &x, NULL));
    assert_failed_with(CD_ERR_FORMAT, "line 3, column \"a\": the field is missing (nan)");
}

static void new_tables_may_differ_in_their_columns(void **state)
{
    (void)state;
    cd_encoder *e = cd_encoder_fit(table(houses), .label = "price");
    cd_tensor *x, *y = x = (cd_tensor *)8;
    assert_true(cd_encoder_encode(e, table("id,same,city,area\n9,4,Bonn,70\n"), &x, &y));
    assert_null(y);
    assert_true(at(x, 0) == 0 && at(x, 1) == 1 && at(x, 2) == 0 && at(x, 3) == 0);
    assert_false(cd_encoder_encode(e, table("same,city,aera\n9,Bonn,70\n"), &x, &y));
    assert_failed_with(CD_ERR_FORMAT,
                       "no column \"area\", which is an input of the model: is it the one "
                       "called \"aera\"?");
    assert_false(cd_encoder_encode(e, table("same,city,area\n9,Bonm,70\n"), &x, &y));
    assert_failed_with(CD_ERR_FORMAT, "line 2, column \"city\": \"Bonm\" is none of the 2 "
                                      "categories: is it to be \"Bonn\"?");
    assert_false(cd_encoder_encode(e, table("same,city,area\n9,Bonn,n.a.\n"), &x, &y));
    assert_failed_with(CD_ERR_FORMAT, "line 2, column \"area\": \"n.a.\" is no number");
    assert_false(cd_encoder_encode(e, table("same,city,area\n9,Bonn,1e300\n"), &x, &y));
    assert_failed_with(CD_ERR_FORMAT, "1e300 is too large");
    e = cd_encoder_fit(table(houses), .label = "price", .zeros_for_unknown = true);
    assert_true(cd_encoder_encode(e, table("same,city,area\n9,Rom,70\n"), &x, &y));
    assert_true(at(x, 1) == 0 && at(x, 2) == 0);
    e = cd_encoder_fit(table("a,k\n1,p\n2,q\n"), .label = "k", .zeros_for_unknown = true);
    assert_false(cd_encoder_encode(e, table("a,k\n1,p\n2,r\n"), &x, &y));
    assert_failed_with(CD_ERR_FORMAT, "line 3, column \"k\": \"r\" is none of the 2 classes");
}

static void columns_are_chosen(void **state)
{
    (void)state;
    static const char *const ignore[] = { "name", NULL }, *const zip[] = { "zip", NULL };
    cd_table *t = table("\"\",name,zip,k\n1,a,10,p\n2,b,20,q\n3,c,10,p\n");
    cd_encoder *e = cd_encoder_fit(t, .label = "3", .ignore = ignore, .categories = zip);
    assert_ok();
    assert_int_equal(cd_encoder_input_count(e), 2);
    cd_tensor *x;
    assert_true(cd_encoder_encode(e, t, &x, NULL));
    assert_true(at(x, 0) == 1 && at(x, 1) == 0 && at(x, 2) == 0 && at(x, 3) == 1);
    REFUSED(CD_ERR_FORMAT, "column \"name\" has 3 different texts, and .max_categories is 2",
            .table = t, .label = "k", .max_categories = 2);
    REFUSED(CD_ERR_ARGUMENT, "\"name\" is the label", .table = t, .label = "name",
            .ignore = ignore);
    REFUSED(CD_ERR_ARGUMENT, "no column \"prise\"", .table = t, .label = "prise");
    REFUSED(CD_ERR_ARGUMENT, ".label must name", .table = t);
    REFUSED(CD_ERR_FORMAT, "no column is left", .table = table("a\n1\n2\n"), .label = "a");
    REFUSED(CD_ERR_FORMAT, "\"p\" is no number", .table = t, .label = "k",
            .task = CD_TABLE_REGRESSION);
    REFUSED(CD_ERR_FORMAT, "3 classes, and CD_TABLE_BINARY", .table = t, .label = "name",
            .task = CD_TABLE_BINARY);
}

static void columns_tell_of_themselves(void **state)
{
    (void)state;
    cd_encoder *e = cd_encoder_fit(table(houses), .label = "price");
    assert_int_equal(cd_encoder_column_count(e), 3);
    cd_encoder_column c = cd_encoder_column_at(e, 0);
    assert_string_equal(c.name, "area");
    assert_true(c.mean == 70 && c.first == 0 && !c.categories && c.category_count == 0);
    assert_close(c.std, sqrt(800.0 / 3), 1e-12, 0);
    c = cd_encoder_column_at(e, 1);
    assert_true(c.first == 1 && c.category_count == 2 && c.std == 0);
    assert_string_equal(c.categories[1], "Ulm");
    c = cd_encoder_column_at(e, 2);
    assert_true(c.first == 3 && c.mean == 3 && c.std == 0 && !c.categories);
    c = cd_encoder_label_column(e);
    assert_string_equal(c.name, "price");
    assert_true(c.mean == 200.5 && c.first == -1);
    assert_null(cd_encoder_column_at(e, 3).name);
    assert_failed_with(CD_ERR_ARGUMENT, "there is no column 3, 3 are inputs");
    e = cd_encoder_fit(table(houses), .label = "price", .plain_label = true);
    c = cd_encoder_label_column(e);
    assert_true(c.mean == 0 && c.std == 1);
    e = cd_encoder_fit(table(houses), .label = "city");
    assert_string_equal(cd_encoder_label_column(e).categories[0], "Bonn");
    assert_null(cd_encoder_label_column(NULL).name);
    assert_failed_with(CD_ERR_ARGUMENT, "the encoder is NULL");
}

/* A price in which one text slipped does not silently become a class. */
static void a_flaw_in_a_label_of_numbers_is_found(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    add_text(&b, "a,k\n");
    for (int i = 0; i < 50; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, i == 30 ? "1,n.a.\n" : "1,%d.5\n", i);
        add_text(&b, line);
    }
    REFUSED(CD_ERR_FORMAT, "line 32, column \"k\": \"n.a.\" is no number, and 50 different texts",
            .table = table((char *)b.at), .label = "k");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void json_comes_back(void **state)
{
    (void)state;
    cd_table *t = table("a,c,k\n0.1,\"x\"\"\n\",p\n0.7,ü,q\n0.3,ü,p\n");
    for (int task = CD_TABLE_REGRESSION; task <= CD_TABLE_CLASSES; task++) {
        cd_encoder *e = cd_encoder_fit(t, .label = task == CD_TABLE_REGRESSION ? "a" : "k",
                                       .task = (cd_table_task)task, .fill_missing = true);
        cd_encoder *back = cd_encoder_from_json(cd_encoder_to_json(e));
        assert_ok();
        assert_string_equal(cd_encoder_to_json(back), cd_encoder_to_json(e));
        cd_tensor *x = NULL, *y = NULL, *x2 = NULL, *y2 = NULL;
        assert_true(cd_encoder_encode(e, t, &x, &y) && cd_encoder_encode(back, t, &x2, &y2));
        assert_true(cd_equal(x, x2) && cd_equal(y, y2));
    }
    cd_encoder *e = cd_encoder_fit(table("a,k\n1,5\n2,7\n3,5\n4,7\n"), .label = "k");
    assert_string_equal(
        cd_encoder_to_json(e),
        "{\"task\": \"classes\", \"label\": \"k\", \"label_is\": \"numbers\", \"classes\": [\"5\", "
        "\"7\"], \"fill_missing\": false, \"zeros_for_unknown\": false, \"columns\": [{\"name\": "
        "\"a\", \"mean\": 2.5, \"std\": 1.118033988749895}]}");
}

static const char classes_json[] =
    "{\"task\": \"classes\", \"label\": \"k\", \"label_is\": \"texts\", \"classes\": [\"p\", "
    "\"q\"],"
    "\"fill_missing\": false, \"zeros_for_unknown\": true, \"columns\": ["
    "{\"name\": \"c\", \"categories\": [\"x\", \"y\"], \"fill\": 1},"
    "{\"name\": \"a\", \"mean\": 0.5, \"std\": 2}]}";

/* Replaces `from` in a right text by `to`: that must be refused. */
static void damaged(const char *from, const char *to, const char *message)
{
    char text[1024];
    const char *where = strstr(classes_json, from);
    assert_non_null(where);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(where - classes_json), classes_json, to,
                   where + strlen(from));
    assert_null(cd_encoder_from_json(text));
    assert_failed_with(CD_ERR_FORMAT, message);
}

static void other_json_is_refused(void **state)
{
    (void)state;
    assert_non_null(cd_encoder_from_json(classes_json));
    damaged("\"classes\",", "\"sorting\",", "\"task\" must be");
    damaged("\"classes\",", "\"auto\",", "\"task\" must be");
    damaged("\"classes\",", "\"regression\",", "\"mean\" is missing");
    damaged("\"label_is\": \"texts\"", "\"label_is\": \"numbers\"", "class 0 is to be a number");
    damaged("\"texts\"", "7", "\"label_is\" must be a string");
    damaged("[\"p\", \"q\"]", "[\"q\", \"p\"]", "in the order of bytes");
    damaged("[\"p\", \"q\"]", "[\"p\"]", "\"classes\" must be two");
    damaged("\"fill\": 1", "\"fill\": 2", "\"fill\" must be the number of a category");
    damaged("\"fill\": 1", "\"fill\": -1", "\"fill\" must be");
    damaged("\"std\": 2", "\"std\": -2", "\"std\" must be");
    damaged("\"std\": 2", "\"std\": 1e400", "JSON does not parse");
    damaged("\"std\": 2", "\"std\": 2, \"more\": 1", "there are 4 keys");
    damaged("true", "1", "\"zeros_for_unknown\" must be true or false");
    damaged("[\"x\", \"y\"]", "[]", "\"categories\" must be a list");
    damaged("[\"x\", \"y\"]", "[\"x\", \"x\"]", "in the order of bytes");
    assert_null(cd_encoder_from_json("[]"));
    assert_failed_with(CD_ERR_FORMAT, "\"task\" must be");
    assert_null(cd_encoder_from_json(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

static void read_json(const unsigned char *data, size_t size)
{
    char text[1024] = "";
    memcpy(text, data, size);
    cd_scope scope = cd_scope_begin();
    (void)cd_encoder_from_json(text);
    (void)cd_scope_end(scope);
}

static void damaged_json_does_no_harm(void **state)
{
    (void)state;
    read_truncations(read_json, (const unsigned char *)classes_json, sizeof classes_json - 1);
    read_mutants(read_json, (const unsigned char *)classes_json, sizeof classes_json - 1);
}

static bool all_steps(void *path)
{
    cd_scope scope = cd_scope_begin();
    cd_tensor *x, *y;
    cd_table *t = cd_read_csv(path);
    cd_encoder *e = cd_encoder_fit(t, .label = "city", .fill_missing = true);
    cd_encoder *back = cd_encoder_from_json(e ? cd_encoder_to_json(e) : NULL);
    bool done = back && cd_encoder_encode(back, t, &x, &y);
    (void)cd_scope_end(scope);
    return done;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", test_write("m.csv", houses, sizeof houses - 1));
    assert_true(sweep_memory(all_steps, path) >= 20);
}

static void what_is_no_encoder_is_refused(void **state)
{
    (void)state;
    assert_int_equal(cd_encoder_input_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "encoder");
    assert_null(cd_encoder_decode(NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "encoder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_texts_and_a_regression),
        TEST(numbers_that_differ_by_rounding_are_constant),
        TEST(a_constant_label_is_shifted),
        TEST(classes_beyond_the_whole_numbers_of_a_double_are_refused),
        TEST(classes_of_texts_and_of_numbers),
        TEST(the_task_is_found_out),
        TEST(the_train_part_is_what_is_learned_from),
        TEST(missing_fields_are_errors_or_filled),
        TEST(new_tables_may_differ_in_their_columns),
        TEST(columns_are_chosen),
        TEST(columns_tell_of_themselves),
        TEST(a_flaw_in_a_label_of_numbers_is_found),
        TEST(json_comes_back),
        TEST(other_json_is_refused),
        TEST(damaged_json_does_no_harm),
        TEST(no_memory_is_an_error),
        TEST(what_is_no_encoder_is_refused),
    };
    return RUN(tests);
}
