/* Data sets that a program makes: of tensors, of a table, of its own functions, and of parts of
 * other data sets (torch.utils.data.TensorDataset, Dataset, Subset and random_split). All functions
 * of io/dataset.h take them.
 *
 * The open scope owns what is made. A function that fails returns NULL or false with an error, and
 * does nothing while one is pending. */
#ifndef CANDELA_IO_DATASET_MAKE_H
#define CANDELA_IO_DATASET_MAKE_H

#include "core/random.h"
#include "io/dataset.h"
#include "io/encoder.h"

CD_BEGIN_DECLS

/* --- tensors ---------------------------------------------------------------------------------- */

/* cd_dataset_from_tensors(x, y), cd_dataset_from_tensors(x, y, .classes = names, .class_count = 3)
 *
 * torch.utils.data.TensorDataset: sample i is x[i] with the target y[i]. x is N x any shape of up
 * to 7 dimensions; its elements become float32. y is
 *
 *   N of an integer dtype    the classes, from 0 on, as int64
 *   anything else            targets as they are: N or N x K float32 for a regression, N x K
 *                            float32 or bool for several labels at once, N x T int64 for sequences
 *
 * A tensor that is float32 (or for y needs no conversion), contiguous and on the processor is not
 * copied: a later change of its elements changes the data set, as in PyTorch. No gradient is
 * recorded.
 *
 * CD_ERR_ARGUMENT (tensors that are NULL; a class below 0, or not below class_count), CD_ERR_SHAPE
 * (no dimension, or not the same number of rows), CD_ERR_STATE (the meta device), CD_ERR_MEMORY. */
typedef struct cd_tensor_set_options {
    cd_tensor *x, *y;
    CD_GUARD_;
    const char *const *classes; /* class_count names, copied; default NULL: "0", "1", ... */
    int64_t class_count;        /* default: the highest class in y + 1; needed with classes */
} cd_tensor_set_options;

CD_API cd_dataset *cd_dataset_from_tensors_with(cd_tensor_set_options options);
#define cd_dataset_from_tensors(x_, ...)                                                           \
    cd_dataset_from_tensors_with((cd_tensor_set_options){ .x = x_, .y = __VA_ARGS__ })

/* --- a table ---------------------------------------------------------------------------------- */

/* cd_dataset_from_table(encoder, table): the rows of a table, encoded (io/encoder.h); sample i is
 * row i. The targets have the dtype for which cd_fit and cd_evaluate take the right loss:
 *
 *   regression   1 float32, as the encoder standardises it
 *   binary       1 bool, true for the second class (a bool has no class names here;
 *                cd_encoder_classes has them)
 *   classes      the class, int64, with the encoder's classes
 *
 * All rows are encoded at once, and the table is not needed afterwards. The errors are those of
 * cd_encoder_encode, and CD_ERR_FORMAT for a table without the label's column. */
CD_API cd_dataset *cd_dataset_from_table(const cd_encoder *e, const cd_table *t);

/* --- a program's own functions ---------------------------------------------------------------- */

/* What a data set of one's own does (a subclass of torch.utils.data.Dataset). `context` is what
 * cd_dataset_new was given, and must live as long as the data set. `sample` and `target` are called
 * from several threads at once, with different numbers, unless one_thread is set; then only by the
 * thread that asks for a batch, one after the other. A function that fails says why with cd_fail
 * and returns false. */
typedef struct cd_dataset_functions {
    const char *name; /* what sentences call the data set */
    /* Writes sample i, row-major: as many numbers as .sample_shape has elements. */
    bool (*sample)(void *context, int64_t i, float *x);
    /* One of the next two. The class of sample i, from 0 on; called by one thread at a time. */
    int64_t (*label)(void *context, int64_t i);
    /* Writes the target of sample i, row-major: elements of .target_dtype, as many as .target_shape
     * has. */
    bool (*target)(void *context, int64_t i, void *y);
    /* Frees the context, when the data set's last owner is gone; optional. */
    void (*destroy)(void *context);
    bool one_thread; /* `sample` and `target` must not run at the same time */
} cd_dataset_functions;

/* cd_dataset_new(&functions, context, 1000, .sample_shape = CD_SHAPE(3, 32, 32), .class_count = 10)
 *
 * A data set of `count` samples. The functions are copied. When the call fails, `destroy` is not
 * called: the context is still the caller's. CD_ERR_ARGUMENT, CD_ERR_SHAPE or CD_ERR_MEMORY. */
typedef struct cd_dataset_new_options {
    const cd_dataset_functions *functions;
    void *context;
    int64_t count;
    CD_GUARD_;
    cd_shape sample_shape;      /* up to 7 dimensions; default CD_SCALAR: one number */
    const char *const *classes; /* with `label`: class_count names, copied; default "0", "1", ... */
    int64_t class_count;        /* needed with `label` */
    cd_dtype target_dtype;      /* with `target`; default CD_F32 */
    cd_shape target_shape;      /* with `target`, up to 7 dimensions; default CD_SCALAR */
} cd_dataset_new_options;

CD_API cd_dataset *cd_dataset_new_with(cd_dataset_new_options options);
#define cd_dataset_new(functions_, context_, ...)                                                  \
    cd_dataset_new_with((cd_dataset_new_options){                                                  \
        .functions = functions_, .context = context_, .count = __VA_ARGS__ })

/* --- parts ------------------------------------------------------------------------------------ */

/* torch.utils.data.Subset: the samples of `d` with these numbers, in this order; a number may occur
 * twice. Copies the numbers, keeps `d` alive, and has its classes, preprocessing and split. */
CD_API cd_dataset *cd_dataset_subset(cd_dataset *d, const int64_t *indices, int64_t count);

/* The numbers that the samples of a subset have in the set that it is a part of, as many as the
 * subset has samples (Subset.indices); of a subset of a subset those in the whole set. They live as
 * long as the subset. NULL, without an error, for a set that is no subset. */
CD_API const int64_t *cd_dataset_indices(const cd_dataset *d);

/* cd_random_split(d, parts, 2, .fractions = (double[]){ 0.8, 0.2 })
 *
 * torch.utils.data.random_split: cuts the samples in random order (cd_randperm, so PyTorch's for
 * the same seed) into `count` subsets, parts[0] to parts[count - 1]. Exactly one of .lengths and
 * .fractions is given, `count` numbers each. Lengths must sum to the number of samples. Of
 * fractions, which sum to 1, each part gets the whole samples of its share, and those that are left
 * go to the first parts, one each. A part without samples is a warning to the logger. False with
 * CD_ERR_ARGUMENT or CD_ERR_MEMORY; then `parts` is as it was. */
typedef struct cd_random_split_options {
    cd_dataset *dataset;
    cd_dataset **parts;
    int64_t count;
    CD_GUARD_;
    const int64_t *lengths;
    const double *fractions;
    cd_generator *generator; /* default: the process's own */
} cd_random_split_options;

CD_API bool cd_random_split_with(cd_random_split_options options);
#define cd_random_split(dataset_, parts_, ...)                                                     \
    cd_random_split_with(                                                                          \
        (cd_random_split_options){ .dataset = dataset_, .parts = parts_, .count = __VA_ARGS__ })

CD_END_DECLS

#endif
