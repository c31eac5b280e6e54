/* CSV files, tables and encoders. The first byte of the input chooses the options of cd_read_csv,
 * the second one those of cd_encoder_fit, the third one the label's column; the rest is the file.
 *
 * Checked:
 *   - the file is read or refused with a sentence;
 *   - every field has a text, and is NaN if it is missing; numbers are what strtod makes of them;
 *   - the table is written and read again, with each delimiter, and has the same names and texts;
 *   - an encoder is fitted or refused with a sentence; it encodes the table that it was fitted to
 *     into finite numbers, of which the label's can be decoded;
 *   - its JSON makes an encoder with the same JSON, which gives the same inputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <candela.h>

#include "core/text_internal.h"
#include "tests/fuzz/fuzz.h"

enum { CSV_MEMORY = 64 << 20 };

static void check_field(const cd_table *t, int64_t row, int64_t c)
{
    const char *text = cd_table_text(t, row, c);
    FUZZ_CHECK(text);
    if (!cd_table_is_number(t, c)) return;
    double value = cd_table_numbers(t, c)[row];
    if (cd_table_is_missing(t, row, c)) {
        FUZZ_CHECK(isnan(value));
        return;
    }
    if (strchr(text, ',') || isnan(value)) return;
    char *end;
    double expected = cd_text_number(text, &end);
    FUZZ_CHECK(end > text && memcmp(&value, &expected, sizeof value) == 0);
}

static void check_same(const cd_table *a, const cd_table *b)
{
    int64_t columns = cd_table_columns(a), rows = cd_table_rows(a);
    FUZZ_CHECK(columns == cd_table_columns(b) && rows == cd_table_rows(b));
    for (int64_t c = 0; c < columns; c++) {
        FUZZ_CHECK(strcmp(cd_table_name(a, c), cd_table_name(b, c)) == 0);
        for (int64_t row = 0; row < rows; row++) {
            FUZZ_CHECK(strcmp(cd_table_text(a, row, c), cd_table_text(b, row, c)) == 0);
        }
    }
}

static void write_again(const cd_table *t, char delimiter)
{
    char path[FUZZ_PATH_BYTES];
    (void)fuzz_path("again.csv", path);
    FUZZ_CHECK(cd_write_csv(path, .table = t, .delimiter = delimiter));
    const cd_table *back = cd_read_csv(path, .delimiter = delimiter);
    FUZZ_CHECK(back);
    check_same(t, back);
    back = cd_read_csv(path, .decimal = '.');
    FUZZ_CHECK(back || delimiter == '|' || delimiter == '\t' || delimiter == ';');
    cd_clear_error();
}

static void check_encoder(const cd_encoder *e, const cd_table *t)
{
    cd_tensor *x = NULL, *y = NULL, *again = NULL;
    if (!cd_encoder_encode(e, t, &x, &y)) {
        (void)fuzz_refused(); /* a number beyond float32 */
        return;
    }
    FUZZ_CHECK(cd_size(x, 1) == cd_encoder_input_count(e));
    const float *numbers = cd_data(x);
    for (int64_t i = 0; i < cd_numel(x); i++) FUZZ_CHECK(isfinite(numbers[i]));
    FUZZ_CHECK(y && cd_size(y, 0) == cd_table_rows(t));
    if (cd_encoder_task(e) != CD_TABLE_CLASSES) FUZZ_CHECK(cd_encoder_decode(e, y));
    const cd_encoder *back = cd_encoder_from_json(cd_encoder_to_json(e));
    FUZZ_CHECK(back && strcmp(cd_encoder_to_json(back), cd_encoder_to_json(e)) == 0);
    FUZZ_CHECK(cd_encoder_encode(back, t, &again, NULL) && cd_equal(x, again));
}

static void read_table(const char *path, unsigned how, unsigned fit, unsigned label)
{
    CD_SCOPE();
    static const char delimiters[] = { 0, ',', ';', '\t' }, points[] = { 0, '.', ',', 0 };
    const cd_table *t = cd_read_csv(path, .delimiter = delimiters[how & 3],
                                    .decimal = points[how >> 2 & 3], .no_header = how >> 4 & 1);
    if (!t) {
        (void)fuzz_refused();
        return;
    }
    int64_t columns = cd_table_columns(t), rows = cd_table_rows(t);
    if (columns * rows > 4096) return;
    for (int64_t i = 0; i < columns * rows; i++) check_field(t, i / columns, i % columns);
    write_again(t, ",;\t|"[how >> 5 & 3]);
    char name[8];
    (void)cd_format(name, sizeof name, "%u", label % (unsigned)columns);
    const cd_encoder *e = cd_encoder_fit(
        t, .label = fit & 1 ? cd_table_name(t, 0) : name, .task = (cd_table_task)(fit >> 1 & 3),
        .fill_missing = fit >> 3 & 1, .zeros_for_unknown = fit >> 4 & 1,
        .plain_label = fit >> 5 & 1, .max_categories = fit >> 6 & 3);
    if (e) {
        check_encoder(e, t);
    } else {
        (void)fuzz_refused();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned how = fuzz_u8(&in), fit = fuzz_u8(&in), label = fuzz_u8(&in);
    char path[FUZZ_PATH_BYTES];
    fuzz_write(fuzz_path("table.csv", path), in.data, in.size);
    fuzz_begin(CSV_MEMORY);
    read_table(path, how, fit, label);
    fuzz_end();
    FUZZ_CHECK(fuzz_files() <= 2);
    return 0;
}
