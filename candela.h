/* Candela: neural networks in C, with PyTorch's semantics.
 *
 *     #include <candela.h>
 *
 * This file includes every public header, in the order to read them in. */
#ifndef CANDELA_H
#define CANDELA_H

/* Rules that hold everywhere: errors, memory, ownership, threads. */
#include "core/error.h"
#include "core/memory.h"
#include "core/scope.h"
#include "core/threads.h"
#include "core/about.h"
#include "core/nearest.h"

/* Tensors. */
#include "core/dtype.h"
#include "core/device.h"
#include "core/shape.h"
#include "core/random.h"
#include "core/tensor.h"
#include "core/operand.h"

/* Autograd, and the ops that it differentiates. */
#include "autograd/autograd.h"
#include "autograd/hooks.h"
#include "autograd/create.h"
#include "autograd/reduction.h"
#include "autograd/ops.h"
#include "autograd/binary.h"
#include "autograd/logic.h"
#include "autograd/index_ops.h"
#include "autograd/shape_ops.h"
#include "autograd/layer_ops.h"
#include "autograd/conv_ops.h"
#include "autograd/resample_ops.h"
#include "autograd/loss_ops.h"
#include "autograd/math.h"
#include "autograd/activation.h"
#include "autograd/product_ops.h"
#include "autograd/distance_ops.h"
#include "autograd/order_ops.h"
#include "autograd/stats_ops.h"
#include "autograd/function.h"
#include "autograd/gradcheck.h"
#include "autograd/graph.h"

/* Modules, layers, initialisation of parameters. */
#include "nn/option.h"
#include "nn/module.h"
#include "nn/activations.h"
#include "nn/convolutions.h"
#include "nn/resampling.h"
#include "nn/containers.h"
#include "nn/paddings.h"
#include "nn/pairs.h"
#include "nn/layers.h"
#include "nn/recurrent.h"
#include "nn/transformer.h"
#include "nn/losses.h"
#include "nn/averaged.h"
#include "nn/init.h"
#include "nn/state_dict.h"
#include "nn/summary.h"

/* Optimizers, schedules, and the state of a run. */
#include "optim/optim.h"
#include "optim/schedule.h"
#include "optim/optimizer_text.h"
#include "optim/schedule_text.h"
#include "optim/clip.h"
#include "optim/state.h"

/* Files, images, data sets, loaders, tables. */
#include "io/tensor_file.h"
#include "io/checkpoint.h"
#include "io/npy.h"
#include "io/image.h"
#include "io/dataset.h"
#include "io/table.h"
#include "io/encoder.h"
#include "io/dataset_make.h"
#include "io/batch.h"
#include "io/transform.h"
#include "io/loader.h"

/* Models by name, and saved models with their architecture, classes and preprocessing. */
#include "models/models.h"
#include "models/tree.h"
#include "models/layers_text.h"
#include "models/card.h"
#include "models/run.h"
#include "models/run_folder.h"

/* Metrics: the numbers of an evaluation. */
#include "models/metric.h"

/* Training and evaluation in a line. */
#include "models/fit.h"

#endif
