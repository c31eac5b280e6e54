/* Captured graphs: a part of a program, executed once and recorded op by op, that can be printed,
 * and run again without the program (as CUDA graphs in PyTorch are).
 *
 *     cd_capture_begin(CD_TENSORS(x, y));
 *     cd_zero_grad(optimizer);
 *     cd_tensor *loss = cd_cross_entropy(cd_forward(model, x), y);
 *     cd_backward(loss);
 *     cd_step(optimizer);
 *     cd_graph *step = cd_capture_end(CD_TENSORS(loss));
 *     ...
 *     cd_graph_run(step, CD_TENSORS(next_x, next_y), &loss);
 *
 * A run repeats what the ops of this thread did to elements: the ops of forward and backward,
 * changes of leaves' gradients, changes in place, and random numbers, which are drawn anew. It
 * gives what executing the same code once more would give, to the bit.
 *
 * The tensors given to cd_capture_begin are the inputs, new in each run. All other tensors that the
 * code used (parameters, running statistics, momentum buffers, the learning rate) belong to the
 * graph from then on: it holds their memory, and each run reads and changes it. Tensors that the
 * code made are made anew in each run.
 *
 * Shapes, numbers that are not tensors, and the branches that the code took, are those of the
 * capture. A gradient that a leaf had before the capture is in each run the one that the leaf has
 * then. Leaves that get gradients must be the same tensors in each run, so they may neither be
 * inputs nor be made in the captured code. Hooks that are registered later are not called.
 *
 * A graph cannot contain: reading elements (cd_item, cd_read, cd_data, printing, saving, ops whose
 * result's size depends on elements), taking elements from memory or files, seeding or saving a
 * generator, and functions of the program (hooks, cd_function). While a graph is captured these
 * fail with CD_ERR_UNSUPPORTED; the capture goes on.
 *
 * A graph may be run in any thread, but in one at a time. Graphs that change the same memory, such
 * as the gradient of one leaf, must not run at once, nor while the program changes it. */
#ifndef CANDELA_AUTOGRAD_GRAPH_H
#define CANDELA_AUTOGRAD_GRAPH_H

#include <stdio.h>

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* A captured graph: an object like a tensor, freed with its scope unless it is kept. */
typedef struct cd_graph cd_graph;

/* Begins to capture what this thread does. cd_capture_end must be called in the same scope: if that
 * scope ends first, the capture ends and there is no graph. The inputs must not share memory with
 * each other. False with an error; CD_ERR_STATE when this thread is capturing already. */
CD_API bool cd_capture_begin(cd_tensors inputs);
/* Ends the capture. Returns the graph, whose outputs are these tensors. NULL with an error, or
 * while one is pending. The capture ends in any case but one: when a scope that began within it is
 * still open. */
CD_API cd_graph *cd_capture_end(cd_tensors outputs);
/* Whether this thread is capturing. */
CD_API bool cd_is_capturing(void);

/* Runs the graph. There must be as many inputs as in the capture, of the same dtypes, shapes and
 * devices, else CD_ERR_ARGUMENT, CD_ERR_DTYPE, CD_ERR_SHAPE or CD_ERR_DEVICE. `outputs` is an array
 * for the graph's outputs, which have no history; it may be NULL if there are none.
 *
 * False with an error. If the error is in the inputs, nothing has changed. If it comes later, what
 * the graph had changed by then stays changed: an op found an index out of range or no memory, or a
 * leaf is not as it was in the capture (CD_ERR_STATE: its gradient, its memory). */
CD_API bool cd_graph_run(cd_graph *g, cd_tensors inputs, cd_tensor **outputs);

/* Names the memory of t, a tensor that the capture has met, for cd_print_graph. The name is copied.
 * CD_ERR_ARGUMENT when the graph does not know that memory, when the name is empty or begins with
 * %, and when other memory has the name. See also cd_graph_name_module. */
CD_API bool cd_graph_name(cd_graph *g, const cd_tensor *t, const char *name);

/* Prints the graph: its inputs, the memory that it reads and changes, its steps, one a line, and
 * its outputs. docs/graphs.md has an example. */
CD_API bool cd_print_graph(FILE *stream, const cd_graph *g);

CD_END_DECLS

#endif
