/* The folder of a run: which files stay, what is found after a crash, and what is refused. */
#include "runs.h"

#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- a model of one number -------------------------------------------------------------------- */

/* A run whose weight is 100 + the step, so that what was loaded can be told. */
static cd_run tiny_run(void)
{
    cd_run r = { .model = cd_nn_linear(1, 1, .no_bias = true) };
    r.optimizer = cd_optim_sgd(r.model, .momentum = 0.5);
    return r;
}

static void set(const cd_run *r, double value)
{
    CD_NO_GRAD();
    assert_non_null(cd_fill_(cd_module_tensor(r->model, "weight"), value));
}

static double weight(const cd_run *r)
{
    return cd_item(cd_module_tensor(r->model, "weight"));
}

static bool save(cd_run_folder *f, int64_t step, const cd_run *r)
{
    set(r, 100 + (double)step);
    return cd_run_folder_save_with(f, step, *r);
}

/* Saves these steps in a folder "run", which is closed then. */
static void save_steps(int64_t keep, int first, int last)
{
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = keep);
    assert_ok();
    assert_true(cd_run_folder_resume_with(f, r));
    for (int i = first; i <= last; i++) assert_true(save(f, i, &r));
}

/* --- looking ---------------------------------------------------------------------------------- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The names of the folder "run", without the lock. */
static const char *names(void)
{
    static char text[1024];
    struct dirent **list;
    const int count = scandir(in_folder("run"), &list, NULL, by_name);
    assert_true(count >= 0);
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        const char *name = list[i]->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            strcmp(name, ".candela-run.lock") != 0) {
            strcat(strcat(text, text[0] ? " " : ""), name);
        }
        free(list[i]);
    }
    free(list);
    return text;
}

static const char *file(const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof path, "run/%s", name);
    return in_folder(path);
}

/* What resuming gives: the step, whose weight was loaded; -1 with an error. */
static int64_t resumed_step(void)
{
    CD_SCOPE();
    cd_run r = tiny_run();
    set(&r, 0);
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    if (!f || !cd_run_folder_resume_with(f, r)) return -1;
    const int64_t step = cd_run_folder_step(f);
    assert_close(weight(&r), step ? 100 + (double)step : 0, 0, 0);
    return step;
}

static char logged[4096];
static int warnings;

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING) warnings++;
    (void)snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
}

static void begin_log(void)
{
    logged[0] = '\0';
    warnings = 0;
    cd_set_logger(remember, NULL);
}

static void end_log(int count, const char *text)
{
    cd_set_logger(NULL, NULL);
    assert_that(warnings == count && strstr(logged, text), "%d warnings: %s", warnings, logged);
}

/* --- the usual -------------------------------------------------------------------------------- */

static void a_new_folder_is_made_and_is_empty(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    assert_ok();
    set(&r, 7);
    assert_true(cd_run_folder_resume_with(f, r));
    assert_int_equal(cd_run_folder_step(f), 0);
    assert_close(weight(&r), 7, 0, 0);
    assert_string_equal(names(), "");
    assert_null(cd_run_folder_text(f, "epoch"));
}

static void the_newest_stay(void **state)
{
    (void)state;
    save_steps(0, 1, 2);
    assert_string_equal(names(), "last.safetensors step-1.safetensors step-2.safetensors");
    save_steps(0, 9, 11);
    assert_string_equal(names(), "last.safetensors step-10.safetensors step-11.safetensors "
                                 "step-9.safetensors");
    assert_int_equal(resumed_step(), 11);
    save_steps(1, 12, 13);
    assert_string_equal(names(), "last.safetensors step-13.safetensors");
    save_steps(-1, 14, 18);
    assert_string_equal(names(), "last.safetensors step-13.safetensors step-14.safetensors "
                                 "step-15.safetensors step-16.safetensors step-17.safetensors "
                                 "step-18.safetensors");
    save_steps(2, 19, 19);
    assert_string_equal(names(), "last.safetensors step-18.safetensors step-19.safetensors");
}

static void last_and_best_are_checkpoints(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    {
        CD_SCOPE();
        cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 1);
        for (int i = 1; i <= 5; i++) {
            assert_true(save(f, i, &r));
            if (i == 1 || i == 2) assert_true(cd_run_folder_mark_best(f));
        }
    }
    assert_string_equal(names(), "best.safetensors last.safetensors step-5.safetensors");
    assert_true(cd_load_checkpoint_with(file("best.safetensors"), r));
    assert_close(weight(&r), 102, 0, 0);
    assert_true(cd_load_checkpoint_with(file("last.safetensors"), r));
    assert_close(weight(&r), 105, 0, 0);
    struct stat a, b;
    assert_int_equal(stat(file("last.safetensors"), &a), 0);
    assert_int_equal(stat(file("step-5.safetensors"), &b), 0);
    assert_true(a.st_ino == b.st_ino);
    /* The best one is found when nothing else is left, and may be marked again. */
    assert_int_equal(unlink(file("last.safetensors")), 0);
    assert_int_equal(unlink(file("step-5.safetensors")), 0);
    assert_int_equal(resumed_step(), 2);
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    assert_true(cd_run_folder_resume_with(f, r) && cd_run_folder_mark_best(f));
    assert_string_equal(names(), "best.safetensors");
}

/* A program may have made last.safetensors a symbolic link to a step. */
static void a_link_to_a_step_is_not_written_through(void **state)
{
    (void)state;
    CD_SCOPE();
    save_steps(2, 1, 2);
    assert_int_equal(unlink(file("last.safetensors")), 0);
    assert_int_equal(symlink("step-2.safetensors", file("last.safetensors")), 0);
    save_steps(2, 3, 3);
    assert_string_equal(names(), "last.safetensors step-2.safetensors step-3.safetensors");
    cd_run r = tiny_run();
    assert_true(cd_load_checkpoint_with(file("step-2.safetensors"), r));
    assert_close(weight(&r), 102, 0, 0);
    assert_int_equal(resumed_step(), 3);
}

static void last_alone_is_enough(void **state)
{
    (void)state;
    save_steps(0, 1, 4);
    for (int i = 2; i <= 4; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "step-%d.safetensors", i);
        assert_int_equal(unlink(file(name)), 0);
    }
    assert_int_equal(resumed_step(), 4);
}

static void texts_of_the_checkpoint_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    const cd_text_pair texts[] = { { "epoch", "2" }, { "best_loss", "0.125" } };
    {
        CD_SCOPE();
        cd_run_folder *f = cd_run_folder_open(in_folder("run"));
        assert_true(cd_run_folder_save(f, 5, .model = r.model, .texts = texts, .text_count = 2));
    }
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    assert_null(cd_run_folder_text(f, "epoch"));
    assert_true(cd_run_folder_resume(f, .model = r.model));
    assert_string_equal(cd_run_folder_text(f, "epoch"), "2");
    assert_string_equal(cd_run_folder_text(f, "best_loss"), "0.125");
    assert_null(cd_run_folder_text(f, "candela.step"));
    assert_null(cd_run_folder_text(f, NULL));
    assert_int_equal(cd_run_folder_step(f), 5);
    assert_true(cd_run_folder_resume(f, .model = r.model)); /* again */
    assert_string_equal(cd_run_folder_text(f, "epoch"), "2");
}

/* A run in three pieces, each in a folder that is opened anew. */
static void a_run_in_pieces_equals_a_straight_one(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run straight = make_run(0, make_sequential, 3);
    step_times(&straight, 6);
    recorded end = record_run(&straight);
    for (int piece = 0; piece < 3; piece++) {
        CD_SCOPE();
        cd_run r = make_run(0, make_sequential, piece ? 50 + (uint64_t)piece : 3);
        cd_run_folder *f = cd_run_folder_open(in_folder("run"));
        assert_true(cd_run_folder_resume_with(f, r));
        assert_int_equal(cd_run_folder_step(f), 2 * piece);
        for (int i = 1; i <= 2; i++) {
            step_run(&r);
            assert_true(cd_run_folder_save_with(f, 2 * piece + i, r));
        }
        if (piece == 2) assert_unchanged(&r, &end);
    }
    free(end.bytes);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Writes a copy of the file's first bytes in place of it, under a name of its own only. */
static void cut(const char *name, size_t size)
{
    size_t whole;
    unsigned char *bytes = file_bytes(file(name), &whole);
    assert_int_equal(unlink(file(name)), 0);
    char path[300];
    (void)snprintf(path, sizeof path, "run/%s", name);
    (void)test_write(path, bytes, size < whole ? size : whole);
    free(bytes);
}

static void change_a_bit(const char *name, size_t byte)
{
    size_t size;
    unsigned char *bytes = file_bytes(file(name), &size);
    assert_int_equal(unlink(file(name)), 0);
    bytes[byte < size ? byte : size - 1] ^= 16;
    char path[300];
    (void)snprintf(path, sizeof path, "run/%s", name);
    (void)test_write(path, bytes, size);
    free(bytes);
}

static void a_file_that_is_cut_off_is_passed_over(void **state)
{
    (void)state;
    size_t size;
    save_steps(0, 1, 3);
    assert_int_equal(unlink(file("last.safetensors")), 0);
    free(file_bytes(file("step-3.safetensors"), &size));
    const size_t sizes[] = { size - 1, size / 2, 100, 8, 7, 1, 0 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cut("step-3.safetensors", sizes[i]);
        begin_log();
        assert_int_equal(resumed_step(), 2);
        end_log(1, "step-3.safetensors is passed over: ");
    }
    /* A disk may give zeros for what was not written. */
    char *zeros = calloc(1, size);
    (void)test_write("run/step-3.safetensors", zeros, size);
    free(zeros);
    begin_log();
    assert_int_equal(resumed_step(), 2);
    end_log(1, "step-3.safetensors is passed over: ");
    save_steps(0, 3, 3); /* which replaces the damaged file */
    begin_log();
    assert_int_equal(resumed_step(), 3);
    end_log(0, "");
}

static void a_changed_bit_is_passed_over(void **state)
{
    (void)state;
    save_steps(0, 1, 3);
    change_a_bit("step-3.safetensors", SIZE_MAX);
    change_a_bit("last.safetensors", 60); /* in the texts */
    begin_log();
    assert_int_equal(resumed_step(), 2);
    end_log(2, "step-3.safetensors is passed over: run_folder_resume: ");
    assert_non_null(strstr(logged, "was changed since it was written: the sum of its "));
    /* The run goes on from there, and the damaged one is replaced when its step comes. */
    save_steps(0, 3, 4);
    assert_string_equal(names(), "last.safetensors step-2.safetensors step-3.safetensors "
                                 "step-4.safetensors");
    assert_int_equal(resumed_step(), 4);
}

static void nothing_whole_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    save_steps(0, 1, 1);
    cut("step-1.safetensors", 50);
    change_a_bit("last.safetensors", SIZE_MAX);
    begin_log();
    assert_int_equal(resumed_step(), -1);
    end_log(2, "");
    assert_failed_with(CD_ERR_FORMAT, "none of the 2 checkpoints is whole");
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    cd_run r = tiny_run();
    assert_false(save(f, 2, &r));
    assert_failed_with(CD_ERR_STATE, "has checkpoints of a run: resume from it");
}

/* --- the wrong folder ------------------------------------------------------------------------- */

static void a_folder_in_use_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    assert_non_null(f);
    assert_null(cd_run_folder_open(in_folder("run")));
    assert_failed_with(CD_ERR_STATE, "run: another run has this folder open");
    const pid_t child = fork();
    if (child == 0) _exit(cd_run_folder_open(in_folder("run")) ? 1 : 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_new_run_takes_a_new_folder(void **state)
{
    (void)state;
    CD_SCOPE();
    save_steps(0, 1, 3);
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"));
    assert_false(save(f, 4, &r));
    assert_failed_with(CD_ERR_STATE, "has checkpoints of a run: resume from it");
    assert_false(cd_run_folder_mark_best(f));
    assert_failed_with(CD_ERR_STATE, "no checkpoint was saved or resumed from");
    assert_true(cd_run_folder_resume_with(f, r));
    static const int64_t steps[] = { 3, 2, 0, -1, INT64_MIN };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_false(save(f, steps[i], &r));
        assert_failed_with(CD_ERR_ARGUMENT, "must be greater than 3, that of the checkpoint");
    }
    assert_true(save(f, INT64_MAX, &r));
    assert_true(access(file("step-9223372036854775807.safetensors"), F_OK) == 0);
}

static void other_settings_are_named(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_text_pair then[] = { { "lr", "0.1" }, { "batch", "64" }, { "seed", "1" } };
    const cd_text_pair now[] = { { "lr", "0.1" }, { "batch", "32" }, { "flip", "yes" } };
    cd_run r = tiny_run();
    {
        CD_SCOPE();
        cd_run_folder *f =
            cd_run_folder_open(in_folder("run"), .settings = then, .setting_count = 3);
        assert_true(save(f, 1, &r));
    }
    set(&r, 5);
    {
        CD_SCOPE();
        cd_run_folder *f =
            cd_run_folder_open(in_folder("run"), .settings = now, .setting_count = 3);
        assert_false(cd_run_folder_resume_with(f, r));
        assert_failed_with(CD_ERR_ARGUMENT,
                           "step-1.safetensors is of a run with other settings: batch is \"32\" "
                           "and was \"64\"; flip is \"yes\" and was not given; seed is not given "
                           "and was \"1\": give the same ones");
        assert_close(weight(&r), 5, 0, 0);
        assert_false(save(f, 2, &r));
        assert_failed_with(CD_ERR_STATE, "resume from it");
    }
    cd_text_pair many[40];
    char keys[40][32];
    for (int i = 0; i < 40; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "setting_number_%d", i);
        many[i] = (cd_text_pair){ keys[i], "value" };
    }
    {
        CD_SCOPE();
        cd_run_folder *f =
            cd_run_folder_open(in_folder("run"), .settings = many, .setting_count = 40);
        assert_false(cd_run_folder_resume_with(f, r));
        assert_failed_with(CD_ERR_ARGUMENT, " more: give the same ones, or take another folder");
    }
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .settings = then, .setting_count = 3);
    assert_true(cd_run_folder_resume_with(f, r));
    assert_close(weight(&r), 101, 0, 0);
}

static void files_of_others_are_left_alone(void **state)
{
    (void)state;
    static const char *const others[] = { "step-1.txt",
                                          "step-01.safetensors",
                                          "step-.safetensors",
                                          "step-0.safetensors",
                                          "step-1.safetensors.old",
                                          "step--1.safetensors",
                                          "notes",
                                          "Last.safetensors",
                                          "step-99999999999999999999.safetensors" };
    assert_int_equal(mkdir(in_folder("run"), 0700), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char path[300];
        (void)snprintf(path, sizeof path, "run/%s", others[i]);
        (void)test_write(path, "mine", 4);
    }
    save_steps(1, 1, 5);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t size;
        unsigned char *bytes = file_bytes(file(others[i]), &size);
        assert_true(size == 4 && memcmp(bytes, "mine", 4) == 0);
        free(bytes);
    }
    assert_int_equal(resumed_step(), 5);
}

/* Files of the folder's names that a run would replace. */
static void files_under_the_folders_names_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const taken[] = { "last.safetensors", "best.safetensors",
                                         "step-7.safetensors" };
    cd_run r = tiny_run();
    assert_int_equal(mkdir(in_folder("run"), 0700), 0);
    for (size_t i = 0; i < 3; i++) {
        const char *path = file(taken[i]);
        assert_true(cd_save(r.model, path));
        assert_null(cd_run_folder_open(in_folder("run")));
        assert_failed_with(CD_ERR_STATE, "was not written by a run in this folder");
        assert_true(cd_save_checkpoint_with(path, r));
        assert_null(cd_run_folder_open(in_folder("run")));
        assert_failed_with(CD_ERR_STATE, "take another folder, or rename the file");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_null(cd_run_folder_open(in_folder("run")));
        assert_failed_with(CD_ERR_STATE, "was not written by a run in this folder");
        assert_int_equal(unlink(path), 0);
    }
    save_steps(0, 1, 2);
    assert_int_equal(rename(file("step-1.safetensors"), file("step-8.safetensors")), 0);
    assert_null(cd_run_folder_open(in_folder("run")));
    assert_failed_with(CD_ERR_STATE, "step-8.safetensors was not written by a run in this folder");
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_text_pair pairs[] = { { "a", "1" },  { "a", "2" },    { NULL, "1" },
                                          { "b", NULL }, { "c", "\xff" }, { "\xff", "1" } };
    const char *path = in_folder("run");
    cd_run r = tiny_run();
    assert_null(cd_run_folder_open(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "run_folder_open: the path is NULL");
    assert_null(cd_run_folder_open(""));
    assert_failed_with(CD_ERR_ARGUMENT, "the path is \"\"");
    assert_null(cd_run_folder_open(path, .keep = -2));
    assert_failed_with(CD_ERR_ARGUMENT, ".keep is -2: it must be");
    assert_null(cd_run_folder_open(path, .setting_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".settings is NULL and .setting_count is 1");
    assert_null(cd_run_folder_open(path, .settings = pairs, .setting_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "the setting \"a\" is given twice");
    for (int i = 2; i < 6; i++) {
        assert_null(cd_run_folder_open(path, .settings = pairs + i, .setting_count = 1));
        assert_failed_with(CD_ERR_ARGUMENT, "setting 0 must be two texts of UTF-8");
    }
    assert_null(cd_run_folder_open(in_folder("none/run")));
    assert_failed_with(CD_ERR_IO, "none/run: cannot make it: No such file");
    assert_null(cd_run_folder_open(test_write("a_file", "", 0)));
    assert_failed_with(CD_ERR_IO, "a_file: cannot make .candela-run.lock in it: Not a directory");
    assert_false(cd_run_folder_resume_with(NULL, r));
    assert_failed_with(CD_ERR_ARGUMENT, "run_folder_resume: the folder is NULL");
    assert_false(cd_run_folder_save_with((cd_run_folder *)r.model, 1, r));
    assert_failed_with(CD_ERR_ARGUMENT, "run_folder_save: the folder is");
    assert_int_equal(cd_run_folder_step(NULL), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "run_folder_step");
    cd_run_folder *f = cd_run_folder_open(path);
    assert_false(cd_run_folder_save(f, 1, .model = NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "run_folder_save: the run has no part");
    assert_true(save(f, 1, &r));
    assert_false(cd_run_folder_resume(f, .model = cd_nn_linear(2, 1, .no_bias = true)));
    assert_failed_with(CD_ERR_SHAPE, "run_folder_resume: \"model.weight\" is 1x1 in ");
    r.file = cd_tensor_file_open(file("last.safetensors"));
    assert_false(cd_run_folder_resume_with(f, r));
    assert_failed_with(CD_ERR_ARGUMENT, ".file is given");
}

/* --- failures of the system ------------------------------------------------------------------- */

static ssize_t no_room(int fd, const void *bytes, size_t size)
{
    (void)fd, (void)bytes, (void)size;
    errno = ENOSPC;
    return -1;
}

static int no_locks(int fd, int operation)
{
    (void)fd, (void)operation;
    errno = ENOLCK;
    return -1;
}

static int no_links(const char *from, const char *to)
{
    (void)from, (void)to;
    errno = EPERM;
    return -1;
}

static int no_removal(const char *path)
{
    (void)path;
    errno = EACCES;
    return -1;
}

static void a_full_disk_stops_nothing_for_good(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 2);
    assert_true(save(f, 1, &r) && save(f, 2, &r));
    cd_file_calls calls = cd_file_calls_system;
    calls.write = no_room;
    cd_file_calls_used = &calls;
    const bool done = save(f, 3, &r);
    cd_file_calls_used = &cd_file_calls_system;
    assert_false(done);
    assert_failed_with(CD_ERR_IO, "step-3.safetensors: cannot write it: No space left");
    assert_string_equal(names(), "last.safetensors step-1.safetensors step-2.safetensors");
    assert_int_equal(cd_run_folder_step(f), 2);
    assert_true(save(f, 3, &r));
    assert_string_equal(names(), "last.safetensors step-2.safetensors step-3.safetensors");
}

static void a_file_system_without_links_or_locks_will_do(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_file_calls calls = cd_file_calls_system;
    calls.link = no_links;
    calls.flock = no_locks;
    begin_log();
    cd_file_calls_used = &calls;
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 1);
    const bool done = save(f, 1, &r) && save(f, 2, &r) && cd_run_folder_mark_best(f);
    cd_file_calls_used = &cd_file_calls_system;
    assert_ok();
    end_log(1, "the file system has no locks");
    assert_true(done);
    assert_string_equal(names(), "best.safetensors last.safetensors step-2.safetensors");
    assert_true(cd_load_checkpoint_with(file("last.safetensors"), r));
    assert_close(weight(&r), 102, 0, 0);
}

static int64_t allowed;

static ssize_t no_second_file(int fd, const void *bytes, size_t size)
{
    if (allowed-- > 0) return cd_file_calls_system.write(fd, bytes, size);
    errno = ENOSPC;
    return -1;
}

/* Where last.safetensors has no room, the oldest is removed all the same, and the next save goes
 * on. */
static void a_disk_too_small_for_last_goes_on(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 1);
    assert_true(save(f, 1, &r));
    cd_file_calls calls = cd_file_calls_system;
    calls.link = no_links;
    calls.write = no_second_file;
    allowed = 1; /* the file is small: one write */
    cd_file_calls_used = &calls;
    const bool done = save(f, 2, &r);
    cd_file_calls_used = &cd_file_calls_system;
    assert_false(done);
    assert_failed_with(CD_ERR_IO, "last.safetensors: cannot write it: No space left");
    assert_string_equal(names(), "last.safetensors step-2.safetensors");
    assert_int_equal(cd_run_folder_step(f), 2);
    assert_true(save(f, 3, &r));
    assert_string_equal(names(), "last.safetensors step-3.safetensors");
    assert_true(cd_load_checkpoint_with(file("last.safetensors"), r));
    assert_close(weight(&r), 103, 0, 0);
}

static void a_file_that_cannot_be_removed_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 1);
    assert_true(save(f, 1, &r));
    cd_file_calls calls = cd_file_calls_system;
    calls.unlink = no_removal;
    begin_log();
    cd_file_calls_used = &calls;
    const bool done = save(f, 2, &r);
    cd_file_calls_used = &cd_file_calls_system;
    end_log(1, "step-1.safetensors stays: Permission denied");
    assert_true(done);
}

static int no_sync(int fd)
{
    (void)fd;
    return 0;
}

static bool fail_one(size_t bytes)
{
    (void)bytes;
    return allowed-- == 0;
}

/* Opens the folder, resumes and saves a step, with one allocation failing. */
static bool go_on_with_a_failure(cd_run r, int64_t step, int64_t n, bool *opened)
{
    CD_SCOPE();
    const cd_text_pair setting = { "lr", "0.1" };
    allowed = n;
    cd_memory_fault_hook = fail_one;
    cd_run_folder *f =
        cd_run_folder_open(in_folder("run"), .settings = &setting, .setting_count = 1);
    *opened = f != NULL;
    const bool done = f && cd_run_folder_resume_with(f, r) && cd_run_folder_save_with(f, step, r) &&
                      cd_run_folder_mark_best(f);
    cd_memory_fault_hook = NULL;
    return done;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_run r = tiny_run();
    cd_file_calls calls = cd_file_calls_system;
    calls.fsync = no_sync; /* so that it does not wait a thousand times for the disk */
    cd_file_calls_used = &calls;
    int64_t n = 0, step = 1;
    for (bool done = false; !done && n < 5000; n++) {
        bool opened;
        done = go_on_with_a_failure(r, step, n, &opened);
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        /* What is there is whole, whether or not the step was saved. */
        if (access(in_folder("run"), F_OK) != 0 || !*names()) continue;
        CD_SCOPE();
        const cd_text_pair setting = { "lr", "0.1" };
        cd_run_folder *f =
            cd_run_folder_open(in_folder("run"), .settings = &setting, .setting_count = 1);
        assert_true(cd_run_folder_resume_with(f, r));
        step = cd_run_folder_step(f) + 1;
        assert_true(cd_run_folder_save_with(f, step++, r)); /* which removes old ones */
    }
    cd_file_calls_used = &cd_file_calls_system;
    assert_that(n > 100 && n < 5000, "%lld allocations", (long long)n);
}

/* --- kills ------------------------------------------------------------------------------------ */

/* A process that saves as fast as it can is killed, many times; each time the run goes on from a
 * whole checkpoint, no step is lost that was there before, and the folder is not locked. */
static void kills_lose_nothing(void **state)
{
    (void)state;
    enum { KILLS = 60 };
    int64_t before = 0, moved = 0;
    for (int i = 0; i < KILLS; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            cd_run r = tiny_run();
            cd_run_folder *f = cd_run_folder_open(in_folder("run"), .keep = 2);
            if (!f || !cd_run_folder_resume_with(f, r)) _exit(1);
            for (int64_t step = cd_run_folder_step(f) + 1;; step++) {
                set(&r, 100 + (double)step);
                if (!cd_run_folder_save_with(f, step, r)) _exit(2);
                if (step % 3 == 0 && !cd_run_folder_mark_best(f)) _exit(3);
            }
        }
        (void)usleep((useconds_t)(2000 + 700 * (i * 37 % KILLS)));
        assert_int_equal(kill(child, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        begin_log();
        const int64_t now = resumed_step();
        assert_ok();
        end_log(0, "");
        assert_that(now >= before, "step %lld after %lld", (long long)now, (long long)before);
        moved += now > before;
        before = now;
    }
    assert_true(moved > KILLS / 4);
    /* The next save removes what a killed one left. */
    save_steps(2, (int)before + 1, (int)before + 3);
    assert_null(strstr(names(), ".tmp"));
    int files = 1;
    for (const char *at = names(); (at = strchr(at, ' ')); at++) files++;
    assert_that(files <= 4, "%s", names());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_folder_is_made_and_is_empty),
        TEST(the_newest_stay),
        TEST(last_and_best_are_checkpoints),
        TEST(a_link_to_a_step_is_not_written_through),
        TEST(last_alone_is_enough),
        TEST(texts_of_the_checkpoint_come_back),
        TEST(a_run_in_pieces_equals_a_straight_one),
        TEST(a_file_that_is_cut_off_is_passed_over),
        TEST(a_changed_bit_is_passed_over),
        TEST(nothing_whole_is_an_error),
        TEST(a_folder_in_use_is_refused),
        TEST(a_new_run_takes_a_new_folder),
        TEST(other_settings_are_named),
        TEST(files_of_others_are_left_alone),
        TEST(files_under_the_folders_names_are_refused),
        TEST(wrong_calls_are_refused),
        TEST(a_full_disk_stops_nothing_for_good),
        TEST(a_file_system_without_links_or_locks_will_do),
        TEST(a_disk_too_small_for_last_goes_on),
        TEST(a_file_that_cannot_be_removed_stays),
        TEST(every_allocation_may_fail),
        TEST(kills_lose_nothing),
    };
    return RUN(tests);
}
