/* The words of the text form of transforms (io/transform.h): a table that is read in both
 * directions. */
#ifndef CANDELA_IO_TRANSFORMS_TEXT_INTERNAL_H
#define CANDELA_IO_TRANSFORMS_TEXT_INTERNAL_H

#include "io/transforms/settings_internal.h"

/* How the numbers behind a key become a transform's values. */
typedef enum cd_setting_kind {
    CD_SETTING_NUMBERS,     /* `count` numbers, value by value */
    CD_SETTING_SAME,        /* one number for `count` values */
    CD_SETTING_AROUND_ONE,  /* one number d for count / 2 ranges: 1 - d, not below 0, to 1 + d */
    CD_SETTING_AROUND_ZERO, /* one number d for count / 2 ranges: -d to d */
    CD_SETTING_FLAG         /* no number: the value becomes `flag` */
} cd_setting_kind;

typedef struct cd_text_setting {
    const char *key;  /* "" for the numbers directly behind the word */
    const char *what; /* the numbers, for error sentences: "MIN MAX" */
    cd_setting_kind kind;
    int at, count; /* the first value, and how many */
    double flag;
} cd_text_setting;

enum { CD_TEXT_SETTINGS = 12 };

/* A word. One of sample and batch is not NULL, and makes the transform that the word alone stands
 * for. */
typedef struct cd_text_word {
    const char *word;
    cd_transform (*sample)(const cd_preprocess *recipe);
    cd_batch_transform (*batch)(int64_t classes);
    cd_settings_check *check;
    cd_text_setting setting[CD_TEXT_SETTINGS]; /* up to the first whose key is NULL */
    bool needs_numbers;                        /* the word alone would change nothing */
} cd_text_word;

extern const cd_text_word cd_text_words[];
extern const int cd_text_word_count;

/* How many numbers a setting has in a text. */
int cd_setting_numbers(const cd_text_setting *s);
/* Writes the numbers of a setting to the values. */
void cd_setting_apply(const cd_text_setting *s, const double *number, double *value);
/* The numbers with which cd_setting_apply writes these values, with few digits; false when there
 * are none. `number` has room for 8. */
bool cd_setting_invert(const cd_text_setting *s, const double *value, double *number);

/* Whether all of them are equal: -0 is 0. */
bool cd_same_values(const double *a, const double *b, int count);

#endif
