/* Anomaly mode: who made the first NaN or Inf. Outputs are checked first, and inputs only when an
 * output is not finite: an op that was given NaN or Inf is not at fault. */
#include "autograd/anomaly_internal.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "autograd/function_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"

bool cd_anomaly_enabled(void)
{
    return (cd_modes & CD_MODE_ANOMALY) != 0;
}

cd_scope cd_anomaly_mode_begin(bool enabled)
{
    return cd_modes_begin(enabled ? CD_MODE_ANOMALY : 0, enabled ? 0 : CD_MODE_ANOMALY);
}

/* --- what a tensor holds ---------------------------------------------------------------------- */

static void count_values(cd_range *range, const double *value, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        range->nan += isnan(value[i]) != 0;
        range->inf += isinf(value[i]) != 0;
        range->low = fmin(range->low, value[i]); /* fmin and fmax ignore NaN */
        range->high = fmax(range->high, value[i]);
    }
}

/* Moves `index` on to the next element in row-major order, and returns that element's offset. */
static int64_t step(const cd_tensor *t, int64_t *index, int64_t offset)
{
    for (int d = t->shape.ndim; d-- > 0;) {
        offset += t->stride[d];
        if (++index[d] < t->shape.dim[d]) break;
        offset -= index[d] * t->stride[d];
        index[d] = 0;
    }
    return offset;
}

static cd_range host_range(const cd_tensor *t)
{
    enum { CHUNK = 256 };
    cd_range range = { .low = INFINITY, .high = -INFINITY };
    int64_t size = (int64_t)cd_dtype_size(t->dtype), index[CD_MAX_DIMS] = { 0 }, offset = 0;
    for (int64_t done = 0, count; done < t->numel; done += count) {
        double value[CHUNK];
        count = !t->contiguous ? 1 : t->numel - done < CHUNK ? t->numel - done : CHUNK;
        const cd_layout from = cd_layout_row_major(t->dtype, CD_SHAPE(count));
        const cd_layout to = cd_layout_row_major(CD_F64, CD_SHAPE(count));
        cd_device_driver_of(CD_CPU)->convert(&(cd_array){ value, &to },
                                             &(cd_array){ t->data + offset * size, &from });
        count_values(&range, value, count);
        offset = t->contiguous ? offset + count : step(t, index, offset);
    }
    return range;
}

/* An empty range, with which no op is blamed, on the meta device, and when there is no memory to
 * copy the elements to the host; the error of the latter stays set. */
static cd_range range_of(const cd_tensor *t)
{
    cd_range range = { .low = INFINITY, .high = -INFINITY };
    if (cd_tensor_device(t) == CD_META) return range;
    const cd_tensor *host = cd_tensor_on_host("anomaly", t);
    if (!host) return range;
    range = host_range(host);
    cd_tensor_release_host_copy(t, host);
    return range;
}

static bool is_finite(cd_range range)
{
    return range.nan == 0 && range.inf == 0;
}

/* True of NULL, and of a dtype that has no NaN and Inf. */
static bool holds_finite(const cd_tensor *t)
{
    return !t || !cd_dtype_is_floating(t->dtype) || is_finite(range_of(t));
}

/* --- sentences -------------------------------------------------------------------------------- */

typedef struct sentence {
    char text[CD_ERROR_MESSAGE_BYTES];
    size_t used;
} sentence;

CD_PRINTF(2, 3) static void say(sentence *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = cd_vformat(s->text + s->used, sizeof s->text - s->used, format, arguments);
    va_end(arguments);
    s->used += n > 0 ? (size_t)n : 0;
    if (s->used >= sizeof s->text) s->used = sizeof s->text - 1;
}

static void say_range(sentence *s, cd_shape shape, cd_range range)
{
    char text[CD_SHAPE_TEXT];
    cd_sizes_text(&shape, text);
    if (range.low > range.high) {
        say(s, " (%s) is empty", text);
    } else {
        say(s, " (%s) ranges from %g to %g", text, range.low, range.high);
    }
}

static void say_fault(sentence *s, const cd_tensor *t, cd_range range)
{
    char text[CD_SHAPE_TEXT];
    say(s, " (%s) has %lld NaN and %lld Inf among %lld element%s", cd_sizes_text(&t->shape, text),
        (long long)range.nan, (long long)range.inf, (long long)t->numel, t->numel == 1 ? "" : "s");
}

/* --- ops -------------------------------------------------------------------------------------- */

static bool given_finite(const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        const cd_operand *o = &call->in[k];
        if (o->kind == CD_OPERAND_TENSOR ? !holds_finite(o->tensor) : !isfinite(o->number)) {
            return false;
        }
    }
    return true;
}

static void say_tensor(sentence *s, const cd_call *call, int k)
{
    const cd_tensor *t = call->in[k].tensor;
    if (!t) return;
    say(s, "; input");
    if (call->inputs > 1) say(s, " %d", k + 1);
    bool written = call->in_place && t->storage == call->output_tensor[0]->storage;
    if (!written) {
        say_range(s, t->shape, range_of(t));
    } else if (t == call->output_tensor[0]) {
        say(s, " before");
        say_range(s, t->shape, call->range_before);
    } else {
        say(s, " lay in the memory that was written to");
    }
}

static void say_inputs(sentence *s, const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        if (call->in[k].kind == CD_OPERAND_TENSOR) say_tensor(s, call, k);
    }
    for (int k = 0; k < call->inputs; k++) {
        if (call->in[k].kind != CD_OPERAND_TENSOR) say(s, "; number %g", call->in[k].number);
    }
}

/* Whether the output shows the memory of an input, whose elements are not the op's doing. */
static bool is_view(const cd_call *call, const cd_tensor *output)
{
    for (int k = 0; k < call->inputs && !call->in_place; k++) {
        const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
        if (t && t->storage == output->storage) return true;
    }
    return false;
}

static bool check_output(const cd_call *call, int j)
{
    const cd_tensor *output = call->output_tensor[j];
    if (!output || !cd_dtype_is_floating(output->dtype) || is_view(call, output)) return true;
    cd_range range = range_of(output);
    if (is_finite(range) || (call->in_place ? call->input_not_finite : !given_finite(call)))
        return true;
    sentence s = { .used = 0 };
    say(&s, "anomaly: output");
    if (j > 0) say(&s, " %d", j + 1);
    say_fault(&s, output, range);
    say_inputs(&s, call);
    if (call->in_place) say(&s, "; the tensor has been changed");
    return cd_fail(CD_ERR_AUTOGRAD, "%s: %s", call->name, s.text);
}

bool cd_anomaly_after(cd_call *call)
{
    if (call->inputs == 0) return true; /* the caller asked for these contents */
    for (int j = 0; j < call->outputs; j++) {
        if (!check_output(call, j)) return false;
    }
    return true;
}

void cd_anomaly_before(cd_call *call)
{
    call->input_not_finite = !given_finite(call);
    if (call->in_place) call->range_before = range_of(call->output_tensor[0]);
}

/* --- backward rules --------------------------------------------------------------------------- */

/* Whether what a cd_function saved is finite. Makes no tensor in the scope, since this must not
 * fail. */
static bool context_finite(const cd_context *ctx)
{
    for (int k = 0; k < ctx->saved; k++) {
        const cd_context_value *v = &ctx->save[k];
        cd_tensor t = { .storage = v->storage, .offset = v->offset, .dtype = v->info.dtype };
        if (v->storage) t.data = cd_storage_at(v->storage, t.dtype, t.offset);
        t.shape = v->info.shape;
        memcpy(t.stride, v->stride, sizeof t.stride);
        bool freed = !v->tensor && (!v->storage || !cd_shape_elements(t.shape, &t.numel));
        if (!freed && !holds_finite(v->tensor ? v->tensor : &t)) return false;
    }
    return true;
}

/* Whether all that the rule of the node was given is finite: gradients and saved values. */
static bool came_finite(const cd_node *node, cd_tensor *const *dy)
{
    for (int j = 0; j < node->outputs; j++) {
        if (!holds_finite(dy[j])) return false;
    }
    for (int k = 0; k < node->saved; k++) {
        const cd_saved *slot = &node->save[k];
        if (slot->leaf && !holds_finite(slot->leaf)) return false;
        if (!slot->storage) continue;
        cd_tensor t = { .storage = slot->storage };
        t.layout = slot->layout;
        t.data = cd_storage_at(t.storage, t.dtype, t.offset);
        if (!holds_finite(&t)) return false;
    }
    return node->custom ? context_finite(node->context) : !node->number_not_finite;
}

static void blame(const cd_node *node, cd_tensor *const *dy, int i, const cd_tensor *dx,
                  cd_range range)
{
    sentence s = { .used = 0 };
    say(&s, "the gradient of input %d", i);
    say_fault(&s, dx, range);
    for (int j = 0; j < node->outputs; j++) {
        if (!dy[j]) continue;
        say(&s, "; the gradient that came");
        if (j > 0) say(&s, " for output %d", j);
        say_range(&s, dy[j]->shape, range_of(dy[j]));
    }
    (void)cd_fail(CD_ERR_AUTOGRAD, "%s: anomaly: %s; it is the backward of %s", cd_node_name(node),
                  s.text, node->op->name);
}

void cd_anomaly_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_scope mode = cd_anomaly_mode_begin(false);
    if (cd_ok()) node->op->backward(node, dy, dx);
    if (mode.depth > 0) (void)cd_scope_end(mode);
    for (int i = 0; i < node->edges && cd_ok(); i++) {
        if (!dx[i] || !cd_wanted(node, i)) continue;
        cd_range range = range_of(dx[i]);
        if (!is_finite(range) && came_finite(node, dy)) blame(node, dy, i, dx[i], range);
    }
}
