/* The calls of the ops behind REFUSE in the list: products, distances, parts and the like. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph_candela.h"

/* The inputs of the step. */
typedef struct inputs {
    cd_tensor *tensor[REF_INPUTS];
    int count;
} inputs;

static cd_tensor *addr(const inputs *in, const graph_step *s)
{
    double beta = s->number == 0 ? CD_ZERO : s->number;
    cd_tensor *const *t = in->tensor;
    return s->in_place ? cd_addr_(t[0], t[1], t[2], .beta = beta, .alpha = s->second)
                       : cd_addr(t[0], t[1], t[2], .beta = beta, .alpha = s->second);
}

static cd_tensor *product(inputs *in, const graph_step *s)
{
    cd_tensor *a = in->tensor[0], *b = in->tensor[1];
    switch (s->op) {
    case GRAPH_KRON:
        return cd_kron(a, b);
    case GRAPH_INNER:
        return cd_inner(a, b);
    case GRAPH_VDOT:
        return cd_vdot(a, b);
    case GRAPH_VECDOT:
        return cd_vecdot(a, b, .dims = CD_DIMS(s->dim));
    case GRAPH_CROSS:
        return cd_cross(a, b, .dims = CD_DIMS(s->dim));
    case GRAPH_ADDR:
        return addr(in, s);
    case GRAPH_BILINEAR:
        return cd_bilinear(a, b, in->tensor[2], NULL);
    case GRAPH_MATRIX_POWER:
        return cd_matrix_power(a, s->to);
    case GRAPH_MULTI_DOT:
        return cd_multi_dot((cd_tensors){ in->tensor, in->count });
    default:
        return cd_chain_matmul((cd_tensors){ in->tensor, in->count });
    }
}

static cd_tensor *signal(const inputs *in, const graph_step *s)
{
    cd_tensor *x = in->tensor[0], *places = in->count > 1 ? in->tensor[1] : NULL;
    double dx = places ? 0 : s->number;
    switch (s->op) {
    case GRAPH_TRAPEZOID:
        return cd_trapezoid(x, s->dim, .x = places, .dx = dx);
    case GRAPH_CUMULATIVE_TRAPEZOID:
        return cd_cumulative_trapezoid(x, s->dim, .x = places, .dx = dx);
    case GRAPH_VANDER:
        return cd_vander(x, .n = s->to, .increasing = s->flag);
    case GRAPH_COV:
        return cd_cov(x);
    case GRAPH_CORRCOEF:
        return cd_corrcoef(x);
    case GRAPH_INSTANCE_NORM:
        return cd_instance_norm(x);
    default:
        return cd_interpolate(x, .size = s->to,
                              .mode = s->how ? CD_RESAMPLING_LINEAR : CD_RESAMPLING_NEAREST,
                              .align_corners = s->flag);
    }
}

static cd_tensor *distance(const inputs *in, const graph_step *s)
{
    cd_tensor *a = in->tensor[0], *b = in->tensor[1];
    switch (s->op) {
    case GRAPH_CDIST:
        return cd_cdist(a, b, .p = s->number);
    case GRAPH_PDIST:
        return cd_pdist(a, .p = s->number);
    case GRAPH_DIST:
        return cd_dist(a, b, .p = s->number);
    default:
        return s->in_place ? cd_renorm_(a, s->number, s->dim, s->second)
                           : cd_renorm(a, s->number, s->dim, s->second);
    }
}

static cd_tensor *placed(inputs *in, const graph_step *s)
{
    static const cd_pad_mode modes[] = { [GRAPH_CONSTANT] = CD_PAD_CONSTANT,
                                         [GRAPH_REFLECT] = CD_PAD_REFLECT,
                                         [GRAPH_REPLICATE] = CD_PAD_REPLICATE,
                                         [GRAPH_CIRCULAR] = CD_PAD_CIRCULAR };
    cd_tensor *x = in->tensor[0];
    cd_tensors all = { in->tensor, in->count };
    switch (s->op) {
    case GRAPH_FLIPLR:
        return cd_fliplr(x);
    case GRAPH_FLIPUD:
        return cd_flipud(x);
    case GRAPH_DIAGFLAT:
        return cd_diagflat(x, s->from);
    case GRAPH_DIAGONAL_SCATTER:
        return cd_diagonal_scatter(x, in->tensor[1], s->from, 0, 1);
    case GRAPH_BLOCK_DIAG:
        return cd_block_diag(all);
    case GRAPH_CARTESIAN_PROD:
        return cd_cartesian_prod(all);
    case GRAPH_COMBINATIONS:
        return cd_combinations(x, s->to, .with_replacement = s->flag);
    case GRAPH_PAD:
        return cd_pad(x, CD_SIZES(s->from, s->to), .mode = modes[s->how],
                      .value = s->how == GRAPH_CONSTANT ? s->number : 0);
    case GRAPH_TRIL_INDICES:
        return cd_to(cd_tril_indices(s->to, s->by, .offset = s->from), CD_F32);
    default:
        return cd_to(cd_triu_indices(s->to, s->by, .offset = s->from), CD_F32);
    }
}

static cd_tensor *split(const inputs *in, const graph_step *s)
{
    cd_tensor *x = in->tensor[0];
    cd_tensors parts = s->op == GRAPH_HSPLIT   ? cd_hsplit(x, s->to)
                       : s->op == GRAPH_VSPLIT ? cd_vsplit(x, s->to)
                       : s->op == GRAPH_DSPLIT ? cd_dsplit(x, s->to)
                                               : cd_tensor_split(x, s->to, s->dim);
    if (!parts.tensor) return NULL;
    FUZZ_CHECK(parts.count == s->to);
    return parts.tensor[s->from];
}

static cd_tensor *reduced_by_index(const inputs *in, const graph_step *s)
{
    static const cd_reduce_how hows[] = { [GRAPH_BY_SUM] = CD_REDUCE_SUM,
                                          [GRAPH_BY_PROD] = CD_REDUCE_PROD,
                                          [GRAPH_BY_MEAN] = CD_REDUCE_MEAN,
                                          [GRAPH_BY_AMAX] = CD_REDUCE_AMAX,
                                          [GRAPH_BY_AMIN] = CD_REDUCE_AMIN };
    cd_tensor *index = candela_indices(s);
    if (s->op == GRAPH_SCATTER_REDUCE) {
        cd_scatter_reduce_options o = { .x = in->tensor[0],
                                        .dim = s->dim,
                                        .index = index,
                                        .src = in->tensor[1],
                                        .how = hows[s->how],
                                        .exclude_self = s->flag };
        return s->in_place ? cd_scatter_reduce_with_(o) : cd_scatter_reduce_with(o);
    }
    cd_index_reduce_options o = { .x = in->tensor[0],
                                  .dim = s->dim,
                                  .index = index,
                                  .source = in->tensor[1],
                                  .how = hows[s->how],
                                  .exclude_self = s->flag };
    return s->in_place ? cd_index_reduce_with_(o) : cd_index_reduce_with(o);
}

cd_tensor *candela_call(const candela_run *c, const graph_step *s)
{
    graph_op op = s->op;
    inputs in = { .count = s->inputs };
    for (int k = 0; k < s->inputs; k++) in.tensor[k] = c->handle[s->in[k]];
    cd_tensor *x = in.tensor[0];
    if (op <= GRAPH_CHAIN_MATMUL) return product(&in, s);
    if (op <= GRAPH_INTERPOLATE || op == GRAPH_CORRCOEF || op == GRAPH_INSTANCE_NORM) {
        return signal(&in, s);
    }
    if (op <= GRAPH_RENORM) return distance(&in, s);
    if (op <= GRAPH_TRIU_INDICES) return placed(&in, s);
    if (op <= GRAPH_DSPLIT) return split(&in, s);
    if (op <= GRAPH_INDEX_REDUCE) return reduced_by_index(&in, s);
    if (op == GRAPH_HISTC) return cd_histc(x, .bins = s->to, .min = s->number, .max = s->second);
    return s->in_place ? cd_float_power_(x, s->number) : cd_float_power(x, s->number);
}
