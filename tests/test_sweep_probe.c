/* The linear probe and bare weights, while the system refuses them a call. A ResNet-18 has 45 MB
 * and a run takes some tenths of a second, so only some calls of each kind are refused: the first
 * and the last, where a run begins and ends, and a few between, where the calls are the same for
 * each tensor. The other sweeps refuse each call of the same code with small models. */
#include <candela.h>

#include "refusing.h"

static const stride far_apart = { 151, 2 }, apart = { 97, 1 }, near = { 9, 1 };

static const refusal no_files[] = {
    { "write", SHORT, GOES_ON, false }, { "write", EINTR, GOES_ON, false },
    { "write", EIO, FAILS, false },     { "write", ENOSPC, FAILS, false },
    { "fsync", EIO, FAILS, false },     { "close_written", EIO, FAILS, false },
    { "rename", EIO, FAILS, false },
};
static const refusal short_read = { "read", SHORT, GOES_ON, false },
                     no_read = { "read", EIO, FAILS, false },
                     no_fopen = { "fopen", EMFILE, FAILS, false },
                     no_fread = { "fread", EIO, FAILS, false };

static void write_weights(void)
{
    CD_SCOPE();
    cd_manual_seed(3);
    assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
}

static void probe(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    write_weights();
    make_folder("photos");
    write_photographs("photos/train", 1);
    write_photographs("photos/val", 1);
    BEGIN(&s, "probe", "o/m", "probe", "--weights", at("w.safetensors"), "--data", at("photos"),
          "--out", at("o/m"), "--epochs", "1", "--threads", "1");
    assert_true(sweep(&s, &no_memory, far_apart) > 0);
    assert_true(sweep(&s, &short_read, apart) > 0);
    assert_true(sweep(&s, &no_read, apart) > 0);
    for (size_t i = 0; i < sizeof no_files / sizeof *no_files; i++) {
        assert_true(sweep(&s, &no_files[i], near) > 0);
    }
    swept_end(&s);
}

static void predict_by_bare_weights(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const char names[] = "ant\nbee\ncat\ndog\nelk\n";
    swept_command s;
    write_weights();
    write_bmp("a.bmp", 200, 100, 50, 3);
    BEGIN(&s, "predict --model --classes", NULL, "predict", at("w.safetensors"), at("a.bmp"),
          "--model", "resnet18", "--classes", test_write("names.txt", names, sizeof names - 1),
          "--threads", "1");
    assert_true(sweep(&s, &no_memory, far_apart) > 0);
    assert_true(sweep(&s, &no_read, apart) > 0);
    assert_true(sweep(&s, &no_fopen, every) > 0);
    assert_true(sweep(&s, &no_fread, every) > 0);
    swept_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(probe),
        TEST(predict_by_bare_weights),
    };
    return RUN(tests);
}
