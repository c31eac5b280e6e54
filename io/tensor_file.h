/* Files of named tensors, opened to be listed and read: safetensors, PyTorch's .pth (the zip
 * container of PyTorch 1.6 and later), and NumPy's .npz and .npy (whose one array is called
 * "arr_0", as numpy.savez calls an array without a name).
 *
 * The container is recognised by the file's bytes, never by its name. Nothing in a file is ever
 * run, and reading takes no more memory than the tensors declare, plus 64 MiB.
 *
 * A regular file stays open, with its descriptor, as long as the object lives, and each tensor is
 * read when it is asked for. If another process changes the file in the meantime, reading fails
 * with CD_ERR_IO and never mixes two versions. If the file is replaced by a rename, the old one is
 * read on. A pipe is read whole when it is opened. */
#ifndef CANDELA_IO_TENSOR_FILE_H
#define CANDELA_IO_TENSOR_FILE_H

#include "core/scope.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

typedef struct cd_tensor_file cd_tensor_file;

/* A key and its text. The strings of a pair that a file hands out are the file's. */
typedef struct cd_text_pair {
    const char *key;
    const char *value;
} cd_text_pair;

/* Opens a file; the open scope owns it. NULL with CD_ERR_IO, CD_ERR_FORMAT (damaged; the error says
 * at which byte), CD_ERR_UNSUPPORTED (the error says what the file is instead) or CD_ERR_MEMORY.
 * Strings that the functions below return live as long as the file. */
CD_API cd_tensor_file *cd_tensor_file_open(const char *path);

/* The container: "safetensors", "PyTorch zip", "NumPy zip" (.npz) or "NumPy array" (.npy). */
CD_API const char *cd_tensor_file_kind(const cd_tensor_file *f);

/* The size of the file in bytes; for a pipe, how many bytes it gave. */
CD_API int64_t cd_tensor_file_bytes(const cd_tensor_file *f);

/* The number of tensors. */
CD_API int64_t cd_tensor_file_count(const cd_tensor_file *f);

/* The name of tensor number i, as it is in the file, in the file's order. Of a .pth the tensors
 * are those of the state dict: what torch.save was given, or what lies below one of its keys
 * "state_dict", "model_state_dict", "model", "net", "model_state", "weights", "params" (the first
 * of these that has tensors), or the only dict of tensors below any other key. Other objects that
 * torch.load reads with weights_only=True are dropped. A number out of range is CD_ERR_ARGUMENT,
 * here and below. */
CD_API const char *cd_tensor_file_name(const cd_tensor_file *f, int64_t i);
/* The dtype of tensor number i in the file, by safetensors' name for it: "F32", "BF16", ...; of an
 * array of NumPy's that is never read, "OBJECT", "TEXT", "RECORD", "DATE" or "F128". */
CD_API const char *cd_tensor_file_dtype(const cd_tensor_file *f, int64_t i);
/* The shape of tensor number i. */
CD_API cd_shape cd_tensor_file_shape(const cd_tensor_file *f, int64_t i);
/* The number of elements of tensor number i. */
CD_API int64_t cd_tensor_file_elements(const cd_tensor_file *f, int64_t i);

/* Reads the tensor of this name; the open scope owns it. Dtypes that tensors here lack are
 * converted: F16 and BF16 to float32; I8, I16 and U16 to int32; U32 and U64 to int64.
 * CD_ERR_ARGUMENT when there is no such name, CD_ERR_UNSUPPORTED for complex numbers, floats of
 * 8 bits or less or more than 64, and what is no number. */
CD_API cd_tensor *cd_tensor_file_read(cd_tensor_file *f, const char *name);

/* The number of texts beside the tensors: the metadata of safetensors; of a .pth the numbers and
 * strings beside the tensors of its state dict. */
CD_API int64_t cd_tensor_file_text_count(const cd_tensor_file *f);
/* Text number i with its key. */
CD_API cd_text_pair cd_tensor_file_text_at(const cd_tensor_file *f, int64_t i);
/* The text under a key; NULL, without an error, when there is none. */
CD_API const char *cd_tensor_file_text(const cd_tensor_file *f, const char *key);

/* The files that Candela saves have a format: a number, in the text "candela.format". Beside it,
 * "candela.version" is the version of the library that wrote the file. A new format is needed when
 * a program that reads the formats so far would misread a file. New texts that such a program can
 * do without get keys of their own, and unknown keys are ignored. */
enum { CD_FILE_FORMAT = 1 }; /* the format that cd_save writes, and the latest that is read */

/* The format of this file, 0 to CD_FILE_FORMAT. Files without the text have format 0: the first
 * ones that Candela saved, and those of other programs. -1 with CD_ERR_UNSUPPORTED for a later
 * format (a newer Candela is needed), and with CD_ERR_FORMAT for a text that is not a whole number
 * from 1; cd_load and cd_load_model refuse such files with the same errors. All other functions
 * here take any format. */
CD_API int cd_tensor_file_format(const cd_tensor_file *f);

CD_END_DECLS

#endif
