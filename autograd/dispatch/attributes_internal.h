/* The attributes of ops: what a call is given beside tensors and numbers, such as stride and
 * padding.
 *
 * Each op that has attributes has a struct here, which a call points to and a node has a copy of.
 * The structs are plain data without pointers, which C++ can read too. A table of the struct's
 * fields (cd_field), in the op's file, serves to print captured graphs.
 *
 * Most members are what the caller gave; those that infer computes say so. */
#ifndef CANDELA_AUTOGRAD_DISPATCH_ATTRIBUTES_INTERNAL_H
#define CANDELA_AUTOGRAD_DISPATCH_ATTRIBUTES_INTERNAL_H

#include <stddef.h>

#include "autograd/ops.h"
#include "core/conv_sizes_internal.h"
#include "core/cpu/map_internal.h"
#include "core/layout_internal.h"
#include "core/operand_internal.h"
#include "core/pool_sizes_internal.h"

/* --- tables of fields ------------------------------------------------------------------------- */

/* The type of a member. */
typedef enum cd_field_kind {
    CD_FIELD_END = 0,
    CD_FIELD_BOOL,     /* bool */
    CD_FIELD_DIM,      /* int: a dimension, or -1 */
    CD_FIELD_DIMS,     /* cd_dims */
    CD_FIELD_INTEGER,  /* int64_t */
    CD_FIELD_PAIR,     /* int64_t[2], or two members: height and width */
    CD_FIELD_REAL,     /* double */
    CD_FIELD_DTYPE,    /* cd_dtype */
    CD_FIELD_SHAPE,    /* cd_shape: sizes, or strides */
    CD_FIELD_NUMBER,   /* cd_number, which may be absent */
    CD_FIELD_REDUCTION /* cd_reduction */
} cd_field_kind;

/* A member that is printed. */
typedef struct cd_field {
    const char *name;
    unsigned short kind, offset; /* a cd_field_kind, and where the member is in the struct */
} cd_field;

/* The entry of a member, printed by its own name: CD_FIELD(cd_slice_attributes, step, INTEGER). */
#define CD_FIELD(struct_, member_, kind_)                                                          \
    {                                                                                              \
        .name = #member_, .kind = CD_FIELD_##kind_, .offset = offsetof(struct_, member_)           \
    }
/* The last entry of a table. */
#define CD_FIELDS_END                                                                              \
    {                                                                                              \
        .kind = CD_FIELD_END                                                                       \
    }

/* For a struct of which nothing needs to be printed: all of it follows from the inputs. */
extern const cd_field cd_no_fields[];
/* For a cd_dim_attributes. */
extern const cd_field cd_dim_fields[];
/* For a cd_shape_attributes. */
extern const cd_field cd_shape_fields[];

/* --- attributes that several ops have --------------------------------------------------------- */

/* gather, scatter_add, cat, stack, unsqueeze, gradients of softmax: the dimension. */
typedef struct cd_dim_attributes {
    int dim;
} cd_dim_attributes;

/* scatter with .reduce. */
typedef struct cd_scatter_attributes {
    cd_dim_attributes along;
    int64_t operation; /* a cd_scatter_operation */
} cd_scatter_attributes;

/* softmax and log_softmax. */
typedef struct cd_softmax_attributes {
    cd_dim_attributes along;
    cd_dtype dtype; /* of the result; or CD_DTYPE_DEFAULT for x's */
} cd_softmax_attributes;

/* The shape: of the result of view, expand and their like; of x in the gradients of pools. For
 * repeat, how often along each dimension; for permute, the order of the dimensions. */
typedef struct cd_shape_attributes {
    cd_shape shape;
} cd_shape_attributes;

/* --- elementwise ops -------------------------------------------------------------------------- */

/* clamp, clamp_min and clamp_max with numbers as bounds. infer makes `bounds` of low and high when
 * it knows the dtype. `bounds` is the first member, since the map reads its parameters there. */
typedef struct cd_clamp_attributes {
    cd_bounds bounds;
    cd_number low, high; /* absent if there is no such bound */
} cd_clamp_attributes;

typedef struct cd_pow_attributes {
    double exponent;
} cd_pow_attributes;

/* `closeness`, which infer sets, is the first member: the map reads its parameters there. */
typedef struct cd_isclose_attributes {
    cd_closeness closeness;
    double rtol, atol;
    bool equal_nan;
} cd_isclose_attributes;

/* Those of sums with a factor begin with it, since the map reads its parameters there. infer makes
 * it of the number that was given. */

/* add, sub and rsub with .alpha, which the factor is, or minus alpha. */
typedef struct cd_scaled_attributes {
    cd_scalar factor;
    double alpha;
} cd_scaled_attributes;

/* lerp with a number. */
typedef struct cd_lerp_attributes {
    cd_scalar factor;
    double weight;
} cd_lerp_attributes;

/* addcmul and addcdiv. */
typedef struct cd_value_attributes {
    cd_scalar factor;
    double value;
} cd_value_attributes;

typedef struct cd_polygamma_attributes {
    int n;
} cd_polygamma_attributes;

/* `rounding` is the first member, since the map reads its parameters there; infer sets it. */
typedef struct cd_round_attributes {
    cd_rounding rounding;
    int decimals;
} cd_round_attributes;

/* `used` is the first member, since the map reads its parameters there; infer makes it of what was
 * given, where 0 for an infinity means the default of the dtype. */
typedef struct cd_nan_to_num_attributes {
    cd_replacements used, given;
} cd_nan_to_num_attributes;

/* The limits are the first members, since the map reads its parameters there; infer sets them. */
typedef struct cd_logit_attributes {
    double low, high;
    double eps; /* negative: there are no limits */
} cd_logit_attributes;

typedef struct cd_dtype_attributes {
    cd_dtype dtype;
} cd_dtype_attributes;

/* --- activations ------------------------------------------------------------------------------ */

/* Those with numbers as options have a struct of core/cpu/activation_internal.h. hardtanh and relu6
 * have a cd_clamp_attributes, glu a cd_dim_attributes. */

typedef struct cd_gelu_attributes {
    bool tanh; /* computed by the approximation */
} cd_gelu_attributes;

/* --- ops that make tensors -------------------------------------------------------------------- */

/* The first member of the attributes of each op that makes a tensor. */
typedef struct cd_made {
    cd_dtype dtype; /* infer replaces CD_DTYPE_DEFAULT */
    cd_device device;
    bool requires_grad; /* set on the result after the call; infer refuses it of integer dtypes */
} cd_made;

/* empty, eye, rand and randn. Of rand_like and randn_like infer sets the shape. */
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
    int64_t low, high; /* of [low, high) */
} cd_randint_attributes;

typedef struct cd_randperm_attributes {
    cd_made made;
    int64_t n;
} cd_randperm_attributes;

typedef struct cd_combinations_attributes {
    cd_made made;
    int64_t n, r, rows; /* rows: of the result */
    bool with_replacement;
} cd_combinations_attributes;

/* tril_indices, and with `upper` triu_indices. */
typedef struct cd_triangle_indices_attributes {
    cd_made made;
    int64_t rows, columns, offset;
    bool upper;
} cd_triangle_indices_attributes;

/* uniform_, normal_ and bernoulli_ have a cd_draw (core/random_internal.h). */

/* --- reductions ------------------------------------------------------------------------------- */

/* sum, mean, max and their like. */
typedef struct cd_reduce_attributes {
    int dim;          /* of an op over one dimension */
    bool keepdim;     /* reduced dimensions stay, with size 1 */
    unsigned reduced; /* set by infer: bit i says that dimension i is reduced */
} cd_reduce_attributes;

/* sum, var, any, amax and their like, over any dimensions. */
typedef struct cd_reduce_dims_attributes {
    cd_reduce_attributes reduce; /* without `dim` */
    cd_dims dims;                /* infer replaces none by all, and counts each from the front */
    cd_dtype dtype;              /* of the result of sum and its like; or CD_DTYPE_DEFAULT */
} cd_reduce_dims_attributes;

/* var, std, var_mean and std_mean. */
typedef struct cd_var_attributes {
    cd_reduce_dims_attributes over;
    bool whole; /* no dimensions were named: of all elements */
    double correction;
} cd_var_attributes;

/* quantile and nanquantile, along reduce.dim. */
typedef struct cd_quantile_attributes {
    cd_reduce_attributes reduce;
    double q;
    int64_t interpolation; /* a cd_interpolation */
} cd_quantile_attributes;

/* cumsum, cummax and their like. */
typedef struct cd_scan_attributes {
    int dim;
    bool reverse;   /* from the last element back, for gradients */
    cd_dtype dtype; /* of the result; or CD_DTYPE_DEFAULT */
} cd_scan_attributes;

typedef struct cd_sum_to_shape_attributes {
    cd_reduce_attributes reduce;
    cd_shape shape; /* of the result */
} cd_sum_to_shape_attributes;

typedef struct cd_norm_attributes {
    cd_reduce_dims_attributes over;
    double p;
} cd_norm_attributes;

/* cdist and pdist. */
typedef struct cd_distance_attributes {
    double p;
} cd_distance_attributes;

typedef struct cd_topk_attributes {
    int dim;
    int64_t k;
    bool smallest;
} cd_topk_attributes;

typedef struct cd_sort_attributes {
    int dim;
    bool descending;
} cd_sort_attributes;

/* kthvalue, along reduce.dim. */
typedef struct cd_kthvalue_attributes {
    cd_reduce_attributes reduce;
    int64_t k; /* 1 for the smallest */
} cd_kthvalue_attributes;

typedef struct cd_searchsorted_attributes {
    bool right, out_int32;
} cd_searchsorted_attributes;

typedef struct cd_bincount_attributes {
    int64_t minlength; /* of the result */
} cd_bincount_attributes;

typedef struct cd_histc_attributes {
    int64_t bins;
    double min, max;
} cd_histc_attributes;

typedef struct cd_multinomial_attributes {
    int64_t samples; /* for each row */
    bool replacement;
    int64_t stride[2]; /* set by infer: those of p, in whose order numbers are drawn */
} cd_multinomial_attributes;

/* --- losses ----------------------------------------------------------------------------------- */

typedef struct cd_loss_attributes {
    cd_reduction reduction;
} cd_loss_attributes;

/* Of a loss with a bound between two forms: beta, delta. */
typedef struct cd_bounded_loss_attributes {
    cd_reduction reduction;
    double bound;
} cd_bounded_loss_attributes;

/* The gradient of mse_loss is factor (x - t) dy. */
typedef struct cd_mse_backward_attributes {
    double factor;
} cd_mse_backward_attributes;

typedef struct cd_nll_attributes {
    cd_reduction reduction;
    int64_t ignored; /* PyTorch's ignore_index: targets of this value are left out */
} cd_nll_attributes;

/* multi_margin_loss, multilabel_margin_loss, and the gradient of both. */
typedef struct cd_margin_loss_attributes {
    cd_reduction reduction;
    int64_t power; /* 1 or 2 */
    double margin;
    bool listed; /* each row has a list of targets, not a single one */
} cd_margin_loss_attributes;

typedef struct cd_nll_backward_attributes {
    cd_nll_attributes loss;
    cd_shape shape; /* of nll_loss's input, and so of its gradient */
} cd_nll_backward_attributes;

/* --- matrix products -------------------------------------------------------------------------- */

/* mm, and addmm, whose attributes begin with it. Set by infer: whether a and b are transposes of
 * contiguous matrices, and their gradients are to be laid out so too. */
typedef struct cd_product_attributes {
    bool a_by_columns, b_by_columns;
} cd_product_attributes;

/* beta bias + alpha a b. Of integers infer cuts fractions off. */
typedef struct cd_addmm_attributes {
    cd_product_attributes product;
    double alpha, beta;
} cd_addmm_attributes;

typedef struct cd_attention_attributes {
    double scale;
    bool is_causal;
} cd_attention_attributes;

/* Of a product that is added to a bias. */
typedef struct cd_weighted_attributes {
    double beta, alpha;
} cd_weighted_attributes;

/* --- views, and their gradients --------------------------------------------------------------- */

typedef struct cd_transpose_attributes {
    int dim0, dim1;
} cd_transpose_attributes;

typedef struct cd_squeeze_attributes {
    int dim;
    bool taken; /* set by infer: the size was 1, so the dimension is removed */
} cd_squeeze_attributes;

typedef struct cd_select_attributes {
    int dim;
    int64_t index;
} cd_select_attributes;

typedef struct cd_slice_attributes {
    int dim;
    int64_t from, to, step;
} cd_slice_attributes;

typedef struct cd_select_backward_attributes {
    cd_select_attributes select;
    cd_shape shape; /* of x, and so of its gradient */
} cd_select_backward_attributes;

typedef struct cd_slice_backward_attributes {
    cd_slice_attributes slice;
    cd_shape shape; /* of x, and so of its gradient */
} cd_slice_backward_attributes;

typedef struct cd_as_strided_attributes {
    cd_layout x;     /* set by infer */
    cd_layout y;     /* shape and offset as they were given; infer sets the rest */
    cd_shape stride; /* of y, as it was given */
} cd_as_strided_attributes;

/* A vector of so many elements, 0 but at the places of the layout, where dy is added. */
typedef struct cd_as_strided_backward_attributes {
    int64_t elements;
    cd_layout at;
} cd_as_strided_backward_attributes;

/* Of the CopySlices node that the base of a changed view gets: see views.c. Offsets count from the
 * base's first element. */
typedef struct cd_copy_slices_attributes {
    cd_layout base, view;
} cd_copy_slices_attributes;

/* diagonal and diag_embed: dimensions of the tensor that has the diagonal. */
typedef struct cd_diagonal_attributes {
    int64_t offset;
    int dim1, dim2;
} cd_diagonal_attributes;

/* x.unfold. */
typedef struct cd_window_attributes {
    int dim;
    int64_t size, step;
} cd_window_attributes;

/* squeeze_dims: `dims` as given; infer sets the set of dimensions that are removed. */
typedef struct cd_squeeze_dims_attributes {
    cd_shape dims;
    unsigned taken;
} cd_squeeze_dims_attributes;

/* --- copies in another order ------------------------------------------------------------------ */

/* Without dims, one shift of all elements. infer makes the shifts numbers from 0 to size - 1, and
 * sets `shift` to that of each dimension of x. */
typedef struct cd_roll_attributes {
    cd_shape shifts, dims;
    int64_t shift[CD_MAX_DIMS];
} cd_roll_attributes;

typedef struct cd_rot90_attributes {
    int64_t k;
    int dim0, dim1;
} cd_rot90_attributes;

/* tril and triu. */
typedef struct cd_triangle_attributes {
    int64_t diagonal;
} cd_triangle_attributes;

/* How many elements come before and after each dimension of x. */
typedef struct cd_pad_attributes {
    cd_shape before, after;
    double value;
} cd_pad_attributes;

/* --- indices ---------------------------------------------------------------------------------- */

typedef struct cd_gather_backward_attributes {
    int dim;
    cd_shape shape; /* of x, and so of its gradient */
} cd_gather_backward_attributes;

/* index, index_put, index_select, index_add, index_copy, index_fill, take and put. */
typedef struct cd_indexed_attributes {
    int dim;         /* the dimension, of an op by a vector of indices */
    bool accumulate; /* values are added to what is there */
    /* The set of dimensions of x that the index is for: set by infer, except for index and
     * index_put. */
    int64_t dims;
    /* Those of them that say where in the result the index's dimensions are; 0: all. */
    int64_t placed;
    /* Set by infer. */
    bool by_vector;    /* the index is a vector; one that is 0-d counts as a vector of one */
    bool not_negative; /* negative indices are out of range, in place of counting from the end */
} cd_indexed_attributes;

/* How elements that meet at an index become one: scatter_reduce and index_reduce. */
typedef struct cd_reduce_by {
    int64_t how;       /* a cd_reduce_how */
    bool exclude_self; /* what was there before does not count */
} cd_reduce_by;

typedef struct cd_scatter_reduce_attributes {
    int dim;
    cd_reduce_by by;
} cd_scatter_reduce_attributes;

typedef struct cd_index_reduce_attributes {
    cd_indexed_attributes at;
    cd_reduce_by by;
} cd_index_reduce_attributes;

/* Several indices made one: how many elements of x each of them has to choose from. */
typedef struct cd_index_join_attributes {
    cd_shape sizes;
} cd_index_join_attributes;

typedef struct cd_one_hot_attributes {
    int64_t num_classes;
} cd_one_hot_attributes;

/* --- layers and optimizers -------------------------------------------------------------------- */

/* Convolutions and their gradients have a cd_conv2d_sizes, max_pool2d a cd_pool2d_sizes: the caller
 * gives stride, padding and their like, and infer sets the sizes. */

/* A transposed convolution has the sizes of the convolution from its output to its input, which
 * begin the struct. */
typedef struct cd_conv_transpose_attributes {
    cd_conv2d_sizes conv;
    int64_t output_padding[2]; /* height and width */
} cd_conv_transpose_attributes;

/* pixel_shuffle and pixel_unshuffle, and the groups of channel_shuffle. */
typedef struct cd_shuffle_attributes {
    int64_t factor;
} cd_shuffle_attributes;

typedef struct cd_adaptive_pool2d_attributes {
    int64_t size[2]; /* height and width of the output */
} cd_adaptive_pool2d_attributes;

/* The gradient of avg_pool2d, for an x of this shape. */
typedef struct cd_avg_pool2d_backward_attributes {
    cd_shape shape;
    cd_pool2d_sizes pool;
} cd_avg_pool2d_backward_attributes;

/* The resampling ops of interpolate: the size and the scales as they were given. */
typedef struct cd_upsample_attributes {
    int64_t depth, size[2];           /* size: height and width */
    double scale_d, scale_h, scale_w; /* 0: the sizes say it */
    bool align_corners;
} cd_upsample_attributes;

/* The gradient of one of them, for an x of this shape. */
typedef struct cd_upsample_backward_attributes {
    cd_upsample_attributes upsample;
    cd_shape shape;
    int64_t mode; /* a cd_resample_mode */
} cd_upsample_backward_attributes;

typedef struct cd_batch_norm_attributes {
    bool training;
    double momentum, eps;
} cd_batch_norm_attributes;

/* Steps of optimizers: each uses some of these. Rate and momentum change from step to step, and so
 * are an input of the op and not attributes. */
typedef struct cd_step_attributes {
    double weight_decay;
    double beta2, eps;
    double dampening;             /* of sgd */
    double lr_decay;              /* of adagrad */
    double momentum_decay;        /* of nadam */
    double etaminus, etaplus;     /* of rprop */
    double least_step, most_step; /* of rprop */
    bool decoupled; /* weight decay shrinks the weight, instead of going into the gradient */
    bool nesterov, maximize;
} cd_step_attributes;

typedef struct cd_group_norm_attributes {
    int64_t groups;
    double eps;
} cd_group_norm_attributes;

/* layer_norm and rms_norm. */
typedef struct cd_row_norm_attributes {
    int dims; /* how many of the last dimensions are normalised */
    double eps;
} cd_row_norm_attributes;

typedef struct cd_embedding_attributes {
    bool has_padding, scale_grad_by_freq;
    int64_t padding_idx; /* -1 without padding; infer counts it from the front */
    int64_t rows;        /* of the weight, for its gradient */
} cd_embedding_attributes;

/* dropout and its relatives. */
typedef struct cd_dropout_attributes {
    double p; /* the probability of an element to be dropped */
    int kept; /* of whole features: how many dimensions count them, 1 or 2 */
} cd_dropout_attributes;

#endif
