/* The format of a file of Candela's: written by cd_save, checked by cd_load and cd_load_model. */
#include "io/file_format_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/about.h"
#include "core/error.h"
#include "io/tensor_file_internal.h"

_Static_assert(CD_FILE_FORMAT > 0 && CD_FILE_FORMAT < 10, "one digit");
static const char current[] = { '0' + CD_FILE_FORMAT, '\0' };

bool cd_is_format_key(const char *key)
{
    return strcmp(key, CD_KEY_FORMAT) == 0 || strcmp(key, CD_KEY_VERSION) == 0;
}

void cd_format_texts(cd_text_pair texts[CD_FORMAT_TEXTS])
{
    texts[0] = (cd_text_pair){ CD_KEY_FORMAT, current };
    texts[1] = (cd_text_pair){ CD_KEY_VERSION, cd_about().version };
}

int cd_format_number(const char *text)
{
    enum { DIGITS_MAX = 9 };
    size_t length = strnlen(text, DIGITS_MAX + 1);
    if (length > DIGITS_MAX || text[0] == '0') return 0;
    if (strspn(text, "0123456789") != length) return 0;
    return (int)strtol(text, NULL, 10);
}

static int refuse_later(const cd_archive *archive, int format)
{
    char by[64], shown[32];
    const char *version = cd_archive_metadata(archive, CD_KEY_VERSION);
    (void)snprintf(by, sizeof by, ", written by Candela %s",
                   cd_escape_text(shown, sizeof shown, version));
    (void)cd_fail(
        CD_ERR_UNSUPPORTED,
        "%s is of Candela's file format %d%s; this is Candela %s, which reads the formats "
        "from 0 to %d: a newer Candela is needed",
        archive->source.label, format, version ? by : "", cd_about().version, CD_FILE_FORMAT);
    return -1;
}

int cd_archive_format(const cd_archive *archive)
{
    const char *text = cd_archive_metadata(archive, CD_KEY_FORMAT);
    if (!text) return 0;
    int format = cd_format_number(text);
    if (format > CD_FILE_FORMAT) return refuse_later(archive, format);
    if (format > 0) return format;
    char shown[64];
    (void)cd_fail(CD_ERR_FORMAT,
                  "%s: " CD_KEY_FORMAT
                  " is \"%s\", and must be a whole number from 1 to 999999999, in digits",
                  archive->source.label, cd_escape_text(shown, sizeof shown, text));
    return -1;
}

int cd_tensor_file_format(const cd_tensor_file *f)
{
    const cd_archive *a = cd_tensor_file_archive(f, "tensor_file_format");
    return a ? cd_archive_format(a) : -1;
}
