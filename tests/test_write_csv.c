/* Writing CSV files, cd_write_csv, and files in the dialects of other programs
 * (tests/golden/make_csv.py). */
#include <candela.h>

#include "hostile.h"

static const char *folder_path(const char *name)
{
    static char path[2][512];
    static int turn;
    turn = !turn;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", test_folder(), name);
    return path[turn];
}

/* Checks what a file holds. */
static void holds(const char *path, const char *expected)
{
    char text[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t size = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    text[size] = '\0';
    assert_string_equal(text, expected);
}

static void columns_of_each_dtype(void **state)
{
    (void)state;
    static const char *const names[] = { "a, b", "say \"x\"", "two\nlines" };
    const cd_csv_column columns[] = {
        { .name = "f", .values = cd_from_array(((float[]){ 0.1F, NAN, 16777216 }), CD_SHAPE(3)) },
        { .name = "d",
          .values =
              cd_from_array(((double[]){ 0.1, -INFINITY, 1e300 }), CD_SHAPE(3), .dtype = CD_F64) },
        { .name = "i",
          .values =
              cd_from_array(((int64_t[]){ -1, INT64_MAX, 0 }), CD_SHAPE(3), .dtype = CD_I64) },
        { .name = "b", .values = cd_gt(cd_arange(3), 0) },
        { .name = "n", .values = cd_sub(2, cd_arange(3)), .names = names, .name_count = 3 },
    };
    const char *path = folder_path("out.csv");
    assert_true(cd_write_csv(path, .columns = columns, .column_count = 5));
    holds(path, "f,d,i,b,n\n"
                "0.1,0.1,-1,False,\"two\nlines\"\n"
                ",-inf,9223372036854775807,True,\"say \"\"x\"\"\"\n"
                "16777216,1e+300,0,True,\"a, b\"\n");
    cd_table *t = cd_read_csv(path);
    assert_ok();
    assert_string_equal(cd_table_text(t, 1, 4), names[1]);
    assert_true((float)cd_table_numbers(t, 0)[0] == 0.1F && isnan(cd_table_numbers(t, 0)[1]));
}

/* A table comes back as it was, with any delimiter, and with fields that only quotes keep. */
static void tables_come_back(void **state)
{
    (void)state;
    static const char text[] = "\"a;b\"\n\"\"\n\" \"\n\"\xEF\xBB\xBF\"\n\"x\ty\"\n";
    cd_table *t = cd_read_csv(test_write("t.csv", text, sizeof text - 1));
    assert_ok();
    for (const char *d = ",;\t|"; *d; d++) {
        const char *path = folder_path("again.csv");
        assert_true(cd_write_csv(path, .table = t, .delimiter = *d));
        cd_table *back = cd_read_csv(path);
        assert_ok();
        assert_int_equal(cd_table_rows(back), 4);
        assert_string_equal(cd_table_name(back, 0), "a;b");
        for (int64_t row = 0; row < 4; row++) {
            assert_string_equal(cd_table_text(back, row, 0), cd_table_text(t, row, 0));
        }
    }
    const char *path = folder_path("wider.csv");
    cd_csv_column more = { .name = "k", .values = cd_arange(4) };
    assert_true(cd_write_csv(path, .table = t, .columns = &more, .column_count = 1));
    holds(path, "\"a;b\",k\n,0\n ,1\n\"\xEF\xBB\xBF\",2\n\"x\ty\",3\n");
}

/* More than the buffer holds. */
static void a_large_file(void **state)
{
    (void)state;
    cd_tensor *x = cd_div(cd_arange(30000.0), 7);
    cd_csv_column column = { .name = "x", .values = x };
    const char *path = folder_path("large.csv");
    assert_true(cd_write_csv(path, .columns = &column, .column_count = 1));
    const double *back = cd_table_numbers(cd_read_csv(path), 0);
    assert_non_null(back);
    for (int64_t i = 0; i < 30000; i++) {
        assert_true((float)back[i] == ((const float *)cd_data(x))[i]);
    }
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    const char *path = folder_path("none.csv");
    static const char *const names[] = { "a" };
    cd_csv_column columns[] = { { .name = "a", .values = cd_arange(3) },
                                { .name = "a", .values = cd_arange(3) } };
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "two columns are called \"a\"");
    columns[1] = (cd_csv_column){ .name = "b", .values = cd_arange(2) };
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 2));
    assert_failed_with(CD_ERR_SHAPE, "column \"b\" has 2 rows, and others 3");
    columns[0] =
        (cd_csv_column){ .name = "a", .values = cd_arange(2), .names = names, .name_count = 1 };
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "element 1 is 1, and there are 1 names");
    static const char *const odd[] = { "a", NULL, "\xFF" };
    columns[0].names = odd;
    columns[0].name_count = 2;
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "column \"a\": element 1 is 1, whose name is NULL");
    columns[0].name_count = 3;
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "column \"a\": name 2 is not UTF-8");
    columns[0] = (cd_csv_column){
        .name = "a", .values = cd_zeros(CD_SHAPE(2)), .names = names, .name_count = 1
    };
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_DTYPE, "must be integers");
    columns[0] = (cd_csv_column){ .name = "a", .values = cd_zeros(CD_SHAPE(2, 1)) };
    assert_false(cd_write_csv(path, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_SHAPE, "2 dimensions");
    assert_false(cd_write_csv(path));
    assert_failed_with(CD_ERR_ARGUMENT, "no table and no column");
    assert_false(cd_write_csv(NULL, .columns = columns, .column_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "path is NULL");
    assert_false(cd_write_csv("/nowhere/x.csv", .columns = columns, .column_count = 0));
    cd_clear_error();
    assert_int_not_equal(access(path, F_OK), 0);
}

static bool write_path(void *path)
{
    cd_scope scope = cd_scope_begin();
    cd_csv_column column = { .name = "x", .values = cd_arange(3) };
    bool done = column.values && cd_write_csv(path, .columns = &column, .column_count = 1);
    (void)cd_scope_end(scope);
    return done;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", folder_path("m.csv"));
    assert_true(sweep_memory(write_path, path) >= 4);
}

/* --- other programs --------------------------------------------------------------------------- */

static void dialects_give_the_same_table(void **state)
{
    (void)state;
    static const char *const files[] = { "pandas", "r", "excel", "excel_german", "calc" };
    cd_tensor *first = NULL;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "golden/csv/%s.csv", files[i]);
        cd_table *t = cd_read_csv(test_path(name));
        assert_ok();
        cd_encoder *e = cd_encoder_fit(t, .label = "price", .fill_missing = true);
        assert_ok();
        cd_tensor *x, *y;
        assert_true(cd_encoder_encode(e, t, &x, &y));
        assert_int_equal(cd_size(x, 1), 2 + 4);
        int64_t area = cd_table_find(t, "area");
        assert_true(cd_table_numbers(t, area)[0] == 177);
        cd_tensor *all = cd_cat(CD_TENSORS(x, y), 1);
        assert_non_null(all);
        if (!first) first = all;
        assert_that(cd_equal(first, all), "%s.csv differs from pandas.csv", files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_of_each_dtype), TEST(tables_come_back),
        TEST(a_large_file),          TEST(wrong_calls_are_refused),
        TEST(no_memory_is_an_error), TEST(dialects_give_the_same_table),
    };
    return RUN(tests);
}
