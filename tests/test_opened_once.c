/* A file is opened once: what is found out of it and what is loaded from it are of one file. */
#include "read_calls.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <candela.h>

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* A model of two classes with these names, all of whose numbers are `value`. */
static bool fill(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    CD_NO_GRAD();
    return cd_fill_(t, *(double *)user) != NULL;
}

static void save_model(const char *path, const char *first, const char *second, double value)
{
    CD_SCOPE();
    const char *const classes[] = { first, second };
    const cd_card card = { .architecture = "mlp",
                           .options = "{\"inputs\": 3, \"outputs\": 2}",
                           .classes = classes,
                           .class_count = 2 };
    cd_module *m = cd_make_model("mlp", card.options);
    assert_true(cd_visit(m, fill, &value));
    assert_true(cd_save_model(m, &card, path));
}

static void assert_is(cd_module *m, const cd_card *card, const char *class, double value)
{
    assert_ok();
    assert_string_equal(card->classes[0], class);
    assert_true(cd_item(cd_mean(cd_module_tensor(m, "1.weight"))) == value);
}

/* --- another file takes the place ------------------------------------------------------------- */

static int opened;

static void put_another_there(void)
{
    assert_int_equal(rename(in_folder("new"), in_folder("m")), 0);
}

/* After the first opening another model is put at the path: whoever opens again finds that one. */
static int open_and_replace(const char *path, int flags)
{
    int fd = open(path, flags);
    if (opened++ == 0) put_another_there();
    return fd;
}

static void a_model_and_its_card_are_of_one_file(void **state)
{
    (void)state;
    CD_SCOPE();
    save_model(in_folder("m"), "ants", "bees", 1);
    save_model(in_folder("new"), "cats", "dogs", 2);
    cd_read_calls calls = cd_read_calls_system;
    calls.open = open_and_replace;
    opened = 0;
    cd_read_calls_used = &calls;
    cd_card *card = NULL;
    cd_module *m = cd_load_model(in_folder("m"), .card = &card);
    cd_read_calls_used = &cd_read_calls_system;
    assert_int_equal(opened, 1);
    assert_is(m, card, "ants", 1);
    m = cd_load_model(in_folder("m"), .card = &card);
    assert_is(m, card, "cats", 2);
}

static void an_opened_file_is_read_on_after_a_rename(void **state)
{
    (void)state;
    CD_SCOPE();
    save_model(in_folder("m"), "ants", "bees", 1);
    save_model(in_folder("new"), "cats", "dogs", 2);
    cd_tensor_file *f = cd_tensor_file_open(in_folder("m"));
    put_another_there();
    cd_card *card = NULL;
    cd_module *m = cd_load_model(NULL, .file = f, .card = &card);
    assert_is(m, card, "ants", 1);
    assert_string_equal(cd_load_card_from(f)->classes[1], "bees");
    cd_module *other = cd_make_model("mlp", "{\"inputs\": 3, \"outputs\": 2}");
    int64_t loaded = 0;
    for (int i = 0; i < 2; i++) { /* as often as one likes */
        assert_true(cd_load(other, NULL, .file = f, .loaded = &loaded));
        assert_is(other, card, "ants", 1);
        assert_int_equal(loaded, 2);
    }
}

/* --- pipes ------------------------------------------------------------------------------------ */

static void a_model_comes_from_a_pipe(void **state)
{
    (void)state;
    CD_SCOPE();
    save_model(in_folder("m"), "ants", "bees", 1);
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, in_folder("m"), SIZE_MAX));
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(in_folder("pipe"), O_WRONLY);
        _exit(write(fd, bytes.data, bytes.size) != (ssize_t)bytes.size);
    }
    cd_bytes_close(&bytes);
    cd_card *card = NULL;
    cd_module *m = cd_load_model(in_folder("pipe"), .card = &card);
    assert_is(m, card, "ants", 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* --- wrong calls ------------------------------------------------------------------------------ */

static void a_path_or_a_file_and_not_both(void **state)
{
    (void)state;
    CD_SCOPE();
    save_model(in_folder("m"), "ants", "bees", 1);
    cd_module *m = cd_load_model(in_folder("m"));
    cd_tensor_file *f = cd_tensor_file_open(in_folder("m"));
    assert_false(cd_load(m, in_folder("m"), .file = f));
    assert_failed_with(CD_ERR_ARGUMENT, "load: both a path and an opened file are given");
    assert_false(cd_load(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "load: the path is NULL, and no opened file (.file)");
    assert_null(cd_load_model(in_folder("m"), .file = f));
    assert_failed_with(CD_ERR_ARGUMENT, "load_model: both a path and an opened file are given");
    assert_null(cd_load_model(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "load_model: the path is NULL");
    assert_false(cd_load(m, NULL, .file = (cd_tensor_file *)(void *)m));
    assert_failed_with(CD_ERR_ARGUMENT, "load: the file");
    assert_null(cd_load_model(NULL, .file = (cd_tensor_file *)(void *)m));
    assert_failed_with(CD_ERR_ARGUMENT, "load_model: the file");
    assert_null(cd_load_card_from(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the file is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_model_and_its_card_are_of_one_file),
        TEST(an_opened_file_is_read_on_after_a_rename),
        TEST(a_model_comes_from_a_pipe),
        TEST(a_path_or_a_file_and_not_both),
    };
    return RUN(tests);
}
