/* multinomial: indices drawn with the probabilities in the rows of p, with or without replacement.
 * They are those of torch.multinomial for the same seed.
 *
 * With replacement an index is found by bisection among the sums of the row. Without, or for one
 * sample, those with the largest p / e are taken, e of an exponential distribution and drawn in the
 * order in which p lies in memory. `check` refuses what are no probabilities. Kernels:
 * core/random_choice.c, core/cpu/topk.c. */
#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/topk_internal.h"
#include "core/random_internal.h"

/* PyTorch's limit, from when indices were float32. */
static const int64_t MOST_CATEGORIES = 1 << 24;

static const cd_field fields[] = { CD_FIELD(cd_multinomial_attributes, samples, INTEGER),
                                   CD_FIELD(cd_multinomial_attributes, replacement, BOOL),
                                   CD_FIELDS_END };

/* --- infer and check -------------------------------------------------------------------------- */

static int64_t categories_of(const cd_shape *p)
{
    return p->dim[p->ndim - 1];
}

static int64_t rows_of(const cd_shape *p)
{
    return p->ndim == 2 ? p->dim[0] : 1;
}

static bool check_samples(const cd_call *call, const cd_shape *p)
{
    const cd_multinomial_attributes *a = call->launch.attributes;
    const int64_t n = categories_of(p);
    if (a->samples < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%lld samples: 1 or more", (long long)a->samples);
    }
    if (!a->replacement && a->samples > n) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%lld samples without replacement, and there are %lld categories",
                         (long long)a->samples, (long long)n);
    }
    return n <= MOST_CATEGORIES ||
           cd_refuse(call, CD_ERR_SHAPE, "there are %lld categories, more than %lld", (long long)n,
                     (long long)MOST_CATEGORIES);
}

static bool multinomial_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_multinomial_attributes *a = call->launch.attributes;
    const cd_tensor *p = call->in[0].tensor;
    if (!cd_check_floating(call, p->dtype)) return false;
    if (p->shape.ndim < 1 || p->shape.ndim > 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "p has shape %s, and must be a vector or a matrix",
                         cd_sizes_text(&p->shape, text));
    }
    if (!check_samples(call, &p->shape)) return false;
    a->stride[0] = p->stride[0];
    a->stride[1] = p->stride[1];
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = CD_I64;
    call->out[0].shape = p->shape;
    call->out[0].shape.dim[p->shape.ndim - 1] = a->samples;
    return true;
}

static bool multinomial_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_array *p = &launch->in[0];
    const cd_shape *shape = &p->layout->shape;
    bool all_zero;
    const int64_t bad = cd_random_first_bad(p->layout->dtype, rows_of(shape), categories_of(shape),
                                            p->data, &all_zero);
    if (bad < 0) return true;
    *fault = (cd_fault){ .position = bad, .integer = all_zero };
    if (!all_zero) fault->number = cd_real_at(p->layout->dtype, p->data, bad);
    return false;
}

static bool multinomial_refuse(cd_call *call, const cd_fault *fault)
{
    if (fault->integer) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "row %lld of p is all 0",
                         (long long)fault->position);
    }
    return cd_refuse(call, CD_ERR_ARGUMENT, "p[%lld] is %g: it must be 0 or more, and not infinite",
                     (long long)fault->position, fault->number);
}

/* --- run -------------------------------------------------------------------------------------- */

typedef struct parts {
    cd_layout uniform_layout, layout;
    cd_array sums;           /* of a row; with replacement */
    cd_array uniform, score; /* as p; without */
    cd_array chosen;         /* the scores of the indices that are chosen */
} parts;

static bool by_sums(const cd_multinomial_attributes *a)
{
    return a->replacement && a->samples > 1;
}

static void take_parts(const cd_launch *launch, cd_work *work, parts *w)
{
    const cd_multinomial_attributes *a = launch->attributes;
    const cd_layout *p = launch->in[0].layout;
    w->layout = cd_layout_row_major(p->dtype, p->shape);
    w->uniform_layout = cd_layout_row_major(CD_F64, p->shape);
    if (by_sums(a)) {
        w->layout = cd_layout_row_major(p->dtype, CD_SHAPE(categories_of(&p->shape)));
        w->sums = cd_work_take(work, &w->layout);
    } else {
        w->uniform = cd_work_take(work, &w->uniform_layout);
        w->score = cd_work_take(work, &w->layout);
        w->chosen = cd_work_take(work, &w->layout);
    }
}

static size_t multinomial_workspace(const cd_launch *launch)
{
    parts w;
    cd_work work = { NULL, 0 };
    take_parts(launch, &work, &w);
    return work.bytes;
}

/* The layout of p before it was made contiguous. */
static cd_layout layout_as_given(const cd_multinomial_attributes *a, const cd_layout *p)
{
    cd_layout given = *p;
    given.stride[0] = a->stride[0];
    given.stride[1] = a->stride[1];
    return given;
}

static void multinomial_run(const cd_launch *launch)
{
    const cd_multinomial_attributes *a = launch->attributes;
    const cd_array *p = &launch->in[0], *y = &launch->out[0];
    const cd_layout *layout = p->layout, given = layout_as_given(a, layout);
    const int64_t rows = rows_of(&layout->shape), n = categories_of(&layout->shape);
    static const cd_draw uniform = { .kind = CD_DRAW_UNIFORM, .a = 0, .b = 1 };
    cd_work work = { launch->workspace, 0 };
    parts w;
    if (y->layout->numel == 0) return;
    take_parts(launch, &work, &w);
    if (by_sums(a)) {
        cd_random_choose(launch->generator, layout->dtype, rows, n, p->data, a->samples, y->data,
                         w.sums.data);
        return;
    }
    cd_draw_into(launch->generator, &uniform, &w.uniform, &given);
    cd_random_race(layout->dtype, layout->numel, p->data, w.uniform.data, w.score.data);
    cd_cpu_topk(layout->dtype, rows, n, 1, a->samples, false, w.score.data, w.chosen.data, y->data);
}

cd_tensor *cd_multinomial_with(cd_multinomial_options o)
{
    cd_call call;
    cd_multinomial_attributes a = { .samples = o.samples, .replacement = o.replacement };
    const cd_operand p = cd_operand_tensor(o.p);
    cd_call_begin(&call, &cd_op_multinomial, &p, 1);
    call.launch.attributes = &a;
    call.generator = o.generator;
    return cd_call_run(&call);
}

const cd_op cd_op_multinomial = {
    .name = "multinomial",
    .like = "torch.multinomial(p, samples, replacement)",
    .formula = "y[i, k] = an index, j with the probability p[i, j] / sum of p[i, ..]",
    .gradient = "none: the indices are integers",
    .dtypes = "floating; y is int64",
    .random = true,
    .inputs = 1,
    .input = { "p" },
    CD_OP_ATTRIBUTES(cd_multinomial_attributes, fields),
    .infer = multinomial_infer,
    .refuse = multinomial_refuse,
    .cpu = { .workspace = multinomial_workspace,
             .check = multinomial_check,
             .run = multinomial_run },
};
