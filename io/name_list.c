/* The list of name_list_internal.h. */
#include "io/name_list_internal.h"

#include <stdio.h>
#include <string.h>

#include "io/bytes_internal.h"

enum { SHOWN = 3, SHOWN_BYTES = 64 };

void cd_name_list_add(cd_name_list *list, const char *name, size_t size)
{
    char shown[SHOWN_BYTES];
    size_t used = strlen(list->text), room = sizeof list->text - used;
    if (list->count++ < SHOWN) {
        (void)snprintf(list->text + used, room, "%s%s", used ? ", " : "",
                       cd_printable(shown, sizeof shown, name, size));
    } else if (list->count == SHOWN + 1) {
        (void)snprintf(list->text + used, room, ", ...");
    }
}
