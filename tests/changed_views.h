/* What the tests of views that are changed in place share: tensors with known elements, and
 * checks. */
#ifndef CANDELA_TESTS_CHANGED_VIEWS_H
#define CANDELA_TESTS_CHANGED_VIEWS_H

#include "test.h"

#include "autograd/index_ops.h"
#include "autograd/ops.h"

enum { CHANGED_VIEWS_MAX = 24 };

/* A float32 tensor with the elements first, first + 1, ... */
static inline cd_tensor *counted(cd_shape shape, double first, bool requires_grad)
{
    float values[CHANGED_VIEWS_MAX];
    int64_t n = 0;
    assert_true(cd_shape_elements(shape, &n) && n <= CHANGED_VIEWS_MAX);
    for (int64_t i = 0; i < n; i++) values[i] = (float)(first + (double)i);
    return cd_from_array(values, shape, .requires_grad = requires_grad);
}

/* A leaf with the elements 1, 2, 3, 4. */
static inline cd_tensor *four(void)
{
    return counted(CD_SHAPE(4), 1, true);
}

/* The elements from `from` to `to` - 1 of a vector. */
static inline cd_tensor *part(cd_tensor *x, int64_t from, int64_t to)
{
    return cd_slice(x, 0, from, to, 1);
}

/* Checks all elements of t, which has `n`. Zeros must be exact. */
static inline void expect_values(const cd_tensor *t, const double *expected, int64_t n,
                                 const char *what)
{
    assert_ok();
    assert_that(t != NULL, "%s is NULL", what);
    assert_int_equal(cd_numel(t), n);
    for (int64_t i = 0; i < n; i++) {
        float values[CHANGED_VIEWS_MAX];
        double exact[CHANGED_VIEWS_MAX];
        bool single = cd_dtype_of(t) == CD_F32;
        assert_true(single ? cd_read(t, values, (size_t)n * sizeof *values)
                           : cd_read(t, exact, (size_t)n * sizeof *exact));
        double value = single ? (double)values[i] : exact[i];
        assert_that(fabs(value - expected[i]) <= 1e-5 * fabs(expected[i]),
                    "%s: element %lld is %.9g, expected %.9g", what, (long long)i, value,
                    expected[i]);
    }
}
/* EXPECT(t, 1, 2, 3) checks that t has these elements. */
#define EXPECT(t_, ...)                                                                            \
    expect_values((t_), (const double[]){ __VA_ARGS__ },                                           \
                  (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)), #t_)

/* Checks the name of t's grad_fn; NULL: t must be a leaf. */
static inline void expect_name(const cd_tensor *t, const char *name, const char *what)
{
    const char *own = cd_grad_fn_name(t);
    assert_ok();
    assert_that(own == name || (own && name && strcmp(own, name) == 0), "%s: %s, expected %s", what,
                own ? own : "no grad_fn", name ? name : "none");
    assert_int_equal(cd_is_leaf(t), name == NULL);
}
#define NAME(t_, name_) expect_name((t_), (name_), #t_)

/* Checks how t is printed. */
static inline void expect_text(const cd_tensor *t, const char *expected)
{
    char *text = cd_to_string(t);
    assert_ok();
    assert_string_equal(text, expected);
    free(text);
}

#endif
