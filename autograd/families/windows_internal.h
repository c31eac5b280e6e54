/* What unfold and fold share, which are each other's gradients. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_WINDOWS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_WINDOWS_INTERNAL_H

#include "autograd/conv_ops.h"
#include "autograd/dispatch/call_internal.h"
#include "core/conv_sizes_internal.h"

/* What a call says of its windows. */
typedef struct cd_window_given {
    int64_t kernel, kernel_w, stride, dilation, padding, stride_w, padding_w, dilation_w;
    bool padding_w_is_zero;
} cd_window_given;

/* The members of a cd_window_given, from options that have these names. */
#define CD_WINDOW_GIVEN(o_)                                                                        \
    (&(cd_window_given){ .kernel = (o_).kernel,                                                    \
                         .kernel_w = (o_).kernel_w,                                                \
                         .stride = (o_).stride,                                                    \
                         .dilation = (o_).dilation,                                                \
                         .padding = (o_).padding,                                                  \
                         .stride_w = (o_).stride_w,                                                \
                         .padding_w = (o_).padding_w,                                              \
                         .dilation_w = (o_).dilation_w,                                            \
                         .padding_w_is_zero = (o_).padding_w_is_zero })

/* Sets kernel, stride, padding and dilation. False with an error, which begins with `name`. */
bool cd_window_complete(const char *name, const cd_window_given *given, cd_conv2d_sizes *conv);
/* The fields of both. */
extern const cd_field cd_window_fields[];

/* For infer: x is floating or bool. It has ndim dimensions or one less, without a batch, and no
 * other dimension is empty. `form` says so in words. False with an error. */
bool cd_check_windows(const cd_call *call, const cd_tensor *x, int ndim, const char *form);
/* For infer: completes the attributes, whose images, channels, height and width are set. False with
 * an error. */
bool cd_infer_windows(cd_call *call);

#endif
