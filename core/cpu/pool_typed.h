/* One plane of each pooling, for one floating type; pool.c includes it for each, with REAL and
 * TYPED defined. */

/* The largest of one window and its place, window order; see cd_cpu_max_pool2d for NaN and equals.
 */
static inline REAL TYPED(window_max)(const cd_pool2d_sizes *p, const REAL *x, span rows,
                                     span columns, int64_t *place)
{
    REAL best = -(REAL)INFINITY;
    /* With dilation and padding a window may have no place in a small image. */
    int64_t at =
        smaller(rows.first, p->height - 1) * p->width + smaller(columns.first, p->width - 1);
    for (int64_t h = rows.first; h < rows.end; h += p->dilation_h) {
        for (int64_t w = columns.first; w < columns.end; w += p->dilation_w) {
            REAL value = x[h * p->width + w];
            if (value > best || value != value) {
                best = value;
                at = h * p->width + w;
            }
        }
    }
    *place = at;
    return best;
}

static void TYPED(max_plane)(const task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const REAL *x = (const REAL *)t->from + plane * p->height * p->width;
    int64_t out = plane * p->out_h * p->out_w, place;
    for (int64_t i = 0; i < p->out_h; i++) {
        span rows = rows_of(p, i);
        for (int64_t j = 0; j < p->out_w; j++, out++) {
            ((REAL *)t->to)[out] = TYPED(window_max)(p, x, rows, columns_of(p, j), &place);
            if (t->indices) t->indices[out] = place;
        }
    }
}

static void TYPED(max_plane_backward)(const task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    int64_t in = p->height * p->width, out = p->out_h * p->out_w;
    REAL *dx = (REAL *)t->to + plane * in;
    memset(dx, 0, (size_t)in * sizeof(REAL));
    for (int64_t i = plane * out; i < (plane + 1) * out; i++) {
        dx[t->given_indices[i]] += ((const REAL *)t->from)[i];
    }
}

/* Sums in double. A window that lies in the padding alone gives 0. */
static void TYPED(average_plane)(const task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const REAL *x = (const REAL *)t->from + plane * p->height * p->width;
    REAL *y = (REAL *)t->to + plane * p->out_h * p->out_w;
    for (int64_t i = 0; i < p->out_h; i++) {
        span rows = average_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            span columns = average_columns(t, j);
            double sum = 0;
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) {
                    sum += (double)x[h * p->width + w];
                }
            }
            bool empty = rows.first >= rows.end || columns.first >= columns.end;
            *y++ = empty ? 0 : (REAL)(sum / divisor(t, rows, columns));
        }
    }
}

static void TYPED(average_plane_backward)(const task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const REAL *dy = (const REAL *)t->from + plane * p->out_h * p->out_w;
    REAL *dx = (REAL *)t->to + plane * p->height * p->width;
    memset(dx, 0, (size_t)(p->height * p->width) * sizeof(REAL));
    for (int64_t i = 0; i < p->out_h; i++) {
        span rows = average_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            span columns = average_columns(t, j);
            REAL share = (REAL)((double)*dy++ / divisor(t, rows, columns));
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) dx[h * p->width + w] += share;
            }
        }
    }
}
