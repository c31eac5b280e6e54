/* The program, run as a user runs it, with pipes for files. A pipe can be opened and read only
 * once. */
#include <stdlib.h>

#include <candela.h>

#include "program.h"

/* The path of a pipe, into which another process writes the file as `cat FILE | ...` does. The
 * process exits with 0 only if all of the file is read. */
static const char *pipe_of(const char *file, pid_t *writer)
{
    const char *from = at(file), *to = at("pipe");
    assert_true(mkfifo(to, 0600) == 0 || errno == EEXIST);
    *writer = fork();
    assert_true(*writer >= 0);
    if (*writer > 0) return to;
    char command[1200];
    (void)snprintf(command, sizeof command, "exec cat '%s' > '%s'", from, to);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)alarm(60); /* a pipe that nobody opens */
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Runs the words with the file, then with a pipe under the file's name: the output must be the
 * same. */
#define assert_same_from_a_pipe(file_, ...)                                                        \
    do {                                                                                           \
        const ran *from_file = run(__VA_ARGS__);                                                   \
        assert_ran(from_file, 0);                                                                  \
        char *said = strdup(from_file->out);                                                       \
        assert_int_equal(rename(at(file_), at("kept")), 0);                                        \
        pid_t writer;                                                                              \
        const char *pipe_path = pipe_of("kept", &writer);                                          \
        assert_int_equal(symlink(pipe_path, at(file_)), 0);                                        \
        const ran *from_pipe = run(__VA_ARGS__);                                                   \
        assert_int_equal(status_of(writer), 0);                                                    \
        assert_ran(from_pipe, 0);                                                                  \
        assert_string_equal(from_pipe->out, said);                                                 \
        free(said);                                                                                \
        assert_int_equal(rename(at("kept"), at(file_)), 0);                                        \
    } while (0)

static void a_saved_model_comes_from_a_pipe(void **state)
{
    (void)state;
    const char *set = small_idx(90, 30);
    const ran *r = run("train", "--data", set, "--out", at("m.safetensors"), "--hidden", "8",
                       "--epochs", "8", "--batch", "10");
    assert_ran(r, 0);
    assert_same_from_a_pipe("m.safetensors", "info", at("m.safetensors"));
    assert_same_from_a_pipe("m.safetensors", "info", at("m.safetensors"), "--json");
    assert_same_from_a_pipe("m.safetensors", "eval", at("m.safetensors"), "--data", set);
    assert_same_from_a_pipe("m.safetensors", "predict", at("m.safetensors"), "--data", set);
}

static void bare_weights_and_pictures_come_from_pipes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(3);
    assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
    write_bmp("a.bmp", 200, 100, 50, 1);
    assert_same_from_a_pipe("w.safetensors", "predict", at("w.safetensors"), at("a.bmp"), "--model",
                            "resnet18");
    assert_same_from_a_pipe("a.bmp", "predict", at("w.safetensors"), at("a.bmp"), "--model",
                            "resnet18");
}

static void a_probe_starts_from_a_pipe(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
    write_photographs("photos", 2);
    pid_t writer;
    const ran *r = run("probe", "--weights", pipe_of("w.safetensors", &writer), "--data",
                       at("photos"), "--out", at("m.safetensors"), "--epochs", "1");
    assert_int_equal(status_of(writer), 0);
    assert_ran(r, 0);
    assert_ran(run("eval", at("m.safetensors"), "--data", at("photos")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_saved_model_comes_from_a_pipe),
        TEST(bare_weights_and_pictures_come_from_pipes),
        TEST(a_probe_starts_from_a_pipe),
    };
    return RUN(tests);
}
