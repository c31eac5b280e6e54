/* For tests of the program: running it as a user does, and making small data sets for it. */
#ifndef CANDELA_TESTS_PROGRAM_H
#define CANDELA_TESTS_PROGRAM_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <jansson.h>

#include "test.h"

/* --- running ---------------------------------------------------------------------------------- */

/* A run of the program: how it ended, and what it wrote to standard output and standard error. */
typedef struct ran {
    int status; /* the exit status; 128 + the signal that ended it */
    char out[65536], err[65536];
} ran;

/* Reads the file at `fd` into `text`, and closes it. */
static inline void read_back(int fd, char *text, size_t bytes)
{
    ssize_t n = pread(fd, text, bytes - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    (void)close(fd);
}

/* An open file without a name. */
static inline int scratch_file(void)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/output-XXXXXX", test_folder());
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)unlink(path);
    return fd;
}

/* In a child process: sets the standard streams and the signals as a shell does, and becomes the
 * program. */
static inline void become(const char *const *words, int out, int err)
{
    (void)dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)alarm(300); /* ends a program that hangs, with status 142 */
    char *argv[32];
    int n = 0;
    for (; words[n] && n < 31; n++) argv[n] = strdup(words[n]);
    argv[n] = NULL;
    (void)execv(argv[0], argv);
    _exit(127);
}

/* The exit status as a shell shows it, 128 + the signal if one ended the process. `status` is from
 * waitpid. */
static inline int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits for the end of a child, and returns its exit status. */
static inline int status_of(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return exit_status(status);
}

/* Runs a program to its end. `words` begin with its path, and end with NULL. The next call
 * overwrites the result. */
static inline const ran *run_words(const char *const *words)
{
    static ran r;
    int out = scratch_file(), err = scratch_file();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) become(words, out, err);
    r.status = status_of(child);
    read_back(out, r.out, sizeof r.out);
    read_back(err, r.err, sizeof r.err);
    return &r;
}
/* Runs the program with these arguments; run_alone() runs it without any. */
#define run(...)    run_words((const char *const[]){ CANDELA_PROGRAM, __VA_ARGS__, NULL })
#define run_alone() run_words((const char *const[]){ CANDELA_PROGRAM, NULL })

/* Checks the exit status of a run. */
#define assert_ran(r_, status_)                                                                    \
    assert_that((r_)->status == (status_), "exit status %d, expected %d\n%s%s", (r_)->status,      \
                (status_), (r_)->out, (r_)->err)
/* Checks that a text contains another one. */
#define assert_says(text_, part_)                                                                  \
    assert_that(strstr((text_), (part_)) != NULL, "\"%s\" is not in:\n%s", (part_), (text_))

/* Parses standard output as a JSON object. The caller frees it with json_decref. */
static inline json_t *json_of(const ran *r)
{
    json_error_t error;
    json_t *object = json_loads(r->out, 0, &error);
    assert_that(json_is_object(object), "no JSON object: %s\n%s%s", error.text, r->out, r->err);
    return object;
}

/* --- files ------------------------------------------------------------------------------------ */

/* A path in the test's folder, in one of eight buffers that are used in turn. */
static inline const char *at(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

static inline void make_folder(const char *name)
{
    assert_that(mkdir(at(name), 0777) == 0 || errno == EEXIST, "mkdir %s", name);
}

static inline bool exists(const char *name)
{
    return access(at(name), F_OK) == 0;
}

/* Checks that the test's folder has no temporary file of a model that was being saved. */
static inline void assert_nothing_left_behind(void)
{
    const ran *r = run_words(
        (const char *const[]){ "/usr/bin/find", test_folder(), "-name", ".candela*", NULL });
    assert_string_equal(r->out, "");
}

/* --- data ------------------------------------------------------------------------------------- */

enum { SIDE = 6, CLASSES = 3 };

/* Draws a picture of class `label`: columns 2 label and 2 label + 1 are bright, the rest is
 * noise. */
static inline void draw(unsigned char *picture, int label, unsigned *noise)
{
    for (int h = 0; h < SIDE; h++) {
        for (int w = 0; w < SIDE; w++) {
            *noise = *noise * 1103515245U + 12345U;
            int grey = (int)(*noise >> 16 & 63) + (w / 2 == label ? 160 : 0);
            picture[h * SIDE + w] = (unsigned char)grey;
        }
    }
}

/* Writes the two IDX files of a split, "train" or "t10k". */
static inline void write_idx(const char *folder, const char *split, int count, unsigned noise)
{
    static unsigned char images[16 + 1000 * SIDE * SIDE], labels[8 + 1000];
    char name[128];
    const unsigned char n[] = { (unsigned char)(count >> 8), (unsigned char)(count & 255) };
    const unsigned char image_head[16] = { 0, 0, 8, 3,    0, 0, n[0], n[1],
                                           0, 0, 0, SIDE, 0, 0, 0,    SIDE };
    const unsigned char label_head[8] = { 0, 0, 8, 1, 0, 0, n[0], n[1] };
    memcpy(images, image_head, sizeof image_head);
    memcpy(labels, label_head, sizeof label_head);
    for (int i = 0; i < count; i++) {
        labels[8 + i] = (unsigned char)(i % CLASSES);
        draw(images + 16 + i * SIDE * SIDE, i % CLASSES, &noise);
    }
    (void)snprintf(name, sizeof name, "%s/%s-images-idx3-ubyte", folder, split);
    (void)test_write(name, images, 16 + (size_t)count * SIDE * SIDE);
    (void)snprintf(name, sizeof name, "%s/%s-labels-idx1-ubyte", folder, split);
    (void)test_write(name, labels, 8 + (size_t)count);
}

/* Writes a data set of 6 x 6 pictures in three classes, with `train` and `test` samples. Returns
 * its name, "idx:FOLDER". */
static inline const char *small_idx(int train, int test)
{
    static char name[600];
    make_folder("set");
    write_idx("set", "train", train, 1);
    write_idx("set", "t10k", test, 2);
    (void)snprintf(name, sizeof name, "idx:%s", at("set"));
    return name;
}

/* Writes a BMP file of 24 bits and 40 x 32 pixels, in one colour with a little noise. */
static inline void write_bmp(const char *name, int red, int green, int blue, unsigned noise)
{
    enum { W = 40, H = 32, HEAD = 54 };
    unsigned char file[HEAD + W * H * 3] = { 'B', 'M' };
    const unsigned values[] = { sizeof file, 0, HEAD, 40, W, H, 1 | 24 << 16 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (int b = 0; b < 4; b++)
            file[2 + 4 * i + (size_t)b] = (unsigned char)(values[i] >> 8 * b);
    }
    const int colour[3] = { blue, green, red };
    for (int i = 0; i < W * H * 3; i++) {
        noise = noise * 1103515245U + 12345U;
        file[HEAD + i] = (unsigned char)(colour[i % 3] + (int)(noise >> 16 & 31));
    }
    (void)test_write(name, file, sizeof file);
}

/* Writes FOLDER/dark/0.bmp ..., FOLDER/light/0.bmp ..., `count` of each. */
static inline void write_photographs(const char *folder, int count)
{
    char name[128];
    make_folder(folder);
    for (int label = 0; label < 2; label++) {
        (void)snprintf(name, sizeof name, "%s/%s", folder, label ? "light" : "dark");
        make_folder(name);
        for (int i = 0; i < count; i++) {
            (void)snprintf(name, sizeof name, "%s/%s/%d.bmp", folder, label ? "light" : "dark", i);
            write_bmp(name, label ? 200 : 20, label ? 180 : 40, 90, (unsigned)(17 * i + label));
        }
    }
}

#endif
