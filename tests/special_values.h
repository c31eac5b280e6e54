/* What the tests of special values share: lists of numbers, tensors that are made of them, and
 * comparisons that tell NaN, infinities and zeros of both signs apart. */
#ifndef CANDELA_TESTS_SPECIAL_VALUES_H
#define CANDELA_TESTS_SPECIAL_VALUES_H

#include "test.h"

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "autograd/ops.h"
#include "core/tensor.h"

/* The most numbers of a list. */
enum { MOST = 128 };

typedef struct numbers {
    int count;
    double value[MOST];
} numbers;

/* How near is near: by default an ulp or a few, and a few of the least denormals. */
typedef struct nearness {
    double rtol, atol;
    bool either_zero;
} nearness;
static const nearness single = { 1e-6, 3e-45, false }, exact = { 1e-14, 1e-323, false };

static inline bool alike(double actual, double expected, const nearness *n)
{
    if (isnan(expected) || isnan(actual)) return isnan(expected) && isnan(actual);
    if (expected == actual && !signbit(actual) == !signbit(expected)) return true;
    if (expected == 0 && actual == 0) return n->either_zero;
    return isfinite(expected) && fabs(actual - expected) <= n->atol + n->rtol * fabs(expected);
}

static inline void expect(cd_tensor *t, const numbers *expected, const nearness *n,
                          const char *what)
{
    double values[MOST];
    assert_that(t && cd_ok(), "%s: %s", what, cd_error_message());
    assert_that(cd_numel(t) == expected->count, "%s: %lld elements, expected %d", what,
                (long long)cd_numel(t), expected->count);
    assert_true(
        cd_read(cd_to(cd_detach(t), CD_F64), values, (size_t)expected->count * sizeof *values));
    for (int i = 0; i < expected->count; i++) {
        assert_that(alike(values[i], expected->value[i], n),
                    "%s: element %d is %.9g, expected %.9g", what, i, values[i],
                    expected->value[i]);
    }
}

static inline cd_tensor *leaf_of(const numbers *n, cd_dtype dtype)
{
    if (n->count == 0) return NULL;
    cd_tensor *numbers_of = cd_from_array(n->value, CD_SHAPE(n->count), .dtype = CD_F64);
    cd_tensor *leaf = cd_empty(CD_SHAPE(n->count), .dtype = dtype);
    (void)cd_copy_(leaf, numbers_of);
    return cd_set_requires_grad(leaf, true);
}

static const double INF = INFINITY;

#define NUMBERS(...)                                                                               \
    (&(const numbers){ .count = sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double),          \
                       .value = { __VA_ARGS__ } })
#define VECTOR(...) leaf_of(NUMBERS(__VA_ARGS__), CD_F32)
#define SHAPED(shape_, ...)                                                                        \
    cd_set_requires_grad(cd_detach(cd_view(VECTOR(__VA_ARGS__), shape_)), true)
#define EXPECT(y_, ...) expect((y_), NUMBERS(__VA_ARGS__), &single, #y_)
/* The gradient that x gets from the sum of y. */
#define GRADIENT(y_, x_, ...)                                                                      \
    do {                                                                                           \
        assert_true(cd_backward(cd_sum(y_)));                                                      \
        expect(cd_grad(x_), NUMBERS(__VA_ARGS__), &single, "gradient of " #y_);                    \
    } while (0)

#endif
