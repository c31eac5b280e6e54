/* What dropout and its relatives share. */
#include "autograd/families/dropout_internal.h"

#include <math.h>

#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/random_internal.h"

const cd_field cd_dropout_fields[] = { CD_FIELD(cd_dropout_attributes, p, REAL), CD_FIELDS_END };

/* One number for each element of x; or for each feature, with size 1 for the dimensions that are
 * dropped together. */
static cd_shape noise_shape(const cd_shape *x, int kept)
{
    cd_shape shape = *x;
    for (int i = kept; kept > 0 && i < shape.ndim; i++) shape.dim[i] = 1;
    return shape;
}

bool cd_infer_dropout(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_dropout_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_floating(call, x->dtype)) return false;
    if (x->shape.ndim < a->kept) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must have at least 2 dimensions: N x C x ...",
                         cd_sizes_text(&x->shape, text));
    }
    call->out[0].dtype = call->out[1].dtype = x->dtype;
    call->out[0].shape = x->shape;
    call->out[1].shape = noise_shape(&x->shape, a->kept);
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

/* The noise, which is in the workspace if no gradient is wanted, and with `has_shift` an array of
 * the same shape. */
typedef struct parts {
    cd_layout layout;
    cd_array noise, shift;
} parts;

static void take_parts(const cd_launch *launch, bool has_shift, cd_work *work, parts *p)
{
    const cd_dropout_attributes *a = launch->attributes;
    const cd_layout *x = launch->in[0].layout;
    p->layout = cd_layout_row_major(x->dtype, noise_shape(&x->shape, a->kept));
    p->noise = launch->out[1].data ? launch->out[1] : cd_work_take(work, &p->layout);
    if (has_shift) p->shift = cd_work_take(work, &p->layout);
}

size_t cd_dropout_workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, false, &work, &p);
    return work.bytes;
}

size_t cd_alpha_dropout_workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, true, &work, &p);
    return work.bytes;
}

/* Ones where x is kept. For p = 1 there are none, and nothing is drawn. */
static void draw_noise(const cd_launch *launch, const cd_array *noise)
{
    const cd_dropout_attributes *a = launch->attributes;
    const cd_draw keep = { CD_DRAW_BERNOULLI, 1 - a->p, 0 };
    if (a->p == 1) {
        cd_cpu_zero(noise);
    } else {
        cd_draw_into(launch->generator, &keep, noise,
                     a->kept > 0 ? noise->layout : launch->in[0].layout);
    }
}

static void multiply(const cd_launch *launch, const cd_array *noise)
{
    const cd_array both[2] = { launch->in[0], *noise };
    cd_cpu_apply(CD_MAP_mul, &launch->out[0], 2, both);
}

void cd_run_dropout(const cd_launch *launch)
{
    const cd_dropout_attributes *a = launch->attributes;
    parts p;
    cd_work work = { launch->workspace, 0 };
    take_parts(launch, false, &work, &p);
    draw_noise(launch, &p.noise);
    if (a->p != 1) cd_cpu_apply_number(CD_MAP_div, &p.noise, &p.noise, 1 - a->p);
    multiply(launch, &p.noise);
}

void cd_run_alpha_dropout(const cd_launch *launch)
{
    const double alpha = 1.7580993408473766; /* SELU tends to -alpha */
    const cd_dropout_attributes *attributes = launch->attributes;
    const double p = attributes->p, a = 1 / sqrt((alpha * alpha * p + 1) * (1 - p));
    parts part;
    cd_work work = { launch->workspace, 0 };
    take_parts(launch, true, &work, &part);
    draw_noise(launch, &part.noise);
    if (p != 1) {
        cd_cpu_apply_number(CD_MAP_add, &part.shift, &part.noise, -1);
        cd_cpu_apply_number(CD_MAP_mul, &part.shift, &part.shift, alpha * a);
        cd_cpu_apply_number(CD_MAP_add, &part.shift, &part.shift, alpha * a * p);
        cd_cpu_apply_number(CD_MAP_mul, &part.noise, &part.noise, a);
    }
    multiply(launch, &part.noise);
    if (p == 1) return;
    const cd_array shifted[2] = { launch->out[0], part.shift };
    cd_cpu_apply(CD_MAP_add, &launch->out[0], 2, shifted);
}

/* --- the call --------------------------------------------------------------------------------- */

void cd_dropout_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_dropout_call(const cd_op *op, const char *name, const cd_dropout_options *o, int kept,
                           bool in_place)
{
    cd_call call;
    cd_dropout_attributes a = { .p = cd_option_or(o->p, 0.5), .kept = kept };
    const cd_operand in = cd_operand_tensor(o->x);
    if (!cd_check_tensor(o->x, name, "x")) return NULL;
    if (!(a.p >= 0 && a.p <= 1)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .p is %g, and must be from 0 to 1", name, a.p);
        return NULL;
    }
    if (o->eval || a.p == 0 || o->x->numel == 0) return cd_hand_shared(o->x);
    cd_call_begin(&call, op, &in, 1);
    call.name = name;
    call.in_place = in_place;
    call.launch.attributes = &a;
    call.generator = o->generator;
    return cd_call_run(&call);
}
