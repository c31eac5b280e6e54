/* Files of named tensors, opened as they are: safetensors, and PyTorch's .pth (zip container).
 *
 * The container is found out from the bytes, never from the name. Nothing in a file is ever run,
 * and reading takes no more memory than the tensors declare and 64 MiB.
 *
 * A regular file stays open, with its descriptor, as long as the object lives, and each tensor is
 * read from it when it is asked for. One that another process changes in the meantime gives
 * CD_ERR_IO, and not tensors of two versions; one that is replaced by a rename is read on as it
 * was. A pipe is read whole when it is opened. */
#ifndef CANDELA_IO_TENSOR_FILE_H
#define CANDELA_IO_TENSOR_FILE_H

#include "core/scope.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

typedef struct cd_tensor_file cd_tensor_file;

/* A key and its text. */
typedef struct cd_text_pair {
    const char *key;
    const char *value;
} cd_text_pair;

/* Handed to the open scope. CD_ERR_IO, CD_ERR_FORMAT (damaged: says at which byte),
 * CD_ERR_UNSUPPORTED (says what the file is instead) or CD_ERR_MEMORY. What the functions below
 * return lives as long as the file. */
CD_API cd_tensor_file *cd_tensor_file_open(const char *path);

CD_API const char *cd_tensor_file_kind(const cd_tensor_file *f); /* "safetensors", "PyTorch zip" */

CD_API int64_t cd_tensor_file_bytes(const cd_tensor_file *f); /* of the file, or what a pipe gave */

CD_API int64_t cd_tensor_file_count(const cd_tensor_file *f);
/* By number, in the file's order, with the names that stand in the file. Of a .pth these are the
 * tensors of the state dict, which is what torch.save wrote or lies below a key of it:
 * "state_dict", "model_state_dict", "model", "net", "model_state", "weights", "params" (in this
 * order), or the only dict of tensors there is. Objects beside it that PyTorch reads with
 * weights_only=True are dropped. A number out of range is CD_ERR_ARGUMENT. */
CD_API const char *cd_tensor_file_name(const cd_tensor_file *f, int64_t i);
CD_API const char *cd_tensor_file_dtype(const cd_tensor_file *f,
                                        int64_t i); /* "F32", "BF16", ... */
CD_API cd_shape cd_tensor_file_shape(const cd_tensor_file *f, int64_t i);
CD_API int64_t cd_tensor_file_elements(const cd_tensor_file *f, int64_t i);

/* The tensor of this name, read: f16 and bf16 become f32, i8 and i16 i32. CD_ERR_ARGUMENT when
 * there is none. */
CD_API cd_tensor *cd_tensor_file_read(cd_tensor_file *f, const char *name);

/* Texts beside the tensors: safetensors' metadata; of a .pth the numbers and strings that lay
 * beside its state_dict. cd_tensor_file_text gives NULL, without an error, when there is none of
 * the key. */
CD_API int64_t cd_tensor_file_text_count(const cd_tensor_file *f);
CD_API cd_text_pair cd_tensor_file_text_at(const cd_tensor_file *f, int64_t i);
CD_API const char *cd_tensor_file_text(const cd_tensor_file *f, const char *key);

/* The format of the files that Candela saves is a number, in the text "candela.format"; beside it
 * "candela.version" is the version of the library that wrote the file. The format goes up when a
 * program that reads the formats so far would misread a file. What such a program can do without
 * comes under new keys of its own, and keys that are not known are ignored. */
enum { CD_FILE_FORMAT = 1 }; /* what cd_save writes, and the latest that is read */

/* The format of this file, 0 to CD_FILE_FORMAT. Files without the text have format 0: the first
 * that Candela saved, and those of other programs. -1 with CD_ERR_UNSUPPORTED for a later format (a
 * newer Candela is needed), and with CD_ERR_FORMAT for a text that is no whole number from 1; with
 * the same errors cd_load and cd_load_model refuse such files. All calls above take any format. */
CD_API int cd_tensor_file_format(const cd_tensor_file *f);

CD_END_DECLS

#endif
