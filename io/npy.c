/* cd_load_npy, cd_save_npy and cd_save_npz: tensors to and from NumPy's files. */
#include "io/npy.h"

#include <string.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/npy_write_internal.h"
#include "io/tensor_file_internal.h"

cd_tensor *cd_load_npy(const char *path)
{
    if (!cd_ok()) return NULL;
    CD_SCOPE();
    cd_tensor_file *file = cd_tensor_file_open(path);
    const cd_archive *a = file ? cd_tensor_file_archive(file, "load_npy") : NULL;
    if (!a) return NULL;
    if (strcmp(a->kind, CD_KIND_NPY) != 0) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "load_npy: %s is a file of named tensors (%s), and no single array (.npy): "
                      "open it with cd_tensor_file_open",
                      a->source.label, a->kind);
        return NULL;
    }
    return cd_escape(cd_tensor_file_read(file, CD_NPY_NAME));
}

/* Whether elements may be read now, and there is a path. */
static bool check_save(const char *function, const char *path)
{
    if (!cd_ok()) return false;
    if (!path) return cd_fail(CD_ERR_ARGUMENT, "%s: the path is NULL", function);
    return cd_check_not_captured(function, "it reads elements");
}

bool cd_save_npy(cd_tensor *tensor, const char *path)
{
    if (!check_save("save_npy", path)) return false;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_file_item item;
    return cd_file_item_of(&item, "save_npy", "the tensor", tensor) && cd_npy_write(path, &item);
}

bool cd_save_npz(const char *const *names, cd_tensor *const *tensors, int64_t count,
                 const char *path)
{
    if (!check_save("save_npz", path)) return false;
    if (!names || !tensors || count < 1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save_npz: %lld tensors; the names are %s and the tensors %s: one name and "
                       "one tensor at least are needed",
                       (long long)count, names ? "given" : "NULL", tensors ? "given" : "NULL");
    }
    CD_SCOPE();
    CD_NO_GRAD();
    cd_file_item *items = cd_alloc_zeroed((size_t)count, sizeof *items);
    bool done = items != NULL;
    for (int64_t i = 0; i < count && done; i++) {
        const char *name = names[i] ? names[i] : "NULL";
        done = cd_file_item_of(&items[i], "save_npz", name, tensors[i]);
        if (done) items[i].name = names[i];
    }
    done = done && cd_npz_write(path, items, (size_t)count);
    cd_free(items);
    return done;
}
