/* Step 5 of cd_load (checkpoint.c): the persistent ids with which a pickle names storages. */
#include "core/memory_internal.h"
#include "io/pth_internal.h"

size_t cd_pth_width(cd_file_dtype dtype)
{
    return dtype == CD_FILE_NONE ? 1 : (size_t)cd_file_dtype_bits(dtype) / 8;
}

bool cd_pth_storage_class(const cd_pickle *p, cd_pickle_id id, cd_file_dtype *dtype)
{
    const cd_pickle_value *class_ = cd_pickle_value_of(p, id);
    if (class_->kind != CD_PICKLE_GLOBAL ||
        cd_pickle_global_kind(class_->as.index) != CD_GLOBAL_STORAGE) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a storage whose class is no storage class");
    }
    *dtype = cd_pickle_global_dtype(class_->as.index);
    return true;
}

bool cd_pth_storage_of(const cd_pickle *p, cd_pickle_id id, uint32_t items, cd_pth_storage *out)
{
    const cd_pickle_value *tuple = cd_pickle_value_of(p, id);
    *out = (cd_pth_storage){ .view = CD_PICKLE_NO_VALUE };
    if (!cd_pickle_is_tuple(p, id, items, items) ||
        !cd_pickle_text_is(p, cd_pickle_item(p, tuple, 0), "storage") ||
        !cd_pickle_text(p, cd_pickle_item(p, tuple, 2), &out->key, &out->key_size) ||
        cd_pickle_value_of(p, cd_pickle_item(p, tuple, 3))->kind != CD_PICKLE_TEXT ||
        !cd_pickle_unsigned(p, cd_pickle_item(p, tuple, 4), &out->numel)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "a persistent id must be (\"storage\", class, key, location, "
                              "numel%s)",
                              items == 6 ? ", view" : "");
    }
    if (!cd_pth_storage_class(p, cd_pickle_item(p, tuple, 1), &out->dtype)) return false;
    char shown[CD_PTH_KEY_MAX];
    (void)cd_printable(shown, sizeof shown, out->key, out->key_size);
    if (out->key_size == 0 || out->key_size > CD_PTH_KEY_MAX) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the storage's key \"%s\" is empty or too long",
                              shown);
    }
    out->width = cd_pth_width(out->dtype);
    if (items == 6) out->view = cd_pickle_item(p, tuple, 5);
    if (cd_checked_bytes(out->numel, out->width, &out->bytes)) return true;
    return cd_pickle_fail(p, CD_ERR_FORMAT,
                          "the storage %s is said to have %lld elements of %zu bytes, which no "
                          "file holds",
                          shown, (long long)out->numel, out->width);
}
