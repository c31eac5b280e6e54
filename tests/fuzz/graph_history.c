/* The graph that the reference records: see graph_history.h. */
#include "tests/fuzz/graph_history.h"

#include <stddef.h>

/* --- properties of tensors -------------------------------------------------------------------- */

bool ref_tracks(const ref_tensor *t)
{
    return t->requires_grad || t->node >= 0;
}

bool ref_requires_grad(const reference *r, const ref_tensor *t)
{
    return ref_tracks(t) || (t->is_view && t->base >= 0 && ref_tracks(&r->tensor[t->base]));
}

bool ref_contiguous(const ref_tensor *t)
{
    bool in_order = true;
    for (int i = 1; i < t->n && in_order; i++) in_order = t->offset[i] == t->offset[i - 1] + 1;
    return in_order;
}

bool ref_overlaps(const ref_tensor *t)
{
    for (int i = 1; i < t->n; i++) {
        for (int j = 0; j < i; j++) {
            if (t->offset[i] == t->offset[j]) return true;
        }
    }
    return false;
}

bool ref_viewable(const ref_tensor *t, graph_shape shape)
{
    int stride[GRAPH_DIMS] = { 0 };
    if (t->n == 0) return true;
    for (int i = 0; i < shape.ndim; i++) {
        int at[GRAPH_DIMS] = { 0 };
        if (shape.size[i] == 1) continue;
        at[i] = 1;
        stride[i] = t->offset[graph_ravel(shape, at)] - t->offset[0];
    }
    for (int e = 0; e < t->n; e++) {
        int at[GRAPH_DIMS], offset = t->offset[0];
        graph_unravel(shape, e, at);
        for (int i = 0; i < shape.ndim; i++) offset += at[i] * stride[i];
        if (offset != t->offset[e]) return false;
    }
    return true;
}

/* --- the tape --------------------------------------------------------------------------------- */

/* Makes `n` scalars without weights. */
static bool new_scalars(reference *r, int n, int *first)
{
    if (r->scalars + n > REF_SCALARS) {
        r->full = true;
        return false;
    }
    *first = r->scalars;
    for (int i = 0; i < n; i++) r->begin[++r->scalars] = r->weights;
    return true;
}

/* The scalar that is made next depends on the scalar `to`, with this exact derivative. */
static void add_weight(reference *r, int to, double weight)
{
    if (r->weights == REF_EDGES) {
        r->full = true;
    } else {
        r->weight[r->weights++] = (ref_weight){ to, weight, 0 };
    }
}

ref_edge ref_edge_to(reference *r, ref_tensor *t)
{
    static const ref_edge nowhere = { -1, 0, -1, -1 };
    if (t->node >= 0) {
        return (ref_edge){ t->node, t->output, -1, r->node[t->node].out[t->output].first };
    }
    if (!t->requires_grad) return nowhere;
    if (t->leaf_first < 0 && !new_scalars(r, t->n, &t->leaf_first)) return nowhere;
    return (ref_edge){ -1, 0, (int)(t - r->tensor), t->leaf_first };
}

static ref_node *new_node(reference *r, const char *name)
{
    if (r->nodes == REF_NODES) {
        r->full = true;
        return NULL;
    }
    ref_node *node = &r->node[r->nodes++];
    *node = (ref_node){ .name = name };
    return node;
}

/* --- saved values ----------------------------------------------------------------------------- */

/* The node saves a tensor over this storage, as it is now. */
static void save(reference *r, ref_node *node, int storage)
{
    node->needs_saved = true;
    node->save[node->saved++] = (ref_saved){ storage, r->storage[storage].version };
}

/* The node saves input k. An op in place saves a copy of the input that it overwrites; nobody else
 * can change the copy, so it has no version to check. */
static void save_input(ref_call *c, ref_node *node, int k)
{
    node->needs_saved = true;
    if (!c->step->in_place || k > 0) save(c->r, node, c->in[k]->storage);
}

static bool wanted(const ref_call *c, int k)
{
    return c->edge[k].first >= 0;
}

/* Saves the operands of a product: each one is needed for the gradient of the other. */
static void save_factors(ref_call *c, ref_node *node, int a, int b)
{
    if (wanted(c, a)) save_input(c, node, b);
    if (wanted(c, b)) save_input(c, node, a);
}

/* Whether the op may copy its operands first: products of more than two dimensions do, and some
 * that are made of other ops. */
static bool copies_within(const ref_call *c)
{
    switch (c->step->op) {
    case GRAPH_KRON:
    case GRAPH_INNER:
    case GRAPH_BILINEAR:
    case GRAPH_MATRIX_POWER:
    case GRAPH_MULTI_DOT:
    case GRAPH_CHAIN_MATMUL:
    case GRAPH_INSTANCE_NORM:
        return true;
    default:
        break;
    }
    if (c->step->op != GRAPH_MATMUL && c->step->op != GRAPH_LINEAR) return false;
    return c->in[0]->shape.ndim > 2 || c->in[1]->shape.ndim > 2;
}

/* Values that only the node has, such as an index or a mask. */
static void save_own_values(ref_call *c, ref_node *node)
{
    const graph_step *s = c->step;
    switch (s->op) {
    case GRAPH_FLOAT_POWER:
        node->needs_saved = true; /* the input as a float64 */
        if (c->in[0]->f64) save_input(c, node, 0);
        break;
    case GRAPH_TRAPEZOID:
    case GRAPH_CUMULATIVE_TRAPEZOID:
        node->needs_saved = c->inputs == 2; /* the factors, which only the node has */
        break;
    case GRAPH_DIAGONAL_SCATTER: /* the node of a change of a view */
        node->needs_saved = true;
        break;
    case GRAPH_RENORM: /* the parts that are scaled; a tensor without elements is cloned */
        node->needs_saved = c->in[0]->n > 0;
        break;
    case GRAPH_PAD:
        node->needs_saved = s->how != GRAPH_CONSTANT; /* the index */
        break;
    case GRAPH_SCATTER_ADD:
        node->needs_saved = wanted(c, 1); /* the index */
        break;
    case GRAPH_MAX_DIM:
    case GRAPH_MIN_DIM:
    case GRAPH_TOPK:
    case GRAPH_GATHER:
    case GRAPH_WHERE:
    case GRAPH_MASKED_FILL:
    case GRAPH_MASKED_SELECT:
    case GRAPH_MASKED_SCATTER:
    case GRAPH_COMBINATIONS:
    case GRAPH_COV:
    case GRAPH_CORRCOEF:
    case GRAPH_DIST:
        node->needs_saved = true; /* an index, a mask or a copy, which only the node has */
        break;
    default:
        break;
    }
}

static void save_inputs(ref_call *c, ref_node *node)
{
    const graph_step *s = c->step;
    switch (s->op) {
    case GRAPH_MUL:
        if (!s->with_number) save_factors(c, node, 0, 1);
        break;
    case GRAPH_DIV:
        if (s->with_number) {
            node->needs_saved = s->number_first; /* the reciprocal, which only the node has */
            break;
        }
        if (wanted(c, 1)) save_input(c, node, 0);
        save_input(c, node, 1);
        break;
    case GRAPH_POW:
    case GRAPH_MAXIMUM:
    case GRAPH_MINIMUM:
    case GRAPH_CLAMP_MIN:
    case GRAPH_CLAMP_MAX:
        for (int k = 0; k < c->inputs; k++) save_input(c, node, k);
        break;
    case GRAPH_LOG:
    case GRAPH_ABS:
    case GRAPH_CLAMP:
    case GRAPH_MAX:
    case GRAPH_MIN:
    case GRAPH_LOGSUMEXP:
    case GRAPH_NORM:
    case GRAPH_FUNCTION_SQUARE:
    case GRAPH_VANDER:
    case GRAPH_PDIST:
    case GRAPH_INSTANCE_NORM:
        save_input(c, node, 0);
        break;
    case GRAPH_FUNCTION_TWO:
    case GRAPH_CDIST:
    case GRAPH_SCATTER_REDUCE:
    case GRAPH_INDEX_REDUCE:
        save_input(c, node, 0);
        save_input(c, node, 1);
        break;
    case GRAPH_BILINEAR:
    case GRAPH_MULTI_DOT:
    case GRAPH_CHAIN_MATMUL:
        for (int k = 0; k < c->inputs; k++) save_input(c, node, k);
        break;
    case GRAPH_MATRIX_POWER:
        if (s->to > 1) save_input(c, node, 0);
        break;
    case GRAPH_MM:
    case GRAPH_BMM:
    case GRAPH_MV:
    case GRAPH_DOT:
    case GRAPH_MATMUL:
    case GRAPH_LINEAR:
    case GRAPH_KRON:
    case GRAPH_INNER:
    case GRAPH_VDOT:
    case GRAPH_VECDOT:
    case GRAPH_CROSS:
        save_factors(c, node, 0, 1);
        break;
    case GRAPH_ADDMM:
    case GRAPH_ADDR:
        save_factors(c, node, 1, 2);
        break;
    default:
        save_own_values(c, node);
        break;
    }
    node->uncertain = copies_within(c);
}

void ref_save_outputs(ref_call *c, int number, int storage)
{
    ref_node *node = &c->r->node[number];
    switch (c->step->op) {
    case GRAPH_POW:
        if (!c->step->with_number || c->step->number_first) save(c->r, node, storage);
        break;
    case GRAPH_EXP:
    case GRAPH_SQRT:
    case GRAPH_SIGMOID:
    case GRAPH_TANH:
    case GRAPH_RELU:
    case GRAPH_RECIPROCAL:
    case GRAPH_MAX:
    case GRAPH_MIN:
    case GRAPH_LOGSUMEXP:
    case GRAPH_NORM:
    case GRAPH_SOFTMAX:
    case GRAPH_LOG_SOFTMAX:
    case GRAPH_FUNCTION_OUTPUT:
    case GRAPH_CDIST:
    case GRAPH_PDIST:
    case GRAPH_DIST:
    case GRAPH_SCATTER_REDUCE:
    case GRAPH_INDEX_REDUCE:
        save(c->r, node, storage);
        break;
    default:
        break;
    }
}

/* --- nodes ------------------------------------------------------------------------------------ */

int ref_make_node(ref_call *c)
{
    reference *r = c->r;
    graph_op op = c->step->op;
    ref_node *node = new_node(r, graph_op_name(op));
    if (!node) return -1;
    node->inputs = c->inputs;
    for (int k = 0; k < c->inputs; k++) node->edge[k] = c->edge[k];
    node->outputs = c->outputs;
    for (int j = 0; j < c->outputs; j++) {
        node->out[j].first = c->out[j].first;
        node->out[j].n = c->out[j].n;
        node->out[j].f64 = c->out[j].f64;
    }
    node->is_function = op >= GRAPH_FUNCTION_SQUARE && op <= GRAPH_FUNCTION_FIRST;
    node->skips[1] = op == GRAPH_FUNCTION_FIRST;
    save_inputs(c, node);
    return (int)(node - r->node);
}

/* --- views ------------------------------------------------------------------------------------ */

/* Makes the scalar of one element of a view, which lies at `offset` in the storage. Elements of
 * `of` that overlap there share the gradient evenly. An offset without an element of `of` has no
 * history. */
static void add_view_element(reference *r, const ref_tensor *of, ref_edge edge, int offset)
{
    int count = 0;
    for (int i = 0; i < of->n; i++) count += of->offset[i] == offset;
    for (int i = 0; i < of->n && edge.first >= 0; i++) {
        if (of->offset[i] == offset) add_weight(r, edge.first + i, 1.0 / count);
    }
    r->begin[++r->scalars] = r->weights;
}

bool ref_set_view_history(reference *r, ref_tensor *t, ref_tensor *of)
{
    ref_edge edge = ref_edge_to(r, of);
    ref_node *node = new_node(r, graph_op_name(GRAPH_AS_STRIDED));
    if (!node || r->scalars + t->n > REF_SCALARS) {
        r->full = true;
        return false;
    }
    node->inputs = node->outputs = 1;
    node->edge[0] = edge;
    node->out[0].first = r->scalars;
    node->out[0].n = t->n;
    node->out[0].f64 = t->f64;
    for (int e = 0; e < t->n; e++) add_view_element(r, of, edge, t->offset[e]);
    t->node = (int)(node - r->node);
    t->output = 0;
    return true;
}

bool ref_update_history(reference *r, ref_tensor *t)
{
    unsigned version = r->storage[t->storage].version;
    if (!t->is_view || t->history_version == version) return true;
    if (t->base < 0 || !ref_tracks(&r->tensor[t->base])) return true;
    if (t->no_grad_view) return false;
    if (ref_set_view_history(r, t, &r->tensor[t->base])) t->history_version = version;
    return true;
}

static bool wanted_any(const ref_node *node)
{
    bool any = false;
    for (int k = 0; k < node->inputs; k++) any |= node->edge[k].first >= 0;
    return any;
}

/* The element of x that lies at this offset of the storage; -1: none. */
static int view_element_at(const ref_tensor *x, int offset)
{
    for (int e = 0; e < x->n; e++) {
        if (x->offset[e] == offset) return e;
    }
    return -1;
}

/* The new history of the base of a view x that was changed in place (CopySlices): inside the view
 * the elements come from the node `inner` of the op, outside from the base's old history. */
static void copy_slices(reference *r, const ref_tensor *x, int inner)
{
    ref_tensor *base = &r->tensor[x->base];
    ref_edge was = ref_edge_to(r, base);
    ref_node *node = new_node(r, "copy_slices");
    if (!node || r->scalars + base->n > REF_SCALARS) {
        r->full = true;
        return;
    }
    bool inside = wanted_any(&r->node[inner]);
    node->inputs = 2;
    node->outputs = 1;
    node->needs_saved = true;
    node->edge[0] = was;
    node->edge[1] = inside ? (ref_edge){ inner, 0, -1, r->node[inner].out[0].first }
                           : (ref_edge){ -1, 0, -1, -1 };
    node->out[0].first = r->scalars;
    node->out[0].n = base->n;
    node->out[0].f64 = base->f64;
    for (int i = 0; i < base->n; i++) {
        int e = view_element_at(x, base->offset[i]);
        if (e >= 0 && inside) add_weight(r, node->edge[1].first + e, 1);
        if (e < 0 && was.first >= 0) add_weight(r, was.first + i, 1);
        r->begin[++r->scalars] = r->weights;
    }
    base->node = (int)(node - r->node);
    base->output = 0;
}

/* Whether the node's op replaces its input without reading it. */
static bool overwrites(const reference *r, int node)
{
    const char *name = r->node[node].name;
    return name == graph_op_name(GRAPH_ZERO) || name == graph_op_name(GRAPH_FILL) ||
           name == graph_op_name(GRAPH_COPY);
}

void ref_rewrite_history(reference *r, ref_tensor *x, int node)
{
    if (!x->is_view || x->base < 0) {
        x->node = node;
        x->output = 0;
        return;
    }
    if (overwrites(r, node)) r->node[node].edge[0] = (ref_edge){ -1, 0, -1, -1 };
    copy_slices(r, x, node);
}
