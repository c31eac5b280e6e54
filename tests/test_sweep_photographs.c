/* Commands that read photographs, while the system refuses them a call: in turn each call for
 * memory, and each of the other kinds that tests/refusing.h lists. */
#include "folders.h"
#include "refusing.h"

static void copy_picture(const char *name, const char *to)
{
    char from[128];
    (void)snprintf(from, sizeof from, "golden/images/%s", name);
    size_t size;
    char *bytes = bytes_of(test_path(from), &size);
    (void)test_write(to, bytes, size);
    free(bytes);
}

/* Makes photos/{train,val}/{dark,light} with PNG, JPEG (baseline and progressive) and BMP (with a
 * palette), and links: to a picture, to nothing, and to val under its other name. */
static void make_photographs(void)
{
    make_folder("photos");
    write_photographs("photos/train", 1);
    write_photographs("photos/val", 1);
    copy_picture("jpeg_420_17x13.jpg", "photos/train/dark/a.jpg");
    copy_picture("jpeg_progressive_19x18.jpg", "photos/train/light/b.jpg");
    copy_picture("png_grey_8.png", "photos/train/light/c.png");
    copy_picture("bmp_4.bmp", "photos/val/light/d.bmp");
    link_to("../dark/0.bmp", "photos/val/light/e.bmp");
    link_to("nowhere.bmp", "photos/val/light/f.bmp");
    link_to("val", "photos/validation");
}

static void train_model(void)
{
    make_photographs();
    assert_ran(run("train", "--data", at("photos"), "--out", at("e"), "--epochs", "1", "--hidden",
                   "4", "--threads", "1"),
               0);
}

static void train(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    make_photographs();
    BEGIN(&s, "train on photographs", "o/m", "train", "--data", at("photos"), "--out", at("o/m"),
          "--hidden", "4", "--epochs", "1", "--threads", "1");
    sweep_whole(&s);
}

/* A folder of classes without splits: training validates on some of the pictures. */
static void train_without_splits(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    write_photographs("photos", 3);
    BEGIN(&s, "train on one folder --json", "o/m", "train", "--data", at("photos"), "--out",
          at("o/m"), "--hidden", "4", "--epochs", "1", "--threads", "1", "--json");
    sweep_whole(&s);
}

/* Results do not depend on the number of threads. */
static void train_with_threads(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal threads[] = {
        { "thread", EAGAIN, GOES_ON, true },
        { "thread_attr", ENOMEM, GOES_ON, true },
        { "affinity", EINVAL, GOES_ON, true },
    };
    swept_command s;
    make_photographs();
    BEGIN(&s, "train with 4 threads", "o/m", "train", "--data", at("photos"), "--out", at("o/m"),
          "--epochs", "1", "--threads", "4");
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        assert_true(sweep(&s, &threads[i], every) > 0);
    }
    swept_end(&s);
    BEGIN(&s, "train with all threads", "o/m", "train", "--data", at("photos"), "--out", at("o/m"),
          "--epochs", "1");
    assert_true(sweep(&s, &threads[2], every) > 0);
    swept_end(&s);
}

static void eval(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model();
    BEGIN(&s, "eval on photographs", NULL, "eval", at("e"), "--data", at("photos"), "--threads",
          "1");
    sweep_whole(&s);
}

/* There is an error sentence for each picture that cannot be read; the others are predicted. */
static void predict(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model();
    BEGIN(&s, "predict photographs", NULL, "predict", at("e"), at("photos/train/dark/a.jpg"),
          at("photos/train/light/b.jpg"), at("photos/train/light/c.png"),
          at("photos/val/light/d.bmp"), "--threads", "1");
    s.sentences = 4;
    sweep_whole(&s);
}

static void predict_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model();
    BEGIN(&s, "predict photographs --json", NULL, "predict", at("e"), at("photos/train/dark/a.jpg"),
          at("photos/val/light/d.bmp"), "--threads", "1", "--json");
    s.sentences = 3; /* two pictures, and the JSON */
    sweep_whole(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(train),   TEST(train_without_splits), TEST(train_with_threads), TEST(eval),
        TEST(predict), TEST(predict_json),
    };
    return RUN(tests);
}
