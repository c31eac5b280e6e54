/* The library in a program that has called setlocale. In German 0.5 is written 0,5, in Pashto the
 * decimal point has two bytes, and in Turkish I is not the capital letter of i. None of that may
 * change what the library writes or reads.
 *
 * These locales are seldom installed: localedef makes the missing ones in a temporary folder. */
#include <candela.h>
#include <locale.h>

#include "core/error_internal.h"
#include "core/text_internal.h"
#include "io/folder_internal.h"
#include "pth_file.h"
#include "test.h"

static char locales[] = "/tmp/candela-locales-XXXXXX";

static const char *const names[] = { "de_DE.UTF-8", "ps_AF.UTF-8", "tr_TR.UTF-8" };
enum { LOCALES = sizeof names / sizeof *names };

static int make_locales(void **state)
{
    (void)state;
    if (!mkdtemp(locales)) return 1;
    for (int i = 0; i < LOCALES; i++) {
        char command[256];
        (void)snprintf(command, sizeof command,
                       "localedef --no-archive -c -i %.5s -f UTF-8 %s/%s >%s/log 2>&1", names[i],
                       locales, names[i], locales);
        bool installed = setlocale(LC_ALL, names[i]) != NULL;
        if (!installed && system(command) != 0)
            print_message("localedef cannot make %s\n", names[i]);
    }
    (void)setlocale(LC_ALL, "C");
    return setenv("LOCPATH", locales, 1);
}

static int remove_locales(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -rf %s", locales);
    return system(command);
}

/* Sets the locale; skips the rest of the test if it does not exist. */
static void use_locale(int i)
{
    if (!setlocale(LC_ALL, names[i])) {
        print_message("SKIPPED: the locale %s is not here, and localedef cannot make it\n",
                      names[i]);
        skip();
    }
    char half[16];
    (void)snprintf(half, sizeof half, "%.1f", 0.5);
    assert_string_not_equal(half, "0.5");
}

static int use_no_locale(void **state)
{
    (void)setlocale(LC_ALL, "C");
    return test_teardown(state);
}

/* --- printing --------------------------------------------------------------------------------- */

static void tensors(void **state)
{
    (void)state;
    static const double data[] = { 0.5, -1234.25, 1e9 };
    cd_tensor *x = cd_from_array(data, CD_SHAPE(3), .dtype = CD_F64);
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        char *text = cd_to_string(x);
        char printed[128] = "";
        FILE *stream = fmemopen(printed, sizeof printed, "w");
        assert_true(cd_print(stream, cd_narrow(x, 0, 0, 2)));
        (void)fclose(stream);
        assert_string_equal(text, "tensor([ 5.0000e-01, -1.2342e+03,  1.0000e+09], dtype=float64)");
        assert_string_equal(printed, "tensor([ 5.0000e-01, -1.2342e+03], dtype=float64)\n");
        free(text);
    }
}

/* With snprintf, as a user would write it. */
static void describe_dropout(const cd_module *m, char *text, size_t bytes)
{
    (void)m;
    (void)snprintf(text, bytes, "p=%g, name=a\nb", 0.25);
}

static bool forward_nothing(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class dropout_class = { .name = "Dropout\x1b",
                                               .size = sizeof(cd_module),
                                               .inputs = 1,
                                               .forward = forward_nothing,
                                               .describe = describe_dropout };

static void modules(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_batch_norm2d(3, .eps = 0.001));
    assert_true(cd_register_child(m, "\u202edrop", NULL, cd_module_new(&dropout_class)));
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        char text[512] = "";
        FILE *stream = fmemopen(text, sizeof text, "w");
        assert_true(cd_print_module(stream, m));
        (void)fclose(stream);
        assert_string_equal(text, "Sequential(\n"
                                  "  (0): BatchNorm2d(3, eps=0.001, momentum=0.1, affine=True, "
                                  "bias=True, track_running_stats=True)\n"
                                  "  (\\u202edrop): Dropout\\x1b(p=0.25, name=a\\nb)\n"
                                  ")\n");
        assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    }
}

static void messages_of_errors(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2));
    cd_tensor *bytes = cd_zeros(CD_SHAPE(2), .dtype = CD_U8);
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        assert_null(cd_full(CD_SHAPE(2), 256.5, .dtype = CD_U8));
        assert_failed_with(CD_ERR_ARGUMENT, "256.5 is not among");
        assert_null(cd_fill_(bytes, 256.5));
        assert_failed_with(CD_ERR_ARGUMENT, "256.5 is not among");
        assert_null(cd_bernoulli_(x, 1.5));
        assert_failed_with(CD_ERR_ARGUMENT, "not 1.5");
        assert_null(cd_arange(-2.25, .start = 0.5));
        assert_failed_with(CD_ERR_ARGUMENT, "from 0.5 to -2.25");
        assert_null(cd_optim_sgd(cd_nn_linear(1, 1), .lr = -0.5));
        assert_failed_with(CD_ERR_ARGUMENT, ".lr is -0.5");
        (void)cd_fail(CD_ERR_IO, "a host's own %.2f", 0.25);
        assert_failed_with(CD_ERR_IO, "a host's own 0.25");
    }
}

static void messages_of_anomaly_mode(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    static const float data[] = { -0.5F, 2.25F };
    cd_tensor *x = cd_from_array(data, CD_SHAPE(2));
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        assert_null(cd_log(x));
        assert_failed_with(CD_ERR_AUTOGRAD, "ranges from -0.5 to 2.25");
    }
}

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)level;
    (void)snprintf(user, 64, "%s", message);
}

static void messages_of_the_logger(void **state)
{
    (void)state;
    char said[64] = "";
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        cd_set_logger(remember, said);
        cd_log_line(CD_LOG_INFO, "%.2f", 0.25);
        cd_set_logger(NULL, NULL);
        assert_string_equal(said, "0.25");
    }
}

/* --- files ------------------------------------------------------------------------------------ */

/* Saves a model with this card, and returns the file's bytes and their number. */
static size_t saved(const cd_card *card, char *bytes, size_t capacity)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m.safetensors", test_folder());
    cd_manual_seed(1);
    assert_true(cd_save_model(cd_make_model(card->architecture, card->options), card, path));
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    size_t size = fread(bytes, 1, capacity, stream);
    (void)fclose(stream);
    assert_in_range(size, 1, capacity - 1);
    cd_card *back = cd_load_card(path);
    assert_non_null(back);
    assert_memory_equal(back->preprocess.mean, card->preprocess.mean, sizeof back->preprocess.mean);
    return size;
}

static void saved_cards(void **state)
{
    (void)state;
    static char expected[8192], bytes[8192];
    const cd_card card = { .architecture = "mlp",
                           .options = "{\"inputs\": 2, \"outputs\": 2}",
                           .preprocess = cd_preprocess_imagenet,
                           .training = "{\"lr\": 0.1}" };
    size_t size = saved(&card, expected, sizeof expected);
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        assert_int_equal(saved(&card, bytes, sizeof bytes), size);
        assert_memory_equal(bytes, expected, size);
    }
}

static void numbers_of_a_checkpoint(void **state)
{
    (void)state;
    static const char pickle[] = "\x80\x02}(U\1w" TENSOR "U\1fG?\xB9\x99\x99\x99\x99\x99\x9A"
                                 "U\1gG@\0\0\0\0\0\0\0u.";
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        file f;
        make(&f, pickle, sizeof pickle - 1);
        cd_archive *a = open_file(&f);
        assert_non_null(a);
        assert_string_equal(cd_archive_metadata(a, "f"), "0.1");
        assert_string_equal(cd_archive_metadata(a, "g"), "2.0");
        cd_archive_close(a);
    }
}

/* --- the functions of text_internal.h --------------------------------------------------------- */

static void numbers_come_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.1, "0.1" },
        { 1.0 / 3, "0.3333333333333333" },
        { 5e-324, "5e-324" },
        { 1e300, "1e+300" },
        { -0.0, "-0" },
        { 0.485, "0.485" },
        { INFINITY, "inf" },
        { 90, "90" },
        { 1e15, "1000000000000000" },
        { 1e16, "1e+16" },
        { 0.0001, "0.0001" },
        { 0.00001, "1e-05" },
        { 12.5, "12.5" },
        { 1234567, "1234567" },
        { 123456789.125, "123456789.125" },
    };
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            char text[32], *end;
            int length = cd_format_shortest(text, sizeof text, rows[k].value);
            assert_string_equal(text, rows[k].text);
            assert_int_equal(length, strlen(text));
            assert_true(cd_text_number(text, &end) == rows[k].value);
            assert_true(*end == '\0');
        }
        char text[32];
        assert_int_equal(cd_format_shortest(text, sizeof text, NAN), 3);
        assert_string_equal(text, "nan");
    }
}

/* A decimal point is a point, and a comma is none, in a file that commas divide. */
static void numbers_of_tables(void **state)
{
    (void)state;
    static const char text[] = "a,b\n0.5,\"0,5\"\n123456789.12345678901234567,1\n";
    for (int i = 0; i < LOCALES; i++) {
        use_locale(i);
        cd_table *t = cd_read_csv(test_write("t.csv", text, sizeof text - 1));
        assert_ok();
        assert_true(cd_table_numbers(t, 0)[0] == 0.5);
        assert_true(cd_table_numbers(t, 0)[1] == 123456789.12345678901234567);
        assert_false(cd_table_is_number(t, 1));
    }
}

/* A locale that uselocale has set for the thread does not matter either, and stays set. */
static void a_locale_of_the_thread(void **state)
{
    (void)state;
    use_locale(0);
    locale_t own = duplocale(LC_GLOBAL_LOCALE); /* newlocale leaks where LOCPATH is set */
    (void)setlocale(LC_ALL, "C");
    assert_true(own != (locale_t)0);
    (void)uselocale(own);
    cd_fail(CD_ERR_IO, "%g", 0.5);
    bool stayed = uselocale((locale_t)0) == own;
    (void)uselocale(LC_GLOBAL_LOCALE);
    freelocale(own);
    assert_true(stayed);
    assert_failed_with(CD_ERR_IO, "0.5");
}

static void letters_in_turkish(void **state)
{
    (void)state;
    use_locale(2);
    assert_true(cd_same_ignoring_case("TIFF", "tiff"));
    assert_true(cd_same_ignoring_case("", ""));
    assert_false(cd_same_ignoring_case("gif", "gi"));
    assert_false(cd_same_ignoring_case("gi", "gif"));
    assert_false(cd_same_ignoring_case("[", "{"));
    assert_false(cd_same_ignoring_case("@", "`"));
    assert_false(cd_same_ignoring_case("\u0130", "i"));
    assert_true(cd_ends_in("X.TIFF", ".tiff"));
}

#define UNDER_LOCALES(function_)                                                                   \
    cmocka_unit_test_setup_teardown(function_, test_setup, use_no_locale)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNDER_LOCALES(tensors),
        UNDER_LOCALES(modules),
        UNDER_LOCALES(messages_of_errors),
        UNDER_LOCALES(messages_of_anomaly_mode),
        UNDER_LOCALES(messages_of_the_logger),
        UNDER_LOCALES(saved_cards),
        UNDER_LOCALES(numbers_of_a_checkpoint),
        UNDER_LOCALES(numbers_come_back),
        UNDER_LOCALES(numbers_of_tables),
        UNDER_LOCALES(a_locale_of_the_thread),
        UNDER_LOCALES(letters_in_turkish),
    };
    return _cmocka_run_group_tests("locale", tests, sizeof tests / sizeof *tests, make_locales,
                                   remove_locales);
}
