/* Every op against PyTorch: results and gradients, in float32 and float64, of the cases that
 * golden/make_ops.py wrote (op_goldens.def says which files that are). An op of ops.def without a
 * case fails, unless it is in the list of exceptions. */
#include "goldens.h"

#include "autograd/conv_ops.h"
#include "autograd/layer_ops.h"
#include "autograd/activation.h"
#include "autograd/loss_ops.h"
#include "autograd/math.h"
#include "autograd/distance_ops.h"
#include "autograd/product_ops.h"
#include "autograd/order_ops.h"
#include "autograd/stats_ops.h"
#include "autograd/resample_ops.h"

enum { INPUTS = 5, MOST_CASES = 6000, NAME_BYTES = 64 };

/* --- what some cases call --------------------------------------------------------------------- */

/* 1 and -1, from uniform numbers. */
static cd_tensor *signs(cd_tensor *t)
{
    return cd_sub(cd_mul(cd_to(cd_gt(t, 0.5), cd_dtype_of(t)), 2), 1);
}

static cd_tensor *city_blocks(cd_tensor *a, cd_tensor *b)
{
    return cd_sum_dim(cd_abs(cd_sub(a, b)), -1);
}

/* --- the calls -------------------------------------------------------------------------------- */

#define CASE(op_, variant_, ...)                                                                   \
    static cd_tensor *op_##__##variant_(cd_tensor *const *in)                                      \
    {                                                                                              \
        cd_tensor *a = in[0], *b = in[1], *c = in[2], *d = in[3], *e = in[4], *second = NULL;      \
        (void)a, (void)b, (void)c, (void)d, (void)e, (void)second;                                 \
        return (__VA_ARGS__);                                                                      \
    }
#define FAMILY(name_)
#include "op_goldens.def"
#undef CASE

static const struct call {
    const char *name;
    cd_tensor *(*run)(cd_tensor *const *in);
} calls[] = {
#define CASE(op_, variant_, ...) { #op_ "/" #variant_, op_##__##variant_ },
#include "op_goldens.def"
#undef CASE
#undef FAMILY
};
enum { CALLS = sizeof calls / sizeof *calls };

/* The families, each of which has a file of cases. */
static const char *const families[] = {
#define CASE(op_, variant_, ...)
#define FAMILY(name_) #name_,
#include "op_goldens.def"
#undef CASE
#undef FAMILY
};
enum { FAMILIES = sizeof families / sizeof *families };

/* The names of ops.def. */
static const char *const ops[] = {
#define CD_OP(name_) #name_,
#include "autograd/layer_ops.h"
#include "autograd/ops.def"
#undef CD_OP
};
enum { OPS = sizeof ops / sizeof *ops };

/* Ops without cases, and what tests them instead. */
static const struct exception {
    const char *op, *reason;
} exceptions[] = {
    { "linear_scan", "the gradient of products and scans" },
    { "self_attention", "in MultiheadAttention: golden/recurrent.safetensors, test_transformer.c" },
    { "lstm_steps", "a layer of LSTM: golden/recurrent.safetensors, test_recurrent.c" },
    { "empty", "its contents are undefined" },
    { "full", "the value is exact: test_creation.c" },
    { "eye", "ones and zeros: test_creation.c" },
    { "arange", "golden/creation.txt: test_creation.c" },
    { "linspace", "golden/creation.txt: test_creation.c" },
    { "logspace", "numbers of linspace and pow: test_creation.c" },
    { "rand", "golden/random.txt and creation.txt: test_random.c, test_creation.c" },
    { "randn", "golden/random.txt and creation.txt: test_random.c, test_creation.c" },
    { "randint", "golden/random.txt: test_random.c" },
    { "randperm", "golden/random.txt: test_random.c" },
    { "unsafe_view", "a view that only products make: matmul's cases" },
    { "slice_backward", "the gradient of slice and narrow" },
    { "select_backward", "the gradient of select and index" },
    { "as_strided_backward", "the gradient of as_strided" },
    { "conv2d_input_backward", "the gradient of conv2d" },
    { "conv2d_weight_backward", "the gradient of conv2d" },
    { "max_pool2d_backward", "the gradient of max_pool2d" },
    { "adaptive_avg_pool2d_backward", "the gradient of adaptive_avg_pool2d" },
    { "to_device", "the same elements elsewhere: test_devices" },
    { "sgd_step", "an optimizer's step: test_optim has PyTorch's" },
    { "adam_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "adamax_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "nadam_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "radam_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "adagrad_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "adadelta_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "rmsprop_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "rprop_step", "an optimizer's step: test_optimizers has PyTorch's" },
    { "lion_step", "an optimizer's step: test_optimizers has PyTorch's" },
};

static const char *exception_for(const char *op)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (strcmp(exceptions[i].op, op) == 0) return exceptions[i].reason;
    }
    return NULL;
}

/* --- the files -------------------------------------------------------------------------------- */

typedef struct input {
    char kind;
    int below; /* of integers */
    cd_shape shape;
} input;

typedef struct golden_case {
    char name[NAME_BYTES], dtype[16], grad_fn[NAME_BYTES];
    unsigned seed;
    int family, terms, inputs;
    input input[INPUTS];
    cd_shape shape;
    int64_t at; /* where its values begin, in "whole" or in both "f32" and "f64" */
} golden_case;

static golden_case cases[MOST_CASES];
static int case_count;

static int64_t elements(cd_shape shape)
{
    int64_t n = 0;
    assert_true(cd_shape_elements(shape, &n));
    return n;
}

/* "2x3", or "." for no dimensions. */
static cd_shape parse_shape(const char *text)
{
    cd_shape shape = { .ndim = 0 };
    while (*text && *text != '.' && shape.ndim < CD_MAX_DIMS) {
        char *end;
        shape.dim[shape.ndim++] = strtoll(text, &end, 10);
        text = *end == 'x' ? end + 1 : end;
    }
    return shape;
}

static bool is_variable(const input *in)
{
    return in->kind == 'x' || in->kind == 'p';
}

static bool has_gradients(const golden_case *g)
{
    return strcmp(g->grad_fn, "-") != 0;
}

static bool is_whole(const golden_case *g)
{
    return strncmp(g->dtype, "float", 5) != 0;
}

/* Parses one line of the text, whose format make_ops.py describes. */
static void parse_case(const char *line, golden_case *g)
{
    char word[NAME_BYTES];
    int used = 0;
    *g = (golden_case){ .terms = 0 };
    assert_int_equal(sscanf(line, "%63s %u %d%n", g->name, &g->seed, &g->terms, &used), 3);
    for (line += used; sscanf(line, "%63s%n", word, &used) == 1 && *word != '>'; line += used) {
        assert_true(g->inputs < INPUTS);
        char *colon = strchr(word, ':');
        assert_non_null(colon);
        g->input[g->inputs++] = (input){ *word, atoi(word + 1), parse_shape(colon + 1) };
    }
    line += used;
    assert_int_equal(sscanf(line, "%15s %63s%n", g->dtype, word, &used), 2);
    g->shape = parse_shape(word);
    assert_int_equal(sscanf(line + used, "%63s", g->grad_fn), 1);
}

static int64_t values_of(const golden_case *g)
{
    int64_t count = elements(g->shape);
    for (int k = 0; k < g->inputs && has_gradients(g); k++) {
        if (is_variable(&g->input[k])) count += elements(g->input[k].shape);
    }
    return count;
}

static cd_tensor_file *open_family(int family)
{
    char path[128];
    (void)snprintf(path, sizeof path, "golden/ops/%s.safetensors", families[family]);
    cd_tensor_file *file = cd_tensor_file_open(test_path(path));
    assert_ok();
    return file;
}

/* Reads the texts of all files. */
static void list_cases(void)
{
    for (int family = case_count == 0 ? 0 : FAMILIES; family < FAMILIES; family++) {
        CD_SCOPE();
        int64_t next[2] = { 0, 0 };
        const char *line = cd_tensor_file_text(open_family(family), "cases");
        assert_non_null(line);
        while (line) {
            assert_true(case_count < MOST_CASES);
            golden_case *g = &cases[case_count++];
            parse_case(line, g);
            g->family = family;
            g->at = next[is_whole(g)];
            next[is_whole(g)] += values_of(g);
            line = strchr(line, '\n');
            if (line) line++;
        }
    }
}

static const golden_case *find(const char *name)
{
    for (int i = 0; i < case_count; i++) {
        if (strcmp(cases[i].name, name) == 0) return &cases[i];
    }
    return NULL;
}

static bool is_op(const char *name, size_t length)
{
    size_t i = 0;
    while (i < OPS && (strncmp(ops[i], name, length) != 0 || ops[i][length] != '\0')) i++;
    return i < OPS;
}

/* Whether a case belongs to an op: "exp/plain" to exp, and "exp_/plain" too, since exp_ has no
 * descriptor of its own. */
static bool belongs(const char *name, const char *op)
{
    size_t length = strlen(op);
    if (strncmp(name, op, length) != 0) return false;
    if (name[length] == '_' && !is_op(name, length + 1)) length++;
    return name[length] == '/';
}

/* --- one case --------------------------------------------------------------------------------- */

/* The same numbers as `draw` of make_ops.py, by the same operations. */
static cd_tensor *draw(const input *in, cd_dtype dtype)
{
    cd_tensor *r = cd_rand(in->shape, .dtype = CD_F64);
    switch (in->kind) {
    case 'i':
        return cd_to(cd_mul(r, in->below), CD_I64);
    case 'j':
        return cd_to(cd_mul(r, in->below), CD_I32);
    case 'u':
        return cd_to(cd_mul(r, in->below), CD_U8);
    case 'b':
        return cd_lt(r, 0.5);
    case 'p':
        r = cd_add(cd_mul(r, 2), 0.1);
        break;
    case 'q':
        break;
    default:
        r = cd_sub(cd_mul(r, 4), 2);
    }
    return cd_set_requires_grad(cd_to(r, dtype), is_variable(in));
}

typedef struct tolerance {
    double rtol, atol, epsilon; /* with an epsilon, atol grows with the terms and the values */
} tolerance;

/* For elementwise float32 the tolerance of torch.testing; for sums, the rounding error of their
 * terms. */
static tolerance tolerance_for(const golden_case *g, cd_dtype dtype)
{
    if (dtype == CD_F64) return (tolerance){ 1e-7, 1e-10, 0 };
    if (g->terms == 0) return (tolerance){ 1.3e-6, 1e-5, 0 };
    return (tolerance){ 0, 0, 0x1p-23 * 4 * sqrt(g->terms) };
}

/* Compares a tensor with `count` numbers; NULL, a gradient that did not arrive, counts as zeros. */
static void compare(const golden_case *g, const char *what, cd_tensor *actual,
                    const double *expected, int64_t count, tolerance allowed)
{
    CD_SCOPE();
    CD_NO_GRAD();
    char text[NAME_BYTES + 80];
    double scale = 1;
    for (int64_t i = 0; i < count; i++) scale = fmax(scale, fabs(expected[i]));
    double atol = allowed.atol + allowed.epsilon * scale;
    const double *values = actual ? cd_data(cd_contiguous(cd_to(cd_detach(actual), CD_F64))) : NULL;
    assert_ok();
    for (int64_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%s, %s, element %lld", g->name, what, (long long)i);
        test_close(values ? values[i] : 0, expected[i], allowed.rtol, atol, text, __FILE__,
                   __LINE__);
    }
}

/* Dtype, shape and grad_fn. */
static void check_form(const golden_case *g, cd_tensor *y, cd_dtype dtype)
{
    assert_that(y && cd_ok(), "%s: %s", g->name, cd_error_message());
    const char *right = strcmp(g->dtype, "float") == 0 ? cd_dtype_name(dtype) : g->dtype;
    assert_that(strcmp(cd_dtype_name(cd_dtype_of(y)), right) == 0, "%s: is %s, expected %s",
                g->name, cd_dtype_name(cd_dtype_of(y)), right);
    char own[CD_SHAPE_TEXT], expected[CD_SHAPE_TEXT];
    assert_that(cd_shape_equal(cd_shape_of(y), g->shape), "%s: is %s, expected %s", g->name,
                cd_shape_text(cd_shape_of(y), own), cd_shape_text(g->shape, expected));
    const char *name = cd_grad_fn_name(y) ? cd_grad_fn_name(y) : "-";
    assert_that(strcmp(g->grad_fn, "*") == 0 || strcmp(g->grad_fn, name) == 0,
                "%s: its grad_fn is %s, expected %s", g->name, name, g->grad_fn);
}

static void run_case(const struct call *call, const golden_case *g, cd_dtype dtype)
{
    CD_SCOPE();
    cd_tensor *in[INPUTS] = { NULL };
    cd_manual_seed(g->seed);
    for (int k = 0; k < g->inputs; k++) in[k] = draw(&g->input[k], dtype);
    assert_ok();
    cd_tensor *y = call->run(in);
    check_form(g, y, dtype);
    const char *blob = is_whole(g) ? "whole" : dtype == CD_F32 ? "f32" : "f64";
    cd_tensor *values = cd_tensor_file_read(open_family(g->family), blob);
    const double *expected = cd_data(cd_to(values, CD_F64));
    assert_ok();
    expected += g->at;
    tolerance allowed = tolerance_for(g, dtype);
    compare(g, "the result", y, expected, elements(g->shape), allowed);
    if (!has_gradients(g)) return;
    cd_tensor *weights = cd_sub(cd_mul(cd_rand(g->shape, .dtype = CD_F64), 4), 2);
    bool done = cd_backward(y, .gradient = cd_to(weights, cd_dtype_of(y)));
    assert_that(done, "%s: %s", g->name, cd_error_message());
    expected += elements(g->shape);
    for (int k = 0; k < g->inputs; k++) {
        if (!is_variable(&g->input[k])) continue;
        char what[48];
        (void)snprintf(what, sizeof what, "the gradient of input %d", k);
        compare(g, what, cd_grad(in[k]), expected, elements(g->input[k].shape), allowed);
        expected += elements(g->input[k].shape);
    }
}

/* --- every op --------------------------------------------------------------------------------- */

static void op_matches_pytorch(void **state)
{
    const char *op = *state;
    list_cases();
    int run = 0, stored = 0;
    for (size_t i = 0; i < CALLS; i++) {
        if (!belongs(calls[i].name, op)) continue;
        const golden_case *g = find(calls[i].name);
        assert_that(g, "%s: golden/ops/ has no such case", calls[i].name);
        run_case(&calls[i], g, CD_F32);
        run_case(&calls[i], g, CD_F64);
        run++;
    }
    for (int i = 0; i < case_count; i++) stored += belongs(cases[i].name, op);
    const char *exception = exception_for(op);
    assert_that(run == stored, "%s: %d cases are stored, and golden/ops/ has calls for %d", op,
                stored, run);
    assert_that(run > 0 || exception,
                "%s: it has no golden case: add one to a file of tests/golden/ops/, or the "
                "op to `exceptions` here, with the reason",
                op);
    assert_that(run == 0 || !exception, "%s: it has goldens, and needs no exception", op);
    if (run > 0) print_message("%s: %d cases\n", op, run);
    if (exception) print_message("%s: none; %s\n", op, exception);
}

static void every_call_is_of_an_op(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        size_t length = strcspn(calls[i].name, "/");
        if (calls[i].name[length - 1] == '_' && !is_op(calls[i].name, length)) length--;
        assert_that(is_op(calls[i].name, length), "%s: there is no such op", calls[i].name);
    }
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        assert_that(is_op(exceptions[i].op, strlen(exceptions[i].op)),
                    "there is no op %s to except", exceptions[i].op);
    }
    print_message("%d cases of %d stored ones\n", (int)CALLS, case_count);
}

/* test_op_goldens, or test_op_goldens NAME for the cases of one op. */
int main(int argc, char **argv)
{
    static struct CMUnitTest tests[OPS + 1];
    static char names[OPS][NAME_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < OPS; i++) {
        if (argc > 1 && strcmp(argv[1], ops[i]) != 0) continue;
        (void)snprintf(names[i], NAME_BYTES, "goldens.%s", ops[i]);
        tests[count++] = (struct CMUnitTest){ names[i], op_matches_pytorch, test_setup,
                                              test_teardown, (void *)(uintptr_t)ops[i] };
    }
    if (argc < 2) tests[count++] = (struct CMUnitTest)TEST(every_call_is_of_an_op);
    return test_run(tests, count);
}
