/* A random program over tensors. Each six bytes of the input are a step (graph_choose.c), and
 * GRAPH_OPS in graph_program.h lists the ops. Both Candela (graph_candela.h) and a reference that
 * shares no code with it (graph_reference.h) run the program, and the results are compared.
 *
 * Checked after each step, within the error that the dtype allows:
 *   - of the tensors that the step uses (at the end, of all tensors): values, shapes, dtypes,
 *     versions, and whether they require gradients and are leaves;
 *   - the gradients of leaves and of tensors that retain their gradient;
 *   - how often each hook ran, and what it saw;
 *   - what PyTorch refuses is refused, with the same kind of error; a backward pass fails exactly
 *     when something that it needs was changed or freed.
 *
 * Checked of memory: a step whose k-th allocation is refused, or that may not allocate at all,
 * fails and leaves every value, version and gradient as it was, to the bit; when it is run again it
 * gives the right result. At the end nothing is left, and the user data of each hook and function
 * was destroyed once.
 *
 * A finding prints the program and the first difference. With the environment variable
 * FUZZ_GRAPH_SHOW all programs are printed, and at the end how often each op was run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph_candela.h"
#include "tests/fuzz/graph_choose.h"

enum { GRAPH_MEMORY = 64 << 20 };

/* The program that runs, and its state in the reference and in Candela. */
static struct program {
    reference r;
    candela_run c;
    int steps;
    graph_step step[GRAPH_STEPS];
    ref_end end[GRAPH_STEPS];
    /* The program ends: a step has failed halfway, and what such a step has freed or changed by
     * then is not specified. */
    bool stop;
    bool skip_gradients; /* do not compare gradients any more, for the same reason */
} p;

/* --- findings --------------------------------------------------------------------------------- */

static void print_program(void)
{
    static const char *const ends[] = { "",
                                        "",
                                        "    # an error: autograd",
                                        "    # an error: argument",
                                        "    # an error: unsupported",
                                        "    # may be an error" };
    for (int i = 0; i < p.steps; i++) {
        graph_print_step(stderr, &p.step[i]);
        if (*ends[p.end[i]]) fprintf(stderr, "%s\n", ends[p.end[i]]);
    }
}

static _Noreturn void differs(const char *what, int which)
{
    print_program();
    fprintf(stderr, "after the last step, %s of %d differs from the reference\n", what, which);
    fuzz_broken("the same as the reference", __FILE__, __LINE__);
}

#define SAME(condition_, what_, which_) ((condition_) ? (void)0 : differs((what_), (which_)))

static void compare_values(const char *what, int which, int n, const double *got,
                           const double *right, const double *error)
{
    for (int i = 0; i < n; i++) {
        if (fabs(got[i] - right[i]) <= 4 * error[i] + 1e-30) continue;
        print_program();
        fprintf(stderr,
                "after the last step, %s of %d: element %d is %.17g, and should be %.17g "
                "within %.3g\n",
                what, which, i, got[i], right[i], error[i]);
        fuzz_broken("the same as the reference", __FILE__, __LINE__);
    }
}

/* --- a tensor --------------------------------------------------------------------------------- */

static bool same_shape(const cd_tensor *t, graph_shape shape)
{
    cd_shape own = cd_shape_of(t);
    bool same = own.ndim == shape.ndim;
    for (int i = 0; i < shape.ndim && same; i++) same = own.dim[i] == shape.size[i];
    return same;
}

static void compare_tensor(int handle)
{
    reference *r = &p.r;
    double value[GRAPH_ELEMENTS], right[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
    const cd_tensor *t = p.c.handle[handle];
    const ref_tensor *x = ref_of(r, handle);
    SAME(same_shape(t, x->shape), "the shape", handle);
    SAME(cd_dtype_of(t) == (x->f64 ? CD_F64 : CD_F32), "the dtype", handle);
    SAME(cd_version(t) == r->storage[x->storage].version, "the version", handle);
    SAME(cd_is_contiguous(t) == ref_contiguous(x), "is_contiguous", handle);
    SAME(cd_requires_grad(t) == ref_requires_grad(r, x), "requires_grad", handle);
    for (int i = 0; i < x->n; i++) {
        right[i] = r->storage[x->storage].value[x->offset[i]];
        error[i] = r->storage[x->storage].error[x->offset[i]];
    }
    candela_read(t, value);
    compare_values("the value", handle, x->n, value, right, error);
}

/* Only for the end of a program: cd_is_leaf brings the history of a view up to date, which only the
 * steps should do before. */
static void compare_leafness(int handle)
{
    ref_tensor *x = ref_of(&p.r, handle);
    bool current = ref_update_history(&p.r, x);
    if (p.r.full) return;
    bool leaf = cd_is_leaf(p.c.handle[handle]);
    SAME(cd_ok() == current, "whether there is a history", handle);
    SAME(leaf == (current && x->node < 0), "is_leaf", handle);
    cd_clear_error();
}

static void compare_gradient(int handle)
{
    const ref_tensor *x = ref_of(&p.r, handle);
    double value[GRAPH_ELEMENTS];
    /* A computed tensor that does not retain its gradient may still have one from when it was a
     * leaf. */
    if (x->node >= 0 && !x->retains) return;
    CD_SCOPE();
    const cd_tensor *grad = cd_grad(p.c.handle[handle]);
    SAME(cd_ok() && (grad != NULL) == x->has_grad, "whether there is a gradient", handle);
    if (!grad) return;
    SAME(same_shape(grad, x->shape), "the gradient's shape", handle);
    SAME(cd_dtype_of(grad) == (x->f64 ? CD_F64 : CD_F32), "the gradient's dtype", handle);
    candela_read(grad, value);
    compare_values("the gradient", handle, x->n, value, x->grad, x->grad_error);
}

/* Whether a hook must not be destroyed yet. A hook belongs to the node that computed its tensor,
 * and may be destroyed together with that node. A view whose base has changed since may have got
 * another node meanwhile. */
static bool hook_must_live(const ref_hook *h)
{
    const ref_tensor *t = &p.r.tensor[h->tensor];
    bool behind = t->is_view && t->history_version != p.r.storage[t->storage].version;
    return !h->removed && t->owners > 0 && t->node == h->node && !behind;
}

static void compare_hooks(void)
{
    SAME(p.c.hooks == p.r.hooks, "the number of hooks", p.c.hooks);
    for (int i = 0; i < p.r.hooks; i++) {
        const candela_hook *h = &p.c.hook[i];
        const ref_hook *right = &p.r.hook[i];
        SAME(h->calls == right->calls, "how often a hook ran", i);
        SAME(h->n == right->n, "the size of what a hook saw", i);
        SAME(h->destroyed == 0 || !hook_must_live(right), "that a hook is destroyed", i);
        compare_values("what a hook saw", i, h->n, h->seen, right->seen, right->error);
    }
}

static void compare_all(void)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        SAME((p.c.handle[h] != NULL) == (p.r.handle[h] >= 0), "whether there is a handle", h);
        if (p.r.handle[h] < 0) continue;
        compare_tensor(h);
        if (!p.skip_gradients) compare_gradient(h);
    }
    if (!p.skip_gradients) compare_hooks();
}

static void compare_step(const graph_step *s)
{
    bool is_pass = s->op == GRAPH_BACKWARD || s->op == GRAPH_GRAD;
    if (s->in_place || is_pass) {
        compare_all();
    } else {
        for (int k = 0; k < s->inputs; k++) {
            if (s->op != GRAPH_DROP) compare_tensor(s->in[k]);
        }
    }
    for (int j = 0; j < s->outputs; j++) {
        if (p.r.handle[s->out[j]] >= 0) compare_tensor(s->out[j]);
    }
    if (s->op != GRAPH_GRAD || p.end[p.steps - 1] != REF_DONE) return;
    SAME(p.c.returned == p.r.returned, "whether autograd_grad gives a gradient", s->in[1]);
    if (!p.c.returned) return;
    const ref_tensor *x = ref_of(&p.r, s->in[1]);
    compare_values("what autograd_grad gives", s->in[1], x->n, p.c.returned_grad, p.r.returned_grad,
                   p.r.returned_error);
}

/* --- steps without memory --------------------------------------------------------------------- */

typedef struct state {
    uint32_t version;
    bool has_grad;
    double value[GRAPH_ELEMENTS], grad[GRAPH_ELEMENTS];
} state;

/* The state before a step that may be refused memory. */
static state before[GRAPH_HANDLES];
static candela_hook hooks_before[REF_HOOKS];
static int refused_at, allocations; /* the allocation to refuse; how many there were */

static bool refuse(size_t bytes)
{
    (void)bytes;
    return allocations++ == refused_at;
}

/* The state of a tensor. Does not ask for a gradient that a computed tensor does not retain:
 * cd_grad would warn with the name of the tensor's node, and bring a view's history up to date for
 * that, which only the steps should do. */
static state state_of(int handle)
{
    CD_SCOPE();
    cd_tensor *t = p.c.handle[handle];
    const ref_tensor *x =
        p.r.handle[handle] < 0 ? NULL : ref_of(&p.r, handle); /* NULL: the step drops it */
    state now = { .version = cd_version(t) };
    candela_read(t, now.value);
    const cd_tensor *grad = x && (x->node < 0 || x->retains) ? cd_grad(t) : NULL;
    FUZZ_CHECK(cd_ok());
    now.has_grad = grad;
    if (grad) candela_read(grad, now.grad);
    return now;
}

static void remember(void)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        if (p.c.handle[h]) before[h] = state_of(h);
    }
    memcpy(hooks_before, p.c.hook, sizeof hooks_before);
}

/* Resets the counts of hooks after a failed step: a hook may have run in a pass that failed, and
 * runs again when the step is repeated. User data that was destroyed, with the old history of a
 * view, stays destroyed. */
static void forget_calls(void)
{
    for (int i = 0; i < p.c.hooks; i++) {
        int destroyed = p.c.hook[i].destroyed;
        p.c.hook[i] = hooks_before[i];
        p.c.hook[i].destroyed = destroyed;
    }
}

/* Whether gradients may have changed before the step failed: post-accumulate hooks need memory too,
 * and they run after gradients were accumulated. */
static bool may_have_accumulated(const graph_step *s)
{
    bool any = false;
    for (int i = 0; i < p.r.hooks; i++) {
        any |= p.r.hook[i].kind == REF_HOOK_ACCUMULATED && !p.r.hook[i].removed;
    }
    return any && s->op == GRAPH_BACKWARD;
}

static void compare_with_before(const graph_step *s)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        if (!p.c.handle[h]) continue;
        state now = state_of(h);
        bool gradients = !may_have_accumulated(s);
        size_t bytes = (size_t)cd_numel(p.c.handle[h]) * sizeof *now.value;
        SAME(now.version == before[h].version, "without memory, the version", h);
        SAME(memcmp(now.value, before[h].value, bytes) == 0, "without memory, the value", h);
        if (!gradients) continue;
        SAME(now.has_grad == before[h].has_grad, "without memory, that there is a gradient", h);
        SAME(!now.has_grad || memcmp(now.grad, before[h].grad, bytes) == 0,
             "without memory, the gradient", h);
    }
}

/* Runs the step while allocation number `at` is refused, or every allocation if `at` is negative.
 * False if it failed for lack of memory. */
static bool done_without_memory(const graph_step *s, int at)
{
    remember();
    allocations = 0;
    refused_at = at;
    if (at >= 0) {
        cd_memory_fault_hook = refuse;
    } else {
        cd_memory_limit(1);
    }
    bool done = candela_step(&p.c, s);
    cd_memory_fault_hook = NULL;
    cd_memory_limit(GRAPH_MEMORY);
    if (done || cd_error_code() != CD_ERR_MEMORY) return true;
    (void)fuzz_refused();
    /* A function of the user's has changed its input for good, and a pass that does not retain the
     * graph has freed a part of it. */
    bool pass = s->op == GRAPH_BACKWARD || s->op == GRAPH_GRAD;
    bool retains = (s->retain_graph || s->create_graph) && !may_have_accumulated(s);
    p.stop = s->op == GRAPH_FUNCTION_DIRTY || (pass && !retains);
    if (s->op != GRAPH_FUNCTION_DIRTY) compare_with_before(s);
    forget_calls();
    return false;
}

/* --- a program -------------------------------------------------------------------------------- */

static void check_end(ref_end end, int which)
{
    static const cd_code codes[] = { CD_OK, CD_OK, CD_ERR_AUTOGRAD, CD_ERR_ARGUMENT,
                                     CD_ERR_UNSUPPORTED };
    if (end == REF_EITHER) {
        FUZZ_CHECK(cd_ok() || fuzz_refused() == CD_ERR_AUTOGRAD);
        p.stop = p.skip_gradients = true;
        return;
    }
    SAME(cd_error_code() == codes[end], "the error", which);
    if (end != REF_DONE) (void)fuzz_refused();
}

/* Whether the step would remove a hook that has rightly been destroyed with its node. The reference
 * does not know how long a node lives. */
static bool removes_destroyed_hook(const graph_step *s)
{
    return s->op == GRAPH_REMOVE_HOOK && p.c.hook[s->from].destroyed > 0 &&
           !hook_must_live(&p.r.hook[s->from]);
}

static int done[GRAPH_OP_COUNT][2]; /* how often each op was run: [1] in place */

static void do_step(const graph_step *s)
{
    ref_end end = ref_run(&p.r, s);
    if (end == REF_LEFT_OUT) return;
    p.step[p.steps] = *s;
    p.end[p.steps++] = end;
    done[s->op][s->in_place]++;
    const graph_step *last = p.steps > 1 ? &p.step[p.steps - 2] : s;
    bool refuses = last->op == GRAPH_REFUSE && s->op != GRAPH_REFUSE;
    if (!refuses || !done_without_memory(s, last->from)) {
        if (p.stop) {
            p.skip_gradients = true;
            return;
        }
        (void)candela_step(&p.c, s);
    }
    check_end(end, p.steps);
    if (!p.stop) compare_step(s);
}

static void run_program(fuzz_input *in)
{
    ref_begin(&p.r);
    candela_begin(&p.c);
    p.steps = 0;
    p.stop = p.skip_gradients = false;
    while (in->size > 0 && p.steps < GRAPH_STEPS && !p.stop && !p.r.full) {
        graph_step s;
        if (graph_choose(&p.r, in, &s) && !removes_destroyed_hook(&s)) do_step(&s);
    }
    if (p.r.full || p.stop) return;
    for (int h = 0; h < GRAPH_HANDLES; h++) {
        if (p.r.handle[h] >= 0) compare_leafness(h);
    }
    compare_all();
}

/* Checks that the user data of each hook and function has been destroyed exactly once after all
 * tensors are released. */
static void end_program(void)
{
    candela_end(&p.c);
    for (int i = 0; i < p.c.hooks; i++) {
        SAME(p.c.hook[i].destroyed == 1, "how often a hook was destroyed", i);
    }
    SAME(p.c.functions == p.c.functions_ended, "how often a function ended", p.c.functions);
}

static void print_counts(void)
{
    for (int op = 0; op < GRAPH_OP_COUNT; op++) {
        fprintf(stderr, "%s %d, in place %d\n", graph_op_name((graph_op)op), done[op][0],
                done[op][1]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun, shown;
    fuzz_input in = { data, size };
    if (!begun) {
        FUZZ_CHECK(cd_set_num_threads(1));
        shown = getenv("FUZZ_GRAPH_SHOW");
        if (shown) FUZZ_CHECK(atexit(print_counts) == 0);
        begun = true;
    }
    fuzz_begin(GRAPH_MEMORY);
    run_program(&in);
    end_program();
    if (shown) {
        print_program();
        fprintf(stderr, "--\n");
    }
    fuzz_end();
    return 0;
}
