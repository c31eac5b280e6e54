/* The indices of x[i, j, ...], for index and index_put. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SUBSCRIPTS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SUBSCRIPTS_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/index_ops.h"

/* The tensors among the indices: the dimensions that they are for, in the view of x that the other
 * indices make. */
typedef struct cd_subscript_plan {
    int tensors;
    int64_t dims;                   /* the set of all their dimensions */
    int64_t placed;                 /* without those of 0-d tensors, which count as integers do */
    cd_tensor *tensor[CD_MAX_DIMS]; /* indices; of a mask, the positions where it is true */
    int64_t size[CD_MAX_DIMS];      /* the elements that each can choose from */
} cd_subscript_plan;

/* The view of x by all indices but the tensors, and the plan for these. x itself when there are
 * only tensors. NULL with an error that begins with `what`. */
cd_tensor *cd_subscripts_view(const char *what, cd_tensor *x, cd_subscripts at,
                              cd_subscript_plan *plan);
/* One index for the dimensions plan->dims, from the plan's tensors. */
cd_tensor *cd_subscripts_join(const char *what, const cd_subscript_plan *plan);

#endif
