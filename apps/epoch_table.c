/* Prints the table of epochs. */
#include "apps/epoch_table.h"

#include <math.h>

#include "apps/console.h"
#include "apps/table.h"
#include "apps/train_table.h"

/* An accuracy, or R2, which is not defined for a single row. */
static void show_quality(table *rows, double value, bool numbers)
{
    if (isnan(value)) {
        table_number(rows, "-");
    } else if (numbers) {
        table_number(rows, value > -1000 ? "%.4f" : "%.1e", value);
    } else {
        table_number(rows, "%.2f %%", 100 * value);
    }
}

/* The mean absolute error before the time. */
static void insert_error(table *rows)
{
    rows->column[rows->count] = rows->column[rows->count - 1];
    rows->column[rows->count - 1] =
        (column){ .head = "val MAE", .gap = 2, .width = 11, .min_width = 11, .drop_order = 4 };
    rows->count++;
}

void show_epoch(const training *t, int64_t number, const epoch_record *record, bool best)
{
    char text[24];
    const bool numbers = train_is_regression(t);
    const int64_t epochs = t->config->epochs;
    const int width = snprintf(text, sizeof text, "%5lld", (long long)epochs);
    table rows = {
        .column = { { .head = "epoch", .width = width, .min_width = width },
                    { .head = "loss", .gap = 2, .width = 8, .min_width = 8, .drop_order = 2 },
                    { .head = numbers ? "train R2" : "train",
                      .gap = 2,
                      .width = 8,
                      .min_width = 8,
                      .drop_order = 3 },
                    { .head = numbers ? "val R2" : t->split.validation_name,
                      .gap = 2,
                      .width = 8,
                      .min_width = 8 },
                    { .head = "", .width = 2, .min_width = 2 },
                    { .head = "time", .gap = 2, .width = 8, .min_width = 8, .drop_order = 1 } },
        .count = 6
    };
    if (numbers) insert_error(&rows);
    table_fit(&rows, columns_left(0));
    if (number == 1) table_head(&rows);
    if (number % t->epochs_per_line != 0 && number != epochs) return;
    if (best) table_row_style(&rows, STYLE_STRONG);
    table_number(&rows, "%lld", (long long)number);
    /* 123456.7891 would be wider than its column. */
    table_number(&rows, record->loss < 1000 ? "%.4f" : "%.2e", record->loss);
    show_quality(&rows, record->accuracy, numbers);
    show_quality(&rows, record->validation_accuracy, numbers);
    table_number(&rows, "%s", best ? "*" : "");
    if (numbers) table_number(&rows, "%.5g", record->validation_mae);
    table_number(&rows, record->seconds < 1000 ? "%.2f s" : "%.0f s", record->seconds);
}
