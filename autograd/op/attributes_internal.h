/* The attributes of ops: what a call is given beside tensors and numbers. Plain data without
 * pointers, which C++ can read too. Each op's file has the table of the fields of its struct. */
#ifndef CANDELA_AUTOGRAD_OP_ATTRIBUTES_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_ATTRIBUTES_INTERNAL_H

#include "autograd/ops.h"
#include "core/conv_sizes_internal.h"
#include "core/cpu/map_internal.h"
#include "core/layout_internal.h"
#include "core/operand_internal.h"
#include "core/pool_sizes_internal.h"

/* clamp and its like, with numbers for bounds: the bounds follow from these when infer knows the
 * dtype. They stand first, as the parameters of the map. */
typedef struct cd_clamp_attributes {
    cd_bounds bounds;
    cd_number low, high;
} cd_clamp_attributes;

/* The attributes of makers of tensors begin with one of these. The dtype may be CD_DTYPE_DEFAULT,
 * which infer replaces. The device is the call's. requires_grad is the result's alone, set after
 * the call: infer only refuses it where the dtype is not floating. */
typedef struct cd_made {
    cd_dtype dtype;
    cd_device device;
    bool requires_grad;
} cd_made;

/* empty and eye; rand and randn, for which infer takes the shape of a tensor that is given. */
typedef struct cd_create_attributes {
    cd_made made;
    cd_shape shape;
} cd_create_attributes;

typedef struct cd_full_attributes {
    cd_made made;
    cd_shape shape;
    double value;
} cd_full_attributes;

typedef struct cd_arange_attributes {
    cd_made made;
    cd_number end;
    double start, step;
} cd_arange_attributes;

typedef struct cd_linspace_attributes {
    cd_made made;
    double start, end;
    int64_t steps;
} cd_linspace_attributes;

typedef struct cd_randint_attributes {
    cd_made made;
    cd_shape shape;
    int64_t low, high;
} cd_randint_attributes;

typedef struct cd_randperm_attributes {
    cd_made made;
    int64_t n;
} cd_randperm_attributes;

/* uniform_, normal_ and bernoulli_ have a cd_draw. */

typedef struct cd_sgd_attributes {
    double momentum, dampening, weight_decay;
    bool nesterov;
} cd_sgd_attributes;

typedef struct cd_pow_attributes {
    double exponent;
} cd_pow_attributes;

typedef struct cd_transpose_attributes {
    int dim0, dim1;
} cd_transpose_attributes;

/* sum, mean, max and their like. infer says in `reduced` which dimensions go: bit i is dimension i.
 * keepdim leaves them with size 1. */
typedef struct cd_reduce_attributes {
    int dim;
    bool keepdim;
    unsigned reduced;
} cd_reduce_attributes;

/* The shape of the sum. */
typedef struct cd_sum_to_shape_attributes {
    cd_reduce_attributes reduce;
    cd_shape shape;
} cd_sum_to_shape_attributes;

/* Over everything unless by_dim. */
typedef struct cd_norm_attributes {
    cd_reduce_attributes reduce;
    bool by_dim;
    double p;
} cd_norm_attributes;

typedef struct cd_topk_attributes {
    int dim;
    int64_t k;
} cd_topk_attributes;

/* Losses. */
typedef struct cd_loss_attributes {
    cd_reduction reduction;
} cd_loss_attributes;

/* The gradient of mse_loss is factor (x - t) dy. */
typedef struct cd_mse_backward_attributes {
    double factor;
} cd_mse_backward_attributes;

/* A target of this value counts nothing. */
typedef struct cd_nll_attributes {
    cd_reduction reduction;
    int64_t ignored;
} cd_nll_attributes;

/* Its gradient: the shape of the input. */
typedef struct cd_nll_backward_attributes {
    cd_nll_attributes loss;
    cd_shape shape;
} cd_nll_backward_attributes;

/* mm and addmm: whether the columns of a and b follow each other in memory. infer says it. */
typedef struct cd_product_attributes {
    bool a_by_columns, b_by_columns;
} cd_product_attributes;

/* gather and scatter_add. */
typedef struct cd_dim_attributes {
    int dim;
} cd_dim_attributes;

typedef struct cd_squeeze_attributes {
    int dim;
    bool taken; /* its size was 1; infer says it */
} cd_squeeze_attributes;

typedef struct cd_select_attributes {
    int dim;
    int64_t index;
} cd_select_attributes;

typedef struct cd_slice_attributes {
    int dim;
    int64_t from, to, step;
} cd_slice_attributes;

/* Their gradients: the shape of what was selected from, and sliced. */
typedef struct cd_select_backward_attributes {
    cd_select_attributes select;
    cd_shape shape;
} cd_select_backward_attributes;

typedef struct cd_slice_backward_attributes {
    cd_slice_attributes slice;
    cd_shape shape;
} cd_slice_backward_attributes;

/* infer says where x lies, and completes y. */
typedef struct cd_as_strided_attributes {
    cd_layout x, y;
    cd_shape stride; /* of y, as it was given */
} cd_as_strided_attributes;

/* Its gradient: so many elements, of which dy has those at these places. */
typedef struct cd_as_strided_backward_attributes {
    int64_t elements;
    cd_layout at;
} cd_as_strided_backward_attributes;

/* Of the node that the base of a changed view gets; offsets count from the base's first element. */
typedef struct cd_copy_slices_attributes {
    cd_layout base, view;
} cd_copy_slices_attributes;

typedef struct cd_dtype_attributes {
    cd_dtype dtype;
} cd_dtype_attributes;

/* gather's gradient: the shape of what was gathered from. */
typedef struct cd_gather_backward_attributes {
    int dim;
    cd_shape shape;
} cd_gather_backward_attributes;

typedef struct cd_one_hot_attributes {
    int64_t num_classes;
} cd_one_hot_attributes;

/* conv2d and its gradients have a cd_conv2d_sizes, max_pool2d a cd_pool2d_sizes: the caller gives
 * strides, paddings and their like, and infer the sizes. */

typedef struct cd_batch_norm_attributes {
    bool training;
    double momentum, eps;
} cd_batch_norm_attributes;

/* adaptive_avg_pool2d: of the output. */
typedef struct cd_adaptive_pool2d_attributes {
    int64_t size[2];
} cd_adaptive_pool2d_attributes;

/* view, expand and their like: the shape. repeat: how often. permute: the order. Gradients of
 * pools: the shape of what was pooled. */
typedef struct cd_shape_attributes {
    cd_shape shape;
} cd_shape_attributes;

#endif
