/* The runs of test_refused_memory.c at every call, and those that take long: photographs of every
 * format, JSON, and the linear probe, whose network has 45 MB. */
#include <candela.h>

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

/* photos/{train,val}/{dark,light}: PNG, JPEG in one scan and in several, BMP with a palette. */
static void make_photographs(void)
{
    make_folder("photos");
    write_photographs("photos/train", 1);
    write_photographs("photos/val", 1);
    copy_picture("jpeg_420_17x13.jpg", "photos/train/dark/a.jpg");
    copy_picture("jpeg_progressive_19x18.jpg", "photos/train/light/b.jpg");
    copy_picture("png_grey_8.png", "photos/train/light/c.png");
    copy_picture("bmp_4.bmp", "photos/val/light/d.bmp");
}

static void train_on_photographs(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    make_photographs();
    sweep("m", 1, 0, "train", "--data", at("photos"), "--out", at("m"), "--hidden", "4", "--epochs",
          "2", "--threads", "1", "--json");
}

static void predict_photographs(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    make_photographs();
    assert_ran(run("train", "--data", at("photos"), "--out", at("e"), "--epochs", "1"), 0);
    sweep(NULL, 1, 0, "predict", at("e"), at("photos/train/dark/a.jpg"),
          at("photos/train/light/c.png"), at("photos/val/light/d.bmp"), "--threads", "1", "--json");
}

static void idx_files_and_text(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    const char *data = small_idx(20, 9);
    sweep("m", 1, 0, "train", "--data", data, "--out", at("m"), "--hidden", "4", "--epochs", "2",
          "--threads", "1");
    assert_ran(run("train", "--data", data, "--out", at("e"), "--hidden", "4", "--epochs", "1"), 0);
    sweep(NULL, 1, 0, "eval", at("e"), "--data", data, "--threads", "1");
    sweep(NULL, 1, 0, "info", at("e"));
    sweep(NULL, 1, 0, "predict", at("e"), "--data", data, "--count", "2", "--threads", "1");
}

static void eval_and_info_speak_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    const char *data = small_idx(20, 9);
    assert_ran(run("train", "--data", data, "--out", at("e"), "--epochs", "1"), 0);
    sweep(NULL, 1, 0, "eval", at("e"), "--data", data, "--threads", "1", "--json");
    sweep(NULL, 1, 0, "info", at("e"), "--json");
    sweep(NULL, 1, 0, "version", "--json");
    sweep(NULL, 1, 0, "help", "train", "--json");
}

static void probe_fails_or_saves_every_bit(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    {
        CD_SCOPE();
        cd_manual_seed(3);
        assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
    }
    make_folder("photos");
    write_photographs("photos/train", 1);
    write_photographs("photos/val", 1);
    sweep("m", 23, 90, "probe", "--weights", at("w.safetensors"), "--data", at("photos"), "--out",
          at("m"), "--epochs", "2", "--threads", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(train_on_photographs),
        TEST(predict_photographs),
        TEST(idx_files_and_text),
        TEST(eval_and_info_speak_json),
        TEST(probe_fails_or_saves_every_bit),
    };
    return RUN(tests);
}
