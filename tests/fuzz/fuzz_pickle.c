/* Runs any bytes as the pickle data.pkl of a PyTorch file with one storage of 24 bytes, checks the
 * tensors that it describes, and reads them. A fuzzer that had to make a zip container first would
 * hardly reach the pickle machine.
 *
 * Checked besides crashes: a pickle that is refused gives an error. */
#include <stdlib.h>
#include <string.h>

#include "io/pth_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The persistent_load of the pickle: any tuple stands for the storage, of float32. */
static bool note_storage(cd_pickle *pickle, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    (void)user;
    if (!cd_pickle_is_tuple(pickle, id, 0, 5))
        return cd_pickle_fail(pickle, CD_ERR_FORMAT, "no id");
    cd_pickle_value storage = { .kind = CD_PICKLE_STORAGE, .dtype = CD_FILE_F32 };
    return cd_pickle_new(pickle, storage, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char floats[24];
    cd_archive_storage storage = { .offset = 0, .bytes = sizeof floats };
    cd_archive archive = { .storages = &storage, .storage_count = 1 };
    cd_source_borrow(&archive.source, "fuzz", floats, sizeof floats);
    cd_bytes_borrow(&archive.description, "fuzz", data, size);
    archive.budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = "fuzz" };
    archive.limits = (cd_archive_limits){ .entries = 10000, .tensor_bytes = 1 << 26 };
    cd_pickle pickle;
    cd_pickle_id root = CD_PICKLE_NO_VALUE;
    cd_cursor cursor = cd_cursor_over(&archive.description);
    cd_pickle_start(&pickle, &archive.budget, note_storage, NULL);
    bool ok = cd_pickle_run(&pickle, &cursor, &root) && cd_pth_check_tensors(&archive, &pickle) &&
              cd_pth_add_entries(&archive, &pickle, root) && cd_archive_finish(&archive);
    if (!ok && cd_ok()) abort(); /* a failure without a reason */
    static double out[4096];
    for (size_t i = 0; ok && i < archive.count; i++) {
        if (archive.entries[i].elements <= 4096) {
            (void)cd_archive_read(&archive, &archive.entries[i], CD_F64, out);
            cd_clear_error();
        }
    }
    cd_pickle_release(&pickle);
    cd_budget_release(&archive.budget, &archive.entries, &archive.capacity,
                      sizeof *archive.entries);
    cd_budget_release(&archive.budget, &archive.metadata, &archive.metadata_capacity,
                      sizeof *archive.metadata);
    cd_budget_release(&archive.budget, &archive.by_name, &archive.by_name_capacity,
                      sizeof *archive.by_name);
    cd_text_pool_free(&archive.texts);
    cd_clear_error();
    return 0;
}
