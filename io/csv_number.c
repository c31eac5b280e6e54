/* Decimal text to the nearest double, without strtod wherever that is sure to be right.
 *
 * A text is an integer `digits` times a power of ten. Most texts in tables have at most 2^53 and
 * 10^22, which both are doubles: one product or quotient is rounded once. Those with 17 digits, as
 * programs write doubles, go through a table of 5^-k to 64 bits, whose error is bounded: see
 * `scaled`. Whatever is left, about one text in 400 of those, is strtod's. */
#include "io/csv_number_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether only spaces follow. */
static bool ends(const char *p)
{
    while (is_space(*p)) p++;
    return *p == '\0';
}

/* inf, infinity and nan, with a sign or without, in any case. */
static bool special(const char *p, bool minus, double *out)
{
    static const char *const words[] = { "infinity", "inf", "nan" };
    for (int w = 0; w < 3; w++) {
        size_t length = strlen(words[w]), i = 0;
        while (i < length && (p[i] | 0x20) == words[w][i]) i++;
        if (i < length || !ends(p + length)) continue;
        *out = w == 2 ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    return false;
}

/* --- rounding --------------------------------------------------------------------------------- */

static const double powers_of_ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* Of 5^-k: floor(2^shift / 5^k), with the shift that sets its highest bit. */
static const struct {
    uint64_t factor;
    int shift;
} inverse_powers_of_five[] = {
    { 0x8000000000000000, 63 },  { 0xCCCCCCCCCCCCCCCC, 66 },  { 0xA3D70A3D70A3D70A, 68 },
    { 0x83126E978D4FDF3B, 70 },  { 0xD1B71758E219652B, 73 },  { 0xA7C5AC471B478423, 75 },
    { 0x8637BD05AF6C69B5, 77 },  { 0xD6BF94D5E57A42BC, 80 },  { 0xABCC77118461CEFC, 82 },
    { 0x89705F4136B4A597, 84 },  { 0xDBE6FECEBDEDD5BE, 87 },  { 0xAFEBFF0BCB24AAFE, 89 },
    { 0x8CBCCC096F5088CB, 91 },  { 0xE12E13424BB40E13, 94 },  { 0xB424DC35095CD80F, 96 },
    { 0x901D7CF73AB0ACD9, 98 },  { 0xE69594BEC44DE15B, 101 }, { 0xB877AA3236A4B449, 103 },
    { 0x9392EE8E921D5D07, 105 }, { 0xEC1E4A7DB69561A5, 108 }, { 0xBCE5086492111AEA, 110 },
    { 0x971DA05074DA7BEE, 112 }, { 0xF1C90080BAF72CB1, 115 }, { 0xC16D9A0095928A27, 117 },
    { 0x9ABE14CD44753B52, 119 }, { 0xF79687AED3EEC551, 122 }, { 0xC612062576589DDA, 124 },
    { 0x9E74D1B791E07E48, 126 },
};
enum { INVERSE_POWERS = sizeof inverse_powers_of_five / sizeof *inverse_powers_of_five };

/* The high 64 bits of a product of 128. *low becomes the low ones. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t *low)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (uint32_t)middle;
    *low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

/* 2^exponent, which must be a normal double. */
static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* digits * 10^-k, for digits > 0; false when the error could change the rounding.
 *
 * With all leading zeros shifted out of `digits`, its product with the factor has 128 bits, and is
 * too small by less than 2^64, since the factor is too small by less than 1. So its high half is
 * too small by less than 2, and by less than 4 once its highest bit is set. The lowest 11 of these
 * 64 bits are rounded away: that is certain unless they are 0x400, or less than 4 below it. */
static bool scaled(uint64_t digits, int k, double *out)
{
    int zeros = __builtin_clzll(digits);
    int exponent = 64 - zeros - inverse_powers_of_five[k].shift - k;
    uint64_t low, high = multiply(digits << zeros, inverse_powers_of_five[k].factor, &low);
    if (high >> 63 == 0) {
        high = high << 1 | low >> 63;
        exponent--;
    }
    unsigned rounded = high & 0x7FF;
    if (rounded <= 0x400 && rounded > 0x400 - 4) return false;
    uint64_t mantissa = (high >> 11) + (rounded > 0x400);
    *out = (double)mantissa * power_of_two(exponent + 11);
    return true;
}

/* digits * 10^exponent; false when that is left to strtod. */
static bool rounded(uint64_t digits, int exponent, double *out)
{
    if (FLT_EVAL_METHOD == 0 && digits <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
        double value = (double)digits;
        *out = exponent < 0 ? value / powers_of_ten[-exponent] : value * powers_of_ten[exponent];
        return true;
    }
    return digits > 0 && exponent <= 0 && exponent > -INVERSE_POWERS &&
           scaled(digits, -exponent, out);
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct decimal {
    uint64_t digits; /* without regard to the point; of more than 19 digits it means nothing */
    ptrdiff_t count; /* of digits behind leading zeros */
    int exponent;    /* of ten */
} decimal;

enum { MOST_DIGITS = 19, LONGEST_FRACTION = 1000 };

/* Passes over digits. */
static const char *pass_digits(const char *p, decimal *d)
{
    while (*p == '0' && d->digits == 0) p++;
    const char *first = p;
    for (; is_digit(*p); p++) d->digits = 10 * d->digits + (uint64_t)(*p - '0');
    d->count += p - first;
    return p;
}

/* Passes over "e-5", if it is there; adds it to the exponent. One of five digits or more is cut: it
 * is far from what `rounded` takes, whatever a fraction of LONGEST_FRACTION digits adds. */
static const char *pass_exponent(const char *p, decimal *d)
{
    if (*p != 'e' && *p != 'E') return p;
    const char *q = p + 1;
    bool minus = *q == '-';
    int value = 0;
    if (*q == '+' || *q == '-') q++;
    if (!is_digit(*q)) return p;
    for (; is_digit(*q); q++) value = value < 10000 ? 10 * value + (*q - '0') : value;
    d->exponent += minus ? -value : value;
    return q;
}

/* As strtod, with this decimal point, for a text that is known to be a number. */
static double slow(char *text, char *point)
{
    if (!point) return strtod(text, NULL);
    char before = *point;
    *point = '.';
    double value = strtod(text, NULL);
    *point = before;
    return value;
}

bool cd_csv_number(char *text, char point, double *out)
{
    while (is_space(*text)) text++;
    const char *p = text;
    char *at = NULL;
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (!is_digit(*p) && *p != point) return special(p, minus, out);
    decimal d = { .digits = 0 };
    const char *whole = p, *fraction = p = pass_digits(p, &d);
    if (*p == point) {
        at = text + (p - text);
        fraction = p + 1;
        p = pass_digits(fraction, &d);
        if (p == fraction && at == whole) return false;
        if (p - fraction > LONGEST_FRACTION) {
            d.count = MOST_DIGITS + 1;
        } else {
            d.exponent = (int)(fraction - p);
        }
    }
    p = pass_exponent(p, &d);
    if (!ends(p)) return false;
    double value;
    if (d.count > MOST_DIGITS || !rounded(d.digits, d.exponent, &value)) {
        *out = slow(text, at);
        return true;
    }
    *out = minus ? -value : value;
    return true;
}
