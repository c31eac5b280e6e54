/* The fields of a CSV file: where each begins, and on which line each record. */
#ifndef CANDELA_IO_CSV_INTERNAL_H
#define CANDELA_IO_CSV_INTERNAL_H

#include "core/api.h"

typedef struct cd_csv {
    char *text;        /* the file and a NUL; each field is ended by a NUL in place */
    size_t size;       /* bytes of the file */
    const char *label; /* the path, for messages; borrowed */
    char delimiter;    /* 0: to be found out */
    char decimal;      /* the decimal point, where it is known, else 0 */
    bool no_header;    /* the first line is a row */
    uint32_t *fields;  /* offsets in `text`, record by record, `columns` each */
    size_t field_count, field_room;
    uint32_t *lines; /* the line on which each record begins, from 1 */
    size_t record_count, record_room;
    size_t columns; /* fields of the first record */
} cd_csv;

/* Splits csv->text, of which text, size, label, delimiter, decimal and no_header are set, into
 * fields. False with CD_ERR_FORMAT, CD_ERR_UNSUPPORTED or CD_ERR_MEMORY. The arrays are the
 * caller's to free, also then. */
bool cd_csv_split(cd_csv *csv);

#endif
