/* Data sets of encoded tables: cd_dataset_from_table. */
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "io/dataset_internal.h"
#include "io/dataset_make.h"
#include "io/encoder_internal.h"
#include "io/table_internal.h"

/* The data set calls itself as the table's file in sentences. */
static bool name_after(cd_dataset *d, const cd_table *t)
{
    char *name = cd_strdup(cd_table_path(t));
    if (!name) return false;
    cd_free(d->name);
    d->name = name;
    return true;
}

static cd_dataset *made(const cd_encoder *e, cd_tensor *x, cd_tensor *y)
{
    if (e->task == CD_TABLE_CLASSES) {
        return cd_dataset_from_tensors(x, y, .classes = cd_encoder_classes(e),
                                       .class_count = e->classes.count);
    }
    if (e->task == CD_TABLE_BINARY) y = cd_to(y, CD_BOOL);
    return cd_dataset_from_tensors(x, y);
}

cd_dataset *cd_dataset_from_table(const cd_encoder *e, const cd_table *t)
{
    CD_SCOPE();
    cd_tensor *x, *y;
    if (!cd_encoder_encode(e, t, &x, &y)) return NULL;
    if (!y) {
        (void)cd_encoder_fail_absent(t, e->label, "the label");
        return NULL;
    }
    cd_dataset *d = made(e, x, y);
    return d && name_after(d, t) ? cd_escape(d) : NULL;
}
