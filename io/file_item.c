/* Makes the items of file_item_internal.h. */
#include "io/file_item_internal.h"

#include "autograd/ops.h"
#include "core/error.h"
#include "core/tensor_internal.h"

bool cd_file_item_of(cd_file_item *item, const char *function, const char *name, cd_tensor *t)
{
    if (!cd_check_tensor(t, function, name)) return false;
    if (cd_tensor_device(t) == CD_META) {
        char shown[64];
        return cd_fail(CD_ERR_STATE, "%s: \"%s\" is on the meta device, which holds no elements",
                       function, cd_escape_text(shown, sizeof shown, name));
    }
    const cd_tensor *own = cd_contiguous(cd_to_device(t, CD_CPU));
    if (!own) return false;
    *item = (cd_file_item){
        .name = name, .dtype = cd_file_dtype_of(own->dtype), .shape = own->shape, .data = own->data
    };
    return true;
}
