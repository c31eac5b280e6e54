/* The dispatcher: what every call of an op goes through. call_internal.h says what the steps are
 * for.
 *
 *     cd_relu(x)
 *       cd_op_apply, cd_op_tensors
 *         cd_call_run
 *           cd_call_prepare
 *             check_inputs            are all inputs there; is a graph recorded; device and kernel
 *             cd_call_check_changes   if something is changed: may it be changed
 *             infer_and_fill_inputs   infer; inputs as the kernel needs them; the kernel's check
 *             make_outputs            allocates the outputs
 *             cd_call_make_node       if a graph is recorded: the node, with saved values
 *           cd_call_commit            raises versions, runs the kernel, sets the outputs' history
 *           cd_call_finish            hands the outputs to the caller's scope
 *
 * What few calls need is in check.c and arguments.c. The code here runs for every op, and on small
 * tensors takes longer than the kernels. */
#include <stdarg.h>
#include <string.h>

#include "autograd/anomaly_internal.h"
#include "autograd/dispatch/graph_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/memory_internal.h"
#include "core/operand_internal.h"
#include "core/random_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"

const cd_field cd_no_fields[] = { CD_FIELDS_END };
const cd_field cd_dim_fields[] = { CD_FIELD(cd_dim_attributes, dim, DIM), CD_FIELDS_END };
const cd_field cd_shape_fields[] = { CD_FIELD(cd_shape_attributes, shape, SHAPE), CD_FIELDS_END };

bool cd_refuse(const cd_call *call, cd_code code, const char *format, ...)
{
    char text[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    return cd_fail(code, "%s: %s", call->name, text);
}

/* --- checks of inputs ------------------------------------------------------------------------- */

static bool is_live(const cd_tensor *t)
{
    return t && atomic_load_explicit(&t->object.kind, memory_order_relaxed) == CD_KIND_TENSOR;
}

static bool is_optional(const cd_op *op, int k)
{
    return !op->variadic && (op->optional >> k & 1);
}

/* The kernel of elementwise ops that have none of their own. */
static void run_map(const cd_launch *launch)
{
    cd_cpu_map_launch(launch->op->map, launch);
}

const cd_kernel *cd_kernel_of_cpu(const cd_op *op)
{
    static const cd_kernel map = { .run = run_map };
    return op->elementwise && !op->cpu.run ? &map : &op->cpu;
}

/* Checks the inputs, and sets record, device, kernel and mixed. */
static inline __attribute__((always_inline)) bool check_inputs(cd_call *call, unsigned modes)
{
    const cd_op *op = call->op;
    const cd_operand *in = call->in;
    const int inputs = call->inputs;
    bool tracked = false, views = false;
    unsigned devices = 0; /* the set of those that inputs are on */
    for (int k = 0; k < inputs; k++) {
        if (in[k].kind != CD_OPERAND_TENSOR) continue;
        const cd_tensor *t = in[k].tensor;
        if (!t && is_optional(op, k)) continue;
        if (!is_live(t)) return cd_call_refuse_input(call, k);
        devices |= CD_SET(t->storage->device);
        if (t->is_view) {
            views = true; /* its history may be out of date: see below */
        } else {
            tracked |= cd_tracks(t);
        }
    }
    const bool records = op->backward && (modes & CD_MODE_GRAD);
    if (views && records && !cd_call_update_view_histories(call, &tracked)) return false;
    call->record = tracked && records;
    call->mixed = false;
    const bool on_cpu = call->device == CD_DEVICE_DEFAULT || call->device == CD_CPU;
    if (on_cpu && !(devices & ~CD_SET(CD_CPU))) {
        call->device = CD_CPU;
        call->kernel = cd_kernel_of_cpu(op);
    } else if (!cd_call_resolve_device(call)) {
        return false;
    }
    return !call->record || !op->no_gradient || cd_call_check_constants(call);
}

/* --- inputs ----------------------------------------------------------------------------------- */

static const cd_need no_need;

/* Sets up the arrays that have an element for each input. An elementwise op sets all of `need`. */
static bool use_arrays(cd_call *call)
{
    if (call->inputs > CD_CALL_INLINE) return cd_call_allocate_arrays(call);
    call->kernel_in = call->inline_kernel_in;
    call->number_bytes = call->inline_number_bytes;
    call->temporary = call->inline_temporary;
    call->need = call->inline_need;
    if (call->op->infer) {
        for (int k = 0; k < call->inputs; k++) call->need[k] = no_need;
    }
    return true;
}

/* Sets the argument of input k: what the kernel reads. */
static inline __attribute__((always_inline)) bool ready_input(cd_call *call, int k)
{
    const cd_operand *o = &call->in[k];
    const cd_need *need = &call->need[k];
    cd_array *a = &call->kernel_in[k];
    if (o->kind != CD_OPERAND_TENSOR) {
        cd_operand_store(o, need->dtype, &call->number_bytes[k]);
        *a = (cd_array){ &call->number_bytes[k], &cd_number_layout[need->dtype] };
        return true;
    }
    if (!o->tensor) {
        *a = (cd_array){ NULL, NULL };
        return true;
    }
    const cd_tensor *x = o->tensor;
    *a = (cd_array){ x->data, &x->layout };
    if (!call->mixed && (need->dtype == CD_DTYPE_DEFAULT || need->dtype == x->dtype) &&
        (need->apart == CD_MAY_OVERLAP || !call->in_place)) {
        /* A contiguous tensor is in every order, unless it is to be broadcast. */
        if (need->order == CD_ANY_ORDER || (x->contiguous && need->order != CD_STRETCHED)) {
            return true;
        }
    }
    return cd_call_copy_input(call, k);
}

static bool copy_inputs(cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        if (!ready_input(call, k)) return false;
    }
    return true;
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* Whether somebody reads output j: the caller, or backward. */
static bool is_asked(const cd_call *call, int j)
{
    if (call->asked >> j & 1) return true;
    for (int s = 0; call->record && s < CD_OP_SAVES; s++) {
        const cd_save_slot *slot = &call->op->save[s];
        if (slot->kind == CD_OUTPUT && slot->index == j) return true;
    }
    return false;
}

/* Makes a new output, unless nobody reads it. When output 0 alone is asked for, as mostly, somebody
 * does, and is_asked need not look. */
static bool ready_new(cd_call *call, int j)
{
    if ((j > 0 || call->asked != CD_SET(0)) && !is_asked(call, j)) {
        call->output_tensor[j] = NULL;
        call->kernel_out[j] = (cd_array){ NULL, NULL };
        return true;
    }
    cd_tensor *t =
        cd_tensor_new_on(call->name, call->device, call->out[j].dtype, &call->out[j].shape);
    if (!t) return false;
    call->kernel_out[j] = (cd_array){ t->data, &t->layout };
    call->output_tensor[j] = t;
    return true;
}

static bool make_outputs(cd_call *call)
{
    const cd_output *output = call->op->output;
    for (int j = 0; j < call->outputs; j++) {
        const bool is_new = output[j].kind == CD_NEW && !(call->in_place && j == 0);
        if (is_new ? ready_new(call, j) : cd_call_make_other_output(call, j)) continue;
        cd_call_release_outputs(call, j);
        return false;
    }
    return true;
}

/* --- the kernel ------------------------------------------------------------------------------- */

static bool check_values(cd_call *call)
{
    cd_fault fault;
    return call->kernel->check(&call->launch, &fault) || call->op->refuse(call, &fault);
}

/* Puts the size that depends on elements into the shape of output 0. */
static void measure_output(cd_call *call)
{
    cd_shape *shape = &call->out[0].shape;
    const int64_t size = call->kernel->measure(&call->launch);
    for (int i = 0; i < shape->ndim; i++) {
        if (shape->dim[i] == CD_MEASURED) shape->dim[i] = size;
    }
}

/* --- prepare ---------------------------------------------------------------------------------- */

static bool infer(cd_call *call)
{
    if (call->changes) {
        for (int j = 0; j < call->outputs; j++) call->out[j].must_be_contiguous = false;
    }
    return call->op->infer ? call->op->infer(call) : cd_infer_elementwise(call);
}

/* Calls infer, fills in what the kernel reads, and lets the kernel check the elements. */
static inline __attribute__((always_inline)) bool infer_and_fill_inputs(cd_call *call)
{
    const cd_kernel *kernel = call->kernel;
    if (!infer(call)) return false;
    if (!kernel->run) return true; /* a view, or on the meta device: no element is read */
    if (!copy_inputs(call)) return false;
    call->launch.op = call->op;
    call->launch.in = call->kernel_in;
    call->launch.out = call->kernel_out;
    call->launch.inputs = call->inputs;
    call->launch.outputs = call->outputs;
    call->launch.workspace = NULL;
    return !kernel->check || check_values(call);
}

/* Everything from infer to the node. */
static bool set_up(cd_call *call)
{
    if (!infer_and_fill_inputs(call)) return false;
    if (call->kernel->measure) measure_output(call);
    if (!make_outputs(call)) return false;
    if ((!call->kernel->workspace || cd_call_allocate_workspace(call)) &&
        (!call->record || cd_call_make_node(call))) {
        return true;
    }
    cd_call_release_outputs(call, call->outputs);
    return false;
}

/* Of a random op: nothing may fail once it has drawn numbers, so the scope makes room for the
 * result before. */
static bool ready_to_draw(const cd_call *call)
{
    return cd_generator_check(call->generator, call->name) &&
           (call->in_place || cd_scope_reserve());
}

/* What anomaly mode and the capture of a graph do with a call that is prepared. */
static __attribute__((noinline, cold)) bool anomaly_and_capture(cd_call *call, unsigned modes)
{
    if (modes & CD_MODE_CAPTURE) {
        call->captured = cd_capture_call(call);
        if (!call->captured) {
            cd_call_cancel(call);
            return false;
        }
    }
    if (call->anomaly) cd_anomaly_before(call);
    return true;
}

bool cd_call_prepare(cd_call *call)
{
    const cd_op *op = call->op;
    const unsigned modes = cd_modes;
    call->node = call->slices = NULL;
    call->captured = NULL;
    call->outputs = op->outputs ? op->outputs : 1;
    call->temporaries = 0;
    call->anomaly = (modes & CD_MODE_ANOMALY) != 0;
    call->changes = call->in_place || op->changes;
    if (call->changes && !cd_ok()) return false;
    if (call->in_place && op->in_place_name && !cd_called) call->name = op->in_place_name;
    if (!check_inputs(call, modes) || (call->changes && !cd_call_check_changes(call, modes)) ||
        (op->random && !ready_to_draw(call)) || !use_arrays(call)) {
        return false;
    }
    if (!set_up(call)) {
        cd_call_release(call);
        return false;
    }
    if (modes & (CD_MODE_ANOMALY | CD_MODE_CAPTURE)) return anomaly_and_capture(call, modes);
    return true;
}

bool cd_call_check(cd_call *call)
{
    call->outputs = call->op->outputs ? call->op->outputs : 1;
    call->temporaries = 0;
    call->changes = call->in_place || call->op->changes;
    if (!check_inputs(call, cd_modes) || !use_arrays(call)) return false;
    const bool good = infer_and_fill_inputs(call);
    cd_call_release(call);
    return good;
}

void cd_call_cancel(cd_call *call)
{
    cd_capture_cancel(call->captured);
    cd_object_disown((cd_object *)call->node);
    cd_object_disown((cd_object *)call->slices);
    cd_call_release_outputs(call, call->outputs);
    cd_call_release(call);
}

/* --- commit and finish ------------------------------------------------------------------------ */

/* Runs a random op's kernel with the generator locked. */
static void run_with_generator(cd_call *call)
{
    if (!call->kernel->run) return; /* on the meta device no number is drawn */
    if (call->device != CD_CPU) {
        call->launch.generator = cd_generator_lock_for(call->generator, call->device);
        call->kernel->run(&call->launch);
        cd_generator_unlock_for(call->generator, call->device);
        return;
    }
    call->launch.generator = cd_generator_lock(call->generator);
    call->kernel->run(&call->launch);
    cd_generator_unlock(call->generator);
}

void cd_call_commit(cd_call *call)
{
    const cd_op *op = call->op;
    if (call->changes) cd_call_bump_versions(call, false);
    if (op->random) {
        run_with_generator(call);
    } else if (call->kernel->run) {
        call->kernel->run(&call->launch);
    }
    if (call->changes) cd_call_copy_back(call, false);
    if (call->node) cd_call_link(call);
    if (call->captured) cd_capture_commit(call->captured);
}

void cd_call_commit_all(cd_call *const *calls, const cd_launch **launches, int64_t count)
{
    const cd_kernel *kernel = count > 0 ? calls[0]->kernel : NULL;
    bool together = kernel && kernel->run && kernel->run_all;
    for (int64_t i = 0; i < count; i++) {
        together &= calls[i]->kernel == kernel;
        launches[i] = &calls[i]->launch;
    }
    if (!together) {
        for (int64_t i = 0; i < count; i++) cd_call_commit(calls[i]);
        return;
    }
    for (int64_t i = 0; i < count; i++) cd_call_bump_versions(calls[i], false);
    kernel->run_all(launches, count);
    for (int64_t i = 0; i < count; i++) {
        cd_call_copy_back(calls[i], false);
        if (calls[i]->captured) cd_capture_commit(calls[i]->captured);
    }
}

/* Hands out outputs 1, 2, ... that the caller asked for, and gives up the caller's ownership of
 * those that only backward reads. False when the scope has no memory. */
static bool hand_others(cd_call *call)
{
    bool done = true;
    for (int j = 1; j < call->outputs; j++) {
        if (!call->output_tensor[j] || call->op->output[j].kind == CD_CHANGED) continue;
        if (call->asked >> j & 1) {
            call->output_tensor[j] = cd_hand(call->output_tensor[j]);
            done &= call->output_tensor[j] != NULL;
        } else {
            cd_object_disown(&call->output_tensor[j]->object);
            call->output_tensor[j] = NULL;
        }
    }
    return done;
}

static cd_tensor *hand_out(cd_call *call)
{
    if (call->outputs > 1 && !hand_others(call)) {
        if (!call->in_place) cd_object_disown((cd_object *)call->output_tensor[0]);
        return NULL;
    }
    cd_tensor *y = call->in_place ? call->output_tensor[0] : cd_hand(call->output_tensor[0]);
    if (!call->others || !cd_ok()) return y;
    for (int j = 1; j < call->outputs; j++) {
        if (call->asked >> j & 1) call->others[j - 1] = call->output_tensor[j];
    }
    return y;
}

cd_tensor *cd_call_finish(cd_call *call)
{
    const bool fine = !call->anomaly || cd_anomaly_after(call);
    if (fine && call->anomaly && call->op->changes) {
        cd_call_bump_versions(call, true);
        cd_call_copy_back(call, true);
    }
    if (call->node) cd_object_disown(&call->node->object);
    if (call->temporaries > 0 || call->kernel_in != call->inline_kernel_in) cd_call_release(call);
    if (fine) return hand_out(call);
    cd_call_release_outputs(call, call->outputs);
    return NULL;
}

void cd_call_finish_owned(cd_call *call)
{
    if (call->temporaries > 0 || call->kernel_in != call->inline_kernel_in) {
        cd_call_release(call);
    }
}

/* --- calling an op ---------------------------------------------------------------------------- */

_Thread_local const char *cd_called;

void cd_call_begin(cd_call *call, const cd_op *op, const cd_operand *in, int inputs)
{
    call->op = op;
    call->name = cd_called ? cd_called : op->name;
    call->in = in;
    call->inputs = inputs;
    call->in_place = false;
    call->launch.attributes = NULL;
    call->generator = NULL;
    call->device = CD_DEVICE_DEFAULT;
    call->asked = CD_SET(0);
    call->others = NULL;
}

cd_tensor *cd_call_run(cd_call *call)
{
    if (!cd_call_prepare(call)) return NULL;
    cd_call_commit(call);
    return cd_call_finish(call);
}

cd_tensor *cd_op_tensors(const cd_op *op, bool in_place, void *attributes, int inputs,
                         cd_tensor *const *in)
{
    cd_call call;
    cd_operand on_stack[CD_CALL_INLINE];
    for (int k = 0; k < inputs; k++) {
        on_stack[k].kind = CD_OPERAND_TENSOR;
        on_stack[k].tensor = in[k];
    }
    cd_call_begin(&call, op, on_stack, inputs);
    call.in_place = in_place;
    call.launch.attributes = attributes;
    return cd_call_run(&call);
}

static cd_tensor *run_variadic(const cd_op *op, void *attributes, cd_operand *in,
                               cd_tensors tensors)
{
    cd_call call;
    for (int k = 0; k < tensors.count; k++) in[k] = cd_operand_tensor(tensors.tensor[k]);
    cd_call_begin(&call, op, in, tensors.count);
    call.launch.attributes = attributes;
    return cd_call_run(&call);
}

cd_tensor *cd_op_variadic(const cd_op *op, void *attributes, cd_tensors tensors)
{
    cd_operand on_stack[CD_CALL_INLINE], *in = on_stack;
    if (!tensors.tensor || tensors.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      tensors.tensor ? "%s: there must be at least one tensor"
                                     : "%s: the array is NULL",
                      op->name);
        return NULL;
    }
    if (tensors.count > CD_CALL_INLINE) {
        in = cd_alloc_zeroed((size_t)tensors.count, sizeof *in);
        if (!in) return NULL;
    }
    cd_tensor *y = run_variadic(op, attributes, in, tensors);
    if (in != on_stack) cd_free(in);
    return y;
}

bool cd_op_check_call(const cd_op *op, void *attributes, cd_tensor *x)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, op, &in, 1);
    call.launch.attributes = attributes;
    return cd_call_check(&call);
}

cd_tensor *cd_op_binary(const cd_op *op, cd_operand a, cd_operand b)
{
    cd_call call;
    const cd_operand in[2] = { a, b };
    cd_call_begin(&call, op, in, 2);
    return cd_call_run(&call);
}

cd_tensor *cd_op_binary_in_place(const cd_op *op, cd_tensor *x, cd_operand b)
{
    cd_call call;
    const cd_operand in[2] = { cd_operand_tensor(x), b };
    cd_call_begin(&call, op, in, 2);
    call.in_place = true;
    return cd_call_run(&call);
}
