/* The errors of predicted numbers. */
#include "apps/number_score.h"

#include <math.h>
#include <string.h>

static double error_of(const number_score *s, int64_t row)
{
    return fabs(s->guess[row] - s->truth[row]);
}

/* Puts a row into the list of the worst, behind those with an equal error. */
static void offer(number_score *s, int64_t row)
{
    int at = s->worst_count;
    while (at > 0 && error_of(s, row) > error_of(s, s->worst[at - 1])) at--;
    if (at == WORST_NUMBERS) return;
    if (s->worst_count < WORST_NUMBERS) s->worst_count++;
    memmove(&s->worst[at + 1], &s->worst[at], (size_t)(s->worst_count - 1 - at) * sizeof *s->worst);
    s->worst[at] = row;
}

bool number_score_make(number_score *s, const tabular *rows, const int64_t *index, int64_t count)
{
    CD_NO_GRAD();
    cd_tensor *outputs = rows->outputs, *y = rows->y;
    if (index) {
        cd_tensor *chosen = cd_from_array(index, CD_SHAPE(count), .dtype = CD_I64);
        outputs = cd_index_select(outputs, 0, chosen);
        y = cd_index_select(y, 0, chosen);
    }
    cd_tensor *truth = cd_encoder_decode(rows->encoder, y);
    cd_tensor *guess = cd_encoder_decode(rows->encoder, outputs);
    *s = (number_score){ .rows = index,
                         .count = index ? count : cd_table_rows(rows->table),
                         .loss = cd_measure(&cd_mse, outputs, y),
                         .r2 = cd_measure(&cd_r2, guess, truth),
                         .mae = cd_measure(&cd_mae, guess, truth),
                         .rmse = cd_measure(&cd_rmse, guess, truth),
                         .truth = cd_data(truth),
                         .guess = cd_data(guess) };
    if (!cd_ok()) return false;
    for (int64_t row = 0; row < s->count; row++) offer(s, row);
    return true;
}
