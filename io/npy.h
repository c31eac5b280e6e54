/* NumPy's files: a tensor as .npy, and named tensors as .npz.
 *
 * numpy.load reads what is written here bit for bit, and the files are those that numpy.save and
 * numpy.savez write. An .npz is read like every other file of tensors: cd_tensor_file_open
 * (io/tensor_file.h) lists and reads its arrays, and cd_load loads them into a module. */
#ifndef CANDELA_IO_NPY_H
#define CANDELA_IO_NPY_H

#include "io/tensor_file.h"

CD_BEGIN_DECLS

/* numpy.load: the array of an .npy file as a tensor, which the open scope owns. Format 1.0, 2.0 or
 * 3.0, row-major or Fortran order, either byte order. Dtypes are converted as cd_tensor_file_read
 * says: float16 becomes float32, int8, int16 and uint16 become int32, uint32 and uint64 int64.
 *
 * NULL with CD_ERR_IO; CD_ERR_FORMAT (damaged, or a uint64 of 2^63 or more); CD_ERR_UNSUPPORTED for
 * Python objects (a pickle, which is never run), texts, records, dates, complex numbers and floats
 * of more than 64 bits, for more than 8 dimensions, and for a file that is no .npy; CD_ERR_MEMORY.
 * Bytes behind the array are ignored, as numpy.load does, with a warning to the logger. */
CD_API cd_tensor *cd_load_npy(const char *path);

/* numpy.save: writes a tensor's elements, in row-major order, as format 1.0. A crash at any point
 * leaves the file that was there, or the new one complete (io/checkpoint.h). False with
 * CD_ERR_ARGUMENT, CD_ERR_UNSUPPORTED (a path with the ending of another format; no ending is
 * added), CD_ERR_STATE (the meta device), CD_ERR_IO or CD_ERR_MEMORY. Does nothing while an error
 * is pending. */
CD_API bool cd_save_npy(cd_tensor *tensor, const char *path);

/* numpy.savez(path, **{name: tensor}): writes `count` tensors under their names, in this order, not
 * compressed. Fails as cd_save_npy does; CD_ERR_ARGUMENT also for no tensor, and for a name that is
 * empty, not UTF-8, there twice, or no path within an archive ("/a", "../a"). */
CD_API bool cd_save_npz(const char *const *names, cd_tensor *const *tensors, int64_t count,
                        const char *path);

CD_END_DECLS

#endif
