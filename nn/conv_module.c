/* What the modules of convolutions share: nn/conv_module_internal.h. */
#include "nn/conv_module_internal.h"

#include <math.h>

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "nn/init.h"

/* In the order of CD_PADDING_SAME and CD_PADDING_VALID, and of cd_pad_mode. */
const char *const cd_conv_paddings[] = { "same", "valid", NULL };
const char *const cd_conv_padding_modes[] = { "zeros", "reflect", "replicate", "circular", NULL };

/* --- the parameters --------------------------------------------------------------------------- */

/* Weight and bias are uniform in +-1/sqrt(fan_in), the range of Kaiming uniform with a = sqrt(5).
 * Of a transposed convolution too, PyTorch's fan_in are the elements of the weight behind its first
 * dimension. */
static bool register_parameters(cd_conv_module *self, const cd_conv_form *form)
{
    const cd_conv_module_options *o = &self->options;
    int64_t first = o->out_channels, second = o->in_channels / o->groups;
    if (form->transposed) {
        first = o->in_channels;
        second = o->out_channels / o->groups;
    }
    const int64_t h = form->line ? 1 : o->kernel[0], w = o->kernel[1];
    const cd_shape shape = form->line ? CD_SHAPE(first, second, w) : CD_SHAPE(first, second, h, w);
    cd_tensor *weight = cd_empty(shape, .dtype = o->dtype, .device = o->device);
    cd_tensor *bias =
        o->no_bias ? NULL
                   : cd_empty(CD_SHAPE(o->out_channels), .dtype = o->dtype, .device = o->device);
    if (!cd_ok()) return false;
    double bound = 1 / sqrt((double)(second * h * w));
    (void)cd_init_kaiming_uniform_(weight, sqrt(5.0), CD_FAN_IN);
    if (bias) (void)cd_init_uniform_(bias, -bound, bound);
    return cd_register_parameter(&self->module, "weight", &self->weight, weight) &&
           cd_register_parameter(&self->module, "bias", &self->bias, bias);
}

/* Whether words for the padding stand where the class has them. Of a line, padding[0] is 0. */
static bool check_padding(const cd_conv_form *form, const cd_conv_module_options *o)
{
    if (form->transposed) return cd_check_padding_number(form->function, o->padding);
    return form->line || cd_check_padding_pair(form->function, o->padding);
}

/* Whether the elements that a transposed convolution adds at the end of dimension k are fewer than
 * its stride or its dilation; more would be elements that no window reaches. */
static bool check_output_padding(const cd_conv_form *form, const cd_conv_module_options *o, int k)
{
    const int64_t stride = o->stride[k], dilation = o->dilation[k];
    return o->output_padding[k] < (stride > dilation ? stride : dilation) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .output_padding is %lld, and must be smaller than the stride (%lld) or the "
                   "dilation (%lld)",
                   form->function, (long long)o->output_padding[k], (long long)stride,
                   (long long)dilation);
}

static bool check(const cd_conv_form *form, const cd_conv_module_options *o)
{
    if (o->in_channels % o->groups != 0 || o->out_channels % o->groups != 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %lld groups do not divide %lld and %lld channels",
                       form->function, (long long)o->groups, (long long)o->in_channels,
                       (long long)o->out_channels);
    }
    if (form->transposed &&
        (!check_output_padding(form, o, 1) || (!form->line && !check_output_padding(form, o, 0)))) {
        return false;
    }
    const bool strided = o->stride[1] != 1 || (!form->line && o->stride[0] != 1);
    return o->padding[1] != CD_PADDING_SAME || !strided ||
           cd_fail(CD_ERR_ARGUMENT, "%s: with the padding CD_PADDING_SAME .stride must be 1",
                   form->function);
}

cd_module *cd_conv_module_new(const cd_module_class *class_, const cd_conv_form *form,
                              cd_conv_module_options o)
{
    if (!check_padding(form, &o) || !cd_options_fill(class_->options, &o, form->function) ||
        !check(form, &o)) {
        return NULL;
    }
    CD_SCOPE();
    cd_conv_module *self = (cd_conv_module *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    return register_parameters(self, form) ? cd_escape(self) : NULL;
}

/* --- forward ---------------------------------------------------------------------------------- */

/* How many elements come before and after a dimension: for "same" as many as the kernel reaches,
 * the one more behind. */
static void around(int64_t padding, int64_t kernel, int64_t dilation, int64_t *sides)
{
    int64_t total = 0;
    sides[0] = sides[1] = padding;
    if (padding > CD_PADDING_VALID) return;
    if (padding == CD_PADDING_SAME && __builtin_mul_overflow(dilation, kernel - 1, &total)) {
        total = INT64_MAX; /* which cd_pad refuses */
    }
    sides[0] = total / 2;
    sides[1] = total - total / 2;
}

/* x with the padding of a mode other than zeros around it. */
static cd_tensor *padded(const cd_conv_module_options *o, cd_tensor *x, bool line)
{
    int64_t sides[4];
    around(o->padding[1], o->kernel[1], o->dilation[1], sides);
    if (!line) around(o->padding[0], o->kernel[0], o->dilation[0], sides + 2);
    return cd_pad(x, ((cd_sizes){ sides, line ? 2 : 4 }), .mode = (cd_pad_mode)o->padding_mode);
}

bool cd_conv_module_forward(cd_module *m, const cd_arguments *a, const cd_conv_form *form)
{
    const cd_conv_module *self = (const cd_conv_module *)m;
    const cd_conv_module_options *o = &self->options;
    cd_conv_given given = { .name = form->op,
                            .x = a->in[0],
                            .weight = self->weight,
                            .bias = self->bias,
                            .stride = { o->stride[0], o->stride[1] },
                            .padding = { o->padding[0], o->padding[1] },
                            .dilation = { o->dilation[0], o->dilation[1] },
                            .output_padding = { o->output_padding[0], o->output_padding[1] },
                            .groups = o->groups,
                            .line = form->line };
    if (form->transposed) {
        a->out[0] = cd_conv_transpose_call(&given);
    } else if (o->padding_mode == CD_PAD_CONSTANT) {
        a->out[0] = cd_conv_call(&given);
    } else {
        cd_scope scope = cd_scope_begin();
        given.x = padded(o, a->in[0], form->line);
        given.padding[0] = given.padding[1] = 0;
        a->out[0] = cd_ops_end(scope, given.x ? cd_conv_call(&given) : NULL);
    }
    return a->out[0];
}
