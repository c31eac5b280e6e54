/* The JSON of an encoder. The input is the text.
 *
 * Checked: it is read or refused with a sentence; what is read has JSON of its own, which makes an
 * encoder with the same JSON; and tables with and without its columns are encoded into finite
 * numbers, or refused with a sentence. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <candela.h>

#include "tests/fuzz/fuzz.h"

enum { ENCODER_MEMORY = 64 << 20 };

static void encode(const cd_encoder *e, const char *path)
{
    cd_tensor *x = NULL, *y = NULL;
    if (cd_encoder_input_count(e) > 4096) return;
    cd_table *t = cd_read_csv(path);
    FUZZ_CHECK(t);
    if (!cd_encoder_encode(e, t, &x, &y)) {
        (void)fuzz_refused();
        return;
    }
    const float *numbers = cd_data(x);
    for (int64_t i = 0; i < cd_numel(x); i++) FUZZ_CHECK(isfinite(numbers[i]));
    cd_tensor *outputs = cd_zeros(CD_SHAPE(2, cd_encoder_output_count(e)));
    FUZZ_CHECK(cd_encoder_decode(e, outputs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char table[] = "a,b,c,k,p\n1,x,0.5,p,7\n-2,y,1e30,q,8\n";
    char path[FUZZ_PATH_BYTES];
    fuzz_bytes text = { .size = 0 };
    fuzz_put(&text, data, size);
    fuzz_put(&text, "", 1);
    fuzz_write(fuzz_path("table.csv", path), table, sizeof table - 1);
    fuzz_begin(ENCODER_MEMORY);
    {
        CD_SCOPE();
        const cd_encoder *e = cd_encoder_from_json((const char *)text.data);
        if (!e) {
            (void)fuzz_refused();
        } else {
            const cd_encoder *back = cd_encoder_from_json(cd_encoder_to_json(e));
            FUZZ_CHECK(back && strcmp(cd_encoder_to_json(back), cd_encoder_to_json(e)) == 0);
            encode(e, path);
        }
    }
    fuzz_end();
    free(text.data);
    return 0;
}
