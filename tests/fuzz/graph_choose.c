/* Reads the steps of a program from the input: see graph_choose.h. */
#include "tests/fuzz/graph_choose.h"

#include <math.h>

/* The step that is being chosen, and the five bytes behind that of the op. An op that does not need
 * a byte for its usual purpose may use it for another one. */
typedef struct choice {
    reference *r;
    graph_step *s;
    unsigned in0, in1; /* the handles at which the search for the first two inputs begins */
    unsigned dims;     /* dimensions and shapes, or the handle of the third input */
    unsigned flags;    /* the set of flags below */
    unsigned number;   /* numbers, seeds, or the handle of the third input */
} choice;

/* The flags. EXTRA chooses what a step may have besides: a bias or third input, a given gradient, a
 * leaf that requires gradients, a hook that replaces the gradient, an index from the end. For
 * backward KEEPDIM is retain_graph, and BY_DIM is create_graph. */
enum {
    IN_PLACE = 128,
    NUMBER = 64,
    NUMBER_FIRST = 32,
    KEEPDIM = 16,
    BY_DIM = 8,
    EXTRA = 4,
    F64 = 2
};

/* --- handles ---------------------------------------------------------------------------------- */

/* Whether a tensor can be the next input of the step. */
typedef bool fits(choice *c, const ref_tensor *t);

/* Makes the first handle, from `start` on, whose tensor passes the test the next input. */
static bool input(choice *c, unsigned start, fits *test)
{
    for (unsigned k = 0; k < GRAPH_HANDLES; k++) {
        int h = (int)((start + k) % GRAPH_HANDLES);
        if (c->r->handle[h] < 0 || !test(c, ref_of(c->r, h))) continue;
        c->s->in[c->s->inputs++] = h;
        return true;
    }
    return false;
}

/* Makes the first free handle the next output. */
static bool output(choice *c)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        if (c->r->handle[h] >= 0 || (c->s->outputs > 0 && c->s->out[0] == h)) continue;
        c->s->out[c->s->outputs++] = h;
        return true;
    }
    return false;
}

/* The tensor that was chosen as input k. */
static const ref_tensor *chosen(const choice *c, int k)
{
    return ref_of(c->r, c->s->in[k]);
}

static bool any(choice *c, const ref_tensor *t)
{
    return c && t;
}

static bool has_dimensions(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim > 0;
}

static bool is_scalar(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim == 0;
}

static bool is_vector(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim == 1;
}

static bool is_matrix(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim == 2;
}

static bool is_batch(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim == 3;
}

static bool up_to_matrix(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim <= 2;
}

static bool tracks(choice *c, const ref_tensor *t)
{
    return ref_requires_grad(c->r, t);
}

/* The tensor broadcasts with the first input; to the shape of that input if the op is in place. */
static bool broadcasts(choice *c, const ref_tensor *t)
{
    graph_shape shape, first = chosen(c, 0)->shape;
    if (!graph_broadcast(first, t->shape, &shape)) return false;
    return !c->s->in_place || graph_same_shape(shape, first);
}

static bool same_shape(choice *c, const ref_tensor *t)
{
    return graph_same_shape(t->shape, chosen(c, 0)->shape);
}

static bool same_kind(choice *c, const ref_tensor *t)
{
    return t->f64 == chosen(c, 0)->f64 && t->shape.ndim == chosen(c, 0)->shape.ndim;
}

static bool same_dtype(choice *c, const ref_tensor *t)
{
    return t->f64 == chosen(c, 0)->f64;
}

static bool same_but_dim(choice *c, const ref_tensor *t)
{
    const ref_tensor *first = chosen(c, 0);
    bool same = t->shape.ndim == first->shape.ndim;
    for (int i = 0; i < t->shape.ndim && same; i++) {
        same = i == c->s->dim || t->shape.size[i] == first->shape.size[i];
    }
    return same;
}

static int last_size(const ref_tensor *t)
{
    return t->shape.size[t->shape.ndim - 1];
}

/* The tensor can be the right factor of a product whose left factor is the input before it. */
static bool multiplies(choice *c, const ref_tensor *t)
{
    const ref_tensor *a = chosen(c, c->s->inputs - 1);
    graph_op op = c->s->op;
    int n = t->shape.ndim;
    if (t->f64 != a->f64 || n == 0) return false;
    if (op == GRAPH_LINEAR) return n == 2 && last_size(t) == last_size(a);
    if (op == GRAPH_MV || op == GRAPH_DOT) return n == 1 && t->n == last_size(a);
    if (op == GRAPH_BMM && (n != 3 || t->shape.size[0] != a->shape.size[0])) return false;
    if ((op == GRAPH_MM || op == GRAPH_ADDMM) && n != 2) return false;
    return t->shape.size[n == 1 ? 0 : n - 2] == last_size(a);
}

/* --- dimensions, shapes and numbers ----------------------------------------------------------- */

static int below(unsigned number, int limit)
{
    return limit > 0 ? (int)(number % (unsigned)limit) : 0;
}

static void dimension(choice *c)
{
    int ndim = chosen(c, 0)->shape.ndim;
    c->s->dim = below(c->dims & 15, ndim);
    c->s->dim2 = below(c->dims >> 4, ndim);
}

/* A number from -4 to 4, which float32 holds exactly, and which is often equal to an element of a
 * leaf. */
static double number_of(unsigned byte)
{
    return ((double)byte - 128) / 32;
}

static bool leaf(choice *c)
{
    graph_step *s = c->s;
    s->shape.ndim = below(c->in0, 5);
    for (int i = 0; i < s->shape.ndim; i++) {
        unsigned bits = c->in1 >> (2 * i) & 3;
        bool rare = c->dims >> i & 1, empty = c->dims >> (4 + i) & 1;
        s->shape.size[i] = bits == 0   ? 2
                           : bits == 1 ? 3
                           : bits == 2 ? 1
                           : !rare     ? 2
                           : empty     ? 0
                                       : 4;
    }
    s->flag = c->flags & EXTRA;
    s->f64 = c->flags & F64;
    s->seed = c->number;
    return graph_elements(s->shape) <= GRAPH_ELEMENTS && output(c);
}

/* One of the shapes that have `n` elements. */
static graph_shape arranged(int n, unsigned number)
{
    int factor = 2 + (int)(number >> 3 & 1);
    bool divides = n % factor == 0;
    switch (number & 7) {
    case 0:
        return (graph_shape){ 1, { n } };
    case 1:
        return (graph_shape){ 2, { 1, n } };
    case 2:
        return (graph_shape){ 2, { n, 1 } };
    case 3:
        return divides ? (graph_shape){ 2, { factor, n / factor } } : (graph_shape){ 1, { n } };
    case 4:
        return divides ? (graph_shape){ 2, { n / factor, factor } } : (graph_shape){ 1, { n } };
    case 5:
        return n % 4 == 0 ? (graph_shape){ 3, { 2, n / 4, 2 } } : (graph_shape){ 1, { n } };
    case 6:
        return n == 1 ? (graph_shape){ .ndim = 0 } : (graph_shape){ 3, { 1, n, 1 } };
    default:
        return divides ? (graph_shape){ 3, { factor, 1, n / factor } } : (graph_shape){ 1, { n } };
    }
}

static void flattened(choice *c)
{
    graph_shape map;
    int element[GRAPH_ELEMENTS];
    if (c->s->dim > c->s->dim2) {
        int dim = c->s->dim;
        c->s->dim = c->s->dim2;
        c->s->dim2 = dim;
    }
    (void)ref_view_map(chosen(c, 0), c->s, &map, element);
    c->s->shape = map;
}

/* Sizes of 1 become 2 or 3, and there may be a new dimension in front. */
static bool expanded(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    int front = c->dims & 1 && own.ndim < GRAPH_DIMS;
    shape->ndim = own.ndim + front;
    if (front) shape->size[0] = 1 + (int)(c->dims >> 1 & 1);
    for (int i = 0; i < own.ndim; i++) {
        bool stretched = own.size[i] == 1 && c->dims >> (2 + i) & 1;
        shape->size[front + i] = stretched ? 2 + (int)(c->number & 1) : own.size[i];
    }
    return graph_elements(*shape) <= GRAPH_ELEMENTS;
}

static void summed(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    int dropped = below(c->number, own.ndim + 1);
    shape->ndim = own.ndim - dropped;
    for (int i = 0; i < shape->ndim; i++) {
        shape->size[i] = c->dims >> i & 1 ? 1 : own.size[dropped + i];
    }
}

static bool repeated(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    shape->ndim = own.ndim + (c->dims & 1 && own.ndim < GRAPH_DIMS);
    for (int i = 0; i < shape->ndim; i++) shape->size[i] = 1 + (int)(c->number >> i & 1);
    if (c->number == 255 && shape->ndim > 0) shape->size[0] = 0;
    return true;
}

static void permuted(choice *c)
{
    graph_shape *order = &c->s->shape;
    order->ndim = chosen(c, 0)->shape.ndim;
    for (int i = 0; i < order->ndim; i++) order->size[i] = i;
    unsigned number = c->dims;
    for (int i = order->ndim; i > 1; i--) {
        int j = below(number, i), last = order->size[i - 1];
        number /= (unsigned)i;
        order->size[i - 1] = order->size[j];
        order->size[j] = last;
    }
}

/* False for strides such as 3 and 2: no two elements overlap, but a step of the larger stride is
 * smaller than the extent of the other dimension. Candela's check for overlap is conservative, and
 * refuses to change such a tensor in place. */
static bool sorted_apart(graph_shape shape, graph_shape stride)
{
    if (shape.ndim < 2 || shape.size[0] == 1 || shape.size[1] == 1) return true;
    int small = stride.size[0] < stride.size[1] ? 0 : 1, large = 1 - small;
    return stride.size[large] == 0 || stride.size[small] == 0 ||
           stride.size[large] > (shape.size[small] - 1) * stride.size[small] ||
           stride.size[large] % stride.size[small] == 0;
}

static bool strided(choice *c)
{
    graph_step *s = c->s;
    int room = c->r->storage[chosen(c, 0)->storage].n, last = 0;
    s->shape.ndim = s->stride.ndim = below(c->dims, 3);
    for (int i = 0; i < s->shape.ndim; i++) {
        s->shape.size[i] = 1 + (int)(c->dims >> (2 + 2 * i) & 3) % 3;
        s->stride.size[i] = (int)(c->number >> (2 * i) & 3);
        last += (s->shape.size[i] - 1) * s->stride.size[i];
    }
    s->from = below(c->number >> 4, room);
    return s->from + last < room && sorted_apart(s->shape, s->stride);
}

static bool part(choice *c)
{
    graph_step *s = c->s;
    int size = chosen(c, 0)->shape.size[s->dim];
    s->flag = c->flags & EXTRA; /* count `from` from the end */
    s->by = 1 + below(c->number >> 6, 3);
    if (s->op == GRAPH_SELECT) {
        s->from = below(c->number, size);
        return size > 0;
    }
    s->from = below(c->number & 7, size + 1);
    s->to = below(c->number >> 3 & 7, size - s->from + 1);
    if (s->op == GRAPH_SLICE) s->to += s->from;
    return true;
}

/* Chooses an index tensor into dimension `dim` of the first input. In the other dimensions it is no
 * larger than that input and `within`; along `dim` it is no larger than `within` (with
 * `also_along`), or 3. */
static bool indices(choice *c, graph_shape within, bool also_along)
{
    graph_step *s = c->s;
    graph_shape own = chosen(c, 0)->shape;
    s->seed = c->number;
    s->to = own.size[s->dim];
    s->shape.ndim = own.ndim;
    for (int i = 0; i < own.ndim; i++) {
        int most = within.size[i] < own.size[i] ? within.size[i] : own.size[i];
        if (i == s->dim) most = also_along ? within.size[i] : 3;
        s->shape.size[i] = most > 1 ? most - (int)(c->number >> i & 1) : most;
    }
    return s->to > 0 && graph_elements(s->shape) <= GRAPH_ELEMENTS;
}

/* --- by kinds of op --------------------------------------------------------------------------- */

static bool can_be_in_place(graph_op op)
{
    return (op >= GRAPH_ADD && op <= GRAPH_COPY && op != GRAPH_MAXIMUM && op != GRAPH_MINIMUM &&
            op != GRAPH_SIGN) ||
           op == GRAPH_SCATTER_ADD || op == GRAPH_MASKED_FILL || op == GRAPH_MASKED_SCATTER ||
           op == GRAPH_FUNCTION_DIRTY || op == GRAPH_ADDR || op == GRAPH_RENORM ||
           op == GRAPH_SCATTER_REDUCE || op == GRAPH_INDEX_REDUCE || op == GRAPH_FLOAT_POWER ||
           graph_changes_shape(op);
}

static bool must_be_in_place(graph_op op)
{
    return op == GRAPH_ZERO || op == GRAPH_FILL || op == GRAPH_COPY || op == GRAPH_FUNCTION_DIRTY;
}

static bool arithmetic(choice *c)
{
    static const double exponents[] = { 2, 3, 0.5, -1, 1, 0, -0.5, 1.5 };
    graph_step *s = c->s;
    if (!input(c, c->in0, any)) return false;
    s->with_number = c->flags & NUMBER;
    s->number_first = s->with_number && c->flags & NUMBER_FIRST && !s->in_place;
    s->number = number_of(c->number);
    if (s->op == GRAPH_POW)
        s->number = s->number_first ? 0.25 + c->number / 64.0 : exponents[c->number & 7];
    return s->with_number || input(c, c->in1, broadcasts);
}

static bool unary(choice *c)
{
    graph_step *s = c->s;
    bool bound = s->op == GRAPH_CLAMP_MIN || s->op == GRAPH_CLAMP_MAX;
    s->number = number_of(c->number);
    s->second = s->number + number_of(c->dims | 128) / 2;
    if (!input(c, c->in0, any)) return false;
    if (bound && !(c->flags & NUMBER)) return input(c, c->in1, broadcasts);
    return true;
}

static bool reduction(choice *c)
{
    static const double norms[] = { 2, 1, INFINITY, 3 };
    graph_step *s = c->s;
    if (!input(c, c->in0, any)) return false;
    dimension(c);
    bool whole = s->op >= GRAPH_SUM && s->op <= GRAPH_MIN;
    s->by_dim = !whole && (s->op != GRAPH_NORM || c->flags & BY_DIM);
    s->keepdim = s->by_dim && c->flags & KEEPDIM && s->op != GRAPH_TOPK && s->op != GRAPH_SOFTMAX &&
                 s->op != GRAPH_LOG_SOFTMAX;
    if (s->op == GRAPH_NORM) s->number = norms[c->number & 3];
    if (s->op == GRAPH_SUM_TO_SHAPE) summed(c);
    if (s->op == GRAPH_TOPK) {
        int size = chosen(c, 0)->shape.ndim > 0 ? chosen(c, 0)->shape.size[s->dim] : 1;
        s->to = below(c->number, size + 1);
    }
    return true;
}

static bool matrix_product(choice *c)
{
    graph_step *s = c->s;
    bool done = true;
    if (s->op == GRAPH_ADDMM) done = input(c, c->number, up_to_matrix);
    fits *first = s->op == GRAPH_DOT                               ? is_vector
                  : s->op == GRAPH_BMM                             ? is_batch
                  : s->op == GRAPH_MATMUL || s->op == GRAPH_LINEAR ? has_dimensions
                                                                   : is_matrix;
    done = done && input(c, c->in0, first) && input(c, c->in1, multiplies);
    if (!done || s->op == GRAPH_ADDMM) {
        graph_shape shape;
        if (!done || chosen(c, 0)->f64 != chosen(c, 1)->f64) return false;
        graph_shape product = { 2, { chosen(c, 1)->shape.size[0], last_size(chosen(c, 2)) } };
        return graph_broadcast(product, chosen(c, 0)->shape, &shape) &&
               graph_same_shape(shape, product);
    }
    if (s->op != GRAPH_LINEAR || !(c->flags & EXTRA)) return true;
    if (!input(c, c->number, is_vector)) return true;
    const ref_tensor *bias = chosen(c, 2), *weight = chosen(c, 1);
    if (bias->n != weight->shape.size[0] || bias->f64 != weight->f64) s->inputs = 2;
    return true;
}

static bool view(choice *c)
{
    graph_step *s = c->s;
    bool along = s->op == GRAPH_SLICE || s->op == GRAPH_NARROW || s->op == GRAPH_SELECT;
    if (!input(c, c->in0, along ? has_dimensions : s->op == GRAPH_T ? up_to_matrix : any)) {
        return false;
    }
    dimension(c);
    const ref_tensor *x = chosen(c, 0);
    switch (s->op) {
    case GRAPH_VIEW:
    case GRAPH_RESHAPE:
        s->shape = arranged(x->n, c->dims);
        return s->op == GRAPH_RESHAPE || ref_viewable(x, s->shape);
    case GRAPH_FLATTEN:
        flattened(c);
        return true;
    case GRAPH_PERMUTE:
        permuted(c);
        return true;
    case GRAPH_EXPAND:
        return expanded(c);
    case GRAPH_UNSQUEEZE:
        s->dim = below(c->dims, x->shape.ndim + 1);
        return x->shape.ndim < GRAPH_DIMS;
    case GRAPH_AS_STRIDED:
        return strided(c);
    default:
        return !along || part(c);
    }
}

static bool joined(choice *c)
{
    graph_step *s = c->s;
    if (!input(c, c->in0, s->op == GRAPH_CAT ? has_dimensions : any)) return false;
    dimension(c);
    if (s->op == GRAPH_STACK) s->dim = below(c->dims, chosen(c, 0)->shape.ndim + 1);
    fits *other = s->op == GRAPH_CAT ? same_but_dim : same_shape;
    if (!input(c, c->in1, other)) return false;
    return !(c->flags & EXTRA) || input(c, c->number, other);
}

static bool by_index(choice *c)
{
    graph_step *s = c->s;
    if (s->op == GRAPH_ONE_HOT) {
        s->shape.ndim = below(c->in0, 3);
        for (int i = 0; i < s->shape.ndim; i++) s->shape.size[i] = 1 + (int)(c->in1 >> (2 * i) & 1);
        s->to = 1 + (int)(c->dims & 3);
        s->seed = c->number;
        return true;
    }
    if (!input(c, c->in0, has_dimensions)) return false;
    dimension(c);
    if (s->op == GRAPH_GATHER) return indices(c, chosen(c, 0)->shape, false);
    return input(c, c->in1, same_kind) && indices(c, chosen(c, 1)->shape, true);
}

static bool by_mask(choice *c)
{
    graph_step *s = c->s;
    s->number = number_of(c->number);
    s->second = number_of(c->dims);
    if (!input(c, c->in0, any) || !input(c, c->in1, broadcasts)) return false;
    if (s->op == GRAPH_WHERE) return input(c, c->dims, broadcasts);
    if (s->op == GRAPH_MASKED_SCATTER) return input(c, c->dims, same_dtype);
    if (s->op == GRAPH_MASKED_FILL && c->flags & EXTRA) (void)input(c, c->dims, is_scalar);
    return true;
}

/* --- products, distances, parts and the like -------------------------------------------------- */

static bool is_square(choice *c, const ref_tensor *t)
{
    int n = t->shape.ndim;
    return c && (n == 2 || n == 3) && t->shape.size[n - 1] == t->shape.size[n - 2];
}

static bool is_image(choice *c, const ref_tensor *t)
{
    return c && t->shape.ndim >= 3;
}

static bool is_f64(choice *c, const ref_tensor *t)
{
    return c && t->f64;
}

static bool same_dtype_vector(choice *c, const ref_tensor *t)
{
    return is_vector(c, t) && same_dtype(c, t);
}

static bool broadcasts_in_dtype(choice *c, const ref_tensor *t)
{
    return same_dtype(c, t) && broadcasts(c, t);
}

/* The last sizes are equal. */
static bool same_last(choice *c, const ref_tensor *t)
{
    const ref_tensor *a = chosen(c, 0);
    if (a->shape.ndim == 0 || t->shape.ndim == 0) return true;
    return same_dtype(c, t) && last_size(t) == last_size(a);
}

static bool rows_of_same_size(choice *c, const ref_tensor *t)
{
    return is_matrix(c, t) && same_last(c, t);
}

/* The tensor has as many rows as the first input, of any size. */
static bool same_rows(choice *c, const ref_tensor *t)
{
    graph_shape a = chosen(c, 0)->shape;
    if (!same_kind(c, t)) return false;
    a.size[a.ndim - 1] = t->shape.size[a.ndim - 1];
    return graph_same_shape(a, t->shape);
}

static bool is_weight(choice *c, const ref_tensor *t)
{
    return is_batch(c, t) && same_dtype(c, t) && t->shape.size[1] == last_size(chosen(c, 0)) &&
           t->shape.size[2] == last_size(chosen(c, 1));
}

static bool is_next_matrix(choice *c, const ref_tensor *t)
{
    const ref_tensor *before = chosen(c, c->s->inputs - 1);
    return is_matrix(c, t) && t->f64 == before->f64 && t->shape.size[0] == last_size(before);
}

static bool vectors(choice *c)
{
    graph_step *s = c->s;
    if (s->op == GRAPH_VDOT) {
        return input(c, c->in0, is_vector) && input(c, c->in1, same_dtype_vector) &&
               chosen(c, 0)->n == chosen(c, 1)->n;
    }
    if (!input(c, c->in0, has_dimensions) || !input(c, c->in1, broadcasts_in_dtype)) return false;
    const ref_tensor *a = chosen(c, 0), *b = chosen(c, 1);
    int ndim = a->shape.ndim > b->shape.ndim ? a->shape.ndim : b->shape.ndim;
    s->dim = below(c->dims, ndim);
    if (s->op == GRAPH_VECDOT) return true;
    return a->shape.ndim == b->shape.ndim && a->shape.size[s->dim] == 3 &&
           b->shape.size[s->dim] == 3;
}

static bool product_of_some(choice *c)
{
    graph_step *s = c->s;
    switch (s->op) {
    case GRAPH_KRON:
        return input(c, c->in0, any) && input(c, c->in1, any);
    case GRAPH_INNER:
        return input(c, c->in0, any) && input(c, c->in1, same_last);
    case GRAPH_ADDR:
        s->number = c->flags & NUMBER ? 0 : 1.5;
        s->second = c->flags & NUMBER_FIRST ? -0.5 : 1;
        if (!input(c, c->number, up_to_matrix) || !input(c, c->in0, same_dtype_vector) ||
            !input(c, c->in1, same_dtype_vector)) {
            return false;
        }
        graph_shape shape, product = { 2, { chosen(c, 1)->n, chosen(c, 2)->n } };
        return graph_broadcast(product, chosen(c, 0)->shape, &shape) &&
               graph_same_shape(shape, product);
    case GRAPH_BILINEAR:
        return input(c, c->in0, has_dimensions) && input(c, c->in1, same_rows) &&
               input(c, c->number, is_weight);
    case GRAPH_MATRIX_POWER:
        s->to = 1 + below(c->number, 3);
        return input(c, c->in0, is_square);
    case GRAPH_MULTI_DOT:
    case GRAPH_CHAIN_MATMUL:
        if (!input(c, c->in0, is_matrix) || !input(c, c->in1, is_next_matrix)) return false;
        if (c->flags & EXTRA) (void)input(c, c->number, is_next_matrix);
        return true;
    default:
        return vectors(c);
    }
}

/* Ops of one tensor, or of it and the places of its samples. */
static bool signal(choice *c)
{
    graph_step *s = c->s;
    s->flag = c->flags & EXTRA;
    switch (s->op) {
    case GRAPH_VANDER:
        s->to = 1 + below(c->number, 4);
        return input(c, c->in0, is_vector);
    case GRAPH_COV:
    case GRAPH_CORRCOEF:
        return input(c, c->in0, has_dimensions) && chosen(c, 0)->shape.ndim <= 2;
    case GRAPH_INTERPOLATE:
        s->to = 1 + below(c->number, 5);
        s->how = c->flags & NUMBER ? 1 : 0; /* 0: the nearest sample; 1: linear */
        s->flag = s->flag && s->how;
        return input(c, c->in0, is_batch);
    case GRAPH_INSTANCE_NORM:
        return input(c, c->in0, is_image);
    default:
        s->number = c->number & 128 ? 0.5 : 1;
        if (!input(c, c->in0, has_dimensions)) return false;
        dimension(c);
        if (!(c->flags & NUMBER) || !input(c, c->in1, same_dtype_vector)) return true;
        if (chosen(c, 1)->n != chosen(c, 0)->shape.size[s->dim]) s->inputs = 1;
        return true;
    }
}

static bool distance(choice *c)
{
    static const double norms[] = { 2, 1, 3, 2 };
    graph_step *s = c->s;
    s->number = norms[c->number & 3];
    s->second = 0.5 + (double)(c->number >> 2 & 3);
    if (s->op == GRAPH_DIST) {
        return input(c, c->in0, any) && input(c, c->in1, broadcasts_in_dtype);
    }
    if (s->op == GRAPH_RENORM) {
        if (!input(c, c->in0, has_dimensions) || chosen(c, 0)->shape.ndim < 2) return false;
        dimension(c);
        return true;
    }
    if (!input(c, c->in0, is_matrix)) return false;
    return s->op == GRAPH_PDIST || input(c, c->in1, rows_of_same_size);
}

static int diagonal_length(graph_shape shape, int offset)
{
    int rows = shape.size[0] + (offset < 0 ? offset : 0);
    int columns = shape.size[1] - (offset > 0 ? offset : 0);
    int length = rows < columns ? rows : columns;
    return length > 0 ? length : 0;
}

static bool padded(choice *c)
{
    graph_step *s = c->s;
    s->how = (int)(c->dims & 3);
    s->number = number_of(c->number);
    s->from = below(c->dims >> 2, 3) - (c->dims >> 7 && s->how == GRAPH_CONSTANT);
    s->to = below(c->dims >> 4, 3);
    if (!input(c, c->in0, has_dimensions)) return false;
    int ndim = chosen(c, 0)->shape.ndim, size = last_size(chosen(c, 0));
    if (s->how == GRAPH_CONSTANT) return size + s->from >= 0 && size > 0;
    int most = s->how == GRAPH_REFLECT ? size - 1 : s->how == GRAPH_CIRCULAR ? size : 3;
    return (ndim == 2 || ndim == 3) && chosen(c, 0)->n > 0 && s->from <= most && s->to <= most;
}

static bool placed(choice *c)
{
    graph_step *s = c->s;
    s->from = below(c->dims, 5) - 2;
    s->flag = c->flags & EXTRA;
    switch (s->op) {
    case GRAPH_FLIPLR:
        return input(c, c->in0, has_dimensions) && chosen(c, 0)->shape.ndim > 1;
    case GRAPH_FLIPUD:
        return input(c, c->in0, has_dimensions);
    case GRAPH_DIAGONAL_SCATTER:
        return input(c, c->in0, is_matrix) && input(c, c->in1, is_vector) &&
               chosen(c, 1)->n == diagonal_length(chosen(c, 0)->shape, s->from);
    case GRAPH_BLOCK_DIAG:
        return input(c, c->in0, up_to_matrix) && input(c, c->in1, up_to_matrix);
    case GRAPH_CARTESIAN_PROD:
        return input(c, c->in0, is_vector) && input(c, c->in1, same_dtype_vector);
    case GRAPH_COMBINATIONS:
        s->to = 1 + below(c->number, 3);
        return input(c, c->in0, is_vector);
    case GRAPH_PAD:
        return padded(c);
    case GRAPH_TRIL_INDICES:
    case GRAPH_TRIU_INDICES:
        s->to = 1 + (int)(c->in0 & 3);
        s->by = 1 + (int)(c->in1 & 3);
        return true;
    default:
        return input(c, c->in0, any);
    }
}

/* One of the parts of a tensor. Those of hsplit, vsplit and dsplit come out even. */
static bool split(choice *c)
{
    graph_step *s = c->s;
    if (!input(c, c->in0, has_dimensions)) return false;
    int ndim = chosen(c, 0)->shape.ndim;
    dimension(c);
    if (s->op == GRAPH_HSPLIT) s->dim = ndim > 1;
    if (s->op == GRAPH_VSPLIT) s->dim = 0;
    if (s->op == GRAPH_DSPLIT) s->dim = 2;
    if (s->op == GRAPH_VSPLIT && ndim < 2) return false;
    if (s->dim >= ndim) return false;
    s->to = 1 + below(c->number, 4);
    s->from = below(c->number >> 2, s->to);
    return s->op == GRAPH_TENSOR_SPLIT || chosen(c, 0)->shape.size[s->dim] % s->to == 0;
}

/* The tensor can be the source of index_reduce: it differs from the first input along `dim` only.
 */
static bool is_source(choice *c, const ref_tensor *t)
{
    return same_dtype(c, t) && same_but_dim(c, t);
}

static bool reduced_by_index(choice *c)
{
    graph_step *s = c->s;
    s->flag = c->flags & EXTRA;
    s->how = below(c->number >> 3, 5);
    if (!input(c, c->in0, has_dimensions)) return false;
    dimension(c);
    if (s->op == GRAPH_SCATTER_REDUCE) {
        return input(c, c->in1, same_kind) && indices(c, chosen(c, 1)->shape, true);
    }
    if (s->how == GRAPH_BY_SUM) s->how = GRAPH_BY_PROD;
    if (!input(c, c->in1, is_source)) return false;
    s->seed = c->number;
    s->to = chosen(c, 0)->shape.size[s->dim];
    s->shape = (graph_shape){ 1, { chosen(c, 1)->shape.size[s->dim] } };
    return s->to > 0;
}

/* Ops behind REFUSE in the list. */
static bool later_op(choice *c)
{
    static const double exponents[] = { 2, 3, 0.5, -1, 1, 0, -0.5, 1.5 };
    graph_step *s = c->s;
    graph_op op = s->op;
    if (op <= GRAPH_CHAIN_MATMUL) return product_of_some(c);
    if (op <= GRAPH_INTERPOLATE || op == GRAPH_CORRCOEF || op == GRAPH_INSTANCE_NORM) {
        return signal(c);
    }
    if (op <= GRAPH_RENORM) return distance(c);
    if (op <= GRAPH_TRIU_INDICES) return placed(c);
    if (op <= GRAPH_DSPLIT) return split(c);
    if (op <= GRAPH_INDEX_REDUCE) return reduced_by_index(c);
    if (op == GRAPH_HISTC) {
        s->number = number_of(c->number);
        s->second = s->number + (1 << (c->dims & 3));
        s->to = 1 << (c->dims >> 2 & 3);
        return input(c, c->in0, any);
    }
    s->number = exponents[c->number & 7];
    return input(c, c->in0, s->in_place ? is_f64 : any);
}

static bool operation(choice *c)
{
    graph_step *s = c->s;
    graph_op op = s->op;
    s->in_place = must_be_in_place(op) || (can_be_in_place(op) && c->flags & IN_PLACE);
    bool fit;
    if (op > GRAPH_REFUSE) {
        fit = later_op(c);
    } else if (op >= GRAPH_ADD && op <= GRAPH_MINIMUM) {
        fit = arithmetic(c);
    } else if (op == GRAPH_COPY) {
        fit = input(c, c->in0, any) && input(c, c->in1, broadcasts);
    } else if (op == GRAPH_WHERE || (op >= GRAPH_MASKED_FILL && op <= GRAPH_MASKED_SCATTER)) {
        fit = by_mask(c);
    } else if (op >= GRAPH_SUM && op <= GRAPH_LOG_SOFTMAX) {
        fit = reduction(c);
    } else if (op >= GRAPH_MM && op <= GRAPH_LINEAR) {
        fit = matrix_product(c);
    } else if (op >= GRAPH_VIEW && op <= GRAPH_SELECT) {
        fit = view(c);
    } else if (op == GRAPH_CAT || op == GRAPH_STACK) {
        fit = joined(c);
    } else if (op >= GRAPH_GATHER && op <= GRAPH_ONE_HOT) {
        fit = by_index(c);
    } else if (op == GRAPH_FUNCTION_TWO || op == GRAPH_FUNCTION_FIRST) {
        fit = input(c, c->in0, any) && input(c, c->in1, broadcasts);
    } else {
        fit = unary(c);
    }
    s->f64 = c->flags & F64;
    if (op == GRAPH_REPEAT) fit = fit && repeated(c);
    if (s->in_place) return fit;
    bool two = op == GRAPH_FUNCTION_TWO || op == GRAPH_FUNCTION_MARKED;
    return fit && output(c) && (!two || output(c));
}

/* --- steps without an op ---------------------------------------------------------------------- */

static bool backward(choice *c)
{
    graph_step *s = c->s;
    if (!input(c, c->in0, tracks)) return false;
    if (s->op == GRAPH_GRAD && !input(c, c->in1, tracks)) return false;
    const ref_tensor *root = chosen(c, 0);
    s->with_gradient = c->flags & EXTRA || (root->n != 1 && !(c->flags & NUMBER));
    s->retain_graph = c->flags & KEEPDIM;
    s->create_graph = c->flags & BY_DIM;
    s->seed = c->number;
    s->shape = root->shape;
    return true;
}

/* Chooses a hook to remove whose tensor still has a handle. */
static bool removal(choice *c)
{
    reference *r = c->r;
    if (r->hooks == 0) return false;
    c->s->from = below(c->dims, r->hooks);
    const ref_hook *hook = &r->hook[c->s->from];
    for (int h = 0; h < GRAPH_HANDLES && !hook->removed; h++) {
        if (r->handle[h] != hook->tensor) continue;
        c->s->in[c->s->inputs++] = h;
        return true;
    }
    return false;
}

static bool chosen_step(choice *c)
{
    graph_step *s = c->s;
    switch (s->op) {
    case GRAPH_LEAF:
        return leaf(c);
    case GRAPH_BACKWARD:
    case GRAPH_GRAD:
        return backward(c);
    case GRAPH_HOOK:
    case GRAPH_RETAIN_GRAD:
        s->flag = c->flags & EXTRA;
        s->number = c->flags & KEEPDIM ? 0.5 : -2;
        return input(c, c->in0, c->flags & NUMBER ? any : tracks);
    case GRAPH_POST_HOOK:
    case GRAPH_GRAD_ZERO:
    case GRAPH_GRAD_DROP:
    case GRAPH_REQUIRES_GRAD:
    case GRAPH_DROP:
        s->flag = c->flags & EXTRA;
        return input(c, c->in0, any);
    case GRAPH_REMOVE_HOOK:
        return removal(c);
    case GRAPH_GRAD_MODE:
        s->flag = !c->r->grad_mode;
        return true;
    case GRAPH_REFUSE:
        s->from = c->number < 64 ? (int)c->number : -1;
        return true;
    default:
        return operation(c);
    }
}

/* The op that a byte stands for. The bytes that are left over stand for ops without which no
 * program gets far. */
static graph_op op_of(unsigned byte)
{
    static const graph_op often[] = { GRAPH_LEAF,   GRAPH_BACKWARD, GRAPH_MUL,
                                      GRAPH_ADD,    GRAPH_SLICE,    GRAPH_BACKWARD,
                                      GRAPH_SELECT, GRAPH_HOOK,     GRAPH_REFUSE };
    if (byte < GRAPH_OP_COUNT) return (graph_op)byte;
    return often[byte % (sizeof often / sizeof *often)];
}

bool graph_choose(reference *r, fuzz_input *in, graph_step *step)
{
    unsigned op = fuzz_u8(in);
    choice c = { .r = r, .s = step };
    c.in0 = fuzz_u8(in);
    c.in1 = fuzz_u8(in);
    c.dims = fuzz_u8(in);
    c.flags = fuzz_u8(in);
    c.number = fuzz_u8(in);
    *step = (graph_step){ .op = op_of(op) };
    return chosen_step(&c);
}
