/* Files of named tensors, opened to be listed and read: safetensors, PyTorch's .pth (in the three
 * containers that torch.save has had: the zip of 1.6 and later, the pickle stream of 0.1.10 to 1.5,
 * and the TAR before), and NumPy's .npz and .npy (whose one array is called "arr_0", as numpy.savez
 * calls an array without a name).
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

/* cd_tensor_file_open("m.pth"), cd_tensor_file_open("m.pth", .key = "model_ema")
 *
 * Opens a file; the open scope owns it. NULL with CD_ERR_IO, CD_ERR_FORMAT (damaged; the error says
 * at which byte), CD_ERR_UNSUPPORTED (the error says what the file is instead, or that it has
 * several sets of tensors, with their keys), CD_ERR_ARGUMENT (no tensors under .key) or
 * CD_ERR_MEMORY. Strings that the functions below return live as long as the file.
 *
 * torch.save saves anything, and the tensors of the model are somewhere in it. Obvious is the dict
 * of tensors, or the module that was saved whole, under one of the keys "state_dict",
 * "model_state_dict", "model", "net", "model_state", "weights", "params" (in this order), else the
 * outermost one unless one in it has more tensors, else the only other one; what belongs to
 * optimizers does not count. If another one has about as many tensors (more than half, less than
 * twice), and one that is called as its first, as the average of a model or its teacher has, none
 * is obvious, and .key chooses: the keys from the outside in, joined by dots ("checkpoint.model"),
 * those of lists being numbers; "" is the outermost dict. All else in the file is dropped: nothing
 * is ever built, looked up or run.
 *
 * A name as resnet18-5c106cde.pth says how the file's SHA-256 begins: from the last '-' on 8 to 64
 * digits of lower-case hexadecimal with a letter among them, and a '.'. If it does not, the file is
 * damaged or another one, which is CD_ERR_FORMAT unless .any_hash is set. Comparing reads the whole
 * file once more. */
typedef struct cd_tensor_file_options {
    const char *path;
    CD_GUARD_;
    const char *key; /* default NULL: the obvious one */
    bool any_hash;   /* do not compare the hash in the name */
} cd_tensor_file_options;

CD_API cd_tensor_file *cd_tensor_file_open_with(cd_tensor_file_options options);
#define cd_tensor_file_open(...)                                                                   \
    cd_tensor_file_open_with((cd_tensor_file_options){ .path = __VA_ARGS__ })

/* The container: "safetensors", "PyTorch zip", "PyTorch pickle stream", "PyTorch TAR", "NumPy zip"
 * (.npz) or "NumPy array" (.npy). */
CD_API const char *cd_tensor_file_kind(const cd_tensor_file *f);

/* Of a .pth the key under which the tensors lie, as .key has it; "" for the outermost dict, and for
 * all other files. A key that is no UTF-8, or has a NUL in it, is escaped. */
CD_API const char *cd_tensor_file_key(const cd_tensor_file *f);

/* The size of the file in bytes; for a pipe, how many bytes it gave. */
CD_API int64_t cd_tensor_file_bytes(const cd_tensor_file *f);

/* The number of tensors. */
CD_API int64_t cd_tensor_file_count(const cd_tensor_file *f);

/* The name of tensor number i, as it is in the file, in the file's order; of a module that was
 * saved whole the name that its state_dict() gives it. A number out of range is CD_ERR_ARGUMENT,
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
