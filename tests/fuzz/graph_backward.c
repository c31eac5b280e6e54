/* Going backward: nodes from the latest to the earliest, and in each from the outputs' scalars
 * along their edges. */
#include <math.h>
#include <string.h>

#include "tests/fuzz/graph_forward.h"
#include "tests/fuzz/graph_history.h"

typedef struct pass {
    reference *r;
    bool retain_graph;
    bool wanting; /* only the gradient of `wanted` is asked for */
    ref_edge wanted;
    bool uncertain; /* an error would be right, and none too */
} pass;

/* --- gradients on their way ------------------------------------------------------------------- */

static bool is_wanted(const pass *p, ref_edge edge)
{
    if (!p->wanting) return false;
    return edge.node >= 0 ? edge.node == p->wanted.node : edge.leaf == p->wanted.leaf;
}

static bool is_needed(const pass *p, ref_edge edge)
{
    if (edge.first < 0) return false;
    return !p->wanting || is_wanted(p, edge) || (edge.node >= 0 && p->r->leads[edge.node]);
}

static void find_ways(pass *p)
{
    reference *r = p->r;
    for (int n = 0; n < r->nodes; n++) {
        const ref_node *node = &r->node[n];
        r->leads[n] = !p->wanting;
        for (int k = 0; k < node->inputs && p->wanting; k++) {
            r->leads[n] |= is_needed(p, node->edge[k]);
        }
    }
}

static void arrive(pass *p, ref_edge edge)
{
    if (!is_needed(p, edge)) return;
    if (edge.node >= 0) {
        p->r->arrived[edge.node][edge.output] = true;
    } else {
        p->r->leaf_arrived[edge.leaf] = true;
    }
}

/* Adds weight times gradient. Products, sums and conversions round, some more than once. */
static void add(reference *r, int to, double weight, double weight_error, double gradient,
                double error, double epsilon)
{
    double product = weight * gradient;
    r->gradient[to] += product;
    r->size[to] += fabs(product);
    r->error[to] +=
        fabs(weight) * error + weight_error * fabs(gradient) + ROUNDINGS * epsilon * fabs(product);
}

/* What is summed up in several steps rounds by what it was on the way. */
static double error_at(const reference *r, int scalar, double epsilon)
{
    return r->error[scalar] + ROUNDINGS * epsilon * r->size[scalar];
}

/* --- hooks ------------------------------------------------------------------------------------ */

static void see(ref_hook *h, int n, const double *value, const double *error)
{
    h->calls++;
    h->n = n;
    memcpy(h->seen, value, (size_t)n * sizeof *value);
    memcpy(h->error, error, (size_t)n * sizeof *error);
}

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
            r->size[first + e] *= fabs(h->scale);
            r->error[first + e] = error[e] * fabs(h->scale);
        }
    }
}

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

static bool wanted_any(const ref_node *node)
{
    bool any = node->custom;
    for (int k = 0; k < node->inputs; k++) any |= node->edge[k].first >= 0;
    return any;
}

/* What its rule needs is there, as it was. */
static bool unpack(pass *p, const ref_node *node)
{
    if (node->unpacks && node->freed) return false;
    for (int i = 0; i < node->saved; i++) {
        if (p->r->storage[node->save[i].storage].version == node->save[i].version) continue;
        if (!node->uncertain) return false;
        p->uncertain = true;
    }
    return true;
}

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
    if (!any || !r->leads[number]) return true;
    if (wanted_any(node)) {
        if (!unpack(p, node)) return false;
        send(p, node);
    }
    if (!p->retain_graph) node->freed = true;
    return true;
}

/* --- at the end ------------------------------------------------------------------------------- */

static void put_in_place(ref_tensor *t, const double *gradient, const double *error)
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

static bool is_kept(const reference *r, int tensor)
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
        if (r->retained[i]) put_in_place(t, r->retain[i], r->retain_error[i]);
        if (p->wanting || !is_kept(r, i)) continue;
        for (int e = 0; e < t->n; e++) {
            error[e] = error_at(r, t->leaf_first + e, ref_epsilon(t->f64));
        }
        put_in_place(t, r->gradient + t->leaf_first, error);
    }
}

static void accumulated_hooks(reference *r)
{
    for (int i = 0; i < r->hooks; i++) {
        ref_hook *h = &r->hook[i];
        if (h->removed || h->kind != REF_HOOK_ACCUMULATED || !is_kept(r, h->leaf)) continue;
        const ref_tensor *t = &r->tensor[h->leaf];
        see(h, t->n, t->grad, t->grad_error);
    }
}

/* --- passes ----------------------------------------------------------------------------------- */

static void begin(pass *p, const graph_step *s, ref_edge root, int n)
{
    reference *r = p->r;
    memset(r->gradient, 0, (size_t)r->scalars * sizeof *r->gradient);
    memset(r->error, 0, (size_t)r->scalars * sizeof *r->error);
    memset(r->size, 0, (size_t)r->scalars * sizeof *r->size);
    memset(r->arrived, 0, (size_t)r->nodes * sizeof *r->arrived);
    memset(r->retained, 0, (size_t)r->tensors * sizeof *r->retained);
    memset(r->leaf_arrived, 0, (size_t)r->tensors * sizeof *r->leaf_arrived);
    find_ways(p);
    if (!is_needed(p, root)) return;
    for (int e = 0; e < n; e++) {
        add(r, root.first + e, 1, 0, s->given ? graph_value(s->seed, e) : 1, 0, 0);
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
    if (!p->wanting) accumulated_hooks(p->r);
    return true;
}

static void give(pass *p, const ref_tensor *x)
{
    reference *r = p->r;
    ref_edge at = p->wanted;
    r->gave = at.node >= 0 ? r->arrived[at.node][at.output] : r->leaf_arrived[at.leaf];
    for (int e = 0; e < x->n; e++) {
        r->given[e] = r->gradient[at.first + e];
        r->given_error[e] = error_at(r, at.first + e, ref_epsilon(x->f64));
    }
}

/* autograd_grad's steps allow an input that nothing depends on, which gives nothing. */
ref_end ref_backward(reference *r, const graph_step *s)
{
    ref_tensor *root = ref_of(r, s->in[0]), *x = s->inputs > 1 ? ref_of(r, s->in[1]) : NULL;
    if (!ref_current(r, root) || !ref_tracks(root)) return REF_AUTOGRAD;
    if (root->n != 1 && !s->given) return REF_AUTOGRAD;
    if (x && (!ref_current(r, x) || !ref_tracks(x))) return REF_AUTOGRAD;
    pass p = { .r = r, .retain_graph = s->retain_graph || s->create_graph, .wanting = x != NULL };
    if (x) p.wanted = ref_edge_to(r, x);
    ref_edge at = ref_edge_to(r, root);
    if (r->full) return REF_LEFT_OUT;
    begin(&p, s, at, root->n);
    bool done = run(&p);
    if (p.uncertain) return REF_EITHER;
    if (done && x) give(&p, x);
    return done ? REF_DONE : REF_AUTOGRAD;
}
