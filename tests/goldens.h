/* Tensors that PyTorch computed (golden/make_nn.py), and comparisons of tensors. */
#ifndef CANDELA_TESTS_GOLDENS_H
#define CANDELA_TESTS_GOLDENS_H

#include "test.h"

#include "autograd/logic.h"
#include "autograd/index_ops.h"
#include "autograd/math.h"
#include "autograd/ops.h"
#include "autograd/shape_ops.h"
#include "io/tensor_file.h"

/* The file that a test reads its tensors from; a test may define another one before it includes
 * this header. */
#ifndef GOLDEN_FILE
#define GOLDEN_FILE "golden/nn.safetensors"
#endif

/* Reads a tensor of GOLDEN_FILE; its name is formatted as by printf. The open scope owns
 * the tensor. */
static inline cd_tensor *golden(const char *format, ...) CD_PRINTF(1, 2);
static inline cd_tensor *golden(const char *format, ...)
{
    char name[128];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    cd_tensor_file *file = cd_tensor_file_open(test_path(GOLDEN_FILE));
    cd_tensor *t = cd_tensor_file_read(file, name);
    assert_ok();
    return t;
}

/* Reads a whole text file. The caller frees the text with free(). */
static inline char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t room = 1 << 16, used = 0, n;
    char *text = malloc(room);
    assert_non_null(text);
    while ((n = fread(text + used, 1, room - 1 - used, file)) > 0) used += n;
    text[used] = '\0';
    fclose(file);
    return text;
}

/* Element number i of t, in row-major order. */
static inline double element(const cd_tensor *t, int64_t i)
{
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor *flat = cd_reshape((cd_tensor *)(uintptr_t)t, CD_SHAPE(-1));
    return cd_item(cd_select(flat, 0, i));
}

/* Checks that two tensors have the same shape, and that their elements are close (test_close). */
static inline void test_near(cd_tensor *actual, cd_tensor *expected, double rtol, double atol,
                             const char *what, const char *file, int line)
{
    test_ok(file, line);
    CD_SCOPE();
    CD_NO_GRAD();
    if (!cd_shape_equal(cd_shape_of(actual), cd_shape_of(expected))) {
        char a[CD_SHAPE_TEXT], b[CD_SHAPE_TEXT];
        print_error("%s is %s, expected %s\n", what, cd_shape_text(cd_shape_of(actual), a),
                    cd_shape_text(cd_shape_of(expected), b));
        _fail(file, line);
    }
    const double *x = cd_data(cd_contiguous(cd_to(cd_detach(actual), CD_F64)));
    const double *y = cd_data(cd_contiguous(cd_to(cd_detach(expected), CD_F64)));
    test_ok(file, line);
    for (int64_t i = 0; i < cd_numel(actual); i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s, element %lld,", what, (long long)i);
        test_close(x[i], y[i], rtol, atol, name, file, line);
    }
}
#define assert_near(actual_, expected_, rtol_, atol_)                                              \
    test_near((actual_), (expected_), (rtol_), (atol_), #actual_, __FILE__, __LINE__)

#endif
