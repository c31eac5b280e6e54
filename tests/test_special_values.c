/* NaN, infinities, zeros of both signs, denormals and nothing at all, through every elementwise op,
 * every reduction and many others: first against golden/special_values.txt.gz, which PyTorch 2.15
 * wrote (golden/make_special_values.py), a test for each op; then cases of elementwise ops that are
 * known to catch people out. */
#include "special_values.h"

#include <zlib.h>

#include "autograd/activation.h"
#include "autograd/distance_ops.h"
#include "autograd/layer_ops.h"
#include "autograd/loss_ops.h"
#include "autograd/math.h"
#include "autograd/product_ops.h"
#include "autograd/stats_ops.h"

enum { LISTS = 5, LINE = 8192 };

/* --- a line of the file ----------------------------------------------------------------------- */

/* The lists of a line, by their letters. */
enum { A, B, Y, GRAD_A, GRAD_B };
static const char letters[] = "abyAB";

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

/* Adds a number, or as many as "1*3" says. */
static void add_numbers(numbers *to, const char *word)
{
    char *end;
    const double value = strtod(word, &end);
    const long count = *end == '*' ? strtol(end + 1, &end, 10) : 1;
    assert_that(end != word && *end == '\0' && count > 0, "%s is no number", word);
    assert_true(to->count + count <= MOST);
    for (long i = 0; i < count; i++) to->value[to->count++] = value;
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
        assert_non_null(into);
        if (strcmp(word, "=") == 0) { /* the same list as in the line before */
            *into = before.list[into - out->list];
            continue;
        }
        add_numbers(into, word);
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
      NULL, true, 0)                                                                               \
    X(vdot, cd_vdot(a, b), NULL, true, 0)                                                          \
    X(inner, cd_inner(a, b), NULL, true, 0)                                                        \
    X(vecdot, cd_vecdot(square(a), square(b)), NULL, true, 0)                                      \
    X(cross, cd_cross(a, b), NULL, true, 0)                                                        \
    X(kron, cd_kron(a, b), NULL, true, 0)                                                          \
    X(addr, cd_addr(a, a, b, .beta = 0.5, .alpha = 2), NULL, true, 0)                              \
    X(multi_dot, cd_multi_dot(CD_TENSORS(square(a), square(b), square(b))), NULL, true, 0)         \
    X(bilinear, cd_bilinear(square(a), square(b), cd_ones(CD_SHAPE(1, 2, 2)), NULL), NULL, true,   \
      0)                                                                                           \
    X(matrix_power, cd_matrix_power(square(a), (int64_t)l->p), NULL, true, 0)                      \
    X(dist, cd_dist(a, b, .p = l->p), NULL, true, 0)                                               \
    X(cdist, cd_cdist(square(a), square(b), .p = l->p != 0 ? l->p : CD_ZERO), NULL, true, 0)       \
    X(pdist, cd_pdist(square(a), .p = l->p != 0 ? l->p : CD_ZERO), NULL, true, 0)                  \
    X(renorm, cd_renorm(square(a), l->p, 0, l->q), NULL, true, 0)                                  \
    X(cov, cd_cov(cd_view(a, CD_SHAPE(2, 3))), NULL, true, 0)                                      \
    X(corrcoef, cd_corrcoef(cd_view(a, CD_SHAPE(2, 3))), NULL, true, 1e-6)                         \
    X(trapezoid, cd_trapezoid(a, -1, .x = b), NULL, true, 0)                                       \
    X(cumulative_trapezoid, cd_cumulative_trapezoid(a, -1, .x = b), NULL, true, 0)                 \
    X(instance_norm, cd_instance_norm(cd_view(a, CD_SHAPE(1, 2, 3))), NULL, true, 1e-6)            \
    X(histc, cd_histc(a, .bins = 4, .min = -2, .max = 2), NULL, false, 0)                          \
    X(vander, cd_vander(cd_detach(a), .n = 3), NULL, true, 0)                                      \
    X(float_power, cd_float_power(a, l->p), NULL, false, 0)                                        \
    X(scatter_reduce,                                                                              \
      cd_scatter_reduce(a, 0, halves(), b, (cd_reduce_how)l->p, .exclude_self = l->q != 0),        \
      cd_scatter_reduce_(a, 0, halves(), b, (cd_reduce_how)l->p, .exclude_self = l->q != 0), true, \
      0)                                                                                           \
    X(index_reduce,                                                                                \
      cd_index_reduce(a, 0, halves(), b, (cd_reduce_how)l->p, .exclude_self = l->q != 0),          \
      cd_index_reduce_(a, 0, halves(), b, (cd_reduce_how)l->p, .exclude_self = l->q != 0), true,   \
      0)                                                                                           \
    X(combinations, cd_combinations(a, (int64_t)l->p), NULL, false, 0)                             \
    X(cartesian_prod, cd_cartesian_prod(CD_TENSORS(a, b)), NULL, false, 0)                         \
    X(block_diag, cd_block_diag(CD_TENSORS(a, b)), NULL, false, 0)                                 \
    X(fliplr, cd_fliplr(cd_unsqueeze(a, 0)), NULL, false, 0)                                       \
    X(flipud, cd_flipud(a), NULL, false, 0)                                                        \
    X(diagflat, cd_diagflat(a, (int64_t)l->p), NULL, false, 0)                                     \
    X(diagonal_scatter, cd_diagonal_scatter(cd_mul(cd_zeros(CD_SHAPE(3, 3)), a), b, 0, 0, 1),      \
      NULL, false, 0)                                                                              \
    X(pad,                                                                                         \
      cd_pad(cd_view(a, CD_SHAPE(1, 1, 3)), CD_SIZES(2, 1), .mode = (cd_pad_mode)l->p,             \
             .value = l->q),                                                                       \
      NULL, false, 0)

/* Four elements as a matrix. */
static cd_tensor *square(cd_tensor *a)
{
    return cd_view(a, CD_SHAPE(2, 2));
}

/* Sends the first half of four elements to 0, the second to 1. */
static cd_tensor *halves(void)
{
    return cd_from_array(((int64_t[]){ 0, 0, 1, 1 }), CD_SHAPE(4));
}

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

/* --- checking a line -------------------------------------------------------------------------- */

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
    gzFile file = gzopen(test_path("golden/special_values.txt.gz"), "r");
    assert_non_null(file);
    static char text[LINE];
    static line l;
    int lines = 0;
    while (gzgets(file, text, sizeof text)) {
        parse(text, &l);
        if (strcmp(l.name, o->name) != 0) continue;
        check_line(&l, o, false);
        check_line(&l, o, true);
        lines++;
    }
    assert_int_equal(gzclose(file), Z_OK);
    assert_that(lines > 0, "special_values.txt.gz has no line for %s", o->name);
}

/* --- further cases ---------------------------------------------------------------------------- */

static void relu_keeps_nan_and_minus_zero_and_its_gradient_passes_at_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_relu(VECTOR(NAN, -INF, INF, -0.0)), NAN, 0, INF, -0.0);
    cd_tensor *x = VECTOR(0, NAN, -0.0, INF, -INF);
    GRADIENT(cd_relu(x), x, 0, 1, 0, 1, 0);
}

static void the_larger_of_a_number_and_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_maximum(VECTOR(1), VECTOR(NAN)), NAN);
    EXPECT(cd_minimum(VECTOR(NAN), 1), NAN);
    EXPECT(cd_clamp(VECTOR(NAN), 0, 1), NAN);
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
    TEST(the_larger_of_a_number_and_nan),
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
