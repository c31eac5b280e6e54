/* Captured graphs: a stretch of a program that was executed once and noted op by op, so that it can
 * be looked at, and run again without the program.
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
 * What runs again is what the ops of this thread did to elements: the ops of forward and backward,
 * the gradients that leaves got and lost, what was changed in place, the numbers that were drawn.
 * Running the graph does what executing the stretch once more would do, to the bit.
 *
 * Inputs are what cd_capture_begin was given. All other tensors that the stretch met are the
 * graph's own: it goes on reading and changing the memory that they had (parameters, running
 * statistics, a momentum, the optimizer's rate), and keeps it. What the stretch made is made anew.
 *
 * Shapes, numbers that are no tensors, and what an if decided, are as they were. A gradient that a
 * leaf had before the stretch is, in each run, the one that it has then. Leaves are the same
 * tensors in each run, so none of them may be an input, or made in the stretch. Hooks that are
 * registered later are not called.
 *
 * What a graph cannot contain is CD_ERR_UNSUPPORTED while it is captured: reading elements
 * (cd_item, cd_read, cd_data, printing, saving; ops whose result's size depends on them), elements
 * from memory or files, seeds and states of generators, and functions of the program's own (hooks,
 * cd_function). The call fails, and the capture goes on.
 *
 * A graph may be run in any thread, by one at a time. Graphs that change the same memory, such as
 * the gradients of one leaf, must not run at once, nor while the program changes it. */
#ifndef CANDELA_AUTOGRAD_GRAPH_H
#define CANDELA_AUTOGRAD_GRAPH_H

#include <stdio.h>

#include "autograd/ops.h"

CD_BEGIN_DECLS

typedef struct cd_graph cd_graph;

/* Captures what this thread does from here on, until cd_capture_end, which must be called in the
 * same scope: when that ends before, so does the capture, and nothing comes of it. The inputs must
 * lie in memory of their own each. False with an error: CD_ERR_STATE when the thread captures
 * already. */
CD_API bool cd_capture_begin(cd_tensors inputs);
/* The graph, handed out; its outputs are these tensors. NULL with an error, and when one is
 * pending: then nothing comes of the capture, which ends in any case but where a scope that began
 * within it is open. */
CD_API cd_graph *cd_capture_end(cd_tensors outputs);
CD_API bool cd_is_capturing(void);

/* Runs the graph on inputs of the dtypes, shapes and devices that it was captured with, else
 * CD_ERR_SHAPE, CD_ERR_DTYPE or CD_ERR_ARGUMENT. outputs has room for as many as cd_capture_end was
 * given; they are handed out, without a history, and may be NULL where there are none. False with
 * an error: one of the inputs, found before anything is changed; or that of an op that looks at
 * elements (an index out of range) or finds no memory, or CD_ERR_STATE for a leaf that is not as it
 * was (its gradient, its device), and then what the graph had changed before stays changed. */
CD_API bool cd_graph_run(cd_graph *g, cd_tensors inputs, cd_tensor **outputs);

/* What the graph calls the memory of t, a tensor that it was captured with: the name is copied, and
 * stands for the whole of it. CD_ERR_ARGUMENT when the graph has not met that memory, when the name
 * is empty or begins with a %, and when something else has it. See cd_graph_name_module. */
CD_API bool cd_graph_name(cd_graph *g, const cd_tensor *t, const char *name);

/* Lists what the graph keeps, and its steps, one a line. */
CD_API bool cd_print_graph(FILE *stream, const cd_graph *g);

CD_END_DECLS

#endif
