#include "io/json_text_internal.h"

#include <locale.h>
#include <stdio.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

/* This thread's locale while "C" stands in for it; other threads keep theirs. */
typedef struct stand_in {
    locale_t plain, before;
} stand_in;

static bool begin(stand_in *s)
{
    s->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (s->plain == (locale_t)0) return false;
    s->before = uselocale(s->plain);
    return true;
}

static void end(stand_in *s)
{
    (void)uselocale(s->before);
    freelocale(s->plain);
}

json_t *cd_json_load(const char *text, size_t length, size_t flags, json_error_t *error)
{
    stand_in s;
    if (!begin(&s)) {
        *error = (json_error_t){ .line = -1, .column = -1 };
        (void)snprintf(error->text, sizeof error->text, "out of memory");
        return NULL;
    }
    json_t *json = json_loadb(text, length, flags, error);
    end(&s);
    return json;
}

char *cd_json_dump(const json_t *json, size_t flags)
{
    stand_in s;
    if (!begin(&s)) return NULL;
    char *text = json_dumps(json, flags);
    end(&s);
    return text;
}
