/* What the reference's functions for ops share: building the outputs element by element. And the
 * table of these functions. */
#include "tests/fuzz/graph_forward.h"

#include <float.h>
#include <math.h>

/* A result that is smaller and not 0 counts as badly conditioned. */
static const double least = 1e-12;

double ref_epsilon(bool f64)
{
    return f64 ? DBL_EPSILON : (double)FLT_EPSILON;
}

/* --- outputs, element by element -------------------------------------------------------------- */

double ref_value(const ref_call *c, int k, int i)
{
    return c->r->storage[c->in[k]->storage].value[c->in[k]->offset[i]];
}

double ref_error(const ref_call *c, int k, int i)
{
    return c->r->storage[c->in[k]->storage].error[c->in[k]->offset[i]];
}

void ref_begin_output(ref_call *c, graph_shape shape, bool f64)
{
    struct ref_output *out = &c->out[c->outputs++];
    *out = (struct ref_output){ .shape = shape, .f64 = f64, .first = c->r->scalars };
    if (shape.ndim > GRAPH_DIMS || graph_elements(shape) > GRAPH_ELEMENTS) {
        c->bad = true;
    } else {
        out->n = graph_elements(shape);
    }
    c->input_error = c->magnitude = 0;
    c->exact = c->coarse = true;
}

struct ref_output *ref_last_output(ref_call *c)
{
    return &c->out[c->outputs - 1];
}

void ref_term(ref_call *c, int k, int i, double weight, double error)
{
    reference *r = c->r;
    double x = ref_value(c, k, i), e = ref_error(c, k, i);
    c->input_error += fabs(weight) * e;
    c->magnitude += fabs(weight * x);
    if (e > 0) c->exact = false;
    if (fmod(1024 * weight * x, 1) != 0) c->coarse = false;
    if (!c->record || c->edge[k].first < 0 || ref_last_output(c)->constant) return;
    if (r->weights == REF_EDGES) {
        r->full = c->bad = true;
        return;
    }
    r->weight[r->weights++] = (ref_weight){ c->edge[k].first + i, weight, error };
}

void ref_put(ref_call *c, double value, double rounding)
{
    reference *r = c->r;
    struct ref_output *out = ref_last_output(c);
    double error = c->input_error + ref_epsilon(out->f64) * ROUNDINGS * (fabs(value) + rounding);
    if (value != 0 && fabs(value) < least) c->bad = true;
    if (!(fabs(value) <= MOST) || error > 1e-3 * (1 + fabs(value))) c->bad = true;
    if (c->bad) return;
    out->value[out->made] = value;
    out->error[out->made++] = error;
    c->input_error = c->magnitude = 0;
    c->exact = c->coarse = true;
    if (!c->record || out->constant) return;
    if (r->scalars == REF_SCALARS) {
        r->full = c->bad = true;
    } else {
        r->begin[++r->scalars] = r->weights;
    }
}

void ref_put_nearest(ref_call *c, double value, double rounding)
{
    bool exact = c->exact && (double)(float)value == value;
    ref_put(c, value, rounding);
    if (exact && !c->bad) ref_last_output(c)->error[ref_last_output(c)->made - 1] = 0;
}

void ref_put_sum(ref_call *c, double value)
{
    bool exact = c->exact && c->coarse && c->magnitude < 4096;
    ref_put(c, value, c->magnitude);
    if (exact && !c->bad) ref_last_output(c)->error[ref_last_output(c)->made - 1] = 0;
}

int ref_compare(ref_call *c, double x, double x_error, double y, double y_error)
{
    double error = x_error + y_error;
    if (error > 0 && fabs(x - y) <= 4 * error) c->bad = true;
    return x > y ? 1 : x < y ? -1 : 0;
}

int ref_compare_number(ref_call *c, int k, int i, double number)
{
    return ref_compare(c, ref_value(c, k, i), ref_error(c, k, i), number, 0);
}

/* --- every op --------------------------------------------------------------------------------- */

/* The function of each op. Ops without one are views, or may be: ref_view_or_copy. */
static void (*const forward[GRAPH_OP_COUNT])(ref_call *c) = {
    [GRAPH_ADD] = ref_binary,
    [GRAPH_SUB] = ref_binary,
    [GRAPH_MUL] = ref_binary,
    [GRAPH_DIV] = ref_binary,
    [GRAPH_POW] = ref_power_of,
    [GRAPH_MAXIMUM] = ref_binary,
    [GRAPH_MINIMUM] = ref_binary,
    [GRAPH_NEG] = ref_smooth,
    [GRAPH_RECIPROCAL] = ref_smooth,
    [GRAPH_EXP] = ref_smooth,
    [GRAPH_LOG] = ref_smooth,
    [GRAPH_SQRT] = ref_smooth,
    [GRAPH_ABS] = ref_sign_or_abs,
    [GRAPH_SIGN] = ref_sign_or_abs,
    [GRAPH_SIGMOID] = ref_smooth,
    [GRAPH_TANH] = ref_smooth,
    [GRAPH_RELU] = ref_piecewise,
    [GRAPH_CLAMP] = ref_piecewise,
    [GRAPH_CLAMP_MIN] = ref_bounded,
    [GRAPH_CLAMP_MAX] = ref_bounded,
    [GRAPH_ZERO] = ref_constant,
    [GRAPH_FILL] = ref_constant,
    [GRAPH_COPY] = ref_copy_values,
    [GRAPH_WHERE] = ref_where,
    [GRAPH_GT] = ref_above_number,
    [GRAPH_SUM] = ref_reduce,
    [GRAPH_MEAN] = ref_reduce,
    [GRAPH_MAX] = ref_reduce,
    [GRAPH_MIN] = ref_reduce,
    [GRAPH_SUM_DIM] = ref_reduce,
    [GRAPH_MEAN_DIM] = ref_reduce,
    [GRAPH_MAX_DIM] = ref_reduce,
    [GRAPH_MIN_DIM] = ref_reduce,
    [GRAPH_ARGMAX_DIM] = ref_argmax,
    [GRAPH_LOGSUMEXP] = ref_reduce,
    [GRAPH_NORM] = ref_reduce,
    [GRAPH_SUM_TO_SHAPE] = ref_sum_to_shape,
    [GRAPH_TOPK] = ref_topk,
    [GRAPH_SOFTMAX] = ref_softmax,
    [GRAPH_LOG_SOFTMAX] = ref_softmax,
    [GRAPH_MM] = ref_product,
    [GRAPH_BMM] = ref_product,
    [GRAPH_MV] = ref_product,
    [GRAPH_DOT] = ref_product,
    [GRAPH_MATMUL] = ref_product,
    [GRAPH_ADDMM] = ref_product,
    [GRAPH_LINEAR] = ref_product,
    [GRAPH_CLONE] = ref_plain_copy,
    [GRAPH_CONTIGUOUS] = ref_plain_copy,
    [GRAPH_TO] = ref_plain_copy,
    [GRAPH_CAT] = ref_join,
    [GRAPH_STACK] = ref_join,
    [GRAPH_REPEAT] = ref_repeat,
    [GRAPH_GATHER] = ref_gather,
    [GRAPH_SCATTER_ADD] = ref_scatter_add,
    [GRAPH_ONE_HOT] = ref_one_hot,
    [GRAPH_MASKED_FILL] = ref_masked_fill,
    [GRAPH_MASKED_SELECT] = ref_masked_select,
    [GRAPH_MASKED_SCATTER] = ref_masked_scatter,
    [GRAPH_FUNCTION_SQUARE] = ref_smooth,
    [GRAPH_FUNCTION_TWO] = ref_function_two,
    [GRAPH_FUNCTION_MARKED] = ref_function_marked,
    [GRAPH_FUNCTION_DIRTY] = ref_function_dirty,
    [GRAPH_FUNCTION_OUTPUT] = ref_smooth,
    [GRAPH_FUNCTION_FIRST] = ref_function_two,
    [GRAPH_KRON] = ref_kron,
    [GRAPH_INNER] = ref_inner,
    [GRAPH_VDOT] = ref_vecdot,
    [GRAPH_VECDOT] = ref_vecdot,
    [GRAPH_CROSS] = ref_cross,
    [GRAPH_ADDR] = ref_addr,
    [GRAPH_BILINEAR] = ref_bilinear,
    [GRAPH_MATRIX_POWER] = ref_matrix_power,
    [GRAPH_MULTI_DOT] = ref_chain,
    [GRAPH_CHAIN_MATMUL] = ref_chain,
    [GRAPH_TRAPEZOID] = ref_trapezoid,
    [GRAPH_CUMULATIVE_TRAPEZOID] = ref_trapezoid,
    [GRAPH_VANDER] = ref_vander,
    [GRAPH_COV] = ref_cov,
    [GRAPH_INTERPOLATE] = ref_interpolate,
    [GRAPH_CDIST] = ref_cdist,
    [GRAPH_PDIST] = ref_pdist,
    [GRAPH_DIST] = ref_dist,
    [GRAPH_RENORM] = ref_renorm,
    [GRAPH_CORRCOEF] = ref_corrcoef,
    [GRAPH_INSTANCE_NORM] = ref_instance_norm,
    [GRAPH_FLIPLR] = ref_flipped,
    [GRAPH_FLIPUD] = ref_flipped,
    [GRAPH_DIAGFLAT] = ref_diagflat,
    [GRAPH_DIAGONAL_SCATTER] = ref_diagonal_scatter,
    [GRAPH_BLOCK_DIAG] = ref_block_diag,
    [GRAPH_CARTESIAN_PROD] = ref_cartesian_prod,
    [GRAPH_COMBINATIONS] = ref_combinations,
    [GRAPH_PAD] = ref_padded,
    [GRAPH_TRIL_INDICES] = ref_triangle,
    [GRAPH_TRIU_INDICES] = ref_triangle,
    [GRAPH_SCATTER_REDUCE] = ref_reduce_by_index,
    [GRAPH_INDEX_REDUCE] = ref_reduce_by_index,
    [GRAPH_HISTC] = ref_histc,
    [GRAPH_FLOAT_POWER] = ref_smooth,
};

void ref_forward(ref_call *c)
{
    if (forward[c->step->op]) {
        forward[c->step->op](c);
    } else {
        ref_view_or_copy(c);
    }
}
