/* The scans of one element type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); STATE, the type in which elements are added;
 * IS_FLOAT, 1 or 0; IS_NAN(x), which is false for integers. */
#if !defined TYPE || !defined SUFFIX || !defined STATE || !defined IS_FLOAT || !defined IS_NAN
#error "a parameter of scan_typed.h is missing"
#endif
#include <math.h>

#include "core/cpu/typed_internal.h"

#define VARIANT      sum
#define NEXT(s_, x_) ((s_) + (STATE)(x_))
#define INPUT_A      0
#include "core/cpu/scan_lines_typed.h"

#define VARIANT      prod
#define NEXT(s_, x_) ((s_) * (STATE)(x_))
#define INPUT_A      0
#include "core/cpu/scan_lines_typed.h"

#if IS_FLOAT
/* log(exp(s) + exp(x)), without overflow. */
static STATE TYPED(log_of_sum)(STATE s, STATE x)
{
    const STATE most = x > s ? x : s, least = x > s ? s : x;
    if (s != s || x != x) return s + x;
    return most == least && isinf(most) ? x : log1p(exp(least - most)) + most;
}

#define VARIANT      logsum
#define NEXT(s_, x_) TYPED(log_of_sum)((s_), (STATE)(x_))
#define INPUT_A      0
#include "core/cpu/scan_lines_typed.h"

#define VARIANT      linear
#define NEXT(s_, x_) ((STATE)(x_) + (STATE)a * (s_))
#define INPUT_A      1
#include "core/cpu/scan_lines_typed.h"
#endif

#define VARIANT          max
#define REPLACES(x_, m_) (IS_NAN(x_) | ((x_) >= (m_)))
#include "core/cpu/scan_extreme_typed.h"

#define VARIANT          min
#define REPLACES(x_, m_) (IS_NAN(x_) | ((x_) <= (m_)))
#include "core/cpu/scan_extreme_typed.h"

#undef TYPE
#undef SUFFIX
#undef STATE
#undef IS_FLOAT
#undef IS_NAN
