/* The programs of the fuzz target graph. A program is a list of steps; a step is an op with its
 * operands. A handle is a variable of the program, which holds a tensor or is free.
 *
 * graph_choose.c reads the steps from the input, graph_candela.c runs them in Candela, and
 * graph_reference.c in the reference. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_PROGRAM_H
#define CANDELA_TESTS_FUZZ_GRAPH_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>

/* The ops, with PyTorch's names. function_... are custom functions (cd_function), each named after
 * what it tests. */
#define GRAPH_OPS(OP)                                                                              \
    OP(LEAF, "leaf")                                                                               \
    OP(ADD, "add")                                                                                 \
    OP(SUB, "sub")                                                                                 \
    OP(MUL, "mul")                                                                                 \
    OP(DIV, "div")                                                                                 \
    OP(POW, "pow")                                                                                 \
    OP(MAXIMUM, "maximum")                                                                         \
    OP(MINIMUM, "minimum")                                                                         \
    OP(NEG, "neg")                                                                                 \
    OP(RECIPROCAL, "reciprocal")                                                                   \
    OP(EXP, "exp")                                                                                 \
    OP(LOG, "log")                                                                                 \
    OP(SQRT, "sqrt")                                                                               \
    OP(ABS, "abs")                                                                                 \
    OP(SIGN, "sign")                                                                               \
    OP(SIGMOID, "sigmoid")                                                                         \
    OP(TANH, "tanh")                                                                               \
    OP(RELU, "relu")                                                                               \
    OP(CLAMP, "clamp")                                                                             \
    OP(CLAMP_MIN, "clamp_min")                                                                     \
    OP(CLAMP_MAX, "clamp_max")                                                                     \
    OP(ZERO, "zero")                                                                               \
    OP(FILL, "fill")                                                                               \
    OP(COPY, "copy")                                                                               \
    OP(WHERE, "where")                                                                             \
    OP(GT, "gt")                                                                                   \
    OP(SUM, "sum")                                                                                 \
    OP(MEAN, "mean")                                                                               \
    OP(MAX, "max")                                                                                 \
    OP(MIN, "min")                                                                                 \
    OP(SUM_DIM, "sum_dim")                                                                         \
    OP(MEAN_DIM, "mean_dim")                                                                       \
    OP(MAX_DIM, "max_dim")                                                                         \
    OP(MIN_DIM, "min_dim")                                                                         \
    OP(ARGMAX_DIM, "argmax_dim")                                                                   \
    OP(LOGSUMEXP, "logsumexp")                                                                     \
    OP(NORM, "norm")                                                                               \
    OP(SUM_TO_SHAPE, "sum_to_shape")                                                               \
    OP(TOPK, "topk")                                                                               \
    OP(SOFTMAX, "softmax")                                                                         \
    OP(LOG_SOFTMAX, "log_softmax")                                                                 \
    OP(MM, "mm")                                                                                   \
    OP(BMM, "bmm")                                                                                 \
    OP(MV, "mv")                                                                                   \
    OP(DOT, "dot")                                                                                 \
    OP(MATMUL, "matmul")                                                                           \
    OP(ADDMM, "addmm")                                                                             \
    OP(LINEAR, "linear")                                                                           \
    OP(VIEW, "view")                                                                               \
    OP(RESHAPE, "reshape")                                                                         \
    OP(FLATTEN, "flatten")                                                                         \
    OP(T, "t")                                                                                     \
    OP(TRANSPOSE, "transpose")                                                                     \
    OP(PERMUTE, "permute")                                                                         \
    OP(EXPAND, "expand")                                                                           \
    OP(SQUEEZE, "squeeze")                                                                         \
    OP(UNSQUEEZE, "unsqueeze")                                                                     \
    OP(AS_STRIDED, "as_strided")                                                                   \
    OP(SLICE, "slice")                                                                             \
    OP(NARROW, "narrow")                                                                           \
    OP(SELECT, "select")                                                                           \
    OP(CLONE, "clone")                                                                             \
    OP(CONTIGUOUS, "contiguous")                                                                   \
    OP(TO, "to")                                                                                   \
    OP(DETACH, "detach")                                                                           \
    OP(CAT, "cat")                                                                                 \
    OP(STACK, "stack")                                                                             \
    OP(REPEAT, "repeat")                                                                           \
    OP(GATHER, "gather")                                                                           \
    OP(SCATTER_ADD, "scatter_add")                                                                 \
    OP(ONE_HOT, "one_hot")                                                                         \
    OP(MASKED_FILL, "masked_fill")                                                                 \
    OP(MASKED_SELECT, "masked_select")                                                             \
    OP(MASKED_SCATTER, "masked_scatter")                                                           \
    OP(FUNCTION_SQUARE, "function_square")                                                         \
    OP(FUNCTION_TWO, "function_two")                                                               \
    OP(FUNCTION_MARKED, "function_marked")                                                         \
    OP(FUNCTION_DIRTY, "function_dirty")                                                           \
    OP(FUNCTION_OUTPUT, "function_output")                                                         \
    OP(FUNCTION_FIRST, "function_first")                                                           \
    OP(BACKWARD, "backward")                                                                       \
    OP(GRAD, "autograd_grad")                                                                      \
    OP(GRAD_ZERO, "grad_zero")                                                                     \
    OP(GRAD_DROP, "grad_drop")                                                                     \
    OP(HOOK, "register_hook")                                                                      \
    OP(POST_HOOK, "register_post_accumulate_grad_hook")                                            \
    OP(REMOVE_HOOK, "remove_hook")                                                                 \
    OP(RETAIN_GRAD, "retain_grad")                                                                 \
    OP(REQUIRES_GRAD, "set_requires_grad")                                                         \
    OP(GRAD_MODE, "grad_mode")                                                                     \
    OP(DROP, "drop")                                                                               \
    OP(REFUSE, "refuse")                                                                           \
    OP(KRON, "kron")                                                                               \
    OP(INNER, "inner")                                                                             \
    OP(VDOT, "vdot")                                                                               \
    OP(VECDOT, "vecdot")                                                                           \
    OP(CROSS, "cross")                                                                             \
    OP(ADDR, "addr")                                                                               \
    OP(BILINEAR, "bilinear")                                                                       \
    OP(MATRIX_POWER, "matrix_power")                                                               \
    OP(MULTI_DOT, "multi_dot")                                                                     \
    OP(CHAIN_MATMUL, "chain_matmul")                                                               \
    OP(TRAPEZOID, "trapezoid")                                                                     \
    OP(CUMULATIVE_TRAPEZOID, "cumulative_trapezoid")                                               \
    OP(VANDER, "vander")                                                                           \
    OP(COV, "cov")                                                                                 \
    OP(INTERPOLATE, "interpolate")                                                                 \
    OP(CDIST, "cdist")                                                                             \
    OP(PDIST, "pdist")                                                                             \
    OP(DIST, "dist")                                                                               \
    OP(RENORM, "renorm")                                                                           \
    OP(CORRCOEF, "corrcoef")                                                                       \
    OP(INSTANCE_NORM, "instance_norm")                                                             \
    OP(FLIPLR, "fliplr")                                                                           \
    OP(FLIPUD, "flipud")                                                                           \
    OP(DIAGFLAT, "diagflat")                                                                       \
    OP(DIAGONAL_SCATTER, "diagonal_scatter")                                                       \
    OP(BLOCK_DIAG, "block_diag")                                                                   \
    OP(CARTESIAN_PROD, "cartesian_prod")                                                           \
    OP(COMBINATIONS, "combinations")                                                               \
    OP(PAD, "pad")                                                                                 \
    OP(TRIL_INDICES, "tril_indices")                                                               \
    OP(TRIU_INDICES, "triu_indices")                                                               \
    OP(TENSOR_SPLIT, "tensor_split")                                                               \
    OP(HSPLIT, "hsplit")                                                                           \
    OP(VSPLIT, "vsplit")                                                                           \
    OP(DSPLIT, "dsplit")                                                                           \
    OP(SCATTER_REDUCE, "scatter_reduce")                                                           \
    OP(INDEX_REDUCE, "index_reduce")                                                               \
    OP(HISTC, "histc")                                                                             \
    OP(FLOAT_POWER, "float_power")

typedef enum graph_op {
#define GRAPH_OP(id_, name_) GRAPH_##id_,
    GRAPH_OPS(GRAPH_OP)
#undef GRAPH_OP
        GRAPH_OP_COUNT
} graph_op;

/* The most elements and dimensions of a tensor, and handles of a program. */
enum { GRAPH_ELEMENTS = 64, GRAPH_DIMS = 5, GRAPH_HANDLES = 24 };

typedef struct graph_shape {
    int ndim, size[GRAPH_DIMS];
} graph_shape;

/* The number of elements. */
int graph_elements(graph_shape shape);
/* Whether two shapes are equal. */
bool graph_same_shape(graph_shape a, graph_shape b);
/* The indices, one per dimension, of the element with this number in row-major order. */
void graph_unravel(graph_shape shape, int element, int at[GRAPH_DIMS]);
/* The number, in row-major order, of the element with these indices. */
int graph_ravel(graph_shape shape, const int at[GRAPH_DIMS]);
/* The shape that two shapes broadcast to; false if there is none. */
bool graph_broadcast(graph_shape a, graph_shape b, graph_shape *out);
/* When a tensor of shape `from` is broadcast to shape `to`: the number of the tensor's element that
 * is element `element` of the result. */
int graph_broadcast_from(graph_shape from, graph_shape to, int element);

/* How elements that meet become one, and what is put around a tensor. */
enum graph_how { GRAPH_BY_SUM, GRAPH_BY_PROD, GRAPH_BY_MEAN, GRAPH_BY_AMAX, GRAPH_BY_AMIN };
enum graph_mode { GRAPH_CONSTANT, GRAPH_REFLECT, GRAPH_REPLICATE, GRAPH_CIRCULAR };

/* A step. Which fields have a meaning depends on the op. */
typedef struct graph_step {
    graph_op op;
    int inputs, in[3];   /* handles; an op in place changes the first */
    int outputs, out[2]; /* handles */
    bool in_place;
    bool with_number;  /* one of the two operands is `number` instead of a tensor */
    bool number_first; /* the first one */
    bool keepdim;
    bool by_dim; /* a reduction along `dim`, not of all elements */
    bool retain_graph, create_graph;
    bool with_gradient; /* backward starts from a gradient, whose values depend on the seed */
    bool f64;           /* the dtype of the result of leaf and to */
    /* leaf, set_requires_grad: requires_grad. grad_mode: the mode. register_hook: the hook returns
     * the gradient times `number`. narrow, select: `from` counts from the end. */
    bool flag;
    int dim, dim2;
    /* How scatter_reduce and index_reduce reduce (graph_how), and the mode of pad (graph_mode). */
    int how;
    /* The shape of the result, the index or the gradient; of repeat the repeats, and of permute the
     * order of dimensions. */
    graph_shape shape;
    graph_shape stride; /* of as_strided */
    /* slice: start, end and step. narrow: start and length. select: the index. as_strided: the
     * offset. topk: k is `to`. gather, scatter_add, one_hot and the reductions by an index: indices
     * are below `to`. remove_hook: the hook. refuse: the allocation. tensor_split and the like: the
     * part that is taken, of `to` parts. pad: the elements before and behind the last dimension.
     * matrix_power: the exponent is `to`. vander: columns. interpolate: the size. combinations: r.
     * histc: bins. diagflat, diagonal_scatter and triangles: the offset of the diagonal is `from`;
     * triangles: rows and columns are `to` and `by`. */
    int from, to, by;
    /* An operand, a bound, the value of fill, the threshold of a mask, p of norm, or the factor of
     * a hook. */
    double number;
    double
        second; /* the upper bound of clamp or histc, the value of masked_fill, the largest norm of
                      renorm, or the factor of addr's product */
    unsigned seed; /* of values and indices */
} graph_step;

/* A number from about -2 to 2 that depends on the seed and the number of the element. The low bits
 * of the seed choose between multiples of 1/8, of which many are equal, and float32 numbers with
 * all digits, and between numbers of both signs and positive ones. */
double graph_value(unsigned seed, int element);
/* An index from 0 to size - 1 that depends on the seed and the number of the element. */
int graph_index(unsigned seed, int element, int size);

/* Whether the op in place changes the shape of its input, and no element: t_, transpose_, squeeze_
 * and unsqueeze_. */
bool graph_changes_shape(graph_op op);

/* The op's name in GRAPH_OPS. */
const char *graph_op_name(graph_op op);
/* Prints a line such as "%3 = narrow(%1, dim 0, from 1, length 2)". */
void graph_print_step(FILE *stream, const graph_step *step);

#endif
