/* Samples and bad calls that several ops share, and the list of those of every op. */
#include "op_cases.h"

/* --- one operand and two ---------------------------------------------------------------------- */

void cd_sample_binary(cd_samples *s, cd_sample_call *call)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(4, 2, 1)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(2, 2)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1, 1)) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) });
}

cd_tensor *cd_domain_unit(cd_tensor *x)
{
    return cd_mul(cd_tanh(x), 0.8);
}

cd_tensor *cd_domain_above_one(cd_tensor *x)
{
    return cd_add(cd_abs(x), 1.1);
}

static cd_tensor *domain_positive(cd_tensor *x)
{
    return cd_add(cd_abs(x), 0.1);
}

static cd_tensor *domain_all(cd_tensor *x)
{
    return x;
}

void cd_sample_unary(cd_samples *s, cd_sample_call *call, bool positive)
{
    cd_sample_unary_in(s, call, positive ? domain_positive : domain_all);
}

void cd_sample_unary_in(cd_samples *s, cd_sample_call *call, cd_tensor *(*domain)(cd_tensor *x))
{
    CD_SCOPE();
    const cd_shape shapes[] = {
        CD_SCALAR,   CD_SHAPE(1),    CD_SHAPE(5),       CD_SHAPE(2, 3),
        CD_SHAPE(0), CD_SHAPE(2, 0), CD_SHAPE(3, 1, 4), CD_SHAPE(2, 1, 1, 3)
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_sample(s, call, { domain(cd_randn(shapes[i])) });
    }
    cd_sample(s, call, { domain(cd_t(cd_randn(CD_SHAPE(4, 3)))) });
}

void cd_misuse_in_place(cd_samples *s, cd_tensor *(*change)(cd_tensor *x))
{
    cd_tensor *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", change(NULL));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", change(leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    change(cd_expand(cd_ones(CD_SHAPE(1)), CD_SHAPE(3))));
}

void cd_sample_compare(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1) });
    cd_sample(s, with_number, { cd_arange(4) }, { 1.5 });
}

void cd_misuse_compare(cd_samples *s, cd_tensor *(*compare)(cd_operand a, cd_operand b))
{
    cd_operand x = CD_OPERAND(cd_zeros(CD_SHAPE(2, 3))), none = cd_operand_tensor(NULL);
    cd_operand other = CD_OPERAND(cd_zeros(CD_SHAPE(2, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", compare(x, other));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", compare(none, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", compare(x, none));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", compare(CD_OPERAND(1), CD_OPERAND(2)));
}

/* The gradients are 0, and differences of a step function as well. */
void cd_sample_compare_in_place(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number)
{
    cd_sample(s, tensors, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1.5) });
    cd_sample(s, tensors, { cd_eq(cd_arange(3), 1), cd_arange(3) });
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(4)) }, { 0.5 });
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(0, 2)) }, { 0.5 });
}

void cd_misuse_compare_in_place(cd_samples *s, cd_tensor *(*compare)(cd_tensor *x, cd_operand b))
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2)), *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_SHAPE, "3x2", compare(x, CD_OPERAND(cd_zeros(CD_SHAPE(3, 2)))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", compare(NULL, CD_OPERAND(1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", compare(x, cd_operand_tensor(NULL)));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", compare(leaf, CD_OPERAND(1)));
}

void cd_sample_three(cd_samples *s, cd_sample_call *call, cd_sample_call *in_place)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3), R(2, 3), R(2, 3) });
    cd_sample(s, call, { R(3), R(2, 1), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), R(4, 1, 1), R(2, 3) });
    cd_sample(s, call, { R(0, 3), R(3), R(1) });
    cd_sample(s, call, { R(1), R(1), R(1, 1) });
    cd_sample(s, call, { cd_t(R(3, 2)), R(2, 3), cd_t(R(3, 2)) });
    cd_sample(s, in_place, { R(2, 3), R(3), R(2, 1) });
#undef R
}

/* --- logical and bitwise ---------------------------------------------------------------------- */

void cd_sample_logical(cd_samples *s, cd_sample_call *tensors, cd_sample_call *in_place)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 0.5) });
    cd_sample(s, tensors, { cd_gt(cd_arange(4), 1), cd_eq(cd_arange(4), 3) });
    cd_sample(s, in_place, { cd_arange(3), cd_full(CD_SHAPE(3), 0.5) });
    cd_sample(s, in_place, { cd_gt(cd_arange(4), 1), cd_arange(4) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_arange(3) }, .constant = CD_SET(0));
}

void cd_misuse_logical(cd_samples *s, cd_logical_call *op, cd_logical_call *op_)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *other = cd_zeros(CD_SHAPE(2, 4));
    cd_tensor *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", op(x, other));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", op_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", op(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", op(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", op_(NULL, x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", op_(leaf, leaf));
}

void cd_sample_integers(cd_samples *s, cd_sample_call *tensors, cd_sample_call *in_place)
{
    cd_tensor *six = cd_view(cd_arange(6), CD_SHAPE(2, 3)), *three = cd_arange(1, .start = -2);
    cd_sample(s, tensors, { six, cd_full(CD_SHAPE(2, 3), 3, .dtype = CD_I64) });
    cd_sample(s, tensors, { six, three });
    cd_sample(s, tensors, { cd_t(six), cd_full(CD_SHAPE(3, 2), 2, .dtype = CD_I32) });
    cd_sample(s, tensors, { cd_to(six, CD_I32), cd_to(cd_arange(3), CD_U8) });
    cd_sample(s, tensors, { cd_to(six, CD_U8), cd_to(cd_arange(3), CD_U8) });
    cd_sample(s, tensors, { cd_zeros(CD_SHAPE(0, 3), .dtype = CD_I64), three });
    cd_sample(s, tensors, { cd_full(CD_SCALAR, 6, .dtype = CD_I64), three });
    cd_sample(s, in_place, { six, three });
    cd_sample(s, in_place, { cd_to(six, CD_U8), cd_arange(3) });
}

void cd_misuse_integers(cd_samples *s, cd_tensor *(*op)(cd_operand a, cd_operand b),
                        cd_tensor *(*op_)(cd_tensor *x, cd_operand b))
{
    cd_tensor *x = cd_arange(3), *truth = cd_eq(x, 1), *real = cd_ones(CD_SHAPE(3));
    cd_operand integers = CD_OPERAND(x), none = cd_operand_tensor(NULL);
    cd_expect_error(s, CD_ERR_DTYPE, "float32", op(CD_OPERAND(real), integers));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", op(integers, CD_OPERAND(1.0)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", op_(real, integers));
    cd_expect_error(s, CD_ERR_DTYPE, "the result is int64", op_(truth, integers));
    cd_expect_error(s, CD_ERR_SHAPE, "(3)", op(integers, CD_OPERAND(cd_arange(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "(2)", op_(x, CD_OPERAND(cd_arange(2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", op(none, integers));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", op(integers, none));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", op_(NULL, integers));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", op(CD_OPERAND(1), CD_OPERAND(2)));
}

void cd_sample_dim(cd_samples *s, cd_sample_call *call)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1, true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { -1, true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 0 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 1 });
}

void cd_sample_dims(cd_samples *s, cd_sample_call *call, bool empty)
{
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 4));
    cd_sample(s, call, { x });
    cd_sample(s, call, { x }, { 0, true });
    cd_sample(s, call, { x }, { 1, false, 1 });
    cd_sample(s, call, { x }, { 2, false, 2, 0 });
    cd_sample(s, call, { x }, { 2, true, -1, 1 });
    cd_sample(s, call, { x }, { 3, false, 0, 1, 2 });
    cd_sample(s, call, { cd_transpose(x, 0, 2) }, { 2, false, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1, false, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 3)) }, { 2, false, 0, 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, true, -1 });
    if (!empty) return;
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 1, false, 1 });
}

cd_dims dims_from(const double *parameters)
{
    cd_dims dims = { .count = (int)parameters[0] };
    for (int i = 0; i < dims.count; i++) dims.dim[i] = (int)parameters[2 + i];
    return dims;
}

void cd_misuse_dims(cd_samples *s, cd_tensor *(*op)(cd_dims_options options))
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_dims_options none = { .dims = CD_DIMS(0) }, far = { .x = x, .dims = CD_DIMS(0, 2) };
    cd_dims_options low = { .x = x, .dims = CD_DIMS(-3) },
                    twice = { .x = x, .dims = CD_DIMS(1, -1) };
    cd_dims_options many = { .x = x, .dims.count = 9 }, fewer = { .x = x, .dims.count = -1 };
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", op(none));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", op(far));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", op(low));
    cd_expect_error(s, CD_ERR_ARGUMENT, "dimension 1 is given twice", op(twice));
    cd_expect_error(s, CD_ERR_ARGUMENT, "9 dimensions were given", op(many));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 dimensions were given", op(fewer));
}

/* --- min and max ------------------------------------------------------------------------------ */

void cd_sample_min_max(cd_samples *s, cd_sample_call *call)
{
    CD_SCOPE();
    const cd_shape shapes[] = { CD_SCALAR,           CD_SHAPE(1),    CD_SHAPE(5),
                                CD_SHAPE(2, 3),      CD_SHAPE(1, 1), CD_SHAPE(3, 1, 4),
                                CD_SHAPE(2, 1, 1, 3) };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_sample(s, call, { cd_randn(shapes[i]) });
    }
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) });
    cd_sample(s, call, { cd_arange(5) });
}

void cd_misuse_min_max(cd_samples *s, cd_tensor *(*op)(cd_tensor *x))
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", op(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", op(cd_zeros(CD_SHAPE(2, 0))));
    cd_expect_error(s, CD_ERR_SHAPE, "empty", op(cd_zeros(CD_SHAPE(0))));
}

void cd_misuse_min_max_dim(cd_samples *s, cd_tensor *(*op)(cd_dim_options options))
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *empty = cd_zeros(CD_SHAPE(2, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", op((cd_dim_options){ .dim = 0 }));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", op((cd_dim_options){ .x = x, .dim = 2 }));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", op((cd_dim_options){ .x = x, .dim = -3 }));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", op((cd_dim_options){ .x = empty, .dim = 1 }));
}

void cd_sample_choice(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number,
                      cd_sample_call *number_first)
{
    CD_SCOPE();
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -0.5 });
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1, .dtype = CD_I64) });
    cd_sample(s, tensors, { cd_arange(3), cd_randn(CD_SHAPE(3)) });
}

void cd_misuse_choice(cd_samples *s, cd_tensor *(*choice)(cd_operand a, cd_operand b), int outside)
{
    cd_tensor *zeros = cd_zeros(CD_SHAPE(2, 3));
    cd_operand x = CD_OPERAND(zeros), none = cd_operand_tensor(NULL);
    cd_operand wide = CD_OPERAND(cd_zeros(CD_SHAPE(2, 4))), bytes = CD_OPERAND(cd_to(zeros, CD_U8));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", choice(x, wide));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", choice(none, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", choice(x, none));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", choice(CD_OPERAND(1), CD_OPERAND(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "is not among", choice(bytes, CD_OPERAND(outside)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "float32", choice(CD_OPERAND(1e300), x));
}

void cd_sample_bound(cd_samples *s, cd_sample_call *number, cd_sample_call *tensor,
                     cd_sample_call *in_place, cd_sample_call *tensor_in_place)
{
    CD_SCOPE();
    cd_sample_unary(s, number, false);
    cd_sample_binary(s, tensor);
    cd_sample(s, number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.5 });
    cd_sample(s, number, { cd_arange(3) }, { 0.5 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 2)) }, { 0.5 });
    cd_sample(s, tensor_in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
}

void cd_misuse_bound(cd_samples *s, cd_clamp_call *clamp, cd_clamp_call *clamp_, int outside)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *bytes = cd_zeros(CD_SHAPE(2), .dtype = CD_U8);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_operand zero = CD_OPERAND(0), none = cd_operand_tensor(NULL);
    cd_operand odd = CD_OPERAND(cd_zeros(CD_SHAPE(2))),
               deep = CD_OPERAND(cd_zeros(CD_SHAPE(4, 2, 3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", clamp(NULL, zero));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", clamp_(NULL, zero));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bound is NULL", clamp(x, none));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", clamp(x, odd));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", clamp_(x, deep));
    cd_expect_error(s, CD_ERR_ARGUMENT, "uint8", clamp(bytes, CD_OPERAND(outside)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", clamp_(cd_arange(3), CD_OPERAND(0.5)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", clamp(cd_eq(x, 0), CD_OPERAND((bool)true)));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", clamp_(leaf, zero));
}

/* --- makers of tensors ------------------------------------------------------------------------ */

cd_shape shape_from(const double *parameters)
{
    cd_shape shape = { .ndim = (int)parameters[0] };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = (int64_t)parameters[1 + i];
    return shape;
}

void cd_sample_drawn(cd_samples *s, cd_sample_call *make, cd_sample_call *like)
{
    CD_SCOPE();
    cd_sample(s, make, { NULL }, { CD_DTYPE_DEFAULT, 2, 2, 3 });
    cd_sample(s, make, { NULL }, { CD_F64, 1, 40 });
    cd_sample(s, make, { NULL }, { CD_F32, 0 });
    cd_sample(s, make, { NULL }, { CD_F32, 2, 0, 3 });
    cd_sample(s, make, { NULL }, { CD_F32, 4, 3, 1, 2, 4 });
    cd_sample(s, like, { cd_zeros(CD_SHAPE(3, 7)) });
    cd_sample(s, like, { cd_zeros(CD_SHAPE(5)) }, { CD_F64 });
    cd_sample(s, like, { cd_arange(20) }, { CD_F32 });
    cd_sample(s, like, { cd_zeros(CD_SHAPE(0)) });
}

void cd_misuse_drawn(cd_samples *s, cd_tensor *(*make)(cd_create o), cd_tensor *(*like)(cd_like o))
{
    cd_tensor *x = cd_arange(3);
    cd_generator *wrong = (cd_generator *)(void *)x;
    const cd_shape shape = CD_SHAPE(2);
    cd_expect_error(s, CD_ERR_DTYPE, "int64", make((cd_create){ .shape = shape, .dtype = CD_I64 }));
    cd_expect_error(s, CD_ERR_DTYPE, "99",
                    make((cd_create){ .shape = shape, .dtype = (cd_dtype)99 }));
    cd_expect_error(s, CD_ERR_SHAPE, "size -1 of dimension 0",
                    make((cd_create){ .shape = CD_SHAPE(-1) }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    make((cd_create){ .shape = shape, .generator = wrong }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", like((cd_like){ .x = NULL }));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", like((cd_like){ .x = x }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    like((cd_like){ .x = x, .dtype = CD_F32, .generator = wrong }));
}

/* --- convolutions ----------------------------------------------------------------------------- */

cd_conv2d_sizes square_convolution(int64_t stride, int64_t padding, int64_t dilation,
                                   int64_t groups)
{
    if (stride == 0) stride = 1;
    if (dilation == 0) dilation = 1;
    return (cd_conv2d_sizes){ .stride_h = stride,
                              .stride_w = stride,
                              .padding_h = padding,
                              .padding_w = padding,
                              .dilation_h = dilation,
                              .dilation_w = dilation,
                              .groups = groups ? groups : 1 };
}

/* --- every op --------------------------------------------------------------------------------- */

#define CD_OP(name_) extern const op_cases cases_##name_;
#include "autograd/ops.def"
#undef CD_OP

/* In the order of cd_ops. */
static const op_cases *const cases[] = {
#define CD_OP(name_) &cases_##name_,
#include "autograd/ops.def"
#undef CD_OP
};

const op_cases *cases_of(const cd_op *op)
{
    for (size_t i = 0; cd_ops[i]; i++) {
        if (cd_ops[i] == op) return cases[i];
    }
    fail_msg("%s is not in ops.def", op->name);
    return NULL;
}

/* --- steps of optimizers ---------------------------------------------------------------------- */

cd_tensor *cd_call_step(const cd_op *op, cd_tensor *const *in, const double *p, cd_tensor *product)
{
    CD_NO_GRAD();
    const unsigned flags = (unsigned)p[STEP_FLAGS];
    cd_step_attributes a = { .weight_decay = p[STEP_DECAY],
                             .beta2 = p[STEP_BETA2],
                             .eps = p[STEP_EPS],
                             .dampening = p[STEP_OTHER],
                             .lr_decay = p[STEP_OTHER],
                             .momentum_decay = p[STEP_OTHER],
                             .etaminus = p[STEP_MOMENTUM],
                             .etaplus = p[STEP_BETA2],
                             .least_step = p[STEP_LEAST],
                             .most_step = p[STEP_MOST],
                             .decoupled = flags & STEP_DECOUPLED,
                             .nesterov = flags & STEP_NESTEROV,
                             .maximize = flags & STEP_MAXIMIZE };
    cd_tensor *w = in[0] ? cd_detach(cd_clone(in[0])) : NULL;
    const cd_device device = w ? cd_device_of(w) : CD_CPU;
    cd_tensor *rate = cd_full(CD_SCALAR, p[STEP_LR], .dtype = CD_F64);
    cd_tensor *momentum = cd_full(CD_SCALAR, p[STEP_MOMENTUM], .dtype = CD_F64);
    cd_tensor *count = cd_full(CD_SCALAR, p[STEP_SO_FAR], .dtype = CD_I64, .device = device);
    cd_operand operands[CD_OP_INPUTS];
    cd_tensor *all[CD_OP_INPUTS] = { w, in[1], rate, momentum, count };
    for (int k = 5; k < op->inputs; k++) all[k] = in[k - 3] ? cd_detach(cd_clone(in[k - 3])) : NULL;
    if (product) all[op->inputs - 1] = product;
    for (int k = 0; k < op->inputs; k++) operands[k] = cd_operand_tensor(all[k]);
    cd_call call;
    cd_call_begin(&call, op, operands, op->inputs);
    call.in_place = true;
    call.launch.attributes = &a;
    cd_tensor *y = cd_call_run(&call);
    if (!y) return NULL;
    /* What the state and the count have become is tested too. */
    for (int k = 4; k < op->inputs; k++) {
        if (all[k]) y = cd_add(y, all[k]);
    }
    return y;
}

void cd_sample_steps(cd_samples *s, cd_sample_call *step, int arrays)
{
    static const int64_t sizes[][2] = { { 2, 3 }, { 5, 1 }, { 0, 3 }, { 1, 1 } };
    static const double parameters[][12] = {
        { 0.1, 0.9, 0, 0, 0.99, 1e-3, 0.1, 1e-3, 2 },
        { 0.1, 0.9, 6, 0.5, 0.99, 1e-3, 0.1, 1e-3, 2, STEP_NESTEROV },
        { 0.2, 0.8, 40, 0.5, 0.9, 1e-2, 0.3, 1e-3, 2, STEP_DECOUPLED },
        { 1, 0.5, 1, 0, 0.5, 1, 0, 0.1, 0.3, STEP_MAXIMIZE },
    };
    enum { SIZES = sizeof sizes / sizeof *sizes, WAYS = sizeof parameters / sizeof *parameters };
    for (int i = 0; i < SIZES * WAYS; i++) {
        CD_SCOPE();
        const cd_shape shape = { .ndim = 2, .dim = { sizes[i / WAYS][0], sizes[i / WAYS][1] } };
        cd_sample sample = { .call = step, .constant = ~0u };
        for (int k = 0; k < 2 + arrays; k++) {
            sample.input[k] = k < 2 ? cd_randn(shape) : cd_rand(shape);
        }
        memcpy(sample.parameters, parameters[i % WAYS], sizeof sample.parameters);
        s->visit(s, &sample);
    }
}

void cd_misuse_steps(cd_samples *s, cd_sample_call *step, int arrays)
{
    static const double p[12] = { 0.1, 0.9, 0, 0, 0.99, 1e-3, 0, 1e-3, 2 };
    cd_tensor *w = cd_zeros(CD_SHAPE(2)), *wide = cd_zeros(CD_SHAPE(3)), *whole = cd_arange(2);
    cd_tensor *good[6] = { w, w, w, w, w, w };
    for (int k = 0; k < 2 + arrays; k++) {
        char text[64];
        cd_tensor *in[6];
        memcpy(in, good, sizeof in);
        in[k] = wide;
        const char *name = s->op->input[k < 2 ? k : k + 3];
        (void)snprintf(text, sizeof text, "%s (3, float32) must be of w's shape", name);
        if (k > 0) cd_expect_error(s, CD_ERR_SHAPE, text, step(in, p));
    }
    cd_expect_error(s, CD_ERR_ARGUMENT, "g is NULL", step((cd_tensor *[6]){ w, NULL, w, w, w }, p));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", step((cd_tensor *[6]){ NULL, w, w, w, w }, p));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    step((cd_tensor *[6]){ whole, whole, whole, whole, whole }, p));
}
