/* Tensors cut into parts, put together, turned and padded: what changes shapes and order, beside
 * "shape" of autograd/ops.h. A result is a new tensor unless the comment says "a view". */
#ifndef CANDELA_AUTOGRAD_SHAPE_OPS_H
#define CANDELA_AUTOGRAD_SHAPE_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- several tensors -------------------------------------------------------------------------- */

/* These return a list of views of x:
 *
 *     cd_tensor *q, *k, *v;
 *     cd_unpack(cd_chunk(qkv, 3, -1), &q, &k, &v);
 *
 *     cd_tensors steps = cd_unbind(x, 0);
 *     for (int t = 0; t < steps.count; t++) h = step(h, steps.tensor[t]);
 *     y = cd_cat(cd_split(x, 2, 0), 1);
 *
 * The tensors and the array belong to the scope that is open. With an error the list is empty, so a
 * loop over it does nothing, and cd_cat and cd_unpack give NULL.
 *
 * All views of such a list have one node in the graph. So, as in PyTorch, none of them may be
 * changed in place while a graph is recorded, and none has a history any more when x is changed in
 * place: CD_ERR_AUTOGRAD. */

/* A list of sizes. */
typedef struct cd_sizes {
    const int64_t *size;
    int count;
} cd_sizes;

#ifndef __cplusplus
/* The list of its arguments: CD_SIZES(1, 2, 3). */
#define CD_SIZES(...)                                                                              \
    ((cd_sizes){ .size = (const int64_t[]){ __VA_ARGS__ },                                         \
                 .count = (int)(sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)) })
#endif

/* torch.split(x, size, dim): parts of `size` along dim, the last one smaller where they do not come
 * out even. */
CD_API cd_tensors cd_split(cd_tensor *x, int64_t size, int dim);
/* torch.split(x, sizes, dim): cd_split_sizes(x, CD_SIZES(1, 2), 0). The sizes add up to x's. */
CD_API cd_tensors cd_split_sizes(cd_tensor *x, cd_sizes sizes, int dim);
/* torch.chunk: as cd_split, into so many parts, or into fewer, since all but the last are of one
 * size. */
CD_API cd_tensors cd_chunk(cd_tensor *x, int64_t chunks, int dim);
/* torch.unbind: cd_select at each index of dim. */
CD_API cd_tensors cd_unbind(cd_tensor *x, int dim);

/* The parts of these have a node each, and may be changed in place.
 *
 * torch.tensor_split(x, sections, dim): so many parts along dim, the first ones larger by 1 where
 * they do not come out even. */
CD_API cd_tensors cd_tensor_split(cd_tensor *x, int64_t sections, int dim);
/* torch.tensor_split(x, indices, dim): cd_tensor_split_at(x, CD_SIZES(1, 3), 0) has the parts
 * x[:1], x[1:3] and x[3:] of dim 0. */
CD_API cd_tensors cd_tensor_split_at(cd_tensor *x, cd_sizes indices, int dim);
/* The same, with the sections as a 0-d int64 tensor, or the indices as a vector, whose elements are
 * read: it cannot be captured. */
CD_API cd_tensors cd_tensor_split_by(cd_tensor *x, cd_tensor *sections_or_indices, int dim);
/* torch.hsplit: along dimension 1, of a vector along 0; the parts must come out even. */
CD_API cd_tensors cd_hsplit(cd_tensor *x, int64_t sections);
CD_API cd_tensors cd_hsplit_at(cd_tensor *x, cd_sizes indices);
/* torch.vsplit: along dimension 0, of 2 dimensions or more. */
CD_API cd_tensors cd_vsplit(cd_tensor *x, int64_t sections);
CD_API cd_tensors cd_vsplit_at(cd_tensor *x, cd_sizes indices);
/* torch.dsplit: along dimension 2, of 3 dimensions or more. */
CD_API cd_tensors cd_dsplit(cd_tensor *x, int64_t sections);
CD_API cd_tensors cd_dsplit_at(cd_tensor *x, cd_sizes indices);

/* Puts the tensors of a list into variables, as in `a, b = x.split(2)`: cd_unpack(list, &a, &b).
 * False, and the variables are NULL, when the list does not have as many: CD_ERR_SHAPE. */
CD_API bool cd_unpack_to(cd_tensors tensors, cd_tensor **const *variables, int count);
#define cd_unpack(tensors_, ...)                                                                   \
    cd_unpack_to((tensors_), (cd_tensor * *const[]){ __VA_ARGS__ },                                \
                 (int)(sizeof((cd_tensor **const[]){ __VA_ARGS__ }) / sizeof(cd_tensor **)))

/* --- views ------------------------------------------------------------------------------------ */

/* torch.diagonal: the elements x[i, i + offset] of dimensions dim1 and dim2, as a new last
 * dimension; a view. PyTorch's defaults are 0, 0 and 1. */
CD_API cd_tensor *cd_diagonal(cd_tensor *x, int64_t offset, int dim1, int dim2);
/* x.unfold(dim, size, step): windows of `size` elements along dim, `step` apart; the windows are
 * dim, and their elements a new last dimension. A view. */
CD_API cd_tensor *cd_unfold_dim(cd_tensor *x, int dim, int64_t size, int64_t step);
/* x.squeeze(): a view without all dimensions of size 1. */
CD_API cd_tensor *cd_squeeze_all(cd_tensor *x);
/* x.squeeze(dims): cd_squeeze_dims(x, CD_SHAPE(0, 2)). A view without those of these dimensions
 * whose size is 1. */
CD_API cd_tensor *cd_squeeze_dims(cd_tensor *x, cd_shape dims);
/* torch.movedim: cd_movedim(x, CD_SHAPE(0, 1), CD_SHAPE(2, 0)). A view with dimension
 * from.dim[i] at to.dim[i]; the others keep their order. */
CD_API cd_tensor *cd_movedim(cd_tensor *x, cd_shape from, cd_shape to);
/* torch.swapaxes and swapdims. */
#define cd_swapaxes cd_transpose
#define cd_swapdims cd_transpose
/* x.squeeze_(), x.squeeze_(dim), x.squeeze_(dims), x.unsqueeze_(dim), x.t_(), x.transpose_(dim0,
 * dim1): x itself gets the shape of the view that the call without the _ makes, and the call
 * returns x. No element moves, but a graph that needs x as it was refuses it, as after any change
 * in place. An error for a tensor that has a gradient or is a leaf that requires one, under
 * CD_NO_GRAD() for a tensor that requires one, and while a graph is captured. */
CD_API cd_tensor *cd_squeeze_all_(cd_tensor *x);
CD_API cd_tensor *cd_squeeze_(cd_tensor *x, int dim);
CD_API cd_tensor *cd_squeeze_dims_(cd_tensor *x, cd_shape dims);
CD_API cd_tensor *cd_unsqueeze_(cd_tensor *x, int dim);
CD_API cd_tensor *cd_t_(cd_tensor *x);
CD_API cd_tensor *cd_transpose_(cd_tensor *x, int dim0, int dim1);
#define cd_swapaxes_ cd_transpose_
#define cd_swapdims_ cd_transpose_
/* x.unflatten(dim, sizes): a view with several dimensions of these sizes in place of one; a size
 * may be -1. */
CD_API cd_tensor *cd_unflatten(cd_tensor *x, int dim, cd_shape sizes);
/* torch.broadcast_to: cd_expand. */
#define cd_broadcast_to cd_expand
/* x.expand_as(other), x.view_as(other), x.reshape_as(other): cd_expand, cd_view and cd_reshape
 * to the shape of another tensor. */
CD_API cd_tensor *cd_expand_as(cd_tensor *x, cd_tensor *other);
CD_API cd_tensor *cd_view_as(cd_tensor *x, cd_tensor *other);
CD_API cd_tensor *cd_reshape_as(cd_tensor *x, cd_tensor *other);
/* torch.ravel: cd_view(x, CD_SHAPE(-1)), of a copy if x is not contiguous. */
CD_API cd_tensor *cd_ravel(cd_tensor *x);
/* torch.atleast_1d: a view of a 0-d tensor as a vector of one; any other is returned as it is. */
CD_API cd_tensor *cd_atleast_1d(cd_tensor *x);
/* torch.atleast_2d: the same, and a view of a vector as 1 x N. */
CD_API cd_tensor *cd_atleast_2d(cd_tensor *x);
/* torch.atleast_3d: 1 x 1 x 1, a vector as 1 x N x 1, a matrix as N x M x 1. */
CD_API cd_tensor *cd_atleast_3d(cd_tensor *x);
/* The same of each tensor of a list: cd_atleast_2d_all(CD_TENSORS(x, y)). */
CD_API cd_tensors cd_atleast_1d_all(cd_tensors tensors);
CD_API cd_tensors cd_atleast_2d_all(cd_tensors tensors);
CD_API cd_tensors cd_atleast_3d_all(cd_tensors tensors);
/* torch.meshgrid(indexing='ij'): of vectors of N, M, ... elements, views of each as N x M x ...,
 * along its own dimension. With `xy` the first two dimensions are exchanged (indexing='xy'). */
CD_API cd_tensors cd_meshgrid(cd_tensors vectors, bool xy);

/* --- turned and triangular -------------------------------------------------------------------- */

/* torch.flip: cd_flip(x, CD_SHAPE(0, 1)). A copy with the order along these dimensions reversed. */
CD_API cd_tensor *cd_flip(cd_tensor *x, cd_shape dims);
/* torch.fliplr: a copy of x, of 2 dimensions or more, with the order along dimension 1 reversed. */
CD_API cd_tensor *cd_fliplr(cd_tensor *x);
/* torch.flipud: a copy of x, of 1 dimension or more, with the order along dimension 0 reversed. */
CD_API cd_tensor *cd_flipud(cd_tensor *x);
/* torch.roll(x, shifts, dims): cd_roll(x, CD_SHAPE(1, -2), CD_SHAPE(0, 1)). A copy in which
 * elements are shifts.dim[i] further along dims.dim[i], those beyond the end first. Without dims
 * (CD_SCALAR) one shift of all elements, row by row. */
CD_API cd_tensor *cd_roll(cd_tensor *x, cd_shape shifts, cd_shape dims);
/* torch.rot90(x, k, (dim0, dim1)): a copy turned k times by 90 degrees, from dim0 towards dim1.
 * PyTorch's defaults are 1, 0 and 1. */
CD_API cd_tensor *cd_rot90(cd_tensor *x, int64_t k, int dim0, int dim1);
/* torch.tril: the elements of the last two dimensions on and below a diagonal, 0 elsewhere; the
 * main diagonal is 0, those above it positive. */
CD_API cd_tensor *cd_tril(cd_tensor *x, int64_t diagonal);
/* The same in place. */
CD_API cd_tensor *cd_tril_(cd_tensor *x, int64_t diagonal);
/* torch.triu: those on and above. */
CD_API cd_tensor *cd_triu(cd_tensor *x, int64_t diagonal);
/* The same in place. */
CD_API cd_tensor *cd_triu_(cd_tensor *x, int64_t diagonal);
/* torch.diag_embed: zeros, with x's last dimension as the diagonal of two new dimensions, which are
 * dim1 and dim2 of the result. PyTorch's defaults are 0, -2 and -1. */
CD_API cd_tensor *cd_diag_embed(cd_tensor *x, int64_t offset, int dim1, int dim2);
/* torch.diag: of a vector cd_diag_embed, of a matrix a copy of a diagonal. */
CD_API cd_tensor *cd_diag(cd_tensor *x, int64_t diagonal);
/* torch.trace: the sum of a matrix's main diagonal; int64 for integers. Not for bool. */
CD_API cd_tensor *cd_trace(cd_tensor *x);

/* --- repeated and joined ---------------------------------------------------------------------- */

/* torch.tile: cd_repeat, where `times` may have fewer dimensions than x; they are its last. */
CD_API cd_tensor *cd_tile(cd_tensor *x, cd_shape times);
/* torch.repeat_interleave(x, times, dim): each element `times` times, one after the other. */
CD_API cd_tensor *cd_repeat_interleave(cd_tensor *x, int64_t times, int dim);
/* The same, with how often for each index of dim: an int64 or int32 vector, or one number for all.
 * Not while a graph is captured: the size of the result depends on elements. */
CD_API cd_tensor *cd_repeat_interleave_by(cd_tensor *x, cd_tensor *times, int dim);
/* torch.hstack: joins along dimension 1, vectors along 0. */
CD_API cd_tensor *cd_hstack(cd_tensors tensors);
/* torch.vstack: joins along dimension 0, vectors as rows. */
CD_API cd_tensor *cd_vstack(cd_tensors tensors);
/* torch.dstack: joins along dimension 2, after cd_atleast_3d. */
CD_API cd_tensor *cd_dstack(cd_tensors tensors);
/* torch.column_stack: joins along dimension 1, vectors as columns. */
CD_API cd_tensor *cd_column_stack(cd_tensors tensors);
/* torch.outer: a[i] b[j] of two vectors. */
CD_API cd_tensor *cd_outer(cd_tensor *a, cd_tensor *b);

/* --- parts ------------------------------------------------------------------------------------ */

/* torch.narrow(x, dim, start, length) with a 0-d tensor of integers as the start, which is read: no
 * graph can be captured. */
CD_API cd_tensor *cd_narrow_by(cd_tensor *x, int dim, cd_tensor *start, int64_t length);
/* torch.narrow_copy: a copy of cd_narrow. */
CD_API cd_tensor *cd_narrow_copy(cd_tensor *x, int dim, int64_t start, int64_t length);
/* torch.select_scatter: a copy of x with src, of the shape of cd_select(x, dim, index), there. */
CD_API cd_tensor *cd_select_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t index);
/* torch.slice_scatter: a copy of x with src, of the shape of cd_slice(x, dim, from, to, step),
 * there. */
CD_API cd_tensor *cd_slice_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t from, int64_t to,
                                   int64_t step);

/* --- padding and windows ---------------------------------------------------------------------- */

/* What cd_pad puts around x. */
typedef enum cd_pad_mode {
    CD_PAD_CONSTANT = 0, /* .value */
    CD_PAD_REFLECT,      /* x mirrored at its first and last element, which do not come twice */
    CD_PAD_REPLICATE,    /* x's first and last element */
    CD_PAD_CIRCULAR      /* x again */
} cd_pad_mode;

/* Options of cd_pad. */
typedef struct cd_pad_options {
    cd_tensor *x;
    cd_sizes pad;
    CD_GUARD_;
    cd_pad_mode mode; /* default: CD_PAD_CONSTANT */
    double value;
} cd_pad_options;

/* torch.nn.functional.pad: cd_pad(x, CD_SIZES(left, right, top, bottom), .mode =
 * CD_PAD_REFLECT). Two numbers for each dimension, from the last to the first: how many elements
 * come before and after it; negative ones take elements away. CD_PAD_CONSTANT pads any number of
 * dimensions; the others the last dimension of 2 or 3, the last two of 3 or 4, or the last three
 * of 4 or 5. */
CD_API cd_tensor *cd_pad_with(cd_pad_options options);
#define cd_pad(x_, ...) cd_pad_with((cd_pad_options){ .x = x_, .pad = __VA_ARGS__ })

CD_END_DECLS

#endif
