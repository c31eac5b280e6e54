/* What the saved files of this folder contain: for make.c, which writes such files, and for
 * test_saved_files.c, which opens them. Only candela.h and the standard library are used, so that
 * make.c can be built with older versions. */
#ifndef CANDELA_TESTS_SAVED_SAVED_H
#define CANDELA_TESTS_SAVED_SAVED_H

#include <candela.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- numbers ---------------------------------------------------------------------------------- */

/* Small multiples of 1/8. With weights that are multiples of 1/64, all sums and products in float32
 * are exact, so a network of linear layers gives the same bits with every instruction set. */
static inline cd_tensor *saved_input(cd_shape shape)
{
    float values[128];
    int64_t count = 1;
    for (int i = 0; i < shape.ndim; i++) count *= shape.dim[i];
    for (int64_t i = 0; i < count; i++) values[i] = (float)(i * 7 % 16 - 8) / 8;
    return cd_from_array(values, shape);
}

/* The least, the greatest and other special values of each dtype that a module's tensors can have;
 * the tensors are 2 x 3. */
enum { SAVED_ELEMENTS = 6 };
static const float saved_f32[SAVED_ELEMENTS] = {
    1.0F / 3, -0.0F, FLT_MAX, -INFINITY, NAN, 0x1p-149F
};
static const double saved_f64[SAVED_ELEMENTS] = {
    1.0 / 3, -0.0, DBL_MAX, -INFINITY, NAN, 0x1p-1074
};
static const int64_t saved_i64[SAVED_ELEMENTS] = { INT64_MIN, -1, 0, 1, 4294967296, INT64_MAX };
static const int32_t saved_i32[SAVED_ELEMENTS] = { INT32_MIN, -1, 0, 1, 65536, INT32_MAX };
static const uint8_t saved_u8[SAVED_ELEMENTS] = { 0, 1, 2, 127, 128, 255 };
static const bool saved_bool[SAVED_ELEMENTS] = { true, false, false, true, true, false };

static const struct {
    const char *name;
    cd_dtype dtype;
    const void *values;
    size_t bytes;
} saved_dtypes[] = {
    { "f32", CD_F32, saved_f32, sizeof saved_f32 },
    { "f64", CD_F64, saved_f64, sizeof saved_f64 },
    { "i64", CD_I64, saved_i64, sizeof saved_i64 },
    { "i32", CD_I32, saved_i32, sizeof saved_i32 },
    { "u8", CD_U8, saved_u8, sizeof saved_u8 },
    { "bool", CD_BOOL, saved_bool, sizeof saved_bool },
};
enum { SAVED_DTYPES = sizeof saved_dtypes / sizeof *saved_dtypes };

/* --- modules ---------------------------------------------------------------------------------- */

static inline bool saved_pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class saved_holder = {
    .name = "Holder", .size = sizeof(cd_module), .inputs = 1, .forward = saved_pass
};

/* A buffer of zeros of each dtype. */
static inline cd_module *saved_dtypes_new(void)
{
    cd_module *m = cd_module_new(&saved_holder);
    for (int i = 0; i < SAVED_DTYPES; i++) {
        cd_tensor *t = cd_zeros(CD_SHAPE(2, 3), .dtype = saved_dtypes[i].dtype);
        (void)cd_register_buffer(m, saved_dtypes[i].name, NULL, t);
    }
    return m;
}

/* One layer under two names. */
static inline cd_module *saved_shared_new(void)
{
    cd_module *m = cd_module_new(&saved_holder), *layer = cd_nn_linear(2, 2);
    (void)cd_register_child(m, "first", NULL, layer);
    (void)cd_register_child(m, "second", NULL, layer);
    return m;
}

/* An input of 2 x 1 x 5 x 5 gives an output of 2 x 2 x 3 x 3. */
static inline cd_module *saved_batch_norm_new(void)
{
    return cd_nn_sequential(cd_nn_conv2d(1, 2, 3), cd_nn_batch_norm2d(2), cd_nn_relu());
}

/* --- models with a card ----------------------------------------------------------------------- */

static const cd_card saved_plain_card = { .architecture = "mlp",
                                          .options =
                                              "{\"inputs\": 6, \"hidden\": [5], \"outputs\": 3}" };

static const char *const saved_classes[] = { "owl", "B\xC3\xA4r \"Bruno\"", "\xE7\x8C\xAB\n" };

/* Everything that a card can hold. */
static const cd_card saved_full_card = {
    .architecture = "mlp",
    .options = "{\"inputs\": 12, \"hidden\": [5, 4], \"outputs\": 3}",
    .classes = saved_classes,
    .class_count = 3,
    .preprocess = { .resize = 3,
                    .crop_width = 2,
                    .crop_height = 2,
                    .channels = 3,
                    .invert = true,
                    .mean = { 0.485, 1.0 / 3, 1e-5 },
                    .std = { 0.229, 0.1, 1e-3 } },
    .source = "nothing: start values",
    .training = "{\"data\": \"none\", \"epochs\": 20, \"lr\": 0.05, \"scores\": [0.5, null]}",
};

/* --- a data set ------------------------------------------------------------------------------- */

/* Pictures of MNIST's kind, 6 x 6 in three classes: class k is bright in columns 2k and 2k + 1, and
 * the rest is noise. */
enum { SAVED_SIDE = 6, SAVED_CLASSES = 3, SAVED_COUNT_MAX = 100 };

static inline bool saved_write(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[8192];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) return false;
    bool ok = fwrite(bytes, 1, size, file) == size;
    return !fclose(file) && ok;
}

static inline bool saved_write_part(const char *folder, const char *part, int count, unsigned noise)
{
    enum { PIXELS = SAVED_SIDE * SAVED_SIDE };
    unsigned char images[16 + SAVED_COUNT_MAX * PIXELS] = {
        0, 0, 8, 3, 0, 0, 0, (unsigned char)count, 0, 0, 0, SAVED_SIDE, 0, 0, 0, SAVED_SIDE
    };
    unsigned char labels[8 + SAVED_COUNT_MAX] = { 0, 0, 8, 1, 0, 0, 0, (unsigned char)count };
    for (int i = 0; i < count * PIXELS; i++) {
        int label = i / PIXELS % SAVED_CLASSES, column = i % SAVED_SIDE;
        noise = noise * 1103515245U + 12345U;
        images[16 + i] = (unsigned char)((noise >> 16 & 127) + (column / 2 == label ? 100 : 0));
        labels[8 + i / PIXELS] = (unsigned char)label;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%s-images-idx3-ubyte", part);
    if (!saved_write(folder, name, images, 16 + (size_t)count * PIXELS)) return false;
    (void)snprintf(name, sizeof name, "%s-labels-idx1-ubyte", part);
    return saved_write(folder, name, labels, 8 + (size_t)count);
}

/* Writes the data set into a folder, which must exist. */
static inline bool saved_write_set(const char *folder)
{
    return saved_write_part(folder, "train", 90, 1) && saved_write_part(folder, "t10k", 30, 2);
}

#endif
