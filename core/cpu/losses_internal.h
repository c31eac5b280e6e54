/* The kernels of losses that are more than a map and a sum. */
#ifndef CANDELA_CORE_CPU_LOSSES_INTERNAL_H
#define CANDELA_CORE_CPU_LOSSES_INTERNAL_H

#include "core/cpu/map_internal.h"

/* A loop (for cd_cpu_map) of the operands out, x, t, weight and positive weight p, all f32 or all
 * f64, computed in double:
 *     weight ((1 - t) x - (1 + (p - 1) t) log(sigmoid(x)))
 * which is weight (max(x, 0) - x t + log(1 + exp(-|x|))) with p = 1. */
cd_loop *cd_cpu_bce_with_logits_loop(cd_dtype dtype);

/* -log p of the right class. x has outer x classes x inner elements, target outer x inner classes;
 * one equal to `ignored`, or that is no class, counts nothing. weight is per class, NULL for 1. */
typedef struct cd_class_loss {
    int64_t outer, classes, inner;
    const int64_t *target;
    const void *weight; /* of x's dtype */
    int64_t ignored;
} cd_class_loss;

/* out = -weight x per target, if out is not NULL; *sum is the sum of that, added up in the order of
 * the targets, and *total that of the weights. f32 and f64. */
void cd_cpu_nll_loss(cd_dtype dtype, const cd_class_loss *loss, const void *x, void *out,
                     double *sum, double *total);

/* dx = 0, then -weight dy / total in the place of each target's class; one dy per target, or one
 * for all. */
void cd_cpu_nll_loss_backward(cd_dtype dtype, const cd_class_loss *loss, const void *dy,
                              bool one_for_all, double total, void *dx);

#endif
