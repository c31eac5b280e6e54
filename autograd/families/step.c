/* What the ops of optimizers' steps share. */
#include "autograd/families/step_internal.h"

#include "core/cpu/elementwise_internal.h"

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_like(const cd_call *call, int k)
{
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    const cd_tensor *w = call->in[CD_STEP_W].tensor, *t = call->in[k].tensor;
    if (!t || (t->dtype == w->dtype && cd_same_shape(t, w))) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s, %s) must be of w's shape and dtype (%s, %s)",
                     call->op->input[k], cd_sizes_text(&t->shape, text), cd_dtype_name(t->dtype),
                     cd_sizes_text(&w->shape, own), cd_dtype_name(w->dtype));
}

bool cd_check_step_number(const cd_call *call, int k, cd_dtype dtype)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *t = call->in[k].tensor;
    if (!t || (t->dtype == dtype && t->shape.ndim == 0)) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s, %s) must be a 0-d tensor of %s",
                     call->op->input[k], cd_shape_text(t->shape, text), cd_dtype_name(t->dtype),
                     cd_dtype_name(dtype));
}

/* Output j is an array like w. */
static void infer_array(cd_call *call, int j)
{
    const cd_tensor *w = call->in[CD_STEP_W].tensor;
    call->out[j].dtype = w->dtype;
    call->out[j].shape = w->shape;
    call->out[j].must_be_contiguous = true;
}

bool cd_infer_step_with(cd_call *call, int arrays)
{
    if (!cd_check_computes_in(call, call->in[CD_STEP_W].tensor->dtype) ||
        !check_like(call, CD_STEP_G) || !cd_check_step_number(call, CD_STEP_RATE, CD_F64) ||
        !cd_check_step_number(call, CD_STEP_MOMENTUM, CD_F64) ||
        !cd_check_step_number(call, CD_STEP_COUNT_SO_FAR, CD_I64)) {
        return false;
    }
    call->need[CD_STEP_W].order = call->need[CD_STEP_G].order = CD_ROW_MAJOR;
    call->need[CD_STEP_G].apart = CD_APART;
    infer_array(call, CD_STEP_NEW_W);
    call->out[CD_STEP_NEW_COUNT].dtype = CD_I64;
    call->out[CD_STEP_NEW_COUNT].shape = CD_SCALAR;
    for (int i = 0; i < arrays; i++) {
        if (!check_like(call, CD_STEP_STATE + i)) return false;
        call->need[CD_STEP_STATE + i].order = CD_ROW_MAJOR;
        infer_array(call, CD_STEP_NEW_STATE + i);
    }
    return true;
}

bool cd_infer_step(cd_call *call)
{
    return cd_infer_step_with(call, call->inputs - CD_STEP_STATE);
}

/* --- run -------------------------------------------------------------------------------------- */

/* A larger count of steps, or a negative one, comes from a file that lies. */
#define MOST_STEPS ((int64_t)1 << 53)

/* Sets up the task of one launch, and counts its step. */
static void begin_task(cd_step_formula *formula, const cd_launch *launch, cd_step_task *task)
{
    const cd_step_attributes *a = launch->attributes;
    const double *momentum = launch->in[CD_STEP_MOMENTUM].data;
    const int64_t *so_far = launch->in[CD_STEP_COUNT_SO_FAR].data;
    const cd_step_now now = { .attributes = a,
                              .lr = *(const double *)launch->in[CD_STEP_RATE].data,
                              .momentum = momentum ? *momentum : 0,
                              .step =
                                  so_far && *so_far >= 0 && *so_far < MOST_STEPS ? *so_far + 1 : 1,
                              .launch = launch };
    *task =
        (cd_step_task){ .n = launch->out[CD_STEP_NEW_W].layout->numel,
                        .w = cd_cpu_start_from(&launch->out[CD_STEP_NEW_W], &launch->in[CD_STEP_W]),
                        .g = launch->in[CD_STEP_G].data };
    for (int k = CD_STEP_STATE, j = CD_STEP_NEW_STATE; k < launch->inputs; k++, j++) {
        task->state[k - CD_STEP_STATE] = cd_cpu_start_from(&launch->out[j], &launch->in[k]);
    }
    task->numbers = (cd_step_numbers){ .lr = now.lr,
                                       .keep = a->decoupled ? 1 - now.lr * a->weight_decay : 1,
                                       .decay = a->decoupled ? 0 : a->weight_decay,
                                       .maximize = a->maximize };
    formula(&now, &task->numbers);
    if (so_far) *(int64_t *)launch->out[CD_STEP_NEW_COUNT].data = now.step;
}

void cd_run_steps(cd_step_kind kind, cd_step_formula *formula, const cd_launch *const *launches,
                  int64_t count)
{
    enum { AT_ONCE = 64 }; /* tasks, on the stack */
    cd_step_task tasks[AT_ONCE];
    for (int64_t i = 0; i < count;) {
        const cd_dtype dtype = launches[i]->in[CD_STEP_W].layout->dtype;
        int64_t n = 0;
        while (n < AT_ONCE && i < count && launches[i]->in[CD_STEP_W].layout->dtype == dtype) {
            begin_task(formula, launches[i++], &tasks[n++]);
        }
        cd_cpu_step(kind, dtype, tasks, n);
    }
}

void cd_run_one_step(const cd_launch *launch)
{
    launch->op->cpu.run_all(&launch, 1);
}
