/* The program, run as a user runs it: train and probe with checkpoints, stopped anywhere and gone
 * on with; and the files that they write beside the model. */
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include <candela.h>

#include "program.h"

enum { WORDS = 31 };

/* Words of a call, to which more are added. */
typedef struct call {
    const char *words[WORDS + 1];
    int count;
} call;

static void add_words(call *c, const char *const *words)
{
    for (; *words; words++) {
        assert_true(c->count < WORDS);
        c->words[c->count++] = *words;
    }
}
#define add(c_, ...) add_words((c_), (const char *const[]){ __VA_ARGS__, NULL })

static char data_name[600];

/* A run of `epochs` epochs of 9 steps. The paths of `out` and `folder` are in the test's folder. */
static call training(const char *out, const char *folder, const char *epochs)
{
    call c = { .count = 0 };
    (void)snprintf(data_name, sizeof data_name, "%s", small_idx(90, 30));
    add(&c, CANDELA_PROGRAM, "train", "--data", data_name, "--hidden", "8", "--batch", "10",
        "--threads", "1", "--seed", "5", "--epochs", epochs, "--out", out);
    if (folder) add(&c, "--checkpoint", folder);
    return c;
}

static char path_text[16][512];
/* A path in the test's folder that stays. */
static const char *kept(int i, const char *name)
{
    (void)snprintf(path_text[i], sizeof path_text[i], "%s", at(name));
    return path_text[i];
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool same_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    CD_SCOPE();
    cd_tensor *other = cd_tensor_file_read(user, name);
    assert_non_null(other);
    const size_t bytes = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    char *a = malloc(bytes), *b = malloc(bytes);
    assert_true(a && b && cd_read(t, a, bytes) && cd_read(other, b, bytes));
    assert_that(memcmp(a, b, bytes) == 0, "%s differs", name);
    free(a);
    free(b);
    return true;
}

static void assert_same_model(const char *a, const char *b)
{
    CD_SCOPE();
    cd_module *m = cd_load_model(a);
    assert_non_null(m);
    assert_true(cd_visit(m, same_tensor, cd_tensor_file_open(b)));
    assert_ok();
}

/* Compares what --json says of the epochs, but not their times. */
static void assert_same_epochs(const ran *r, json_t *expected)
{
    json_t *j = json_of(r), *now = json_object_get(j, "epochs"), *e;
    json_t *then = json_object_get(expected, "epochs");
    size_t i;
    assert_int_equal(json_array_size(now), json_array_size(then));
    json_array_foreach(now, i, e)
    {
        json_t *other = json_array_get(then, i);
        (void)json_object_del(e, "seconds");
        (void)json_object_del(other, "seconds");
        assert_that(json_equal(e, other), "epoch %zu differs", i + 1);
    }
    json_decref(j);
}

/* Reads a whole file. */
static const char *text_of(const char *path)
{
    static char text[65536];
    read_back(open(path, O_RDONLY), text, sizeof text);
    return text;
}

static int lines_with(const char *text, const char *part)
{
    int count = 0;
    for (const char *at_ = text; (at_ = strstr(at_, part)); at_ += strlen(part)) count++;
    return count;
}

/* --- stopping --------------------------------------------------------------------------------- */

/* Whether the folder has a checkpoint of step `least` or a later one. */
static bool has_step(const char *folder, long least)
{
    DIR *entries = opendir(folder);
    bool found = false;
    for (struct dirent *e; entries && (e = readdir(entries));) {
        found |= strncmp(e->d_name, "step-", 5) == 0 && strtol(e->d_name + 5, NULL, 10) >= least;
    }
    if (entries) (void)closedir(entries);
    return found;
}

/* Whether the child has not ended yet. */
static bool runs(pid_t child)
{
    siginfo_t info = { .si_pid = 0 };
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* Runs the call, and sends the signal once there is a checkpoint of that step. */
static const ran *stop_at(const call *c, const char *folder, long step, int number)
{
    static ran r;
    const int out = scratch_file(), err = scratch_file();
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) become(c->words, out, err);
    for (int i = 0; i < 2000000 && runs(child) && !has_step(folder, step); i++) {
        const struct timespec t = { 0, 100000 };
        (void)nanosleep(&t, NULL);
    }
    if (!has_step(folder, step)) (void)kill(child, SIGKILL);
    assert_that(has_step(folder, step), "there is no checkpoint of step %ld", step);
    assert_int_equal(kill(child, number), 0);
    r.status = status_of(child);
    read_back(out, r.out, sizeof r.out);
    read_back(err, r.err, sizeof r.err);
    return &r;
}

/* Stopped at many steps, each time with kill -9 and in the end with SIGINT: the model, the epochs
 * and the table are those of a run that was never stopped. */
static void a_stopped_run_ends_as_a_straight_one(void **state)
{
    (void)state;
    static const long steps[] = { 1, 40, 100, 170, 260 };
    const char *straight = kept(0, "straight"), *out = kept(1, "m"), *folder = kept(2, "run");
    const char *log = kept(3, "log.jsonl"), *table = kept(4, "table.csv");
    call whole = training(straight, NULL, "40"), c = training(out, folder, "40");
    add(&whole, "--json");
    const ran *r = run_words(whole.words);
    assert_ran(r, 0);
    json_t *expected = json_of(r);
    add(&c, "--every", "7", "--keep", "2", "--log", log, "--history", table, "--json");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const bool last = i + 1 == sizeof steps / sizeof *steps;
        if (i == 1) add(&c, "--resume");
        r = stop_at(&c, folder, steps[i], last ? SIGINT : SIGKILL);
        assert_ran(r, last ? 130 : 137);
        assert_false(exists("m"));
    }
    r = run_words(c.words);
    assert_ran(r, 0);
    assert_same_epochs(r, expected);
    assert_same_model(out, straight);
    json_decref(expected);
    assert_int_equal(lines_with(text_of(table), "\n"), 41);
    assert_int_equal(lines_with(text_of(log), "\"event\":\"begin\""), 1);
    assert_int_equal(lines_with(text_of(log), "\"event\":\"resumed\""), 5);
    assert_int_equal(lines_with(text_of(log), "\"why\":\"stopped\""), 1);
    assert_int_equal(lines_with(text_of(log), "\"why\":\"all epochs\""), 1);
    int count = 0;
    DIR *entries = opendir(folder);
    for (struct dirent *e; (e = readdir(entries));) count += strncmp(e->d_name, "step-", 5) == 0;
    (void)closedir(entries);
    assert_int_equal(count, 2);
}

/* After a signal the last line is a command that goes on, also in the first epoch. */
static void the_last_line_goes_on(void **state)
{
    (void)state;
    static const int numbers[] = { SIGINT, SIGTERM };
    for (int i = 0; i < 2; i++) {
        const char *folder = i ? kept(2, "run b") : kept(2, "run a"), *out = kept(1, "m");
        const char *log = kept(3, i ? "b.jsonl" : "a.jsonl");
        call c = training(out, folder, "3000");
        add(&c, "--every", "1", "--schedule", "constant", "--log", log);
        const ran *r = stop_at(&c, folder, i ? 40 : 1, numbers[i]);
        assert_ran(r, 128 + numbers[i]);
        assert_says(r->err, "was not written");
        assert_says(r->err, "the run is saved in ");
        char line[4096], *end = strrchr(r->err, '\n');
        *end = '\0';
        (void)snprintf(line, sizeof line, "%s --epochs 9 --log %s", strrchr(r->err, '\n') + 1, log);
        assert_says(line, " --resume --epochs");
        /* The last of two --epochs would be refused, so the first is taken out. */
        char *first = strstr(line, " --epochs 3000");
        assert_non_null(first);
        memmove(first, first + strlen(" --epochs 3000"),
                strlen(first + strlen(" --epochs 3000")) + 1);
        *strstr(line + strlen(line) - strlen(" --log ") - strlen(log), " --log ") = '\0';
        r = run_words((const char *const[]){ "/bin/sh", "-c", line, NULL });
        assert_ran(r, 0);
        assert_says(r->out, "going on from ");
        assert_says(r->out, "\n    1  ");
        assert_int_equal(lines_with(text_of(log), "\"event\":\"resumed\""), 1);
        assert_int_equal(lines_with(text_of(log), "\"why\":\"stopped\""), 1);
    }
}

/* A run that has ended is put together again, and with a constant rate made longer. */
static void an_ended_run_can_be_made_longer(void **state)
{
    (void)state;
    const char *folder = kept(2, "longer"), *out = kept(1, "m"), *straight = kept(0, "straight");
    call c = training(out, folder, "3"), again = training(out, folder, "5"),
         whole = training(straight, NULL, "5");
    add(&c, "--schedule", "constant");
    add(&again, "--schedule", "constant", "--resume");
    add(&whole, "--schedule", "constant");
    assert_ran(run_words(c.words), 0);
    assert_ran(run_words(whole.words), 0);
    const ran *r = run_words(again.words);
    assert_ran(r, 0);
    assert_says(r->out, "after 3 epochs\n");
    assert_same_model(out, straight);
    r = run_words(again.words);
    assert_ran(r, 0);
    assert_says(r->out, "after 5 epochs\n");
    assert_same_model(out, straight);
    call fewer = training(out, folder, "4");
    add(&fewer, "--schedule", "constant", "--resume");
    r = run_words(fewer.words);
    assert_ran(r, 1);
    assert_says(r->err, "error: --epochs is 4, and the run in ");
    assert_says(r->err, "longer is behind epoch 5 already: give as many, or more");
    assert_same_model(out, straight);
}

static void a_probe_goes_on(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        for (int i = 0; i < 2; i++) {
            cd_manual_seed(3 + (uint64_t)i);
            assert_true(cd_save(cd_resnet18(.num_classes = 5),
                                at(i ? "other.safetensors" : "w.safetensors")));
        }
    }
    make_folder("photos");
    write_photographs("photos/train", 2);
    write_photographs("photos/val", 1);
    const char *weights = kept(5, "w.safetensors"), *photos = kept(6, "photos"),
               *folder = kept(2, "probe"), *out = kept(1, "m"), *straight = kept(0, "straight");
    call whole = { .count = 0 };
    add(&whole, CANDELA_PROGRAM, "probe", "--data", photos, "--batch", "3", "--epochs", "4000",
        "--threads", "1", "--weights", weights, "--out", straight);
    assert_ran(run_words(whole.words), 0);
    call c = whole;
    c.words[c.count - 1] = out;
    add(&c, "--checkpoint", folder, "--every", "50");
    assert_ran(stop_at(&c, folder, 100, SIGKILL), 137);
    add(&c, "--resume");
    assert_ran(stop_at(&c, folder, 400, SIGTERM), 143);
    call other = c;
    for (int i = 0; i < other.count; i++) {
        if (other.words[i] == weights) other.words[i] = kept(7, "other.safetensors");
    }
    const ran *r = run_words(other.words);
    assert_ran(r, 1);
    assert_says(r->err, "options: the fingerprint of --weights is \"");
    assert_ran(run_words(c.words), 0);
    assert_same_model(out, straight);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void other_options_are_refused_by_name(void **state)
{
    (void)state;
    const char *folder = kept(2, "named"), *out = kept(1, "m");
    call c = training(out, folder, "2");
    assert_ran(run_words(c.words), 0);
    static const struct {
        const char *option, *value, *sentence;
    } cases[] = {
        { "--lr", "0.1",
          "the optimizer is \"sgd 0.1 momentum 0.9\" and was \"sgd 0.05 momentum 0.9\"" },
        { "--momentum", "0.5", "the optimizer is \"sgd 0.05 momentum 0.5\" and was \"sgd 0.05" },
        { "--weight-decay", "0.01",
          "the optimizer is \"sgd 0.05 momentum 0.9 weight_decay 0.01\" and was" },
        { "--label-smoothing", "0.1", "--label-smoothing is \"0.1\" and was \"0\"" },
        { "--schedule", "constant", "--schedule is \"constant\" and was \"cosine\"" },
        { "--clip-norm", "1", "--clip-norm is \"1\" and was not given" },
        { "--val-split", "0.3", "--val-split is \"0.3\" and was not given" },
        { "--augment", "noise 0.1", "--augment is \"noise 0.1\" and was not given" },
        { "--class-weights", "balanced", "--class-weights is \"balanced\" and was not given" },
        { "--accumulate", "2", "--accumulate is \"2\" and was \"1\"" },
        { "--optimizer", "adam",
          "the optimizer is \"adam 0.001\" and was \"sgd 0.05 momentum 0.9\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        call again = c;
        add(&again, "--resume", cases[i].option, cases[i].value);
        const ran *r = run_words(again.words);
        assert_ran(r, 1);
        assert_says(r->err, cases[i].sentence);
        assert_says(r->err, "has checkpoints of a run with other options: ");
        assert_true(strstr(r->err, " .") == NULL);
    }
    call longer = training(out, folder, "3");
    for (int i = 0; i < longer.count; i++) {
        if (strcmp(longer.words[i], "8") == 0) longer.words[i] = "8,4";
        if (strcmp(longer.words[i], "5") == 0) longer.words[i] = "6";
    }
    add(&longer, "--resume");
    const ran *r = run_words(longer.words);
    assert_ran(r, 1);
    assert_says(r->err, "--epochs is \"3\" and was \"2\"");
    assert_says(r->err, "--hidden is \"8,4\" and was \"8\"");
    assert_says(r->err, "--seed is \"6\" and was \"5\"");

    call same = c;
    (void)small_idx(91, 30); /* another sample */
    add(&same, "--resume", "--early-stopping", "3", "--every", "4", "--keep", "1");
    r = run_words(same.words);
    assert_ran(r, 1);
    assert_says(r->err, "the fingerprint of --data is \"");
    (void)small_idx(90, 30);
    assert_ran(run_words(same.words), 0);
}

/* What is given and what is the default are compared by their values, in both directions. */
static void a_default_may_be_given(void **state)
{
    (void)state;
    static const char *const given[] = { "--lr",           "0.05", "--momentum", "0.90",
                                         "--optimizer",    "SGD",  "--model",    "mlp",
                                         "--weight-decay", "0",    NULL };
    static const char *const more[] = { "--schedule", "cosine", "--accumulate",      "1",
                                        "--augment",  "none",   "--label-smoothing", "0",
                                        NULL };
    static const char *const in_one[] = { "--optimizer", "sgd lr 5e-2 momentum 0.9", NULL };
    const char *out = kept(1, "m");
    for (int k = 0; k < 2; k++) {
        const char *folder = k ? kept(3, "given") : kept(2, "default");
        call plain = training(out, folder, "2"), explicit_ = plain, other = plain;
        add_words(&explicit_, given);
        add_words(&other, in_one);
        add_words(&other, more);
        assert_ran(run_words((k ? &explicit_ : &plain)->words), 0);
        call again[] = { plain, explicit_, other };
        for (int i = 0; i < 3; i++) {
            add(&again[i], "--resume");
            const ran *r = run_words(again[i].words);
            assert_ran(r, 0);
            assert_says(r->out, "after 2 epochs\n");
        }
    }
    call hidden = training(out, kept(4, "hidden"), "1"), usual = hidden;
    for (int i = 0; i < hidden.count; i++) {
        if (strcmp(hidden.words[i], "--hidden") != 0) continue;
        hidden.words[i + 1] = "256,128";
        memmove(&usual.words[i], &usual.words[i + 2],
                (size_t)(usual.count - i - 1) * sizeof *usual.words);
        usual.count -= 2;
    }
    assert_ran(run_words(usual.words), 0);
    add(&hidden, "--resume");
    assert_ran(run_words(hidden.words), 0);
}

/* The number of epochs is free where the schedule does not follow from it, and the longer run is
 * then that which was never stopped. */
static void the_schedule_says_whether_epochs_may_differ(void **state)
{
    (void)state;
    static const struct {
        const char *schedule;
        bool free_;
    } cases[] = { { "step 2 0.5", true },       { "exponential 0.9", true },
                  { "plateau 0.5 0", true },    { "cosine 5 by epoch", true },
                  { "warmup 5", true },         { "constant", true },
                  { "cosine", false },          { "one-cycle", false },
                  { "warmup 3, cosine", false } };
    const char *out = kept(1, "m"), *straight = kept(0, "straight");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "epochs%zu", i);
        const char *folder = kept(2, name);
        call c = training(out, folder, "3"), again = training(out, folder, "5"),
             whole = training(straight, NULL, "5");
        add(&c, "--schedule", cases[i].schedule);
        add(&again, "--schedule", cases[i].schedule, "--resume");
        add(&whole, "--schedule", cases[i].schedule);
        assert_ran(run_words(c.words), 0);
        const ran *r = run_words(again.words);
        assert_ran(r, cases[i].free_ ? 0 : 1);
        if (!cases[i].free_) assert_says(r->err, "--epochs is \"5\" and was \"3\"");
        if (!cases[i].free_) continue;
        assert_ran(run_words(whole.words), 0);
        assert_same_model(out, straight);
    }
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    const char *folder = kept(2, "refused"), *out = kept(1, "new");
    static const char *const alone[][2] = { { "--resume", NULL },
                                            { "--every", "3" },
                                            { "--keep", "3" } };
    for (int i = 0; i < 3; i++) {
        call c = training(out, NULL, "1");
        add_words(&c, (const char *const[]){ alone[i][0], alone[i][1], NULL });
        const ran *r = run_words(c.words);
        assert_ran(r, 2);
        assert_says(r->err, alone[i][0]);
        assert_says(r->err, " is given without --checkpoint DIR");
    }
    call c = training(out, folder, "1");
    assert_ran(run_words(c.words), 0);
    const ran *r = run_words(c.words);
    assert_ran(r, 1);
    assert_says(r->err, "refused has checkpoints of a run: --resume goes on with it, and a new run "
                        "takes another folder");
}

static void files_that_would_be_lost_are_refused(void **state)
{
    (void)state;
    const char *out = kept(1, "lost"), *page = kept(3, "p.html"), *log = kept(4, "l.jsonl");
    (void)test_write("lost", "precious", 8);
    const struct {
        const char *option, *path, *other;
    } cases[] = { { "--log", out, "--out" },
                  { "--history", out, "--out" },
                  { "--log", page, "--report" },
                  { "--history", page, "--report" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        call c = training(out, NULL, "1");
        add(&c, "--report", page, cases[i].option, cases[i].path);
        const ran *r = run_words(c.words);
        assert_ran(r, 2);
        assert_says(r->err, cases[i].option);
        assert_says(r->err, " is the file of ");
        assert_says(r->err, cases[i].other);
        assert_string_equal(text_of(out), "precious");
    }
    call c = training(out, NULL, "1");
    add(&c, "--log", log, "--history", log);
    assert_ran(run_words(c.words), 2);
    static const char *const names[] = { "--log", "--history" };
    for (int i = 0; i < 2; i++) {
        (void)test_write("foreign", "a,b\n1,2\n", 8);
        call foreign = training(out, NULL, "1");
        add(&foreign, names[i], kept(6, "foreign"));
        const ran *refused = run_words(foreign.words);
        assert_ran(refused, 1);
        assert_says(refused->err, i ? "foreign is there already, and is no table of epochs"
                                    : "foreign is there already, and is no log of a run");
        assert_string_equal(refused->out, ""); /* before the run, and not at its end */
        assert_string_equal(text_of(kept(6, "foreign")), "a,b\n1,2\n");

        call none = training(out, NULL, "1");
        add(&none, names[i], kept(5, "missing/file.csv"));
        const ran *r = run_words(none.words);
        assert_ran(r, 1);
        assert_says(r->err, "missing");
        assert_string_equal(r->out, "");
        assert_string_equal(text_of(out), "precious");
    }
}

/* Files that are not there yet are the same by another name too: with a "." in the path, or by a
 * link that leads to none yet. */
static void files_to_come_are_not_lost(void **state)
{
    (void)state;
    const char *out = kept(1, "new"), *folder = kept(2, "saved"), *list = kept(3, "list.txt");
    const struct {
        const char *option, *name, *says;
    } cases[] = {
        { "--log", "./new", "--log is the file of --out, which would be lost" },
        { "--history", "./new", "--history is the file of --out, which would be lost" },
        { "--log", "saved/../new", "--log is the file of --out, which would be lost" },
        { "--log", "link", "--log is the file of --out, which would be lost" },
        { "--log", "saved/last.safetensors", "--log is a checkpoint in --checkpoint" },
        { "--history", "./saved/step-9.safetensors", "--history is a checkpoint in --checkpoint" },
        { "--log", "saved/best.safetensors", "--log is a checkpoint in --checkpoint" },
        { "--log", "saved/log.jsonl", NULL },
    };
    make_folder("saved");
    assert_int_equal(symlink("new", at("link")), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[1100];
        (void)snprintf(path, sizeof path, "%s/%s", test_folder(), cases[i].name);
        call c = training(out, folder, "1");
        add(&c, cases[i].option, path);
        const ran *r = run_words(c.words);
        assert_ran(r, cases[i].says ? 2 : 0);
        if (cases[i].says) assert_says(r->err, cases[i].says);
        assert_int_equal(exists("new"), !cases[i].says);
    }
    call inside = training(kept(4, "saved/best.safetensors"), folder, "1");
    add(&inside, "--resume");
    assert_says(run_words(inside.words)->err, "--out is a checkpoint in --checkpoint");
    call both = training(kept(5, "both"), kept(5, "both"), "1");
    assert_says(run_words(both.words)->err, "--out is the file of --checkpoint");
    char data[600];
    (void)snprintf(data, sizeof data, "list:%s", list);
    (void)test_write("list.txt", "a.png a\n", 8);
    assert_says(run("train", "--data", data, "--out", list)->err, "--out is the file of --data");
    assert_string_equal(text_of(list), "a.png a\n");
}

/* A folder that cannot be is found before the data is read. */
static void a_folder_that_cannot_be_is_found_early(void **state)
{
    (void)state;
    (void)test_write("file", "a", 1);
    const char *const names[] = { "file", "none/folder" };
    for (int i = 0; i < 2; i++) {
        call c = training(kept(1, "out"), kept(2, names[i]), "1");
        const ran *r = run_words(c.words);
        assert_ran(r, 1);
        assert_says(r->err, i ? "none/folder cannot be the folder of the run: No such file"
                              : "file cannot be the folder of the run: Not a directory");
        assert_string_equal(r->out, "");
    }
    call wrong = training(kept(1, "out"), kept(3, "new-folder"), "1");
    add(&wrong, "--schedule", "nothing");
    assert_ran(run_words(wrong.words), 1);
    assert_false(exists("new-folder"));
}

/* A log may go to a pipe or a device, which has nothing to lose. */
static void a_log_may_be_a_stream(void **state)
{
    (void)state;
    call c = training(kept(1, "m"), NULL, "2");
    add(&c, "--log", "/dev/stderr");
    const ran *r = run_words(c.words);
    assert_ran(r, 0);
    assert_int_equal(lines_with(r->err, "\"event\":\"epoch\""), 2);
    (void)unlink(at("once.jsonl"));
    call stopped = training(kept(1, "m"), NULL, "2"); /* an option that is wrong */
    add(&stopped, "--log", kept(2, "once.jsonl"), "--augment", "turn");
    assert_ran(run_words(stopped.words), 1);
    assert_false(exists("once.jsonl"));
}

/* A limit on the size of files, as a disk without room has. */
static void a_full_disk_ends_the_run(void **state)
{
    (void)state;
    const char *folder = kept(2, "full"), *out = kept(1, "never");
    call c = training(out, folder, "2");
    add(&c, "--schedule", "constant");
    assert_ran(run_words(c.words), 0);
    (void)unlink(out);
    call again = training(out, folder, "4");
    add(&again, "--schedule", "constant", "--resume");
    const char *command = "trap '' XFSZ; ulimit -f 2; exec \"$@\"";
    call limited = { .count = 0 };
    add(&limited, "/bin/sh", "-c", command, "sh");
    add_words(&limited, again.words);
    const ran *r = run_words(limited.words);
    assert_ran(r, 1);
    assert_says(r->err, "/full");
    assert_says(r->err, "--resume goes on from there");
    assert_false(exists("never"));
    assert_true(has_step(folder, 18));
    assert_false(has_step(folder, 19));
    assert_ran(run_words(again.words), 0);
    assert_true(has_step(folder, 36));
}

/* --- the end of a run ------------------------------------------------------------------------- */

static void the_end_says_what_to_type(void **state)
{
    (void)state;
    const char *out = kept(1, "m"), *log = kept(3, "e.jsonl"), *table = kept(4, "e.csv");
    call c = training(out, kept(2, "end"), "6");
    add(&c, "--log", log, "--history", table);
    const ran *r = run_words(c.words);
    assert_ran(r, 0);
    char marks[64] = "", expected[64] = "", line[2048];
    CD_SCOPE();
    const cd_table *t = cd_read_csv(table);
    const double *losses = cd_table_numbers(t, cd_table_find(t, "validation_loss"));
    double best = -1, lowest = 0;
    for (int i = 1; i <= 6; i++) {
        char head[16];
        (void)snprintf(head, sizeof head, "\n    %d  ", i);
        const char *row = strstr(r->out, head);
        assert_non_null(row);
        (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(row + 1, "\n"), row + 1);
        double number, loss, train, held;
        assert_int_equal(sscanf(line, "%lf %lf %lf %% %lf", &number, &loss, &train, &held), 4);
        strcat(marks, strchr(line, '*') ? "*" : ".");
        const bool better = held > best || (held == best && losses[i - 1] < lowest);
        strcat(expected, better ? "*" : ".");
        if (better) best = held, lowest = losses[i - 1];
    }
    assert_string_equal(marks, expected);
    const int number = (int)(strrchr(expected, '*') - expected) + 1;
    (void)snprintf(line, sizeof line, "\nbest epoch: %d, highest accuracy on test\n", number);
    assert_says(r->out, line);
    (void)snprintf(line, sizeof line, "\nsaved model after the last epoch: %s\n", out);
    assert_says(r->out, line);
    (void)snprintf(line, sizeof line, "\nsaved log: %s\n", log);
    assert_says(r->out, line);
    (void)snprintf(line, sizeof line, "\nsaved table of epochs: %s\n", table);
    assert_says(r->out, line);
    (void)snprintf(line, sizeof line, " eval %s --data %s\n", out, data_name);
    assert_says(r->out, line);
    assert_says(r->out, "\nloss ");
    const char *rows = text_of(table);
    (void)snprintf(line, sizeof line, "\n%d,%d,", number, 9 * number);
    const char *row = strstr(rows, line);
    assert_non_null(row);
    (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(row + 1, "\n"), row + 1);
    assert_says(line, ",true");
    assert_int_equal(lines_with(rows, ",true\n"), 1);
    (void)snprintf(line, sizeof line, "\"best_epoch\":%d,", number);
    assert_says(text_of(log), line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stopped_run_ends_as_a_straight_one),
        TEST(the_last_line_goes_on),
        TEST(an_ended_run_can_be_made_longer),
        TEST(a_probe_goes_on),
        TEST(other_options_are_refused_by_name),
        TEST(a_default_may_be_given),
        TEST(the_schedule_says_whether_epochs_may_differ),
        TEST(contradictions_are_refused),
        TEST(files_that_would_be_lost_are_refused),
        TEST(files_to_come_are_not_lost),
        TEST(a_folder_that_cannot_be_is_found_early),
        TEST(a_log_may_be_a_stream),
        TEST(a_full_disk_ends_the_run),
        TEST(the_end_says_what_to_type),
    };
    return RUN(tests);
}
