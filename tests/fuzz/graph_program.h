/* A program over tensors: a list of steps, each an op with the handles it reads and fills. Reading
 * it from bytes is graph_choose.h's, since what fits depends on what the handles are by then. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_PROGRAM_H
#define CANDELA_TESTS_FUZZ_GRAPH_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>

/* Names as PyTorch has them; functions of one's own are named by what they are there to reach. */
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
    OP(REFUSE, "refuse")

typedef enum graph_op {
#define GRAPH_OP(id_, name_) GRAPH_##id_,
    GRAPH_OPS(GRAPH_OP)
#undef GRAPH_OP
        GRAPH_OP_COUNT
} graph_op;

/* What an op of the program may come to. */
enum { GRAPH_ELEMENTS = 64, GRAPH_DIMS = 5, GRAPH_HANDLES = 24 };

typedef struct graph_shape {
    int ndim, size[GRAPH_DIMS];
} graph_shape;

int graph_elements(graph_shape shape);
bool graph_same_shape(graph_shape a, graph_shape b);
/* The index of element `element`, counted row by row, and back. */
void graph_unravel(graph_shape shape, int element, int at[GRAPH_DIMS]);
int graph_ravel(graph_shape shape, const int at[GRAPH_DIMS]);
/* The shape that both broadcast to; false if there is none. */
bool graph_broadcast(graph_shape a, graph_shape b, graph_shape *out);
/* Which element of a tensor of shape `from` stands at `element` of what it was broadcast to. */
int graph_broadcast_from(graph_shape from, graph_shape to, int element);

typedef struct graph_step {
    graph_op op;
    int inputs, in[3]; /* handles; of an op in place the first is what it changes */
    int outputs, out[2];
    bool in_place;
    bool with_number;  /* the second operand is `number` */
    bool number_first; /* and it comes first */
    bool keepdim, by_dim;
    bool retain_graph, create_graph,
        given;       /* backward: `given`, with a gradient made of the seed */
    bool f64, value; /* the dtype made; what a mode or a flag becomes */
    int dim, other;
    graph_shape shape, stride; /* stride: as_strided */
    int from, to, by;          /* slice, narrow, select, topk; as_strided begins at `from` */
    double number, second;
    unsigned seed; /* of values and indices */
} graph_step;

/* Small numbers made of a seed: multiples of 1/8, so that many are equal, or thirds as a float has
 * them, in [-2, 2]; all positive where the seed says so. */
double graph_value(unsigned seed, int element);
/* 0 .. size - 1 */
int graph_index(unsigned seed, int element, int size);

const char *graph_op_name(graph_op op);
/* A line such as "%3 = narrow(%1, dim 0, from 1, length 2)". Of a leaf the flag at the end is
 * requires_grad, of a hook whether it gives the gradient times its number. */
void graph_print_step(FILE *stream, const graph_step *step);

#endif
