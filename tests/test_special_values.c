/* NaN, infinities, zeros of both signs, denormals and nothing at all, through every elementwise op
 * and reduction: first against special_values.txt, which PyTorch 2.15 wrote (see
 * golden/make_special_values.py), a test for each op; then the table of cases that are known to
 * catch people out. */
#include "test.h"

#include "autograd/conv_ops.h"
#include "autograd/index_ops.h"
#include "autograd/logic.h"
#include "autograd/order_ops.h"
#include "autograd/product_ops.h"
#include "autograd/resample_ops.h"

#include "autograd/activation.h"
#include "autograd/autograd.h"
#include "autograd/create.h"
#include "autograd/loss_ops.h"
#include "autograd/math.h"
#include "autograd/layer_ops.h"
#include "autograd/ops.h"
#include "core/tensor.h"

enum { MOST = 128, LISTS = 5, LINE = 8192 };

/* --- a line of the file ----------------------------------------------------------------------- */

/* The lists of a line, by their letters. */
enum { A, B, Y, GRAD_A, GRAD_B };
static const char letters[] = "abyAB";

typedef struct numbers {
    int count;
    double value[MOST];
} numbers;

typedef struct line {
    char name[32];
    cd_dtype dtype;
    double p, q;
    numbers list[LISTS];
} line;

static double number_of(const char *word)
{
    char *end;
    double value = strtod(word, &end);
    assert_that(end != word && *end == '\0', "%s is no number", word);
    return value;
}

static void parse(char *text, line *out)
{
    const line before = *out;
    *out = (line){ .p = 0 };
    numbers *into = NULL;
    char *rest = text;
    const char *word = strtok_r(text, " \n", &rest);
    (void)snprintf(out->name, sizeof out->name, "%s", word);
    out->dtype = strcmp(strtok_r(NULL, " \n", &rest), "f64") == 0 ? CD_F64 : CD_F32;
    out->p = number_of(strtok_r(NULL, " \n", &rest));
    out->q = number_of(strtok_r(NULL, " \n", &rest));
    while ((word = strtok_r(NULL, " \n", &rest))) {
        const char *letter = word[1] == '\0' ? strchr(letters, word[0]) : NULL;
        if (letter) {
            into = &out->list[letter - letters];
            continue;
        }
        assert_true(into && into->count < MOST);
        if (strcmp(word, "=") == 0) { /* the same list as in the line before */
            *into = before.list[into - out->list];
            continue;
        }
        into->value[into->count++] = number_of(word);
    }
}

/* --- the ops ---------------------------------------------------------------------------------- */

/* Name in the file, call, call in place (NULL where there is none), and how near the results
 * are: of zeros of both signs PyTorch's vector code may give another one than its scalar code,
 * so either is right; softmax's gradients are differences of numbers near 1, and those of
 * logcumsumexp come from results that are rounded; and PyTorch's gradient of digamma has 9
 * digits. */
#define OPERATIONS(X)                                                                              \
    X(neg, cd_neg(a), cd_neg_(a), false, 0)                                                        \
    X(abs, cd_abs(a), cd_abs_(a), false, 0)                                                        \
    X(sign, cd_sign(a), NULL, false, 0)                                                            \
    X(relu, cd_relu(a), cd_relu_(a), false, 0)                                                     \
    X(sqrt, cd_sqrt(a), cd_sqrt_(a), false, 0)                                                     \
    X(exp, cd_exp(a), cd_exp_(a), false, 0)                                                        \
    X(log, cd_log(a), cd_log_(a), false, 0)                                                        \
    X(sigmoid, cd_sigmoid(a), cd_sigmoid_(a), false, 0)                                            \
    X(tanh, cd_tanh(a), cd_tanh_(a), false, 0)                                                     \
    X(reciprocal, cd_reciprocal(a), cd_reciprocal_(a), false, 0)                                   \
    X(sin, cd_sin(a), cd_sin_(a), false, 0)                                                        \
    X(cos, cd_cos(a), cd_cos_(a), false, 0)                                                        \
    X(tan, cd_tan(a), cd_tan_(a), false, 0)                                                        \
    X(asin, cd_asin(a), cd_asin_(a), false, 0)                                                     \
    X(acos, cd_acos(a), cd_acos_(a), false, 0)                                                     \
    X(atan, cd_atan(a), cd_atan_(a), false, 0)                                                     \
    X(sinh, cd_sinh(a), cd_sinh_(a), false, 0)                                                     \
    X(cosh, cd_cosh(a), cd_cosh_(a), false, 0)                                                     \
    X(asinh, cd_asinh(a), cd_asinh_(a), false, 0)                                                  \
    X(acosh, cd_acosh(a), cd_acosh_(a), false, 0)                                                  \
    X(atanh, cd_atanh(a), cd_atanh_(a), false, 0)                                                  \
    X(exp2, cd_exp2(a), cd_exp2_(a), false, 0)                                                     \
    X(expm1, cd_expm1(a), cd_expm1_(a), false, 0)                                                  \
    X(log2, cd_log2(a), cd_log2_(a), false, 0)                                                     \
    X(log10, cd_log10(a), cd_log10_(a), false, 0)                                                  \
    X(log1p, cd_log1p(a), cd_log1p_(a), false, 0)                                                  \
    X(rsqrt, cd_rsqrt(a), cd_rsqrt_(a), false, 0)                                                  \
    X(sinc, cd_sinc(a), cd_sinc_(a), false, 0)                                                     \
    X(erf, cd_erf(a), cd_erf_(a), false, 0)                                                        \
    X(erfc, cd_erfc(a), cd_erfc_(a), false, 0)                                                     \
    X(erfinv, cd_erfinv(a), cd_erfinv_(a), false, 0)                                               \
    X(lgamma, cd_lgamma(a), cd_lgamma_(a), false, 0)                                               \
    X(digamma, cd_digamma(a), cd_digamma_(a), false, 1e-8)                                         \
    X(square, cd_square(a), cd_square_(a), false, 0)                                               \
    X(floor, cd_floor(a), cd_floor_(a), false, 0)                                                  \
    X(ceil, cd_ceil(a), cd_ceil_(a), false, 0)                                                     \
    X(round, cd_round(a), cd_round_(a), false, 0)                                                  \
    X(trunc, cd_trunc(a), cd_trunc_(a), false, 0)                                                  \
    X(frac, cd_frac(a), cd_frac_(a), false, 0)                                                     \
    X(deg2rad, cd_deg2rad(a), cd_deg2rad_(a), false, 0)                                            \
    X(rad2deg, cd_rad2deg(a), cd_rad2deg_(a), false, 0)                                            \
    X(logit, cd_logit(a), cd_logit_(a), false, 0)                                                  \
    X(nan_to_num, cd_nan_to_num(a), cd_nan_to_num_(a), false, 0)                                   \
    X(isnan, cd_isnan(a), NULL, false, 0)                                                          \
    X(isinf, cd_isinf(a), NULL, false, 0)                                                          \
    X(isfinite, cd_isfinite(a), NULL, false, 0)                                                    \
    X(isposinf, cd_isposinf(a), NULL, false, 0)                                                    \
    X(isneginf, cd_isneginf(a), NULL, false, 0)                                                    \
    X(signbit, cd_signbit(a), NULL, false, 0)                                                      \
    X(logit_eps, cd_logit(a, .eps = l->p != 0 ? l->p : CD_ZERO),                                   \
      cd_logit_(a, .eps = l->p != 0 ? l->p : CD_ZERO), false, 0)                                   \
    X(round_decimals, cd_round(a, .decimals = (int)l->p), cd_round_(a, .decimals = (int)l->p),     \
      false, 0)                                                                                    \
    X(nan_to_num_given, cd_nan_to_num(a, .nan = 0.5, .posinf = l->p, .neginf = l->q),              \
      cd_nan_to_num_(a, .nan = 0.5, .posinf = l->p, .neginf = l->q), false, 0)                     \
    X(pow_number, cd_pow(a, l->p), cd_pow_(a, l->p), false, 0)                                     \
    X(clamp, cd_clamp(a, l->p, l->q), cd_clamp_(a, l->p, l->q), false, 0)                          \
    X(clamp_min, cd_clamp_min(a, l->p), cd_clamp_min_(a, l->p), false, 0)                          \
    X(clamp_max, cd_clamp_max(a, l->p), cd_clamp_max_(a, l->p), false, 0)                          \
    X(clamp_min_tensor, cd_clamp_min(a, b), cd_clamp_min_(a, b), true, 0)                          \
    X(clamp_max_tensor, cd_clamp_max(a, b), cd_clamp_max_(a, b), true, 0)                          \
    X(number_div, cd_div(l->p, a), NULL, false, 0)                                                 \
    X(number_sub, cd_sub(l->p, a), NULL, false, 0)                                                 \
    X(silu, cd_silu(a), cd_silu_(a), true, 0)                                                      \
    X(mish, cd_mish(a), cd_mish_(a), false, 0)                                                     \
    X(logsigmoid, cd_logsigmoid(a), NULL, false, 0)                                                \
    X(softplus, cd_softplus(a), NULL, false, 0)                                                    \
    X(elu, cd_elu(a), cd_elu_(a), false, 0)                                                        \
    X(elu_alpha, cd_elu(a, .alpha = l->p), NULL, false, 0)                                         \
    X(selu, cd_selu(a), cd_selu_(a), false, 0)                                                     \
    X(celu, cd_celu(a, .alpha = 2), cd_celu_(a, .alpha = 2), false, 0)                             \
    X(leaky_relu, cd_leaky_relu(a), cd_leaky_relu_(a), false, 0)                                   \
    X(softshrink, cd_softshrink(a), NULL, true, 0)                                                 \
    X(hardshrink, cd_hardshrink(a), NULL, true, 0)                                                 \
    X(hardswish, cd_hardswish(a), cd_hardswish_(a), true, 0)                                       \
    X(hardsigmoid, cd_hardsigmoid(a), cd_hardsigmoid_(a), false, 1e-8)                             \
    X(hardtanh, cd_hardtanh(a), cd_hardtanh_(a), false, 0)                                         \
    X(relu6, cd_relu6(a), cd_relu6_(a), true, 0)                                                   \
    X(softsign, cd_softsign(a), NULL, false, 0)                                                    \
    X(tanhshrink, cd_tanhshrink(a), NULL, false, 0)                                                \
    X(gelu, cd_gelu(a), NULL, false, 0)                                                            \
    X(gelu_tanh, cd_gelu(a, .approximate = CD_GELU_TANH), NULL, true, 0)                           \
    X(threshold, cd_threshold(a, l->p, l->q), cd_threshold_(a, l->p, l->q), false, 0)              \
    X(prelu, cd_prelu(a, b), NULL, false, 0)                                                       \
    X(glu, twice_glu(a), NULL, false, 0)                                                           \
    X(add, cd_add(a, b), cd_add_(a, b), false, 0)                                                  \
    X(sub, cd_sub(a, b), cd_sub_(a, b), false, 0)                                                  \
    X(mul, cd_mul(a, b), cd_mul_(a, b), false, 0)                                                  \
    X(div, cd_div(a, b), cd_div_(a, b), false, 0)                                                  \
    X(pow, cd_pow(a, b), cd_pow_(a, b), false, 0)                                                  \
    X(maximum, cd_maximum(a, b), NULL, true, 0)                                                    \
    X(minimum, cd_minimum(a, b), NULL, true, 0)                                                    \
    X(eq, cd_eq(a, b), NULL, false, 0)                                                             \
    X(ne, cd_ne(a, b), NULL, false, 0)                                                             \
    X(lt, cd_lt(a, b), NULL, false, 0)                                                             \
    X(le, cd_le(a, b), NULL, false, 0)                                                             \
    X(gt, cd_gt(a, b), NULL, false, 0)                                                             \
    X(ge, cd_ge(a, b), NULL, false, 0)                                                             \
    X(remainder, cd_remainder(a, b), cd_remainder_(a, b), false, 0)                                \
    X(fmod, cd_fmod(a, b), cd_fmod_(a, b), false, 0)                                               \
    X(atan2, cd_atan2(a, b), cd_atan2_(a, b), false, 0)                                            \
    X(hypot, cd_hypot(a, b), cd_hypot_(a, b), false, 0)                                            \
    X(logaddexp, cd_logaddexp(a, b), NULL, false, 0)                                               \
    X(logaddexp2, cd_logaddexp2(a, b), NULL, false, 0)                                             \
    X(xlogy, cd_xlogy(a, b), cd_xlogy_(a, b), false, 0)                                            \
    X(fmax, cd_fmax(a, b), NULL, false, 0)                                                         \
    X(fmin, cd_fmin(a, b), NULL, false, 0)                                                         \
    X(copysign, cd_copysign(a, b), cd_copysign_(a, b), false, 0)                                   \
    X(heaviside, cd_heaviside(cd_detach(a), cd_detach(b)), NULL, false, 0)                         \
    X(lerp, cd_lerp(a, b, l->p), cd_lerp_(a, b, l->p), true, 0)                                    \
    X(div_trunc, cd_div(a, b, .rounding_mode = CD_ROUND_TRUNC), NULL, false, 0)                    \
    X(div_floor, cd_div(a, b, .rounding_mode = CD_ROUND_FLOOR), NULL, false, 0)                    \
    X(sum, cd_sum(a), NULL, false, 0)                                                              \
    X(mean, cd_mean(a), NULL, false, 0)                                                            \
    X(max, cd_max(a), NULL, true, 0)                                                               \
    X(min, cd_min(a), NULL, true, 0)                                                               \
    X(argmax, cd_argmax(a), NULL, false, 0)                                                        \
    X(argmin, cd_argmin(a), NULL, false, 0)                                                        \
    X(amax, cd_amax(a), NULL, true, 0)                                                             \
    X(amin, cd_amin(a), NULL, true, 0)                                                             \
    X(any, cd_any(a), NULL, false, 0)                                                              \
    X(all, cd_all(a), NULL, false, 0)                                                              \
    X(count_nonzero, cd_count_nonzero(a), NULL, false, 0)                                          \
    X(var, cd_var(a), NULL, true, 0)                                                               \
    X(std, cd_std(a), NULL, true, 0)                                                               \
    X(nansum, cd_nansum(a), NULL, false, 0)                                                        \
    X(nanmean, cd_nanmean(a), NULL, false, 0)                                                      \
    X(median, cd_median(a), NULL, true, 0)                                                         \
    X(nanmedian, cd_nanmedian(a), NULL, true, 0)                                                   \
    X(mode, cd_mode(a, 0), NULL, true, 0)                                                          \
    X(prod, cd_prod(a), NULL, true, 0)                                                             \
    X(cumsum, cd_cumsum(a, 0), cd_cumsum_(a, 0), true, 0)                                          \
    X(cumprod, cd_cumprod(a, 0), cd_cumprod_(a, 0), true, 0)                                       \
    X(logcumsumexp, cd_logcumsumexp(a, 0), NULL, true, 5e-4)                                       \
    X(cummax, cd_cummax(a, 0), NULL, false, 0)                                                     \
    X(cummin, cd_cummin(a, 0), NULL, false, 0)                                                     \
    X(max_dim, cd_max_dim(a, 0), NULL, false, 0)                                                   \
    X(min_dim, cd_min_dim(a, 0), NULL, false, 0)                                                   \
    X(logsumexp, cd_logsumexp(a, 0), NULL, false, 0)                                               \
    X(softmax, cd_softmax(a, 0), NULL, false, 1e-7)                                                \
    X(log_softmax, cd_log_softmax(a, 0), NULL, false, 1e-7)                                        \
    X(norm, cd_norm(a, .p = l->p != 0 ? l->p : CD_ZERO), NULL, false, 0)                           \
    X(l1_loss, cd_l1_loss(a, b, .reduction = CD_NONE), NULL, true, 0)                              \
    X(smooth_l1_loss, cd_smooth_l1_loss(a, b, .reduction = CD_NONE), NULL, true, 0)                \
    X(huber_loss, cd_huber_loss(a, b, .reduction = CD_NONE), NULL, true, 0)                        \
    X(hinge_embedding_loss, cd_hinge_embedding_loss(a, b, .reduction = CD_NONE), NULL, true, 0)    \
    X(kl_div, cd_kl_div(a, b, .reduction = CD_NONE), NULL, true, 0)                                \
    X(poisson_nll_loss, cd_poisson_nll_loss(a, b, .reduction = CD_NONE), NULL, true, 0)            \
    X(soft_margin_loss, cd_soft_margin_loss(a, cd_detach(b), .reduction = CD_NONE), NULL, true, 0) \
    X(binary_cross_entropy, cd_binary_cross_entropy(a, b, .reduction = CD_NONE), NULL, true, 0)    \
    X(multi_margin_loss,                                                                           \
      cd_multi_margin_loss(a, cd_full(CD_SHAPE(1), l->q, .dtype = CD_I64), .p = (int64_t)l->p),    \
      NULL, true, 0)

/* glu of each element as both of its operands. */
static cd_tensor *twice_glu(cd_tensor *a)
{
    return cd_glu(cd_cat(CD_TENSORS(a, a), 0), 0);
}

typedef cd_tensor *function(cd_tensor *a, cd_tensor *b, const line *l);

#define FUNCTION(name_, expression_)                                                               \
    static cd_tensor *name_(cd_tensor *a, cd_tensor *b, const line *l)                             \
    {                                                                                              \
        (void)a;                                                                                   \
        (void)b;                                                                                   \
        (void)l;                                                                                   \
        return expression_;                                                                        \
    }
#define FUNCTIONS(name_, expression_, in_place_, either_zero_, atol_)                              \
    FUNCTION(call_##name_, expression_)                                                            \
    FUNCTION(change_##name_, in_place_)
OPERATIONS(FUNCTIONS)

typedef struct op {
    const char *name;
    function *call, *in_place;
    bool either_zero;
    double atol;
} op;
#define ROW(name_, expression_, in_place_, either_zero_, atol_)                                    \
    { #name_, call_##name_, change_##name_, either_zero_, atol_ },
static const op ops[] = { OPERATIONS(ROW) };
enum { OPS = sizeof ops / sizeof *ops };

/* --- comparing -------------------------------------------------------------------------------- */

/* How near is near: by default an ulp or a few, and a few of the least denormals. */
typedef struct nearness {
    double rtol, atol;
    bool either_zero;
} nearness;
static const nearness single = { 1e-6, 3e-45, false }, exact = { 1e-14, 1e-323, false };

static bool alike(double actual, double expected, const nearness *n)
{
    if (isnan(expected) || isnan(actual)) return isnan(expected) && isnan(actual);
    if (expected == actual && !signbit(actual) == !signbit(expected)) return true;
    if (expected == 0 && actual == 0) return n->either_zero;
    return isfinite(expected) && fabs(actual - expected) <= n->atol + n->rtol * fabs(expected);
}

static void expect(cd_tensor *t, const numbers *expected, const nearness *n, const char *what)
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

static cd_tensor *leaf_of(const numbers *n, cd_dtype dtype)
{
    if (n->count == 0) return NULL;
    cd_tensor *numbers_of = cd_from_array(n->value, CD_SHAPE(n->count), .dtype = CD_F64);
    cd_tensor *leaf = cd_empty(CD_SHAPE(n->count), .dtype = dtype);
    (void)cd_copy_(leaf, numbers_of);
    return cd_set_requires_grad(leaf, true);
}

/* A gradient that is not there (norm's for p = 0) stands for zeros. */
static void expect_gradient(cd_tensor *x, const numbers *expected, const nearness *n,
                            const char *what)
{
    if (expected->count == 0) return;
    cd_tensor *gradient = cd_grad(x);
    expect(gradient ? gradient : cd_zeros(CD_SHAPE(cd_numel(x))), expected, n, what);
}

static void check_line(const line *l, const op *o, bool in_place)
{
    CD_SCOPE();
    char what[96];
    nearness near = l->dtype == CD_F32 ? single : exact;
    near.either_zero = o->either_zero;
    cd_tensor *a = leaf_of(&l->list[A], l->dtype), *b = leaf_of(&l->list[B], l->dtype);
    cd_tensor *y = in_place ? o->in_place(cd_clone(a), b, l) : o->call(a, b, l);
    const int used = snprintf(what, sizeof what, "%s%s(%g, %g), %s", l->name, in_place ? "_" : "",
                              l->p, l->q, cd_dtype_name(l->dtype));
    if (!y && in_place && cd_ok()) return;
    expect(y, &l->list[Y], &near, what);
    if (!cd_requires_grad(y)) return;
    assert_true(cd_backward(cd_sum(y)));
    (void)snprintf(what + used, sizeof what - (size_t)used, ", gradient");
    near.atol += o->atol;
    expect_gradient(a, &l->list[GRAD_A], &near, what);
    if (b) expect_gradient(b, &l->list[GRAD_B], &near, what);
}

static void as_pytorch(void **state)
{
    const op *o = *state;
    FILE *file = fopen(test_path("golden/special_values.txt"), "r");
    assert_non_null(file);
    static char text[LINE];
    static line l;
    int lines = 0;
    while (fgets(text, sizeof text, file)) {
        parse(text, &l);
        if (strcmp(l.name, o->name) != 0) continue;
        check_line(&l, o, false);
        check_line(&l, o, true);
        lines++;
    }
    assert_int_equal(fclose(file), 0);
    assert_that(lines > 0, "special_values.txt has no line for %s", o->name);
}

/* --- the table -------------------------------------------------------------------------------- */

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

static void relu_keeps_nan_and_minus_zero_and_its_gradient_passes_at_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_relu(VECTOR(NAN, -INF, INF, -0.0)), NAN, 0, INF, -0.0);
    cd_tensor *x = VECTOR(0, NAN, -0.0, INF, -INF);
    GRADIENT(cd_relu(x), x, 0, 1, 0, 1, 0);
}

static void nan_is_the_largest_and_the_smallest(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, NAN, INF, NAN), *largest = NULL, *smallest = NULL;
    EXPECT(cd_max(x), NAN);
    EXPECT(cd_min(x), NAN);
    EXPECT(cd_max_dim(x, 0, .indices = &largest), NAN);
    EXPECT(cd_min_dim(x, 0, .indices = &smallest), NAN);
    EXPECT(largest, 1);
    EXPECT(smallest, 1);
    EXPECT(cd_argmax(x), 1);
    EXPECT(cd_argmin(x), 1);
    EXPECT(cd_topk(x, 3, .indices = &largest), NAN, NAN, INF);
    EXPECT(cd_topk(VECTOR(3, NAN, 1, -INF, NAN, 2), 5, .smallest = true), -INF, 1, 2, 3, NAN);
    EXPECT(largest, 1, 3, 2);
}

static void sorting_puts_nan_last_and_keeps_zeros_in_order(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(NAN, 0, -0.0F, -INF, NAN, INF, -0.0F), *where = NULL;
    EXPECT(cd_sort(x, 0, .indices = &where), -INF, 0, -0.0F, -0.0F, INF, NAN, NAN);
    EXPECT(where, 3, 1, 2, 6, 5, 0, 4);
    EXPECT(cd_sort(x, 0, .descending = true, .indices = &where), NAN, NAN, INF, 0, -0.0F, -0.0F,
           -INF);
    EXPECT(where, 0, 4, 5, 1, 2, 6, 3);
    const int64_t limits[] = { INT64_MAX, -1, INT64_MIN, 0 };
    EXPECT(cd_argsort(cd_from_array(limits, CD_SHAPE(4), .dtype = CD_I64), 0), 2, 1, 3, 0);
    const int32_t narrow[] = { INT32_MAX, -1, INT32_MIN, 0 };
    EXPECT(cd_argsort(cd_from_array(narrow, CD_SHAPE(4), .dtype = CD_I32), 0), 2, 1, 3, 0);
}

/* Rows that are long enough to be sorted byte by byte, in several pieces. */
static void a_long_sort_is_in_order_and_stable(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *where = NULL, *x = cd_round(cd_mul(cd_randn(CD_SHAPE(3, 20000)), 1000));
    cd_tensor *y = cd_sort(x, 1, .indices = &where);
    cd_tensor *first = cd_narrow(y, 1, 0, 19999), *next = cd_narrow(y, 1, 1, 19999);
    cd_tensor *behind = cd_gt(cd_narrow(where, 1, 1, 19999), cd_narrow(where, 1, 0, 19999));
    assert_true(cd_item(cd_all(cd_le(first, next))) == 1);
    assert_true(cd_item(cd_all(cd_logical_or(cd_lt(first, next), behind))) == 1);
    assert_true(cd_item(cd_all(cd_eq(cd_gather(x, 1, where), y))) == 1);
    assert_true(cd_item(cd_any(cd_eq(first, next))) == 1);
}

static void a_search_goes_beyond_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *sorted = VECTOR(-INF, 0, 1, INF, NAN), *x = VECTOR(NAN, INF, -INF, -0.0F);
    EXPECT(cd_searchsorted(sorted, x), 5, 5, 0, 1);
    EXPECT(cd_searchsorted(sorted, x, .right = true), 5, 5, 1, 2);
}

static void distinct_elements_of_nan_and_zeros(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(NAN, -0.0F, 0, NAN, INF, -0.0F, -INF), *inverse = NULL, *counts = NULL;
    EXPECT(cd_unique(x, .inverse = &inverse, .counts = &counts), -INF, -0.0F, INF, NAN, NAN);
    EXPECT(inverse, 3, 1, 1, 4, 2, 1, 0);
    EXPECT(counts, 1, 3, 1, 1, 1);
    EXPECT(cd_unique_consecutive(x, .counts = &counts), NAN, -0.0F, NAN, INF, -0.0F, -INF);
    EXPECT(counts, 1, 2, 1, 1, 1, 1);
    EXPECT(cd_isin(x, VECTOR(NAN, 0, INF)), 0, 1, 1, 0, 1, 1, 0);
    EXPECT(cd_isin(x, NAN), 0, 0, 0, 0, 0, 0, 0);
    EXPECT(cd_diff(VECTOR(INF, INF, NAN, 1), 0), NAN, NAN, NAN);
    EXPECT(cd_kthvalue(x, 1, 0), -INF);
    EXPECT(cd_kthvalue(x, 5, 0, .indices = &inverse), INF);
    EXPECT(inverse, 4);
    EXPECT(cd_kthvalue(x, 6, 0), NAN);
}

static void counts_have_room_for_the_largest(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_bincount(cd_arange(3), .minlength = 2), 1, 1, 1);
    EXPECT(cd_bincount(cd_arange(2), .minlength = 2), 1, 1);
    EXPECT(cd_bincount(cd_arange(1), .minlength = 2), 1, 0);
}

static void the_larger_of_a_number_and_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_maximum(VECTOR(1), VECTOR(NAN)), NAN);
    EXPECT(cd_minimum(VECTOR(NAN), 1), NAN);
    EXPECT(cd_clamp(VECTOR(NAN), 0, 1), NAN);
}

/* PyTorch adds -Inf where a bool mask is false. A query whose scores are all -Inf has a result of
 * 0. */
static void attention_to_keys_that_are_nan_or_infinite(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *q = cd_ones(CD_SHAPE(1, 1)), *v = SHAPED(CD_SHAPE(2, 1), 3, 4);
    cd_tensor *first = cd_eq(SHAPED(CD_SHAPE(1, 2), 1, 0), 1);
#define ATTEND(k0_, k1_, ...)                                                                      \
    cd_scaled_dot_product_attention(q, SHAPED(CD_SHAPE(2, 1), k0_, k1_), v, __VA_ARGS__)
    EXPECT(ATTEND(1, NAN, .attn_mask = first), NAN);
    EXPECT(ATTEND(1, INF, .attn_mask = first), NAN);
    EXPECT(ATTEND(1, -INF, .attn_mask = first), 3);
    EXPECT(ATTEND(-INF, 1, .attn_mask = first), 0);
    EXPECT(ATTEND(-INF, -INF, .scale = 1), 0);
    EXPECT(ATTEND(-INF, 1, .is_causal = true), 0);
    EXPECT(ATTEND(1, NAN, .is_causal = true), 3);
#undef ATTEND
}

/* Such a query gives no gradient either, but what 0 times Inf is. */
static void gradients_of_attention_of_a_query_whose_scores_are_all_minus_infinity(void **state)
{
    (void)state;
    for (int masked = 0; masked < 2; masked++) {
        CD_SCOPE();
        cd_tensor *added = masked ? cd_zeros(CD_SHAPE(2, 2)) : NULL;
        cd_tensor *q = SHAPED(CD_SHAPE(2, 2), 1e30F, 1e30F, 1, 1);
        cd_tensor *k = SHAPED(CD_SHAPE(2, 2), -1e30F, -1e30F, -1e30F, -1e30F);
        cd_tensor *v = SHAPED(CD_SHAPE(2, 1), 3, 5);
        cd_tensor *y = cd_scaled_dot_product_attention(q, k, v, .attn_mask = added, .scale = 1);
        EXPECT(y, 0, 4);
        GRADIENT(y, k, -0.5, -0.5, 0.5, 0.5);
        EXPECT(cd_grad(v), 0.5, 0.5);
        EXPECT(cd_grad(q), 0, 0, 0, 0);

        cd_tensor *low = SHAPED(CD_SHAPE(1, 2), -INF, 1);
        k = SHAPED(CD_SHAPE(2, 2), 1, 2, 2, 1);
        y = cd_scaled_dot_product_attention(
            low, k, v, .attn_mask = added ? cd_slice(added, 0, 0, 1, 1) : NULL);
        EXPECT(y, 0);
        GRADIENT(y, k, NAN, 0, NAN, 0);
        EXPECT(cd_grad(low), 0, 0);
    }
}

/* The end that only output_padding gives to a transposed convolution is reached by no x: it has the
 * bias, whatever the weight is. Where there is padding too, that takes some of this end away. */
static void
transposed_convolution_with_a_weight_of_infinity_and_an_end_that_no_x_reaches(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 2), 1, 2), *b = VECTOR(0.5);
    cd_tensor *w = SHAPED(CD_SHAPE(1, 1, 2), 1, INF);
    cd_tensor *y = cd_conv_transpose1d(x, w, b, .stride = 2, .dilation = 4, .output_padding = 3);
    EXPECT(y, 1.5, 0.5, 2.5, 0.5, INF, 0.5, INF, 0.5, 0.5, 0.5);
    assert_true(cd_is_contiguous(y));
    GRADIENT(y, x, INF, INF);
    EXPECT(cd_grad(w), 3, 3);
    EXPECT(cd_grad(b), 10);
    EXPECT(
        cd_conv_transpose1d(x, w, b, .stride = 2, .padding = 1, .dilation = 4, .output_padding = 2),
        0.5, 2.5, 0.5, INF, 0.5, INF, 0.5);
    x = SHAPED(CD_SHAPE(1, 5), 1, 2, 3, 4, 5);
    w = SHAPED(CD_SHAPE(1, 1, 3), 1, 2, INF);
    y = cd_conv_transpose1d(x, w, b, .padding = 3, .dilation = 4, .output_padding = 2);
    EXPECT(y, 4.5, 7.5, 4.5, 6.5, 8.5, INF, INF, INF, INF);
    EXPECT(cd_conv_transpose2d(cd_unsqueeze(x, 0), cd_unsqueeze(w, 0), NULL, .padding = 0,
                               .padding_w = 3, .dilation = 4, .output_padding = 1,
                               .output_padding_w = 2),
           4, 7, 4, 6, 8, INF, INF, INF, INF, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    x = SHAPED(CD_SHAPE(1, 2), 1, 2);
    w = SHAPED(CD_SHAPE(1, 1, 1), 3);
    y = cd_conv_transpose1d(x, w, NULL, .dilation = 3, .output_padding = 2);
    EXPECT(y, 3, 6, 0, 0);
    GRADIENT(y, x, 3, 3);
    EXPECT(cd_grad(w), 3);
}

/* A beta of 0 ignores the bias, an alpha of 0 the product, NaN and all. PyTorch's baddbmm of few
 * elements multiplies them by the alpha instead, which then gives NaN. */
static void products_with_a_factor_of_0(void **state)
{
    (void)state;
    CD_SCOPE();
    static const double bad[] = { NAN, INF };
    for (int i = 0; i < 2; i++) {
        const double worst = bad[i];
        cd_tensor *bias = SHAPED(CD_SHAPE(2, 2), 5, 5, 5, worst), *v = VECTOR(1, 1);
        cd_tensor *a = SHAPED(CD_SHAPE(2, 2), worst, 1, 1, 1), *b = cd_ones(CD_SHAPE(2, 2));
        cd_tensor *as = cd_unsqueeze(a, 0), *bs = cd_unsqueeze(b, 0);
        cd_tensor *biases = cd_unsqueeze(bias, 0), *column = cd_select(bias, 1, 1);
        EXPECT(cd_addmm(bias, a, b, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_addbmm(bias, as, bs, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_baddbmm(biases, as, bs, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_addmv(column, a, v, .alpha = CD_ZERO), 5, worst);
        EXPECT(cd_addmm(bias, a, b, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_addbmm(bias, as, bs, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_baddbmm(biases, as, bs, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_addmv(column, a, v, .beta = CD_ZERO), worst, 2);
        cd_tensor *none = cd_zeros(CD_SHAPE(2, 0));
        EXPECT(cd_addmm(bias, none, cd_t(none), .beta = CD_ZERO), 0, 0, 0, 0);
        EXPECT(cd_addmv(column, none, cd_zeros(CD_SHAPE(0)), .beta = CD_ZERO), 0, 0);
    }
}

/* The gradients are products too, which a factor of 0 does not skip. */
static void gradients_of_products_with_a_factor_of_0(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *bias = VECTOR(5, NAN), *b = SHAPED(CD_SHAPE(2, 2), 1, 1, 1, 1);
    cd_tensor *a = SHAPED(CD_SHAPE(2, 2), INF, 1, 1, 1);
    cd_tensor *y = cd_addmm(bias, a, b, .alpha = CD_ZERO, .beta = CD_ZERO);
    EXPECT(y, 0, 0, 0, 0);
    GRADIENT(y, bias, 0, 0);
    EXPECT(cd_grad(a), 0, 0, 0, 0);
    EXPECT(cd_grad(b), NAN, NAN, 0, 0);
}

static void max_pool_of_nan_and_of_minus_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 2, 2), 1, NAN, 3, 2), *place = NULL;
    cd_tensor *y = cd_max_pool2d(x, 2, .indices = &place);
    EXPECT(y, NAN);
    EXPECT(place, 1);
    GRADIENT(y, x, 0, 1, 0, 0);
    cd_tensor *low = SHAPED(CD_SHAPE(1, 1, 2, 2), -INF, -INF, -INF, -INF);
    EXPECT(cd_max_pool2d(low, 2, .indices = &place), -INF);
    EXPECT(place, 0);
}

/* A window without an element of the image has the least number of its dtype. */
static void max_pool_of_integers(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_dtype dtypes[] = { CD_I64, CD_I32, CD_U8 };
    static const double least[] = { (double)INT64_MIN, INT32_MIN, 0 };
    for (int k = 0; k < 3; k++) {
        cd_tensor *x = cd_to(SHAPED(CD_SHAPE(1, 1, 6), 3, 1, 5, 5, 0, 1), dtypes[k]), *place = NULL;
        EXPECT(cd_max_pool1d(x, 2, .indices = &place), 3, 5, 1);
        EXPECT(place, 0, 2, 5);
        cd_tensor *far = cd_max_pool1d(cd_slice(x, -1, 0, 1, 1), 2, .stride = 1, .padding = 1,
                                       .dilation = 2, .indices = &place);
        EXPECT(far, least[k]);
        assert_int_equal(cd_dtype_of(far), dtypes[k]);
    }
    const int64_t large[] = { INT64_MAX - 1, INT64_MAX };
    cd_tensor *x = cd_from_array(large, CD_SHAPE(1, 1, 2), .dtype = CD_I64), *place = NULL;
    (void)cd_max_pool1d(x, 2, .indices = &place);
    EXPECT(place, 1);
}

/* A weight of 0 makes NaN of Inf. A sequence has no rows that would have one, and with antialias
 * neither has a side that keeps its size. */
static void interpolation_of_nan_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 4), INF, 1, NAN, 3);
    cd_tensor *image = cd_view(x, CD_SHAPE(1, 1, 1, 4));
    EXPECT(cd_interpolate(x, .size = 7, .mode = CD_RESAMPLING_LINEAR, .align_corners = true), INF,
           INF, NAN, NAN, NAN, NAN, 3);
    EXPECT(cd_interpolate(image, .size = 1, .size_w = 4, .mode = CD_RESAMPLING_BILINEAR), NAN, 1,
           NAN, 3);
    EXPECT(cd_interpolate(image, .size = 1, .size_w = 4, .mode = CD_RESAMPLING_BILINEAR,
                          .antialias = true),
           INF, 1, NAN, 3);
    EXPECT(cd_interpolate(x, .scale_factor = 2), INF, INF, 1, 1, NAN, NAN, 3, 3);
}

static void gradients_of_ties(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *all = VECTOR(3, 1, 3), *dim = VECTOR(3, 1, 3);
    cd_tensor *pool = SHAPED(CD_SHAPE(1, 1, 2, 2), 1, 1, 1, 1);
    GRADIENT(cd_max(all), all, 0.5, 0, 0.5);
    GRADIENT(cd_max_dim(dim, 0), dim, 1, 0, 0);
    GRADIENT(cd_max_pool2d(pool, 2), pool, 1, 0, 0, 0);
    cd_tensor *a = VECTOR(2), *b = VECTOR(2);
    assert_true(cd_backward(cd_sum(cd_maximum(a, b))));
    EXPECT(cd_grad(a), 0.5);
    EXPECT(cd_grad(b), 0.5);
}

static void softmax_of_infinite_and_of_large_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_softmax(VECTOR(1, INF), 0), NAN, NAN);
    EXPECT(cd_softmax(VECTOR(-INF, -INF), 0), NAN, NAN);
    EXPECT(cd_softmax(VECTOR(1e4, 1e4), 0), 0.5, 0.5);
}

static void log_softmax_and_cross_entropy_of_large_logits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *second = cd_full(CD_SCALAR, 1, .dtype = CD_I64);
    EXPECT(cd_log_softmax(VECTOR(1e4, 0), 0), 0, -1e4);
    EXPECT(cd_cross_entropy(VECTOR(1e4, 0), second), 1e4);
    EXPECT(cd_cross_entropy(VECTOR(INF, 0), second), NAN);
    EXPECT(cd_nll_loss(VECTOR(0, -INF), second), INF);
}

static void binary_cross_entropy_of_infinite_logits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(INF, INF, -INF, NAN), *t = cd_detach(VECTOR(0, 1, 1, 1));
    EXPECT(cd_binary_cross_entropy_with_logits(x, t, .reduction = CD_NONE), INF, NAN, NAN, NAN);
}

static cd_tensor *product(cd_tensor *x)
{
    return cd_prod(x);
}
static cd_tensor *product_along(cd_tensor *x)
{
    return cd_prod(x, .dims = CD_DIMS(0));
}

/* One 0 makes the gradient a product of what stands before and behind; elsewhere it is a
 * quotient. */
static void gradients_of_products_of_zeros_and_infinity(void **state)
{
    (void)state;
    static cd_tensor *(*const forms[])(cd_tensor *) = { product, product_along };
    for (int i = 0; i < 2; i++) {
        CD_SCOPE();
#define GRADIENT_OF(x_, ...)                                                                       \
    do {                                                                                           \
        cd_tensor *x = (x_);                                                                       \
        GRADIENT(forms[i](x), x, __VA_ARGS__);                                                     \
    } while (0)
        GRADIENT_OF(VECTOR(2, INF, 3), INF, NAN, INF);
        GRADIENT_OF(VECTOR(0, INF, 3), INF, 0, NAN);
        GRADIENT_OF(VECTOR(0, 2, INF), INF, NAN, 0);
        GRADIENT_OF(VECTOR(0, INF, INF), INF, NAN, NAN);
        GRADIENT_OF(VECTOR(NAN, 0, 2), 0, NAN, NAN);
        GRADIENT_OF(VECTOR(INF, NAN, 0), NAN, NAN, NAN);
        GRADIENT_OF(VECTOR(1e30, 1e30, 2), INF, INF, INF);
        GRADIENT_OF(VECTOR(1e30, 1e30, 0), 0, 0, INF);
        GRADIENT_OF(VECTOR(0, 0, 3), 0, 0, 0);
        GRADIENT_OF(VECTOR(2, 3, 0), 0, 0, 6);
        GRADIENT_OF(VECTOR(0), 1);
        GRADIENT_OF(VECTOR(INF), NAN);
#undef GRADIENT_OF
    }
}

/* That of cumprod is made of products alone, so it is exact beside Inf, where PyTorch divides Inf
 * by Inf; behind a 0 PyTorch has 0 in place of what 0 times Inf is. */
static void gradients_of_cumulative_products_of_zeros_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(2, INF, 3);
    GRADIENT(cd_cumprod(x, 0), x, INF, 8, INF);
    x = VECTOR(0, INF, 3);
    GRADIENT(cd_cumprod(x, 0), x, INF, 0, NAN);
    x = VECTOR(0, 0, 3);
    GRADIENT(cd_cumprod(x, 0), x, 1, 0, 0);
    x = VECTOR(2, 0, 0, 3);
    GRADIENT(cd_cumprod(x, 0), x, 1, 2, 0, 0);
    x = VECTOR(2, 3, 0);
    GRADIENT(cd_cumprod(x, 0), x, 4, 2, 6);
}

/* Squares of differences overflow, as in PyTorch. */
static void spread_of_float64_near_its_limits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = leaf_of(NUMBERS(1e308, -1e308), CD_F64);
    EXPECT(cd_mean(x), 0);
    EXPECT(cd_std(x), INF);
    GRADIENT(cd_std(x), x, 0, -0.0);
    x = leaf_of(NUMBERS(1e308, -1e308), CD_F64);
    GRADIENT(cd_var(x), x, INF, -INF);
    x = leaf_of(NUMBERS(1.7e308, 1.6e308), CD_F64);
    EXPECT(cd_mean(x), INF);
    EXPECT(cd_std(x), INF);
    GRADIENT(cd_var(x), x, -INF, -INF);
    x = leaf_of(NUMBERS(1.7e308, 1.6e308), CD_F64);
    GRADIENT(cd_std(x), x, NAN, NAN);
    x = leaf_of(NUMBERS(1e-200, 3e-200), CD_F64);
    GRADIENT(cd_var(x), x, -2e-200, 2e-200);
}

/* At 0 and 1 the gradient is bounded, and its derivative is that of a curve all the same. */
static void second_derivative_of_binary_cross_entropy_at_0_and_1(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0, 0, 1, 1, 0.25, 0), *t = VECTOR(0, 1, 0, 1, 1, 0.5);
    cd_tensor *y = cd_binary_cross_entropy(x, cd_detach(t), .reduction = CD_SUM);
    cd_tensor *first = cd_autograd_grad(y, x, .create_graph = true);
    EXPECT(first, 0, -1e12, 1e12, 0, -4, -5e11);
    assert_string_equal(cd_grad_fn_name(first), "BinaryCrossEntropyBackwardBackward0");
    EXPECT(cd_autograd_grad(cd_sum(first), x), 0, 1e24, 1e24, 0, 16, 5e23);
    y = cd_binary_cross_entropy(x, t, .reduction = CD_SUM);
    first = cd_autograd_grad(y, x, .create_graph = true);
    EXPECT(cd_autograd_grad(cd_sum(first), t), -1e12, -1e12, -1e12, -1e12, -16.0 / 3, -1e12);
    first = cd_autograd_grad(cd_binary_cross_entropy(x, t, .reduction = CD_SUM), t,
                             .create_graph = true);
    EXPECT(first, INF, INF, -INF, -INF, log(3), INF);
    EXPECT(cd_autograd_grad(cd_sum(first), x), -INF, -INF, -INF, -INF, -16.0 / 3, -INF);
}

static void reductions_of_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *rows = cd_zeros(CD_SHAPE(2, 0));
    EXPECT(cd_sum(none), 0);
    EXPECT(cd_mean(none), NAN);
    EXPECT(cd_norm(none), 0);
    EXPECT(cd_norm(none, .p = CD_ZERO), 0);
    EXPECT(cd_sum_dim(rows, 1), 0, 0);
    EXPECT(cd_mean_dim(rows, 1), NAN, NAN);
    EXPECT(cd_logsumexp(rows, 1), -INF, -INF);
    assert_int_equal(cd_numel(cd_max_dim(cd_zeros(CD_SHAPE(0, 2)), 1)), 0);
    EXPECT(cd_mse_loss(none, none), NAN);
}

static void extremes_of_nothing_are_errors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0));
    assert_null(cd_max(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_min(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_argmax(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_argmin(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_norm(none, .p = INF));
    assert_failed_with(CD_ERR_SHAPE, "norm: dimension 0 of x (0) is empty");
}

static void batch_norm_needs_two_values_per_channel(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_batch_norm(cd_ones(CD_SHAPE(1, 2)), NULL, NULL, .training = true));
    assert_failed_with(CD_ERR_SHAPE, "batch_norm");
}

/* PyTorch gives 3.05e-5, the rounding of its scale-and-shift form. */
static void batch_norm_of_a_constant_is_nearly_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *y = cd_batch_norm(cd_full(CD_SHAPE(4, 1), 3), NULL, NULL, .training = true);
    assert_true(cd_item(cd_max(cd_abs(y))) <= 1e-4);
}

/* As PyTorch's: the gradient at 0 is 0, and the second one NaN. */
static void second_gradient_of_a_norm_that_is_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0, 0, 0);
    cd_tensor *first = cd_autograd_grad(cd_norm(x), x, .create_graph = true);
    EXPECT(first, 0, 0, 0);
    EXPECT(cd_autograd_grad(cd_sum(first), x), NAN, NAN, NAN);
}

/* The mean is a billion times the deviation. */
static void variance_far_from_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_add(cd_arange(5000.0, .dtype = CD_F64), 1e12);
    assert_true(fabs(cd_item(cd_var(x)) - 5000.0 * 5001.0 / 12) < 1e-3);
    cd_tensor *columns = cd_view(x, CD_SHAPE(1000, 5));
    cd_tensor *var = cd_var(columns, .dims = CD_DIMS(0));
    for (int i = 0; i < 5; i++) {
        assert_true(fabs(cd_item(cd_index(var, i)) - 25 * 1000.0 * 1001.0 / 12) < 1e-3);
    }
}

/* Their squares are infinite. Of columns, rows are taken eight at a time, and one by one. */
static void variance_of_equal_numbers_that_are_huge(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_full(CD_SHAPE(9, 3), 1e200, .dtype = CD_F64);
    cd_tensor *few = cd_full(CD_SHAPE(3, 3), -1e200, .dtype = CD_F64);
    assert_true(cd_item(cd_var(x)) == 0);
    assert_true(cd_item(cd_amax(cd_var(x, .dims = CD_DIMS(0)))) == 0);
    assert_true(cd_item(cd_amax(cd_var(few, .dims = CD_DIMS(0)))) == 0);
}

/* As PyTorch's, which has another formula when no dimensions are named. */
static void gradients_of_variances_with_too_few_elements(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, 2, 4), *one = VECTOR(5);
    EXPECT(cd_autograd_grad(cd_var(x, .correction = 3), x), INF, INF, INF);
    EXPECT(cd_autograd_grad(cd_var(x, .correction = 5), x), INF, INF, INF);
    EXPECT(cd_autograd_grad(cd_std(x, .correction = 5), x), NAN, NAN, NAN);
    EXPECT(cd_autograd_grad(cd_var(one), one), NAN);
    const cd_dims first = CD_DIMS(0);
    EXPECT(cd_autograd_grad(cd_var(x, .dims = first, .correction = 3), x), -INF, -INF, INF);
    EXPECT(cd_autograd_grad(cd_var(x, .dims = first, .correction = 5), x), 4.0 / 3, 1.0 / 3,
           -5.0 / 3);
    EXPECT(cd_autograd_grad(cd_std(x, .dims = first, .correction = 3), x), NAN, NAN, NAN);
    EXPECT(cd_autograd_grad(cd_std(x, .dims = first, .correction = 5), x), 0, 0, -0.0);
    EXPECT(cd_autograd_grad(cd_var(one, .dims = first), one), NAN);
}

/* As PyTorch's: what lies on the line between one infinity and itself is NaN. */
static void quantiles_of_infinities(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(-INF, 1, INF), *holes = VECTOR(NAN, 1, INF);
    const float at_0[] = { NAN, -INF, -INF, NAN, -INF };
    for (int how = CD_QUANTILE_LINEAR; how <= CD_QUANTILE_NEAREST; how++) {
        const cd_interpolation between = (cd_interpolation)how;
        EXPECT(cd_quantile(x, 0, .interpolation = between), at_0[how]);
        EXPECT(cd_quantile(x, 0.5, .interpolation = between), 1);
    }
    EXPECT(cd_quantile(x, 1), NAN);
    EXPECT(cd_quantile(x, 0.25), -INF);
    EXPECT(cd_quantile(x, 0.25, .interpolation = CD_QUANTILE_HIGHER), 1);
    EXPECT(cd_nanquantile(holes, 1), NAN);
    EXPECT(cd_quantile(VECTOR(1, 2, INF), 0.6), INF);
    EXPECT(cd_quantile(VECTOR(1, 2, INF), 0.6, .interpolation = CD_QUANTILE_MIDPOINT), NAN);
}

/* In float32 q is 0.3 + 1.1920929e-8. The rank 100 q is not rounded to float32 as well, which would
 * put it behind the last one of 2^24 + 4 elements with q = 1. */
static void ranks_of_quantiles_are_not_rounded(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_to(cd_gt(cd_arange(101), 30), CD_F32);
    assert_true(fabs(cd_item(cd_quantile(x, 0.3)) - 1.1920929e-6) < 1e-12);
}

static void products_of_zero_and_infinity_and_quotients_of_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *zero = cd_zeros(CD_SHAPE(1, 1)), *infinite = cd_full(CD_SHAPE(1, 1), INF);
    EXPECT(cd_mul(VECTOR(0), VECTOR(INF)), NAN);
    EXPECT(cd_mm(zero, infinite), NAN);
    EXPECT(cd_matmul(zero, cd_full(CD_SHAPE(1), INF)), NAN);
    EXPECT(cd_div(VECTOR(1, 0, -1), 0), INF, NAN, -INF);
    EXPECT(cd_div(1, VECTOR(0, -0.0)), INF, -INF);
    EXPECT(cd_div(0, VECTOR(0)), NAN);
    EXPECT(cd_div(cd_arange(2), 0), NAN, INF);
}

/* A vector as one row of one channel. */
static cd_tensor *row(cd_tensor *x)
{
    return cd_view(x, CD_SHAPE(1, 1, cd_numel(x)));
}

/* Padding is multiplied too: 0 times an infinite weight is NaN. */
static void convolutions_of_nan_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *ones = row(VECTOR(1, 1)), *second = row(VECTOR(0, 1));
    EXPECT(cd_conv1d(row(VECTOR(1, NAN, 2, 0)), ones, NULL, .padding = 1), 1, NAN, NAN, 2, 0);
    EXPECT(cd_conv1d(row(VECTOR(1, 2)), row(VECTOR(INF, 1, 1)), NULL, .padding = 1), NAN, INF);
    EXPECT(cd_conv1d(row(VECTOR(INF, 0, 1)), second, NULL), NAN, 1);
    EXPECT(cd_conv_transpose1d(row(VECTOR(0, INF, 1)), second, NULL), 0, NAN, INF, 1);
    EXPECT(cd_conv_transpose1d(row(VECTOR(0, INF, 1)), second, NULL, .stride = 2), 0, 0, NAN, INF,
           0, 1);
    EXPECT(cd_fold(cd_view(VECTOR(NAN, 1, INF, -INF), CD_SHAPE(2, 2)), 1, 3, 1, .kernel_w = 2), NAN,
           INF, -INF);
    EXPECT(cd_unfold(row(VECTOR(NAN, -0.0, INF)), 1, .kernel_w = 2, .padding_w = 1), 0, NAN, -0.0,
           INF, NAN, -0.0, INF, 0);
}

static void convolutions_of_integers_wrap_around(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t large[] = { INT64_C(1) << 62, INT64_C(1) << 62 }, one = 1;
    cd_tensor *x = row(cd_from_array(large, CD_SHAPE(2))), *two = cd_add(row(cd_arange(2)), 2);
    cd_tensor *y = cd_conv1d(x, cd_sub(two, row(cd_arange(2))), NULL);
    assert_true(cd_item_int(y) == 0); /* 2^62 (2 + 2) */
    y = cd_conv_transpose1d(cd_slice(x, 2, 0, 1, 1), two, cd_from_array(&one, CD_SHAPE(1)));
    assert_true(cd_item_int(cd_select(y, 2, 0)) == INT64_MIN + 1);
    assert_true(cd_item_int(cd_select(y, 2, 1)) == 1 - (INT64_C(1) << 62));
    cd_tensor *bytes = row(cd_full(CD_SHAPE(1), 200, .dtype = CD_U8));
    y = cd_conv1d(bytes, bytes, cd_full(CD_SHAPE(1), 200, .dtype = CD_U8));
    assert_true(cd_item_int(y) == (200 * 200 + 200) % 256);
}

/* clamp's was 1 at the bounds in PyTorch 1.13; 2.15 has 0, and 0.5 where the bound is a tensor. */
static void gradients_where_a_slope_has_none(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0), *y = VECTOR(0), *z = VECTOR(0, 0, -0.0);
    GRADIENT(cd_sqrt(x), x, INF);
    GRADIENT(cd_abs(y), y, 0);
    GRADIENT(cd_norm(z), z, 0, 0, 0);
    cd_tensor *numbers_at = VECTOR(0, 0.5, 1), *tensors_at = VECTOR(0, 0.5, 1);
    GRADIENT(cd_clamp(numbers_at, 0, 1), numbers_at, 0, 1, 0);
    GRADIENT(cd_clamp(tensors_at, cd_zeros(CD_SCALAR), cd_ones(CD_SCALAR)), tensors_at, 0.5, 1,
             0.5);
}

/* Beyond the file's pairs: both bounds are tensors, crossed, equal, and NaN. */
static void clamp_between_tensors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0.5, 1, 1, NAN, 0, 2, 0, 2, NAN);
    cd_tensor *low = VECTOR(1, 1, NAN, 0, 1, NAN, 0, 0, 1);
    cd_tensor *high = VECTOR(0, 1, 1, 1, NAN, 1, 1, 1, 0);
    cd_tensor *y = cd_clamp(x, low, high);
    EXPECT(y, 0, 1, NAN, NAN, NAN, NAN, 0, 1, NAN);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(x), 0, 1, 1, 1, 0, 0, 0.5, 0, 1);
    EXPECT(cd_grad(low), 0, 0, 0, 0, 0, 0, 0.5, 0, 0);
    EXPECT(cd_grad(high), 1, 0, 0, 0, 0, 0, 0, 1, 1);
}

/* A zero times an infinite slope is NaN: the well-known trap, as PyTorch has it. */
static void where_does_not_hide_what_it_does_not_choose(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0, 4), *nan = cd_full(CD_SHAPE(2), NAN);
    EXPECT(cd_where(cd_gt(x, 1), x, 0), 0, 4);
    EXPECT(cd_where(cd_gt(x, 1), nan, x), 0, NAN);
    GRADIENT(cd_where(cd_gt(x, 0), cd_sqrt(x), x), x, NAN, 0.25);
}

static void elementwise_ops_of_nothing(void **state)
{
    (void)state;
    const line numbers_of_the_op = { .p = 1, .q = 2 };
    for (size_t i = 0; strcmp(ops[i].name, "sum") != 0; i++) {
        CD_SCOPE();
        cd_tensor *a = cd_zeros(CD_SHAPE(2, 0), .requires_grad = true);
        cd_tensor *b = cd_zeros(CD_SHAPE(1), .requires_grad = true);
        cd_tensor *y = ops[i].call(a, b, &numbers_of_the_op);
        assert_that(y && cd_numel(y) == 0, "%s: %s", ops[i].name, cd_error_message());
        if (!cd_requires_grad(y)) continue;
        assert_true(cd_backward(cd_sum(y)));
        assert_that(cd_grad(a) && cd_shape_equal(cd_shape_of(cd_grad(a)), CD_SHAPE(2, 0)),
                    "%s: the gradient of nothing", ops[i].name);
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct CMUnitTest table[] = {
    TEST(relu_keeps_nan_and_minus_zero_and_its_gradient_passes_at_nan),
    TEST(nan_is_the_largest_and_the_smallest),
    TEST(sorting_puts_nan_last_and_keeps_zeros_in_order),
    TEST(a_long_sort_is_in_order_and_stable),
    TEST(a_search_goes_beyond_nan),
    TEST(distinct_elements_of_nan_and_zeros),
    TEST(counts_have_room_for_the_largest),
    TEST(the_larger_of_a_number_and_nan),
    TEST(attention_to_keys_that_are_nan_or_infinite),
    TEST(gradients_of_attention_of_a_query_whose_scores_are_all_minus_infinity),
    TEST(transposed_convolution_with_a_weight_of_infinity_and_an_end_that_no_x_reaches),
    TEST(products_with_a_factor_of_0),
    TEST(gradients_of_products_with_a_factor_of_0),
    TEST(max_pool_of_nan_and_of_minus_infinity),
    TEST(convolutions_of_nan_and_infinity),
    TEST(convolutions_of_integers_wrap_around),
    TEST(max_pool_of_integers),
    TEST(interpolation_of_nan_and_infinity),
    TEST(gradients_of_ties),
    TEST(softmax_of_infinite_and_of_large_numbers),
    TEST(log_softmax_and_cross_entropy_of_large_logits),
    TEST(binary_cross_entropy_of_infinite_logits),
    TEST(gradients_of_products_of_zeros_and_infinity),
    TEST(gradients_of_cumulative_products_of_zeros_and_infinity),
    TEST(spread_of_float64_near_its_limits),
    TEST(second_derivative_of_binary_cross_entropy_at_0_and_1),
    TEST(reductions_of_nothing),
    TEST(extremes_of_nothing_are_errors),
    TEST(batch_norm_needs_two_values_per_channel),
    TEST(batch_norm_of_a_constant_is_nearly_zero),
    TEST(second_gradient_of_a_norm_that_is_zero),
    TEST(variance_far_from_zero),
    TEST(variance_of_equal_numbers_that_are_huge),
    TEST(gradients_of_variances_with_too_few_elements),
    TEST(quantiles_of_infinities),
    TEST(ranks_of_quantiles_are_not_rounded),
    TEST(products_of_zero_and_infinity_and_quotients_of_zero),
    TEST(gradients_where_a_slope_has_none),
    TEST(clamp_between_tensors),
    TEST(where_does_not_hide_what_it_does_not_choose),
    TEST(elementwise_ops_of_nothing),
};
enum { TABLE = sizeof table / sizeof *table, NAME_BYTES = 48 };

/* CMocka hands the initial state on only when the set-up leaves it alone. */
static int setup(void **state)
{
    void *kept = *state;
    int status = test_setup(state);
    *state = kept;
    return status;
}

int main(void)
{
    static struct CMUnitTest tests[OPS + TABLE];
    static char names[OPS][NAME_BYTES];
    for (size_t i = 0; i < OPS; i++) {
        (void)snprintf(names[i], NAME_BYTES, "%s_as_pytorch", ops[i].name);
        tests[i] = (struct CMUnitTest){ names[i], as_pytorch, setup, test_teardown,
                                        (void *)(uintptr_t)&ops[i] };
    }
    memcpy(tests + OPS, table, sizeof table);
    return test_run(tests, OPS + TABLE);
}
