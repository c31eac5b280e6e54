/* Safetensors files are not written under a name with the ending of another format. */
#include "test.h"

#include <sys/stat.h>

#include <candela.h>

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

static void endings_of_other_formats_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const names[] = {
        "m.pth",
        "m.pt",
        "m.PTH",
        "m.bin",
        "m.ckpt",
        "m.th",
        "m.pkl",
        "m.npy",
        "m.onnx",
        "m.h5",
        "m.gguf",
        "m.json",
        "m.v2.onnx",
        "m.gz",
        "m.zip",
        "m.pb",
        "m.Onnx",
        "m.keras",
        "m.csv",
        "m.tar",
        "m.mlmodel",
        "m.hdf5",
        "m.safetensors.pth",
    };
    cd_module *m = cd_nn_linear(1, 1);
    const cd_card card = { .architecture = "mlp", .options = "{\"inputs\": 1, \"outputs\": 1}" };
    cd_module *mlp = cd_make_model("mlp", card.options);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(cd_save(m, in_folder(names[i])));
        assert_failed_with(CD_ERR_UNSUPPORTED, "what is written is a safetensors file");
        assert_false(cd_save_model(mlp, &card, in_folder(names[i])));
        assert_failed_with(CD_ERR_UNSUPPORTED, strrchr(names[i], '.'));
        assert_false(cd_path_writable(in_folder(names[i])));
        assert_failed_with(CD_ERR_UNSUPPORTED, ".safetensors");
        assert_int_not_equal(access(in_folder(names[i]), F_OK), 0);
    }
    assert_false(cd_save(m, in_folder("best.pth")));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "/best.pth: the ending .pth is that of PyTorch files, and "
                       "what is written is a safetensors file: please call it "
                       "best.safetensors");
}

/* An .npz holds a module's tensors, and has no place for a model's card. */
static void npz_is_for_tensors_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_card card = { .architecture = "mlp", .options = "{\"inputs\": 1, \"outputs\": 1}" };
    cd_module *mlp = cd_make_model("mlp", card.options);
    assert_false(cd_save_model(mlp, &card, in_folder("m.npz")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "an .npz holds arrays and no texts");
    assert_false(cd_path_writable(in_folder("m.npz")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "what is written is a safetensors file");
    assert_true(cd_file_writable(in_folder("m.npz")));
    assert_false(cd_file_writable(in_folder("missing/m.csv")));
    assert_failed_with(CD_ERR_IO, "missing");
    assert_true(cd_save(mlp, in_folder("m.NPZ")));
    assert_int_equal(access(in_folder("m.NPZ"), F_OK), 0);
}

static void a_file_under_such_a_name_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = test_write("m.pth", "precious", 8);
    assert_false(cd_save(cd_nn_linear(1, 1), path));
    assert_failed_with(CD_ERR_UNSUPPORTED, ".pth");
    char back[16] = "";
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(back, 1, sizeof back, file), 8);
    (void)fclose(file);
    assert_string_equal(back, "precious");
}

static void any_other_ending_and_none_are_allowed(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const names[] = { "m.safetensors", "M.SAFETENSORS", "m",     "m.v2",
                                         ".pth",          "m.model",       "m.",    "pth",
                                         "m.pth.new",     "m.pthx",        "m.2026" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(cd_path_writable(in_folder(names[i])));
        assert_true(cd_save(cd_nn_linear(1, 1), in_folder(names[i])));
        assert_int_equal(access(in_folder(names[i]), F_OK), 0);
    }
    /* Only the file's own name counts, not its folder's. */
    assert_int_equal(mkdir(in_folder("m.onnx"), 0777), 0);
    assert_true(cd_save(cd_nn_linear(1, 1), in_folder("m.onnx/m")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(endings_of_other_formats_are_refused),
        TEST(npz_is_for_tensors_alone),
        TEST(a_file_under_such_a_name_stays),
        TEST(any_other_ending_and_none_are_allowed),
    };
    return RUN(tests);
}
