/* cd_load_image: a picture file as a tensor. */
#include "core/error.h"
#include "core/error_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/preprocess_internal.h"

cd_tensor *cd_load_image(const char *path, const cd_preprocess *recipe)
{
    if (!path || !recipe) {
        (void)cd_fail(CD_ERR_ARGUMENT, "load_image: the %s is NULL", path ? "recipe" : "path");
        return NULL;
    }
    const char *fault = cd_preprocess_fault(recipe);
    if (fault) {
        (void)cd_fail(CD_ERR_ARGUMENT, "load_image: %s", fault);
        return NULL;
    }
    cd_pixels pixels = { .data = NULL };
    if (!cd_check_not_captured("load_image", "the elements come from a file")) return NULL;
    if (!cd_image_read(path, &pixels)) return NULL;
    if (pixels.orientation > 1) {
        cd_log_line(CD_LOG_WARNING,
                    "%s: the EXIF tag asks for a turned or mirrored picture (%d), which "
                    "is not done",
                    path, pixels.orientation);
    }
    cd_tensor *t = cd_tensor_new("load_image", CD_F32, cd_preprocess_shape(recipe));
    if (t && !cd_preprocess_run(recipe, &pixels, (float *)(void *)t->data)) {
        cd_object_disown(&t->object);
        t = NULL;
    }
    cd_pixels_free(&pixels);
    return cd_hand(t);
}
