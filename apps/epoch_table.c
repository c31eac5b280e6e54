/* Prints the table of epochs. */
#include "apps/epoch_table.h"

#include "apps/console.h"
#include "apps/table.h"

void show_epoch(const training *t, int64_t number, const epoch_record *record)
{
    char text[24];
    const int64_t epochs = t->config->epochs;
    const int width = snprintf(text, sizeof text, "%5lld", (long long)epochs);
    table rows = {
        .column = { { .head = "epoch", .width = width, .min_width = width },
                    { .head = "loss", .gap = 2, .width = 8, .min_width = 8, .drop_order = 2 },
                    { .head = "train", .gap = 2, .width = 8, .min_width = 8, .drop_order = 3 },
                    { .head = t->split.validation_name, .gap = 2, .width = 8, .min_width = 8 },
                    { .head = "time", .gap = 2, .width = 8, .min_width = 8, .drop_order = 1 } },
        .count = 5
    };
    table_fit(&rows, columns_left(0));
    if (number == 1) table_head(&rows);
    if (number % t->epochs_per_line != 0 && number != epochs) return;
    table_number(&rows, "%lld", (long long)number);
    /* 123456.7891 would be wider than its column. */
    table_number(&rows, record->loss < 1000 ? "%.4f" : "%.2e", record->loss);
    table_number(&rows, "%.2f %%", 100 * record->accuracy);
    table_number(&rows, "%.2f %%", 100 * record->validation_accuracy);
    table_number(&rows, record->seconds < 1000 ? "%.2f s" : "%.0f s", record->seconds);
}
