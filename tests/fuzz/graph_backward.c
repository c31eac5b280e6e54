/* The backward pass of the reference. It visits the nodes from the latest to the earliest, and in
 * each node passes the gradients of the output scalars on along their weighted edges. */
#include <math.h>
#include <string.h>

#include "tests/fuzz/graph_forward.h"
#include "tests/fuzz/graph_history.h"

typedef struct pass {
    reference *r;
    bool retain_graph;
    bool only_wanted; /* autograd_grad: only the gradient at the edge `wanted` is computed */
    ref_edge wanted;
    bool uncertain; /* both an error and success are right */
} pass;

/* --- gradients during a pass ------------------------------------------------------------------ */

static bool is_wanted(const pass *p, ref_edge edge)
{
    if (!p->only_wanted) return false;
    return edge.node >= 0 ? edge.node == p->wanted.node : edge.leaf == p->wanted.leaf;
}

/* Whether the pass has to compute the gradient at the edge. */
static bool is_needed(const pass *p, ref_edge edge)
{
    if (edge.first < 0) return false;
    return !p->only_wanted || is_wanted(p, edge) || (edge.node >= 0 && p->r->on_path[edge.node]);
}

/* Finds the nodes from which a path leads to the wanted gradient. */
static void find_paths(pass *p)
{
    reference *r = p->r;
    for (int n = 0; n < r->nodes; n++) {
        const ref_node *node = &r->node[n];
        r->on_path[n] = !p->only_wanted;
        for (int k = 0; k < node->inputs && p->only_wanted; k++) {
            r->on_path[n] |= is_needed(p, node->edge[k]);
        }
    }
}

/* Notes that a gradient has arrived at the edge, be it of zeros only. */
static void arrive(pass *p, ref_edge edge)
{
    if (!is_needed(p, edge)) return;
    if (edge.node >= 0) {
        p->r->arrived[edge.node][edge.output] = true;
    } else {
        p->r->leaf_arrived[edge.leaf] = true;
    }
}

/* Adds weight times gradient to a scalar's gradient, and bounds the error: that of the two factors,
 * and the rounding of products, sums and conversions, of which there may be several. */
static void add(reference *r, int to, double weight, double weight_error, double gradient,
                double error, double epsilon)
{
    double product = weight * gradient;
    r->gradient[to] += product;
    r->magnitude[to] += fabs(product);
    r->error[to] +=
        fabs(weight) * error + weight_error * fabs(gradient) + ROUNDINGS * epsilon * fabs(product);
}

/* The error bound of a scalar's gradient. A sum in several steps rounds in proportion to its
 * summands, not to its result. */
static double error_at(const reference *r, int scalar, double epsilon)
{
    return r->error[scalar] + ROUNDINGS * epsilon * r->magnitude[scalar];
}

/* --- hooks ------------------------------------------------------------------------------------ */

static void see(ref_hook *h, int n, const double *value, const double *error)
{
    h->calls++;
    h->n = n;
    memcpy(h->seen, value, (size_t)n * sizeof *value);
    memcpy(h->error, error, (size_t)n * sizeof *error);
}

/* Runs the tensor hooks of an output of a node, or of a leaf (node -1), on the gradients of the `n`
 * scalars from `first` on. */
static void run_hooks(reference *r, int node, int output, int leaf, int first, int n, bool f64)
{
    for (int i = 0; i < r->hooks; i++) {
        ref_hook *h = &r->hook[i];
        double error[GRAPH_ELEMENTS];
        if (h->removed || h->kind != REF_HOOK_TENSOR || h->node != node || h->leaf != leaf)
            continue;
        if (node >= 0 && h->output != output) continue;
        for (int e = 0; e < n; e++) error[e] = error_at(r, first + e, ref_epsilon(f64));
        see(h, n, r->gradient + first, error);
        for (int e = 0; e < n && h->replaces; e++) {
            r->gradient[first + e] *= h->scale;
            r->magnitude[first + e] *= fabs(h->scale);
            r->error[first + e] = error[e] * fabs(h->scale);
        }
    }
}

/* Stores the gradient of an output of a node for the tensors that retain it. */
static void retain(reference *r, int node, int output, int first, int n, bool f64)
{
    for (int i = 0; i < r->tensors; i++) {
        const ref_tensor *t = &r->tensor[i];
        if (!t->retains || t->owners == 0 || t->node != node || t->output != output) continue;
        r->retained[i] = true;
        for (int e = 0; e < n; e++) {
            r->retain[i][e] = r->gradient[first + e];
            r->retain_error[i][e] = error_at(r, first + e, ref_epsilon(f64));
        }
    }
}

/* --- a node ----------------------------------------------------------------------------------- */

/* Whether any input of the node may get a gradient. */
static bool wanted_any(const ref_node *node)
{
    bool any = node->is_function;
    for (int k = 0; k < node->inputs; k++) any |= node->edge[k].first >= 0;
    return any;
}

/* Whether the saved values that the node's rule needs are there and unchanged. */
static bool unpack(pass *p, const ref_node *node)
{
    if (node->needs_saved && node->freed) return false;
    for (int i = 0; i < node->saved; i++) {
        if (p->r->storage[node->save[i].storage].version == node->save[i].version) continue;
        if (!node->uncertain) return false;
        p->uncertain = true;
    }
    return true;
}

/* Whether the scalar belongs to an input of the node whose gradient is needed. */
static bool reaches(const pass *p, const ref_node *node, int scalar)
{
    for (int k = 0; k < node->inputs; k++) {
        ref_edge edge = node->edge[k];
        if (edge.first < 0 || scalar < edge.first) continue;
        int n =
            edge.node >= 0 ? p->r->node[edge.node].out[edge.output].n : p->r->tensor[edge.leaf].n;
        if (scalar < edge.first + n) return is_needed(p, edge);
    }
    return false;
}

/* Passes the gradients of the node's outputs on to the scalars of its inputs. */
static void send(pass *p, const ref_node *node)
{
    reference *r = p->r;
    int number = (int)(node - r->node);
    for (int j = 0; j < node->outputs; j++) {
        if (!r->arrived[number][j]) continue;
        for (int s = node->out[j].first; s < node->out[j].first + node->out[j].n; s++) {
            double error = error_at(r, s, ref_epsilon(node->out[j].f64));
            for (int w = r->begin[s]; w < r->begin[s + 1]; w++) {
                const ref_weight *weight = &r->weight[w];
                if (!reaches(p, node, weight->to)) continue;
                add(r, weight->to, weight->weight, weight->error, r->gradient[s], error,
                    ref_epsilon(node->out[j].f64));
            }
        }
    }
    for (int k = 0; k < node->inputs; k++) {
        if (!node->skips[k]) arrive(p, node->edge[k]);
    }
}

/* Runs one node. False with an error. */
static bool process(pass *p, int number)
{
    reference *r = p->r;
    ref_node *node = &r->node[number];
    bool any = false;
    for (int j = 0; j < node->outputs; j++) {
        if (!r->arrived[number][j]) continue;
        any = true;
        run_hooks(r, number, j, -1, node->out[j].first, node->out[j].n, node->out[j].f64);
        retain(r, number, j, node->out[j].first, node->out[j].n, node->out[j].f64);
    }
    if (!any || !r->on_path[number]) return true;
    if (wanted_any(node)) {
        if (!unpack(p, node)) return false;
        send(p, node);
    }
    if (!p->retain_graph) node->freed = true;
    return true;
}

/* --- at the end ------------------------------------------------------------------------------- */

static void add_to_grad(ref_tensor *t, const double *gradient, const double *error)
{
    double epsilon = ref_epsilon(t->f64);
    for (int e = 0; e < t->n; e++) {
        double before = t->has_grad ? t->grad[e] : 0;
        t->grad[e] = before + gradient[e];
        t->grad_error[e] = (t->has_grad ? t->grad_error[e] : 0) + error[e] +
                           epsilon * (fabs(before) + fabs(gradient[e]));
    }
    t->has_grad = true;
}

static void leaf_hooks(reference *r)
{
    for (int i = 0; i < r->tensors; i++) {
        const ref_tensor *t = &r->tensor[i];
        if (r->leaf_arrived[i]) run_hooks(r, -1, 0, i, t->leaf_first, t->n, t->f64);
    }
}

/* Whether the tensor is a leaf that gets a gradient: it requires one and somebody owns it. */
static bool gets_grad(const reference *r, int tensor)
{
    const ref_tensor *t = &r->tensor[tensor];
    return r->leaf_arrived[tensor] && ref_tracks(t) && t->owners > 0;
}

static void accumulate(const pass *p)
{
    reference *r = p->r;
    for (int i = 0; i < r->tensors; i++) {
        ref_tensor *t = &r->tensor[i];
        double error[GRAPH_ELEMENTS];
        if (r->retained[i]) add_to_grad(t, r->retain[i], r->retain_error[i]);
        if (p->only_wanted || !gets_grad(r, i)) continue;
        for (int e = 0; e < t->n; e++) {
            error[e] = error_at(r, t->leaf_first + e, ref_epsilon(t->f64));
        }
        add_to_grad(t, r->gradient + t->leaf_first, error);
    }
}

static void accumulated_hooks(reference *r)
{
    for (int i = 0; i < r->hooks; i++) {
        ref_hook *h = &r->hook[i];
        if (h->removed || h->kind != REF_HOOK_ACCUMULATED || !gets_grad(r, h->leaf)) continue;
        const ref_tensor *t = &r->tensor[h->leaf];
        see(h, t->n, t->grad, t->grad_error);
    }
}

/* --- passes ----------------------------------------------------------------------------------- */

/* Clears the state of the last pass, and gives the root its gradient. */
static void begin(pass *p, const graph_step *s, ref_edge root, int n)
{
    reference *r = p->r;
    memset(r->gradient, 0, (size_t)r->scalars * sizeof *r->gradient);
    memset(r->error, 0, (size_t)r->scalars * sizeof *r->error);
    memset(r->magnitude, 0, (size_t)r->scalars * sizeof *r->magnitude);
    memset(r->arrived, 0, (size_t)r->nodes * sizeof *r->arrived);
    memset(r->retained, 0, (size_t)r->tensors * sizeof *r->retained);
    memset(r->leaf_arrived, 0, (size_t)r->tensors * sizeof *r->leaf_arrived);
    find_paths(p);
    if (!is_needed(p, root)) return;
    for (int e = 0; e < n; e++) {
        add(r, root.first + e, 1, 0, s->with_gradient ? graph_value(s->seed, e) : 1, 0, 0);
    }
    arrive(p, root);
}

static bool run(pass *p)
{
    for (int n = p->r->nodes; n-- > 0;) {
        if (!process(p, n)) return false;
    }
    leaf_hooks(p->r);
    accumulate(p);
    if (!p->only_wanted) accumulated_hooks(p->r);
    return true;
}

static void store_returned(pass *p, const ref_tensor *x)
{
    reference *r = p->r;
    ref_edge at = p->wanted;
    r->returned = at.node >= 0 ? r->arrived[at.node][at.output] : r->leaf_arrived[at.leaf];
    for (int e = 0; e < x->n; e++) {
        r->returned_grad[e] = r->gradient[at.first + e];
        r->returned_error[e] = error_at(r, at.first + e, ref_epsilon(x->f64));
    }
}

/* autograd_grad is called with .allow_unused: an input that the output does not depend on has no
 * gradient, and is no error. */
ref_end ref_backward(reference *r, const graph_step *s)
{
    ref_tensor *root = ref_of(r, s->in[0]), *x = s->inputs > 1 ? ref_of(r, s->in[1]) : NULL;
    if (!ref_update_history(r, root) || !ref_tracks(root)) return REF_AUTOGRAD;
    if (root->n != 1 && !s->with_gradient) return REF_AUTOGRAD;
    if (x && (!ref_update_history(r, x) || !ref_tracks(x))) return REF_AUTOGRAD;
    pass p = { .r = r,
               .retain_graph = s->retain_graph || s->create_graph,
               .only_wanted = x != NULL };
    if (x) p.wanted = ref_edge_to(r, x);
    ref_edge at = ref_edge_to(r, root);
    if (r->full) return REF_LEFT_OUT;
    begin(&p, s, at, root->n);
    bool done = run(&p);
    if (p.uncertain) return REF_EITHER;
    if (done && x) store_returned(&p, x);
    return done ? REF_DONE : REF_AUTOGRAD;
}
