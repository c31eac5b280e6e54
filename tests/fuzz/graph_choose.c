#include "tests/fuzz/graph_choose.h"

#include <math.h>

/* The bytes behind the op's. */
typedef struct choice {
    reference *r;
    graph_step *s;
    unsigned a, b, x, y, z;
} choice;

enum { IN_PLACE = 128, NUMBER = 64, FIRST = 32, KEEP = 16, BY_DIM = 8, GIVEN = 4, WIDE = 2 };

/* --- handles ---------------------------------------------------------------------------------- */

typedef bool fits(choice *c, const ref_tensor *t);

/* The first handle from `start` on whose tensor fits is the next input. */
static bool input(choice *c, unsigned start, fits *right)
{
    for (unsigned k = 0; k < GRAPH_HANDLES; k++) {
        int h = (int)((start + k) % GRAPH_HANDLES);
        if (c->r->handle[h] < 0 || !right(c, ref_of(c->r, h))) continue;
        c->s->in[c->s->inputs++] = h;
        return true;
    }
    return false;
}

static bool output(choice *c)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        if (c->r->handle[h] >= 0 || (c->s->outputs > 0 && c->s->out[0] == h)) continue;
        c->s->out[c->s->outputs++] = h;
        return true;
    }
    return false;
}

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

/* With the first input; to its shape where that is changed in place. */
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

/* What can be multiplied with the input before it, from the right. */
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
    c->s->dim = below(c->x & 15, ndim);
    c->s->other = below(c->x >> 4, ndim);
}

/* Exact in float32, and often equal to a value of a leaf. */
static double number_of(unsigned byte)
{
    return ((double)byte - 128) / 32;
}

static bool leaf(choice *c)
{
    graph_step *s = c->s;
    s->shape.ndim = below(c->a, 5);
    for (int i = 0; i < s->shape.ndim; i++) {
        unsigned bits = c->b >> (2 * i) & 3;
        bool rare = c->x >> i & 1, empty = c->x >> (4 + i) & 1;
        s->shape.size[i] = bits == 0   ? 2
                           : bits == 1 ? 3
                           : bits == 2 ? 1
                           : !rare     ? 2
                           : empty     ? 0
                                       : 4;
    }
    s->value = c->y & GIVEN;
    s->f64 = c->y & WIDE;
    s->seed = c->z;
    return graph_elements(s->shape) <= GRAPH_ELEMENTS && output(c);
}

/* One of the shapes that the elements can be arranged in. */
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
    if (c->s->dim > c->s->other) {
        int dim = c->s->dim;
        c->s->dim = c->s->other;
        c->s->other = dim;
    }
    (void)ref_view_map(chosen(c, 0), c->s, &map, element);
    c->s->shape = map;
}

/* Sizes of 1 become 2 or 3, and there may be a new dimension in front. */
static bool expanded(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    int front = c->x & 1 && own.ndim < GRAPH_DIMS;
    shape->ndim = own.ndim + front;
    if (front) shape->size[0] = 1 + (int)(c->x >> 1 & 1);
    for (int i = 0; i < own.ndim; i++) {
        bool stretched = own.size[i] == 1 && c->x >> (2 + i) & 1;
        shape->size[front + i] = stretched ? 2 + (int)(c->z & 1) : own.size[i];
    }
    return graph_elements(*shape) <= GRAPH_ELEMENTS;
}

static void summed(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    int dropped = below(c->z, own.ndim + 1);
    shape->ndim = own.ndim - dropped;
    for (int i = 0; i < shape->ndim; i++) {
        shape->size[i] = c->x >> i & 1 ? 1 : own.size[dropped + i];
    }
}

static bool repeated(choice *c)
{
    graph_shape own = chosen(c, 0)->shape, *shape = &c->s->shape;
    shape->ndim = own.ndim + (c->x & 1 && own.ndim < GRAPH_DIMS);
    for (int i = 0; i < shape->ndim; i++) shape->size[i] = 1 + (int)(c->z >> i & 1);
    if (c->z == 255 && shape->ndim > 0) shape->size[0] = 0;
    return true;
}

static void permuted(choice *c)
{
    graph_shape *order = &c->s->shape;
    order->ndim = chosen(c, 0)->shape.ndim;
    for (int i = 0; i < order->ndim; i++) order->size[i] = i;
    unsigned number = c->x;
    for (int i = order->ndim; i > 1; i--) {
        int j = below(number, i), last = order->size[i - 1];
        number /= (unsigned)i;
        order->size[i - 1] = order->size[j];
        order->size[j] = last;
    }
}

/* Strides that leave no place twice though no step leads past all of the smaller ones' (3 and 2)
 * are left out: in place they are refused, as if they did. */
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
    s->shape.ndim = s->stride.ndim = below(c->x, 3);
    for (int i = 0; i < s->shape.ndim; i++) {
        s->shape.size[i] = 1 + (int)(c->x >> (2 + 2 * i) & 3) % 3;
        s->stride.size[i] = (int)(c->z >> (2 * i) & 3);
        last += (s->shape.size[i] - 1) * s->stride.size[i];
    }
    s->from = below(c->z >> 4, room);
    return s->from + last < room && sorted_apart(s->shape, s->stride);
}

static bool part(choice *c)
{
    graph_step *s = c->s;
    int size = chosen(c, 0)->shape.size[s->dim];
    s->value = c->y & GIVEN; /* count from the back */
    s->by = 1 + below(c->z >> 6, 3);
    if (s->op == GRAPH_SELECT) {
        s->from = below(c->z, size);
        return size > 0;
    }
    s->from = below(c->z & 7, size + 1);
    s->to = below(c->z >> 3 & 7, size - s->from + 1);
    if (s->op == GRAPH_SLICE) s->to += s->from;
    return true;
}

/* An index into the first input along dim, no larger than `within` elsewhere, and there up to 3. */
static bool indices(choice *c, graph_shape within, bool also_along)
{
    graph_step *s = c->s;
    graph_shape own = chosen(c, 0)->shape;
    s->seed = c->z;
    s->to = own.size[s->dim];
    s->shape.ndim = own.ndim;
    for (int i = 0; i < own.ndim; i++) {
        int most = within.size[i] < own.size[i] ? within.size[i] : own.size[i];
        if (i == s->dim) most = also_along ? within.size[i] : 3;
        s->shape.size[i] = most > 1 ? most - (int)(c->z >> i & 1) : most;
    }
    return s->to > 0 && graph_elements(s->shape) <= GRAPH_ELEMENTS;
}

/* --- by kinds of op --------------------------------------------------------------------------- */

static bool can_be_in_place(graph_op op)
{
    return (op >= GRAPH_ADD && op <= GRAPH_COPY && op != GRAPH_MAXIMUM && op != GRAPH_MINIMUM &&
            op != GRAPH_SIGN) ||
           op == GRAPH_SCATTER_ADD || op == GRAPH_MASKED_FILL || op == GRAPH_MASKED_SCATTER ||
           op == GRAPH_FUNCTION_DIRTY;
}

static bool must_be_in_place(graph_op op)
{
    return op == GRAPH_ZERO || op == GRAPH_FILL || op == GRAPH_COPY || op == GRAPH_FUNCTION_DIRTY;
}

static bool arithmetic(choice *c)
{
    static const double exponents[] = { 2, 3, 0.5, -1, 1, 0, -0.5, 1.5 };
    graph_step *s = c->s;
    if (!input(c, c->a, any)) return false;
    s->with_number = c->y & NUMBER;
    s->number_first = s->with_number && c->y & FIRST && !s->in_place;
    s->number = number_of(c->z);
    if (s->op == GRAPH_POW) s->number = s->number_first ? 0.25 + c->z / 64.0 : exponents[c->z & 7];
    return s->with_number || input(c, c->b, broadcasts);
}

static bool unary(choice *c)
{
    graph_step *s = c->s;
    bool bound = s->op == GRAPH_CLAMP_MIN || s->op == GRAPH_CLAMP_MAX;
    s->number = number_of(c->z);
    s->second = s->number + number_of(c->x | 128) / 2;
    if (!input(c, c->a, any)) return false;
    if (bound && !(c->y & NUMBER)) return input(c, c->b, broadcasts);
    return true;
}

static bool reduction(choice *c)
{
    static const double norms[] = { 2, 1, INFINITY, 3 };
    graph_step *s = c->s;
    if (!input(c, c->a, any)) return false;
    dimension(c);
    bool whole = s->op >= GRAPH_SUM && s->op <= GRAPH_MIN;
    s->by_dim = !whole && (s->op != GRAPH_NORM || c->y & BY_DIM);
    s->keepdim = s->by_dim && c->y & KEEP && s->op != GRAPH_TOPK && s->op != GRAPH_SOFTMAX &&
                 s->op != GRAPH_LOG_SOFTMAX;
    if (s->op == GRAPH_NORM) s->number = norms[c->z & 3];
    if (s->op == GRAPH_SUM_TO_SHAPE) summed(c);
    if (s->op == GRAPH_TOPK) {
        int size = chosen(c, 0)->shape.ndim > 0 ? chosen(c, 0)->shape.size[s->dim] : 1;
        s->to = below(c->z, size + 1);
    }
    return true;
}

static bool matrix_product(choice *c)
{
    graph_step *s = c->s;
    bool done = true;
    if (s->op == GRAPH_ADDMM) done = input(c, c->z, up_to_matrix);
    fits *first = s->op == GRAPH_DOT                               ? is_vector
                  : s->op == GRAPH_BMM                             ? is_batch
                  : s->op == GRAPH_MATMUL || s->op == GRAPH_LINEAR ? has_dimensions
                                                                   : is_matrix;
    done = done && input(c, c->a, first) && input(c, c->b, multiplies);
    if (!done || s->op == GRAPH_ADDMM) {
        graph_shape shape;
        if (!done || chosen(c, 0)->f64 != chosen(c, 1)->f64) return false;
        graph_shape product = { 2, { chosen(c, 1)->shape.size[0], last_size(chosen(c, 2)) } };
        return graph_broadcast(product, chosen(c, 0)->shape, &shape) &&
               graph_same_shape(shape, product);
    }
    if (s->op != GRAPH_LINEAR || !(c->y & GIVEN)) return true;
    if (!input(c, c->z, is_vector)) return true;
    const ref_tensor *bias = chosen(c, 2), *weight = chosen(c, 1);
    if (bias->n != weight->shape.size[0] || bias->f64 != weight->f64) s->inputs = 2;
    return true;
}

static bool view(choice *c)
{
    graph_step *s = c->s;
    bool along = s->op == GRAPH_SLICE || s->op == GRAPH_NARROW || s->op == GRAPH_SELECT;
    if (!input(c, c->a, along ? has_dimensions : s->op == GRAPH_T ? up_to_matrix : any)) {
        return false;
    }
    dimension(c);
    const ref_tensor *x = chosen(c, 0);
    switch (s->op) {
    case GRAPH_VIEW:
    case GRAPH_RESHAPE:
        s->shape = arranged(x->n, c->x);
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
        s->dim = below(c->x, x->shape.ndim + 1);
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
    if (!input(c, c->a, s->op == GRAPH_CAT ? has_dimensions : any)) return false;
    dimension(c);
    if (s->op == GRAPH_STACK) s->dim = below(c->x, chosen(c, 0)->shape.ndim + 1);
    fits *other = s->op == GRAPH_CAT ? same_but_dim : same_shape;
    if (!input(c, c->b, other)) return false;
    return !(c->y & GIVEN) || input(c, c->z, other);
}

static bool by_index(choice *c)
{
    graph_step *s = c->s;
    if (s->op == GRAPH_ONE_HOT) {
        s->shape.ndim = below(c->a, 3);
        for (int i = 0; i < s->shape.ndim; i++) s->shape.size[i] = 1 + (int)(c->b >> (2 * i) & 1);
        s->to = 1 + (int)(c->x & 3);
        s->seed = c->z;
        return true;
    }
    if (!input(c, c->a, has_dimensions)) return false;
    dimension(c);
    if (s->op == GRAPH_GATHER) return indices(c, chosen(c, 0)->shape, false);
    return input(c, c->b, same_kind) && indices(c, chosen(c, 1)->shape, true);
}

static bool by_mask(choice *c)
{
    graph_step *s = c->s;
    s->number = number_of(c->z);
    s->second = number_of(c->x);
    if (!input(c, c->a, any) || !input(c, c->b, broadcasts)) return false;
    if (s->op == GRAPH_WHERE) return input(c, c->x, broadcasts);
    if (s->op == GRAPH_MASKED_SCATTER) return input(c, c->x, same_dtype);
    if (s->op == GRAPH_MASKED_FILL && c->y & GIVEN) (void)input(c, c->x, is_scalar);
    return true;
}

static bool operation(choice *c)
{
    graph_step *s = c->s;
    graph_op op = s->op;
    s->in_place = must_be_in_place(op) || (can_be_in_place(op) && c->y & IN_PLACE);
    bool fit;
    if (op >= GRAPH_ADD && op <= GRAPH_MINIMUM) {
        fit = arithmetic(c);
    } else if (op == GRAPH_COPY) {
        fit = input(c, c->a, any) && input(c, c->b, broadcasts);
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
        fit = input(c, c->a, any) && input(c, c->b, broadcasts);
    } else {
        fit = unary(c);
    }
    s->f64 = c->y & WIDE;
    if (op == GRAPH_REPEAT) fit = fit && repeated(c);
    if (s->in_place) return fit;
    bool two = op == GRAPH_FUNCTION_TWO || op == GRAPH_FUNCTION_MARKED;
    return fit && output(c) && (!two || output(c));
}

/* --- what is no op ---------------------------------------------------------------------------- */

static bool backward(choice *c)
{
    graph_step *s = c->s;
    if (!input(c, c->a, tracks)) return false;
    if (s->op == GRAPH_GRAD && !input(c, c->b, tracks)) return false;
    const ref_tensor *root = chosen(c, 0);
    s->given = c->y & GIVEN || (root->n != 1 && !(c->y & NUMBER));
    s->retain_graph = c->y & KEEP;
    s->create_graph = c->y & BY_DIM;
    s->seed = c->z;
    s->shape = root->shape;
    return true;
}

/* Of a hook whose tensor has a handle still. */
static bool removal(choice *c)
{
    reference *r = c->r;
    if (r->hooks == 0) return false;
    c->s->from = below(c->x, r->hooks);
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
        s->value = c->y & GIVEN;
        s->number = c->y & KEEP ? 0.5 : -2;
        return input(c, c->a, c->y & NUMBER ? any : tracks);
    case GRAPH_POST_HOOK:
    case GRAPH_GRAD_ZERO:
    case GRAPH_GRAD_DROP:
    case GRAPH_REQUIRES_GRAD:
    case GRAPH_DROP:
        s->value = c->y & GIVEN;
        return input(c, c->a, any);
    case GRAPH_REMOVE_HOOK:
        return removal(c);
    case GRAPH_GRAD_MODE:
        s->value = !c->r->grad_mode;
        return true;
    case GRAPH_REFUSE:
        s->from = c->z < 64 ? (int)c->z : -1;
        return true;
    default:
        return operation(c);
    }
}

/* Without these no program gets far. */
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
    c.a = fuzz_u8(in);
    c.b = fuzz_u8(in);
    c.x = fuzz_u8(in);
    c.y = fuzz_u8(in);
    c.z = fuzz_u8(in);
    *step = (graph_step){ .op = op_of(op) };
    return chosen_step(&c);
}
